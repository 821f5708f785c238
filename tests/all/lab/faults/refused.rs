//! What a fault must not do.

use lifeboat::lab::faults;
use lifeboat::lab::{FaultError, LabError};

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
    twice(test).await;
    stranger(test).await;
}

async fn twice(test: &TestLab) {
    fault(test, "lag-standby", None).await;
    let error = refused(test, "lag-standby", None).await;
    assert!(matches!(error, LabError::Fault(FaultError::InForce(_))), "{error}");
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
    std::fs::write(&path, before).unwrap();
    assert!(test.redis_do(&["PING"]).await.is_ok());
}
