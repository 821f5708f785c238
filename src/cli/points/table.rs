//! Recovery points for people: a line each, the newest first.

use std::collections::BTreeSet;

use super::Shown;
use crate::cli::Failure;
use crate::cli::output::{Output, Style};
use crate::plan::zone_of;
use crate::text::instant::{both, stamp};
use crate::text::wrap::{columns, wrap};
use crate::text::{Clock, Shape, Size, Span, SystemClock, untrusted};
use crate::vault::{Copied, Point, Precision};

const HEAD: [&str; 7] = ["taken", "age", "recovery point", "holds", "state", "size", "copies"];

/// So wide that all of it fits on a line.
const WIDE: usize = 120;

/// Without what its name tells too, and what it holds.
fn narrow(row: Vec<String>) -> Vec<String> {
    row.into_iter().enumerate().filter(|(column, _)| ![0, 3].contains(column)).map(|(_, text)| text).collect()
}

/// Prints them, and what could not be looked at.
pub(super) fn print(shown: &Shown<'_>) -> Result<(), Failure> {
    let out = shown.context.out();
    if !shown.points.is_empty() {
        let rows =
            std::iter::once(HEAD.map(str::to_owned).to_vec()).chain(shown.points.iter().map(|it| row(shown, it)));
        let is_wide = out.width() >= WIDE;
        let rows = rows.map(|row| if is_wide { row } else { narrow(row) });
        let lines = columns(&rows.collect::<Vec<_>>());
        let mut lines = lines.iter();
        if let Some(head) = lines.next() {
            out.line(out.styled(Style::Faint, head))?;
        }
        for (line, point) in lines.zip(&shown.points) {
            let is_odd = !wrong(point).is_empty();
            out.line(if is_odd { out.styled(Style::Warning, line) } else { line.clone() })?;
            for told in wrong(point) {
                out.line(wrap(&told, out.width(), "    ", "    "))?;
            }
        }
        out.line("")?;
    }
    out.line(wrap(&summary(shown), out.width(), "", ""))?;
    for told in clean(shown) {
        out.line(out.styled(Style::Warning, &wrap(&told, out.width(), "", "  ")))?;
    }
    for told in unseen(shown).chain(early(shown)) {
        out.line(out.styled(Style::Warning, &wrap(&told, out.width(), "", "")))?;
    }
    Ok(())
}

/// What buckets remove or archive by themselves before its time, a sentence each.
fn early(shown: &Shown<'_>) -> impl Iterator<Item = String> {
    shown.early.iter().map(|early| format!("{}: {}.", Output::safe(&early.store), early.told))
}

fn row(shown: &Shown<'_>, point: &Point) -> Vec<String> {
    let sorts: Vec<&str> = point.sorts.iter().map(|sort| sort.word()).collect();
    let stores: Vec<String> = point.copies.iter().map(|copied| Output::safe(&copied.store)).collect();
    vec![
        taken(shown, point),
        Span::between(point.taken, SystemClock.now()).rough(),
        untrusted(&point.id, Shape::line(60)),
        sorts.join(", "),
        point.state().word().to_owned(),
        Size(point.size()).approx(),
        stores.join(", "),
    ]
}

/// When it was taken, no more exactly than is known.
pub(super) fn taken(shown: &Shown<'_>, point: &Point) -> String {
    let local = point.taken.with_timezone(&zone_of(&shown.plan.platform));
    match point.precision {
        Precision::Second => local.format("%Y-%m-%d %H:%M:%S %Z").to_string(),
        Precision::Hour => local.format("%Y-%m-%d %H:xx %Z").to_string(),
        Precision::Day => local.format("%Y-%m-%d").to_string(),
        Precision::Month => local.format("%Y-%m").to_string(),
    }
}

/// What is wrong with it, a sentence each.
pub(super) fn wrong(point: &Point) -> Vec<String> {
    let mut told: Vec<String> = point.copies.iter().filter_map(wrong_copy).collect();
    // What a manifest tells was compared with it; what scripts left can only be compared with its copies.
    if told.is_empty() && point.manifest().is_none() && point.differs() {
        told.push("its copies differ in size: one of them is not whole".to_owned());
    }
    told
}

fn wrong_copy(copied: &Copied) -> Option<String> {
    let store = Output::safe(&copied.store);
    if let Some(taint) = copied.taint() {
        let why = untrusted(&taint.why, Shape::line(200));
        return Some(format!("{store}: not to be trusted since {}: {why}", stamp(taint.since)));
    }
    let state = copied.state();
    let why = untrusted(state.why()?, Shape::line(300));
    Some(format!("{store}: {}: {why}", state.word()))
}

fn summary(shown: &Shown<'_>) -> String {
    let count = |count: usize, what: &str| if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") };
    let points = match (shown.points.len(), shown.catalogue.points.len()) {
        (0, 0) => "No recovery point lies in the stores that were looked at".to_owned(),
        (0, all) => format!("None of {} was chosen", count(all, "recovery point")),
        (chosen, all) if chosen < all => format!("{chosen} of {}", count(all, "recovery point")),
        (_, all) => count(all, "recovery point"),
    };
    let newest = shown.points.first().map_or_else(String::new, |point| {
        format!(", the newest of {}", both(point.taken, zone_of(&shown.plan.platform)))
    });
    let strays = shown.strays.iter().map(|(store, strays)| {
        let are = if *strays == 1 { "is" } else { "are" };
        format!(" {} in {} {are} part of none.", count(*strays, "file"), Output::safe(store))
    });
    let remembered = shown.remembered.iter().map(|(store, at)| {
        let age = Span::between(*at, SystemClock.now()).rough();
        format!(" {} was listed {age} ago; `--fresh` lists it anew.", Output::safe(store))
    });
    let more: String = strays.chain(remembered).collect();
    format!("{points}{newest}.{more}")
}

/// Of each component that is shown and has something tainted, the last one that is known to be clean.
fn clean(shown: &Shown<'_>) -> Vec<String> {
    let components: BTreeSet<Option<&str>> = shown.points.iter().map(|point| point.component.as_deref()).collect();
    let told = |component: Option<&str>| {
        let since = stamp(shown.catalogue.tainted_since(component)?);
        let name = component.map_or_else(|| "what is of no component".to_owned(), Output::safe);
        let clean = shown.catalogue.last_known_clean(component).map_or_else(
            || "nothing older can be restored from".to_owned(),
            |point| format!("{}, {}", untrusted(&point.id, Shape::line(120)), taken(shown, point)),
        );
        Some(format!("{name} is tainted since {since}. Last known clean: {clean}."))
    };
    components.into_iter().filter_map(told).collect()
}

/// The stores of which nothing is known, a sentence each.
pub(super) fn unseen(shown: &Shown<'_>) -> impl Iterator<Item = String> {
    let unseen = shown.unseen.iter();
    unseen.map(|unseen| untrusted(format!("Not looked into {}: {}.", unseen.store, unseen.why), Shape::line(400)))
}
