//! Mistakes in the arguments, told like every other error: what is wrong, and what to do next.

use clap::error::{ContextKind, ContextValue, ErrorKind};

/// What is wrong with the arguments, and the next step.
pub(super) fn told(error: &clap::Error) -> (String, String) {
    let rendered = error.render().to_string();
    let verb = called(error);
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

/// The program and the verbs that were understood, as the usage line has them.
fn called(error: &clap::Error) -> String {
    let usage = text(error, ContextKind::Usage).unwrap_or_default();
    let words = usage.split_whitespace().skip_while(|word| *word != "lifeboat");
    let known: Vec<&str> = words.take_while(|word| !word.starts_with(['[', '<', '-'])).collect();
    if known.is_empty() { "lifeboat".to_owned() } else { known.join(" ") }
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
