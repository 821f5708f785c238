//! How a verb ends without success, and how that is told: once, on standard error, with the way out.

use std::io::{self, Write};

use serde::Serialize;

use crate::text::{Exit, Explain};

/// Why a verb did not do what it was asked. Every error that implements [`Explain`] becomes one by `?`.
#[derive(Debug)]
pub struct Failure(Kind);

#[derive(Debug)]
enum Kind {
    Explained(Box<dyn Explain>),
    CommandLine(Box<clap::Error>),
    Interrupted,
    /// Whoever read our output had enough. No failure, but no reason to go on printing either.
    ReaderGone,
}

impl<E: Explain> From<E> for Failure {
    fn from(error: E) -> Failure {
        Failure(Kind::Explained(Box::new(error)))
    }
}

impl From<clap::Error> for Failure {
    fn from(error: clap::Error) -> Failure {
        Failure(Kind::CommandLine(Box::new(error)))
    }
}

impl From<io::Error> for Failure {
    /// For writing to standard output only; an error about a file belongs to a room, which knows its path.
    fn from(error: io::Error) -> Failure {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Failure(Kind::ReaderGone),
            _ => OutputLost(error).into(),
        }
    }
}

/// Standard output could not be written.
#[derive(Debug, thiserror::Error)]
#[error("the output could not be written: {0}")]
struct OutputLost(#[source] io::Error);

impl Explain for OutputLost {
    fn next_step(&self) -> String {
        "What was printed is incomplete. Free space where the output goes, or send it elsewhere.".to_owned()
    }
}

/// The form of an error for scripts.
#[derive(Serialize)]
struct Told {
    error: String,
    causes: Vec<String>,
    next_step: String,
    exit: u8,
}

impl Failure {
    /// The verb was ended by a signal.
    pub fn interrupted() -> Failure {
        Failure(Kind::Interrupted)
    }

    /// The code the program ends with.
    pub fn exit(&self) -> Exit {
        match &self.0 {
            Kind::Explained(error) => error.exit(),
            Kind::CommandLine(error) if error.use_stderr() => Exit::Usage,
            Kind::CommandLine(_) | Kind::ReaderGone => Exit::Done,
            Kind::Interrupted => Exit::Interrupted,
        }
    }

    /// Tells it, and says which code to end with. Nobody is left to tell that telling failed.
    pub fn report(&self, json: bool, quiet: bool) -> Exit {
        let exit = self.exit();
        let _ = match &self.0 {
            Kind::CommandLine(error) if !(json && error.use_stderr()) => error.print(),
            Kind::ReaderGone => Ok(()),
            Kind::Interrupted if quiet && !json => Ok(()),
            _ if json => self.write_json(exit),
            _ => writeln!(io::stderr(), "{}", self.plain()),
        };
        exit
    }

    fn told(&self) -> (String, Vec<String>, String) {
        match &self.0 {
            Kind::Explained(error) => (error.to_string(), causes(error.as_ref()), error.next_step()),
            Kind::CommandLine(error) => {
                let text = error.render().to_string();
                let what = text.trim().strip_prefix("error: ").unwrap_or(text.trim());
                let (what, _) = what.split_once("\n\nUsage:").unwrap_or((what, ""));
                (what.trim().to_owned(), Vec::new(), "See `lifeboat --help`.".to_owned())
            }
            Kind::Interrupted | Kind::ReaderGone => ("interrupted".to_owned(), Vec::new(), String::new()),
        }
    }

    fn plain(&self) -> String {
        let (what, causes, next) = self.told();
        let mut text = format!("lifeboat: {what}");
        for cause in causes {
            text.push_str("\n  because: ");
            text.push_str(&cause);
        }
        if !next.is_empty() {
            text.push('\n');
            text.push_str(&next);
        }
        text
    }

    fn write_json(&self, exit: Exit) -> io::Result<()> {
        let (error, causes, next_step) = self.told();
        let told = Told { error, causes, next_step, exit: exit as u8 };
        writeln!(io::stderr(), "{}", serde_json::to_string(&told)?)
    }
}

/// What lies below an error, left out where the error already says it.
fn causes(error: &dyn Explain) -> Vec<String> {
    let mut said = error.to_string();
    let mut causes = Vec::new();
    let mut below = error.source();
    while let Some(cause) = below {
        let text = cause.to_string();
        if !said.contains(&text) {
            causes.push(text.clone());
            said = text;
        }
        below = cause.source();
    }
    causes
}
