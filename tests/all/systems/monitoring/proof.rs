//! An answer alone proves nothing: what says only 200 is not taken for who was asked.

use lifeboat::plan::facts::Verdict;
use lifeboat::systems::Reading;

use super::count;
use crate::systems::asking::{Asker, shown};
use crate::systems::web::server::{Says, Server, page};

const BUILD: &str = r#"{"status":"success","data":{"version":"2.42.0","revision":"x","branch":"HEAD"}}"#;
const STATUS: &str = r#"{"cluster":{"status":"disabled","peers":[]},"versionInfo":{"version":"0.25.0"},
    "config":{"original":""},"uptime":"2024-11-18T02:12:45Z"}"#;

async fn ask(kind: &str, says: impl Fn(&str) -> Says + Send + Sync + 'static) -> Reading {
    let server = Server::start(move |line| says(line.split(' ').nth(1).unwrap())).await;
    Asker::of("watcher", kind, &server.url(), "").vital().await
}

#[tokio::test]
async fn a_nonsense_200_is_no_prometheus_and_no_alertmanager() {
    for kind in ["prometheus", "alertmanager"] {
        for body in ["", "welcome", "{}", "[]", "null", "<html>Prometheus, please log in</html>", r#"{"data":{}}"#] {
            let reading = ask(kind, move |_| page(200, body)).await;
            assert_eq!(reading.verdict, Verdict::Unknown, "{kind} {body:?}: {reading:#?}");
            assert_eq!(shown(&reading, "connection"), "strange", "{kind} {body:?}");
            assert!(reading.reason().contains("nothing proves that it is"), "{kind} {body:?}: {reading:#?}");
        }
    }
}

#[tokio::test]
async fn one_sign_of_its_own_is_enough_for_prometheus() {
    let ready = |path: &str| match path {
        "/-/ready" => page(200, "Prometheus Server is Ready.\n"),
        _ => page(403, "no"),
    };
    assert_eq!(ask("prometheus", ready).await.identity, "Prometheus");
    let built = |path: &str| match path {
        "/-/ready" => page(200, "OK"),
        "/api/v1/status/buildinfo" => page(200, BUILD),
        _ => page(404, "no"),
    };
    let reading = ask("prometheus", built).await;
    assert_eq!((reading.identity.as_str(), count(&reading, "targets")), ("Prometheus 2.42.0", None));
}

#[tokio::test]
async fn alertmanager_shows_its_version_or_is_in_doubt() {
    let whole = |path: &str| match path {
        "/-/ready" => page(200, "OK"),
        "/api/v2/status" => page(200, STATUS),
        _ => page(200, "[]"),
    };
    let reading = ask("alertmanager", whole).await;
    assert_eq!((reading.verdict, reading.identity.as_str()), (Verdict::Healthy, "Alertmanager 0.25.0"), "{reading:#?}");
    let reading = ask("alertmanager", |_| page(200, "OK")).await;
    assert_eq!(reading.verdict, Verdict::Degraded, "{reading:#?}");
    assert!(reading.reason().contains("nothing proves that it is Alertmanager"), "{reading:#?}");
}
