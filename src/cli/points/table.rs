//! Recovery points for people: a line each, the newest first.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;

use super::{Doubted, Shown, next_steps};
use crate::cli::Failure;
use crate::cli::output::{Output, Style};
use crate::plan::zone_of;
use crate::text::instant::{both, stamp};
use crate::text::wrap::{columns, wrap};
use crate::text::{Clock, Shape, Size, Span, SystemClock, counted, untrusted};
use crate::vault::{Copied, Point, Precision, State};

/// So wide that all of it fits on a line.
const WIDE: usize = 120;

/// A recovery point, and how its copies stand.
struct Row<'p> {
    point: &'p Point,
    states: Vec<State>,
}

impl<'p> Row<'p> {
    fn of(point: &'p Point) -> Row<'p> {
        Row { point, states: point.copies.iter().map(Copied::state).collect() }
    }
}

impl Row<'_> {
    /// The word for how it stands.
    fn state(&self) -> &'static str {
        let state = self.point.state_of(&self.states);
        let copies = self.point.copies.iter().zip(&self.states);
        let is_full = || copies.into_iter().any(|(copied, state)| copied.is_full() && state.is_restorable());
        if state.is_restorable() && !is_full() { "incomplete" } else { state.word() }
    }
}

/// So far ahead of ours another clock may be.
const AHEAD: TimeDelta = TimeDelta::minutes(5);

/// What stands in a column.
struct Column {
    title: &'static str,
    /// Whether it is left where there is less room: not what the name tells too, nor what it holds.
    is_narrow: bool,
    cell: fn(&Shown<'_>, &Row<'_>) -> String,
}

const COLUMNS: [Column; 7] = [
    Column { title: "taken", is_narrow: false, cell: |shown, row| taken(shown, row.point) },
    Column { title: "age", is_narrow: true, cell: |_, row| age(row.point) },
    Column { title: "recovery point", is_narrow: true, cell: |_, row| untrusted(&row.point.id, Shape::line(60)) },
    Column { title: "holds", is_narrow: false, cell: |_, row| listed(row.point.sorts.iter().map(|sort| sort.word())) },
    Column { title: "state", is_narrow: true, cell: |_, row| row.state().to_owned() },
    Column { title: "size", is_narrow: true, cell: |_, row| Size(row.point.size()).approx() },
    Column {
        title: "copies",
        is_narrow: true,
        cell: |_, row| listed(row.point.copies.iter().map(|copied| Output::safe(&copied.store))),
    },
];

/// How old it is; a clock that went wrong makes it none.
fn age(point: &Point) -> String {
    let now = SystemClock.now();
    if point.taken > now { "future".to_owned() } else { Span::between(point.taken, now).rough() }
}

fn listed(words: impl Iterator<Item = impl AsRef<str>>) -> String {
    let mut all = String::new();
    for word in words {
        all.push_str(if all.is_empty() { "" } else { ", " });
        all.push_str(word.as_ref());
    }
    all
}

/// Prints them, and what could not be looked at.
pub(super) fn print(shown: &Shown<'_>) -> Result<(), Failure> {
    let out = shown.context.out();
    let rows: Vec<Row<'_>> = shown.points.iter().map(|point| Row::of(point)).collect();
    if !rows.is_empty() {
        let is_wide = out.width() >= WIDE;
        let chosen: Vec<&Column> = COLUMNS.iter().filter(|column| is_wide || column.is_narrow).collect();
        let cells = rows.iter().map(|row| chosen.iter().map(|column| (column.cell)(shown, row)).collect());
        let cells = std::iter::once(chosen.iter().map(|column| column.title.to_owned()).collect()).chain(cells);
        let lines = columns(&cells.collect::<Vec<_>>());
        let mut lines = lines.iter();
        if let Some(head) = lines.next() {
            out.line(out.styled(Style::Faint, head))?;
        }
        out.bulk(|to| {
            for (line, row) in lines.zip(&rows) {
                let wrong = wrong_with(row.point, &row.states);
                if wrong.is_empty() {
                    writeln!(to, "{line}")?;
                } else {
                    writeln!(to, "{}", out.styled(Style::Warning, line))?;
                }
                for told in wrong {
                    writeln!(to, "{}", wrap(&told, out.width(), "    ", "    "))?;
                }
            }
            writeln!(to)
        })?;
    }
    out.line(wrap(&summary(shown), out.width(), "", ""))?;
    let doubted = Doubted { damaged: rows.iter().filter_map(damaged).collect(), ..Doubted::default() };
    for told in next_steps(shown.context, shown.plan, shown.catalogue, &doubted) {
        out.line(wrap(&told, out.width(), "next: ", "  "))?;
    }
    for told in clean(shown).into_iter().chain(unclean(shown)).chain(lacking(shown)) {
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
    wrong_with(point, &Row::of(point).states)
}

fn wrong_with(point: &Point, states: &[State]) -> Vec<String> {
    let copies = point.copies.iter().zip(states);
    let mut told: Vec<String> = copies.filter_map(|(copied, state)| wrong_copy(copied, state)).collect();
    // What a manifest tells was compared with it; what scripts left can only be compared with its copies.
    if told.is_empty() && point.manifest().is_none() && point.differs() {
        told.push("its copies differ in size: one of them is not whole".to_owned());
    }
    if point.taken > SystemClock.now() + AHEAD {
        let why = "it was taken in the future: the clock of whoever took it was wrong, or that of this host is";
        told.push(why.to_owned());
    }
    told
}

fn wrong_copy(copied: &Copied, state: &State) -> Option<String> {
    if let Some(taint) = copied.taint().filter(|_| copied.is_tainted()) {
        let why = untrusted(&taint.why, Shape::line(200));
        return Some(format!("{}: not to be trusted since {}: {why}", Output::safe(&copied.store), stamp(taint.since)));
    }
    let why = untrusted(state.why()?, Shape::line(300));
    Some(format!("{}: {}: {why}", Output::safe(&copied.store), state.word()))
}

/// The stores in which it is not whole.
fn damaged(row: &Row<'_>) -> Option<(String, BTreeSet<String>)> {
    let is_damaged = |state: &State| matches!(state, State::Partial(_) | State::Flawed(_));
    let copies = row.point.copies.iter().zip(&row.states).filter(|(_, state)| is_damaged(state));
    let stores: BTreeSet<String> = copies.map(|(copied, _)| copied.store.clone()).collect();
    (!stores.is_empty()).then(|| (row.point.id.clone(), stores))
}

fn summary(shown: &Shown<'_>) -> String {
    let points = match (shown.points.len(), shown.catalogue.points.len()) {
        (0, 0) => "No recovery point lies in the stores that were looked at".to_owned(),
        (0, all) => format!("None of {} was chosen", counted(all, "recovery point")),
        (chosen, all) if chosen < all => format!("{chosen} of {}", counted(all, "recovery point")),
        (_, all) => counted(all, "recovery point"),
    };
    let newest = shown.points.first().map_or_else(String::new, |point| {
        format!(", the newest of {}", both(point.taken, zone_of(&shown.plan.platform)))
    });
    let strays = shown.strays.iter().map(|(store, strays)| {
        let are = if *strays == 1 { "is" } else { "are" };
        format!(" {} in {} {are} part of none.", counted(*strays, "file"), Output::safe(store))
    });
    let remembered = shown.remembered.iter().map(|(store, at)| {
        let age = Span::between(*at, SystemClock.now()).rough();
        format!(" {} was listed {age} ago; `--fresh` lists it anew.", Output::safe(store))
    });
    let more: String = strays.chain(remembered).collect();
    format!("{points}{newest}.{more}")
}

/// Of each component that has nothing clean, why.
fn unclean(shown: &Shown<'_>) -> impl Iterator<Item = String> {
    let mut of: BTreeMap<Option<&str>, Vec<&Point>> = BTreeMap::new();
    for point in &shown.unclean {
        of.entry(point.component.as_deref()).or_default().push(point);
    }
    of.into_iter().map(|(component, points)| {
        let name = component.map_or_else(|| "what is of no component".to_owned(), Output::safe);
        format!("{name}: {}.", why_unclean(shown, &points))
    })
}

fn why_unclean(shown: &Shown<'_>, points: &[&Point]) -> String {
    let of = |what: &str, is_so: &dyn Fn(&Point) -> bool| {
        let count = points.iter().filter(|point| is_so(point)).count();
        (count > 0).then(|| format!("{count} {what}"))
    };
    let is_tainted = |point: &Point| {
        let since = shown.catalogue.tainted_since(point.component.as_deref());
        since.is_some_and(|since| point.taken >= since)
    };
    let reasons = [
        of("tainted", &is_tainted),
        of("that cannot be restored from", &|point| !is_tainted(point) && !point.state().is_restorable()),
        of("incomplete", &|point| !is_tainted(point) && point.is_incomplete()),
    ];
    let reasons: Vec<String> = reasons.into_iter().flatten().collect();
    format!("none of {} is clean: {}", counted(points.len(), "recovery point"), reasons.join(", "))
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

/// Of each component that is shown, what its newest recovery point lacks in every store that has it.
fn lacking(shown: &Shown<'_>) -> Vec<String> {
    let mut newest: BTreeMap<&str, &Point> = BTreeMap::new();
    for point in shown.points.iter().filter(|point| point.state().is_restorable()) {
        newest.entry(point.component.as_deref().unwrap_or_default()).or_insert(point);
    }
    let told = |(component, point): (&str, &Point)| {
        let good = point.copies.iter().filter(|copied| copied.state().is_restorable());
        let fullest = good.min_by_key(|copied| copied.lacks().count())?;
        let lacks: Vec<String> = fullest.lacks().map(|lack| untrusted(lack, Shape::line(300))).collect();
        let name = Output::safe(component);
        (!lacks.is_empty()).then(|| format!("{name}: its newest recovery point lacks {}.", lacks.join(", and ")))
    };
    newest.into_iter().filter_map(told).collect()
}

/// The stores of which nothing is known, a sentence each.
pub(super) fn unseen(shown: &Shown<'_>) -> impl Iterator<Item = String> {
    let unseen = shown.unseen.iter();
    unseen.map(|unseen| untrusted(format!("Not looked into {}: {}.", unseen.store, unseen.why), Shape::line(400)))
}
