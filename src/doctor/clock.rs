//! Whether this machine's clock agrees with those of the servers.

use super::{Area, Check, Next};
use crate::plan::facts::Value;
use crate::plan::types::Component;
use crate::text::Span;
use crate::watch::Picture;

/// What a server's clock showed.
struct Told<'a> {
    component: &'a Component,
    by: Span,
    /// Whether that is more than the plan or the vocabulary allows.
    is_wrong: bool,
    /// `ahead` or `behind`, where it surely differs.
    side: Option<&'a str>,
}

pub(super) fn clock(picture: &Picture) -> Vec<Check> {
    let all: Vec<Told<'_>> = picture
        .components()
        .filter_map(|(component, seen)| {
            let latest = seen.latest.as_ref()?;
            let Value::Span(by) = latest.fact("clock")? else { return None };
            let is_wrong = latest.reasons.iter().any(|reason| reason.fact.as_deref() == Some("clock"));
            let side = match latest.fact("clock_is") {
                Some(Value::Text(side)) => Some(&**side),
                _ => None,
            };
            Some(Told { component, by: *by, is_wrong, side })
        })
        .collect();
    let Some(most) = all.iter().map(|told| told.by).max() else {
        return vec![Check::not_looked(Area::Clock, "clock", "no server told its time")];
    };
    let wrong: Vec<&Told<'_>> = all.iter().filter(|told| told.is_wrong).collect();
    if wrong.is_empty() {
        let servers = if all.len() == 1 { "1 server".to_owned() } else { format!("{} servers", all.len()) };
        let words = format!("differs from {servers} by {} at most", most.brief());
        return vec![Check::well(Area::Clock, "clock", words)];
    }
    if let Some(ours) = ours(&all, &wrong) {
        return vec![ours];
    }
    wrong.into_iter().map(|told| theirs(told, all.len())).collect()
}

/// Where most servers are ahead of us, or most behind, it is our clock that is wrong.
fn ours(all: &[Told<'_>], wrong: &[&Told<'_>]) -> Option<Check> {
    for (theirs, ours) in [("ahead", "behind"), ("behind", "ahead of")] {
        let off: Vec<&&Told<'_>> = wrong.iter().filter(|told| told.side == Some(theirs)).collect();
        if all.len() > 1 && off.len() * 2 > all.len() {
            let mut spans: Vec<Span> = off.iter().map(|told| told.by).collect();
            spans.sort_unstable();
            let by = spans[spans.len() / 2].brief();
            let names: Vec<&str> = off.iter().map(|told| told.component.name.as_str()).collect();
            let names = names.join(", ");
            let why = format!("ours is {by} {ours} {} of {} servers: {names}", off.len(), all.len());
            return Some(Check::wrong(Area::Clock, "clock", why, Next::mend("timedatectl set-ntp true")));
        }
    }
    None
}

fn theirs(told: &Told<'_>, of: usize) -> Check {
    let by = told.by.brief();
    let differs = match told.side {
        Some("ahead") => format!("its clock is {by} ahead of ours"),
        Some(side) => format!("its clock is {by} {side} ours"),
        None => format!("its clock differs from ours by {by}"),
    };
    let (doubt, here) = match of {
        1 => ("; one server alone does not tell whose is wrong", " # there and here"),
        _ => ("", " # where it runs"),
    };
    let mend = match told.component.reach.as_ref().and_then(|place| place.ssh.as_deref()) {
        Some(host) => format!("ssh -t {} timedatectl set-ntp true", super::word(host)),
        None => format!("timedatectl set-ntp true{here}"),
    };
    Check::wrong(Area::Clock, &told.component.name, format!("{differs}{doubt}"), Next::Mend(mend))
}
