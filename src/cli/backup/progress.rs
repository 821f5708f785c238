//! How far a backup is: on a terminal as a line that changes, elsewhere now and then as a line of its own.

use std::io::Write;
use std::time::{Duration, Instant};

use crate::cli::{Context, Output};
use crate::protect::backup::Wanted;
use crate::text::{Size, Span};
use crate::vault::Pace;

const ON_A_TERMINAL: Duration = Duration::from_millis(500);
const ELSEWHERE: Duration = Duration::from_secs(30);

/// Tells how far it is while it is done.
pub async fn beside<T>(work: impl Future<Output = T>, context: &Context, wanted: &Wanted<'_>, pace: &Pace) -> T {
    let repaints = context.out().repaints();
    let begun = Instant::now();
    let mut work = std::pin::pin!(work);
    let mut beat = tokio::time::interval(if repaints { ON_A_TERMINAL } else { ELSEWHERE });
    beat.tick().await;
    let done = loop {
        tokio::select! {
            done = &mut work => break done,
            _ = beat.tick() => {
                let line = line(wanted, pace.progress.bytes(), begun.elapsed());
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

fn line(wanted: &Wanted<'_>, bytes: u64, took: Duration) -> String {
    let seconds = took.as_secs_f64().max(0.001);
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "for people"
    )]
    let rate = (bytes as f64 / seconds) as u64;
    let left = wanted.job.expect.as_ref().and_then(|expect| expect.size).and_then(|size| {
        let left = size.0.checked_sub(bytes)?;
        (rate > 0 && bytes > 0).then(|| format!(", about {} left", Span::from_secs(left / rate).rough()))
    });
    let (component, left) = (Output::safe(&wanted.component.name), left.unwrap_or_default());
    format!("{component}: {} at {}/s{left}", Size(bytes).approx(), Size(rate).approx())
}
