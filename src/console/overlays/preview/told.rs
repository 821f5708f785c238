//! What an order comes to, from what the desk knows: pure, so that what is shown is what is checked.

use crate::console::order::Order;
use crate::console::widgets::{ago, lasting};
use crate::console::{Role, View};
use crate::desk::shelf::Brief;
use crate::plan::types::{Component, Method};
use crate::protect::backup::Asked;
use crate::protect::operation::{Doing, Seen};
use crate::text::Size;
use crate::vault::State;

/// What is told of an order.
pub(super) struct Told {
    pub(super) title: &'static str,
    pub(super) facts: Vec<Fact>,
    /// Why it cannot be done now.
    pub(super) refusal: Option<String>,
}

/// One line of it.
pub(super) struct Fact {
    pub(super) label: &'static str,
    pub(super) text: String,
    pub(super) role: Role,
}

fn fact(label: &'static str, text: impl Into<String>) -> Fact {
    Fact { label, text: text.into(), role: Role::Text }
}

/// What does not end the work, and what does.
fn goes_on(ends_at_logout: bool) -> Fact {
    if !ends_at_logout {
        return fact("goes on", "also when this console is left or the connection is lost");
    }
    let text = "when this console is left, and ends with your last login here (`loginctl enable-linger` changes that)";
    Fact { label: "goes on", text: text.to_owned(), role: Role::Degraded }
}

/// All that is known.
pub(super) fn told(order: &Order, view: &View<'_>, ends_at_logout: bool) -> Told {
    match order {
        Order::BackUp { component, method } => back_up(component, *method, view, ends_at_logout),
        Order::Verify { point, is_deep } => verify(point.as_deref(), *is_deep, view, ends_at_logout),
        Order::Hold { .. } => hold(view),
        Order::Release { .. } => release(view),
        Order::CallOff { id } => call_off(id, view),
    }
}

/// What it is called in a list of several.
pub(super) fn named(order: &Order, view: &View<'_>) -> String {
    match order {
        Order::BackUp { component, method } => {
            let last = last(view, component, *method);
            let last = last
                .map_or_else(|| "none yet".to_owned(), |last| format!("the last one {}", ago(view.since(last.taken))));
            format!("{}, {last}", order.title())
        }
        Order::CallOff { id } => operation(view, id).map_or_else(|| id.clone(), |seen| seen.operation.by_whom()),
        _ => order.title(),
    }
}

/// The newest recovery point of a component that is like this one.
fn last<'v>(view: &View<'v>, component: &str, method: Option<Method>) -> Option<&'v Brief> {
    let is_like = |brief: &&Brief| {
        let is_same = match (brief.method, method) {
            (Some(one), Some(other)) => one.is_like(other),
            _ => true,
        };
        is_same && brief.component.as_deref() == Some(component) && brief.state.is_restorable()
    };
    view.desk.shelf.points.iter().find(is_like)
}

fn back_up(component: &str, method: Option<Method>, view: &View<'_>, ends_at_logout: bool) -> Told {
    let plan = &view.desk.plan;
    let asked = Asked { components: vec![component.to_owned()], method, ..Asked::default() };
    let wanted = asked.of(plan).map(|wanted| wanted.into_iter().next());
    let title = "Back up now";
    let Ok(Some(wanted)) = wanted else {
        let why = wanted.err().map_or_else(|| "the plan has no such component".to_owned(), |error| error.to_string());
        return Told { title, facts: Vec::new(), refusal: Some(why) };
    };
    let by = wanted.job.method.map_or_else(String::new, |method| format!(" by {}", method.word()));
    let called = wanted.component.title.as_ref().map_or_else(String::new, |title| format!(" ({title})"));
    let stores: Vec<&str> = wanted.stores.iter().map(|store| store.name.as_str()).collect();
    let mut facts = vec![fact("takes", format!("{component}{called}{by}")), fact("to", stores.join(", "))];
    let last = last(view, component, wanted.job.method);
    facts.push(fact(
        "last",
        last.map_or_else(
            || "there is none of its like yet, so its size and time are not known".to_owned(),
            |last| {
                let took = last.took.map_or_else(String::new, |took| format!(" in {}", took.brief()));
                format!("{}, {}{took}", ago(view.since(last.taken)), Size(last.size).approx())
            },
        ),
    ));
    facts.push(fact("like", format!("the job {} does", wanted.job.name)));
    facts.push(fact("changes", changed_by(wanted.job.method, wanted.component)));
    facts.push(goes_on(ends_at_logout));
    let busy = view.desk.operations.iter().filter(|seen| seen.is_running());
    let mut busy =
        busy.filter(|seen| seen.operation.about.doing == Doing::Backup && seen.operation.about.of == component);
    let refusal = busy.next().map(|seen| {
        format!(
            "{} is at it already ({}); one at a time. Wait for it, or call it off.",
            seen.operation.actor(),
            seen.operation.by_whom()
        )
    });
    Told { title, facts, refusal }
}

/// What taking a recovery point changes in the component.
fn changed_by(method: Option<Method>, component: &Component) -> String {
    let name = &component.name;
    let done = match method {
        Some(Method::Base) => format!("a checkpoint now and a switch of the WAL in {name}"),
        Some(Method::Aof) => format!("{name} does not rewrite its append-only file meanwhile"),
        Some(Method::Export) if has_repository(component) => format!("a snapshot more in the repository of {name}"),
        _ => format!("nothing in {name}"),
    };
    format!("{done}; no other recovery point")
}

fn has_repository(component: &Component) -> bool {
    component.elasticsearch.as_ref().is_some_and(|settings| settings.snapshot_repository.is_some())
}

fn verify(point: Option<&str>, is_deep: bool, view: &View<'_>, ends_at_logout: bool) -> Told {
    let title = "Verify";
    let points = &view.desk.shelf.points;
    let (chosen, what): (Vec<&Brief>, String) = if let Some(id) = point {
        let again = if is_deep { ", although it was verified before" } else { "" };
        (points.iter().filter(|brief| *brief.id == *id).collect(), format!("{id} to its end, in every store{again}"))
    } else {
        let chosen: Vec<&Brief> = points.iter().filter(|brief| brief.state == State::Present).collect();
        let what = match chosen.len() {
            0 => "nothing that is known to be new; copies in other stores, where one is".to_owned(),
            1 => "1 recovery point that nobody has read yet, to its end".to_owned(),
            count => format!("{count} recovery points that nobody has read yet, to their end"),
        };
        (chosen, what)
    };
    let copies = |brief: &&Brief| brief.size.saturating_mul(brief.copies as u64);
    let bytes: u64 = chosen.iter().map(copies).sum();
    let facts = vec![
        fact("reads", what),
        fact("size", format!("about {}, every copy counted", Size(bytes).approx())),
        fact("changes", "nothing; what is found is kept beside each, for every host"),
        goes_on(ends_at_logout),
    ];
    let is_gone = point.is_some() && chosen.is_empty();
    Told { title, facts, refusal: is_gone.then(|| "it is not there any more".to_owned()) }
}

fn hold(view: &View<'_>) -> Told {
    let facts = vec![
        fact("holds", "everything in every store that takes a hold, from every host"),
        fact("means", "nobody throws anything away, by schedule or by hand, until the hold is ended"),
        fact("ends", "when somebody ends it; backups go on, so watch the room in the stores"),
    ];
    let refusal = view.desk.shelf.hold().map(|(store, hold)| format!("{} holds already (in {store})", hold.by));
    Told { title: "Hold everything", facts, refusal }
}

fn release(view: &View<'_>) -> Told {
    // What cannot be undone comes first: a small terminal shows no more.
    let mut facts = vec![Fact {
        label: "then",
        text: "what the plan no longer keeps may be thrown away again, and cannot be brought back".to_owned(),
        role: Role::Degraded,
    }];
    if let Some((store, hold)) = view.desk.shelf.hold() {
        let why = if hold.why.is_empty() { "no reason was given" } else { &hold.why };
        facts.push(fact("held", format!("by {} since {} (in {store}): {why}", hold.by, view.moment(hold.since))));
    }
    facts.push(fact("ends", "every hold, in every store, whoever put it there"));
    Told { title: "End the hold", facts, refusal: None }
}

fn operation<'v>(view: &View<'v>, id: &str) -> Option<&'v Seen> {
    view.desk.operations.iter().find(|seen| seen.operation.id == id)
}

fn call_off(id: &str, view: &View<'_>) -> Told {
    let title = "Call off";
    let over = || Some("it has ended already".to_owned());
    let Some(seen) = operation(view, id) else { return Told { title, facts: Vec::new(), refusal: over() } };
    let operation = &seen.operation;
    let since = view.since(operation.began);
    let mut facts = vec![
        fact("ends", operation.about.title()),
        fact("by", lasting(format!("{}, process {}", operation.actor(), operation.by.process.pid), since)),
        fact("so far", operation.progress_told()),
        fact(
            "leaves",
            match operation.about.doing {
                Doing::Backup | Doing::Upload => "nothing half-made; what was there before stays as it is",
                Doing::Verify => "what was found until then",
                _ => "done what is done until then",
            },
        ),
    ];
    if let Some(job) = &operation.about.job {
        facts.push(fact("job", format!("{job}: its slot is free again, and the next round begins it anew")));
    }
    let refusal = match &seen.may_end {
        _ if !seen.is_running() => over(),
        Ok(()) => None,
        Err(error) => Some(format!("{error}. {}", crate::text::Explain::next_step(error))),
    };
    Told { title, facts, refusal }
}
