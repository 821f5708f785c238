//! Sealing, so that only its recipients read it: with age, whose own program opens it.

use std::io::{self, Write};

use age::x25519::Recipient;
use tokio::sync::mpsc::{Receiver, Sender};

use super::Chunk;
use super::hash::{Adding, Sum};
use super::pack::copy;
use super::writer::Outlet;
use crate::text::with_causes;

/// To whom something is sealed.
#[derive(Clone)]
pub struct Seal(Vec<Recipient>);

/// Why something was not sealed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// No recipient of age.
    #[error("{0:?} is no recipient of age: it should look like age1…")]
    NoRecipient(String),
    /// It went wrong on the way.
    #[error("it cannot be encrypted: {0}")]
    Broken(String),
}

impl Seal {
    /// To these recipients; nothing where there are none.
    pub fn to(recipients: &[String]) -> Result<Option<Seal>, SealError> {
        let read = |text: &String| text.parse().map_err(|_| SealError::NoRecipient(text.chars().take(80).collect()));
        let recipients: Vec<Recipient> = recipients.iter().map(read).collect::<Result<_, SealError>>()?;
        Ok((!recipients.is_empty()).then_some(Seal(recipients)))
    }

    /// Seals what is at hand.
    pub fn bytes(&self, plain: &[u8]) -> Result<Vec<u8>, SealError> {
        let recipients = self.0.iter().map(|recipient| -> &dyn age::Recipient { recipient });
        let encryptor =
            age::Encryptor::with_recipients(recipients).map_err(|error| SealError::Broken(with_causes(&error)))?;
        let sealed = || -> io::Result<Vec<u8>> {
            let mut into = encryptor.wrap_output(Vec::with_capacity(plain.len() + 1024))?;
            into.write_all(plain)?;
            into.finish()
        };
        sealed().map_err(|error| SealError::Broken(with_causes(&error)))
    }

    /// Seals all chunks, and adds up what they were before.
    pub(super) fn all(&self, chunks: Receiver<Chunk>, next: Sender<Chunk>) -> Result<Sum, SealError> {
        let recipients = self.0.iter().map(|recipient| -> &dyn age::Recipient { recipient });
        let encryptor =
            age::Encryptor::with_recipients(recipients).map_err(|error| SealError::Broken(with_causes(&error)))?;
        let mut inside = Adding::default();
        let sealed = || -> io::Result<()> {
            let into = encryptor.wrap_output(Outlet::new(next))?;
            copy(chunks, Tallied { inside: &mut inside, into })?.into.finish()?.end()
        };
        match sealed() {
            // Whoever is next has its own reason to stop, and so has whoever was before.
            Err(error) if matches!(error.kind(), io::ErrorKind::BrokenPipe | io::ErrorKind::UnexpectedEof) => {}
            sealed => sealed.map_err(|error| SealError::Broken(with_causes(&error)))?,
        }
        Ok(inside.sum())
    }
}

struct Tallied<'a, W> {
    inside: &'a mut Adding,
    into: W,
}

impl<W: Write> Write for Tallied<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.into.write(bytes)?;
        self.inside.add(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.into.flush()
    }
}
