//! Snapshots and append-only files that cannot be written.

use std::os::unix::fs::PermissionsExt;

use lifeboat::plan::facts::Verdict;

use super::server::Server;
use crate::systems::databases::asking::{Asker, hidden, says, shown};

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_cannot_save_says_so_and_its_start_is_no_snapshot() {
    let server = Server::start("save 3600 1\n").await;
    let mut asker = Asker::new(&[server.component("cache", "")]);
    let fresh = asker.vital().await;
    assert_eq!((fresh.verdict, shown(&fresh, "rdb").as_str()), (Verdict::Healthy, "never"), "{fresh:#?}");
    assert_eq!(hidden(&fresh, "last_save"), "none has succeeded since it started");
    server.fill(3).await;
    server.run("BGSAVE").await.unwrap();
    let saved = asker.until("it has saved", |reading| shown(reading, "rdb") == "ok").await;
    assert!(saved.fact("last_save").is_some(), "{saved:#?}");

    let readable =
        |mode| std::fs::set_permissions(server.folder.path(), std::fs::Permissions::from_mode(mode)).unwrap();
    readable(0o555);
    server.run("BGSAVE").await.unwrap();
    let failed = asker.until("it cannot save", |reading| shown(reading, "rdb") == "failed").await;
    assert_eq!((failed.verdict, shown(&failed, "persistence").as_str()), (Verdict::Degraded, "damaged"));
    assert!(says(&failed, "its last snapshot failed"), "{failed:#?}");
    let refused = server.run("SET key value").await.unwrap_err();
    assert_eq!(refused.code(), Some("MISCONF"));
    let stopped = asker.vital().await;
    assert!(says(&stopped, "it refuses writes because it cannot save them (MISCONF)"), "{stopped:#?}");
    readable(0o755);
    server.run("BGSAVE").await.unwrap();
    asker.until("it has saved again", |reading| shown(reading, "rdb") == "ok").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_are_off_are_told_and_held_against_the_plan() {
    let server = Server::start("").await;
    let plan = "redis = { append_only = true, appendfsync = 'always' }\n";
    let mut asker = Asker::new(&[server.component("cache", plan)]);
    let off = asker.vital().await;
    assert_eq!((shown(&off, "persistence").as_str(), shown(&off, "aof").as_str()), ("off", "off"));
    assert_eq!(off.reason(), "its append-only file is off, and the plan says on");
    server.run("CONFIG SET appendonly yes").await.unwrap();
    let on = asker.until("it is on", |reading| shown(reading, "aof") == "ok").await;
    assert_eq!(shown(&on, "persistence"), "working");
    assert_eq!(on.reason(), "its append-only file is flushed everysec, and the plan says always");
    let folder = server.folder.path().join("appendonlydir");
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o555)).unwrap();
    server.run("BGREWRITEAOF").await.ok();
    let failed = asker.until("it cannot be rewritten", |reading| shown(reading, "aof") == "failed").await;
    assert_eq!((failed.verdict, shown(&failed, "persistence").as_str()), (Verdict::Degraded, "damaged"));
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o755)).unwrap();
}
