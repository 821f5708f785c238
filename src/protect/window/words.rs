//! Windows in few words, the same on every screen.

use chrono::{DateTime, Utc};

use super::{After, Rule, Window};
use crate::plan::Plan;
use crate::plan::facts::Verdict;
use crate::text::{Span, counted};

impl Rule {
    /// `3 copies on 2 kinds of places, 1 elsewhere`.
    pub fn told(self) -> String {
        let copies = if self.copies == 1 { "1 copy".to_owned() } else { format!("{} copies", self.copies) };
        format!("{copies} on {} of places, {} elsewhere", counted(self.kinds, "kind"), self.elsewhere)
    }
}

impl After {
    /// `back to 02:00:00 (7h lost) in offsite`, as a phrase behind a name; `nothing left`.
    pub fn told(&self, now: DateTime<Utc>) -> String {
        let more = if self.may_be_more { ", or less" } else { "" };
        match self.newest {
            Some(newest) => {
                format!("{} lost{more}, from {}", Span::between(newest, now).brief(), self.stores.join(" and "))
            }
            None if self.may_be_more => "nothing is known to be left".to_owned(),
            None => "nothing left".to_owned(),
        }
    }

    /// How that looks against an RPO.
    pub fn look(&self, rpo: Option<Span>, now: DateTime<Utc>) -> Verdict {
        let lost = self.newest.map(|newest| Span::between(newest, now));
        match (lost, rpo) {
            (Some(lost), Some(rpo)) if lost <= rpo => Verdict::Healthy,
            (Some(_), None) => Verdict::Healthy,
            _ if self.may_be_more => Verdict::Unknown,
            _ => Verdict::Down,
        }
    }
}

/// If the site burned down now that each category lives in: the worst first, in one sentence; nothing where no category
/// has a site.
pub fn burned(plan: &Plan, windows: &[Window], now: DateTime<Utc>) -> Option<(Verdict, String)> {
    let all = windows.iter().filter_map(|window| Some((window, window.burned(plan)?)));
    let mut all: Vec<(&Window, &After)> = all.collect();
    let look = |(window, after): &(&Window, &After)| after.look(window.rpo, now);
    let lost = |after: &After| after.newest.map_or(i64::MAX, |newest| (now - newest).num_milliseconds());
    all.sort_by_key(|one| (std::cmp::Reverse(look(one)), std::cmp::Reverse(lost(one.1))));
    let (worst, after) = all.first()?;
    let site = &after.loss.what;
    let gone: Vec<&str> =
        all.iter().filter(|(_, after)| after.newest.is_none()).map(|(window, _)| window.data.as_str()).collect();
    let verdict = look(&all[0]);
    let told = match gone.as_slice() {
        [] => format!("{}: {}", worst.data, after.told(now)),
        [one] => format!("nothing left of {one}{}", next(&all, now)),
        [one, more @ ..] => format!("nothing left of {one} and {} more{}", more.len(), next(&all, now)),
    };
    Some((verdict, format!("if {site} burned down now: {told}")))
}

/// The worst of those of which something is left.
fn next(all: &[(&Window, &After)], now: DateTime<Utc>) -> String {
    let left = all.iter().find(|(_, after)| after.newest.is_some());
    left.map_or_else(String::new, |(window, after)| format!("; of the rest {}: {}", window.data, after.told(now)))
}
