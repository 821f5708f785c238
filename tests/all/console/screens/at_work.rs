//! A made-up desk on which operations are under way, and have ended in every way.

use std::sync::Arc;

use chrono::TimeDelta;
use lifeboat::desk::{Desk, Shelf};
use lifeboat::journal::claim::Holder;
use lifeboat::journal::host::ProcessMark;
use lifeboat::journal::{Actor, ChainId};
use lifeboat::plan::types::Method;
use lifeboat::protect::due::Ending;
use lifeboat::protect::hold;
use lifeboat::protect::operation::{About, Doing, Ended, NotCalledOff, Operation, Seen, Standing};
use lifeboat::text::Span;
use lifeboat::vault::Hold;

use super::kept::kept;
use super::made_up::now;

fn by(name: &str, pid: u32) -> Holder {
    Holder {
        chain: ChainId::of_host("bastion-1", "x"),
        host: "bastion-1".to_owned(),
        boot_id: "b".to_owned(),
        process: ProcessMark { pid, started: 1, namespace: "pid:[1]".to_owned() },
        actor: Actor { uid: 1000, name: name.to_owned(), login: None },
        purpose: String::new(),
    }
}

fn about(doing: Doing, of: &str, method: Option<Method>) -> About {
    About { doing, of: of.to_owned(), method, job: None, stores: vec!["local".to_owned(), "offsite".to_owned()] }
}

/// One that began so many seconds ago.
pub fn running(about: About, ago: i64, bytes: u64, expected: Option<u64>) -> Seen {
    let operation = Operation {
        id: format!("bastion-1-{ago}"),
        about,
        by: by("ops", 4711),
        began: now() - TimeDelta::seconds(ago),
        told: now(),
        at: String::new(),
        bytes,
        expected,
        rate: (bytes > 0).then_some(30_000_000),
        ended: None,
    };
    Seen { operation, standing: Standing::Running, may_end: Ok(()) }
}

fn ended(about: About, ago: i64, ending: Ending, told: &str, next: Option<&str>) -> Seen {
    let before = running(about, ago + 60, 1_000, None);
    let at = now() - TimeDelta::seconds(ago);
    let ended = Ended { at, ending, told: told.to_owned(), next: next.map(str::to_owned) };
    Seen { standing: Standing::Ended(ended), ..before }
}

/// The usual desk with these.
pub fn with(operations: Vec<Seen>) -> Desk {
    Desk { operations: operations.into(), ..kept() }
}

/// A backup of which it is known how large it will be, and a verification of another's.
pub fn busy() -> Desk {
    let backup = running(about(Doing::Backup, "postgres", Some(Method::Dump)), 65, 2_000_000_000, Some(5_000_000_000));
    let mut verify = running(about(Doing::Verify, "", None), 10, 84_000_000, None);
    verify.operation.by = by("root\u{1b}[2J", 12);
    let owner = "root".to_owned();
    verify.may_end = Err(NotCalledOff::SomeoneElses { owner, pid: 12 });
    with(vec![verify, backup])
}

/// Whatever became of four of them.
pub fn over() -> Desk {
    let redis = about(Doing::Backup, "redis", Some(Method::Stream));
    let dump = about(Doing::Backup, "postgres", Some(Method::Dump));
    let why = "postgres: pg_dump: error: connection to server at 10.0.0.5 failed: Connection refused";
    let told = "redis/snapshot_20231115_021005, 84.0MB, in local";
    let mut silent = running(about(Doing::Verify, "", None), 400, 1_000, None);
    silent.standing = Standing::Silent;
    with(vec![
        ended(redis, 20, Ending::Done, told, None),
        ended(
            dump.clone(),
            90,
            Ending::Failed,
            why,
            Some("Look whether the server is up: `lifeboat status postgres`."),
        ),
        ended(
            about(Doing::Backup, "postgres", Some(Method::Base)),
            300,
            Ending::Interrupted,
            "it was called off",
            None,
        ),
        silent,
        // An older one of the same is not worth a line.
        ended(dump, 600, Ending::Failed, "older", None),
    ])
}

/// The usual desk while somebody holds everything; what was taken last is known.
pub fn held() -> Desk {
    let desk = kept();
    let hold = Hold::new("anna on bastion-2".to_owned(), now() - TimeDelta::hours(2), "breach".to_owned());
    let mut shelf = Shelf { holds: vec![("local".to_owned(), hold::Seen::Held(hold))], ..Shelf::clone(&desk.shelf) };
    for brief in shelf.points.iter_mut().filter(|brief| brief.id.starts_with("postgres")) {
        brief.component = Some("postgres".into());
        (brief.method, brief.took) = (Some(Method::Dump), Some(Span::from_secs(754)));
    }
    Desk { shelf: Arc::new(shelf), ..desk }
}
