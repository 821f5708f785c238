//! Encrypted ways, trusted and not, and what lies between here and a server.

use lifeboat::plan::facts::Verdict;
use tokio::net::{TcpListener, TcpStream};

use super::server::Server;
use crate::systems::databases::account::Account;
use crate::systems::databases::asking::{Asker, shown};
use crate::systems::databases::tls::self_signed;

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_counts_for_what_the_plan_trusts() {
    let mut server = Server::start(&[]).await.with_monitor().await;
    let files = self_signed(server.folder.path());
    for file in [&files.certificate, &files.key] {
        Account::of("postgres").own(file);
    }
    let certificate = format!("ALTER SYSTEM SET ssl_cert_file = '{}'", files.certificate.display());
    let key = format!("ALTER SYSTEM SET ssl_key_file = '{}'", files.key.display());
    server.execute(&[&certificate, &key, "ALTER SYSTEM SET ssl = on"]).await;
    server.down();
    server.up().await;
    let address = |mode: &str| format!("postgresql://lifeboat@127.0.0.1:{}/postgres?sslmode={mode}", server.port);
    let ca = format!("[component.postgres]\nca = \"{}\"\n", files.certificate.display());

    let prefers = Asker::new(&[server.component_at("db", &address("prefer"), "")]).vital().await;
    assert_eq!((prefers.verdict, shown(&prefers, "encryption").as_str()), (Verdict::Healthy, "unverified"));
    let plain = Asker::new(&[server.component_at("db", &address("disable"), "")]).vital().await;
    assert_eq!((plain.verdict, shown(&plain, "encryption").as_str()), (Verdict::Healthy, "none"), "{plain:#?}");
    let trusted = Asker::new(&[server.component_at("db", &address("verify-full"), &ca)]).vital().await;
    assert_eq!((trusted.verdict, shown(&trusted, "encryption").as_str()), (Verdict::Healthy, "verified"));
    let strange = Asker::new(&[server.component_at("db", &address("require"), "")]).vital().await;
    assert_eq!(strange.verdict, Verdict::Unknown);
    assert!(strange.reason().contains("invalid peer certificate"), "{strange:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_in_between_is_noticed() {
    let server = Server::start(&[]).await.with_monitor().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (port, behind) = (listener.local_addr().unwrap().port(), server.port);
    tokio::spawn(async move {
        while let Ok((mut front, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut back = TcpStream::connect(("127.0.0.1", behind)).await.unwrap();
                tokio::io::copy_bidirectional(&mut front, &mut back).await
            });
        }
    });
    let direct = Asker::new(&[server.component("db", "lifeboat", "")]).vital().await;
    let address = format!("postgresql://lifeboat@127.0.0.1:{port}/postgres");
    let through = Asker::new(&[server.component_at("db", &address, "")]).vital().await;
    assert_eq!((shown(&direct, "between").as_str(), shown(&through, "between").as_str()), ("nothing", "proxy"));
}
