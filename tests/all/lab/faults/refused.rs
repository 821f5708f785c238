//! What a fault must not do.

use lifeboat::lab::faults;
use lifeboat::lab::{FaultError, LabError};
use lifeboat::text::{Exit, Explain};

use super::{TestLab, fault, refused, undo};

pub async fn all(test: &TestLab) {
    let error = refused(test, "kil", None).await;
    assert!(error.to_string().contains("did you mean kill?"), "{error}");
    for target in ["mysql", "dr/dns", "../postgres"] {
        let error = refused(test, "kill", Some(target)).await;
        assert!(matches!(error, LabError::Fault(FaultError::Target { .. })), "{error}");
    }
    let error = refused(test, "truncate-backup", Some("../../../../etc/hostname")).await;
    assert!(matches!(error, LabError::Fault(FaultError::Failed { .. })), "{error}");
    let error = faults::undo(&test.folder(), Some("freeze"), None).await.unwrap_err();
    assert!(matches!(error, LabError::Fault(FaultError::NotInForce(_))), "{error}");
    let error = faults::undo(&test.folder(), Some("drop-table"), None).await.unwrap_err();
    assert!(matches!(error, LabError::Fault(FaultError::NoUndo(_))), "{error}");
    fault(test, "freeze", Some("dr/redis")).await;
    let error = faults::undo(&test.folder(), Some("freeze"), Some("primary/redis")).await.unwrap_err();
    assert_eq!(error.to_string(), "freeze primary/redis is not in force");
    let in_force = faults::in_force(&test.folder()).unwrap();
    assert!(in_force.iter().any(|one| (one.fault.as_str(), one.target.as_str()) == ("freeze", "dr/redis")));
    let undone = faults::undo(&test.folder(), Some("freeze"), Some("dr/redis")).await.unwrap();
    assert_eq!(undone[0].target, "dr/redis");
    more(test).await;
}

async fn more(test: &TestLab) {
    targets(test).await;
    twice(test).await;
    unanswered(test).await;
    stranger(test).await;
}

/// No target is not an empty one, and what is not the platform's is left alone.
async fn targets(test: &TestLab) {
    for (name, target) in [("drop-table", ""), ("kill", ""), ("stop-dns", "foo"), ("flush-redis", "")] {
        let error = refused(test, name, Some(target)).await;
        assert!(matches!(error, LabError::Fault(FaultError::Target { .. })), "{name} {target:?}: {error}");
        assert_eq!(error.exit(), Exit::Usage);
    }
    let known = test.status().faults;
    for name in ["delete-rows", "drop-table", "flip-bytes", "break-foreign-key"] {
        let error = refused(test, name, Some("pg_catalog.pg_class")).await.to_string();
        assert!(error.contains("there is no"), "{error}");
    }
    let error = refused(test, "drop-table", Some("no_such_table")).await.to_string();
    assert!(error.contains("there are: agents, ") && error.contains("steps"), "{error}");
    let error = refused(test, "delete-object", None).await.to_string();
    assert!(error.contains("put one there with"), "{error}");
    assert_eq!(test.status().faults, known);
}

/// What certainly failed is not in force.
async fn unanswered(test: &TestLab) {
    fault(test, "freeze", Some("primary/redis")).await;
    let error = refused(test, "refuse-logins", Some("redis")).await;
    assert!(!test.status().faults.iter().any(|one| one.fault == "refuse-logins"), "{error}");
    undo(test, "freeze").await;
    fault(test, "kill", Some("dr/redis")).await;
    let error = refused(test, "freeze", Some("dr/redis")).await;
    assert_eq!(error.to_string(), "dr/redis is stopped");
    undo(test, "kill").await;
}

async fn twice(test: &TestLab) {
    fault(test, "lag-standby", None).await;
    let error = refused(test, "lag-standby", None).await;
    assert!(matches!(error, LabError::Fault(FaultError::InForce { .. })), "{error}");
    assert_eq!(error.exit(), Exit::Refused);
    assert_eq!(error.next_step(), "Undo it first: `lifeboat lab fault lag-standby --undo`.");
    undo(test, "lag-standby").await;
}

/// A server that is not the one the lab recorded is left alone, even at the lab's own address.
async fn stranger(test: &TestLab) {
    let path = test.folder().join("processes.json");
    let before = std::fs::read_to_string(&path).unwrap();
    let mut record: serde_json::Value = serde_json::from_str(&before).unwrap();
    let start = record["primary/redis"]["born"]["start"].as_u64().unwrap();
    record["primary/redis"]["born"]["start"] = (start + 1).into();
    std::fs::write(&path, record.to_string()).unwrap();
    let error = refused(test, "flush-redis", None).await;
    assert!(matches!(error, LabError::Fault(FaultError::NotOurs { .. })), "{error}");
    assert!(error.to_string().contains("at its address is not the lab's"), "{error}");
    std::fs::write(&path, before).unwrap();
    assert!(test.redis_do(&["PING"]).await.is_ok());
}
