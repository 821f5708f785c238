//! Stopping as every program of a shell can be stopped, and going on.

use rustix::process::{Signal, kill_current_process_group};

/// Stops, with all of our job, until told to go on.
pub fn stop() {
    let _ = kill_current_process_group(Signal::STOP);
}

/// Whether somebody could tell us to go on: the parent of our job belongs to the same session, and to another job of
/// it. A job without such a shell above it would stop for ever.
pub fn has_shell() -> bool {
    let Some(ours) = Standing::of("self") else { return false };
    let parent = Standing::of(&ours.group.to_string()).map_or(ours.parent, |leader| leader.parent);
    Standing::of(&parent.to_string()).is_some_and(|shell| shell.session == ours.session && shell.group != ours.group)
}

/// The job this process belongs to: 0 when its leader is outside of our container.
pub fn own_job() -> Option<i32> {
    Standing::of("self").map(|ours| ours.group)
}

/// Where a process stands among the jobs. Inside a container a group or a session of outside reads 0, for which the
/// calls that answer with one have no answer.
struct Standing {
    parent: i32,
    group: i32,
    session: i32,
}

impl Standing {
    fn of(process: &str) -> Option<Self> {
        let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
        // The name before may hold anything, brackets included.
        let (_, after) = stat.rsplit_once(')')?;
        let mut numbers = after.split_whitespace().skip(1).map_while(|number| number.parse().ok());
        Some(Self { parent: numbers.next()?, group: numbers.next()?, session: numbers.next()? })
    }
}
