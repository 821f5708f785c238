//! Uploads that were killed in the middle: another run goes on with the parts that have arrived, and what nobody goes
//! on with is given up in time; never what somebody else has begun, or is still at.

use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use chrono::{TimeDelta, Utc};
use serde_json::Value;

use super::backup::bucket::begun;
use crate::lab::s3::{ACCESS_KEY, Endpoint, SECRET, read, until};
use crate::reach::s3::between::{Act, between};
use crate::support::program::Home;

const KEY: &str = "rabbitmq/messages/dump_20241118.txt";

/// A folder with something large in it, and a job that copies it to a bucket.
pub fn place(address: SocketAddr) -> Home {
    let home = Home::new();
    let root = home.path().display().to_string();
    for (name, text) in [("access", ACCESS_KEY), ("secret", SECRET)] {
        let path = home.write(name, text);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
    home.write(&format!("local/{KEY}"), noise());
    home.write(
        "plan.toml",
        format!(
            "[platform]\nname = 'p'\nstate = '{root}/state'\nrto = '2h'\nrpo = '1d'\n\
             [[component]]\nname = 'queues'\nkind = 'rabbitmq'\naddress = 'amqp://127.0.0.1:1/'\nrto = '1h'\n\
             [[store]]\nname = 'local'\nkind = 'directory'\npath = '{root}/local'\n\
             [[store]]\nname = 'offsite'\nkind = 's3'\nbucket = 'store'\nendpoint = 'http://{address}'\n\
             access_key = 'file:{root}/access'\nsecret_key = 'file:{root}/secret'\n\
             [[job]]\nname = 'daily'\ndo = 'backup'\nof = 'queues'\nmethod = 'messages'\ncron = '0 2 * * *'\nto = ['local']\n\
             [[job]]\nname = 'upload'\ndo = 'upload'\ntakes = ['daily']\nevery = '1s'\nto = ['offsite']\n"
        ),
    );
    home
}

/// Four parts, the last one short.
fn noise() -> Vec<u8> {
    (0..26_000_000_u64).map(|at| at.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes()[0]).collect()
}

const UPLOAD: &str = "--plan plan.toml backup --due --job upload";

/// Where a bucket stands behind something that can be told to hang at the third part, and remembers which parts came.
struct Between {
    endpoint: Endpoint,
    home: Home,
    hangs: Arc<AtomicBool>,
    parts: Arc<Mutex<Vec<char>>>,
}

impl Between {
    async fn new() -> Between {
        let endpoint = Endpoint::start().await;
        let (hangs, parts) = (Arc::new(AtomicBool::new(true)), Arc::new(Mutex::new(Vec::new())));
        let (hang, seen) = (Arc::clone(&hangs), Arc::clone(&parts));
        let act = move |head: &crate::reach::s3::between::Head| {
            let Some((_, number)) = head.line.split_once("partNumber=") else { return Act::Pass };
            let number = number.chars().next().unwrap();
            seen.lock().unwrap().push(number);
            if number == '3' && hang.load(Ordering::SeqCst) { Act::Hang } else { Act::Pass }
        };
        let (address, _) = between(Some(endpoint.address), act).await;
        Between { home: place(address), endpoint, hangs, parts }
    }

    fn parts(&self) -> Vec<char> {
        let mut parts = std::mem::take(&mut *self.parts.lock().unwrap());
        parts.sort_unstable();
        parts.dedup();
        parts
    }

    /// Runs the upload while its third part does not get through, and kills it once the others have arrived.
    async fn killed(&self) {
        let mut command = self.home.command(UPLOAD.split_whitespace());
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let client = self.endpoint.client();
        until("all but the third part", || async {
            let uploads = client.list_multipart_uploads().bucket("store").send().await.unwrap();
            let Some(upload) = uploads.uploads().first() else { return false };
            let parts = client
                .list_parts()
                .bucket("store")
                .key(KEY)
                .upload_id(upload.upload_id().unwrap())
                .send()
                .await
                .unwrap();
            parts.parts().len() == 3
        })
        .await;
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(begun(&self.endpoint).await, 1);
        self.parts();
        self.hangs.store(false, Ordering::SeqCst);
    }

    /// Runs the upload until its slot has come.
    fn nothing_to_copy(&self) {
        crate::support::waiting::until("nothing is missing", || {
            self.home.run(UPLOAD).out.contains("nothing was missing")
        });
    }

    fn ticket(&self) -> PathBuf {
        let tickets: Vec<_> = std::fs::read_dir(self.home.path().join("state/uploads")).unwrap().collect();
        assert_eq!(tickets.len(), 1);
        tickets.into_iter().next().unwrap().unwrap().path()
    }

    /// The upload was begun so long ago.
    fn age(&self, days: i64) {
        let path = self.ticket();
        let mut ticket: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        ticket["begun"] = serde_json::json!(Utc::now() - TimeDelta::days(days));
        std::fs::write(&path, ticket.to_string()).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_run_goes_on_with_what_has_arrived() {
    let way = Between::new().await;
    way.killed().await;
    let ran = way.home.run(UPLOAD);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(way.parts(), ['3'], "what has arrived is not sent again");
    assert!(read(&way.endpoint.client(), "store", KEY).await == noise());
    assert_eq!(begun(&way.endpoint).await, 0);
    assert_eq!(std::fs::read_dir(way.home.path().join("state/uploads")).unwrap().count(), 0);
    way.nothing_to_copy();
    assert!(way.parts().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_of_what_has_changed_are_sent_anew() {
    let way = Between::new().await;
    way.killed().await;
    let mut changed = noise();
    changed[9_000_000] ^= 1;
    way.home.write(&format!("local/{KEY}"), &changed);
    let ran = way.home.run(UPLOAD);
    assert_eq!((ran.code, way.parts()), (Some(0), vec!['2', '3']), "{ran:?}");
    assert!(read(&way.endpoint.client(), "store", KEY).await == changed);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_goes_on_with_is_given_up_and_only_that() {
    let way = Between::new().await;
    way.killed().await;
    let client = way.endpoint.client();
    client.create_multipart_upload().bucket("store").key("somebody/else").send().await.unwrap();
    // There is nothing to go on with any more.
    std::fs::remove_file(way.home.path().join("local").join(KEY)).unwrap();
    way.age(6);
    way.nothing_to_copy();
    assert_eq!(begun(&way.endpoint).await, 2, "it is not old yet");
    way.age(8);
    // Somebody is at it.
    let held = std::fs::File::open(way.ticket()).unwrap();
    rustix::fs::flock(&held, rustix::fs::FlockOperation::LockExclusive).unwrap();
    way.nothing_to_copy();
    assert_eq!(begun(&way.endpoint).await, 2, "somebody is at it");
    drop(held);
    way.nothing_to_copy();
    let left = client.list_multipart_uploads().bucket("store").send().await.unwrap();
    let keys: Vec<_> = left.uploads().iter().map(|upload| upload.key().unwrap()).collect();
    assert_eq!(keys, ["somebody/else"]);
    assert_eq!(std::fs::read_dir(way.home.path().join("state/uploads")).unwrap().count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_the_service_has_forgotten_is_begun_anew() {
    let way = Between::new().await;
    way.killed().await;
    let client = way.endpoint.client();
    let uploads = client.list_multipart_uploads().bucket("store").send().await.unwrap();
    let id = uploads.uploads()[0].upload_id().unwrap();
    client.abort_multipart_upload().bucket("store").key(KEY).upload_id(id).send().await.unwrap();
    let ran = way.home.run(UPLOAD);
    assert_eq!((ran.code, way.parts()), (Some(0), vec!['1', '2', '3', '4']), "{ran:?}");
    assert!(read(&way.endpoint.client(), "store", KEY).await == noise());
}
