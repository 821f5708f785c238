//! The store is full, or what lies in it is damaged.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

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
    let error = super::refused(test, "corrupt-backup", Some(&target)).await;
    assert_eq!(error.to_string(), format!("truncate-backup {target} is in force already"));
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
        .credentials_provider(Credentials::new(test.secret("s3-access-key"), test.secret("s3"), None, None, "test"))
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
    let get = async |key: &str| {
        let object = client.get_object().bucket(BUCKET).key(key).send().await.unwrap();
        (object.e_tag, object.body.collect().await.ok().map(aws_sdk_s3::primitives::AggregatedBytes::to_vec))
    };
    shown(test);
    let whole = get("probe/second").await;
    fault(test, "corrupt-object", Some("probe/second")).await;
    let damaged = get("probe/second").await;
    assert_eq!(damaged.0, whole.0, "the endpoint still says that it is what it was");
    assert_ne!(damaged.1, whole.1);
    undo(test, "corrupt-object").await;
    assert_eq!(get("probe/second").await, whole);

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

/// The command that the status shows does reach the bucket.
fn shown(test: &TestLab) {
    let curl = std::process::Command::new("curl").arg("--version").output();
    if !curl.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).starts_with("curl ")) {
        println!("skipped: there is no curl");
        return;
    }
    let status = test.status();
    let reach = status.servers.into_iter().find(|one| one.server == "primary/s3").unwrap().reach.unwrap();
    let output = std::process::Command::new("sh").args(["-c", &reach]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("<Key>probe/second</Key>"), "{reach}: {said}");
}

/// Whoever writes to the store while it is being emptied, and is told that it was written, finds it there afterwards;
/// also if somebody holds the full one a little longer.
async fn nothing_is_lost(test: &TestLab) {
    let folder = test.folder().join("sites/primary/backups/config").canonicalize().unwrap();
    let held = std::fs::File::open(folder.parent().unwrap().join("ballast")).unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let (at, stopped) = (folder.clone(), Arc::clone(&stop));
    let writer = std::thread::spawn(move || {
        let mut written = Vec::new();
        for number in 0.. {
            if stopped.load(Ordering::SeqCst) {
                break;
            }
            let (new, path) = (at.join(format!(".probe-{number}.tmp")), at.join(format!("probe-{number}")));
            if std::fs::write(&new, [b'x'; 5_000]).and_then(|()| std::fs::rename(&new, &path)).is_ok() {
                written.push(path);
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        written
    });
    let holder = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_secs(1));
        drop(held);
    });
    undo(test, "fill-store").await;
    holder.join().unwrap();
    stop.store(true, Ordering::SeqCst);
    let written = writer.join().unwrap();
    assert!(!written.is_empty());
    for path in written {
        assert_eq!(std::fs::read(&path).map(|bytes| bytes.len()).ok(), Some(5_000), "{}", path.display());
    }
    assert!(!folder.parent().unwrap().join("ballast").exists());
    let mounts = std::fs::read_to_string("/proc/self/mounts").unwrap();
    let base = test.folder().join("sites").canonicalize().unwrap();
    assert!(!mounts.contains(base.to_str().unwrap()), "something is still mounted");
}

async fn full(test: &TestLab) {
    if !rustix::process::geteuid().is_root() {
        println!("skipped: only root mounts a small file system over a store");
        return;
    }
    let (archived, failed) = (test.count("primary", ARCHIVED).await, test.count("primary", FAILED).await);
    fault(test, "fill-store", Some("primary")).await;
    test.ask("primary", SWITCH).await.unwrap();
    until("archiving fails", async || test.count("primary", FAILED).await > failed).await;
    assert_eq!(test.count("primary", ARCHIVED).await, archived);
    nothing_is_lost(test).await;
    // The archiver, which has given up for a minute, looks again when there is something new.
    test.ask("primary", SWITCH).await.unwrap();
    until("archiving works again", async || test.count("primary", ARCHIVED).await > archived).await;
    let name = test.ask("primary", "SELECT last_archived_wal FROM pg_stat_archiver").await.unwrap();
    assert!(test.folder().join("sites/primary/backups/postgres/wal").join(name).exists());
}
