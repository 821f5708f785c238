//! Checksums: which there are, how they are computed, combined and told.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hyper::HeaderMap;
use s3s::checksum::ChecksumHasher;
use s3s::crypto::{Checksum as _, Crc32, Crc32c, Crc64Nvme, Md5, Sha1, Sha256};
use s3s::dto::Checksum;
use serde::{Deserialize, Serialize};

use crate::text::hex;

/// A checksum that S3 knows, by its name on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum Algorithm {
    Crc32,
    Crc32c,
    Crc64nvme,
    Sha1,
    Sha256,
}

impl Algorithm {
    pub(super) const ALL: [Algorithm; 5] =
        [Algorithm::Crc32, Algorithm::Crc32c, Algorithm::Crc64nvme, Algorithm::Sha1, Algorithm::Sha256];

    /// `CRC32C`, as in `x-amz-checksum-algorithm`.
    pub(super) fn name(self) -> &'static str {
        match self {
            Algorithm::Crc32 => "CRC32",
            Algorithm::Crc32c => "CRC32C",
            Algorithm::Crc64nvme => "CRC64NVME",
            Algorithm::Sha1 => "SHA1",
            Algorithm::Sha256 => "SHA256",
        }
    }

    /// The header that carries its value.
    pub(super) fn header(self) -> &'static str {
        match self {
            Algorithm::Crc32 => "x-amz-checksum-crc32",
            Algorithm::Crc32c => "x-amz-checksum-crc32c",
            Algorithm::Crc64nvme => "x-amz-checksum-crc64nvme",
            Algorithm::Sha1 => "x-amz-checksum-sha1",
            Algorithm::Sha256 => "x-amz-checksum-sha256",
        }
    }

    /// The algorithm of that name on the wire.
    pub(super) fn named(name: &str) -> Option<Algorithm> {
        Algorithm::ALL.into_iter().find(|algorithm| algorithm.name().eq_ignore_ascii_case(name))
    }

    pub(super) fn of_header(header: &str) -> Option<Algorithm> {
        Algorithm::ALL.into_iter().find(|algorithm| algorithm.header().eq_ignore_ascii_case(header))
    }

    /// Where the protocol's structure keeps its value.
    pub(super) fn slot(self, sums: &mut Checksum) -> &mut Option<String> {
        match self {
            Algorithm::Crc32 => &mut sums.checksum_crc32,
            Algorithm::Crc32c => &mut sums.checksum_crc32c,
            Algorithm::Crc64nvme => &mut sums.checksum_crc64nvme,
            Algorithm::Sha1 => &mut sums.checksum_sha1,
            Algorithm::Sha256 => &mut sums.checksum_sha256,
        }
    }

    /// The checksum of `bytes` in base64.
    pub(super) fn over(self, bytes: &[u8]) -> String {
        let mut hasher = self.hasher();
        hasher.update(bytes);
        self.slot(&mut hasher.finalize()).take().unwrap_or_default()
    }

    pub(super) fn hasher(self) -> ChecksumHasher {
        let mut hasher = ChecksumHasher::default();
        match self {
            Algorithm::Crc32 => hasher.crc32 = Some(Crc32::new()),
            Algorithm::Crc32c => hasher.crc32c = Some(Crc32c::new()),
            Algorithm::Crc64nvme => hasher.crc64nvme = Some(Crc64Nvme::new()),
            Algorithm::Sha1 => hasher.sha1 = Some(Sha1::new()),
            Algorithm::Sha256 => hasher.sha256 = Some(Sha256::new()),
        }
        hasher
    }
}

/// A checksum that was found true and is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Sum {
    pub(super) algorithm: Algorithm,
    /// In base64; `…-N` for a checksum of the checksums of N parts.
    pub(super) value: String,
}

impl Sum {
    /// In the protocol's structure.
    pub(super) fn to_wire(&self) -> Checksum {
        let mut sums = Checksum::default();
        *self.algorithm.slot(&mut sums) = Some(self.value.clone());
        sums.checksum_type = Some(s3s::dto::ChecksumType::from_static(self.kind()));
        sums
    }

    /// Whether it is over the bytes or over the checksums of the parts.
    pub(super) fn kind(&self) -> &'static str {
        if self.value.contains('-') { "COMPOSITE" } else { "FULL_OBJECT" }
    }

    /// Adds the headers that carry it.
    pub(super) fn put_into(&self, headers: &mut HeaderMap) {
        if let Ok(value) = self.value.parse() {
            headers.insert(self.algorithm.header(), value);
            headers.insert("x-amz-checksum-type", hyper::header::HeaderValue::from_static(self.kind()));
        }
    }
}

/// The entity tag of parts: the MD5 of the MD5 of each, and how many there were.
pub(super) fn etag_of_parts(md5s: &[[u8; 16]]) -> String {
    format!("{}-{}", hex(&Md5::checksum(&md5s.concat())), md5s.len())
}

/// The checksum of the checksums of parts.
pub(super) fn composite(algorithm: Algorithm, values: &[&str]) -> Option<Sum> {
    let mut joined = Vec::new();
    for value in values {
        joined.extend(BASE64.decode(value).ok()?);
    }
    Some(Sum { algorithm, value: format!("{}-{}", algorithm.over(&joined), values.len()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_those_of_the_documentation() {
        assert_eq!(Algorithm::Crc32.over(b"hello"), "NhCmhg==");
        assert_eq!(Algorithm::Sha256.over(b""), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
        assert_eq!(hex(&Md5::checksum(b"")), "d41d8cd98f00b204e9800998ecf8427e");
        assert_eq!(Algorithm::Crc32c.over(b"123456789"), BASE64.encode(0xE306_9283_u32.to_be_bytes()));
        assert_eq!(Algorithm::Crc64nvme.over(b"123456789"), BASE64.encode(0xAE8B_1486_0A79_9888_u64.to_be_bytes()));
    }
}
