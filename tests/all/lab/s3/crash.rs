//! A process that serves is killed in the middle of uploads: nothing half-written is ever seen.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::RequestChecksumCalculation;
use lifeboat::lab::s3::Server;
use lifeboat::text::SystemClock;

use super::{bucket, client, options, read, until};

const FOLDER: &str = "LIFEBOAT_TEST_S3_FOLDER";
const SIZE: usize = 3 << 20;

/// The process that is killed; a test of its own only so that this binary can start itself as one.
#[tokio::test(flavor = "multi_thread")]
async fn served_by_a_process_of_its_own() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let folder = Path::new(&folder);
    let options = options(folder, "us-east-1", vec![bucket("store", false)], Vec::new());
    let server = Server::bind(&options, Arc::new(SystemClock)).await.unwrap();
    std::fs::write(folder.join("address.new"), server.address().to_string()).unwrap();
    std::fs::rename(folder.join("address.new"), folder.join("address")).unwrap();
    server.run(std::future::pending()).await;
}

/// A process of the test that ends with it.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

async fn start(folder: &Path) -> (Process, Client) {
    let _ = std::fs::remove_file(folder.join("address"));
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "lab::s3::crash::served_by_a_process_of_its_own", "--nocapture"])
        .env(FOLDER, folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let process = Process(child);
    until("the process", || async { folder.join("address").exists() }).await;
    let address = std::fs::read_to_string(folder.join("address")).unwrap();
    (process, client(&format!("http://{address}"), RequestChecksumCalculation::WhenSupported))
}

fn body(round: u8, key: u8) -> Vec<u8> {
    (0..SIZE).map(|at| u8::try_from(at % 7).unwrap() ^ round ^ (key << 4)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_kill_in_the_middle_leaves_whole_objects_only() {
    let folder = tempfile::tempdir().unwrap();
    let (mut process, mut client) = start(folder.path()).await;
    let mut acknowledged = [None; 4];
    for round in 1..=12_u8 {
        let uploads: Vec<_> = (0..4_u8)
            .map(|key| {
                let put = client.put_object().bucket("store").key(format!("key-{key}")).body(body(round, key).into());
                tokio::spawn(async move { put.send().await.is_ok() })
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(u64::from(round) * 12)).await;
        drop(process);
        for (key, upload) in uploads.into_iter().enumerate() {
            if upload.await.unwrap() {
                acknowledged[key] = Some(round);
            }
        }
        (process, client) = start(folder.path()).await;
        for key in 0..4_u8 {
            check(&client, key, round, acknowledged[usize::from(key)]).await;
        }
        let data = folder.path().join("s3/buckets/store/data");
        let listed = client.list_objects_v2().bucket("store").send().await.unwrap();
        assert_eq!(std::fs::read_dir(data).unwrap().count(), listed.contents().len(), "round {round}");
    }
}

/// An object is whole, of a round that was sent, and not older than the last one acknowledged.
async fn check(client: &Client, key: u8, round: u8, acknowledged: Option<u8>) {
    let name = format!("key-{key}");
    let there = client.head_object().bucket("store").key(&name).send().await.is_ok();
    assert!(there || acknowledged.is_none(), "{name}: round {acknowledged:?} was acknowledged and is gone");
    if there {
        let bytes = read(client, "store", &name).await;
        let oldest = acknowledged.unwrap_or(1);
        assert!((oldest..=round).any(|one| bytes == body(one, key)), "{name} is not what was sent");
    }
}

/// The most memory a process ever had, in bytes.
fn peak(process: &Process) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", process.0.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_object_passes_through_little_memory() {
    const LARGE: u64 = 192 << 20;
    let folder = tempfile::tempdir().unwrap();
    let (process, client) = start(folder.path()).await;
    super::write(&client, "store", "small", &[0; 1_000]).await;
    let before = peak(&process);
    let file = folder.path().join("large");
    std::fs::File::create(&file).unwrap().set_len(LARGE).unwrap();
    let body = aws_sdk_s3::primitives::ByteStream::from_path(&file).await.unwrap();
    client.put_object().bucket("store").key("large").body(body).send().await.unwrap();
    let mut object = client.get_object().bucket("store").key("large").send().await.unwrap();
    let mut length = 0;
    while let Some(chunk) = object.body.next().await {
        length += chunk.unwrap().len() as u64;
    }
    assert_eq!(length, LARGE);
    let grown = peak(&process) - before;
    assert!(grown < 32 << 20, "it took {grown} bytes more");
}
