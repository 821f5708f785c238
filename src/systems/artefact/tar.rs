//! An archive of files: every member to its last byte, and the mark of the end.

use std::io::Read;

use super::{Look, many};
use crate::systems::tarball::walk;
use crate::text::Size;

pub(super) fn look_through(file: impl Read) -> Look {
    let (mut members, mut bytes) = (0_u64, 0_u64);
    let walked = walk(file, |member| (members, bytes) = (members + 1, bytes + member.size));
    match walked {
        Err(why) => Look::flawed(why),
        Ok(()) if members == 0 => Look::flawed("there is nothing in it"),
        Ok(()) => Look::whole(format!("{}, {}", many(members, "file"), Size(bytes).approx())),
    }
}
