//! A file of a store, decrypted and unpacked as its name says, and its hash as it lies there.

use std::io::{self, BufReader, Read};
use std::sync::{Arc, Mutex, PoisonError};

use age::x25519::Identity;
use flate2::read::MultiGzDecoder;

use super::pass::{Adding, Sum};

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

/// The hash of what was read so far.
#[derive(Clone, Default)]
pub struct Summing(Arc<Mutex<Adding>>);

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
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone().sum()
    }
}

/// Opens it: `.age` is taken off with these keys, and `.gz` and `.zst` always. To be called where blocking does no harm.
pub fn open(file: Box<dyn Read + Send>, key: &str, keys: Option<&Keys>) -> Result<Opened, NotOpened> {
    let unreadable = |error| NotOpened::Unreadable { key: key.to_owned(), error };
    let sum = Summing::default();
    let file = Summed { file, sum: sum.clone() };
    let mut file: Box<dyn Read + Send> = Box::new(BufReader::with_capacity(AT_ONCE, file));
    for ending in key.rsplit('.') {
        file = match (ending, keys) {
            ("gz", _) => Box::new(MultiGzDecoder::new(file)),
            ("zst", _) => Box::new(zstd::Decoder::new(file).map_err(unreadable)?),
            ("age", None) => return Ok(Opened { contents: Contents::Sealed(file), sum }),
            ("age", Some(Keys(keys))) => {
                let wrong = |error: age::DecryptError| NotOpened::WrongKey(error.to_string());
                let decryptor = age::Decryptor::new(file).map_err(wrong)?;
                let keys = keys.iter().map(|key| -> &dyn age::Identity { key });
                Box::new(decryptor.decrypt(keys).map_err(wrong)?)
            }
            _ => break,
        };
    }
    Ok(Opened { contents: Contents::Plain(file), sum })
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
        let count = self.file.read(into)?;
        self.sum.0.lock().unwrap_or_else(PoisonError::into_inner).add(&into[..count]);
        Ok(count)
    }
}
