//! Jobs: what the plan does on a schedule.

use serde::{Deserialize, Serialize};

use super::{Keep, Percent, Times};
use crate::plan::Place;
use crate::text::{Size, Span};

/// What a job does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Task {
    /// Takes a recovery point.
    Backup,
    /// Copies recovery points to another store.
    Upload,
    /// Looks whether recovery points are whole.
    Verify,
    /// Restores one, to know that it can be done.
    Prove,
    /// Throws away what is too old.
    Expire,
    /// Makes `PostgreSQL` finish its WAL segment.
    SwitchWal,
    /// Makes Redis rewrite its append-only file.
    RewriteAof,
    /// Commits changed files to git.
    GitCommit,
    /// Runs a program.
    Command,
    /// A disaster on purpose.
    Drill,
}

/// How a backup is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// `pg_dump` in custom format.
    Dump,
    /// `pg_dump` as SQL.
    Sql,
    /// A physical copy of the whole cluster.
    Base,
    /// WAL segments.
    Wal,
    /// What changed since the last base.
    Incremental,
    /// A Redis snapshot.
    Snapshot,
    /// A Redis snapshot over the replication protocol.
    Stream,
    /// The append-only file of Redis.
    Aof,
    /// `RabbitMQ` definitions.
    Definitions,
    /// The queues' definitions alone.
    Queues,
    /// Messages in queues.
    Messages,
    /// Files.
    Files,
    /// A copy of everything written, as a log that is only appended to.
    Log,
    /// An export of documents.
    Export,
}

impl Method {
    /// The word for it in a plan.
    pub const fn word(self) -> &'static str {
        match self {
            Method::Dump => "dump",
            Method::Sql => "sql",
            Method::Base => "base",
            Method::Wal => "wal",
            Method::Incremental => "incremental",
            Method::Snapshot => "snapshot",
            Method::Stream => "stream",
            Method::Aof => "aof",
            Method::Definitions => "definitions",
            Method::Queues => "queues",
            Method::Messages => "messages",
            Method::Files => "files",
            Method::Log => "log",
            Method::Export => "export",
        }
    }

    /// Whether both leave the same behind.
    pub fn is_like(self, other: Method) -> bool {
        let snapshot = [Method::Snapshot, Method::Stream];
        self == other || (snapshot.contains(&self) && snapshot.contains(&other))
    }

    /// Those that take one recovery point at a time. The others do so where the job names a program that prints it.
    pub const OF_A_POINT: [Method; 10] = [
        Method::Dump,
        Method::Sql,
        Method::Base,
        Method::Snapshot,
        Method::Stream,
        Method::Aof,
        Method::Definitions,
        Method::Queues,
        Method::Files,
        Method::Export,
    ];

    /// Those by which one recovery point may be asked for.
    pub const TO_ASK_FOR: [Method; 12] = {
        let mut all = [Method::Log; 12];
        let mut at = 0;
        while at < Method::OF_A_POINT.len() {
            all[at] = Method::OF_A_POINT[at];
            at += 1;
        }
        all[at] = Method::Messages;
        all
    };
}

/// What becomes of a slot whose time has passed before anybody began it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Late {
    /// It is run as soon as it can be; of several, only the newest.
    Run,
    /// It is left out, and told.
    Skip,
}

/// Something the plan does on a schedule. Exactly one of `cron`, `every`, `continuous` and
/// `on_change` says when; only `continuous` work may name a `cron` besides, by which it looks for
/// what it has left behind.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Job {
    /// Its name in this plan.
    pub name: String,
    /// The name people say.
    pub title: Option<String>,
    /// What it does.
    #[serde(rename = "do")]
    pub task: Task,
    /// The component it is done to.
    pub of: Option<String>,
    /// The jobs whose recovery points it works on.
    #[serde(default)]
    pub takes: Vec<String>,
    /// How the backup is taken.
    pub method: Option<Method>,
    /// Where it runs; here if left out.
    pub at: Option<Place>,
    /// When: minute, hour, day of the month, month, day of the week; `THU#1` is the first Thursday.
    pub cron: Option<String>,
    /// How often.
    pub every: Option<Span>,
    /// Whether it never stops.
    pub continuous: Option<bool>,
    /// Whether a change sets it off.
    pub on_change: Option<bool>,
    /// Whether a slot that nobody began in its time is run as soon as it can be, the newest of several,
    /// or left out. If nothing is said drills are left out, and everything else is run.
    pub late: Option<Late>,
    /// How late a slot may still begin; after that it is left out. Without it any age will do.
    pub late_within: Option<Span>,
    /// For how long what has changed may lie before `continuous` work has taken it.
    pub lag: Option<Span>,
    /// The stores it writes to, or works on.
    #[serde(default)]
    pub to: Vec<String>,
    /// The base backups that its WAL needs.
    pub base: Option<String>,
    /// What is kept of its recovery points, where that differs from what their stores keep.
    pub keep: Option<Keep>,
    /// What is usual.
    pub expect: Option<Expect>,
    /// So many bytes a second at most: others need the network and the disks, too.
    pub rate: Option<Size>,
    /// What may differ.
    pub tolerance: Option<Tolerance>,
    /// How old something is when it is thrown away.
    pub older_than: Option<Span>,
    /// How old the newest recovery point may be.
    pub newest: Option<Span>,
    /// Whether it reads again what was read before: what lies there may have rotted since.
    pub deep: Option<bool>,
    /// The program and its arguments.
    #[serde(default)]
    pub run: Vec<String>,
    /// What it goes through, in order, in words.
    #[serde(default)]
    pub steps: Vec<String>,
    /// What must be true afterwards, in words.
    #[serde(default)]
    pub success: Vec<String>,
    /// Kinds that take turns.
    #[serde(default)]
    pub kinds: Vec<String>,
    /// The scenario that a drill plays.
    pub scenario: Option<String>,
    /// The program that breaks things for a drill.
    pub chaos: Option<String>,
    /// Where it is proven or drilled.
    pub environment: Option<String>,
    /// Where to report success, so that somebody notices silence: a URL that is posted to.
    pub ping: Option<String>,
    /// Whether a failure is reported to the same address with `/fail` behind it.
    pub ping_failures: Option<bool>,
    /// The channels, webhooks or chats, that are told how each run ended.
    #[serde(default)]
    pub tell: Vec<String>,
    /// What a person should know about it.
    pub note: Option<String>,
}

impl Job {
    /// Whether it takes one recovery point at a time: by a method that does, or as what its program prints.
    pub fn takes_points(&self) -> bool {
        let is_by_method = || self.method.is_some_and(|method| Method::OF_A_POINT.contains(&method));
        self.task == Task::Backup && (!self.run.is_empty() || is_by_method())
    }

    /// Whether it keeps the log of a database as that is written.
    pub fn keeps_log(&self) -> bool {
        self.task == Task::Backup && self.method == Some(Method::Wal) && self.run.is_empty()
    }

    /// What becomes of a slot whose time has passed: a drill that begins at another hour meets people unprepared,
    /// a backup is worth having at any.
    pub fn when_late(&self) -> Late {
        self.late.unwrap_or(if self.task == Task::Drill { Late::Skip } else { Late::Run })
    }
}

/// What is usual for a job.
#[derive(Clone, Debug, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Expect {
    /// How long it takes.
    pub duration: Option<Times>,
    /// How long until the copy elsewhere is complete.
    pub upload: Option<Span>,
    /// How much it writes.
    pub size: Option<Size>,
}

/// By how much something may differ from what is expected.
#[derive(Clone, Debug, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Tolerance {
    /// Of the size.
    pub size: Option<Percent>,
    /// Of the number of rows.
    pub rows: Option<Percent>,
}
