//! Snapshots of Redis, over the replication protocol.

use std::time::{Duration, Instant};

use lifeboat::vault::Sort;

use super::keeping::{Trial, command};
use crate::systems::databases::account::Account;
use crate::systems::databases::process::{Process, free_port};
use crate::systems::databases::redis::server::Server;

const STREAM: &str = "method = 'stream'";

/// Every type there is.
pub async fn of_all_types(server: &Server, keys: usize) {
    server.fill(keys).await;
    for line in [
        "RPUSH list a b c",
        "SADD set a b 1",
        "ZADD scores 1.5 a 2 b",
        "HSET hash f v g w",
        "XADD stream * field value",
        "PFADD log a b c",
        "SETEX soon 100000 x",
        "GEOADD places 13.4 52.5 berlin",
    ] {
        server.run(line).await.unwrap_or_else(|error| panic!("{line}: {error}"));
    }
}

/// Starts a server as the piece says it is restored, and asks how many keys it has.
async fn restored(taken: &super::keeping::Taken) -> i64 {
    let folder = tempfile::tempdir().unwrap();
    let file = taken.kept.write("rdb", folder.path());
    let port = free_port();
    let line = command(&taken.kept.piece("rdb").0.restore, &file);
    // Another port than the one that somebody may use here.
    let shell = format!("{} --port {port}", line.replace("redis-server", "exec redis-server"));
    std::fs::set_permissions(folder.path(), std::os::unix::fs::PermissionsExt::from_mode(0o777)).unwrap();
    let mut command = std::process::Command::new("sh");
    let command = command.args(["-c", &shell]).env("TMPDIR", folder.path()).current_dir("/");
    let before = std::fs::read(&file).unwrap();
    let _server = Process::start(Account::of("nobody").run(command));
    let begun = Instant::now();
    loop {
        if let Some(keys) = size(port).await {
            // Whoever plays with it writes to a copy.
            let client = redis::Client::open(format!("redis://127.0.0.1:{port}")).unwrap();
            let mut connection = client.get_multiplexed_async_connection().await.unwrap();
            for line in ["FLUSHALL", "SAVE"] {
                redis::cmd(line).exec_async(&mut connection).await.unwrap();
            }
            assert!(std::fs::read(&file).unwrap() == before, "{shell} has changed what lies in the store");
            return keys;
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "{shell} does not come up");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

pub async fn size(port: u16) -> Option<i64> {
    let client = redis::Client::open(format!("redis://127.0.0.1:{port}")).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.ok()?;
    redis::cmd("DBSIZE").query_async(&mut connection).await.ok()
}

async fn info(server: &Server, section: &str) -> String {
    let said = server.run(&format!("INFO {section}")).await.unwrap();
    redis::from_redis_value::<String>(said).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_is_whole_in_both_framings_and_a_server_starts_on_it() {
    for (lines, keys) in [
        ("repl-diskless-sync no\n", 100_000),
        ("repl-diskless-sync yes\nappendonly yes\n", 100_000),
        ("repl-diskless-sync yes\nrdbcompression no\n", 10),
        ("repl-diskless-sync no\n", 0),
        ("repl-diskless-sync yes\nrepl-diskless-sync-delay 3\n", 0),
    ] {
        let server = Server::start(lines).await;
        let count = if keys == 0 { 0 } else { keys as u64 + 8 };
        if keys > 0 {
            of_all_types(&server, keys).await;
        }
        server.run("CONFIG SET masterauth hunter3hunter3").await.unwrap();
        server.run("CONFIG SET maxmemory-policy allkeys-lru").await.unwrap();
        server.run("CONFIG SET requirepass hunter2hunter2").await.unwrap();
        let password = server.secret("its.password", "hunter2hunter2");
        let trial = Trial::new(&[server.component("cache", &format!("password = 'file:{}'", password.display()))]);
        let taken = trial.take("cache", STREAM).await;
        let account = taken.account();
        assert_eq!(taken.kept.formats(), ["rdb", "acl", "conf"], "{lines}");
        assert_eq!(account.counts["keys"], count, "{account:#?}");
        assert_eq!(restored(&taken).await, i64::try_from(count).unwrap(), "{lines}");
        assert!(account.system.starts_with("Redis 7"), "{account:#?}");
        assert_eq!(account.identity.as_ref().map(String::len), Some(40));
        assert_eq!(account.about["maxmemory_policy"], "allkeys-lru");
        assert!(account.about["taken_of"].starts_with("the primary cache"), "{account:#?}");
        assert!(account.as_of.is_some() && account.left_out.is_empty(), "{account:#?}");
        assert!(taken.kept.text("acl").starts_with("user default on "), "{}", taken.kept.text("acl"));
        let settings = taken.kept.text("conf");
        // They come in no order.
        assert!(settings.lines().any(|line| line == "maxmemory-policy \"allkeys-lru\""), "{settings}");
        assert!(!settings.contains("hunter"), "{settings}");
        assert_eq!(taken.kept.piece("conf").0.sort, Sort::Settings);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn its_settings_are_read_again_by_a_server() {
    let mut server = Server::start("maxmemory-policy volatile-ttl\n").await;
    let taken = Trial::new(&[server.component("cache", "")]).take("cache", STREAM).await;
    server.down();
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), std::os::unix::fs::PermissionsExt::from_mode(0o777)).unwrap();
    let file = taken.kept.write("conf", folder.path());
    let port = free_port();
    let line = command(&taken.kept.piece("conf").0.restore, &file);
    let installed = folder.path().join("redis.conf");
    let line = line.replace("/etc/redis/redis.conf", &installed.display().to_string());
    let server = format!("redis-server {} --port {port} --dir {}", installed.display(), folder.path().display());
    let shell = format!("{line} && exec {server} --logfile ''");
    let mut command = std::process::Command::new("sh");
    let _server = Process::start(Account::of("nobody").run(command.args(["-c", &shell]).current_dir("/")));
    let begun = Instant::now();
    while size(port).await.is_none() {
        assert!(begun.elapsed() < Duration::from_secs(10), "{shell} does not come up");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_replica_of_ours_stays_behind() {
    let server = Server::start("repl-diskless-sync no\n").await;
    server.fill(1000).await;
    let trial = Trial::new(&[server.component("cache", "")]);
    trial.take("cache", STREAM).await.account();
    let shelf = super::keeping::Shelf { stops_after: Some(10), ..Default::default() };
    let called_off = trial.take_into(shelf, "cache", STREAM).await;
    assert!(called_off.error().contains("called off"), "{}", called_off.error());
    let begun = Instant::now();
    while !info(&server, "replication").await.contains("connected_slaves:0") {
        assert!(begun.elapsed() < Duration::from_secs(5), "{}", info(&server, "replication").await);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_is_asked_where_one_is_up_to_date() {
    let primary = Server::start("").await;
    primary.fill(2000).await;
    let mut replica = Server::start(&format!("replicaof 127.0.0.1 {}\n", primary.port)).await;
    let stranger = Server::start("").await;
    let begun = Instant::now();
    while !info(&replica, "replication").await.contains("master_link_status:up") {
        assert!(begun.elapsed() < Duration::from_secs(20));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let settings = "[component.redis]\nreplicas = ['copy']\n";
    let parts = [primary.component("cache", settings), replica.component("copy", ""), stranger.component("other", "")];
    let trial = Trial::new(&parts);
    let forks = async |server: &Server| {
        let stats = info(server, "stats").await;
        stats.lines().find_map(|line| line.strip_prefix("total_forks:")).unwrap().trim().to_owned()
    };
    let before = forks(&primary).await;
    let taken = trial.take("cache", STREAM).await;
    assert_eq!(taken.account().counts["keys"], 2000);
    assert!(taken.account().about["taken_of"].starts_with("the replica copy"), "{:#?}", taken.account());
    assert_eq!(forks(&primary).await, before, "the primary had nothing to do");
    // Its own link is down: it would give an old state, or none.
    replica.down();
    let taken = trial.take("cache", STREAM).await;
    assert!(taken.account().about["taken_of"].starts_with("the primary cache"), "{:#?}", taken.account());
    assert!(taken.leaves_out("no replica of the plan is up to date"), "{:#?}", taken.account());
    // A server that holds something else is no replica, whatever the plan says.
    let wrong =
        [primary.component("cache", "[component.redis]\nreplicas = ['other']\n"), stranger.component("other", "")];
    let taken = Trial::new(&wrong).take("cache", STREAM).await;
    assert_eq!(taken.account().counts["keys"], 2000);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_login_may_not_is_told() {
    let server = Server::start("").await;
    server.fill(50).await;
    server.run("ACL SETUSER narrow on >hunter2hunter2 +ping +psync +replconf +sync +hello").await.unwrap();
    server.run("ACL SETUSER none on >hunter2hunter2 +ping +info +time").await.unwrap();
    let password = server.secret("its.password", "hunter2hunter2");
    let with =
        |user: &str| server.component("cache", &format!("user = '{user}'\npassword = 'file:{}'", password.display()));
    let taken = Trial::new(&[with("narrow")]).take("cache", STREAM).await;
    assert_eq!(taken.kept.formats(), ["rdb"], "{:?}", taken.account);
    for words in ["may not ask INFO", "users (ACL LIST): the login may not", "settings (CONFIG GET)"] {
        assert!(taken.leaves_out(words), "{words}: {:#?}", taken.account());
    }
    let refused = Trial::new(&[with("none")]).take("cache", STREAM).await;
    assert!(
        refused.error().contains("may not ask for a snapshot") && refused.error().contains("+psync"),
        "{}",
        refused.error()
    );
    let wrong = server.secret("wrong.password", "hunter9hunter9");
    let wrong = server.component("cache", &format!("password = 'file:{}'", wrong.display()));
    server.run("CONFIG SET requirepass hunter2hunter2").await.unwrap();
    let error = Trial::new(&[wrong]).take("cache", STREAM).await.error();
    assert!(error.contains("does not let us in") && !error.contains("hunter9"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_and_a_watcher_have_no_snapshot_of_their_own() {
    let node = Server::start("cluster-enabled yes\n").await;
    let error = Trial::new(&[node.component("cache", "")]).take("cache", STREAM).await.error();
    assert!(error.contains("node of a cluster") && error.contains("each of the cluster's primaries"), "{error}");
    let error =
        Trial::new(&[node.component("cache", "[component.redis]\nsentinel = true\n")]).take("cache", STREAM).await;
    assert!(error.error().contains("nothing can be taken"), "{}", error.error());
    let error = Trial::new(&[node.component("cache", "")]).take("cache", "method = 'definitions'").await.error();
    assert!(error.contains("the method definitions"), "{error}");
}
