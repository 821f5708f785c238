//! Windows for people.

use chrono::{DateTime, Utc};

use super::Shown;
use crate::cli::output::Style;
use crate::cli::{Failure, Output};
use crate::plan::facts::Verdict;
use crate::protect::standing::Protection;
use crate::protect::window::{Hole, Stretch, Window, burned};
use crate::text::instant::stamp;
use crate::text::wrap::wrap;
use crate::text::{Shape, Size, Span, counted, untrusted};

/// More holes than these are only counted.
const MOST: usize = 5;
/// What a line is about, in a column of its own.
const LABEL: usize = 11;

/// Prints them one below the other, and what would be left if all burned down.
pub(super) fn print(shown: &Shown<'_>) -> Result<(), Failure> {
    let out = shown.context.out();
    if shown.plan.data.is_empty() {
        return out.line("The plan names no data: add a [[data]] for each category that must not be lost.");
    }
    for (number, (window, protection)) in shown.windows.iter().zip(&shown.protection).enumerate() {
        if number > 0 {
            out.line("")?;
        }
        head(shown, window, protection)?;
        match shown.at {
            Some(at) => at_moment(shown, window, at)?,
            None => whole(shown, window)?,
        }
    }
    for unseen in shown.unseen {
        let told = untrusted(format!("Store {}: {}", unseen.store, unseen.why), Shape::line(400));
        out.line("")?;
        out.line(out.styled(Style::Warning, &wrap(&told, out.width(), "", "  ")))?;
    }
    let told = burned(shown.plan, &shown.windows, shown.now).filter(|_| shown.at.is_none());
    if let Some((verdict, told)) = told {
        out.line("")?;
        let mut letters = told.chars();
        let first: String = letters.next().map(|first| first.to_uppercase().collect()).unwrap_or_default();
        let told = untrusted(format!("{first}{}.", letters.as_str()), Shape::line(600));
        out.line(out.styled(style(verdict), &wrap(&told, out.width(), "", "  ")))?;
    }
    Ok(())
}

fn style(verdict: Verdict) -> Style {
    match verdict {
        Verdict::Healthy => Style::Good,
        Verdict::Degraded | Verdict::Unknown => Style::Warning,
        Verdict::Down => Style::Bad,
    }
}

fn head(shown: &Shown<'_>, window: &Window, protection: &Protection) -> Result<(), Failure> {
    let out = shown.context.out();
    let title = shown.data(&window.data).and_then(|data| data.title.as_deref());
    let title = title.map(|title| format!(" ({title})")).unwrap_or_default();
    let name = untrusted(format!("{}{title}", window.data), Shape::line(100));
    let look = protection.look(shown.now);
    let told = format!("{} {}", look.mark(out.is_unicode()), protection.age_told(shown.now));
    out.line(format!("{}  {}", out.styled(Style::Strong, &name), out.styled(style(look), &told)))?;
    match protection.why(shown.now) {
        Some(why) => line(out, "", &why, Some(style(look))),
        None => Ok(()),
    }
}

fn line(out: &Output, label: &str, told: &str, style: Option<Style>) -> Result<(), Failure> {
    let text = untrusted(format!("{label:LABEL$} {told}"), Shape::line(600));
    let text = wrap(&text, out.width(), "  ", &" ".repeat(LABEL + 3));
    out.line(style.map_or_else(|| text.clone(), |style| out.styled(style, &text)))
}

fn ago(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    if at > now { "in the future".to_owned() } else { format!("{} ago", Span::between(at, now).brief()) }
}

/// From the newest to the oldest, the holes between, and what would be left after each loss.
fn whole(shown: &Shown<'_>, window: &Window) -> Result<(), Failure> {
    let (out, now) = (shown.context.out(), shown.now);
    let Some(newest) = window.newest() else {
        return line(out, "return to", "nothing", None);
    };
    line(out, "return to", &format!("{}, {}; {}", stamp(newest.to), ago(newest.to, now), of(newest, newest.to)), None)?;
    if let Some(oldest) = window.oldest().filter(|oldest| *oldest < newest.to) {
        let count = counted(window.stretches.len(), "way");
        line(out, "oldest", &format!("{}, {}; {count} back in all", stamp(oldest), ago(oldest, now)), None)?;
    }
    for hole in window.holes.iter().rev().take(MOST) {
        line(out, "hole", &hole_told(hole), Some(Style::Warning))?;
    }
    if window.holes.len() > MOST {
        line(out, "hole", &format!("and {} more", window.holes.len() - MOST), Some(Style::Warning))?;
    }
    let mut as_it_is = Vec::new();
    for after in &window.losses {
        let what = format!("{} {}", after.loss.sort.word(), after.loss.what);
        if after.newest == Some(newest.to) && !after.may_be_more {
            as_it_is.push(what);
            continue;
        }
        let look = after.look(window.rpo, now);
        line(out, "without", &format!("{what}: {}", after.told(now)), Some(style(look)))?;
    }
    if !as_it_is.is_empty() {
        line(out, "without", &format!("{}: the same", as_it_is.join(", ")), None)?;
    }
    let (holds, look) = if window.rule.holds() {
        ("", None)
    } else {
        (": three, on two, and one elsewhere would be safer", Some(Style::Warning))
    };
    line(out, "copies", &format!("{}{holds}", window.rule.told()), look)
}

/// `from postgres/base_… and 41 segments of its log, 120 MB, in local`
fn of(stretch: &Stretch, moment: DateTime<Utc>) -> String {
    let stores = stretch.stores.join(" and ");
    let base = format!("from {} ({})", stretch.point, stretch.state);
    if stretch.log.is_none() {
        return format!("{base}, in {stores}");
    }
    let (segments, bytes) = stretch.replayed(moment);
    format!("{base} and {} of its log, {}, in {stores}", counted(segments, "segment"), Size(bytes).approx())
}

fn hole_told(hole: &Hole) -> String {
    let Hole { from, to, why } = hole;
    match to {
        Some(to) => format!("{} to {} ({}): {why}", stamp(*from), stamp(*to), Span::between(*from, *to).brief()),
        None => format!("from {} on: {why}", stamp(*from)),
    }
}

/// What one would restore from for a moment.
fn at_moment(shown: &Shown<'_>, window: &Window, at: DateTime<Utc>) -> Result<(), Failure> {
    let out = shown.context.out();
    match window.at(at) {
        None => line(out, "return to", "nothing: all there is, is newer", Some(Style::Bad)),
        Some(stretch) if stretch.holds(at) => {
            line(out, "return to", &format!("{}; {}", stamp(at), of(stretch, at)), Some(Style::Good))
        }
        Some(stretch) => {
            let lost = Span::between(stretch.to, at).brief();
            let told = format!("{}, {lost} before; {}", stamp(stretch.to), of(stretch, stretch.to));
            line(out, "return to", &told, Some(Style::Warning))?;
            let hole = window.holes.iter().find(|hole| hole.from < at && hole.to.is_none_or(|to| at < to));
            hole.map_or(Ok(()), |hole| line(out, "hole", &hole_told(hole), Some(Style::Warning)))
        }
    }
}
