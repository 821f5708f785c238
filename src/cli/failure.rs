//! How a verb ends without success, and how that is told: once, on standard error, with the way out.

use std::fmt;
use std::io::{self, Write};

use clap::error::ErrorKind;
use serde::Serialize;

use super::{Again, Overheard, usage};
use crate::text::{Exit, Explain, Redactor, Shape, untrusted};

/// The most of an error that is shown, in columns.
const LONGEST: usize = 16_000;

/// Why a verb did not do what it was asked. Every error that implements [`Explain`] becomes one by `?`.
#[derive(Debug)]
pub struct Failure(Kind);

#[derive(Debug)]
enum Kind {
    Explained(Box<dyn Explain>),
    /// With the verb that could be understood, as it is typed.
    CommandLine(Box<clap::Error>, String),
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
        Failure::usage(error, "lifeboat".to_owned())
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

/// An error that ends the program with another code than its own.
#[derive(Debug, thiserror::Error)]
#[error("{error}")]
struct Ending {
    error: Box<dyn Explain>,
    exit: Exit,
}

impl Explain for Ending {
    fn next_step(&self) -> String {
        self.error.next_step()
    }

    fn exit(&self) -> Exit {
        self.exit
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
    /// The arguments are wrong; `verb` is what could be understood of them.
    pub fn usage(error: clap::Error, verb: String) -> Failure {
        Failure(Kind::CommandLine(Box::new(error), verb))
    }

    /// The verb was ended by a signal.
    pub fn interrupted() -> Failure {
        Failure(Kind::Interrupted)
    }

    /// The same, ending the program with another code.
    #[must_use]
    pub fn ending_with(self, exit: Exit) -> Failure {
        match self.0 {
            Kind::Explained(error) => Failure(Kind::Explained(Box::new(Ending { error, exit }))),
            other => Failure(other),
        }
    }

    /// The code the program ends with.
    pub fn exit(&self) -> Exit {
        match &self.0 {
            Kind::Explained(error) => error.exit(),
            Kind::CommandLine(error, _) if error.use_stderr() => Exit::Usage,
            Kind::CommandLine(..) | Kind::ReaderGone => Exit::Done,
            Kind::Interrupted => Exit::Interrupted,
        }
    }

    /// Puts it into the log as well: nobody sees what a job of cron prints.
    pub fn log(&self) {
        if let Kind::Explained(error) = &self.0 {
            tracing::error!(exit = error.exit() as u8, causes = ?causes(error.as_ref()), "{error}");
        }
    }

    /// Tells it, and says which code to end with. Nobody is left to tell that telling failed.
    pub fn report(&self, how: Overheard, redactor: &Redactor, again: &Again) -> Exit {
        let exit = self.exit();
        let _ = match &self.0 {
            Kind::ReaderGone => Ok(()),
            Kind::CommandLine(page, _) if !page.use_stderr() => page.print(),
            _ if how.json => write_json(&self.told(redactor, again)),
            // Who gave no verb at all wants to see them.
            Kind::CommandLine(page, _) if page.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
                page.print()
            }
            Kind::Interrupted if how.quiet => Ok(()),
            _ => writeln!(io::stderr(), "{}", self.told(redactor, again)),
        };
        exit
    }

    fn told(&self, redactor: &Redactor, again: &Again) -> Told {
        let (error, causes, next_step) = match &self.0 {
            Kind::Explained(error) => (error.to_string(), causes(error.as_ref()), error.next_step()),
            Kind::CommandLine(error, verb) => {
                let (what, next_step) = usage::told(error, verb);
                (what, Vec::new(), next_step)
            }
            Kind::Interrupted | Kind::ReaderGone => ("interrupted".to_owned(), Vec::new(), String::new()),
        };
        // An error carries text from servers and files.
        let clean = |text: String| untrusted(redactor.redact(&text).as_bytes(), Shape::block(LONGEST));
        Told {
            error: clean(error),
            causes: causes.into_iter().map(clean).collect(),
            next_step: clean(again.complete(&next_step)),
            exit: self.exit() as u8,
        }
    }
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "lifeboat: {}", self.error)?;
        for cause in &self.causes {
            write!(f, "\n  because: {cause}")?;
        }
        match self.next_step.as_str() {
            "" => Ok(()),
            several if several.contains('\n') => write!(f, "\n{several}"),
            one => write!(f, "\n  next: {one}"),
        }
    }
}

fn write_json(told: &Told) -> io::Result<()> {
    writeln!(io::stderr(), "{}", serde_json::to_string(told)?)
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
