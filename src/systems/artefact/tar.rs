//! An archive of files: every member to its last byte, and the mark of the end.

use std::io::Read;

use flate2::read::MultiGzDecoder;

use super::{Look, anything, is_json, json, many, snapshot, sql};
use crate::systems::tarball::{read, walk};
use crate::text::{Shape, Size, untrusted};

/// What every dump in custom format begins with.
const DUMP: &[u8] = b"PGDMP";

/// Files of which nothing is known but that they were kept.
pub(super) fn look_through(file: impl Read) -> Look {
    let (mut members, mut bytes) = (0_u64, 0_u64);
    let walked = walk(file, |member| (members, bytes) = (members + 1, bytes + member.size));
    match walked {
        Err(why) => Look::flawed(why),
        Ok(()) if members == 0 => Look::flawed("there is nothing in it"),
        Ok(()) => Look::whole(format!("{}, {}", many(members, "file"), Size(bytes).approx())),
    }
}

/// Files that one would restore from: each is read as what its name says it is.
pub(super) fn of_artefacts(file: impl Read) -> Look {
    let (mut files, mut bytes) = (0_u64, 0_u64);
    let walked = read(file, |member, contents| {
        if member.kind != b'0' {
            return Ok(());
        }
        let name = untrusted(&member.path, Shape::line(200));
        (files, bytes) = (files + 1, bytes + member.size);
        match artefact(&name, contents) {
            Look::Flawed(why) | Look::NotLooked(why) => Err(format!("{name} in it: {why}")),
            Look::Whole(_) => Ok(()),
        }
    });
    match walked {
        Err(why) => Look::flawed(why),
        Ok(()) if files == 0 => Look::flawed("there is no file in it"),
        Ok(()) => Look::whole(format!("{}, {}", many(files, "file"), Size(bytes).approx())),
    }
}

fn artefact(name: &str, mut contents: &mut dyn Read) -> Look {
    if let Some(name) = name.strip_suffix(".gz") {
        return artefact(name, &mut MultiGzDecoder::new(contents));
    }
    match name.rsplit('.').next().unwrap_or_default() {
        "rdb" => snapshot(contents),
        "sql" => sql::look_through(contents, None),
        "dump" => dump(contents),
        _ if is_json(name) => json(&mut contents),
        _ => anything(contents),
    }
}

/// How it begins, and that it can be read to its end: restoring it takes another program, and time.
fn dump(mut contents: impl Read) -> Look {
    let mut begins = [0; DUMP.len()];
    match contents.read_exact(&mut begins) {
        Ok(()) if begins == DUMP => anything(contents),
        _ => Look::flawed("it is no dump"),
    }
}
