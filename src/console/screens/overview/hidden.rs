//! A problem that is not in view is told of all the same.

use unicode_width::UnicodeWidthStr;

use super::groups::{Group, Key};
use crate::console::canvas::harmless;
use crate::console::widgets::Line;
use crate::console::widgets::list::Shown;
use crate::console::{Role, View};
use crate::plan::facts::Verdict;

/// How many are named where there is room.
const NAMED: usize = 2;

/// `2 more problems above: prometheus, backups`; nothing where everything that is not well is in view. Where it is too
/// narrow for names, it says how many there are.
pub(super) fn told(view: &View<'_>, groups: &[Group], rows: &[Key], window: &[Shown], width: usize) -> Option<Line> {
    let in_view: Vec<usize> = window.iter().filter(|shown| shown.line == 0).map(|shown| shown.row).collect();
    let (first, last) = (*in_view.first()?, *in_view.last()?);
    let (mut above, mut below) = (Vec::new(), Vec::new());
    for (row, key) in rows.iter().enumerate() {
        if row < first {
            above.extend(problems(view, groups, *key));
        } else if row > last {
            below.extend(problems(view, groups, *key));
        }
    }
    let worst = above.iter().chain(&below).map(|(verdict, _)| *verdict).max()?;
    for hidden in [&mut above, &mut below] {
        hidden.sort_by_key(|(verdict, _)| std::cmp::Reverse(*verdict));
    }
    let parts = [(above, "above"), (below, "below")];
    let parts = || parts.iter().filter(|(hidden, _)| !hidden.is_empty());
    let said = |most| parts().map(|(hidden, place)| counted(hidden, place, most)).collect::<Vec<_>>().join("; ");
    let said = (1..=NAMED).rev().map(said).find(|said| said.width() <= width).unwrap_or_else(|| said(0));
    Some(Line::of(said, Role::of(worst)))
}

/// What is not well of that which a row stands for: of a group only while it is folded.
fn problems<'a>(view: &View<'a>, groups: &[Group], row: Key) -> Vec<(Verdict, &'a str)> {
    let members = match row {
        Key::Component(index) => vec![index],
        Key::Group(id) => {
            let folded = groups.iter().find(|group| group.id == id && group.is_folded);
            folded.map(|group| group.members.clone()).unwrap_or_default()
        }
    };
    let all = members.into_iter().map(|index| (view.desk.picture.seen(index), &view.desk.plan.component[index]));
    let heard = all.filter(|(seen, _)| seen.latest.is_some() && seen.verdict() != Verdict::Healthy);
    heard.map(|(seen, component)| (seen.verdict(), component.name.as_str())).collect()
}

/// `3 more problems below: prometheus, backups and 1 more`, the worst first, or the count alone.
fn counted(hidden: &[(Verdict, &str)], place: &str, most: usize) -> String {
    let problems = if hidden.len() == 1 { "problem" } else { "problems" };
    let count = format!("{} more {problems} {place}", hidden.len());
    if most == 0 {
        return count;
    }
    let named: Vec<_> = hidden.iter().take(most).map(|(_, name)| harmless(name)).collect();
    let more = hidden.len() - named.len();
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    format!("{count}: {}{more}", named.join(", "))
}
