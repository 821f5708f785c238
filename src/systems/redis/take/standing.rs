//! What a server says of itself before and after its snapshot, and whether the snapshot fits between.

use std::collections::BTreeMap;

use crate::plan::types::Component;
use crate::systems::redis::info::Info;
use crate::systems::redis::rdb::Contents;
use crate::systems::redis::session::{Questions, Session, is_forbidden};
use crate::systems::redis::{trouble, vital};
use crate::systems::take::TakeError;

/// No key comes or goes for fewer bytes on the wire.
const SMALLEST_CHANGE: u64 = 7;

/// What a server says of itself; nothing where it may not be asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Whether it told anything.
    pub is_told: bool,
    /// Version and role.
    pub identity: Option<String>,
    /// This run of it.
    pub run_id: Option<String>,
    /// The history of changes that it follows or writes.
    pub history: Option<String>,
    /// Where it is in that.
    pub offset: u64,
    /// Whether it follows another.
    pub is_replica: bool,
    /// Whether it is up to date with whom it follows, as far as it knows.
    pub follows_well: bool,
    /// Whether it is a node of a cluster.
    pub is_cluster: bool,
    /// The keys of each database.
    pub keys: BTreeMap<u64, u64>,
    /// How many bytes came in since its start, from clients and from its primary.
    came_in: u64,
    /// How many keys went by themselves since its start.
    went: u64,
    /// What else must be known where it is restored.
    pub about: BTreeMap<String, String>,
}

/// A primary that has nothing to say says so every ten seconds.
const QUIET: u64 = 12;

impl Standing {
    /// Asks a server.
    pub async fn ask(component: &Component, session: &mut Session) -> Result<Standing, TakeError> {
        let answers = session.ask(&Questions::new().ask(&["INFO"])).await;
        let answers = answers.map_err(|error| trouble::asking(component, &error, session).into_error(component))?;
        match answers.text(0) {
            Ok(said) => Ok(Standing::of(&said)),
            Err(error) if is_forbidden(error) => Ok(Standing::default()),
            Err(error) => Err(trouble::asking(component, error, session).into_error(component).into()),
        }
    }

    fn of(said: &str) -> Standing {
        let info = Info::of(said);
        let text = |name: &str| info.text(name).map(trouble::quoted);
        let is_replica = info.is("role", "slave");
        let quiet = info.count("master_last_io_seconds_ago").unwrap_or(u64::MAX);
        let follows_well = is_replica && info.is("master_link_status", "up") && quiet <= QUIET;
        let wanted = ["redis_version", "redis_mode", "maxmemory_policy", "aof_enabled", "maxmemory"];
        let about = wanted.iter().filter_map(|name| Some(((*name).to_owned(), text(name)?))).collect();
        let items = info.named_items("db").into_iter();
        let keys = items.filter_map(|(name, item)| Some((name.strip_prefix("db")?.parse().ok()?, item.count("keys")?)));
        let sum = |names: [&str; 2]| names.iter().filter_map(|name| info.count(name)).sum();
        Standing {
            is_told: true,
            identity: vital::identity(&info),
            run_id: text("run_id"),
            history: text("master_replid"),
            offset: info.count(if is_replica { "slave_repl_offset" } else { "master_repl_offset" }).unwrap_or(0),
            is_replica,
            follows_well,
            is_cluster: info.is("cluster_enabled", "1"),
            keys: keys.collect(),
            came_in: sum(["total_net_input_bytes", "total_net_repl_input_bytes"]),
            went: sum(["expired_keys", "evicted_keys"]),
            about,
        }
    }

    /// All keys.
    pub fn all_keys(&self) -> u64 {
        self.keys.values().sum()
    }
}

/// Why a snapshot cannot be what the server held between these two moments; nothing if it can. Keys may have come and
/// gone meanwhile, no more of them than what was said to the server allows for.
pub fn misfit(contents: &Contents, before: &Standing, after: &Standing) -> Option<String> {
    if !before.is_told || !after.is_told || before.run_id != after.run_id {
        return None;
    }
    let (least, taken) = (before.all_keys().min(after.all_keys()), contents.keys());
    if taken == 0 && least > 0 {
        return Some(format!("it holds no key, and the server holds {least}"));
    }
    let changes = after.came_in.saturating_sub(before.came_in) / SMALLEST_CHANGE;
    let went = after.went.saturating_sub(before.went);
    let missing = least.saturating_sub(taken);
    (missing > changes + went).then(|| {
        format!("it holds {taken} keys, and the server never fewer than {least}, of which too little changed meanwhile")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::systems::redis::rdb::Keys;

    fn told(keys: u64, came_in: u64) -> Standing {
        Standing::of(&format!(
            "redis_version:7.0.15\nrun_id:a\nrole:master\ntotal_net_input_bytes:{came_in}\nexpired_keys:0\n\
             db0:keys={keys},expires=0,avg_ttl=0\n"
        ))
    }

    fn snapshot(all: u64) -> Contents {
        Contents { databases: [(0, Keys { all, expiring: 0 })].into(), ..Contents::default() }
    }

    #[test]
    fn what_the_server_holds_must_be_in_it() {
        assert_eq!(misfit(&snapshot(1000), &told(1000, 0), &told(1000, 300)), None);
        assert!(misfit(&snapshot(900), &told(1000, 0), &told(1000, 300)).is_some());
        assert!(misfit(&snapshot(0), &told(1, 0), &told(1, 1_000_000)).is_some(), "none is never right");
        assert_eq!(misfit(&snapshot(0), &told(0, 0), &told(0, 0)), None);
    }

    #[test]
    fn what_changed_meanwhile_is_allowed_for() {
        assert_eq!(misfit(&snapshot(900), &told(1000, 0), &told(1000, 10_000)), None);
        assert_eq!(misfit(&snapshot(500), &told(500, 0), &told(1000, 90_000)), None, "keys came");
        assert_eq!(misfit(&snapshot(900), &told(1000, 0), &Standing::default()), None, "nobody tells");
        let other = Standing { run_id: Some("b".to_owned()), ..told(1000, 0) };
        assert_eq!(misfit(&snapshot(900), &told(1000, 0), &other), None, "it was started anew");
    }
}
