//! Starting this program once more as a worker: in a session of its own, reading nothing, printing into a file, so that
//! neither the end of whoever started it nor a lost connection ends it.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

use super::{ROOM, logout};
use crate::journal::{State, StateError};
use crate::text::{Clock, Exit, Explain, Shape, SystemClock, untrusted};

/// What puts a process into a session of its own.
const SETSID: &str = "setsid";
/// So much of what one printed is looked at.
const LAST_WORDS: u64 = 4096;

/// How this program is called, so that a worker works on the same plan and the same state.
#[derive(Clone, Debug, Default)]
pub struct Invocation {
    /// The program.
    pub program: PathBuf,
    /// `--plan`, `--overlay`, `--state`, `--lab`, with their values.
    pub options: Vec<OsString>,
    /// Whether this machine ends workers when their user's last login ends.
    pub ends_at_logout: bool,
}

/// Why no worker was started.
#[derive(Debug, thiserror::Error)]
pub enum NotStarted {
    /// The state folder is not to be written to.
    #[error(transparent)]
    State(#[from] StateError),
    /// The machine does not start it.
    #[error("{what} could not be started: {error}")]
    Machine {
        /// What.
        what: String,
        /// Why not.
        error: io::Error,
    },
}

impl Explain for NotStarted {
    fn next_step(&self) -> String {
        match self {
            NotStarted::State(error) => error.next_step(),
            NotStarted::Machine { .. } => {
                "Look at the disk and the limits of this machine (`df`, `ulimit -a`), and whether `setsid` is there."
                    .to_owned()
            }
        }
    }

    fn exit(&self) -> Exit {
        Exit::Failed
    }
}

/// A worker that was started. It goes on when this is dropped.
#[derive(Debug)]
pub struct Worker {
    child: Child,
    printed: PathBuf,
}

impl Invocation {
    /// This program, with these options.
    pub fn of_this_program(options: Vec<OsString>) -> Invocation {
        // A program that was replaced meanwhile can still be started by its process.
        let itself = || PathBuf::from(format!("/proc/{}/exe", std::process::id()));
        let program = std::env::current_exe().ok().filter(|program| program.is_file()).unwrap_or_else(itself);
        Invocation { program, options, ends_at_logout: logout::ends_workers() }
    }

    /// Starts a worker.
    pub fn start(&self, words: &[OsString], state: &Path, group: Option<&str>) -> Result<Worker, NotStarted> {
        let state = State::open(state, group)?;
        let room = state.room(ROOM)?;
        let failed = |what: &Path| {
            let what = what.display().to_string();
            move |error| NotStarted::Machine { what, error }
        };
        let printed = room.join(format!("{}-{}.out", SystemClock.now().format("%Y%m%dT%H%M%S%3f"), std::process::id()));
        let output = File::create_new(&printed).map_err(failed(&printed))?;
        // What a server said may be nobody else's business.
        output.set_permissions(PermissionsExt::from_mode(0o600)).map_err(failed(&printed))?;
        let errors = output.try_clone().map_err(failed(&printed))?;
        let mut command = Command::new(SETSID);
        command.arg(&self.program).args(&self.options).args(words);
        command.stdin(Stdio::null()).stdout(output).stderr(errors);
        let child = command.spawn().map_err(failed(Path::new(SETSID)))?;
        Ok(Worker { child, printed })
    }
}

impl Worker {
    /// The number of its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits for its end; how it ended, and the last words that it printed.
    pub fn wait(mut self) -> io::Result<(ExitStatus, String)> {
        let status = self.child.wait()?;
        Ok((status, last_words(&self.printed).unwrap_or_default()))
    }
}

/// The last lines of a file, as one.
fn last_words(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(LAST_WORDS)))?;
    let mut bytes = Vec::new();
    file.take(LAST_WORDS).read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    let words: Vec<&str> = text.split_whitespace().collect();
    Ok(untrusted(words.join(" "), Shape::line(400)))
}
