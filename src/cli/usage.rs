//! Mistakes in the arguments, told like every other error: what is wrong, and what to do next.

use std::ffi::OsString;

use clap::Command;
use clap::error::{ContextKind, ContextValue, ErrorKind};

/// What is wrong with the arguments of `verb`, and the next step.
pub(super) fn told(error: &clap::Error, verb: &str) -> (String, String) {
    let rendered = error.render().to_string();
    let help = format!("`{verb} --help` shows what it takes.");
    match error.kind() {
        ErrorKind::InvalidSubcommand => {
            let wrong = text(error, ContextKind::InvalidSubcommand).unwrap_or_default();
            let nearest = nearest(error).map(|name| format!("Did you mean `{verb} {name}`? ")).unwrap_or_default();
            (format!("there is no verb `{verb} {wrong}`"), format!("{nearest}`{verb} --help` shows every verb."))
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand | ErrorKind::MissingSubcommand => {
            (format!("`{verb}` needs a verb"), format!("`{verb} --help` shows every verb."))
        }
        _ => (without_usage(&rendered), help),
    }
}

/// The program and the verbs that can be understood of its arguments, whatever stands between them.
pub(super) fn understood(command: &Command, arguments: &[OsString]) -> String {
    let (mut path, mut command) = (vec![command.get_name()], command);
    for argument in arguments.iter().skip(1).take_while(|argument| *argument != "--") {
        if let Some(below) = argument.to_str().and_then(|name| command.find_subcommand(name)) {
            path.push(below.get_name());
            command = below;
        }
    }
    path.join(" ")
}

fn text(error: &clap::Error, kind: ContextKind) -> Option<String> {
    match error.get(kind)? {
        ContextValue::String(text) => Some(text.clone()),
        ContextValue::StyledStr(text) => Some(text.to_string()),
        _ => None,
    }
}

/// The known verb most like the one that was given; clap lists the likeliest last.
fn nearest(error: &clap::Error) -> Option<&str> {
    match error.get(ContextKind::SuggestedSubcommand)? {
        ContextValue::String(name) => Some(name),
        ContextValue::Strings(names) => names.last().map(String::as_str),
        _ => None,
    }
}

/// Without the word before and the summary after, which belong to a page of help.
fn without_usage(rendered: &str) -> String {
    let what = rendered.trim();
    let what = what.strip_prefix("error: ").unwrap_or(what);
    let end = what.find("\n\nUsage:").or_else(|| what.find("\n\nFor more information")).unwrap_or(what.len());
    what[..end].replace("\n\n  tip: ", "\n  ").trim().to_owned()
}
