//! A file of a store, decrypted and unpacked as its name says, and its hash as it lies there.

use std::io::{self, BufReader, Read};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use age::x25519::Identity;
use flate2::read::MultiGzDecoder;

use super::pass::{Adding, Sum};
use crate::text::with_causes;

/// Read at once: hashing is then as fast as it can be.
const AT_ONCE: usize = 256 * 1024;

/// A file of a store.
pub struct Opened {
    /// What is in it.
    pub contents: Contents,
    /// Its hash, once it is read to its end.
    pub sum: Summing,
}

/// What is in a file.
pub enum Contents {
    /// Decrypted and unpacked.
    Plain(Box<dyn Read + Send>),
    /// As it lies: only its recipients can read it.
    Sealed(Box<dyn Read + Send>),
}

/// The hash of what was read so far, and whether reading broke off.
#[derive(Clone, Default)]
pub struct Summing(Arc<Mutex<Seen>>);

#[derive(Clone, Default)]
struct Seen {
    adding: Adding,
    /// Why its store did not give more of it. Whoever unpacks it would take that for damage.
    broken: Option<String>,
}

/// What decrypts.
#[derive(Clone)]
pub struct Keys(Vec<Identity>);

/// Why a file of a store is not read.
#[derive(Debug, thiserror::Error)]
pub enum NotOpened {
    /// It cannot be opened.
    #[error("{key}: {error}")]
    Unreadable {
        /// Its name.
        key: String,
        /// Why not.
        error: io::Error,
    },
    /// Nothing that is here decrypts it.
    #[error("the key that is here does not open it: {0}")]
    WrongKey(String),
    /// Its store did not give all of it: that says nothing of what lies there.
    #[error("it could not be read: {0}")]
    Broken(String),
}

/// No identity of age.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`decrypt_with` is no identity of age: it should hold a line that begins with AGE-SECRET-KEY-1")]
pub struct NoIdentity;

impl Keys {
    /// What a file of identities holds, as `age-keygen` writes it.
    pub fn read(text: &str) -> Result<Keys, NoIdentity> {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let keys: Vec<Identity> = lines.map(|line| line.parse().map_err(|_| NoIdentity)).collect::<Result<_, _>>()?;
        if keys.is_empty() { Err(NoIdentity) } else { Ok(Keys(keys)) }
    }
}

impl Summing {
    /// Of what was read so far.
    pub fn sum(&self) -> Sum {
        self.seen().adding.clone().sum()
    }

    /// Why its store did not give all of it, where reading it failed.
    pub fn broken(&self) -> Option<String> {
        self.seen().broken.clone()
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Opens it: `.age` is taken off with these keys, and `.gz` and `.zst` always. To be called where blocking does no harm.
pub fn open(file: Box<dyn Read + Send>, key: &str, keys: Option<&Keys>) -> Result<Opened, NotOpened> {
    let sum = Summing::default();
    let file = BufReader::with_capacity(AT_ONCE, Summed { file, sum: sum.clone() });
    match unpacked(Box::new(file), key, keys) {
        Ok(contents) => Ok(Opened { contents, sum }),
        Err(why) => Err(sum.broken().map_or(why, NotOpened::Broken)),
    }
}

fn unpacked(mut file: Box<dyn Read + Send>, key: &str, keys: Option<&Keys>) -> Result<Contents, NotOpened> {
    let unreadable = |error| NotOpened::Unreadable { key: key.to_owned(), error };
    for ending in key.rsplit('.') {
        file = match (ending, keys) {
            ("gz", _) => Box::new(MultiGzDecoder::new(file)),
            ("zst", _) => Box::new(zstd::Decoder::new(file).map_err(unreadable)?),
            ("age", None) => return Ok(Contents::Sealed(file)),
            ("age", Some(Keys(keys))) => {
                let wrong = |error: age::DecryptError| NotOpened::WrongKey(error.to_string());
                let decryptor = age::Decryptor::new(file).map_err(wrong)?;
                let keys = keys.iter().map(|key| -> &dyn age::Identity { key });
                Box::new(decryptor.decrypt(keys).map_err(wrong)?)
            }
            _ => break,
        };
    }
    Ok(Contents::Plain(file))
}

/// The hash of a file as it lies, read for that alone. To be called where blocking does no harm.
pub fn sum_of(file: Box<dyn Read + Send>) -> io::Result<Sum> {
    let sum = Summing::default();
    let mut file = Summed { file, sum: sum.clone() };
    let mut piece = vec![0; AT_ONCE];
    while file.read(&mut piece)? > 0 {}
    Ok(sum.sum())
}

struct Summed {
    file: Box<dyn Read + Send>,
    sum: Summing,
}

impl Read for Summed {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(into);
        let mut seen = self.sum.seen();
        match &read {
            Ok(count) => seen.adding.add(&into[..*count]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => seen.broken = Some(with_causes(error)),
        }
        read
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write};

    use super::*;

    /// Half of a file, and then its store is gone.
    struct Breaks(Cursor<Vec<u8>>);

    impl Read for Breaks {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            match self.0.read(into)? {
                0 => Err(io::Error::other("the mount is gone")),
                count => Ok(count),
            }
        }
    }

    fn packed() -> Vec<(&'static str, Vec<u8>)> {
        let plain: Vec<u8> = (0..200_000_u32).flat_map(u32::to_le_bytes).collect();
        let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gz.write_all(&plain).unwrap();
        let zst = zstd::encode_all(plain.as_slice(), 1).unwrap();
        vec![("x.rdb", plain), ("x.tar.gz", gz.finish().unwrap()), ("x.tar.zst", zst)]
    }

    fn read(file: Box<dyn Read + Send>, name: &str) -> (io::Result<u64>, Summing) {
        let Opened { contents, sum } = open(file, name, None).unwrap();
        let Contents::Plain(mut plain) = contents else { panic!() };
        (io::copy(&mut plain, &mut io::sink()), sum)
    }

    #[test]
    fn a_store_that_breaks_off_is_told_from_a_file_that_is_short() {
        for (name, bytes) in packed() {
            let half = bytes[..bytes.len() / 2].to_vec();
            let (read_of, sum) = read(Box::new(Breaks(Cursor::new(half.clone()))), name);
            assert!(read_of.is_err() && sum.broken().as_deref() == Some("the mount is gone"), "{name}");
            let (_, sum) = read(Box::new(Cursor::new(half)), name);
            assert_eq!(sum.broken(), None, "{name}");
            let (read_of, sum) = read(Box::new(Cursor::new(bytes.clone())), name);
            assert_eq!((read_of.unwrap(), sum.sum().bytes), (800_000, bytes.len() as u64), "{name}");
        }
    }

    #[test]
    fn a_store_that_breaks_off_at_once_is_no_wrong_key() {
        let keys = Keys(vec![Identity::generate()]);
        let opened = open(Box::new(Breaks(Cursor::new(b"age-encryption".to_vec()))), "x.dump.age", Some(&keys));
        assert!(matches!(opened.err(), Some(NotOpened::Broken(_))));
    }
}
