//! What a login may ask, found out once when it comes in.

use chrono::{DateTime, Utc};

use super::answers::Row;

/// What a login may ask, and what does not change while it lasts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rights {
    /// The version as one number: 150018.
    pub number: u32,
    /// Other sessions' statistics.
    pub statistics: bool,
    /// The list of what waits to be archived.
    pub backlog: bool,
    /// The control file.
    pub control: bool,
    /// The server keeps track of when transactions were committed.
    pub commits: bool,
    /// The server checks pages when it reads them.
    pub checksums: bool,
    /// When it may not log in any more, where that has an end.
    pub login_ends: Option<DateTime<Utc>>,
    /// The cloud whose service it is.
    pub cloud: Option<&'static str>,
}

/// Why some facts cannot be seen.
pub const NEEDS_MONITOR: &str = "this login is no member of pg_monitor";

impl Rights {
    /// Reads the answer.
    pub fn of(row: &Row) -> Rights {
        let flag = |column| row.flag(column).unwrap_or_default();
        let cloud = match row.word("cloud").split(' ').next() {
            Some("rdsadmin") => Some("Amazon RDS"),
            Some("cloudsqladmin" | "alloydbadmin") => Some("Google Cloud SQL"),
            Some("azure_superuser") => Some("Azure"),
            _ => None,
        };
        Rights {
            number: row.count("number").and_then(|number| u32::try_from(number).ok()).unwrap_or_default(),
            statistics: flag("statistics"),
            backlog: flag("backlog"),
            control: flag("control"),
            commits: flag("commits"),
            checksums: flag("checksums"),
            login_ends: row.moment("login_ends"),
            cloud,
        }
    }
}
