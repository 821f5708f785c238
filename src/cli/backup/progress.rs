//! How far a backup is: on a terminal as a line that changes, elsewhere now and then as a line of its own.

use std::io::Write;
use std::time::Duration;

use crate::cli::{Context, Output};
use crate::protect::operation::Telling;

const ON_A_TERMINAL: Duration = Duration::from_millis(500);
const ELSEWHERE: Duration = Duration::from_secs(30);

/// Tells how far it is while it is done.
pub async fn beside<T>(work: impl Future<Output = T>, context: &Context, telling: &Telling) -> T {
    let repaints = context.out().repaints();
    let mut work = std::pin::pin!(work);
    let mut beat = tokio::time::interval(if repaints { ON_A_TERMINAL } else { ELSEWHERE });
    beat.tick().await;
    let done = loop {
        tokio::select! {
            done = &mut work => break done,
            _ = beat.tick() => {
                let now = telling.now();
                let line = format!("{}: {}", Output::safe(&now.about.of), now.progress_told());
                if repaints {
                    let _ = write!(std::io::stderr().lock(), "\r\x1b[K{line}");
                } else {
                    context.out().note(format!("lifeboat: {line}"));
                }
            }
        }
    };
    if repaints {
        let _ = write!(std::io::stderr().lock(), "\r\x1b[K");
    }
    done
}
