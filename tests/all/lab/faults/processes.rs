//! Servers and sites are dead or frozen.

use lifeboat::lab::{self, ServerState};

use super::super::test_lab::until;
use super::{TestLab, fault, undo};

pub async fn all(test: &TestLab) {
    fault(test, "kill", None).await;
    assert!(test.sql("primary", "app").await.is_err());
    assert_eq!(test.state_of("primary/postgres"), ServerState::Stopped);
    undo(test, "kill").await;
    test.sql("primary", "app").await.unwrap();

    // Frozen in the middle of a session, which then goes on as if nothing had been.
    let session = test.sql("primary", "app").await.unwrap();
    fault(test, "freeze", None).await;
    assert_eq!(test.sql("primary", "app").await.err().as_deref(), Some("no answer"));
    assert_eq!(test.state_of("primary/postgres"), ServerState::Frozen);
    undo(test, "freeze").await;
    session.simple_query("SELECT 1").await.unwrap();

    sites(test).await;
}

async fn sites(test: &TestLab) {
    fault(test, "freeze", Some("primary")).await;
    for server in test.status().servers {
        let wanted = if server.server.starts_with("primary/") { ServerState::Frozen } else { ServerState::Running };
        assert_eq!(server.state, wanted, "{}", server.server);
    }
    assert!(test.redis("dr", "default").await.is_ok(), "the other site goes on");
    undo(test, "freeze").await;
    assert!(test.status().is_whole());

    fault(test, "kill", Some("dr")).await;
    for server in test.status().servers {
        let wanted = if server.server.starts_with("dr/") { ServerState::Stopped } else { ServerState::Running };
        assert_eq!(server.state, wanted, "{}", server.server);
    }
    undo(test, "kill").await;
    assert!(test.status().is_whole());
    until("the standby streams again", async || {
        test.count("primary", "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'").await == 1
    })
    .await;

    brought_back(test).await;
}

/// `up` brings back what a fault killed.
async fn brought_back(test: &TestLab) {
    fault(test, "kill", Some("primary/redis")).await;
    test.up().await;
    assert!(test.status().is_whole());
    assert!(!test.status().faults.iter().any(|one| one.fault == "kill"), "up has healed it");
    fault(test, "freeze", Some("primary/redis")).await;
    fault(test, "kill", Some("primary/redis")).await;
    test.up().await;
    let shown = test.status().faults;
    assert!(!shown.iter().any(|one| one.target == "primary/redis"), "{shown:#?}");
    // A replica comes up though there is nobody to follow.
    fault(test, "freeze", Some("primary/redis")).await;
    fault(test, "kill", Some("dr/redis")).await;
    test.up().await;
    assert_eq!(test.state_of("dr/redis"), ServerState::Running);
    undo(test, "freeze").await;
}

/// What only a process knew is over when there is another one in its place.
pub async fn healed(test: &TestLab) {
    let passing = [
        ("refuse-logins", Some("redis")),
        ("exhaust-memory", None),
        ("lag-standby", None),
        ("exhaust-connections", None),
    ];
    for (name, target) in passing {
        fault(test, name, target).await;
    }
    fault(test, "freeze", Some("primary")).await;
    let id = test.id();
    lab::down(&test.folder(), false).await.unwrap();
    assert!(super::super::test_lab::tagged(&id).is_empty());
    test.up().await;
    let shown = test.status().faults;
    assert!(!shown.iter().any(lab::Applied::can_be_undone), "{shown:#?}");
    assert!(test.redis("primary", "app").await.is_ok());
    assert_eq!(test.redis_do(&["KEYS", "lab:ballast:*"]).await, Ok(redis::Value::Array(Vec::new())));
    fault(test, "freeze", Some("primary/redis")).await;
    undo(test, "freeze").await;
}
