//! Levels of escalation that leave a gap, overlap, or end.

use super::Rule;
use super::examined::Examined;
use super::places::{Entry, entries};
use crate::plan::Finding;
use crate::plan::types::Escalation;

pub const RULES: &[Rule] = &[levels, nobody];

/// From the beginning on, somebody is responsible at every moment, and only one level is.
fn levels(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    let mut levels: Vec<Entry<'_, Escalation>> = entries(&examined.plan.escalation).collect();
    levels.sort_by_key(|level| level.level);
    let Some((first, last)) = levels.first().zip(levels.last()) else { return };
    if !first.from.is_zero() {
        findings.push(
            Finding::warning("escalation", format!("nobody is called in for the first {}", first.from))
                .at(examined.key(*first, "from"), "begins only here")
                .because(format!("for {} after the beginning it is nobody's incident", first.from))
                .mend("let the first level begin at once: from = \"0min\""),
        );
    }
    for pair in levels.windows(2) {
        between(examined, pair[0], pair[1], findings);
    }
    if let Some(until) = last.until {
        findings.push(
            Finding::warning("escalation", format!("after {until} nobody is called in any more"))
                .at(examined.key(*last, "until"), "the last level ends")
                .because(format!(
                    "an incident that lasts longer than {until} belongs to nobody, just when it has become serious"
                ))
                .mend("leave `until` out of the last level"),
        );
    }
}

fn between(
    examined: &Examined<'_>,
    one: Entry<'_, Escalation>,
    next: Entry<'_, Escalation>,
    findings: &mut Vec<Finding>,
) {
    let (message, why, place) = match one.until {
        Some(until) if until < next.from => (
            format!("between {until} and {} nobody is called in", next.from),
            format!("for {} the incident belongs to nobody", next.from.less(until)),
            examined.key(one, "until"),
        ),
        Some(until) if until > next.from => (
            format!("levels {} and {} overlap from {} to {until}", one.level, next.level, next.from),
            format!("for {} two levels decide, and each waits for the other", until.less(next.from)),
            examined.key(one, "until"),
        ),
        None => (
            format!("level {} has no end, and level {} begins after {}", one.level, next.level, next.from),
            format!("from {} on two levels decide, and each waits for the other", next.from),
            examined.key(one, "level"),
        ),
        Some(_) => return,
    };
    findings.push(
        Finding::warning("escalation", message)
            .at(examined.key(next, "from"), format!("level {} begins", next.level))
            .at(place, format!("level {}", one.level))
            .because(why)
            .mend(format!("let level {} end where level {} begins: until = \"{}\"", one.level, next.level, next.from)),
    );
}

/// A level that calls in nobody.
fn nobody(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    for level in entries(&examined.plan.escalation) {
        let written = super::places::walk(examined.tree, &examined.path(level).to("who"));
        if level.who.is_empty() && written.is_none_or(|node| node.elements().is_empty()) {
            findings.push(
                Finding::warning("escalation", format!("level {} calls in nobody", level.level))
                    .at(examined.key(level, "who"), "nobody")
                    .because("the time of this level passes without anybody new looking at the incident")
                    .mend("name the roles that are called in, or take the level out"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{accepts, finds};

    fn plan(first: &str, until: &str, second: &str) -> String {
        format!(
            "[[role]]\nname='r'\n[[escalation]]\nlevel=1\nfrom='{first}'\n{until}\nwho=['r']\n\
             [[escalation]]\nlevel=2\nfrom = '{second}'\nwho=['r']"
        )
    }

    #[test]
    fn levels_that_follow_each_other_are_accepted() {
        accepts("escalation", &plan("0min", "until='15min'", "15min"));
    }

    #[test]
    fn gaps_overlaps_and_ends_are_found() {
        finds("escalation", &plan("5min", "until='15min'", "15min"), &["from='5min'"]);
        finds("escalation", &plan("0min", "until='10min'", "15min"), &["from = '15min'", "until='10min'"]);
        finds("escalation", &plan("0min", "until='20min'", "15min"), &["from = '15min'", "until='20min'"]);
        finds("escalation", &plan("0min", "", "15min"), &["from = '15min'", "level=1"]);
        let ends = "[[role]]\nname='r'\n[[escalation]]\nlevel=1\nfrom='0min'\nuntil='1h'\nwho=['r']";
        finds("escalation", ends, &["until='1h'"]);
        finds("escalation", "[[escalation]]\nlevel=1\nfrom='0min'\nwho=[]", &["who"]);
    }
}
