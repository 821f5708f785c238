//! What a client announces about the bytes it sends, and whether it is true of those that came.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hyper::HeaderMap;
use s3s::checksum::ChecksumHasher;
use s3s::crypto::{Checksum as _, Md5};
use s3s::{S3Result, TrailingHeaders, s3_error};

use super::digest::{Algorithm, Sum};

/// What a client announced about the bytes it sends.
#[derive(Debug, Default)]
pub(super) struct Announced {
    length: Option<u64>,
    md5: Option<String>,
    algorithm: Option<Algorithm>,
    value: Option<String>,
    trailing: Option<TrailingHeaders>,
}

impl Announced {
    /// Reads the announcement from the headers of a request; `length` is that of the bytes themselves.
    pub(super) fn read(
        headers: &HeaderMap,
        length: Option<i64>,
        trailing: Option<TrailingHeaders>,
    ) -> S3Result<Announced> {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let mut found = Algorithm::ALL.into_iter().filter_map(|one| Some((one, text(one.header())?)));
        let first = found.next();
        if found.next().is_some() {
            return Err(s3_error!(InvalidRequest, "Expecting a single x-amz-checksum- header."));
        }
        let trailer = text("x-amz-trailer").and_then(|name| Algorithm::of_header(name.trim()));
        let asked = text("x-amz-sdk-checksum-algorithm").and_then(|name| Algorithm::named(&name));
        Ok(Announced {
            length: length.and_then(|length| u64::try_from(length).ok()),
            md5: text("content-md5"),
            algorithm: first.as_ref().map(|(algorithm, _)| *algorithm).or(trailer).or(asked),
            value: first.map(|(_, value)| value),
            trailing,
        })
    }

    /// Bytes of our own making: nothing is announced, and `algorithm` is to be kept.
    pub(super) fn nothing(length: u64, algorithm: Option<Algorithm>) -> Announced {
        Announced { length: Some(length), algorithm, ..Announced::default() }
    }

    /// The checksum of `told` alone, over bytes that are here already.
    pub(super) fn nothing_but(told: &Announced, algorithm: Option<Algorithm>) -> Announced {
        let value = told.value.clone().filter(|_| told.algorithm == algorithm);
        Announced { algorithm, value, ..Announced::default() }
    }

    /// The same, with an algorithm where the client named none.
    pub(super) fn or_else(mut self, algorithm: Option<Algorithm>) -> Announced {
        self.algorithm = self.algorithm.or(algorithm);
        self
    }

    /// The value that was announced before the bytes.
    pub(super) fn value(&self) -> Option<&str> {
        self.value.as_deref()
    }

    /// How many bytes will come, if that was said.
    pub(super) fn length(&self) -> Option<u64> {
        self.length
    }

    /// The algorithm of the announcement, if there was one.
    pub(super) fn algorithm(&self) -> Option<Algorithm> {
        self.algorithm
    }

    /// Starts to compute what was announced.
    pub(super) fn digester(&self) -> Digester {
        let algorithm = self.algorithm.unwrap_or(Algorithm::Crc64nvme);
        Digester { md5: Md5::new(), algorithm, hasher: algorithm.hasher(), size: 0 }
    }

    /// Compares the bytes that came with the announcement.
    pub(super) fn check(&self, digester: Digester) -> S3Result<Digest> {
        let digest = digester.finish();
        if self.length.is_some_and(|length| length != digest.size) {
            return Err(s3_error!(IncompleteBody, "You did not provide the number of bytes that was announced."));
        }
        if let Some(md5) = &self.md5 {
            let told = BASE64.decode(md5).map_err(|_| s3_error!(InvalidDigest, "Content-MD5 is not base64."))?;
            if told != digest.md5 {
                return Err(s3_error!(BadDigest, "The Content-MD5 you specified did not match what we received."));
            }
        }
        let trailer = self.trailing.as_ref().and_then(|trailing| {
            trailing.read(|headers| headers.get(digest.sum.algorithm.header())?.to_str().ok().map(str::to_owned))
        });
        let named = self.algorithm.is_some();
        match self.value.clone().or(trailer.flatten()) {
            Some(told) if named && told.trim() != digest.sum.value => Err(mismatch(self.algorithm)),
            _ => Ok(digest),
        }
    }
}

fn mismatch(algorithm: Option<Algorithm>) -> s3s::S3Error {
    let name = algorithm.map_or("checksum", Algorithm::name);
    s3_error!(BadDigest, "The {name} you specified did not match what we received.")
}

/// Computes what is to be known about a stream while it passes.
pub(super) struct Digester {
    md5: Md5,
    algorithm: Algorithm,
    hasher: ChecksumHasher,
    size: u64,
}

impl Digester {
    /// Takes the next bytes into account.
    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.md5.update(bytes);
        self.hasher.update(bytes);
        self.size += bytes.len() as u64;
    }

    fn finish(self) -> Digest {
        let value = self.algorithm.slot(&mut self.hasher.finalize()).take().unwrap_or_default();
        Digest { size: self.size, md5: self.md5.finalize(), sum: Sum { algorithm: self.algorithm, value } }
    }
}

/// What is known about bytes that were taken in.
#[derive(Clone, Debug)]
pub(super) struct Digest {
    pub(super) size: u64,
    pub(super) md5: [u8; 16],
    pub(super) sum: Sum,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_checksums_at_once_are_refused() {
        let mut headers = HeaderMap::new();
        headers.insert("x-amz-checksum-crc32", "NhCmhg==".parse().unwrap());
        headers.insert("x-amz-checksum-sha1", "AAAA".parse().unwrap());
        assert!(Announced::read(&headers, None, None).is_err());
    }

    #[test]
    fn each_announcement_is_held_against_the_bytes() {
        let announced = |name: &'static str, value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(name, value.parse().unwrap());
            Announced::read(&headers, Some(5), None).unwrap()
        };
        let after = |announced: Announced, bytes: &[u8]| {
            let mut digester = announced.digester();
            digester.update(bytes);
            announced.check(digester)
        };
        for algorithm in Algorithm::ALL {
            let value = algorithm.over(b"hello");
            assert!(after(announced(algorithm.header(), &value), b"hello").is_ok(), "{algorithm:?}");
            assert!(after(announced(algorithm.header(), &value), b"hellp").is_err(), "{algorithm:?}");
        }
        let md5 = BASE64.encode(Md5::checksum(b"hello"));
        assert!(after(announced("content-md5", &md5), b"hello").is_ok());
        assert!(after(announced("content-md5", &md5), b"hellp").is_err());
        assert!(after(announced("x-other", "x"), b"hell").is_err(), "too short");
    }
}
