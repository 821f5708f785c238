//! Values that can be read and cannot be meant: more than all of it, days that have not come, no time
//! or an age between two reviews, a name that no folder can have.

use chrono::{Days, NaiveDate};

use super::Rule;
use super::examined::Examined;
use crate::plan::Finding;
use crate::plan::locate::folder_name;
use crate::plan::source::{Entry, Node, Origin, Path, Value};
use crate::plan::types::Percent;
use crate::text::Span;

pub const RULES: &[Rule] = &[platform_name, values];

/// What can be no more than all of it.
const SHARES: [&str; 5] = ["availability", "slo", "probability", "hit_rate", "budget_share"];
/// Days on which something was done.
const DONE: [(&str, &str); 4] = [("platform", "reviewed"), ("review", "last"), ("approval", "on"), ("history", "date")];
/// Lengths of time, and the most years that anybody means by them.
const LONGEST: [(&str, u64); 10] = [
    ("rto", 1),
    ("within", 1),
    ("deadline", 1),
    ("rpo", 10),
    ("review_every", 10),
    ("every", 10),
    ("lag", 1),
    ("age", 200),
    ("keep_for", 200),
    ("older_than", 200),
];
/// What happens again and again, and so needs time in between. Those of jobs are schedules.
const REPEATED: [&str; 3] = ["review_every", "every", "turn"];

/// A name that could not be that of the state folder. Where the plan names the folder, it need not be.
fn platform_name(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    let platform = &examined.plan.platform;
    let needs_folder = platform.state.is_none() || platform.name.trim().is_empty();
    if let Some(error) = folder_name(&platform.name).err().filter(|_| needs_folder) {
        findings.push(
            Finding::error("platform-name", error.to_string())
                .at(examined.at(&Path::root().to("platform").to("name")), "no name of a folder")
                .because("nothing that changes anything works without a state folder, on the night least of all")
                .mend("write a short name of one word, like \"shop\", and the long one as `title`"),
        );
    }
}

/// Everything that is written, by its key and by the list or table it stands in at the top.
fn values(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    let Value::Table(tops) = &examined.tree.value else { return };
    for top in tops {
        let mut open: Vec<(&Node, &str)> = vec![(&top.node, "")];
        while let Some((node, within)) = open.pop() {
            match &node.value {
                Value::Table(entries) => {
                    for entry in entries {
                        findings.extend(look_at(examined, &top.key, within, entry));
                        open.push((&entry.node, &entry.key));
                    }
                }
                Value::Array(nodes) => open.extend(nodes.iter().map(|node| (node, within))),
                _ => {}
            }
        }
    }
}

fn look_at(examined: &Examined<'_>, top: &str, within: &str, entry: &Entry) -> Option<Finding> {
    let key = entry.key.as_str();
    let at = entry.key_origin.through(entry.node.origin);
    let (Value::Text(text) | Value::Date(text)) = &entry.node.value else { return None };
    if within == "limits" || SHARES.contains(&key) {
        return too_large_a_share(key, text, at);
    }
    if DONE.contains(&(top, key)) {
        return not_yet(examined, key, text, at);
    }
    let span: Span = text.rsplit(" to ").next().unwrap_or(text).parse().ok()?;
    if span.is_zero() && REPEATED.contains(&key) && top != "job" {
        return Some(
            Finding::error("no-time", format!("`{key}` is no time at all"))
                .at(at, "no time")
                .because("what is to be done again after no time is never done, or never ends")
                .mend(format!("say how often: {key} = \"3 months\"; or leave it out")),
        );
    }
    let (_, years) = LONGEST.iter().find(|(known, _)| *known == key)?;
    (span > Span::from_hours(years * 366 * 24)).then(|| {
        Finding::error("absurd-span", format!("`{key}` is {text}, and nobody plans for more than {years} years"))
            .at(at, "too long to be meant")
            .because("an objective that nothing can miss protects nobody")
            .mend("correct the number or its unit: min, h, d, months, y")
    })
}

fn too_large_a_share(key: &str, text: &str, at: Origin) -> Option<Finding> {
    let share = text.parse::<Percent>().ok().filter(|share| share.0 > 100.0)?;
    Some(
        Finding::error("share", format!("`{key}` is {share}, and there is no more than 100%"))
            .at(at, "more than all of it")
            .because("what nothing can reach is never seen to fail, so nobody is told of it")
            .mend("write a share of at most 100%"),
    )
}

fn not_yet(examined: &Examined<'_>, key: &str, text: &str, at: Origin) -> Option<Finding> {
    let date: NaiveDate = text.parse().ok()?;
    // A day ahead it may be already where the plan was written.
    let tomorrow = examined.today().checked_add_days(Days::new(1))?;
    (date > tomorrow).then(|| {
        Finding::warning("future-date", format!("`{key}` is {date}, and that day has not come"))
            .at(at, "still to come")
            .because("what was never done looks done, and is not looked at again until then")
            .mend("write the day on which it was done, or leave it out until it is")
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{accepts, finds};

    fn platform(rest: &str) -> String {
        format!("[platform]\nname='p'\n{rest}")
    }

    #[test]
    fn a_name_that_no_folder_can_have_is_found() {
        for name in ["../../etc", "", "lab", ".", "a/b"] {
            finds("platform-name", &format!("[platform]\nname='{name}'"), &[&format!("name='{name}'")]);
        }
        accepts("platform-name", "[platform]\nname='lab'\nstate='/srv/state'");
        accepts("platform-name", "[platform]\nname='agent-orchestrator'");
    }

    #[test]
    fn days_that_have_not_come_are_found() {
        finds("future-date", &platform("reviewed=2025-01-01"), &["reviewed=2025-01-01"]);
        finds("future-date", "[[review]]\nof='x'\nevery='1y'\nlast=2025-01-01", &["last=2025-01-01"]);
        finds("future-date", "[[approval]]\nrole='x'\nby='y'\non=2025-01-01", &["on=2025-01-01"]);
        accepts("future-date", &platform("reviewed=2024-12-02\nnext_review=2025-01-01"));
    }

    #[test]
    fn lengths_that_cannot_be_meant_are_found() {
        finds("no-time", &platform("review_every='0 months'"), &["review_every='0 months'"]);
        finds("absurd-span", &platform("rto='500 years'"), &["rto='500 years'"]);
        finds("absurd-span", "[[scenario]]\nname='s'\nrpo='500 years'", &["rpo='500 years'"]);
        accepts("absurd-span", &platform("rto='2h'\nrpo='24h'\nreview_every='3 months'"));
        accepts("no-time", &platform("rpo='real-time'"));
    }

    #[test]
    fn more_than_all_of_it_is_found() {
        finds("share", &platform("availability='120%'"), &["availability='120%'"]);
        let limits = "[[component]]\nname='a'\nkind='host'\nlimits={disk='101%', load='200'}";
        finds("share", limits, &["disk='101%'"]);
        accepts("share", &platform("availability='100%'"));
        accepts("share", "[[job]]\nname='j'\ndo='command'\nevery='1h'\ntolerance={size='150%'}");
    }
}
