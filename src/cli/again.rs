//! How this program was called: a command that is told as the next step must work on the same plan and
//! the same state, not on those that happen to be the usual ones.

use std::ffi::{OsStr, OsString};
use std::fmt::Write;
use std::path::Path;

use super::Output;
use crate::reach::quote;

/// What the commands told begin with in code and messages: "`lifeboat lab down`".
const BEFORE: &str = "`lifeboat ";

/// How the program was called.
#[derive(Clone, Debug, Default)]
pub struct Again {
    program: String,
    plan: Option<String>,
    overlays: Vec<String>,
    state: Option<String>,
    lab: bool,
}

impl Again {
    /// Listens to the arguments, also where they cannot all be understood.
    pub fn of(arguments: &[OsString]) -> Again {
        let (called, options) = arguments.split_first().unzip();
        let by_path = called.filter(|called| Path::new(called).components().count() > 1);
        let mut again = Again { program: by_path.map_or_else(|| "lifeboat".to_owned(), word), ..Again::default() };
        let mut options = options.unwrap_or_default().iter().take_while(|option| *option != "--");
        while let Some(option) = options.next() {
            let (name, glued) = split(option);
            let mut value = || glued.or_else(|| options.next().map(OsString::as_os_str)).map(word);
            match name.to_str() {
                Some("--plan") => again.plan = value(),
                Some("--overlay") => again.overlays.extend(value()),
                Some("--state") => again.state = value(),
                Some("--lab") => again.lab = true,
                _ => {}
            }
        }
        again
    }

    /// The same, on the lab.
    #[must_use]
    pub fn on_the_lab(&self) -> Again {
        Again { lab: true, plan: None, overlays: Vec::new(), ..self.clone() }
    }

    /// The command line for a verb and its arguments, to be copied.
    pub fn command<'a>(&self, words: impl IntoIterator<Item = &'a str>) -> String {
        let words: Vec<String> = words.into_iter().map(|one| word(OsStr::new(one))).collect();
        self.line(&words.join(" "))
    }

    /// Completes every command that is told in `text`.
    pub fn complete(&self, text: &str) -> String {
        let mut parts = text.split(BEFORE);
        let mut whole = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (command, rest) = part.split_once('`').unwrap_or((part, ""));
            let closed = if part.contains('`') { "`" } else { "" };
            let _ = write!(whole, "`{}{closed}{rest}", self.line(command));
        }
        whole
    }

    /// The verb decides what it takes: the lab has no plan to choose, and a new plan is not the one in force.
    fn line(&self, command: &str) -> String {
        let mut line = self.program.clone();
        let is_lab = command.split(' ').any(|word| word == "lab");
        let is_own = |option: &str| command.contains(option);
        let mut put = |wanted: bool, option: &str, value: Option<&String>| {
            if let (true, Some(value)) = (wanted && !is_own(option), value) {
                let _ = write!(line, " {option} {value}");
            }
        };
        let takes_plan = !is_lab && !self.lab && !command.starts_with("plan new");
        put(takes_plan, "--plan", self.plan.as_ref());
        for overlay in &self.overlays {
            put(takes_plan, "--overlay", Some(overlay));
        }
        put(true, "--state", self.state.as_ref());
        if self.lab && !is_lab && !is_own("--lab") {
            line.push_str(" --lab");
        }
        format!("{line} {command}")
    }
}

/// `--state=here` as its two halves.
fn split(option: &OsStr) -> (&OsStr, Option<&OsStr>) {
    let halves = option.to_str().and_then(|option| option.split_once('='));
    halves.map_or((option, None), |(name, value)| (OsStr::new(name), Some(OsStr::new(value))))
}

/// One word of a shell. A name that would move the cursor is shown, not carried out.
fn word(argument: impl AsRef<OsStr>) -> String {
    Output::safe(String::from_utf8_lossy(&quote(argument)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn called(line: &str) -> Again {
        Again::of(&line.split(' ').map(OsString::from).collect::<Vec<_>>())
    }

    #[test]
    fn a_command_works_on_the_same_state() {
        let again = called("target/release/lifeboat --state=/tmp/x --plan p.toml lab up");
        assert_eq!(again.command(["lab", "down"]), "target/release/lifeboat --state /tmp/x lab down");
        assert_eq!(again.command(["plan", "check"]), "target/release/lifeboat --plan p.toml --state /tmp/x plan check");
        let told = "Try `lifeboat lab up` again, or `lifeboat --state DIR lab up`.";
        let complete = "Try `target/release/lifeboat --state /tmp/x lab up` again, \
                        or `target/release/lifeboat --state DIR lab up`.";
        assert_eq!(again.complete(told), complete);
    }

    #[test]
    fn what_lies_over_the_plan_is_not_forgotten() {
        let again = called("lifeboat --overlay dr --plan p.toml --overlay=night status");
        assert_eq!(again.command(["doctor"]), "lifeboat --plan p.toml --overlay dr --overlay night doctor");
        assert_eq!(again.command(["lab", "up"]), "lifeboat lab up");
    }

    #[test]
    fn the_lab_stays_the_lab() {
        let again = called("lifeboat plan show --lab");
        assert_eq!(again.command(["--lab", "plan", "check"]), "lifeboat --lab plan check");
        assert_eq!(again.command(["plan", "check"]), "lifeboat --lab plan check");
        assert_eq!(again.command(["lab", "status"]), "lifeboat lab status");
        assert_eq!(again.complete("nothing to complete"), "nothing to complete");
    }

    #[test]
    fn odd_folders_survive_the_shell() {
        let again = Again::of(&["lifeboat".into(), "--state".into(), "it's mine".into()]);
        assert_eq!(again.command(["lab", "down"]), r"lifeboat --state 'it'\''s mine' lab down");
    }
}
