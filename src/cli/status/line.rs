//! The sentences of a status: one line of summary, one line for a component.

use chrono::{DateTime, Utc};

use super::{Status, data, table};
use crate::cli::Failure;
use crate::plan::facts::Verdict;
use crate::text::instant::stamp;
use crate::text::{Clock, Shape, Span, SystemClock, untrusted};
use crate::watch::{Change, Names, Picture};

/// What began less long ago begins now.
const AT_ONCE: Span = Span::from_secs(5);

/// The one thing that matters first, in one line.
pub fn summary(picture: &Picture, chosen: impl Fn(usize) -> bool) -> String {
    format!("{}.", picture.headline(Names::All, chosen).text)
}

/// A line for a component that says all by itself, for logs and screen readers.
fn component(status: &Status<'_>, index: usize) -> String {
    let (component, seen) = (&status.plan.component[index], status.picture.seen(index));
    let (name, verdict) = (&component.name, seen.verdict());
    let why = status.picture.why(index, SystemClock.now());
    let told = match (why.first().filter(|_| verdict != Verdict::Healthy), seen.key_fact(component)) {
        (Some(why), _) => format!("{name} {verdict}: {why}"),
        (None, Some((title, value))) => format!("{name} {verdict}, {} {value}", title.to_lowercase()),
        (None, None) => format!("{name} {verdict}"),
    };
    untrusted(told, Shape::line(600))
}

/// A change of verdict, in one line that begins with the moment at which it is told; since when it is so, where that is
/// longer ago.
pub fn change(change: &Change, now: DateTime<Utc>) -> String {
    let was = if change.first { String::new() } else { format!(", was {}", change.from) };
    let why = if change.to == Verdict::Healthy { String::new() } else { format!(": {}", change.reason) };
    let is_old = Span::between(change.at, now) > AT_ONCE;
    let since = if is_old { format!(" since {}", stamp(change.at)) } else { String::new() };
    untrusted(format!("{} {} {}{since}{was}{why}", stamp(now), change.component, change.to), Shape::line(600))
}

/// Every component on a line of its own, the summary last.
pub(super) fn all(status: &Status<'_>) -> Result<(), Failure> {
    let out = status.context.out();
    let now = stamp(SystemClock.now());
    for index in status.shown() {
        out.line(format!("{now} {}", component(status, index)))?;
    }
    let data = data::asked(status, SystemClock.now());
    data.iter().try_for_each(|one| out.line(format!("{now} {}", data::plain(one, SystemClock.now()))))?;
    data::notices(status).iter().try_for_each(|notice| out.line(format!("{now} {}", notice.text)))?;
    table::unseen(status).try_for_each(|told| out.line(format!("{now} {told}")))?;
    out.line(format!("{now} {}", summary(status.picture, |index| status.choice.asks(&status.plan.component[index]))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_begins_with_the_moment_it_is_told_and_says_since_when_it_is_so() {
        let at = |second| DateTime::from_timestamp(second, 0).unwrap();
        let fell = Change {
            component: "db".to_owned(),
            from: Verdict::Healthy,
            to: Verdict::Down,
            at: at(10),
            reason: "refused".to_owned(),
            first: false,
        };
        assert_eq!(change(&fell, at(12)), "1970-01-01T00:00:12.000Z db down, was healthy: refused");
        let late = "1970-01-01T00:01:00.000Z db down since 1970-01-01T00:00:10.000Z, was healthy: refused";
        assert_eq!(change(&fell, at(60)), late);
    }
}
