//! How commands are ended: in time, on demand, and after whoever started them is gone.

use std::time::Duration;

use lifeboat::reach::{Command, Ending, FarEnd, Reach, ReachError, Tag};
use tokio_util::sync::CancellationToken;

use super::{carriers, sh, until};

/// A command with a child and a grandchild that do not listen, all holding its output open.
fn stubborn() -> Command {
    sh(
        "trap '' TERM; (trap '' TERM; sleep 1000; sleep 1000) & (sleep 1000; sleep 1000) & echo up; sleep 1000; sleep 1000",
    )
}

/// A command whose child has a process group of its own.
fn apart() -> Command {
    sh("timeout 1000 sleep 1000; :")
}

/// Whether two commands below the first shell, one of them a `sleep`, are there.
fn is_up(tag: &Tag) -> bool {
    let there = carriers(tag);
    there.len() >= 3 && there.iter().any(|line| line.ends_with("sleep 1000 "))
}

pub async fn a_deadline_ends_everything(reach: &Reach) {
    let command = stubborn().deadline(Duration::from_secs(4)).grace(Duration::from_millis(500));
    let tag = command.its_tag().clone();
    let (output, ()) = tokio::join!(reach.run(command), until("it runs", || carriers(&tag).len() >= 3));
    let output = output.unwrap();
    assert_eq!(output.ending, Ending::Deadline { after: Duration::from_secs(4), end: FarEnd::Gone });
    assert_eq!(output.stdout.whole().unwrap(), &b"up\n"[..]);
    assert_eq!(carriers(&tag), Vec::<String>::new());
    assert!(output.took < Duration::from_secs(15), "{:?}", output.took);

    let command = apart().deadline(Duration::from_secs(4)).grace(Duration::from_millis(500));
    let tag = command.its_tag().clone();
    let (output, ()) = tokio::join!(reach.run(command), until("it runs", || is_up(&tag)));
    assert!(matches!(output.unwrap().ending, Ending::Deadline { end: FarEnd::Gone, .. }));
    assert_eq!(carriers(&tag), Vec::<String>::new());
}

pub async fn cancelling_ends_everything(reach: &Reach) {
    // Whenever it comes: before it was told to start nothing is run, after that it is ended.
    for delay in [0, 2, 5, 10, 20, 40, 80] {
        let token = CancellationToken::new();
        let command = sh("sleep 1000; :").cancelled_by(token.clone());
        let tag = command.its_tag().clone();
        let stop = async {
            tokio::time::sleep(Duration::from_millis(delay)).await;
            token.cancel();
        };
        match tokio::join!(reach.run(command), stop).0 {
            Ok(output) => assert_eq!(output.ending, Ending::Cancelled { end: FarEnd::Gone }),
            Err(error) => assert!(matches!(error, ReachError::Cancelled { .. }), "{error:?}"),
        }
        until("nothing is left of it", || carriers(&tag).is_empty()).await;
    }
    for command in [sh("(sleep 1000; :) & sleep 1000; :"), apart()] {
        let token = CancellationToken::new();
        let command = command.cancelled_by(token.clone());
        let tag = command.its_tag().clone();
        let stop = async {
            until("it runs", || is_up(&tag)).await;
            token.cancel();
        };
        let (output, ()) = tokio::join!(reach.run(command), stop);
        assert_eq!(output.unwrap().ending, Ending::Cancelled { end: FarEnd::Gone });
        assert_eq!(carriers(&tag), Vec::<String>::new());
    }

    let command = stubborn().grace(Duration::from_millis(200));
    let tag = command.its_tag().clone();
    let running = reach.stream(command).await.unwrap();
    until("it runs", || carriers(&tag).len() >= 3).await;
    drop(running);
    until("dropping ends it", || carriers(&tag).is_empty()).await;
}

/// What this process leaves running when it dies is found by its tag and ended.
pub async fn an_orphan_is_found_and_ended(reach: &Reach, orphan: impl FnOnce(Command)) {
    let command = sh("(sleep 1000; :) & sleep 1000; :");
    let tag = command.its_tag().clone();
    assert_eq!(reach.find(&tag).await.unwrap(), Vec::new());
    orphan(command);
    until("it runs", || carriers(&tag).len() >= 3).await;
    let found = reach.find(&tag).await.unwrap();
    assert!(found.len() >= 3, "{found:?}");
    assert!(found.iter().all(|process| process.id.started > 0), "{found:?}");
    assert!(found.iter().any(|process| process.name == "sleep"), "{found:?}");
    let other = Tag::fresh();
    assert_eq!(reach.end(&other, Duration::from_secs(1)).await.unwrap(), lifeboat::reach::Ended::NothingThere);
    assert!(carriers(&tag).len() >= 3);
    assert_eq!(reach.end(&tag, Duration::from_secs(2)).await.unwrap(), lifeboat::reach::Ended::Asked);
    assert_eq!(carriers(&tag), Vec::<String>::new());
    assert_eq!(reach.find(&tag).await.unwrap(), Vec::new());
}

/// A server that a command started on purpose is not part of the command.
pub async fn a_daemon_is_left_alone(reach: &Reach) {
    let tag = Tag::fresh();
    let output =
        reach.run(sh("setsid sleep 1000 > /dev/null 2>&1 < /dev/null & exit 0").tag(tag.clone())).await.unwrap();
    assert!(output.is_ok());
    until("the daemon runs", || carriers(&tag).iter().any(|line| line.contains("sleep"))).await;
    assert_eq!(reach.find(&tag).await.unwrap(), Vec::new());
    assert_eq!(reach.end(&tag, Duration::from_secs(1)).await.unwrap(), lifeboat::reach::Ended::NothingThere);
    let daemon = carriers(&tag);
    assert_eq!(daemon.len(), 1, "{daemon:?}");
    let pid: i32 = daemon[0].split(' ').next().unwrap().parse().unwrap();
    rustix::process::kill_process(rustix::process::Pid::from_raw(pid).unwrap(), rustix::process::Signal::KILL).unwrap();
}
