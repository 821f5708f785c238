//! Services over TLS: the certificate that is served, and what clients make of it.

use std::path::Path;

use lifeboat::plan::facts::Verdict;
use lifeboat::systems::Reading;

use super::server::{Server, page};
use crate::systems::asking::{Asker, shown};
use crate::systems::tls::{Authority, Good, Issued};

async fn ask(issued: &Issued, between: &str, ca: Option<&Path>) -> Reading {
    let server = Server::with_tls(issued.served_with(between), |_| page(200, "")).await;
    let ca = ca.map_or_else(String::new, |ca| format!("http = {{ ca = '{}' }}", ca.display()));
    let address = format!("https://localhost:{}", server.address.port());
    Asker::of("app", "http", &address, &ca).vital().await
}

#[tokio::test]
async fn a_good_certificate_is_told_with_its_end() {
    let (folder, authority) = (tempfile::tempdir().unwrap(), Authority::new("ours"));
    let reading =
        ask(&authority.issue(&["localhost", "app"], Good::Long), "", Some(&authority.write(folder.path()))).await;
    assert_eq!(reading.verdict, Verdict::Healthy, "{reading:#?}");
    assert_eq!(shown(&reading, "certificate_names"), "localhost, app");
    assert_eq!(shown(&reading, "certificate_ends"), "2080-01-01T00:00:00.000Z");
    assert_eq!(shown(&reading, "certificate"), "valid");
}

#[tokio::test]
async fn one_that_ends_soon_is_a_warning() {
    let (folder, authority) = (tempfile::tempdir().unwrap(), Authority::new("ours"));
    let reading = ask(&authority.issue(&["localhost"], Good::Days(3)), "", Some(&authority.write(folder.path()))).await;
    assert_eq!(reading.verdict, Verdict::Degraded, "{reading:#?}");
    assert!(reading.reason().starts_with("certificate valid for: 2d 23h, less than 14d"), "{reading:#?}");
}

#[tokio::test]
async fn one_that_clients_refuse_is_down() {
    let (folder, authority) = (tempfile::tempdir().unwrap(), Authority::new("ours"));
    let ca = authority.write(folder.path());
    let reading = ask(&authority.issue(&["localhost"], Good::Once), "", Some(&ca)).await;
    assert_eq!((reading.verdict, shown(&reading, "certificate").as_str()), (Verdict::Down, "expired"), "{reading:#?}");
    assert_eq!(reading.reason(), "its certificate ended on 2020-12-31T00:00:00.000Z, and clients refuse it");
    assert_eq!(shown(&reading, "certificate_ends"), "2020-12-31T00:00:00.000Z");
    let reading = ask(&authority.issue(&["localhost"], Good::Later), "", Some(&ca)).await;
    assert_eq!((reading.verdict, shown(&reading, "certificate").as_str()), (Verdict::Down, "not-yet"), "{reading:#?}");
    let reading = ask(&authority.issue(&["elsewhere.example"], Good::Long), "", Some(&ca)).await;
    assert_eq!((reading.verdict, shown(&reading, "certificate").as_str()), (Verdict::Down, "wrong-name"));
    let sentence = "its certificate is for elsewhere.example, not for localhost, and clients refuse it";
    assert_eq!(reading.reason(), sentence);
}

#[tokio::test]
async fn one_that_nobody_here_trusts_is_unknown_with_the_way_out() {
    let authority = Authority::new("somebody");
    let reading = ask(&authority.issue(&["localhost"], Good::Long), "", None).await;
    assert_eq!(
        (reading.verdict, shown(&reading, "certificate").as_str()),
        (Verdict::Unknown, "untrusted"),
        "{reading:#?}"
    );
    let sentence =
        "its certificate is signed by somebody, whom this machine does not trust; name the authority as `http.ca`";
    assert_eq!(reading.reason(), sentence);
}

#[tokio::test]
async fn a_chain_may_have_links_between() {
    let (folder, root) = (tempfile::tempdir().unwrap(), Authority::new("root"));
    let between = root.below("between");
    let issued = between.issue(&["localhost"], Good::Long);
    let reading = ask(&issued, &between.pem, Some(&root.write(folder.path()))).await;
    assert_eq!(reading.verdict, Verdict::Healthy, "{reading:#?}");
    let reading = ask(&issued, "", Some(&root.write(folder.path()))).await;
    assert_eq!(
        (reading.verdict, shown(&reading, "certificate").as_str()),
        (Verdict::Unknown, "untrusted"),
        "{reading:#?}"
    );
}

#[tokio::test]
async fn tls_and_plain_are_not_mixed_up() {
    let plain = Server::start(|_| page(200, "")).await;
    let address = format!("https://localhost:{}", plain.address.port());
    let reading = Asker::of("app", "http", &address, "").vital().await;
    assert_eq!(reading.verdict, Verdict::Unknown, "{reading:#?}");
    assert!(reading.reason().contains("it does not speak TLS there; write http://"), "{reading:#?}");
    let authority = Authority::new("ours");
    let encrypted = Server::with_tls(authority.issue(&["localhost"], Good::Long).served(), |_| page(200, "")).await;
    let reading = Asker::of("app", "http", &encrypted.url(), "").vital().await;
    assert_eq!(reading.verdict, Verdict::Unknown, "{reading:#?}");
    assert!(reading.reason().contains("it speaks TLS there; write https://"), "{reading:#?}");
}

#[tokio::test]
async fn an_authority_that_cannot_be_read_is_named() {
    let server = Server::start(|_| page(200, "")).await;
    let reading = Asker::of("app", "http", &server.url(), "http = { ca = '/no/such/ca.pem' }").vital().await;
    assert_eq!(reading.verdict, Verdict::Unknown, "{reading:#?}");
    assert!(reading.reason().contains("/no/such/ca.pem"), "{reading:#?}");
}

#[tokio::test]
async fn one_that_signs_for_itself_is_good_where_the_plan_names_it() {
    let folder = tempfile::tempdir().unwrap();
    for is_authority in [true, false] {
        let issued = Issued::by_itself(&["localhost"], is_authority);
        let file = folder.path().join("own.pem");
        std::fs::write(&file, &issued.certificate).unwrap();
        let reading = ask(&issued, "", Some(&file)).await;
        assert_eq!(reading.verdict, Verdict::Healthy, "{is_authority}: {reading:#?}");
        let another = Issued::by_itself(&["localhost"], is_authority);
        let reading = ask(&another, "", Some(&file)).await;
        assert_eq!(reading.verdict, Verdict::Unknown, "{is_authority}: {reading:#?}");
        assert!(!reading.reason().contains("Other"), "{reading:#?}");
        let elsewhere = Issued::by_itself(&["elsewhere.example"], is_authority);
        std::fs::write(&file, &elsewhere.certificate).unwrap();
        let reading = ask(&elsewhere, "", Some(&file)).await;
        assert_eq!(reading.verdict, Verdict::Down, "{is_authority}: {reading:#?}");
    }
}

#[tokio::test]
async fn another_certificate_is_seen_at_the_next_question() {
    let (folder, authority) = (tempfile::tempdir().unwrap(), Authority::new("ours"));
    let ca = format!("http = {{ ca = '{}' }}", authority.write(folder.path()).display());
    let issued = |good| authority.issue(&["localhost"], good).served();
    let server = Server::with_tls(issued(Good::Days(200)), |_| page(200, "")).await;
    let mut asker = Asker::of("app", "http", &format!("https://localhost:{}", server.address.port()), &ca);
    let first = asker.vital().await;
    assert_eq!(first.verdict, Verdict::Healthy, "{first:#?}");
    server.renew(issued(Good::Long));
    let reading = asker.vital().await;
    assert_eq!(reading.verdict, Verdict::Healthy, "{reading:#?}");
    assert_eq!(shown(&reading, "certificate_ends"), "2080-01-01T00:00:00.000Z");
    server.renew(issued(Good::Once));
    let reading = asker.vital().await;
    assert_eq!((reading.verdict, shown(&reading, "certificate").as_str()), (Verdict::Down, "expired"), "{reading:#?}");
    server.renew(issued(Good::Long));
    assert_eq!(asker.vital().await.verdict, Verdict::Healthy);
}
