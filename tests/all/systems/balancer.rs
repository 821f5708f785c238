//! Load balancers: a real haproxy, and a page of nginx.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use lifeboat::plan::facts::{Value, Verdict};
use lifeboat::systems::Reading;
use tempfile::TempDir;

use super::asking::{Asker, shown};
use super::component;
use super::web::server::{Server, page};

/// A haproxy of the test's own.
struct Haproxy {
    child: Child,
    port: u16,
    statistics: u16,
    _folder: TempDir,
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

impl Haproxy {
    async fn start(servers: &[(&str, u16)]) -> Haproxy {
        let (folder, port, statistics) = (tempfile::tempdir().unwrap(), free_port(), free_port());
        let lines =
            |(name, port): &(&str, u16)| format!("  server {name} 127.0.0.1:{port} check inter 100ms fall 1 rise 1\n");
        let servers: String = servers.iter().map(lines).collect();
        let configuration = format!(
            "defaults\n  mode http\n  timeout connect 1s\n  timeout client 5s\n  timeout server 5s\n\
             frontend front\n  bind 127.0.0.1:{port}\n  default_backend apps\n\
             backend apps\n  option httpchk GET /health\n{servers}\
             frontend statistics\n  bind 127.0.0.1:{statistics}\n  stats enable\n  stats uri /stats\n  stats show-legends\n"
        );
        let path = folder.path().join("haproxy.cfg");
        std::fs::write(&path, configuration).unwrap();
        let mut command = Command::new("/usr/sbin/haproxy");
        command.arg("-db").arg("-f").arg(&path).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let haproxy = Haproxy { child: command.spawn().unwrap(), port, statistics, _folder: folder };
        let begun = Instant::now();
        while tokio::net::TcpStream::connect(("127.0.0.1", statistics)).await.is_err() {
            assert!(begun.elapsed() < Duration::from_secs(20), "haproxy does not come up");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        haproxy
    }

    fn asker(&self, hosts: &str, statistics: &str, apps: &[String]) -> Asker {
        let settings = format!("[component.balancer]\nhosts = [{hosts}]\nstatistics = '{statistics}'");
        let balancer = component("lb", "load-balancer", &format!("http://127.0.0.1:{}/health", self.port), &settings);
        Asker::new(&[std::slice::from_ref(&balancer), apps].concat())
    }
}

impl Drop for Haproxy {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn counts(reading: &Reading) -> [String; 3] {
    ["hosts", "hosts_up", "hosts_down"].map(|name| shown(reading, name))
}

#[tokio::test]
async fn hosts_behind_haproxy_are_told_by_the_plans_names() {
    let (one, two) = (Server::start(|_| page(200, "ok")).await, Server::start(|_| page(200, "ok")).await);
    let closed = free_port();
    let haproxy = Haproxy::start(&[("s1", one.address.port()), ("s2", two.address.port()), ("s3", closed)]).await;
    let app = |name: &str, port: u16| component(name, "http", &format!("http://127.0.0.1:{port}/"), "");
    let apps = [app("app-1", one.address.port()), app("app-2", two.address.port()), app("app-3", closed)];
    for page in ["/stats", "/stats;csv"] {
        let statistics = format!("http://127.0.0.1:{}{page}", haproxy.statistics);
        let mut asker = haproxy.asker("'app-1', 'app-2', 'app-3'", &statistics, &apps);
        let reading = asker.until("one of three is down", |reading| counts(reading) == ["3", "2", "1"]).await;
        assert_eq!(reading.verdict, Verdict::Degraded, "{reading:#?}");
        let says = |words: &str| reading.reasons.iter().any(|reason| reason.sentence.contains(words));
        assert!(says("host app-3 is DOWN: L4CON"), "{reading:#?}");
        assert_eq!(reading.facts.lists()[0].rows[0][0], "app-3");
        assert_eq!(shown(&reading, "status"), "200");
        assert!(reading.fact("sessions").is_some());
        let reading = asker.until("a rate of errors", |reading| reading.fact("errors").is_some()).await;
        assert!(matches!(reading.fact("errors"), Some(Value::PerSecond(rate)) if *rate >= 0.0));
    }
}

#[tokio::test]
async fn a_balancer_with_nobody_behind_it_is_down() {
    let haproxy = Haproxy::start(&[("app-1", free_port())]).await;
    let statistics = format!("http://127.0.0.1:{}/stats;csv", haproxy.statistics);
    let apps = ["app-1", "app-9"].map(|name| component(name, "http", &format!("http://{name}.invalid/"), ""));
    let mut asker = haproxy.asker("'app-1', 'app-9'", &statistics, &apps);
    let reading = asker.until("nobody is up", |reading| counts(reading) == ["1", "0", "1"]).await;
    assert_eq!(reading.verdict, Verdict::Down);
    let said: Vec<&str> = reading.reasons.iter().map(|reason| reason.sentence.as_str()).collect();
    assert!(said.iter().any(|said| said.starts_with("it answers with status 503")), "{said:?}");
    assert!(said.contains(&"not one of the hosts behind it is up"), "{said:?}");
    assert!(said.contains(&"app-9 is not behind it, as the plan says"), "{said:?}");
}

#[tokio::test]
async fn without_statistics_only_its_own_answer_counts() {
    let one = Server::start(|_| page(200, "ok")).await;
    let haproxy = Haproxy::start(&[("app-1", one.address.port())]).await;
    let address = format!("127.0.0.1:{}", haproxy.port);
    let reading = Asker::of("lb", "load-balancer", &address, "").vital().await;
    assert_eq!((reading.verdict, reading.identity.as_str()), (Verdict::Healthy, "an open port"));
    assert!(reading.facts.unseen().any(|(name, why)| name == "hosts" && why.contains("names no")), "{reading:#?}");
    let mut asker = haproxy.asker("", "http://127.0.0.1:1/stats", &[]);
    let reading = asker.until("its host is there", |reading| reading.verdict != Verdict::Down).await;
    assert_eq!(reading.verdict, Verdict::Degraded);
    assert!(reading.reason().starts_with("its statistics cannot be read: http://127.0.0.1:1/stats"), "{reading:#?}");
}

#[tokio::test]
async fn a_page_of_nginx_tells_its_connections_and_another_page_nothing() {
    let nginx = Server::start(|line| match line {
        line if line.contains("/status") => {
            page(200, "Active connections: 12 \nserver accepts handled requests\n 1 1 1\n")
        }
        _ => page(200, "<html>welcome</html>"),
    })
    .await;
    let ask = |path: &str| {
        let settings = format!("balancer = {{ statistics = '{}{path}' }}", nginx.url());
        Asker::of("lb", "load-balancer", &nginx.url(), &settings)
    };
    let reading = ask("/status").vital().await;
    assert_eq!((reading.verdict, shown(&reading, "sessions").as_str()), (Verdict::Healthy, "12"));
    let reading = ask("/health").vital().await;
    assert_eq!(reading.verdict, Verdict::Degraded, "{reading:#?}");
    assert!(reading.reason().contains("neither that of haproxy nor that of nginx"), "{reading:#?}");
    assert!(reading.facts.unseen().any(|(_, why)| why.contains("neither that of haproxy nor that of nginx")));
}
