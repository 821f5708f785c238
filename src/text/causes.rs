//! What lies behind an error of a library, each cause said once and in plain words.

use std::borrow::Cow;
use std::error::Error;
use std::io;
use std::sync::Arc;

/// How libraries introduce what they have to say.
const SAYS_NOTHING: [&str; 6] = [
    "error sending request",
    "client error (Connect)",
    "client error (SendRequest)",
    "dns error",
    "error resolving DNS",
    "tcp connect error",
];

/// The words of the C library for the commonest trouble of all, and its sentences without their number.
fn plain_words(cause: &str) -> Cow<'_, str> {
    match cause {
        "failed to lookup address information: Name or service not known" => "its name leads nowhere".into(),
        "failed to lookup address information: Temporary failure in name resolution" => "no name server answers".into(),
        _ => match cause.rsplit_once(" (os error ") {
            Some((words, _)) => uncapitalised(words).into(),
            None => cause.into(),
        },
    }
}

fn uncapitalised(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

/// An error with what lies behind it, each said once.
pub fn with_causes(error: &(dyn Error + 'static)) -> String {
    let causes: Vec<String> = causes(error).map(ToString::to_string).collect();
    let mut said: Vec<Cow<'_, str>> = Vec::new();
    let telling = |cause: &&String| !SAYS_NOTHING.contains(&cause.as_str());
    for cause in causes.iter().filter(telling).map(|cause| plain_words(cause)) {
        if !said.last().is_some_and(|last| last.contains(&*cause)) {
            said.push(cause);
        }
    }
    said.join(": ")
}

/// An error and what lies behind it.
pub fn causes<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| behind(*error))
}

/// What an I/O error wraps is not among its sources: they begin one further. Nor is what is shared.
fn behind<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e (dyn Error + 'static)> {
    if let Some(shared) = error.downcast_ref::<Arc<dyn Error + Send + Sync>>() {
        return Some(&**shared);
    }
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(wrapped) => Some(wrapped),
        None => error.source(),
    }
}
