//! How far back one could go, over the log of a real server: now, at a moment, over a hole, after a loss.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{kept, name, place, run};
use crate::support::program::Home;
use crate::systems::databases::postgres::server::Server;

struct Kept {
    server: Server,
    folder: tempfile::TempDir,
    home: Home,
    tables: usize,
}

impl Kept {
    async fn new() -> Kept {
        let server = Server::start(&["wal_keep_size=1GB", "track_commit_timestamp=on"]).await;
        let home = place(&server.component("db", "postgres", ""), "");
        let plan = std::fs::read_to_string(home.path().join("plan.toml")).unwrap();
        let data = "[[data]]\nname = 'state'\ncomponent = 'db'\nrpo = '1h'\nprotected_by = ['log']\n";
        home.write("plan.toml", format!("{plan}{data}"));
        Kept { server, folder: tempfile::tempdir().unwrap(), home, tables: 0 }
    }

    /// Commits something, finishes the segment and hands it over; when that was committed, and the segment.
    async fn segment(&mut self) -> (DateTime<Utc>, PathBuf) {
        let client = self.server.superuser().await;
        self.tables += 1;
        client.batch_execute(&format!("CREATE TABLE w{} (a int)", self.tables)).await.unwrap();
        let last = client.query_one("SELECT timestamp FROM pg_last_committed_xact()", &[]).await.unwrap();
        let row = client.query_one("SELECT pg_walfile_name(pg_switch_wal())", &[]).await.unwrap();
        let copy = self.folder.path().join(row.get::<_, String>(0));
        std::fs::copy(self.server.folder.path().join("data/pg_wal").join(name(&copy)), &copy).unwrap();
        let ran = run(&self.home, &format!("push {}", copy.display()));
        assert_eq!(ran.code, Some(0), "{ran:?}");
        (last.get(0), copy)
    }

    fn base(&self) {
        let ran = self.home.run("--plan plan.toml backup db --method base");
        assert_eq!(ran.code, Some(0), "{ran:?}");
    }

    fn window(&self, more: &str) -> Value {
        self.home.run(&format!("--plan plan.toml window state --json {more}")).json()["data"][0].clone()
    }

    fn remove(&self, file: &Path) {
        for store in ["local", "second"] {
            std::fs::remove_file(kept(&self.home, store, file)).unwrap();
        }
    }
}

fn moment(value: &Value) -> DateTime<Utc> {
    value.as_str().unwrap().parse().unwrap()
}

/// Whether two moments are the same to the millisecond, which is what is printed.
fn is_same(one: DateTime<Utc>, other: DateTime<Utc>) -> bool {
    (one - other).num_milliseconds().abs() <= 1
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_commit_that_is_kept_is_how_far_one_can_go_back() {
    let mut it = Kept::new().await;
    let none = it.home.run("--plan plan.toml window");
    assert!(none.code == Some(3) && none.out.contains("return to nothing"), "{none:?}");
    it.base();
    let (first, _) = it.segment().await;
    let (second, _) = it.segment().await;
    let window = it.window("");
    assert!(is_same(moment(&window["newest"]["to"]), second), "{second} {window:#}");
    assert_eq!((&window["verdict"], &window["holes"]), (&"within".into(), &Value::Array(Vec::new())));
    // A moment in between needs less of the log.
    let at = it.window(&format!("--at {}", (first + (second - first) / 2).to_rfc3339()));
    assert_eq!(at["at"]["reached"], true, "{at:#}");
    let segments = |value: &Value| value["log"]["segments"].as_u64().unwrap();
    assert!(segments(&at["at"]["from"]) <= segments(&window["newest"]), "{at:#}");
    // After the last commit nobody can say.
    let late = it
        .home
        .run(&format!("--plan plan.toml window state --at {}", (second + chrono::TimeDelta::hours(1)).to_rfc3339()));
    assert!(late.code == Some(3) && late.out.contains("before; from"), "{late:?}");
    let early = it.home.run("--plan plan.toml window state --at 2001-01-01T00:00:00Z");
    assert!(early.code == Some(3) && early.out.contains("all there is, is newer"), "{early:?}");
    // Without the store of the base nothing leads anywhere; without the other the log is whole.
    let without = |what: &str| {
        let losses = window["losses"].as_array().unwrap();
        losses.iter().find(|loss| loss["sort"] == "store" && loss["what"] == what).unwrap()["newest"].clone()
    };
    assert_eq!(without("local"), Value::Null);
    assert!(is_same(moment(&without("second")), second));
    assert_eq!(window["copies"]["three_two_one"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hole_is_told_with_its_span_and_another_base_goes_on_behind_it() {
    let mut it = Kept::new().await;
    it.base();
    let (first, _) = it.segment().await;
    let (_, missing) = it.segment().await;
    let (last, cut) = it.segment().await;
    it.remove(&missing);
    let window = it.window("");
    assert!(is_same(moment(&window["newest"]["to"]), first), "{window:#}");
    let hole = &window["holes"][0];
    assert!(is_same(moment(&hole["from"]), first) && hole["to"].is_null(), "{hole}");
    assert!(hole["why"].as_str().unwrap().contains(name(&missing)), "{hole}");
    let inside = it.home.run(&format!("--plan plan.toml window state --at {}", last.to_rfc3339()));
    assert!(inside.code == Some(3) && inside.out.contains("is missing"), "{inside:?}");
    it.base();
    let (newest, _) = it.segment().await;
    let window = it.window("");
    assert!(is_same(moment(&window["newest"]["to"]), newest), "{window:#}");
    assert!(moment(&window["holes"][0]["to"]) > last, "{window:#}");
    // A copy that was cut off counts for nothing; the other does.
    let path = kept(&it.home, "local", &cut);
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
    assert_eq!(it.window("")["holes"].as_array().unwrap().len(), 1);
}
