//! The one thing that matters first, in one short line: the same words on the screen, in a table and in a log.

use std::collections::HashSet;

use super::{OwnNetwork, Picture, Seen};
use crate::plan::facts::Verdict;
use crate::plan::types::Component;
use crate::text::{Shape, untrusted};

/// So many are named where the line has to be short, and where it need not.
const FEW: usize = 2;
const MANY: usize = 4;

/// The one thing that matters first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Headline {
    /// The worst that is known.
    pub verdict: Verdict,
    /// What it is, without full stop.
    pub text: String,
}

/// Who is named of those that are not well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Names {
    /// The worst, or all if they are one or two: where the line has to be short.
    Worst,
    /// The first few of every verdict.
    All,
}

impl Picture {
    /// The one thing that matters first of the chosen components, each by its place in the plan: that nobody can be
    /// reached, that a site is lost, who is not well and how many are.
    pub fn headline(&self, names: Names, chosen: impl Fn(usize) -> bool) -> Headline {
        let of = |verdict, text: String| Headline { verdict, text };
        let all: Vec<(&Component, &Seen)> =
            self.components().enumerate().filter(|(index, _)| chosen(*index)).map(|(_, both)| both).collect();
        let count = all.len();
        if count == 0 {
            let text = if self.plan().component.is_empty() {
                "The plan names no component"
            } else {
                "No component was chosen"
            };
            return of(Verdict::Unknown, text.to_owned());
        }
        let is_suspect = matches!(self.network(), OwnNetwork::Suspect { .. });
        let suspect = "Nobody can be reached: this host's own network is the suspect";
        if is_suspect && names == Names::Worst {
            return of(Verdict::Unknown, suspect.to_owned());
        }
        let heard = || all.iter().filter(|(_, seen)| seen.latest.is_some());
        let awaited = count - heard().count();
        if awaited == count {
            let them = if count == 1 { "The one component is".to_owned() } else { format!("{count} components are") };
            return of(Verdict::Unknown, format!("{them} asked for the first time"));
        }
        let healthy = heard().filter(|(_, seen)| seen.verdict() == Verdict::Healthy).count();
        let suspect = if is_suspect { format!("{suspect}. ") } else { String::new() };
        let lost = self.lost(&all);
        let told = match healthy == count {
            true if count == 1 => "1 component, and it is healthy".to_owned(),
            true => format!("All {count} are healthy"),
            false => format!("{}{healthy} of {count} healthy", not_well(&all, names)),
        };
        let awaited = if awaited > 0 { format!(", {awaited} awaited") } else { String::new() };
        let worst = all.iter().map(|(_, seen)| seen.verdict()).max().filter(|_| lost.is_empty());
        of(worst.unwrap_or(Verdict::Down), format!("{suspect}{lost}{told}{awaited}"))
    }

    /// `Site primary is lost. ` Of a site of which not all were chosen nothing is said as a whole.
    fn lost(&self, chosen: &[(&Component, &Seen)]) -> String {
        let count = |site: &str| chosen.iter().filter(|(it, _)| it.site.as_deref() == Some(site)).count();
        let lost = self.sites().iter().filter(|site| site.is_lost && count(&site.name) == site.components);
        lost.map(|site| format!("Site {} is lost. ", safe(&site.name))).collect::<Vec<_>>().concat()
    }
}

/// `2 down: postgres, redis; 1 unknown: node-1; `, or `2 down: postgres, redis; 1 unknown, 3 degraded; `
fn not_well(all: &[(&Component, &Seen)], names: Names) -> String {
    let roots = Roots::among(all);
    let such = |verdict: Verdict| {
        let such = all.iter().filter(|(_, seen)| seen.latest.is_some() && seen.verdict() == verdict);
        let mut such: Vec<&Component> = such.map(|(component, _)| *component).collect();
        such.sort_by_key(|component| (!roots.has(component), component.priority.unwrap_or(u8::MAX)));
        such
    };
    let groups = [Verdict::Down, Verdict::Unknown, Verdict::Degraded].map(|verdict| (verdict, such(verdict)));
    let count: usize = groups.iter().map(|(_, such)| such.len()).sum();
    let is_short = names == Names::Worst && count > FEW;
    let most = if names == Names::All { MANY } else { FEW };
    let mut parts: Vec<String> = Vec::new();
    for (verdict, such) in groups.iter().filter(|(_, such)| !such.is_empty()) {
        let is_named = !is_short || parts.is_empty();
        let named = if is_named { some(such, most) } else { String::new() };
        parts.push(format!("{} {verdict}{named}", such.len()));
    }
    match parts.split_first() {
        Some((worst, rest)) if is_short && !rest.is_empty() => format!("{worst}; {}; ", rest.join(", ")),
        Some(_) => format!("{}; ", parts.join("; ")),
        None => String::new(),
    }
}

/// Who is the cause of what others suffer.
struct Roots<'a> {
    bad: HashSet<&'a str>,
    needed: HashSet<&'a str>,
}

impl<'a> Roots<'a> {
    fn among(all: &[(&'a Component, &Seen)]) -> Roots<'a> {
        let bad = all.iter().filter(|(_, seen)| seen.latest.is_some() && seen.verdict() != Verdict::Healthy);
        let bad: Vec<&Component> = bad.map(|(component, _)| *component).collect();
        // Whoever should need itself needs nobody.
        let others = bad.iter().flat_map(|it| it.needs.iter().filter(|needed| **needed != it.name));
        Roots { needed: others.map(String::as_str).collect(), bad: bad.iter().map(|it| it.name.as_str()).collect() }
    }

    /// Whether others that are not well need it, while it needs nobody who is not.
    fn has(&self, component: &Component) -> bool {
        let is_bad = |needed: &String| *needed != component.name && self.bad.contains(needed.as_str());
        self.needed.contains(component.name.as_str()) && !component.needs.iter().any(is_bad)
    }
}

/// `: postgres, redis and 3 more`
fn some(such: &[&Component], most: usize) -> String {
    let named: Vec<String> = such.iter().take(most).map(|component| safe(&component.name)).collect();
    let more = such.len() - named.len();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!(": {}{more}", named.join(", "))
}

fn safe(name: &str) -> String {
    untrusted(name, Shape::line(24))
}
