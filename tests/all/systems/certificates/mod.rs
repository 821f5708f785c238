//! Certificates in files and on the wire.

use std::path::{Path, PathBuf};

use lifeboat::plan::facts::Verdict;
use lifeboat::systems::Reading;
use rcgen::KeyPair;
use tempfile::TempDir;

use super::asking::{Asker, shown};
use super::tls::{Authority, Good, Issued};
use super::web::server::{Server, page};

struct Files {
    folder: TempDir,
    authority: Authority,
}

impl Files {
    fn new() -> Files {
        let (folder, authority) = (tempfile::tempdir().unwrap(), Authority::new("ours"));
        authority.write(folder.path());
        Files { folder, authority }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, issued: &Issued) {
        std::fs::write(self.path("app.pem"), &issued.certificate).unwrap();
        std::fs::write(self.path("app.key"), &issued.key).unwrap();
    }

    async fn ask(&self, more: &str, reach: &str) -> Reading {
        let settings = format!(
            "{reach}\n[component.certificate]\nkey = '{}'\nca = '{}'\n{more}",
            self.path("app.key").display(),
            self.path("ours.pem").display()
        );
        Asker::of("tls", "certificate", &self.path("app.pem").display().to_string(), &settings).vital().await
    }
}

const ELSEWHERE: &str = "reach = { prefix = ['env', 'LC_ALL=C'] }";

#[tokio::test]
async fn a_good_one_is_told_with_all_its_facts() {
    let files = Files::new();
    files.write(&files.authority.issue(&["app.example", "127.0.0.1"], Good::Long));
    for reach in ["", ELSEWHERE] {
        let reading = files.ask("names = ['app.example', '127.0.0.1']", reach).await;
        assert_eq!(reading.verdict, Verdict::Healthy, "{reading:#?}");
        let facts = ["subject", "names", "issuer", "chain", "chain_state", "key", "certificate"];
        let expected = ["app.example", "app.example, 127.0.0.1", "ours", "1", "whole", "matches", "valid"];
        assert_eq!(facts.map(|name| shown(&reading, name)), expected);
        assert!(["serial", "begins", "ends", "left"].iter().all(|name| reading.fact(name).is_some()), "{reading:#?}");
        assert_eq!(reading.facts.lists()[0].rows[0][0], "app.example");
    }
}

#[tokio::test]
async fn its_end_counts_from_when_the_plan_would_renew_it() {
    let files = Files::new();
    files.write(&files.authority.issue(&["app.example"], Good::Days(20)));
    let reading = files.ask("", "").await;
    assert_eq!(reading.verdict, Verdict::Degraded, "{reading:#?}");
    assert!(reading.reason().ends_with("less than 30d"), "{reading:#?}");
    let reading = files.ask("renew_before = '10d'", "").await;
    assert_eq!(reading.verdict, Verdict::Healthy, "{reading:#?}");
}

#[tokio::test]
async fn what_clients_refuse_is_down() {
    let files = Files::new();
    files.write(&files.authority.issue(&["app.example"], Good::Once));
    let reading = files.ask("", "").await;
    assert_eq!((reading.verdict, shown(&reading, "certificate").as_str()), (Verdict::Down, "expired"), "{reading:#?}");
    files.write(&files.authority.issue(&["app.example"], Good::Long));
    let reading = files.ask("names = ['app.example', 'api.example']", "").await;
    assert_eq!(reading.verdict, Verdict::Down);
    assert_eq!(reading.reason(), "its certificate is for app.example, not for api.example, and clients refuse it");
}

#[tokio::test]
async fn a_key_of_another_certificate_is_found() {
    let files = Files::new();
    let issued = files.authority.issue(&["app.example"], Good::Long);
    let strange = KeyPair::generate().unwrap().serialize_pem();
    for (key, word, verdict) in [
        (Some(strange), "different", Verdict::Down),
        (Some("no key\n".to_owned()), "unreadable", Verdict::Unknown),
        (None, "missing", Verdict::Down),
    ] {
        files.write(&issued);
        match key {
            Some(key) => std::fs::write(files.path("app.key"), key).unwrap(),
            None => std::fs::remove_file(files.path("app.key")).unwrap(),
        }
        for reach in ["", ELSEWHERE] {
            let reading = files.ask("", reach).await;
            assert_eq!((reading.verdict, shown(&reading, "key").as_str()), (verdict, word), "{reading:#?}");
        }
    }
}

#[tokio::test]
async fn who_signed_it_must_be_known() {
    let files = Files::new();
    files.write(&Authority::new("somebody").issue(&["app.example"], Good::Long));
    let reading = files.ask("", "").await;
    assert_eq!((reading.verdict, shown(&reading, "chain_state").as_str()), (Verdict::Unknown, "untrusted"));
    assert!(reading.reason().contains("signed by somebody"), "{reading:#?}");
    let root = Authority::new("ours");
    let issued = root.below("between").issue(&["app.example"], Good::Long);
    let unrelated = root.issue(&["other.example"], Good::Long).certificate;
    files.write(&Issued { certificate: format!("{}{unrelated}", issued.certificate), key: issued.key });
    let reading = files.ask("", "").await;
    assert_eq!(shown(&reading, "chain_state"), "broken", "{reading:#?}");
    assert!(reading.reason().contains("lacks the certificate of between"), "{reading:#?}");
}

#[tokio::test]
async fn what_is_served_is_held_against_the_file() {
    let files = Files::new();
    let (own, old) = ([0, 1]).map(|_| files.authority.issue(&["localhost"], Good::Long)).into();
    files.write(&own);
    for (issued, word, verdict) in [(&own, "the-same", Verdict::Healthy), (&old, "another", Verdict::Degraded)] {
        let server = Server::with_tls(issued.served(), |_| page(200, "")).await;
        let reading = files.ask(&format!("served_at = 'localhost:{}'", server.address.port()), "").await;
        assert_eq!((reading.verdict, shown(&reading, "served").as_str()), (verdict, word), "{reading:#?}");
    }
    let reading = files.ask("served_at = 'localhost:1'", "").await;
    assert_eq!((reading.verdict, shown(&reading, "served").as_str()), (Verdict::Degraded, "silent"), "{reading:#?}");
    let silent = Server::start(|_| super::web::server::Says::Nothing).await;
    let reading = files.ask(&format!("served_at = '{}'", silent.address), "").await;
    assert_eq!((reading.verdict, shown(&reading, "served").as_str()), (Verdict::Degraded, "silent"), "{reading:#?}");
}

#[tokio::test]
async fn the_authority_of_the_service_is_that_of_its_certificate() {
    let files = Files::new();
    let issued = files.authority.issue(&["localhost"], Good::Long);
    files.write(&issued);
    let server = Server::with_tls(issued.served(), |_| page(200, "")).await;
    let at = format!("localhost:{}", server.address.port());
    let certificate = super::component(
        "tls",
        "certificate",
        &files.path("app.pem").display().to_string(),
        &format!("certificate = {{ served_at = '{at}' }}"),
    );
    let ca = format!("http = {{ ca = '{}' }}", files.path("ours.pem").display());
    let service = super::component("app", "http", &format!("https://{at}/"), &ca);
    let reading = Asker::new(&[certificate, service]).vital().await;
    assert_eq!(reading.verdict, Verdict::Healthy, "{reading:#?}");
}

#[tokio::test]
async fn what_is_no_certificate_is_told() {
    let files = Files::new();
    let reading = files.ask("", "").await;
    assert_eq!(reading.verdict, Verdict::Down, "{reading:#?}");
    assert!(reading.reason().ends_with("app.pem: it is not there"), "{reading:#?}");
    for (content, why) in [
        ("", "there is no certificate in it"),
        ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "cannot be read"),
    ] {
        std::fs::write(files.path("app.pem"), content).unwrap();
        let reading = files.ask("", "").await;
        assert_eq!(reading.verdict, Verdict::Down);
        assert!(reading.reason().contains(why), "{reading:#?}");
    }
    let reading = Asker::of("tls", "certificate", "/dev/zero", "").vital().await;
    assert_eq!(reading.verdict, Verdict::Unknown, "{reading:#?}");
    assert!(Path::new("/dev/zero").exists());
}
