//! Signals to processes that are certainly the ones meant: a number is held fast before it is trusted.

use std::time::{Duration, Instant};

use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

use super::procfs::{self, Born, Stat};

const LOOK_EVERY: Duration = Duration::from_millis(15);
/// How long a parent may take to notice that a process has ended; one that never does is waited for in vain.
const NOTICED: Duration = Duration::from_secs(3);

/// Sends `signal` to the process that was born as `born`; false if it is gone.
///
/// The handle is opened first and the birth compared after: a number given to someone else in between
/// is noticed, and one given away later no longer matters.
pub(super) fn send(born: &Born, signal: Signal) -> bool {
    let Some(pid) = Pid::from_raw(born.pid) else { return false };
    let Ok(handle) = pidfd_open(pid, PidfdFlags::empty()) else { return false };
    procfs::alive(born).is_some() && pidfd_send_signal(&handle, signal).is_ok()
}

fn send_to(member: Stat, boot: &str, signal: Signal) -> bool {
    send(&Born { pid: member.pid, start: member.start, boot: boot.to_owned() }, signal)
}

/// Sends `signal` to a server and to everything it started; false if the server is gone.
///
/// Stopping goes from the top down and again until nobody new appears: a parent that still runs would replace
/// a child that has stopped.
pub(super) fn send_to_family(born: &Born, signal: Signal) -> bool {
    if procfs::alive(born).is_none() {
        return false;
    }
    let mut told = Vec::new();
    loop {
        let family = procfs::family(born.pid);
        let new: Vec<Stat> = family.into_iter().filter(|member| !told.contains(&(member.pid, member.start))).collect();
        if new.is_empty() {
            return true;
        }
        for member in new {
            told.push((member.pid, member.start));
            send_to(member, &born.boot, signal);
        }
        if signal != Signal::STOP {
            return true;
        }
    }
}

/// How a server ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// It was not running.
    WasGone,
    /// It ended by itself when asked.
    Gracefully,
    /// It did not, and was killed.
    Killed,
}

/// Ends a server: asks with `signal`, waits for `patience`, then kills it with everything it started.
pub(super) async fn end(born: &Born, signal: Signal, patience: Duration) -> Ended {
    if procfs::alive(born).is_none() {
        return Ended::WasGone;
    }
    end_family(born, &procfs::family(born.pid), signal, patience).await
}

/// The family begins with the server, unless it ended by itself just before it was looked for.
async fn end_family(born: &Born, family: &[Stat], signal: Signal, patience: Duration) -> Ended {
    let Some(server) = family.first().copied().filter(|first| first.start == born.start) else { return Ended::WasGone };
    send(born, signal);
    // A frozen server gets its signal only once it runs again.
    for member in family {
        send_to(*member, &born.boot, Signal::CONT);
    }
    let gone = wait_until_gone(&[server], &born.boot, patience).await;
    for member in family {
        send_to(*member, &born.boot, Signal::KILL);
    }
    wait_until_gone(family, &born.boot, Duration::from_secs(5)).await;
    if gone { Ended::Gracefully } else { Ended::Killed }
}

/// Kills a server with everything it started, without a warning, and waits until it is gone.
pub(super) async fn kill(born: &Born) -> bool {
    if procfs::alive(born).is_none() {
        return false;
    }
    let family = procfs::family(born.pid);
    for member in &family {
        send_to(*member, &born.boot, Signal::KILL);
    }
    let gone = wait_until_gone(&family, &born.boot, Duration::from_secs(5)).await;
    // Some servers look for the number in their lock file, and one whose parent has not noticed its end still has it.
    let start = Instant::now();
    while procfs::is_zombie(born) && start.elapsed() < NOTICED {
        tokio::time::sleep(LOOK_EVERY).await;
    }
    gone
}

async fn wait_until_gone(members: &[Stat], boot: &str, patience: Duration) -> bool {
    let start = Instant::now();
    let lives =
        |member: &Stat| procfs::alive(&Born { pid: member.pid, start: member.start, boot: boot.to_owned() }).is_some();
    while members.iter().any(lives) {
        if start.elapsed() > patience {
            return false;
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> (tokio::process::Child, Born) {
        let child = tokio::process::Command::new("sh").args(["-c", script]).kill_on_drop(true).spawn().unwrap();
        let born = procfs::born(i32::try_from(child.id().unwrap()).unwrap()).unwrap();
        (child, born)
    }

    async fn until(condition: impl Fn() -> bool) {
        let start = Instant::now();
        while !condition() {
            assert!(start.elapsed() < Duration::from_secs(10), "waited in vain");
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    #[tokio::test]
    async fn one_that_ignores_the_request_is_killed_with_its_children() {
        let (_child, born) = shell("trap '' TERM; sleep 61 & wait; sleep 61");
        until(|| procfs::family(born.pid).len() == 2).await;
        let family = procfs::family(born.pid);
        assert_eq!(end(&born, Signal::TERM, Duration::from_millis(100)).await, Ended::Killed);
        assert!(family.iter().all(|member| procfs::stat(member.pid).is_none_or(Stat::is_dead)));
        assert_eq!(end(&born, Signal::TERM, Duration::ZERO).await, Ended::WasGone);
    }

    #[tokio::test]
    async fn a_frozen_one_ends_gracefully() {
        let (_child, born) = shell("sleep 61 & wait");
        until(|| procfs::family(born.pid).len() == 2).await;
        assert!(send_to_family(&born, Signal::STOP));
        until(|| procfs::family(born.pid).iter().all(|member| member.state == 'T')).await;
        assert_eq!(end(&born, Signal::TERM, Duration::from_secs(5)).await, Ended::Gracefully);
    }

    #[tokio::test]
    async fn one_that_ended_just_before_its_family_was_listed_was_gone() {
        let (mut child, born) = shell("exec sleep 61");
        child.kill().await.unwrap();
        assert_eq!(end_family(&born, &[], Signal::TERM, Duration::ZERO).await, Ended::WasGone);
        let another = Stat { pid: born.pid, parent: 1, state: 'S', start: born.start + 1 };
        assert_eq!(end_family(&born, &[another], Signal::TERM, Duration::ZERO).await, Ended::WasGone);
    }

    #[tokio::test]
    async fn a_stranger_with_the_same_number_is_left_alone() {
        let (mut child, born) = shell("exec sleep 61");
        let another = Born { start: born.start + 1, ..born.clone() };
        assert!(!send(&another, Signal::KILL));
        assert!(!kill(&another).await);
        assert!(procfs::alive(&born).is_some());
        child.kill().await.unwrap();
    }
}
