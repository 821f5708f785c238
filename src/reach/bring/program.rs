//! Our own program as a file: its hash, and the processor that it is for.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::text::hex;

/// Read at once while it is hashed.
const PIECE: usize = 256 * 1024;

/// A file that runs as this program.
#[derive(Clone, Debug)]
pub(super) struct Program {
    pub(super) path: PathBuf,
    pub(super) hash: String,
    pub(super) size: u64,
    /// What `uname -m` says where it runs.
    pub(super) processor: &'static str,
}

impl Program {
    /// The one for a processor: a file `lifeboat-PROCESSOR` beside the program that runs, else that itself.
    pub(super) fn of(processor: &str) -> io::Result<Program> {
        let beside = std::env::current_exe().ok().and_then(|own| Some(own.parent()?.join(beside(processor))));
        match beside.filter(|path| path.is_file()) {
            Some(path) => Program::at(&path),
            // Whatever has become of its name since it was started.
            None => Program::at(Path::new("/proc/self/exe")),
        }
    }

    fn at(path: &Path) -> io::Result<Program> {
        let told = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
        let mut file = File::open(path).map_err(told)?;
        let (mut hash, mut size, mut piece) = (Sha256::new(), 0, vec![0; PIECE]);
        let mut head = Vec::new();
        while let count @ 1.. = file.read(&mut piece).map_err(told)? {
            if head.is_empty() {
                head = piece[..count.min(64)].to_vec();
            }
            hash.update(&piece[..count]);
            size += count as u64;
        }
        Ok(Program { path: path.to_owned(), hash: hex(&hash.finalize()), size, processor: processor_of(&head) })
    }
}

/// What a program for a processor is called, beside ours.
pub(super) fn beside(processor: &str) -> String {
    let plain: String = processor.chars().filter(|letter| letter.is_ascii_alphanumeric() || *letter == '_').collect();
    format!("lifeboat-{plain}")
}

/// The processor that the head of a program names.
fn processor_of(head: &[u8]) -> &'static str {
    let is_little = head.get(5) == Some(&1);
    match (head.get(..4), head.get(18), head.get(19)) {
        (Some(b"\x7fELF"), Some(0x3e), Some(0)) if is_little => "x86_64",
        (Some(b"\x7fELF"), Some(0xb7), Some(0)) if is_little => "aarch64",
        (Some(b"\x7fELF"), Some(0xf3), Some(0)) if is_little => "riscv64",
        (Some(b"\x7fELF"), Some(0x15), Some(0)) if is_little => "ppc64le",
        (Some(b"\x7fELF"), Some(0x16), _) | (Some(b"\x7fELF"), _, Some(0x16)) => "s390x",
        _ => "unknown",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_that_runs_is_for_the_processor_that_runs_it() {
        let own = Program::of("no-such-processor").unwrap();
        assert_eq!(own.processor, std::env::consts::ARCH);
        assert_eq!((own.hash.len(), own.size), (64, std::fs::metadata("/proc/self/exe").unwrap().len()));
    }

    #[test]
    fn what_is_no_program_is_for_none() {
        assert_eq!(processor_of(b"#!/bin/sh\n"), "unknown");
        assert_eq!(beside("../../x86_64"), "lifeboat-x86_64");
    }
}
