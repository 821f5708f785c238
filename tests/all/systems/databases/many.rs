//! What two hundred logins cost that are kept open and asked every five seconds.

use std::time::{Duration, Instant};

use super::asking::Asker;
use super::{postgres, redis};

/// So many of each are enough to know what one costs.
const LOGINS: u32 = 8;
const ROUNDS: u32 = 20;
/// The processor time of five seconds that two hundred questions are a share of.
const INTERVAL: f64 = 5.0;

/// The processor time of this process so far.
fn used() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_logins_cost_little() {
    let database = postgres::server::Server::start(&["max_connections=150"]).await.with_monitor().await;
    let cache = redis::server::Server::start("").await;
    let mut askers = Vec::new();
    for _ in 0..LOGINS {
        askers.push(Asker::new(&[database.component("db", "lifeboat", "")]));
        askers.push(Asker::new(&[cache.component("cache", "")]));
    }
    for asker in &mut askers {
        asker.vital().await;
    }
    let (begun, before) = (Instant::now(), used());
    for _ in 0..ROUNDS {
        for asker in &mut askers {
            asker.vital().await;
        }
    }
    let asked = ROUNDS * LOGINS * 2;
    let (took, cost) = (begun.elapsed() / asked, used().saturating_sub(before) / asked);
    let share = cost.as_secs_f64() * 200.0 * 100.0 / INTERVAL;
    println!("a question: {cost:?} of processor time, {took:?} until answered; 200 logins: {share:.1} % of a core");
    // Without optimisation it costs several times as much.
    let bound = if cfg!(debug_assertions) { 16.0 } else { 2.0 };
    assert!(share < bound, "{share:.1} % of a core");
}
