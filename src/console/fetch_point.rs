//! Reads the recovery point that a screen wants to show in full, so that the screen itself never waits.

use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::{mpsc, watch};

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

/// Starts to read whatever is wished for last. Ends when the means are told to stop or nobody takes the answers any
/// more. Must be called where tasks can be started.
pub fn fetch_point(
    plan: Arc<Plan>,
    means: Arc<Means>,
    state: Option<PathBuf>,
    mut wishes: watch::Receiver<Option<Arc<str>>>,
) -> mpsc::Receiver<PointAnswer> {
    let (sender, answers) = mpsc::channel(1);
    tokio::spawn(async move {
        let stop = means.stop().clone();
        let serve = async {
            while wishes.changed().await.is_ok() {
                let Some(id) = wishes.borrow_and_update().clone() else { continue };
                let read = read_point(Arc::clone(&plan), Arc::clone(&means), state.clone(), id.to_string());
                // Who wishes for another one does not wait for this one.
                let point = tokio::select! {
                    point = read => point,
                    _ = wishes.changed() => { wishes.mark_changed(); continue }
                };
                let point = point.map(Arc::new).map_err(|why| untrusted(why, Shape::line(600)));
                if sender.send(PointAnswer { id, point }).await.is_err() {
                    return;
                }
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = sender.closed() => {}
            () = serve => {}
        }
    });
    answers
}
