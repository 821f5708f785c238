//! Recovery points that Elasticsearch keeps in its own repository, of which stores have a note: the real program against
//! a pretended cluster.

mod expired;
mod taken;
mod verified;

use std::fmt::Write;
use std::path::PathBuf;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::points::put_bytes;
use crate::support::program::{Home, Ran};
use crate::systems::taking::cluster::{Cluster, Snapshot};

/// What was printed, as one line.
pub fn flat(ran: &Ran) -> String {
    ran.out.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A plan with a cluster and two stores that keep a week.
pub struct Place {
    pub home: Home,
    pub cluster: Cluster,
    now: DateTime<Utc>,
}

impl Place {
    pub async fn new() -> Place {
        let (home, cluster) = (Home::new(), Cluster::start().await);
        let root = home.path().display();
        let store = |name: &str| {
            std::fs::create_dir(home.path().join(name)).unwrap();
            format!("[[store]]\nname = '{name}'\nkind = 'directory'\npath = '{root}/{name}'\nkeep = {{ age = '7d' }}\n")
        };
        let plan = [
            format!("[platform]\nname = 'p'\nstate = '{root}/state'\nrto = '2h'\nrpo = '1d'\n"),
            format!(
                "[[component]]\nname = 'audit'\nkind = 'elasticsearch'\naddress = '{}'\nrto = '1h'\n",
                cluster.server.url()
            ),
            "[component.elasticsearch]\nsnapshot_repository = 'nightly'\n".to_owned(),
            store("local"),
            store("second"),
            "[[job]]\nname = 'daily'\ndo = 'backup'\nof = 'audit'\nmethod = 'export'\ncron = '0 2 * * *'\n\
             to = ['local', 'second']\n"
                .to_owned(),
        ];
        home.write("plan.toml", plan.concat());
        Place { home, cluster, now: Utc::now().trunc_subsecs(0) }
    }

    pub fn run(&self, line: &str) -> Ran {
        self.home.run(&format!("--plan plan.toml {line}"))
    }

    fn at(&self, hours: i64) -> DateTime<Utc> {
        self.now - TimeDelta::hours(hours)
    }

    /// The snapshot of so many hours ago.
    pub fn snapshot(&self, hours: i64) -> String {
        format!("lifeboat-{}-0badcafe", self.at(hours).format("%Y%m%d-%H%M%S"))
    }

    /// Has a snapshot made so many hours ago, of which these stores have notes.
    pub fn point(&self, hours: i64, stores: &[&str]) -> String {
        let name = format!("export_{}", self.at(hours).format("%Y%m%d_%H%M%S"));
        self.cluster.has(&self.snapshot(hours), Snapshot::default());
        for store in stores {
            self.note(store, hours, &name);
        }
        format!("audit/{name}")
    }

    /// The same, whose notes were verified.
    pub fn verified(&self, hours: i64, stores: &[&str]) -> String {
        let id = self.point(hours, stores);
        let name = id.trim_start_matches("audit/");
        let bytes = json!({ "repository": "nightly" }).to_string().len();
        let file = json!({
            "key": format!("audit/daily/{name}.json"), "bytes": bytes, "written": self.at(hours), "sha256": "", "told": "x",
        });
        let read =
            json!({ "lifeboat": 1, "point": id, "at": self.at(hours), "host": "h", "whole": true, "files": [file] });
        for store in stores {
            self.home.write(&format!("{store}/audit/metadata/{name}.verified.json"), read.to_string());
        }
        id
    }

    fn note(&self, store: &str, hours: i64, name: &str) {
        let at = self.at(hours);
        let (key, text) = (format!("audit/daily/{name}.json"), json!({ "repository": "nightly" }).to_string());
        put_bytes(&self.home, &format!("{store}/{key}"), text.as_bytes(), &at.to_rfc3339());
        let sum = Sha256::digest(&text).iter().fold(String::new(), |mut sum, byte| {
            let _ = write!(sum, "{byte:02x}");
            sum
        });
        let deposit = json!({ "repository": "nightly", "name": self.snapshot(hours), "id": "s-1" });
        let manifest = json!({
            "lifeboat": 1, "point": format!("audit/{name}"), "platform": "p", "component": "audit", "method": "export",
            "host": "h", "actor": "a", "program": "p", "begun": at, "ended": at,
            "source": {
                "system": "Elasticsearch 8.11.1", "identity": "u-1", "as_of": at,
                "counts": { "indexes": 1, "shards": 2 }, "deposit": deposit,
            },
            "files": [{
                "key": key, "holds": "export", "bytes": text.len(), "sha256": sum, "handed_over": text.len(), "restore": "x",
            }],
        });
        let key = format!("{store}/audit/metadata/{name}.json");
        put_bytes(&self.home, &key, manifest.to_string().as_bytes(), &at.to_rfc3339());
    }

    /// Every file of a store, without what Lifeboat keeps beside.
    pub fn files(&self, store: &str) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut folders = vec![self.home.path().join(store)];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
                if entry.file_name() == ".lifeboat" {
                    continue;
                }
                if entry.path().is_dir() { folders.push(entry.path()) } else { found.push(entry.path()) }
            }
        }
        found
    }

    /// The state of a recovery point, and whether one would restore from it.
    pub fn state(&self, id: &str) -> (String, bool) {
        let report = self.run("points --json").json();
        let point = report["points"].as_array().unwrap().iter().find(|point| point["id"] == id).unwrap().clone();
        (point["state"].as_str().unwrap().to_owned(), point["can_be_restored_from"].as_bool().unwrap())
    }

    /// What the journal tells of this kind.
    pub fn journal(&self, kind: &str) -> Vec<Value> {
        let ran = self.run(&format!("journal show --json --kind {kind}"));
        ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}
