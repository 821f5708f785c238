//! What lies in a file that one would restore from: read to its end, as what it claims to be.
//!
//! Nothing is believed that the file merely says of itself: a dump is restored into nothing, a snapshot is parsed to
//! its checksum, an archive is walked to its end.

mod definitions;
mod dump;
mod sql;
mod tar;

use std::io::{self, Read};

use serde::de::IgnoredAny;
use tokio_util::io::SyncIoBridge;

use super::postgres::base_tar;
use super::redis::{appendonly, rdb};
use crate::reach::Reach;
use crate::text::{Shape, Size, untrusted, with_causes};
use crate::vault::{Account, Sort};

/// What became of reading a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Look {
    /// It is whole, and holds this.
    Whole(String),
    /// It cannot be restored from, for this reason.
    Flawed(String),
    /// It could not be looked at, for this reason.
    NotLooked(String),
}

impl Look {
    fn flawed(why: impl std::fmt::Display) -> Look {
        Look::Flawed(untrusted(why.to_string(), Shape::line(400)))
    }

    fn not_looked(why: impl std::fmt::Display) -> Look {
        Look::NotLooked(untrusted(why.to_string(), Shape::line(400)))
    }

    fn whole(holds: impl std::fmt::Display) -> Look {
        Look::Whole(untrusted(holds.to_string(), Shape::line(200)))
    }
}

/// Reads a file that claims to be this, unpacked already; `name` is its name in its store.
/// What was told of it when it was taken must still be so.
pub async fn look_through(
    sort: Sort,
    name: &str,
    file: Box<dyn Read + Send>,
    expected: Option<&Account>,
    here: &Reach,
) -> Look {
    if sort == Sort::Dump {
        return dump::look_through(piped(file), expected, here).await;
    }
    let expected = expected.cloned();
    let name = name.rsplit('/').next().unwrap_or_default().to_owned();
    let is_archive = name.contains(".tar");
    let read = move || match sort {
        Sort::Base => base(file),
        Sort::Appendonly if is_archive => append_only(file),
        Sort::Snapshot | Sort::Archive if is_archive => tar::of_artefacts(file),
        _ if is_archive => tar::look_through(file),
        Sort::Sql | Sort::Roles => sql::look_through(file, expected.as_ref()),
        Sort::Snapshot => snapshot(file),
        Sort::Definitions | Sort::Queues => definitions::look_through(file, expected.as_ref()),
        _ if is_json(&name) => json(file),
        _ => anything(file),
    };
    let read = tokio::task::spawn_blocking(read).await;
    read.unwrap_or_else(|error| Look::not_looked(with_causes(&error)))
}

/// The same file for whoever reads without a thread of its own.
fn piped(mut file: Box<dyn Read + Send>) -> impl tokio::io::AsyncRead + Send + Unpin + 'static {
    let (far, near) = tokio::io::duplex(256 * 1024);
    let (broken, told) = tokio::sync::oneshot::channel();
    tokio::task::spawn_blocking(move || {
        let mut far = SyncIoBridge::new(far);
        let copied = io::copy(&mut file, &mut far);
        // Whoever reads has its own reason to stop.
        let error = copied.err().filter(|error| error.kind() != io::ErrorKind::BrokenPipe);
        let _ = broken.send(error);
    });
    dump::Whole::new(near, told)
}

fn snapshot(file: impl Read) -> Look {
    match rdb::read(file) {
        Ok(contents) => {
            let (keys, bases) = (contents.keys(), contents.databases.len());
            let by =
                contents.about.get("redis-ver").map_or_else(String::new, |version| format!(", of Redis {version}"));
            let sum = if contents.is_summed { "" } else { ", without a checksum" };
            Look::whole(format!("{} in {}{by}{sum}", many(keys, "key"), many(bases as u64, "database")))
        }
        Err(damage) => Look::flawed(damage),
    }
}

fn append_only(file: impl Read) -> Look {
    match appendonly::read(file) {
        Ok(found) => {
            let cut = if found.is_cut { ", the last cut off, as a server drops it" } else { "" };
            let [keys, commands] = [many(found.keys, "key"), many(found.commands, "command")];
            Look::whole(format!("{}: {keys}, then {commands}{cut}", many(found.files, "file")))
        }
        Err(why) => Look::flawed(why),
    }
}

fn base(file: impl Read) -> Look {
    match base_tar::read(file) {
        Ok(base) => Look::whole(format!("a server, {}, {}", many(base.files, "file"), Size(base.bytes).approx())),
        Err(why) => Look::flawed(why),
    }
}

/// Whether a file claims to hold JSON, one value or a line each, packed or not.
fn is_json(name: &str) -> bool {
    name.split('.').skip(1).any(|ending| matches!(ending, "json" | "ndjson"))
}

/// Values of JSON, each to its end.
fn json(file: impl Read) -> Look {
    match all_json(file) {
        Ok(0) => Look::flawed("there is nothing in it"),
        Ok(values) => Look::whole(many(values, "value")),
        Err(why) => Look::flawed(why),
    }
}

/// How many values of JSON there are, or where they are none; none is held in memory.
pub fn all_json(file: impl Read) -> Result<u64, String> {
    let values = serde_json::Deserializer::from_reader(io::BufReader::new(file)).into_iter::<IgnoredAny>();
    let mut count = 0;
    for value in values {
        match value {
            Ok(_) => count += 1,
            Err(error) if error.is_io() => return Err(unpacking(&error.into())),
            Err(error) => return Err(format!("it is no JSON behind its first {}: {error}", many(count, "value"))),
        }
    }
    Ok(count)
}

/// What has no form that could be broken: it is there to its last byte.
fn anything(mut file: impl Read) -> Look {
    match io::copy(&mut file, &mut io::sink()) {
        Ok(0) => Look::flawed("it is empty"),
        Ok(bytes) => Look::whole(Size(bytes).approx()),
        Err(error) => Look::flawed(unpacking(&error)),
    }
}

/// Why a file cannot be read to its end, in words.
fn unpacking(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => "it ends too early".to_owned(),
        _ => format!("it cannot be unpacked: {}", with_causes(error)),
    }
}

/// `1 key`, `7 keys`
fn many(count: u64, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_read_to_its_end() {
        for name in ["export_20241118.json", "export_20241118.ndjson.gz", "x.json.age"] {
            assert!(is_json(name), "{name}");
        }
        assert!(!is_json("json") && !is_json("a.jsonl"));
        for (text, is_whole) in [
            ("{}", true),
            ("{\"a\":1}\n{\"a\":2}\n", true),
            ("{\"a\":1}\n{\"a\":2", false),
            ("{\"a\":1", false),
            ("\n", false),
            ("", false),
            ("no json", false),
        ] {
            let look = json(text.as_bytes());
            assert_eq!(matches!(look, Look::Whole(_)), is_whole, "{text:?}: {look:?}");
        }
    }
}
