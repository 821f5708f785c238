//! The application of a site without its servers: what it says then, and what it is served with.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lifeboat::lab::app::{Options, Server, Tls};
use lifeboat::lab::world::{Login, Servers};
use lifeboat::text::SystemClock;
use serde_json::Value;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::test_lab::until;

const PASSWORD: &str = "never-to-be-seen";

/// An application that ends with its test.
pub struct TestApp {
    pub url: String,
    running: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
}

impl TestApp {
    pub async fn start(options: &Options) -> TestApp {
        let server = Server::bind(options, Arc::new(SystemClock)).await.unwrap();
        let scheme = if options.tls.is_some() { "https" } else { "http" };
        let url = format!("{scheme}://localhost:{}", server.address().port());
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(server.run(async move {
            let _ = stopped.await;
        }));
        TestApp { url, running: Some((stop, task)) }
    }

    pub async fn stop(&mut self) {
        if let Some((stop, task)) = self.running.take() {
            let _ = stop.send(());
            task.await.unwrap();
        }
    }
}

/// What is answered, as its status and its JSON.
pub async fn ask(client: &reqwest::Client, request: reqwest::Method, url: String) -> (u16, Value) {
    let answer = client.request(request, url).send().await.unwrap();
    let status = answer.status().as_u16();
    let text = answer.text().await.unwrap();
    assert!(!text.contains(PASSWORD), "{text}");
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

pub fn password_file(folder: &Path, password: &str) -> PathBuf {
    let path = folder.join("password");
    std::fs::write(&path, password).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    path
}

/// Options whose servers are not there: nobody listens on these ports for long.
fn alone(folder: &Path, tls: Option<Tls>) -> Options {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let file = password_file(folder, PASSWORD);
    Options {
        name: "app-1".to_owned(),
        site: "primary".to_owned(),
        listen: "127.0.0.1:0".parse().unwrap(),
        servers: Servers {
            postgres: Login::with_password(format!("postgresql://app@{free}/agents"), &file),
            redis: Login::with_password(format!("redis://app@{free}"), &file),
            rabbitmq: Login::with_password(format!("amqp://app@{free}/%2f"), &file),
        },
        log: folder.join("app.log"),
        tls,
    }
}

fn certificate(folder: &Path, name: &str) -> (Tls, reqwest::Certificate) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned(), name.to_owned()]).unwrap();
    let tls = Tls { certificate: folder.join("app.crt"), key: folder.join("app.key") };
    std::fs::write(&tls.key, made.signing_key.serialize_pem()).unwrap();
    std::fs::write(&tls.certificate, made.cert.pem()).unwrap();
    (tls, reqwest::Certificate::from_pem(made.cert.pem().as_bytes()).unwrap())
}

fn trusting(certificate: reqwest::Certificate) -> reqwest::Client {
    reqwest::Client::builder().tls_certs_only([certificate]).no_proxy().build().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn without_servers_it_lives_and_says_what_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let options = alone(folder.path(), None);
    let app = TestApp::start(&options).await;
    let client = reqwest::Client::new();
    let get = async |path: &str| ask(&client, reqwest::Method::GET, format!("{}{path}", app.url)).await;
    assert_eq!(get("/live").await.0, 200);
    let start = std::time::Instant::now();
    let (status, health) = get("/health").await;
    assert!(start.elapsed() < std::time::Duration::from_secs(4));
    assert_eq!((status, &health["status"]), (503, &Value::from("failing")));
    for server in ["postgres", "redis", "rabbitmq"] {
        assert_eq!(health[server]["ok"], false, "{health}");
        assert!(!health[server]["reason"].as_str().unwrap().is_empty(), "{health}");
    }
    let (status, golden) = ask(&client, reqwest::Method::POST, format!("{}/golden", app.url)).await;
    assert_eq!(status, 503);
    assert!(golden["reason"].as_str().unwrap().contains("PostgreSQL"), "{golden}");
    assert_eq!(get("/golden").await.0, 405);
    assert_eq!(get("/nothing").await.0, 404);
    let (_, metrics) = get("/metrics").await;
    let metrics = metrics.as_str().unwrap();
    assert!(metrics.contains("app_golden_flow_failures_total{site=\"primary\",app=\"app-1\"} 1\n"), "{metrics}");
    // Once by the look at its health, once by the flow.
    assert!(metrics.contains("app_database_errors_total{site=\"primary\",app=\"app-1\"} 2\n"), "{metrics}");
    let log = std::fs::read_to_string(&options.log).unwrap();
    assert!(!log.contains(PASSWORD));
    let errors = log.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    assert_eq!(errors.filter(|line| line["level"] == "error").count(), 2, "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_serves_the_certificate_that_lies_in_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let (tls, first) = certificate(folder.path(), "first.test");
    let options = alone(folder.path(), Some(tls.clone()));
    let mut app = TestApp::start(&options).await;
    let live = format!("{}/live", app.url);
    assert_eq!(trusting(first.clone()).get(&live).send().await.unwrap().status().as_u16(), 200);
    std::fs::write(&tls.certificate, "of no use").unwrap();
    until("the broken certificate is seen", async || {
        assert!(trusting(first.clone()).get(&live).send().await.is_ok(), "the last good one has to stay");
        std::fs::read_to_string(&options.log).unwrap().contains("certificate is of no use")
    })
    .await;
    let (_, second) = certificate(folder.path(), "second.test");
    until("the new certificate is served", async || trusting(second.clone()).get(&live).send().await.is_ok()).await;
    assert!(trusting(first).get(&live).send().await.is_err());
    app.stop().await;
}
