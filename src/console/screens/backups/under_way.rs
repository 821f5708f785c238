//! What is under way, and what ended lately: who does what, how far it is, how it ended.

use chrono::TimeDelta;

use super::data::{gauge_of, laid_out};
use crate::console::canvas::harmless;
use crate::console::widgets::{Column, Line, ago, fold, lasting};
use crate::console::{Role, View};
use crate::plan::facts::Verdict;
use crate::protect::due::Ending;
use crate::protect::operation::{Seen, Standing};

/// What is done well is shown for so long, and what is not for so long.
const DONE: TimeDelta = TimeDelta::minutes(2);
const NOT_DONE: TimeDelta = TimeDelta::minutes(15);
/// A reason takes so many lines at most.
const REASON: usize = 3;
/// Below this width what it is and how far stand below each other.
const NARROW: u16 = 60;
/// Below this height only what runs and what failed is worth a line.
const LOW: u16 = 12;

/// The lines for it, so many at most; none where nothing is under way.
pub(super) fn lines(view: &View<'_>, width: u16, height: u16, places: usize) -> Vec<Line> {
    let most = usize::from(height / 4).max(1);
    let running: Vec<&Seen> = view.desk.operations.iter().filter(|seen| seen.is_running()).rev().collect();
    let mut lines = if width < NARROW { stacked(view, &running, width) } else { rows(view, &running, width, places) };
    for seen in ended(view).into_iter().filter(|seen| height > LOW || !is_done(seen)) {
        lines.extend(of_ended(view, seen, width));
    }
    if lines.len() > most {
        let hidden = running.len().saturating_sub(most.saturating_sub(1));
        lines.truncate(most);
        if hidden > 1 {
            let told = format!("  {} {hidden} more under way", view.theme.marks().ellipsis);
            lines.truncate(most - 1);
            lines.push(Line::of(told, Role::Dim));
        }
    }
    lines
}

/// What ended lately and was not begun anew since: what went wrong, and the newest of what was done.
fn ended<'v>(view: &View<'v>) -> Vec<&'v Seen> {
    let all = &view.desk.operations;
    let is_news = |(place, seen): &(usize, &Seen)| {
        let Some(at) = seen.ended_at() else { return false };
        let kept = if is_done(seen) { DONE } else { NOT_DONE };
        let (one, newer) = (&seen.operation.about, all.iter().take(*place));
        let mut newer = newer.map(|newer| &newer.operation.about);
        let is_anew = newer.any(|other| (other.doing, &other.of, other.method) == (one.doing, &one.of, one.method));
        view.now - at < kept && !is_anew
    };
    let mut news: Vec<&Seen> = all.iter().enumerate().filter(is_news).map(|(_, seen)| seen).collect();
    let last_done = news.iter().position(|seen| is_done(seen));
    let mut place = 0..;
    news.retain(|seen| place.next() == last_done || !is_done(seen));
    news.sort_by_key(|seen| is_done(seen));
    news
}

fn is_done(seen: &Seen) -> bool {
    matches!(&seen.standing, Standing::Ended(ended) if ended.ending.is_well())
}

/// One line for each that runs, lined up.
fn rows(view: &View<'_>, running: &[&Seen], width: u16, places: usize) -> Vec<Line> {
    let cells = running.iter().map(|seen| {
        let operation = &seen.operation;
        let bytes = match operation.bytes_told() {
            told if told.is_empty() && operation.at.is_empty() => "beginning".to_owned(),
            told if told.is_empty() => operation.at.clone(),
            told => told,
        };
        let left = operation.left().map_or_else(String::new, |left| format!("{} left", left.rough()));
        [
            (format!("{} {}", view.theme.marks().folded, seen.word()), Role::Strong),
            (operation.about.title(), Role::Text),
            (gauge_of(view, operation.share(), places), Role::Text),
            (bytes, Role::Text),
            (left, Role::Strong),
            (operation.rate_told(), Role::Dim),
            (lasting(format!("by {}", operation.actor()), view.since(operation.began)), Role::Dim),
        ]
    });
    let column = |least, rank| Column { title: "", least, ideal: 0, rank, right: false };
    // What it is and how far go before how fast and by whom.
    let columns =
        [column(9, 2), column(30, 0), column(10, 3), column(24, 0), column(12, 1), column(10, 4), column(30, 5)];
    laid_out(view, cells.collect(), columns, width)
}

/// Two lines for each, where there is no room for columns.
fn stacked(view: &View<'_>, running: &[&Seen], width: u16) -> Vec<Line> {
    let marks = view.theme.marks();
    let both = |seen: &&Seen| {
        let room = |indent: u16| usize::from(width.saturating_sub(indent));
        let title = marks.cut(&harmless(&seen.operation.about.title()), room(4)).into_owned();
        let told = marks.cut(&harmless(&seen.operation.progress_told()), room(6)).into_owned();
        [
            Line::of(format!("  {} ", marks.folded), Role::Strong).and(title, Role::Strong),
            Line::of(told, Role::Text).indented(6),
        ]
    };
    running.iter().flat_map(both).collect()
}

/// How it ended: well in one line, else with why and what to do.
fn of_ended(view: &View<'_>, seen: &Seen, width: u16) -> Vec<Line> {
    let verdict = match &seen.standing {
        _ if is_done(seen) => Verdict::Healthy,
        Standing::Silent => Verdict::Unknown,
        Standing::Ended(ended) if ended.ending == Ending::Interrupted => Verdict::Degraded,
        _ => Verdict::Down,
    };
    let (marks, role) = (view.theme.marks(), Role::of(verdict));
    let word = format!("{} {}", marks.verdict(verdict), seen.word());
    let at = seen.ended_at().map(|at| ago(view.since(at))).unwrap_or_default();
    let told = seen.end_told().unwrap_or_default();
    let head = Line::of(format!("  {word}  "), role).and(seen.operation.about.title(), Role::Strong);
    let room = usize::from(width);
    let one = format!(": {told}, {at}");
    if is_done(seen) {
        let one = marks.cut(&harmless(&one), room.saturating_sub(head.columns())).into_owned();
        return vec![head.and(one, Role::Text)];
    }
    let mut lines = vec![head.and(format!(", {at}"), Role::Dim)];
    let folded = fold(&told, room.saturating_sub(6)).into_iter().take(REASON);
    lines.extend(folded.map(|line| Line::of(line, Role::Text).indented(6)));
    lines
}
