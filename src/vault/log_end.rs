//! Where the log of a database ends in a store: the newest piece of what leads on from its recovery points.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::directory::Holding;
use super::folders::Folders;
use super::naming::is_segment;

/// The end of a log in one store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEnd {
    /// The store.
    pub store: String,
    /// Whose log it is, where its folder tells.
    pub component: Option<String>,
    /// When its newest piece was written there.
    pub newest: DateTime<Utc>,
}

/// The end of each log in a store. That a log begins anew is told by a file that holds none of it.
pub(super) fn log_ends(store: &str, holdings: &[Holding], folders: &Folders) -> Vec<LogEnd> {
    let mut ends: BTreeMap<&str, DateTime<Utc>> = BTreeMap::new();
    for holding in holdings.iter().filter(|holding| is_piece(holding)) {
        let folder = holding.key.split_once('/').map_or("", |(folder, _)| folder);
        let newest = ends.entry(folder).or_insert(holding.written);
        *newest = holding.written.max(*newest);
    }
    let end = |(folder, newest): (&str, DateTime<Utc>)| LogEnd {
        store: store.to_owned(),
        component: folders.component(folder).map(str::to_owned),
        newest,
    };
    ends.into_iter().map(end).collect()
}

fn is_piece(holding: &Holding) -> bool {
    let name = holding.key.rsplit('/').next().unwrap_or_default();
    holding.size > 0 && is_segment(&holding.key) && !name.contains("history") && !name.ends_with(".partial")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_ends_with_its_newest_piece() {
        let file = |key: &str, size, second| Holding {
            key: key.to_owned(),
            size,
            written: DateTime::from_timestamp(second, 0).unwrap(),
        };
        let holdings = [
            file("postgres/wal/000000010000000000000001.gz", 9, 10),
            file("postgres/wal/000000010000000000000002.gz", 9, 20),
            file("postgres/wal/000000010000000000000003.gz", 0, 30),
            file("postgres/wal/00000002.history", 9, 40),
            file("postgres/daily/backup_20241118_020000.dump", 9, 50),
            file("wal/000000010000000000000001", 9, 5),
        ];
        let text = "[platform]\nname = 'p'\n[[component]]\nname = 'db'\nkind = 'postgres'\n\
                    [[job]]\nname = 'w'\ndo = 'backup'\nof = 'db'\nmethod = 'wal'\n";
        let folders = Folders::of(&toml::from_str(text).unwrap());
        let ends = log_ends("local", &holdings, &folders);
        let told: Vec<_> = ends.iter().map(|end| (end.component.as_deref(), end.newest.timestamp())).collect();
        assert_eq!(told, [(Some("db"), 20), (None, 5)]);
    }
}
