//! Sentences about what is seen from several places.

use chrono::{DateTime, Utc};

use super::{Picture, Seen};
use crate::plan::facts::{Value, Verdict};
use crate::plan::types::Component;
use crate::text::instant::both;
use crate::text::{Span, Zone};

impl Picture {
    /// Why the component at this place is not well, the most telling sentence first: who sees what where vantage
    /// points disagree, from where nobody reaches it, then what the component itself says.
    pub fn why(&self, index: usize, now: DateTime<Utc>) -> Vec<String> {
        let seen = self.seen(index);
        let mut why = Vec::new();
        why.extend(disagreement(seen));
        if seen.verdict() == Verdict::Unknown && self.is_unavailable(seen) {
            why.push(unreachable(seen, now));
        }
        for reason in seen.reasons() {
            // What was asked now and what is asked rarely may complain of the same.
            if !why.contains(&reason.sentence) {
                why.push(reason.sentence.clone());
            }
        }
        why.extend(earlier(seen));
        why
    }
}

impl Seen {
    /// What matters most about it, in a few words: its role and its key fact.
    pub fn matters(&self, component: &Component) -> String {
        let role = self.fact("role").map(ToString::to_string);
        let key = self.key_fact(component).map(|(title, value)| format!("{} {value}", title.to_lowercase()));
        [role, key].into_iter().flatten().collect::<Vec<_>>().join(", ")
    }

    /// That the last answers say otherwise than the verdict that is told: `1 bad answer`.
    pub fn doubt(&self) -> Option<String> {
        let (verdict, count) = self.steady.doubt()?;
        let which = if verdict > self.steady.verdict() { "bad" } else { "better" };
        let answers = if count == 1 { "answer" } else { "answers" };
        Some(format!("{count} {which} {answers}"))
    }
}

/// `it was down too when last watched, until 2024-11-18 03:00:00 UTC`: since when it really is so is not known.
fn earlier(seen: &Seen) -> Option<String> {
    let recalled = seen.steady.earlier().filter(|_| seen.verdict() != Verdict::Healthy)?;
    let until = recalled.unwatched_from.filter(|until| *until > DateTime::UNIX_EPOCH)?;
    let (verdict, until) = (recalled.verdict, both(until, Zone::UTC));
    Some(format!("it was {verdict} too when it was last watched, until {until}"))
}

/// `healthy from here, unknown from dr-bastion`.
fn disagreement(seen: &Seen) -> Option<String> {
    let here = seen.latest.as_ref()?.verdict;
    let others: Vec<String> = seen
        .elsewhere
        .iter()
        .filter(|other| other.reading.verdict != here)
        .map(|other| format!("{} from {}", other.reading.verdict, other.vantage))
        .collect();
    (!others.is_empty()).then(|| format!("{here} from here, {}", others.join(", ")))
}

/// `unreachable from here and dr-bastion for 6min`.
fn unreachable(seen: &Seen, now: DateTime<Utc>) -> String {
    let asked = |other: &&super::seen::Elsewhere| !is_unasked(other.reading.fact("connection"));
    let others: Vec<&str> = seen.elsewhere.iter().filter(asked).map(|other| &*other.vantage).collect();
    let from = match others.split_last() {
        None => "here".to_owned(),
        Some((last, [])) => format!("here and {last}"),
        Some((last, rest)) => format!("here, {} and {last}", rest.join(", ")),
    };
    let long = seen.since().map(|since| Span::between(since, now)).filter(|long| *long >= Span::from_secs(5));
    let long = long.map_or_else(String::new, |long| format!(" for {}", long.rough()));
    format!("unreachable from {from}{long}")
}

/// Whether a question was put, and got no sign of life at all.
pub(super) fn is_silence(connection: Option<&Value>) -> bool {
    matches!(connection, Some(Value::Text(word)) if word == "timeout" || word == "unreachable")
}

/// Whether no question was put, for a reason of our own.
pub(super) fn is_unasked(connection: Option<&Value>) -> bool {
    matches!(connection, Some(Value::Text(word)) if word == "unasked")
}
