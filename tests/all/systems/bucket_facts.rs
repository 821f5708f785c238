//! What is told of a bucket: of the lab's own endpoint, and of services that refuse.

use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::{Credentials, Region};
use aws_sdk_s3::types::{BucketVersioningStatus, VersioningConfiguration};
use lifeboat::lab::s3::{BucketOptions, Options, Server as Endpoint};
use lifeboat::plan::facts::Verdict;
use lifeboat::text::SystemClock;
use tempfile::TempDir;

use super::asking::{Asker, shown};
use super::component;
use super::web::server::{Says, Server, page};

const SECRET: &str = "a secret of the test";

fn secret(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    path.display().to_string()
}

/// An endpoint with a bucket that keeps versions and one that does not.
async fn endpoint(folder: &TempDir) -> SocketAddr {
    let bucket = |name: &str, versioned| BucketOptions { name: name.to_owned(), versioned, replicate_to: None };
    let options = Options {
        directory: folder.path().join("s3"),
        listen: "127.0.0.1:0".parse().unwrap(),
        region: "us-east-1".to_owned(),
        access_key: "access".to_owned(),
        secret_file: secret(folder.path(), "endpoint", &format!("{SECRET}\n")).into(),
        buckets: vec![bucket("plain", false), bucket("kept", true)],
        peers: Vec::new(),
    };
    let server = Endpoint::bind(&options, Arc::new(SystemClock)).await.unwrap();
    let address = server.address();
    tokio::spawn(server.run(std::future::pending()));
    address
}

fn client(address: SocketAddr) -> Client {
    let config = aws_sdk_s3::Config::builder()
        .region(Region::new("us-east-1"))
        .endpoint_url(format!("http://{address}"))
        .force_path_style(true)
        .credentials_provider(Credentials::new("access", SECRET, None, None, "test"))
        .build();
    Client::from_conf(config)
}

fn bucket(folder: &TempDir, name: &str, endpoint: &str, key: &str) -> String {
    let (access, secret) = (secret(folder.path(), "access", "access"), secret(folder.path(), "secret", key));
    component(
        "bucket",
        "s3-bucket",
        &format!("s3://{name}"),
        &format!(
            "[component.bucket]\nendpoint = '{endpoint}'\naccess_key = 'file:{access}'\nsecret_key = 'file:{secret}'"
        ),
    )
}

async fn versions(client: &Client, bucket: &str) -> usize {
    let listed = client.list_object_versions().bucket(bucket).send().await.unwrap();
    listed.versions().len() + listed.delete_markers().len()
}

#[tokio::test]
async fn a_bucket_is_told_with_its_settings_and_its_newest_object() {
    let folder = tempfile::tempdir().unwrap();
    let address = endpoint(&folder).await;
    let client = client(address);
    let url = format!("http://{address}");
    for name in ["a", "b & <c>"] {
        client.put_object().bucket("kept").key(name).body(b"12345".to_vec().into()).send().await.unwrap();
    }
    for (name, versioning, objects) in [("kept", "on", "2"), ("plain", "off", "0")] {
        let mut asker = Asker::new(&[bucket(&folder, name, &url, SECRET)]);
        let reading = asker.vital().await;
        assert_eq!(reading.verdict, Verdict::Healthy, "{reading:#?}");
        let facts = ["access", "versioning", "replication"].map(|fact| shown(&reading, fact));
        assert_eq!(facts, ["allowed", versioning, "nowhere"]);
        assert!(reading.fact("encryption").is_some());
        let before = versions(&client, name).await;
        let rare = asker.rare().await;
        assert_eq!(["deletes", "objects"].map(|fact| shown(&rare, fact)), ["allowed", objects], "{rare:#?}");
        assert_eq!(rare.fact("newest").is_some(), name == "kept");
        assert_eq!(rare.fact("newest_age").is_some(), name == "kept");
        assert!(rare.fact("size").is_some());
        assert_eq!(versions(&client, name).await, before, "asking whether it may delete leaves nothing behind");
    }
    let suspended = VersioningConfiguration::builder().status(BucketVersioningStatus::Suspended).build();
    client.put_bucket_versioning().bucket("kept").versioning_configuration(suspended).send().await.unwrap();
    let before = versions(&client, "kept").await;
    let mut asker = Asker::new(&[bucket(&folder, "kept", &url, SECRET)]);
    assert_eq!(shown(&asker.rare().await, "deletes"), "allowed");
    assert_eq!(shown(&asker.vital().await, "versioning"), "suspended");
    assert_eq!(versions(&client, "kept").await, before);
}

#[tokio::test]
async fn what_the_plans_stores_count_on_is_looked_for() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("http://{}", endpoint(&folder).await);
    let store = "[[store]]\nname = 'offsite'\nkind = 's3'\nbucket = 'plain'\nprevious_versions = 2\nreplicated_to = 'us-west-2'\n";
    let reading = Asker::new(&[bucket(&folder, "plain", &url, SECRET), store.to_owned()]).vital().await;
    assert_eq!(reading.verdict, Verdict::Degraded, "{reading:#?}");
    let said: Vec<&str> = reading.reasons.iter().map(|reason| reason.sentence.as_str()).collect();
    assert_eq!(
        said,
        [
            "versioning is off, and the plan counts on previous versions",
            "nothing is copied to us-west-2, as the plan says it is"
        ]
    );
}

#[tokio::test]
async fn who_is_not_let_in_cannot_tell() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("http://{}", endpoint(&folder).await);
    let mut asker = Asker::new(&[bucket(&folder, "plain", &url, "another secret")]);
    let reading = asker.vital().await;
    let words = ["access", "connection"].map(|fact| shown(&reading, fact));
    assert_eq!((reading.verdict, words), (Verdict::Unknown, ["denied", "denied"].map(str::to_owned)), "{reading:#?}");
    let rare = asker.rare().await;
    assert!(
        rare.facts.unseen().any(|(name, why)| name == "deletes" && why.contains("no question is harmless")),
        "{rare:#?}"
    );
    let reading = Asker::new(&[bucket(&folder, "nobodys", &url, SECRET)]).vital().await;
    assert_eq!((reading.verdict, shown(&reading, "access").as_str()), (Verdict::Down, "missing"), "{reading:#?}");
}

#[tokio::test]
async fn rights_to_delete_are_told_from_rights_to_read() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(|line| match line {
        line if line.starts_with("DELETE ") => page(403, "<Error><Code>AccessDenied</Code></Error>"),
        line if line.contains("?versioning=") => {
            page(200, "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>")
        }
        line if line.contains("?encryption=") => {
            page(404, "<Error><Code>ServerSideEncryptionConfigurationNotFoundError</Code></Error>")
        }
        line if line.contains("?replication=") => page(403, "<Error><Code>AccessDenied</Code></Error>"),
        line if line.contains("list-type=2") => {
            page(200, "<ListBucketResult><KeyCount>0</KeyCount></ListBucketResult>")
        }
        _ => page(200, ""),
    })
    .await;
    let mut asker = Asker::new(&[bucket(&folder, "there", &server.url(), SECRET)]);
    let reading = asker.vital().await;
    assert_eq!((reading.verdict, shown(&reading, "encryption").as_str()), (Verdict::Healthy, "none"), "{reading:#?}");
    assert!(reading.facts.unseen().any(|(name, why)| name == "replication" && why == "these keys may not see it"));
    assert_eq!(shown(&asker.rare().await, "deletes"), "denied");
    let asked = server.asked();
    let delete = asked.iter().find(|request| request.starts_with("DELETE ")).unwrap();
    assert!(
        delete.starts_with("DELETE /there/lifeboat-asks-whether-it-may-delete-") && delete.contains("?versionId=null "),
        "{delete}"
    );
    assert!(asked.iter().all(|request| request.contains("AWS4-HMAC-SHA256")), "{asked:?}");
}

#[tokio::test]
async fn services_that_are_busy_broken_or_elsewhere_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let moved = Says::Page(301, "x-amz-bucket-region: eu-west-1\r\n".to_owned(), String::new());
    for (says, verdict, words) in [
        (page(503, ""), Verdict::Degraded, "asked less often"),
        (page(500, ""), Verdict::Down, "status 500"),
        (page(200, "{}"), Verdict::Unknown, "what it lists is not what a bucket holds"),
        (page(200, "null"), Verdict::Unknown, "not as s3-bucket should"),
        (moved, Verdict::Unknown, "another region than the plan says: eu-west-1"),
        (Says::Bytes(b"what?\r\n\r\n".to_vec()), Verdict::Unknown, "not as s3-bucket should"),
        (Says::Nothing, Verdict::Unknown, "did not answer"),
    ] {
        let server = Server::start(move |_| says.clone()).await;
        let reading = Asker::new(&[bucket(&folder, "there", &server.url(), SECRET)]).vital().await;
        assert_eq!(reading.verdict, verdict, "{reading:#?}");
        assert!(reading.reason().contains(words), "{reading:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_is_proven_to_take_what_is_written_and_keeps_nothing_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let address = endpoint(&folder).await;
    let client = client(address);
    let store = |name: &str, key: &str| {
        let (access, secret) = (secret(folder.path(), "access", "access"), secret(folder.path(), name, key));
        format!(
            "[[store]]\nname = '{name}'\nkind = 's3'\nbucket = '{name}'\nendpoint = 'http://{address}'\n\
             access_key = 'file:{access}'\nsecret_key = 'file:{secret}'\n"
        )
    };
    let live = super::look(&[store("plain", SECRET), store("kept", SECRET)]).await;
    assert!(live.findings.is_empty() && live.not_looked_at.is_empty(), "{live:#?}");
    for name in ["plain", "kept"] {
        assert_eq!(versions(&client, name).await, 0, "{name}");
        let begun = client.list_multipart_uploads().bucket(name).send().await;
        assert!(begun.is_ok_and(|begun| begun.uploads().is_empty()), "{name}");
    }
    let live = super::look(&[store("plain", "another secret")]).await;
    assert!(super::only(&live, "live-store").message.contains("does not let these keys in"), "{live:#?}");
}
