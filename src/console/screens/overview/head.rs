//! The head of the overview: the one thing that matters first, objectives, sites, triggers that fired or soon will.

use crate::console::canvas::harmless;
use crate::console::screens::operations;
use crate::console::widgets::{Line, due, fold};
use crate::console::{Piece, Role, View};
use crate::plan::facts::Verdict;
use crate::protect::standing::told;
use crate::protect::window;
use crate::watch::{Names, SiteSeen, Trigger, Truth};

/// Below this height the components themselves are worth more than a word for each site.
const HIGH_ENOUGH_FOR_SITES: u16 = 12;

/// Below this height only bad news of data are worth a line.
const HIGH_ENOUGH_FOR_GOOD_NEWS: u16 = 30;

/// The lines of the head, the most important first.
pub(super) fn head(view: &View<'_>, width: u16, height: u16) -> Vec<Line> {
    let mut lines = headline(view, width);
    lines.extend(data(view, width, height));
    lines.extend(burned(view, width, height));
    if height >= HIGH_ENOUGH_FOR_SITES {
        lines.extend(noticed(view, width));
        lines.extend(operations::line(view, width));
        lines.extend(sites(view, width));
    }
    lines.extend(fired(view, width));
    lines.extend(waiting(view, width));
    lines
}

/// What would be lost of data, where that is more than may be or not known; where there is height also that all is well.
fn data(view: &View<'_>, width: u16, height: u16) -> Option<Line> {
    let shelf = &view.desk.shelf;
    shelf.at.filter(|_| height >= HIGH_ENOUGH_FOR_SITES && !shelf.protection.is_empty())?;
    let (verdict, text) = match told(&shelf.protection, view.now) {
        Some(told) => told,
        None if height < HIGH_ENOUGH_FOR_GOOD_NEWS => return None,
        None => {
            let worst = shelf.worst_first(view.now).into_iter().next()?;
            (
                Verdict::Healthy,
                format!("all data is within its RPO, least so {}: {}", worst.data, worst.age_told(view.now)),
            )
        }
    };
    let role = if verdict == Verdict::Healthy { Role::Dim } else { Role::of(verdict) };
    Some(of_vault(view, width, verdict, role, &text))
}

/// What would be left if the site burned down now.
fn burned(view: &View<'_>, width: u16, height: u16) -> Option<Line> {
    let shelf = &view.desk.shelf;
    shelf.at.filter(|_| height >= HIGH_ENOUGH_FOR_SITES)?;
    let (verdict, text) = window::burned(&view.desk.plan, &shelf.windows, view.now)?;
    let role = if verdict == Verdict::Healthy { Role::Dim } else { Role::of(verdict) };
    Some(of_vault(view, width, verdict, role, &text))
}

/// What else somebody should know of the vault: jobs that failed, copies that are not whole, who holds everything.
fn noticed(view: &View<'_>, width: u16) -> Option<Line> {
    let notices = &view.desk.shelf.notices;
    let verdict = notices.iter().map(|notice| notice.verdict).max()?;
    let texts: Vec<&str> = notices.iter().map(|notice| notice.text.as_str()).collect();
    Some(of_vault(view, width, verdict, Role::of(verdict), &texts.join("; ")))
}

fn of_vault(view: &View<'_>, width: u16, verdict: Verdict, role: Role, text: &str) -> Line {
    let text = format!("{} {text}", view.theme.marks().verdict(verdict));
    let text = view.theme.marks().cut(&harmless(&text), usize::from(width.saturating_sub(2))).into_owned();
    Line::of("  ", Role::Text).and(text, role)
}

/// What matters first, whole whatever the width; the objectives at its right where there is room.
fn headline(view: &View<'_>, width: u16) -> Vec<Line> {
    let headline = view.desk.picture.headline(Names::Worst, |_| true);
    let role = Role::of(headline.verdict);
    let mark = format!("{} ", view.theme.marks().verdict(headline.verdict));
    let room = usize::from(width).saturating_sub(2);
    let mut lines: Vec<Line> = Vec::new();
    for (number, text) in fold(&headline.text, room).into_iter().enumerate() {
        let before = if number == 0 { mark.clone() } else { "  ".to_owned() };
        lines.push(Line::of(before, role).and(text, role));
    }
    let objectives = objectives(view);
    match lines.as_mut_slice() {
        [only] if only.columns() + objectives.len() + 3 <= usize::from(width) => {
            let blank = usize::from(width) - only.columns() - objectives.len();
            only.0.push(Piece::plain(" ".repeat(blank)));
            only.0.push(Piece::new(objectives, Role::Dim));
        }
        _ => {}
    }
    lines
}

fn objectives(view: &View<'_>) -> String {
    let platform = &view.desk.plan.platform;
    let rto = platform.rto.map(|rto| format!("RTO {rto}"));
    let rpo = platform.rpo.map(|rpo| format!("RPO {rpo}"));
    [rto, rpo].into_iter().flatten().collect::<Vec<_>>().join("  ")
}

/// A word for each site, on as many lines as it takes.
fn sites(view: &View<'_>, width: u16) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for site in view.desk.picture.sites() {
        let piece = of_site(view, site);
        let columns: usize = piece.iter().map(|piece| usize::from(piece.columns())).sum();
        match lines.last_mut() {
            Some(line) if line.columns() + 4 + columns <= usize::from(width) => {
                line.0.push(Piece::plain("    "));
                line.0.extend(piece);
            }
            _ => {
                let mut line = Line::of("  ", Role::Text);
                line.0.extend(piece);
                lines.push(line);
            }
        }
    }
    lines
}

/// `primary (active) ▲ degraded (1 down, 2 unknown of 6)`; nothing is said of those that were not heard of yet.
fn of_site(view: &View<'_>, site: &SiteSeen) -> Vec<Piece<'static>> {
    let there = || view.desk.picture.components().filter(|(it, _)| it.site.as_ref() == Some(&site.name));
    let heard = there().filter(|(_, seen)| seen.latest.is_some()).count();
    let count = |verdict| there().filter(|(_, seen)| seen.latest.is_some() && seen.verdict() == verdict).count();
    let awaited = site.components.saturating_sub(heard);
    let healthy = count(Verdict::Healthy);
    let (verdict, word) = match site {
        _ if awaited > 0 && healthy == heard => (Verdict::Unknown, "asking".to_owned()),
        site if site.is_lost => (Verdict::Down, "lost".to_owned()),
        site if site.is_unavailable && site.verdict == Verdict::Unknown => (site.verdict, "unreachable".to_owned()),
        site if site.is_unavailable && site.verdict == Verdict::Degraded => {
            (site.verdict, "degraded, first priority unavailable".to_owned())
        }
        site => (site.verdict, site.verdict.to_string()),
    };
    let parts = [(count(Verdict::Down), "down"), (count(Verdict::Unknown), "unknown"), (awaited, "awaited")];
    let parts: Vec<String> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
    let of = if parts.is_empty() { String::new() } else { format!(" ({} of {})", parts.join(", "), site.components) };
    let active = view.desk.picture.active_site().is_some_and(|active| active.name == site.name);
    let mark = view.theme.marks().verdict(verdict);
    vec![
        Piece::new(format!("{} ", site.name), Role::Strong),
        Piece::new(if active { "(active) " } else { "" }, Role::Dim),
        Piece::new(format!("{mark} {word}"), Role::of(verdict)),
        Piece::new(of, Role::Dim),
    ]
}

/// The scenarios whose triggers have fired, on one line.
fn fired(view: &View<'_>, width: u16) -> Option<Line> {
    let fired: Vec<&Trigger> = view.desk.picture.triggers().iter().filter(|trigger| trigger.fired).collect();
    let mut scenarios: Vec<String> = fired.iter().map(|trigger| with_way_out(view, &trigger.scenario)).collect();
    scenarios.dedup();
    if scenarios.is_empty() {
        return None;
    }
    let count =
        if fired.len() == 1 { "1 trigger fired: ".to_owned() } else { format!("{} triggers fired: ", fired.len()) };
    Some(named(view, width, &count, Role::Down, &scenarios.join(", ")))
}

/// `cache-loss (way out: restore-cache)`
fn with_way_out(view: &View<'_>, name: &str) -> String {
    let scenario = view.desk.plan.scenario.iter().find(|scenario| scenario.name == name);
    match scenario.and_then(|scenario| scenario.procedure.as_ref()) {
        Some(procedure) => format!("{name} (way out: {procedure})"),
        None => name.to_owned(),
    }
}

/// The scenarios whose triggers wait out their time, the next one first.
fn waiting(view: &View<'_>, width: u16) -> Option<Line> {
    let triggers = view.desk.picture.triggers().iter().filter(|trigger| trigger.truth == Truth::Holds);
    let mut waiting: Vec<_> =
        triggers.filter_map(|trigger| Some((trigger.remaining(view.now)?, trigger.scenario.as_str()))).collect();
    waiting.sort_by_key(|(left, _)| left.approx_millis());
    if waiting.is_empty() {
        return None;
    }
    let names: Vec<String> = waiting.iter().map(|(left, name)| format!("{name} {}", due(*left))).collect();
    Some(named(view, width, "about to fire: ", Role::Degraded, &names.join(", ")))
}

fn named(view: &View<'_>, width: u16, what: &str, role: Role, names: &str) -> Line {
    let room = usize::from(width).saturating_sub(what.len() + 2);
    let names = view.theme.marks().cut(names, room).into_owned();
    Line::of(format!("  {what}"), role).and(names, Role::Strong)
}
