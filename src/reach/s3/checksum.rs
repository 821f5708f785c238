//! The checksum that goes with every body, so that the service refuses what changed on its way.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use crc_fast::{CrcAlgorithm, Digest};

/// Known to every service that knows any.
pub(super) const NAME: &str = "CRC32C";
/// What carries it.
pub(super) const HEADER: &str = "x-amz-checksum-crc32c";

/// Adds up what goes by.
#[derive(Debug)]
pub(super) struct Adding(Digest);

impl Adding {
    pub(super) fn new() -> Adding {
        Adding(Digest::new(CrcAlgorithm::Crc32Iscsi))
    }

    pub(super) fn add(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// As the header wants it.
    pub(super) fn sum(&self) -> String {
        // The upper half is empty.
        BASE64.encode(&self.0.finalize().to_be_bytes()[4..])
    }
}

/// That of some bytes, as the header wants it.
pub(super) fn of(bytes: &[u8]) -> String {
    let mut adding = Adding::new();
    adding.add(bytes);
    adding.sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_one_of_rfc_3720() {
        assert_eq!(of(b"123456789"), BASE64.encode(0xE306_9283_u32.to_be_bytes()));
        assert_eq!(of(&[0; 32]), BASE64.encode(0x8A91_36AA_u32.to_be_bytes()));
        let mut adding = Adding::new();
        adding.add(b"1234");
        adding.add(b"56789");
        assert_eq!(adding.sum(), of(b"123456789"));
    }
}
