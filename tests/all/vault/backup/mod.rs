//! `lifeboat backup` against real servers, into real folders.

mod bad_days;
#[cfg(feature = "lab")]
mod bad_way;
#[cfg(feature = "lab")]
pub mod bucket;
mod due;
mod durable;
mod from_console;
#[cfg(feature = "lab")]
mod honoured;
mod kills;
mod lacking;
mod postgres;
mod sealed;
#[cfg(feature = "lab")]
mod there;
mod together;
#[cfg(feature = "lab")]
mod two_hosts;

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::program::{Home, Ran};
use crate::systems::databases::postgres::server::Server;

/// A server with data, and a plan that backs it up into two stores.
pub struct Place {
    pub home: Home,
    pub server: Server,
}

const DATA: &[&str] = &[
    "CREATE TABLE orders (id serial PRIMARY KEY, what text)",
    "INSERT INTO orders (what) SELECT md5(i::text) FROM generate_series(1, 2000) i",
    "CREATE TABLE empty (a int)",
    "CREATE SCHEMA \"Odd one\"",
    "CREATE TABLE \"Odd one\".\"a \"\"b\"\"\n\x1b[31mc\" (a text)",
    "INSERT INTO \"Odd one\".\"a \"\"b\"\"\n\x1b[31mc\" VALUES ('\\.'), (E'x\\n\\\\.\\ny'), (NULL)",
    "CREATE ROLE application LOGIN PASSWORD 'hunter2hunter2'",
];

impl Place {
    pub async fn new() -> Place {
        let place = Place::with(Server::start(&[]).await, "");
        place.server.execute(DATA).await;
        place
    }

    /// With more in the plan, behind its stores.
    pub fn with(server: Server, more: &str) -> Place {
        let home = Home::new();
        let component = server.component("agents", "postgres", "");
        let root = home.path().display();
        let store = |name: &str| format!("[[store]]\nname = '{name}'\nkind = 'directory'\npath = '{root}/{name}'\n");
        let job = |name: &str, method: &str, to: &str| {
            format!(
                "[[job]]\nname = '{name}'\ndo = 'backup'\nof = 'agents'\nmethod = '{method}'\ncron = '0 2 * * *'\nto = {to}\n"
            )
        };
        let plan = [
            format!("[platform]\nname = 'p'\nstate = '{root}/state'\nrto = '2h'\nrpo = '1h'\n"),
            component.replace("deadline = \"2s\"", "deadline = \"10s\"\nrto = '1h'"),
            store("local"),
            more.to_owned(),
            store("second"),
            job("daily", "dump", "['local', 'second']"),
            job("sql", "sql", "['local']"),
            job("base", "base", "['local']"),
        ];
        home.write("plan.toml", plan.concat());
        for store in ["local", "second"] {
            std::fs::create_dir(home.path().join(store)).unwrap();
        }
        Place { home, server }
    }

    pub fn run(&self, line: &str) -> Ran {
        self.home.run(&format!("--plan plan.toml {line}"))
    }

    /// What the only backup of a run came to.
    #[track_caller]
    pub fn back_up(&self, more: &str) -> Value {
        let ran = self.run(&format!("backup agents --json {more}"));
        let report = ran.json();
        assert_eq!(report["backups"].as_array().unwrap().len(), 1, "{ran:?}");
        report["backups"][0].clone()
    }

    /// Every recovery point.
    pub fn points(&self) -> Vec<Value> {
        self.run("points --json").json()["points"].as_array().unwrap().clone()
    }

    /// Every file of a store, without what is being written.
    pub fn files(&self, store: &str) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut folders = vec![self.home.path().join(store)];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
                // Whose turn it is, is no recovery point.
                if entry.file_name() == ".lifeboat" {
                    continue;
                }
                if entry.path().is_dir() { folders.push(entry.path()) } else { found.push(entry.path()) }
            }
        }
        found.sort();
        found
    }

    /// Runs a program of `PostgreSQL` on this server.
    pub fn psql(&self, program: &str, arguments: &[&str]) -> String {
        let mut command = self.home.command_of(program, arguments);
        command.env("PGHOST", "127.0.0.1").env("PGPORT", self.server.port.to_string()).env("PGUSER", "postgres");
        command.env("PGPASSWORD", crate::systems::databases::postgres::server::PASSWORD);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }
}

/// The name of a file without its folders.
pub fn name(path: &Path) -> &str {
    path.file_name().unwrap().to_str().unwrap()
}
