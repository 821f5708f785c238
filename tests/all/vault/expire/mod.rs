//! `lifeboat expire`, `hold` and `taint` on real folders. Every name tells its age by the clock of now.

#[cfg(feature = "lab")]
mod buckets;
mod holds;
mod kills;
mod stays;
mod taints;

use std::path::PathBuf;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use serde_json::{Value, json};

use super::points::put_bytes;
use crate::support::program::{Home, Ran};

/// Two stores with their rules, and a plan.
pub struct Keeping {
    pub home: Home,
    pub now: DateTime<Utc>,
}

/// What somebody found who has read the only file of a recovery point of `PostgreSQL`.
pub fn receipt(name: &str, key: &str, bytes: u64, written: DateTime<Utc>, whole: bool) -> String {
    let file = json!({ "key": key, "bytes": bytes, "written": written, "sha256": "", "told": "x" });
    let point = format!("postgres/{name}");
    json!({ "lifeboat": 1, "point": point, "at": written, "host": "h", "whole": whole, "files": [file] }).to_string()
}

impl Keeping {
    /// With these words about what is kept in both stores.
    pub fn new(keep: &str) -> Keeping {
        Keeping::with(keep, "")
    }

    pub fn with(keep: &str, more: &str) -> Keeping {
        let home = Home::new();
        let root = home.path().display();
        let store = |name: &str| {
            std::fs::create_dir(home.path().join(name)).unwrap();
            format!("[[store]]\nname = '{name}'\nkind = 'directory'\npath = '{root}/{name}'\n{keep}\n")
        };
        let job = |name: &str, method: &str| {
            format!(
                "[[job]]\nname = '{name}'\ndo = 'backup'\nof = 'agents'\nmethod = '{method}'\ncron = '0 2 * * *'\nto = ['local', 'second']\n"
            )
        };
        let plan = [
            format!("[platform]\nname = 'p'\nstate = '{root}/state'\nrto = '2h'\nrpo = '1d'\n"),
            "[[component]]\nname = 'agents'\nkind = 'postgres'\naddress = 'postgresql://127.0.0.1/x'\nrto = '1h'\n"
                .to_owned(),
            store("local"),
            store("second"),
            job("daily", "dump"),
            job("base", "base"),
            more.to_owned(),
        ];
        home.write("plan.toml", plan.concat());
        Keeping { home, now: Utc::now().trunc_subsecs(0) }
    }

    pub fn run(&self, line: &str) -> Ran {
        let mut command = self.home.command(format!("--plan plan.toml {line}").split_whitespace());
        // Of the buckets that there may be.
        command.env("AWS_ACCESS_KEY_ID", "lab-of-a-test").env("AWS_SECRET_ACCESS_KEY", "a secret of the lab");
        Ran::from(command.output().unwrap())
    }

    /// So many hours ago, as names have it.
    pub fn at(&self, hours: i64) -> DateTime<Utc> {
        self.now - TimeDelta::hours(hours)
    }

    pub fn name(&self, hours: i64) -> String {
        format!("backup_{}", self.at(hours).format("%Y%m%d_%H%M%S"))
    }

    /// A dump that a script left so many hours ago.
    pub fn dump(&self, store: &str, hours: i64) -> String {
        let (name, written) = (self.name(hours), self.at(hours) + TimeDelta::minutes(1));
        put_bytes(&self.home, &format!("{store}/postgres/daily/{name}.dump.gz"), &[7; 1000], &written.to_rfc3339());
        format!("postgres/{name}")
    }

    /// The same, that was verified, or found to be flawed.
    pub fn receipt(&self, store: &str, hours: i64, whole: bool) {
        let (name, written) = (self.name(hours), self.at(hours) + TimeDelta::minutes(1));
        let receipt = receipt(&name, &format!("postgres/daily/{name}.dump.gz"), 1000, written, whole);
        self.home.write(&format!("{store}/postgres/metadata/{name}.verified.json"), receipt);
    }

    /// A dump that a script left so many hours ago, and that was verified.
    pub fn verified(&self, store: &str, hours: i64) -> String {
        let id = self.dump(store, hours);
        self.receipt(store, hours, true);
        id
    }

    /// One of ours with two files, or with only some of them.
    pub fn ours(&self, store: &str, hours: i64, files: &[&str]) -> String {
        let (name, at) = (self.name(hours), self.at(hours));
        let key = |ending: &str| match ending {
            "dump" => format!("postgres/daily/{name}.dump"),
            ending => format!("postgres/metadata/{name}.{ending}"),
        };
        for ending in files {
            put_bytes(&self.home, &format!("{store}/{}", key(ending)), &[7; 100], &at.to_rfc3339());
        }
        let file = |ending: &str, holds: &str| json!({ "key": key(ending), "holds": holds, "bytes": 100, "sha256": "", "handed_over": 100, "restore": "x" });
        let manifest = json!({
            "lifeboat": 1, "point": format!("postgres/{name}"), "platform": "p", "component": "agents", "method": "dump",
            "host": "h", "actor": "a", "program": "p", "begun": at, "ended": at,
            "source": { "system": "PostgreSQL 15", "as_of": at }, "files": [file("dump", "dump"), file("roles.sql", "roles")],
        });
        let key = format!("{store}/postgres/metadata/{name}.json");
        put_bytes(&self.home, &key, manifest.to_string().as_bytes(), &at.to_rfc3339());
        format!("postgres/{name}")
    }

    /// Every file of a store, without what Lifeboat keeps beside.
    pub fn files(&self, store: &str) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut folders = vec![self.home.path().join(store)];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
                // What a killed process was writing is cleared away by whoever writes there next.
                let is_part = entry.file_name().to_str().unwrap().starts_with(".lifeboat-part-");
                if entry.file_name() == ".lifeboat" || is_part {
                    continue;
                }
                if entry.path().is_dir() { folders.push(entry.path()) } else { found.push(entry.path()) }
            }
        }
        found
    }

    /// What a dry run says of one store: each recovery point, whether it goes, and why.
    #[track_caller]
    pub fn judged(&self, more: &str) -> Vec<(String, bool, String)> {
        let report = self.run(&format!("expire --dry-run --json {more}")).json();
        let points =
            report["series"].as_array().unwrap().iter().flat_map(|series| series["points"].as_array().unwrap());
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        points.map(|one| (text(&one["point"]), one["goes"].as_bool().unwrap(), text(&one["why"]))).collect()
    }

    /// Those that go of one store.
    #[track_caller]
    pub fn going(&self, store: &str) -> Vec<String> {
        let mut going: Vec<String> = self.judged(store).into_iter().filter(|it| it.1).map(|it| it.0).collect();
        going.sort();
        going
    }

    /// The recovery points of all stores.
    pub fn points(&self) -> Vec<Value> {
        self.run("points --json").json()["points"].as_array().unwrap().clone()
    }

    /// The kinds of events in the journal about what is thrown away.
    pub fn journal(&self) -> Vec<String> {
        let ran = self.run("journal show --json --kind expire");
        let kind = |line: &str| serde_json::from_str::<Value>(line).unwrap()["kind"].as_str().unwrap().to_owned();
        ran.out.lines().map(kind).collect()
    }
}
