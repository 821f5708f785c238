//! How a contact gets to its system: straight, and encrypted where the plan says so.

use chrono::TimeDelta;

use super::{component, look, plan, servers};
use crate::support::program::{Home, Ran};

/// A proxy would answer in place of the system, or hide that it is there.
#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_of_the_environment_is_not_asked() {
    let server = servers::http(TimeDelta::zero(), |_, _| 200).await;
    let home = Home::new();
    let parts = [
        component("web", "http", &format!("http://{server}/"), ""),
        component("bucket", "s3-bucket", "s3://there", &format!("[component.bucket]\nendpoint = \"http://{server}\"")),
    ];
    let path = plan(home.path(), &parts);
    let mut command = home.command(["--plan", path.to_str().unwrap(), "plan", "check", "--live", "--json"]);
    for variable in ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "ALL_PROXY"] {
        command.env(variable, "http://127.0.0.1:1");
    }
    let ran = tokio::task::spawn_blocking(move || Ran::from(command.output().unwrap())).await.unwrap();
    let said = ran.json();
    assert_eq!(said["answered"].as_object().unwrap().len(), 2, "{said:#}");
    assert_eq!(said["not_looked_at"], serde_json::json!({}));
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_is_spoken_to_over_tls() {
    let (address, first) = servers::silent().await;
    let live = look(&[component("cache", "redis", &format!("rediss://{address}"), "")]).await;
    assert_eq!(first.await.unwrap(), 22, "the first byte of a TLS handshake");
    assert!(live.findings[0].message.contains("did not answer within 2s"), "{live:#?}");
}
