//! The plan on paper, for when no computer helps: where to begin, every procedure, whom to call, what to
//! say, and where everything lies. A page each.

mod decisions;
mod messages;
mod people;
mod places;
mod procedure;
mod sheet;

use super::Plan;

/// Every page, the one to begin with first.
pub fn pages(plan: &Plan) -> Vec<String> {
    let mut pages = vec![decisions::page(plan)];
    pages.extend(plan.procedure.iter().map(|procedure| procedure::page(plan, procedure)));
    pages.extend([people::page(plan), messages::page(plan), places::page(plan)].into_iter().flatten());
    pages
}
