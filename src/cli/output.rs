//! Where a verb's results go: standard output, in the form that was asked for and the terminal allows.

use std::io::{self, BufWriter, IsTerminal, Write};

use serde::Serialize;

use super::{Failure, Globals};
use crate::text::{Shape, untrusted};

/// No name is longer; the longest path has 4096 bytes.
const LONGEST_NAME: usize = 4096;

/// Knows how to speak: JSON or text, quiet or not, with emphasis or without, how wide.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    json: bool,
    quiet: bool,
    emphasis: bool,
    terminal: bool,
    width: usize,
}

/// How a piece of text stands out. Never the only carrier of a meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// A heading, or what one looks for.
    Strong,
    /// What is there for completeness.
    Faint,
    /// As it should be.
    Good,
    /// Deserves a look.
    Warning,
    /// Wrong.
    Bad,
}

impl Output {
    /// The output of this process.
    pub fn new(globals: &Globals) -> Output {
        let terminal = io::stdout().is_terminal();
        Output {
            json: globals.json,
            quiet: globals.quiet,
            emphasis: terminal && !globals.no_color && terminal_has_colours(),
            terminal,
            width: width(),
        }
    }

    /// Whether results are to be JSON.
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// Whether a person watches: progress may redraw itself. Otherwise print plain lines.
    pub fn is_terminal(&self) -> bool {
        self.terminal
    }

    /// Whether text may stand out.
    pub fn has_emphasis(&self) -> bool {
        self.emphasis
    }

    /// Whether lines may be drawn with more than ASCII: on a terminal whose locale says so.
    pub fn is_unicode(&self) -> bool {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
            .iter()
            .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
        let plain = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
        self.terminal
            && !plain
            && locale.is_some_and(|locale| locale.to_ascii_lowercase().replace('-', "").ends_with("utf8"))
    }

    /// How many columns there are.
    pub fn width(&self) -> usize {
        self.width
    }

    /// How many columns and lines the terminal has now: it may have been made larger or smaller.
    pub fn size(&self) -> (usize, usize) {
        let size = rustix::termios::tcgetwinsize(io::stdout()).ok().filter(|size| size.ws_col > 0 && size.ws_row > 0);
        size.map_or((80, 24), |size| (usize::from(size.ws_col), usize::from(size.ws_row)))
    }

    /// Whether a picture can be painted over the one before.
    pub fn repaints(&self) -> bool {
        self.terminal && !self.json && std::env::var("TERM").is_ok_and(|term| !matches!(term.as_str(), "" | "dumb"))
    }

    /// `text` standing out, where that is possible and wanted.
    pub fn styled(&self, style: Style, text: &str) -> String {
        let code = match style {
            _ if !self.emphasis => return text.to_owned(),
            Style::Strong => "1",
            Style::Faint => "2",
            Style::Good => "32",
            Style::Warning => "33",
            Style::Bad => "31",
        };
        format!("\x1b[{code}m{text}\x1b[0m")
    }

    /// Text from outside (a path, a name, an answer of a server), made harmless for a line.
    pub fn safe(text: impl std::fmt::Display) -> String {
        untrusted(text.to_string(), Shape::line(LONGEST_NAME))
    }

    /// One line of the result, out at once.
    pub fn line(&self, text: impl AsRef<str>) -> Result<(), Failure> {
        Ok(writeln!(io::stdout().lock(), "{}", text.as_ref())?)
    }

    /// The whole result as one JSON value.
    pub fn json(&self, value: &impl Serialize) -> Result<(), Failure> {
        self.bulk(|out| {
            serde_json::to_writer_pretty(&mut *out, value)?;
            writeln!(out)
        })
    }

    /// A long result: written through a buffer, so that a million lines are no million writes.
    pub fn bulk(&self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Failure> {
        let mut out = BufWriter::with_capacity(64 * 1024, io::stdout().lock());
        write(&mut out)?;
        Ok(out.flush()?)
    }

    /// Something said beside the result: on standard error, and not if quiet. Nothing depends on
    /// whether it could be said.
    pub fn note(&self, text: impl AsRef<str>) {
        if !self.quiet {
            let _ = writeln!(io::stderr().lock(), "{}", text.as_ref());
        }
    }
}

fn terminal_has_colours() -> bool {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    set("NO_COLOR").is_none() && set("TERM").is_some_and(|term| term != "dumb")
}

/// The terminal's columns, else those of a terminal as it always was.
fn width() -> usize {
    let columns = rustix::termios::tcgetwinsize(io::stdout()).map_or(0, |size| usize::from(size.ws_col));
    if columns == 0 { 80 } else { columns }
}
