//! Reads the recovery point that a screen wants to show in full, so that the screen itself never waits.

use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::{mpsc, watch};

use super::wishes::answers;
use crate::desk::shelf::read_point;
use crate::plan::Plan;
use crate::text::{Shape, untrusted};
use crate::vault::Point;
use crate::watch::Means;

/// What came of reading a recovery point.
#[derive(Clone, Debug, PartialEq)]
pub struct PointAnswer {
    /// Which.
    pub id: Arc<str>,
    /// All that is known of it, or why nothing is.
    pub point: Result<Arc<Point>, String>,
}

/// Starts to read whatever is wished for last.
pub fn fetch_point(
    plan: Arc<Plan>,
    means: Arc<Means>,
    state: Option<PathBuf>,
    wishes: watch::Receiver<Option<Arc<str>>>,
) -> mpsc::Receiver<PointAnswer> {
    answers(means.stop().clone(), wishes, move |wish: Option<Arc<str>>| {
        let id = wish?;
        let read = read_point(Arc::clone(&plan), Arc::clone(&means), state.clone(), id.to_string());
        Some(async move {
            let point = read.await.map(Arc::new).map_err(|why| untrusted(why, Shape::line(600)));
            PointAnswer { id, point }
        })
    })
}
