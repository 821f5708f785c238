//! Logins that are refused or may see little, and connections that break.

use lifeboat::plan::facts::{Value, Verdict};
use lifeboat::text::Span;

use super::server::Server;
use crate::systems::databases::account::Account;
use crate::systems::databases::asking::{Asker, hidden, shown};
use crate::systems::databases::process::free_port;
use crate::systems::databases::tls::self_signed;

const PASSWORD: &str = "correct-horse";

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_says_whether_it_is_degraded_or_unknown() {
    let server = Server::with_password(PASSWORD, "").await;
    let address = format!("redis://127.0.0.1:{}", server.port);
    let right = Asker::new(&[server.component("cache", "")]).vital().await;
    assert_eq!(right.verdict, Verdict::Healthy, "{right:#?}");
    let none = Asker::new(&[crate::systems::component("cache", "redis", &address, "")]).vital().await;
    assert_eq!((none.verdict, shown(&none, "connection").as_str()), (Verdict::Unknown, "denied"));
    assert!(none.reason().ends_with("it asks for a password"), "{none:#?}");
    let wrong = format!("password = \"file:{}\"\n", server.secret("wrong.password", "hunter2hunter2").display());
    let wrong = Asker::new(&[crate::systems::component("cache", "redis", &address, &wrong)]).vital().await;
    assert_eq!((wrong.verdict, shown(&wrong, "connection").as_str()), (Verdict::Unknown, "denied"), "{wrong:#?}");

    server.run("ACL SETUSER shy on >correct-horse +ping +hello +client|setname").await.unwrap();
    let shy = Asker::new(&[server.component("cache", "user = 'shy'\n")]).vital().await;
    assert_eq!(shy.verdict, Verdict::Healthy, "{shy:#?}");
    assert_eq!((shown(&shy, "role").as_str(), hidden(&shy, "keys")), ("primary", "this login may not use INFO"));
    server.run("ACL SETUSER quiet on >correct-horse +info +time").await.unwrap();
    let quiet = Asker::new(&[server.component("cache", "user = 'quiet'\n")]).vital().await;
    assert_eq!(hidden(&quiet, "sentinels"), "this login may not ask who listens (PUBSUB)");
    assert_eq!(hidden(&quiet, "persistence"), "this login may not see whether snapshots are taken");
    assert!(quiet.fact("keys").is_some(), "{quiet:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_was_changed_is_taken_up_without_a_restart() {
    let server = Server::with_password(PASSWORD, "").await;
    let mut asker = Asker::new(&[server.component("cache", "")]);
    assert_eq!(asker.vital().await.verdict, Verdict::Healthy);
    server.run("CONFIG SET requirepass battery-staple").await.unwrap();
    let client = redis::Client::open(format!("redis://:battery-staple@127.0.0.1:{}", server.port)).unwrap();
    let mut admin = client.get_multiplexed_async_connection().await.unwrap();
    redis::cmd("CLIENT").arg("KILL").arg("SKIPME").arg("yes").exec_async(&mut admin).await.unwrap();
    let denied = asker.vital().await;
    assert_eq!((denied.verdict, shown(&denied, "connection").as_str()), (Verdict::Unknown, "denied"), "{denied:#?}");
    server.secret("login.password", "battery-staple");
    let again = asker.vital().await;
    assert_eq!(again.verdict, Verdict::Healthy, "the file was written anew: {again:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_clients_is_a_degraded_reading() {
    let server = Server::start("maxclients 3\n").await;
    let mut early = Asker::new(&[server.component("cache", "")]);
    early.until("it is alone", |reading| shown(reading, "clients") == "33%").await;
    let client = redis::Client::open(format!("redis://127.0.0.1:{}", server.port)).unwrap();
    let mut taken = Vec::new();
    for _ in 0..2 {
        taken.push(client.get_multiplexed_async_connection().await.unwrap());
    }
    let refused = Asker::new(&[server.component("cache", "")]).vital().await;
    assert_eq!((refused.verdict, refused.reason()), (Verdict::Degraded, "it has too many clients, and takes no other"));
    assert_eq!(refused.fact("clients"), Some(&Value::Share(100.0)));
    let full = early.vital().await;
    assert_eq!(full.verdict, Verdict::Degraded, "clients and those turned away: {full:#?}");
    assert_eq!(full.fact("rejected_connections"), Some(&Value::Count(1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_connection_is_kept_and_opened_again_within_the_same_question() {
    let mut server = Server::start("").await;
    let mut asker = Asker::new(&[server.component("cache", "")]);
    for _ in 0..3 {
        assert_eq!(asker.vital().await.verdict, Verdict::Healthy);
    }
    server.run("CLIENT KILL TYPE normal SKIPME yes").await.unwrap();
    let again = asker.vital().await;
    assert_eq!(again.verdict, Verdict::Healthy, "an old connection says nothing about now: {again:#?}");
    let clients: String = redis::from_redis_value(server.run("CLIENT LIST").await.unwrap()).unwrap();
    assert_eq!(clients.matches(" name=lifeboat ").count(), 1, "{clients}");

    server.process().freeze();
    let hangs = asker.vital_within(Span::from_millis(300)).await;
    assert_eq!((hangs.verdict, shown(&hangs, "connection").as_str()), (Verdict::Unknown, "timeout"));
    server.process().thaw();
    assert_eq!(asker.vital().await.verdict, Verdict::Healthy);
    server.down();
    let down = asker.vital().await;
    assert_eq!((down.verdict, shown(&down, "connection").as_str()), (Verdict::Down, "refused"));
}

#[tokio::test(flavor = "multi_thread")]
async fn both_ends_must_agree_on_tls() {
    let folder = tempfile::tempdir().unwrap();
    let files = self_signed(folder.path());
    for path in [folder.path(), &files.certificate, &files.key] {
        Account::of("nobody").own(path);
    }
    let port = free_port();
    let (certificate, key) = (files.certificate.display(), files.key.display());
    let lines = format!(
        "tls-port {port}\ntls-cert-file {certificate}\ntls-key-file {key}\ntls-ca-cert-file {certificate}\ntls-auth-clients no\n"
    );
    let server = Server::start(&lines).await;
    let ca = format!("redis = {{ ca = '{certificate}' }}\n");
    let at = |address: String, more: &str| Asker::new(&[server.component_at("cache", &address, more)]);
    let trusted = at(format!("rediss://127.0.0.1:{port}"), &ca).vital().await;
    assert_eq!((trusted.verdict, shown(&trusted, "encryption").as_str()), (Verdict::Healthy, "verified"));
    // An authority that is renewed counts from the next connection on.
    let elsewhere = tempfile::tempdir().unwrap();
    let other = self_signed(elsewhere.path());
    let renewed = format!("redis = {{ ca = '{}' }}\n", other.certificate.display());
    let mut asker = at(format!("rediss://127.0.0.1:{port}"), &renewed);
    assert_eq!(asker.vital().await.verdict, Verdict::Unknown);
    std::fs::copy(&files.certificate, &other.certificate).unwrap();
    let renewed = asker.vital().await;
    assert_eq!((renewed.verdict, shown(&renewed, "encryption").as_str()), (Verdict::Healthy, "verified"));
    let any = at(format!("rediss://127.0.0.1:{port}/#insecure"), "").vital().await;
    assert_eq!((any.verdict, shown(&any, "encryption").as_str()), (Verdict::Healthy, "unverified"));
    let strange = [
        at(format!("rediss://127.0.0.1:{port}"), "").vital().await,
        at(format!("rediss://127.0.0.1:{}", server.port), "").vital().await,
    ];
    for reading in strange {
        assert_eq!(reading.verdict, Verdict::Unknown, "{reading:#?}");
        assert!(reading.reason().contains("TLS"), "{reading:#?}");
    }
    // Who does not speak TLS is hung up on, or told so by an alert.
    let plain = at(format!("redis://127.0.0.1:{port}"), "").vital().await;
    assert!([Verdict::Unknown, Verdict::Down].contains(&plain.verdict), "{plain:#?}");
}
