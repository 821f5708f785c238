//! How far something is: on a terminal as a line that changes, elsewhere now and then as a line of its own.

use std::io::Write;
use std::time::Duration;

use tokio::time::{Interval, interval};

use super::{Context, Output};
use crate::protect::operation::Telling;

const ON_A_TERMINAL: Duration = Duration::from_millis(500);
const ELSEWHERE: Duration = Duration::from_secs(30);

/// When it is told, and where.
pub struct Beat<'a> {
    context: &'a Context,
    interval: Interval,
}

impl<'a> Beat<'a> {
    /// From now on.
    pub async fn begin(context: &'a Context) -> Beat<'a> {
        let mut interval = interval(if context.out().repaints() { ON_A_TERMINAL } else { ELSEWHERE });
        interval.tick().await;
        Beat { context, interval }
    }

    /// Comes when it is time to tell.
    pub async fn tick(&mut self) {
        self.interval.tick().await;
    }

    /// Tells it.
    pub fn tell(&self, telling: &Telling) {
        let now = telling.now();
        let what = if now.about.of.is_empty() { now.about.title() } else { now.about.of.clone() };
        let told = [now.progress_told(), now.at.clone()].into_iter().find(|told| !told.is_empty());
        let line = format!("{}: {}", Output::safe(&what), told.unwrap_or_default());
        if self.context.out().repaints() {
            let _ = write!(std::io::stderr().lock(), "\r\x1b[K{line}");
        } else {
            self.context.out().note(format!("lifeboat: {line}"));
        }
    }

    /// Makes room for what is told for good.
    pub fn clear(&self) {
        if self.context.out().repaints() {
            let _ = write!(std::io::stderr().lock(), "\r\x1b[K");
        }
    }
}

/// Tells how far it is while it is done.
pub async fn beside<T>(work: impl Future<Output = T>, context: &Context, telling: &Telling) -> T {
    let mut work = std::pin::pin!(work);
    let mut beat = Beat::begin(context).await;
    let done = loop {
        tokio::select! {
            done = &mut work => break done,
            () = beat.tick() => beat.tell(telling),
        }
    };
    beat.clear();
    done
}
