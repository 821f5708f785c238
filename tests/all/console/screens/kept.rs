//! A made-up shelf: data within, soon, beyond and unknown, points in every state, jobs that are late and that failed.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use lifeboat::console::fetch_point::PointAnswer;
use lifeboat::console::screens::Backups;
use lifeboat::console::{Action, Screen, Theme};
use lifeboat::desk::shelf::{Brief, JobSeen};
use lifeboat::desk::{Desk, Shelf};
use lifeboat::protect::due::{Ending, Rest, Run};
use lifeboat::protect::standing::{Newest, Protection};
use lifeboat::text::Span;
use lifeboat::vault::{Copied, Holding, Point, Precision, Sort, State, Unseen};

use super::drawn::view;
use super::made_up::{desk, now};

fn ago(minutes: i64) -> DateTime<Utc> {
    now() - TimeDelta::minutes(minutes)
}

fn data(name: &str, rpo: u64, age: Option<i64>, verified: Option<i64>, stores: &[&str]) -> Protection {
    let newest = age.map(|age| Newest {
        point: "p".to_owned(),
        as_of: ago(age),
        state: "present",
        by_log: false,
        stores: stores.iter().map(|store| (*store).to_owned()).collect(),
    });
    Protection {
        data: name.to_owned(),
        rpo: Some(Span::from_mins(rpo)),
        newest,
        verified: verified.map(ago),
        is_looked_at: true,
        ..Protection::default()
    }
}

fn brief(id: &str, holds: &str, minutes: i64, size: u64, state: State, stores: &str) -> Brief {
    Brief {
        broken: usize::from(matches!(state, State::Flawed(_))),
        id: id.into(),
        component: None,
        holds: holds.into(),
        taken: ago(minutes),
        size,
        state,
        stores: stores.into(),
        copies: stores.split(", ").count(),
        method: None,
        took: None,
        is_incomplete: false,
    }
}

fn job(job: usize, last: Option<(i64, Ending)>, next: i64, late: Option<i64>) -> JobSeen {
    let run = |(minutes, ending)| Run {
        slot: ago(minutes),
        began: ago(minutes),
        ended: ago(minutes - 1),
        ending,
        told: "pg_dump: error: connection to server failed \u{1b}[2J".to_owned(),
        host: "bastion-1".to_owned(),
        missed: 0,
        rest: Rest::default(),
    };
    JobSeen {
        job,
        last: last.map(run),
        running: None,
        next: Some(ago(-next)),
        late_since: late.map(ago),
        has_slots: true,
        is_known: true,
        trouble: None,
    }
}

/// The usual desk, with backups.
pub fn kept() -> Desk {
    let unknown = Protection { unseen: vec!["offsite".to_owned()], ..data("certificates", 1440, None, None, &[]) };
    let near = Protection {
        missing_off_site: vec!["offsite".to_owned()],
        ..data("configuration", 1440, Some(120), Some(100), &["local"])
    };
    let protection = vec![
        data("agent-state", 15, Some(80), Some(180), &["local", "offsite"]),
        data("sessions", 60, Some(55), None, &["local"]),
        near,
        data("audit\u{1b}[2J\u{202e}", 1440, Some(20), Some(19), &["local", "offsite"]),
        unknown,
        data("messages", 60, None, None, &[]),
    ];
    let short = || State::Partial("backup.dump has 12 bytes instead of 3000".to_owned());
    let points = vec![
        brief("future/backup_20240101_000000", "dump", -90, 10, State::Present, "local"),
        brief("config/archive_20231115_0152", "files", 20, 20_000, State::Verified(ago(19)), "local, offsite"),
        brief("redis/snapshot_20231115_011705", "snapshot", 55, 84_000_000, State::Present, "local"),
        brief(
            "postgres/backup_20231115_005205",
            "dump, roles",
            80,
            5_000_000_000,
            State::Proven(ago(60)),
            "local, offsite",
        ),
        // Its copy off-site is not what it should be.
        Brief {
            broken: 1,
            ..brief(
                "redis/snapshot_20231115_001711",
                "snapshot",
                115,
                84_000_000,
                State::Verified(ago(90)),
                "local, offsite",
            )
        },
        brief("postgres/backup_20231114_020000", "dump", 1452, 12, short(), "local"),
        brief("postgres/backup_20231113_020000", "dump", 2892, 4_900_000_000, State::Tainted, "local, offsite"),
        brief("evil\u{1b}[2J/\u{202e}x", "dump", 4332, 9, State::Flawed("not \u{1b}[2J whole".to_owned()), "local"),
    ];
    let jobs = vec![
        job(0, Some((1452, Ending::Failed)), 60, None),
        job(1, Some((5, Ending::Done)), 5, None),
        job(2, None, 48, Some(72)),
    ];
    let unseen = vec![Unseen { store: "offsite".to_owned(), why: "it does not answer".to_owned() }];
    let shelf = Shelf { at: Some(ago(1)), protection, points, unseen, ..Shelf::default() };
    let desk = desk();
    Desk { shelf: Arc::new(shelf.with(&desk.plan, jobs, Vec::new())), ..desk }
}

/// The same with so many recovery points.
pub fn many(count: usize) -> Desk {
    let point = |number: usize| {
        let minutes = i64::try_from(number).unwrap();
        brief(&format!("postgres/backup_{number:09}"), "dump", minutes, 1000, State::Present, "local, offsite")
    };
    let kept = kept();
    let shelf = Shelf { points: (0..count).map(point).collect(), ..Shelf::clone(&kept.shelf) };
    Desk { shelf: Arc::new(shelf), ..kept }
}

/// The screen with a recovery point that was read in full.
pub fn opened(desk: &Desk) -> Backups {
    let (mut screen, theme) = (Backups::default(), Theme::default());
    for action in [Action::Down, Action::Down, Action::Down, Action::Open] {
        screen.act(action, &view(desk, &theme));
    }
    let id = screen.wants_point().unwrap();
    let file = |key: &str, size| Holding { key: key.to_owned(), size, written: ago(75) };
    let copy = |store: &str, size| Copied {
        store: store.to_owned(),
        artefacts: vec![(Sort::Dump, file("postgres/daily/backup_20231115_005205.dump", size))],
        notes: Vec::new(),
        is_bare: false,
    };
    let point = Point {
        id: id.to_string(),
        component: Some("postgres".to_owned()),
        sorts: [Sort::Dump].into(),
        taken: ago(80),
        precision: Precision::Second,
        copies: vec![copy("local", 5_000_000_000), copy("offsite", 0)],
    };
    screen.take_point(PointAnswer { id, point: Ok(Arc::new(point)) });
    screen
}
