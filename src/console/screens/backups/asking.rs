//! What can be asked for here, beginning with what is chosen.

use std::sync::Arc;

use super::reading::Reading;
use super::{Backups, Pane, jobs};
use crate::console::order::Order;
use crate::console::screens::Reply;
use crate::console::{Action, View};
use crate::plan::types::{Job, Method};
use crate::vault::State;

impl Backups {
    /// What an action asks for; nothing where it is not one that asks.
    pub(super) fn ask(&self, action: Action, view: &View<'_>) -> Option<Reply> {
        match action {
            Action::BackUp => Some(self.back_up(view)),
            Action::Verify => Some(self.verify(view)),
            Action::Hold => Some(hold(view)),
            Action::CallOff => Some(call_off(view)),
            _ => None,
        }
    }

    /// Whatever the plan backs up, beginning with the component of what is chosen.
    fn back_up(&self, view: &View<'_>) -> Reply {
        let mut orders: Vec<Order> = Vec::new();
        for job in view.desk.plan.job.iter().filter(|job| job.takes_points()) {
            let Some(component) = job.of.clone() else { continue };
            let order = Order::BackUp { component, method: job.method };
            if !orders.contains(&order) {
                orders.push(order);
            }
        }
        if orders.is_empty() {
            return Reply::Say("the plan backs up nothing; add a [[job]] with do = \"backup\"".to_owned());
        }
        let (component, method) = self.about(view);
        let rank = |order: &Order| match order {
            Order::BackUp { component: of, method: by } => {
                let is_so = method.zip(*by).is_some_and(|(one, other)| one.is_like(other));
                (Some(of) == component.as_ref(), is_so)
            }
            _ => (false, false),
        };
        // Of several that are as near, the first of the plan.
        let chosen = (0..orders.len()).rev().max_by_key(|place| rank(&orders[*place])).unwrap_or(0);
        Reply::Ask(orders, chosen)
    }

    /// The component of what is chosen, and how it is taken; else the one of the data that is worst off.
    fn about(&self, view: &View<'_>) -> (Option<String>, Option<Method>) {
        match self.pane {
            Pane::Points => {
                let point = self.chosen_point(view);
                let brief = view.desk.shelf.points.iter().find(|brief| Some(&brief.id) == point.as_ref());
                let worst = || view.desk.shelf.worst_first(view.now).into_iter().find_map(|one| one.component.clone());
                let component = brief.and_then(|brief| brief.component.as_deref().map(str::to_owned));
                (component.or_else(worst), brief.and_then(|brief| brief.method))
            }
            Pane::Jobs => {
                let job = self.chosen_job(view);
                (job.and_then(|job| job.of.clone()), job.and_then(|job| job.method))
            }
        }
    }

    /// The recovery point that is chosen or read; the first before anybody has chosen.
    fn chosen_point(&self, view: &View<'_>) -> Option<Arc<str>> {
        let first = || self.shown(view).first().map(|brief| Arc::clone(&brief.id));
        let read = self.reading.as_ref().and_then(Reading::of_point).cloned();
        read.or_else(|| self.points.chosen().cloned()).or_else(first)
    }

    fn chosen_job<'v>(&self, view: &View<'v>) -> Option<&'v Job> {
        let first = || jobs::shown(view, &self.filter).first().map(|seen| seen.job);
        let read = self.reading.as_ref().and_then(Reading::of_job);
        view.desk.plan.job.get(read.or_else(|| self.jobs.chosen().copied()).or_else(first)?)
    }

    /// What is chosen, or everything that is new.
    fn verify(&self, view: &View<'_>) -> Reply {
        let new = Order::Verify { point: None, is_deep: false };
        let point = if self.pane == Pane::Points { self.chosen_point(view) } else { None };
        let Some(point) = point else { return Reply::Ask(vec![new], 0) };
        let brief = view.desk.shelf.points.iter().find(|brief| brief.id == point);
        let is_deep = brief.is_some_and(|brief| !matches!(brief.state, State::Present));
        Reply::Ask(vec![Order::Verify { point: Some(point), is_deep }, new], 0)
    }
}

/// The end of the hold where there is one, else a hold; both where not every store could be looked into.
fn hold(view: &View<'_>) -> Reply {
    let (hold, release) = (Order::Hold { why: String::new() }, Order::Release { why: String::new() });
    let shelf = &view.desk.shelf;
    Reply::Ask(
        match (shelf.hold(), shelf.holds.is_empty() && shelf.unseen.is_empty()) {
            (Some(_), _) => vec![release],
            (None, true) => vec![hold],
            (None, false) => vec![hold, release],
        },
        0,
    )
}

/// Whatever is under way, what began first on top.
fn call_off(view: &View<'_>) -> Reply {
    let running = view.desk.operations.iter().rev().filter(|seen| seen.is_running());
    let orders: Vec<Order> = running.map(|seen| Order::CallOff { id: seen.operation.id.clone() }).collect();
    if orders.is_empty() {
        Reply::Say("nothing is under way that could be called off".to_owned())
    } else {
        Reply::Ask(orders, 0)
    }
}
