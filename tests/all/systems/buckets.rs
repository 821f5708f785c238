//! Buckets of components and of stores: asked for themselves, not for their service.

use std::os::unix::fs::PermissionsExt;

use chrono::TimeDelta;

use super::{component, look, names, only, servers};

fn status(line: &str, signed: bool) -> u16 {
    match line {
        "HEAD /there HTTP/1.1" | "GET / HTTP/1.1" => 200,
        "HEAD /moved HTTP/1.1" => 301,
        "HEAD /private HTTP/1.1" => 403,
        "HEAD /signed HTTP/1.1" if signed => 200,
        "HEAD /signed HTTP/1.1" => 400,
        "HEAD /broken HTTP/1.1" => 500,
        _ => 404,
    }
}

const ALL: [&str; 6] = ["there", "moved", "private", "signed", "broken", "missing"];

fn bucket(name: &str, endpoint: &str, keys: &str) -> String {
    component(
        name,
        "s3-bucket",
        &format!("s3://{name}"),
        &format!("[component.bucket]\nendpoint = \"{endpoint}\"\n{keys}"),
    )
}

fn store(name: &str, endpoint: &str, keys: &str) -> String {
    format!("[[store]]\nname = \"{name}\"\nkind = \"s3\"\nbucket = \"{name}\"\nendpoint = \"{endpoint}\"\n{keys}\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_is_missing_is_not_called_there() {
    let endpoint = format!("http://{}", servers::http(TimeDelta::zero(), status).await);
    let live = look(&ALL.map(|name| bucket(name, &endpoint, ""))).await;
    assert_eq!(names(&live), ["there", "moved", "private"], "{live:#?}");
    let said: Vec<&str> = live.findings.iter().map(|finding| finding.message.as_str()).collect();
    assert_eq!(said.len(), 3, "{said:?}");
    assert!(said[2].starts_with("missing: http://") && said[2].ends_with("there is no such bucket"), "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_keys_of_the_plan_must_open_it() {
    let endpoint = format!("http://{}", servers::http(TimeDelta::zero(), status).await);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key");
    std::fs::write(&file, "hunter2hunter2").unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    let keys = format!("access_key = \"file:{0}\"\nsecret_key = \"file:{0}\"", file.display());
    let live = look(&ALL.map(|name| bucket(name, &endpoint, &keys))).await;
    assert_eq!(names(&live), ["there", "moved", "signed"], "{live:#?}");
    assert!(live.findings[0].message.contains("does not let these keys in"), "{live:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn stores_in_buckets_are_looked_at() {
    let endpoint = format!("http://{}", servers::http(TimeDelta::zero(), status).await);
    let mut parts = ALL.map(|name| store(name, &endpoint, "")).to_vec();
    parts.push("[[store]]\nname = \"vault\"\nkind = \"archive\"\nvault = \"deep\"\n".to_owned());
    let live = look(&parts).await;
    let said: Vec<&str> = live.findings.iter().map(|finding| finding.message.as_str()).collect();
    let begins = ["moved: ", "signed: ", "broken: ", "missing: "];
    assert!(said.len() == 4 && said.iter().zip(begins).all(|(said, begin)| said.starts_with(begin)), "{said:#?}");
    assert!(said[0].contains("another region") && live.findings.iter().all(|it| it.rule == "live-store"), "{said:#?}");
    // Who has no keys proves nothing.
    let not: Vec<&str> = live.not_looked_at.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(not, ["there", "private", "vault"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_only_read_are_not_enough_for_a_store() {
    let status = |line: &str, _: bool| if line.starts_with("HEAD /") { 200 } else { 403 };
    let endpoint = format!("http://{}", servers::http(TimeDelta::zero(), status).await);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key");
    std::fs::write(&file, "hunter2hunter2").unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    let keys = format!("access_key = \"file:{0}\"\nsecret_key = \"file:{0}\"", file.display());
    let live = look(&[store("read", &endpoint, &keys)]).await;
    assert!(only(&live, "live-store").message.ends_with("these keys may not write there"), "{live:#?}");
}

fn folder_store(path: &std::path::Path, reach: &str) -> String {
    format!("[[store]]\nname = \"far\"\nkind = \"directory\"\npath = \"{}\"\nreach = {reach}\n", path.display())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_elsewhere_is_written_to_and_left_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let live = look(&[folder_store(folder.path(), "{ prefix = [\"env\"] }")]).await;
    assert!(live.findings.is_empty() && live.not_looked_at.is_empty(), "{live:#?}");
    assert_eq!(folder.path().read_dir().unwrap().count(), 0);
    // It may be written to, as far as its permissions go, and takes nothing.
    let full = "{ prefix = [\"sh\", \"-c\", \"ulimit -f 0; exec \\\"$@\\\"\", \"x\"] }";
    let live = look(&[folder_store(folder.path(), full)]).await;
    assert!(only(&live, "live-store").message.contains("takes nothing"), "{live:#?}");
    assert_eq!(folder.path().read_dir().unwrap().count(), 0);
    let live = look(&[folder_store(&folder.path().join("missing"), "{ prefix = [\"env\"] }")]).await;
    let found = only(&live, "live-store");
    assert!(
        found.message.contains("No such file") && found.mend.contains("If the store is new: sudo install -d"),
        "{live:#?}"
    );
}
