//! The store is full, or what lies in it is damaged.

use std::path::PathBuf;

use sha2::{Digest, Sha256};

use super::super::test_lab::until;
use super::{TestLab, fault, undo};

const ARCHIVED: &str = "SELECT archived_count FROM pg_stat_archiver";
const FAILED: &str = "SELECT failed_count FROM pg_stat_archiver";
const SWITCH: &str = "SELECT pg_create_restore_point('probe'), pg_switch_wal()";

fn digest(path: &PathBuf) -> Vec<u8> {
    Sha256::digest(std::fs::read(path).unwrap()).to_vec()
}

pub async fn all(test: &TestLab) {
    let archived = test.count("primary", ARCHIVED).await;
    test.ask("primary", SWITCH).await.unwrap();
    until("a segment is archived", async || test.count("primary", ARCHIVED).await > archived).await;
    let name = test.ask("primary", "SELECT last_archived_wal FROM pg_stat_archiver").await.unwrap();
    let target = format!("postgres/wal/{name}");
    let path = test.folder().join("sites/primary/backups").join(&target);
    let (whole, length) = (digest(&path), path.metadata().unwrap().len());

    fault(test, "truncate-backup", Some(&target)).await;
    assert_eq!(path.metadata().unwrap().len(), length / 2);
    undo(test, "truncate-backup").await;
    assert_eq!(digest(&path), whole);

    fault(test, "corrupt-backup", Some(&target)).await;
    assert_eq!(path.metadata().unwrap().len(), length);
    assert_ne!(digest(&path), whole);
    undo(test, "corrupt-backup").await;
    assert_eq!(digest(&path), whole);

    objects(test).await;
    full(test).await;
}

/// The bucket of the primary region, as any client of S3 has it.
fn bucket(test: &TestLab) -> aws_sdk_s3::Client {
    use aws_sdk_s3::config::{Credentials, Region, retry::RetryConfig};
    let config = aws_sdk_s3::Config::builder()
        .region(Region::new("us-east-1"))
        .endpoint_url(format!("http://{}", test.address("primary/s3")))
        .force_path_style(true)
        .credentials_provider(Credentials::new("lifeboat", test.secret("s3"), None, None, "test"))
        .retry_config(RetryConfig::disabled())
        .build();
    aws_sdk_s3::Client::from_conf(config)
}

const BUCKET: &str = "backup-agent-platform-prod";

async fn objects(test: &TestLab) {
    let client = bucket(test);
    let put = async |key: &str| {
        client.put_object().bucket(BUCKET).key(key).body(b"lifeboat".to_vec().into()).send().await.map(|_| ())
    };
    let is_there = async |key: &str| client.head_object().bucket(BUCKET).key(key).send().await.is_ok();
    put("probe/a b&c.dump").await.unwrap();
    put("probe/second").await.unwrap();
    fault(test, "delete-object", None).await;
    assert!(!is_there("probe/a b&c.dump").await);
    assert!(is_there("probe/second").await);
    fault(test, "delete-object", Some("probe/second")).await;
    assert!(!is_there("probe/second").await);
    super::refused(test, "delete-object", Some("probe/second")).await;

    fault(test, "fill-store", Some("primary/s3")).await;
    until("the endpoint is full", async || put("probe/third").await.is_err()).await;
    undo(test, "fill-store").await;
    until("there is room again", async || put("probe/third").await.is_ok()).await;
}

async fn full(test: &TestLab) {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let (archived, failed) = (test.count("primary", ARCHIVED).await, test.count("primary", FAILED).await);
    fault(test, "fill-store", Some("primary")).await;
    test.ask("primary", SWITCH).await.unwrap();
    until("archiving fails", async || test.count("primary", FAILED).await > failed).await;
    assert_eq!(test.count("primary", ARCHIVED).await, archived);
    undo(test, "fill-store").await;
    // The archiver, which has given up for a minute, looks again when there is something new.
    test.ask("primary", SWITCH).await.unwrap();
    until("archiving works again", async || test.count("primary", ARCHIVED).await > archived).await;
    let name = test.ask("primary", "SELECT last_archived_wal FROM pg_stat_archiver").await.unwrap();
    assert!(test.folder().join("sites/primary/backups/postgres/wal").join(name).exists());
}
