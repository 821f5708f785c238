//! What is to be said of a component, in the same sentences on every screen.

use crate::console::View;
use crate::console::canvas::harmless;
use crate::plan::facts::Verdict;
use crate::text::instant::stamp;

/// What is to be said of a component that is not well, or that vantage points disagree about, or that has begun to
/// answer otherwise.
pub(super) fn sentences(view: &View<'_>, index: usize) -> Vec<String> {
    let (component, seen) = (&view.desk.plan.component[index], view.desk.picture.seen(index));
    let Some(latest) = &seen.latest else { return Vec::new() };
    let mut told = Vec::new();
    let is_stale = seen.is_stale(component, view.now);
    if is_stale {
        told.push(format!("no answer since {}", view.moment(latest.answered)));
    }
    told.extend(seen.doubt());
    told.extend(view.desk.picture.why(index, view.now));
    if seen.verdict() != Verdict::Healthy
        && let Some(manager) = seen.fact("managed_by")
    {
        told.push(format!("{manager} manages it"));
    }
    told
}

/// The component at this place in one line, to be copied.
pub(super) fn copied(view: &View<'_>, index: usize) -> Option<String> {
    let component = view.desk.plan.component.get(index)?;
    let seen = view.desk.picture.seen(index);
    let why = sentences(view, index);
    let why = if why.is_empty() { seen.matters(component) } else { why.join("; ") };
    let why = if why.is_empty() { why } else { format!(": {why}") };
    let told = format!("{} {} {}{why}", stamp(view.now), component.name, seen.verdict());
    Some(harmless(&told).into_owned())
}
