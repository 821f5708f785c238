//! A question before something that cannot be undone.

use std::io::{self, BufRead, IsTerminal, Write};

use super::{Context, Failure};

/// What was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The word for it was typed in full.
    Yes,
    /// Anything else.
    No,
    /// Nobody could be asked.
    Nobody,
}

/// Asks on the terminal, where there is one at both ends.
pub fn confirm(context: &Context, question: &str) -> Result<Answer, Failure> {
    let is_asked = io::stdin().is_terminal() && io::stderr().is_terminal() && !context.out().is_json();
    if !is_asked {
        return Ok(Answer::Nobody);
    }
    let mut errors = io::stderr().lock();
    write!(errors, "{question} Type yes: ")?;
    errors.flush()?;
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    Ok(if line.trim() == "yes" { Answer::Yes } else { Answer::No })
}
