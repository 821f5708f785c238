//! Looks what retention would throw away when a screen wants to show that, so that the screen itself never waits.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::runtime::Handle;
use tokio::sync::{mpsc, watch};
use tokio::task::spawn_blocking;

use super::wishes::answers;
use crate::plan::Plan;
use crate::protect::expire::{Outlook, outlook};
use crate::watch::Means;

/// What came of looking.
#[derive(Clone, Debug, PartialEq)]
pub struct RetentionAnswer {
    /// As of when.
    pub at: DateTime<Utc>,
    /// What would go and what stays, or why that is not known.
    pub found: Result<Arc<Outlook>, String>,
}

/// Looks whenever that begins to be wished for.
pub fn fetch_retention(
    plan: Arc<Plan>,
    means: Arc<Means>,
    wishes: watch::Receiver<bool>,
) -> mpsc::Receiver<RetentionAnswer> {
    answers(means.stop().clone(), wishes, move |is_wished| {
        if !is_wished {
            return None;
        }
        let (plan, means) = (Arc::clone(&plan), Arc::clone(&means));
        Some(async move {
            let asking = Arc::clone(&means);
            let looking = spawn_blocking(move || Handle::current().block_on(outlook(&plan, &asking.contact())));
            let found = looking.await.map(Arc::new).map_err(|error| error.to_string());
            RetentionAnswer { at: means.clock().now(), found }
        })
    })
}
