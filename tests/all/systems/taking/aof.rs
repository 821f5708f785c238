//! The append-only file of Redis, from its disk.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use super::keeping::{Shelf, Taken, Trial};
use super::redis::{of_all_types, size};
use crate::systems::databases::account::Account;
use crate::systems::databases::process::{Process, free_port};
use crate::systems::databases::redis::server::Server;

const AOF: &str = "method = 'aof'";
const ELSEWHERE: &str = "reach = { prefix = ['env', 'LC_ALL=C'] }\n";

/// Unpacks the archive as `tar` does, and starts a server on it.
async fn restored(taken: &Taken) -> i64 {
    let folder = tempfile::tempdir().unwrap();
    let file = taken.kept.write("tar", folder.path());
    let unpacked = Command::new("tar").arg("-xpf").arg(&file).arg("-C").arg(folder.path()).status().unwrap();
    assert!(unpacked.success());
    let own = Command::new("chown").args(["-R", "nobody"]).arg(folder.path()).status().unwrap();
    assert!(own.success() || !rustix::process::geteuid().is_root());
    let port = free_port();
    let mut command = Command::new("redis-server");
    command.args(["--appendonly", "yes", "--save", "", "--bind", "127.0.0.1", "--port", &port.to_string()]);
    let command = command.arg("--dir").arg(folder.path()).current_dir("/");
    let _server = Process::start(Account::of("nobody").run(command));
    let begun = Instant::now();
    loop {
        if let Some(keys) = size(port).await {
            return keys;
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "it does not come up");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn setting(server: &Server, name: &str) -> String {
    let said = server.run(&format!("CONFIG GET {name}")).await.unwrap();
    redis::from_redis_value::<Vec<String>>(said).unwrap().remove(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn manifest_and_files_come_together_and_a_server_starts_on_them() {
    for more in ["", ELSEWHERE] {
        let server = Server::start("appendonly yes\n").await;
        of_all_types(&server, 5000).await;
        server.run("BGREWRITEAOF").await.unwrap();
        server.run("SET later x").await.unwrap();
        let taken = Trial::new(&[server.component("cache", more)]).take("cache", AOF).await;
        let account = taken.account();
        assert_eq!(taken.kept.formats(), ["tar", "acl", "conf"], "its users and settings with it");
        assert_eq!(restored(&taken).await, 5009, "{account:#?}");
        assert!(account.counts["files"] >= 3, "{account:#?}");
        assert_eq!(account.about["rewrites"], "held back");
        assert_eq!(setting(&server, "auto-aof-rewrite-percentage").await, "100", "it was set back");
        assert!(taken.leaves_out("the last command may be cut off"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_may_set_nothing_copies_what_is_steady() {
    let server = Server::start("appendonly yes\n").await;
    server.fill(100).await;
    server.run("ACL SETUSER narrow on >hunter2hunter2 +ping +info +time +hello").await.unwrap();
    let password = server.secret("its.password", "hunter2hunter2");
    let directory = server.folder.path().display();
    let settings = format!(
        "user = 'narrow'\npassword = 'file:{}'\n[component.redis]\ndirectory = '{directory}'\n",
        password.display()
    );
    let taken = Trial::new(&[server.component("cache", &settings)]).take("cache", AOF).await;
    assert_eq!(taken.account().about["rewrites"], "not held back");
    assert_eq!(restored(&taken).await, 100);
    let blind = settings.lines().take(2).collect::<Vec<_>>().join("\n");
    let error = Trial::new(&[server.component("cache", &blind)]).take("cache", AOF).await.error();
    assert!(error.contains("the plan does not say") && error.contains("directory"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_setting_comes_back_after_a_failure_too() {
    let server = Server::start("appendonly yes\n").await;
    server.fill(10).await;
    let base = std::fs::read_dir(server.folder.path().join("appendonlydir")).unwrap();
    let base = base.map(|entry| entry.unwrap().path()).find(|path| is_base(path)).unwrap();
    std::fs::remove_file(base).unwrap();
    let taken = Trial::new(&[server.component("cache", "")]).take("cache", AOF).await;
    assert!(taken.error().contains("base.rdb"), "{}", taken.error());
    assert_eq!((taken.kept.pieces.len(), setting(&server, "auto-aof-rewrite-percentage").await), (0, "100".to_owned()));
    let without = Server::start("").await;
    let error = Trial::new(&[without.component("cache", "")]).take("cache", AOF).await.error();
    assert!(error.contains("keeps no append-only file") && error.contains("stream"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_dropped_in_the_middle_sets_it_back_too() {
    let server = Server::start("appendonly yes\n").await;
    server.fill(50_000).await;
    let trial = Trial::new(&[server.component("cache", "")]);
    let slow = Shelf { slow: Some(Duration::from_millis(50)), ..Shelf::default() };
    let taking = tokio::spawn(async move { trial.take_into(slow, "cache", AOF).await });
    until(&server, "2000000100").await;
    taking.abort();
    until(&server, "100").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_one_left_is_set_back_by_the_next() {
    let server = Server::start("appendonly yes\n").await;
    server.fill(10).await;
    // As the setting is while it is copied, when whoever copies is killed.
    server.run("CONFIG SET auto-aof-rewrite-percentage 2000000070").await.unwrap();
    let trial = Trial::new(&[server.component("cache", "")]);
    let taken = trial.take("cache", AOF).await;
    assert_eq!(taken.account().about["rewrites"], "held back");
    assert!(taken.account().about["rewrites_before"].contains("killed"), "{:#?}", taken.account());
    assert_eq!(setting(&server, "auto-aof-rewrite-percentage").await, "70");
    let again = trial.take("cache", AOF).await;
    assert!(!again.account().about.contains_key("rewrites_before"));
    // Whoever wants no rewrites keeps that.
    server.run("CONFIG SET auto-aof-rewrite-percentage 0").await.unwrap();
    assert_eq!(trial.take("cache", AOF).await.account().about["rewrites"], "not held back");
    assert_eq!(setting(&server, "auto-aof-rewrite-percentage").await, "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_does_not_say_whether_it_rewrites_is_not_believed_to_rest() {
    let server = Server::start("appendonly yes\n").await;
    server.fill(10).await;
    server.run("ACL SETUSER narrow on >hunter2hunter2 +ping +time +hello +config|get").await.unwrap();
    let password = server.secret("its.password", "hunter2hunter2");
    let settings = format!("user = 'narrow'\npassword = 'file:{}'\n", password.display());
    let taken = Trial::new(&[server.component("cache", &settings)]).take("cache", AOF).await;
    assert!(taken.error().contains("may not ask INFO") && taken.kept.pieces.is_empty(), "{}", taken.error());
}

async fn until(server: &Server, percentage: &str) {
    let begun = Instant::now();
    while setting(server, "auto-aof-rewrite-percentage").await != percentage {
        assert!(begun.elapsed() < Duration::from_secs(5), "it never becomes {percentage}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rewrite_in_the_middle_makes_it_begin_anew() {
    let server = Server::start("appendonly yes\n").await;
    server.fill(50_000).await;
    server.run("ACL SETUSER narrow on >hunter2hunter2 +ping +info +time +hello +config|get").await.unwrap();
    let password = server.secret("its.password", "hunter2hunter2");
    let settings = format!("user = 'narrow'\npassword = 'file:{}'\n", password.display());
    let trial = Trial::new(&[server.component("cache", &settings)]);
    let slow = Shelf { slow: Some(Duration::from_millis(30)), ..Shelf::default() };
    let (taken, rewritten) = tokio::join!(trial.take_into(slow, "cache", AOF), async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        server.run("BGREWRITEAOF").await
    });
    rewritten.unwrap();
    assert_eq!((taken.account().about["rewrites"].as_str(), taken.kept.broken), ("not held back", 1));
    assert_eq!(restored(&taken).await, 50_000);
}

fn is_base(path: &Path) -> bool {
    path.to_string_lossy().ends_with("base.rdb")
}
