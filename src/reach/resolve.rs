//! Fetches secrets from where the plan says they are: a variable, a file, a program. One that takes its
//! time delays no other.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;
use zeroize::{Zeroize, Zeroizing};

use super::secret::Secret;
use super::secret_error::SecretError;
use super::{Command, Ending, Reach, ReachError};
use crate::plan::{SecretRef, UsedSecret};
use crate::text::{Redactor, Span};

/// The longest value that is taken: a private key fits, a wrong file does not.
pub(super) const LONGEST: usize = 64 * 1024;
const DEADLINE: Duration = Duration::from_secs(20);

/// Resolves references, each once, and makes the redactor know every secret before anybody sees it.
pub struct Secrets {
    redactor: Redactor,
    known: Mutex<HashMap<SecretRef, Known>>,
    deadline: Duration,
    stop: CancellationToken,
}

/// What one attempt brought, for everybody who waits for it.
type Attempt = OnceCell<Result<Secret, SecretError>>;

/// What is known of a reference.
#[derive(Clone, Default)]
struct Known {
    attempt: Arc<Attempt>,
    /// Whether the redactor knows it.
    is_redacted: Arc<AtomicBool>,
    /// Somebody else fetched it, and here it may not be had.
    is_given: bool,
}

impl Secrets {
    /// A resolver whose values the redactor learns.
    pub fn new(redactor: &Redactor) -> Secrets {
        Secrets {
            redactor: redactor.clone(),
            known: Mutex::default(),
            deadline: DEADLINE,
            stop: CancellationToken::new(),
        }
    }

    /// What strips every value that was fetched.
    pub fn redactor(&self) -> &Redactor {
        &self.redactor
    }

    /// Gives a program or a file less or more than 20 seconds.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Secrets {
        self.deadline = deadline;
        self
    }

    /// Ends the programs that are under way when this token is cancelled.
    #[must_use]
    pub fn cancelled_by(mut self, stop: CancellationToken) -> Secrets {
        self.stop = stop;
        self
    }

    /// The value behind a reference; fetched on first use, kept until this is dropped. Who asks while it is
    /// being fetched waits for the same attempt; after one that failed it is tried anew.
    pub async fn resolve(&self, reference: &SecretRef) -> Result<Secret, SecretError> {
        let known = self.known(reference);
        let outcome = self.value(reference, known.attempt).await;
        if let Ok(secret) = &outcome
            && !known.is_redacted.load(Ordering::Acquire)
        {
            self.redactor.register(secret.expose());
            known.is_redacted.store(true, Ordering::Release);
        }
        outcome
    }

    /// The same for what lies beside secrets and is none, as the id of an access key: it may be a word that stands in
    /// paths and messages, and is not stripped from them.
    pub async fn resolve_name(&self, reference: &SecretRef) -> Result<Secret, SecretError> {
        self.value(reference, self.known(reference).attempt).await
    }

    /// What the plan uses, as what it uses it for.
    pub async fn resolve_used(&self, used: UsedSecret<'_>) -> Result<Secret, SecretError> {
        if used.is_name { self.resolve_name(used.secret).await } else { self.resolve(used.secret).await }
    }

    fn known(&self, reference: &SecretRef) -> Known {
        self.attempts().entry(reference.clone()).or_default().clone()
    }

    async fn value(&self, reference: &SecretRef, attempt: Arc<Attempt>) -> Result<Secret, SecretError> {
        let outcome = attempt.get_or_init(|| self.fetch(reference)).await.clone();
        if outcome.is_err() {
            let mut attempts = self.attempts();
            if attempts.get(reference).is_some_and(|known| Arc::ptr_eq(&known.attempt, &attempt)) {
                attempts.remove(reference);
            }
        }
        outcome
    }

    /// Takes a value that somebody else has fetched.
    pub fn learn(&self, reference: SecretRef, secret: Secret) {
        let attempt = Arc::new(OnceCell::new_with(Some(Ok(secret))));
        self.attempts().insert(reference, Known { attempt, is_redacted: Arc::default(), is_given: true });
    }

    /// Forgets what was fetched for a reference, so that a rotated secret is fetched anew. It stays redacted. One
    /// that somebody else gave us is kept: here it may not be had.
    pub fn forget(&self, reference: &SecretRef) {
        let mut attempts = self.attempts();
        let is_there = |known: &Known| !known.is_given && known.attempt.initialized();
        if attempts.get(reference).is_some_and(is_there) {
            attempts.remove(reference);
        }
    }

    fn attempts(&self) -> std::sync::MutexGuard<'_, HashMap<SecretRef, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn fetch(&self, reference: &SecretRef) -> Result<Secret, SecretError> {
        let mut value = match reference {
            SecretRef::Env(name) => from_variable(name, reference)?,
            SecretRef::File(path) => self.read(path, reference).await?,
            SecretRef::Command(argv) => self.ask(argv, reference).await?,
        };
        if value.last() == Some(&b'\n') {
            value.pop();
            if value.last() == Some(&b'\r') {
                value.pop();
            }
        }
        let short = |source| SecretError::TooShort { reference: reference.clone(), source };
        Secret::new(std::mem::take(&mut *value)).map_err(short)
    }

    /// On a thread of its own: a network file system that is gone holds whoever asks it.
    async fn read(&self, path: &Path, reference: &SecretRef) -> Result<Zeroizing<Vec<u8>>, SecretError> {
        let failed = |source| SecretError::File { path: path.to_owned(), source: Arc::new(source) };
        let (its_path, its_reference) = (path.to_owned(), reference.clone());
        let reading = tokio::task::spawn_blocking(move || from_file(&its_path, &its_reference));
        match tokio::time::timeout(self.deadline, reading).await {
            Ok(Ok(read)) => read,
            Ok(Err(stopped)) => Err(failed(std::io::Error::other(stopped))),
            Err(_) => {
                let why = format!("nothing came within {}; its file system may hang", Span::from(self.deadline));
                Err(failed(std::io::Error::new(std::io::ErrorKind::TimedOut, why)))
            }
        }
    }

    fn no_secret(&self, error: ReachError) -> SecretError {
        match error {
            ReachError::Failed(failure) if matches!(failure.ending, Ending::Deadline { .. }) => {
                SecretError::Late { command: failure.command, within: Span::from(self.deadline) }
            }
            error => SecretError::Command(Arc::new(error)),
        }
    }

    async fn ask(&self, argv: &[String], reference: &SecretRef) -> Result<Zeroizing<Vec<u8>>, SecretError> {
        let [program, arguments @ ..] = argv else {
            return Err(SecretError::NoVariable { reference: reference.clone() });
        };
        let command = Command::new(program).args(arguments).deadline(self.deadline).keep(2 * LONGEST + 2);
        // It runs again whenever a secret is fetched anew, and what stayed behind each time would add up.
        let command = command.leaving_nothing().cancelled_by(self.stop.clone());
        let run = async { Reach::here(&self.redactor).run(command).await?.ok() };
        let output = run.await.map_err(|error| self.no_secret(error))?;
        let value = output.stdout.whole().map(|value| Zeroizing::new(value.into_owned()));
        bounded(value.unwrap_or_else(|| Zeroizing::new(vec![0; LONGEST + 1])), reference)
    }
}

fn from_variable(name: &str, reference: &SecretRef) -> Result<Zeroizing<Vec<u8>>, SecretError> {
    use std::os::unix::ffi::OsStringExt;
    let value = std::env::var_os(name).filter(|value| !value.is_empty());
    let value = value.ok_or_else(|| SecretError::NoVariable { reference: reference.clone() })?;
    bounded(Zeroizing::new(value.into_vec()), reference)
}

fn from_file(path: &Path, reference: &SecretRef) -> Result<Zeroizing<Vec<u8>>, SecretError> {
    let failed = |source| SecretError::File { path: path.to_owned(), source: Arc::new(source) };
    // Without waiting for a writer, should it be a pipe; what is judged is what was opened.
    let nonblock = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).unwrap_or(0);
    let mut file = File::options().read(true).custom_flags(nonblock).open(path).map_err(failed)?;
    let meta = file.metadata().map_err(failed)?;
    if !meta.is_file() {
        return Err(SecretError::NoFile { path: path.to_owned() });
    }
    let mode = meta.mode() & 0o7777;
    if mode & 0o077 != 0 {
        return Err(SecretError::Open { path: path.to_owned(), mode });
    }
    let owner = meta.uid();
    if owner != 0 && owner != rustix::process::geteuid().as_raw() {
        return Err(SecretError::Owner { path: path.to_owned(), owner });
    }
    // Room for all of it at once: growing would leave a copy in freed memory.
    let mut value = Zeroizing::new(Vec::with_capacity(LONGEST + 8));
    (&mut file).take(LONGEST as u64 + 1).read_to_end(&mut value).map_err(failed)?;
    bounded(value, reference)
}

fn bounded(mut value: Zeroizing<Vec<u8>>, reference: &SecretRef) -> Result<Zeroizing<Vec<u8>>, SecretError> {
    if value.len() > LONGEST {
        value.zeroize();
        return Err(SecretError::TooLong { reference: reference.clone() });
    }
    Ok(value)
}
