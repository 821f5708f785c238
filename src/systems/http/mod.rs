//! Whatever speaks HTTP: whether it answers as the plan says, with which certificate, and whether it works for
//! its users.

mod client;
mod complaint;
mod flow;
mod page;
mod post;
mod probe;
mod web;

pub use client::client;
pub use flow::Flows;
pub use page::{Ask, NoPage, Page};
pub use post::{Post, post};
pub use probe::{Health, HttpProbe};
pub use web::Web;

use super::contact::{Answer, Contact};
use super::trouble::{ContactError, refusal};
use crate::plan::types::Component;

/// Asks for its health, else for its root, and reads the time off the answer.
pub async fn contact(component: &Component, with: &Contact<'_>) -> Result<Answer, ContactError> {
    let web = Web::open(component, with).await?;
    let page = web.page(health(component), with).await?;
    let status = page.status.as_u16();
    if expects(component, status) {
        let server = page.server.as_deref().unwrap_or("HTTP");
        Ok(Answer { identity: format!("{server}, status {status}"), clock: page.clock })
    } else {
        Err(refusal(component, &format!("it answers with status {status}")))
    }
}

/// The path that tells health; its own address if the plan names none.
fn health(component: &Component) -> &str {
    component.http.as_ref().and_then(|http| http.health.as_deref()).unwrap_or_default()
}

/// Whether this is the status that the plan expects.
fn expects(component: &Component, status: u16) -> bool {
    match component.http.as_ref().and_then(|http| http.status) {
        Some(wanted) => status == wanted,
        None => (200..300).contains(&status),
    }
}
