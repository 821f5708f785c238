//! What is archived: its thaw is asked for once, waited for, and remembered by whoever comes later. And what scripts
//! left for good: months and years of archives.

use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};

use serde_json::Value;

use crate::lab::s3::{ACCESS_KEY, Endpoint, SECRET};
use crate::reach::s3::between::{Act, Head, between};
use crate::support::program::{Home, Ran};

const KEY: &str = "rabbitmq/messages/dump_20241118.txt";
const POINT: &str = "rabbitmq/messages_20241118";

/// A plan with a folder, and with an archive in a bucket.
fn place(address: SocketAddr) -> Home {
    let home = Home::new();
    let root = home.path().display().to_string();
    for (name, text) in [("access", ACCESS_KEY), ("secret", SECRET)] {
        let path = home.write(name, text);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
    std::fs::create_dir(home.path().join("local")).unwrap();
    home.write(
        "plan.toml",
        format!(
            "[platform]\nname = 'p'\nstate = '{root}/state'\nrto = '2h'\nrpo = '1d'\n\
             [[component]]\nname = 'queues'\nkind = 'rabbitmq'\naddress = 'amqp://127.0.0.1:1/'\nrto = '1h'\n\
             [[store]]\nname = 'local'\nkind = 'directory'\npath = '{root}/local'\n\
             [[store]]\nname = 'archive'\nkind = 'archive'\nbucket = 'store'\nendpoint = 'http://{address}'\n\
             access_key = 'file:{root}/access'\nsecret_key = 'file:{root}/secret'\nstorage_class = 'DEEP_ARCHIVE'\n\
             thaw = '1h to 12h'\ndeep_thaw = '12h to 48h'\nkeep = {{ age = '7y' }}\n\
             [[job]]\nname = 'daily'\ndo = 'backup'\nof = 'queues'\nmethod = 'messages'\nevery = '10y'\nto = ['archive']\n\
             [[job]]\nname = 'back'\ndo = 'upload'\ntakes = ['daily']\nevery = '1s'\nto = ['local']\n\
             [[job]]\nname = 'check'\ndo = 'verify'\ntakes = ['daily']\nevery = '1s'\nto = ['archive']\n"
        ),
    );
    home
}

async fn put(endpoint: &Endpoint, key: &str, bytes: &[u8]) {
    endpoint.client().put_object().bucket("store").key(key).body(bytes.to_vec().into()).send().await.unwrap();
}

/// A bucket of the deepest class, whose thaw takes until somebody says so.
struct Deep {
    endpoint: Endpoint,
    home: Home,
    /// Frozen, thawing, thawed.
    state: Arc<AtomicU8>,
    /// How often its thaw was asked for.
    asked: Arc<AtomicUsize>,
}

impl Deep {
    async fn new() -> Deep {
        let endpoint = Endpoint::start().await;
        put(&endpoint, KEY, b"a message\n").await;
        let (state, asked) = (Arc::new(AtomicU8::new(0)), Arc::new(AtomicUsize::new(0)));
        let (now, count) = (Arc::clone(&state), Arc::clone(&asked));
        let act = move |head: &Head| {
            let class = "Content-Type: text/plain\r\nx-amz-storage-class: DEEP_ARCHIVE\r\n";
            let restore = match now.load(Ordering::SeqCst) {
                0 => "",
                1 => "x-amz-restore: ongoing-request=\"true\"\r\n",
                _ => "x-amz-restore: ongoing-request=\"false\", expiry-date=\"Tue, 01 Jan 2999 00:00:00 GMT\"\r\n",
            };
            if !head.line.contains(KEY) {
                Act::Pass
            } else if head.is("HEAD", KEY) {
                Act::Say(200, format!("{class}{restore}ETag: \"e\"\r\n"), "a message\n".to_owned())
            } else if head.is("POST", "restore") {
                count.fetch_add(1, Ordering::SeqCst);
                let is_first = now.compare_exchange(0, 1, Ordering::SeqCst, Ordering::SeqCst).is_ok();
                assert!(is_first, "it was asked for already");
                Act::Say(202, String::new(), String::new())
            } else if head.is("GET", KEY) && now.load(Ordering::SeqCst) < 2 {
                let body = "<Error><Code>InvalidObjectState</Code><Message>Frozen.</Message></Error>";
                Act::Say(403, String::new(), body.to_owned())
            } else {
                Act::Pass
            }
        };
        let (address, _) = between(Some(endpoint.address), act).await;
        Deep { home: place(address), endpoint, state, asked }
    }

    fn run(&self, line: &str) -> Ran {
        self.home.run(&format!("--plan plan.toml {line}"))
    }

    /// Runs a job once its slot has come.
    fn due(&self, job: &str) -> Ran {
        loop {
            let ran = self.run(&format!("backup --due --job {job}"));
            if !ran.err.contains("nothing is due") {
                return ran;
            }
        }
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    fn thaw(&self) {
        self.state.store(2, Ordering::SeqCst);
    }
}

fn told(ran: &Ran) -> String {
    ran.out.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thaw_is_asked_for_once_and_every_later_run_knows_of_it() {
    let deep = Deep::new().await;
    let ran = deep.run("verify --in archive");
    assert!(
        ran.code == Some(3) && told(&ran).contains("nobody has asked for its thaw, which takes 12h to 2d"),
        "{ran:?}"
    );
    let point = deep.run(&format!("points {POINT} --fresh"));
    assert!(told(&point).contains("read 12h to 2d after its thaw was asked for"), "{point:?}");
    assert_eq!(deep.asked(), 0);
    for _ in 0..3 {
        let ran = deep.run("verify --in archive --thaw");
        assert!(
            ran.code == Some(3) && told(&ran).contains("thawing since") && told(&ran).contains("expected by"),
            "{ran:?}"
        );
        assert_eq!(deep.asked(), 1);
    }
    let point = deep.run(&format!("points {POINT} --fresh"));
    assert!(told(&point).contains("thawing since") && told(&point).contains("expected by"), "{point:?}");
    deep.thaw();
    let ran = deep.run("verify --in archive --thaw");
    assert!(ran.code == Some(0) && deep.asked() == 1, "{ran:?}");
    let point = deep.run(&format!("points {POINT} --fresh"));
    assert!(told(&point).contains("thawed, read at once until 2999-01-01"), "{point:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_reads_it_when_it_comes() {
    let deep = Deep::new().await;
    let ran = deep.run("verify --in archive --thaw --wait 1s");
    assert!(ran.code == Some(3) && told(&ran).contains("expected by") && ran.err.contains("waiting"), "{ran:?}");
    let line = "--plan plan.toml verify --in archive --thaw --wait 2min";
    let mut command = deep.home.command(line.split_whitespace());
    let child = command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap();
    deep.thaw();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.code() == Some(0) && deep.asked() == 1, "{output:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_ask_and_go_on_and_a_later_run_has_it() {
    let deep = Deep::new().await;
    // Another month that nobody has frozen.
    put(&deep.endpoint, "rabbitmq/messages/dump_20241117.txt", b"of yesterday\n").await;
    let ran = deep.due("back");
    assert!(ran.code == Some(0) && told(&ran).contains("1 recovery point copied"), "{ran:?}");
    assert!(told(&ran).contains("not yet") && told(&ran).contains("thawing since"), "{ran:?}");
    let ran = deep.due("check");
    assert!(ran.code == Some(0) && told(&ran).contains("not read yet"), "{ran:?}");
    assert_eq!(deep.asked(), 1);
    deep.thaw();
    let copied = || deep.home.path().join("local").join(KEY).exists();
    assert!(!copied());
    let ran = deep.due("back");
    assert!(ran.code == Some(0) && copied() && deep.asked() == 1, "{ran:?}");
}

/// An archive of files, each of what its name says.
fn tar(names: &[&str]) -> Vec<u8> {
    let mut tar = Vec::new();
    for name in names {
        let contents: &[u8] = match name.rsplit('.').next() {
            Some("dump") => b"PGDMP and so on",
            Some("ndjson") => b"{\"a\":1}\n{\"a\":2}\n",
            // Without a checksum, as some servers write it.
            Some("rdb") => b"REDIS0010\xFF\0\0\0\0\0\0\0\0",
            _ => b"hello",
        };
        tar.extend(member(name, contents));
    }
    tar.resize(tar.len() + 1024, 0);
    tar
}

fn member(name: &str, contents: &[u8]) -> Vec<u8> {
    let mut header = [0_u8; 512];
    header[..name.len()].copy_from_slice(name.as_bytes());
    header[100..107].copy_from_slice(b"0000644");
    header[108..115].copy_from_slice(b"0000000");
    header[116..123].copy_from_slice(b"0000000");
    header[124..135].copy_from_slice(format!("{:011o}", contents.len()).as_bytes());
    header[136..147].copy_from_slice(b"00000000000");
    header[156] = b'0';
    header[257..265].copy_from_slice(b"ustar\x0000");
    header[148..156].copy_from_slice(b"        ");
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    let mut member = [&header, contents].concat();
    member.resize(member.len().next_multiple_of(512), 0);
    member
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_scripts_left_for_good_is_listed_dated_and_verified() {
    let endpoint = Endpoint::start().await;
    let home = place(endpoint.address);
    let good = [
        (
            "2024/2024-01-compliance-archive.tar",
            tar(&["postgres.dump", "audit.ndjson"]),
            "2024-01-compliance-archive",
            "2024-01-01",
        ),
        ("2023/2023-12-compliance-archive.tar", tar(&["a"]), "2023-12-compliance-archive", "2023-12-01"),
        ("redis/daily/snapshot_20241118.tar.gz", gzip(&tar(&["dump.rdb"])), "redis/snapshot_20241118", "2024-11-18"),
        ("rabbitmq/daily/messages_20241118.tar.gz", gzip(&tar(&["m"])), "rabbitmq/messages_20241118", "2024-11-18"),
        ("config/archive_20241118.tar.gz", gzip(&tar(&[".env"])), "config/archive_20241118", "2024-11-18"),
        (
            "postgres/monthly/2024-11-backup-full/all.tar.gz",
            gzip(&tar(&["x"])),
            "postgres/2024-11-backup-full",
            "2024-11-01",
        ),
    ];
    for (key, bytes, ..) in &good {
        put(&endpoint, key, bytes).await;
    }
    let end = [0; 1024];
    let bad = [
        ("2024/2024-02-compliance-archive.tar", tar(&["postgres.dump", "audit.ndjson"])[..700].to_vec()),
        // Whole archives of what is not.
        ("2024/2024-03-compliance-archive.tar", [&member("audit.ndjson", b"{\"a\":1}\n{\"a\"")[..], &end].concat()),
        ("2024/2024-04-compliance-archive.tar", [&member("postgres.dump", b"hello")[..], &end].concat()),
        (
            "redis/daily/snapshot_20241117.tar.gz",
            gzip(&[&member("dump.rdb", b"REDIS0010 and no more")[..], &end].concat()),
        ),
    ];
    for (key, bytes) in &bad {
        put(&endpoint, key, bytes).await;
    }
    let report = home.run("--plan plan.toml points --json --in archive").json();
    let points = report["points"].as_array().unwrap();
    assert_eq!(points.len(), good.len() + bad.len(), "{report:#}");
    for (_, _, id, day) in &good {
        let point = points.iter().find(|point| point["id"] == *id).unwrap_or_else(|| panic!("{id}: {report:#}"));
        assert!(point["taken"].as_str().unwrap() >= *day && point["can_be_restored_from"] == true, "{point:#}");
    }
    assert!(report["no_part_of_any"].as_array().unwrap().is_empty(), "{report:#}");
    let report = home.run("--plan plan.toml verify --json --in archive").json();
    let found: Vec<&Value> = report["copies"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|copy| copy["whole"] == false)
        .map(|copy| &copy["point"])
        .collect();
    let told = report.to_string();
    assert_eq!(found.len(), bad.len(), "{report:#}");
    assert!(told.contains("postgres.dump in it: it is no dump") && told.contains("dump.rdb in it: "), "{report:#}");
    // What was found is kept beside it, and read by the next.
    let again = home.run("--plan plan.toml verify --json --in archive").json();
    assert!(again["copies"].as_array().unwrap().iter().all(|copy| copy["remembered"] == true), "{again:#}");
}
