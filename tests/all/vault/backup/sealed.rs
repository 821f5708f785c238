//! What is encrypted: the program `age` opens it, a lost key is told, and so is a wrong one.

use std::process::Command;

use super::{Place, name};
use crate::systems::databases::postgres::server::Server;

fn key(folder: &std::path::Path, file: &str) -> String {
    let path = folder.join(file);
    assert!(Command::new("age-keygen").arg("-o").arg(&path).output().unwrap().status.success());
    let text = std::fs::read_to_string(&path).unwrap();
    text.lines().find_map(|line| line.strip_prefix("# public key: ")).unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn only_its_recipients_read_it() {
    let keys = tempfile::tempdir().unwrap();
    let (recipient, _) = (key(keys.path(), "mine"), key(keys.path(), "other"));
    let sealed = format!("encrypt_to = ['{recipient}']\ndecrypt_with = 'file:{}/mine'\n", keys.path().display());
    // The store above it in the plan gets these lines.
    let place = Place::with(Server::start(&[]).await, &sealed);
    place.server.execute(super::DATA).await;
    let backup = place.back_up("");
    assert_eq!(backup["outcome"], "taken", "{backup:#}");
    let file = &backup["manifest"]["files"][0];
    assert!(file["key"].as_str().unwrap().ends_with(".dump.age") && file["inside"]["sha256"].is_string(), "{file:#}");
    // The other store has it as it is.
    let sealed = place.files("local").into_iter().find(|path| name(path).ends_with(".dump.age")).unwrap();
    let plain = place.files("second").into_iter().find(|path| path.extension().is_some_and(|it| it == "dump")).unwrap();
    let opened = Command::new("age").arg("-d").arg("-i").arg(keys.path().join("mine")).arg(&sealed).output().unwrap();
    assert!(opened.status.success(), "{}", String::from_utf8_lossy(&opened.stderr));
    assert_eq!(opened.stdout, std::fs::read(&plain).unwrap());
    let verified = place.run("verify --json");
    assert_eq!(verified.code, Some(0), "{verified:?}");
    assert!(verified.out.contains("3 tables with 2003 rows"));
    // Another key opens nothing, and that is no flaw of the file.
    let plan = std::fs::read_to_string(place.home.path().join("plan.toml")).unwrap();
    place.home.write("plan.toml", plan.replace("/mine'", "/other'"));
    let verified = place.run("verify --deep");
    assert_eq!(verified.code, Some(3), "{verified:?}");
    assert!(verified.out.contains("does not open it") && !verified.out.contains("flawed "), "{verified:?}");
    // Without any, the hash still tells whether it is what was written.
    place.home.write("plan.toml", plan.replace("decrypt_with", "# "));
    let verified = place.run("verify --deep");
    assert!(verified.code == Some(0) && verified.out.contains("only its recipients can read more"), "{verified:?}");
    let mut bytes = std::fs::read(&sealed).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&sealed, bytes).unwrap();
    let verified = place.run("verify --deep");
    assert!(verified.code == Some(3) && verified.out.contains("its hash is not the one"), "{verified:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_recipient_is_told_before_anything_is_written() {
    let place = Place::with(Server::start(&[]).await, "encrypt_to = ['age1nonsense']\n");
    let backup = place.back_up("");
    assert_eq!(backup["outcome"], "failed");
    assert!(backup["why"].as_str().unwrap().contains("age1nonsense"), "{backup:#}");
    assert!(place.files("local").is_empty() && place.files("second").is_empty());
}
