//! The checksum that goes with every body, so that the service refuses what changed on its way.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use crc_fast::CrcAlgorithm;

/// Known to every service that knows any.
pub(super) const NAME: &str = "CRC32C";
/// What carries it.
pub(super) const HEADER: &str = "x-amz-checksum-crc32c";

/// As the header wants it.
pub(super) fn of(bytes: &[u8]) -> String {
    // The upper half is empty.
    let sum = crc_fast::checksum(CrcAlgorithm::Crc32Iscsi, bytes).to_be_bytes();
    BASE64.encode(&sum[4..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_one_of_rfc_3720() {
        assert_eq!(of(b"123456789"), BASE64.encode(0xE306_9283_u32.to_be_bytes()));
        assert_eq!(of(&[0; 32]), BASE64.encode(0x8A91_36AA_u32.to_be_bytes()));
    }
}
