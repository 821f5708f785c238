//! Certificates with their keys.

use std::process::Command;

use super::keeping::Trial;
use crate::systems::component;
use crate::systems::tls::{Authority, Good};

#[tokio::test]
async fn a_certificate_and_its_key_are_kept_apart() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new("ours");
    let (one, other) = (authority.issue(&["app.example"], Good::Long), authority.issue(&["app.example"], Good::Long));
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("app.pem"), &one.certificate).unwrap();
    std::fs::write(path("app.key"), &one.key).unwrap();
    std::fs::write(path("other.key"), &other.key).unwrap();
    let take = async |key: &str| {
        let settings = format!("[component.certificate]\nkey = '{}'\n", path(key).display());
        let part = component("tls", "certificate", &path("app.pem").display().to_string(), &settings);
        Trial::new(&[part]).take("tls", "method = 'files'").await
    };
    let taken = take("app.key").await;
    assert_eq!(taken.kept.formats(), ["tar", "key.tar"]);
    assert!(!taken.kept.pieces[0].0.is_secret && taken.kept.pieces[1].0.is_secret);
    assert_eq!((taken.account().about["key"].as_str(), taken.account().left_out.len()), ("matches", 0));
    let again = tempfile::tempdir().unwrap();
    for format in ["tar", "key.tar"] {
        let file = taken.kept.write(format, again.path());
        assert!(Command::new("tar").arg("-xpf").arg(file).arg("-C").arg(again.path()).status().unwrap().success());
    }
    let below = again.path().join(path("app.key").strip_prefix("/").unwrap());
    assert_eq!(std::fs::read_to_string(below).unwrap(), one.key);
    let taken = take("other.key").await;
    assert_eq!(taken.account().lacks, ["a private key that belongs to it: it belongs to another certificate"]);
    let error = take("none.key").await.error();
    assert!(error.contains("none.key is not there"), "{error}");
}
