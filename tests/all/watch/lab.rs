//! Readings of the lab while it is broken for real: what each fault looks like, and that it is gone after its undo.

use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::lab::test_lab::{PROGRAM, TestLab};

/// How long a fault may take to be seen, and its undo.
const PATIENCE: Duration = Duration::from_secs(40);

/// The fault, and what is then told of a component: its verdict, and words of its reasons.
type Case = (&'static [&'static str], &'static str, &'static str, &'static str);

const CASES: &[Case] = &[
    (&["kill", "primary/postgres"], "postgres", "down", "connection refused"),
    (&["freeze", "primary/postgres"], "postgres", "unknown", "did not answer within"),
    (&["exhaust-connections"], "postgres", "degraded", "it has too many clients"),
    (&["refuse-logins", "postgres"], "application", "down", "status 503"),
    (&["stop-archiving"], "postgres", "degraded", "archiving fails"),
    (&["disable-archiving"], "postgres", "degraded", "archiving is on and has no command"),
    (&["lag-standby"], "postgres-dr", "degraded", "replay is paused"),
    (&["kill", "primary/redis"], "redis", "down", "connection refused"),
    (&["exhaust-memory"], "redis", "degraded", "memory: "),
    (&["corrupt-aof"], "redis", "down", "connection refused"),
    (&["kill", "primary/rabbitmq"], "rabbitmq", "down", "connection refused"),
    (&["kill", "primary/app-1"], "balancer", "degraded", "host app-1"),
    (&["kill", "primary/s3"], "bucket", "down", "connection refused"),
    (&["remove-certificate"], "certificate-app", "down", "is not there"),
    (&["expire-certificate"], "certificate-app", "down", "clients refuse it"),
    // As long as the resolver remembers the name, its users do not notice.
    (&["stop-dns"], "name", "degraded or unknown", ":5300"),
    (&["kill", "outside/alertmanager"], "alertmanager", "down", "connection refused"),
    (&["freeze", "dr"], "redis-dr", "unknown", "did not answer within"),
];

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_is_a_reading_and_gone_after_its_undo() {
    let test = TestLab::new();
    test.up().await;
    wait(&test, "everything is told to be as the lab made it", as_made);
    for (fault, component, verdict, words) in CASES {
        let broken = test.run(&[&["fault"], *fault].concat());
        assert!(broken.status.success(), "{fault:?}: {}", String::from_utf8_lossy(&broken.stderr));
        wait(&test, &format!("{fault:?} is seen"), |told| {
            let found = of(told, component);
            is_one_of(&found["verdict"], verdict) && found["reasons"].to_string().contains(words)
        });
        let mended = test.run(&["fault", fault[0], "--undo"]);
        assert!(mended.status.success(), "{fault:?}: {}", String::from_utf8_lossy(&mended.stderr));
        wait(&test, &format!("{fault:?} is over"), |told| of(told, component)["verdict"] == "healthy");
    }
    a_lost_site(&test);
}

/// Servers that are killed, and what is told of a component of a lab with three nodes.
const CLUSTERS: &[Case] = &[
    (&["primary/rabbitmq-3"], "rabbitmq-1", "degraded", "one node from losing quorum"),
    (&["primary/rabbitmq-3"], "rabbitmq-3", "down", "rabbitmq-1, rabbitmq-2 of its cluster still take connections"),
    (&["primary/rabbitmq-2", "primary/rabbitmq-3"], "rabbitmq-1", "down", "paused themselves for want of a majority"),
    (&["primary/redis-1"], "redis-1", "down", "connection refused"),
    (&["primary/sentinel-2", "primary/sentinel-3"], "sentinel-1", "degraded", "cannot fail cache over"),
];

#[tokio::test(flavor = "multi_thread")]
async fn lost_nodes_and_quorums_are_readings() {
    let test = TestLab::new();
    test.up_with(&lifeboat::lab::LabOptions { nodes: lifeboat::lab::Nodes::Three, ..test.options() }).await;
    wait(&test, "everything is told to be as the lab made it", as_made);
    for (servers, component, verdict, words) in CLUSTERS {
        for server in *servers {
            let broken = test.run(&["fault", "kill", server]);
            assert!(broken.status.success(), "{server}: {}", String::from_utf8_lossy(&broken.stderr));
        }
        wait(&test, &format!("{servers:?} is seen"), |told| {
            let found = of(told, component);
            is_one_of(&found["verdict"], verdict) && found["reasons"].to_string().contains(words)
        });
        let mended = test.run(&["fault", "kill", "--undo"]);
        assert!(mended.status.success(), "{servers:?}: {}", String::from_utf8_lossy(&mended.stderr));
        wait(&test, &format!("{servers:?} is over"), |told| of(told, component)["verdict"] == "healthy");
    }
    wait(&test, "everything is as it was", as_made);
}

/// A site that is silent as a whole is lost, and its silence is held against it because another answers.
fn a_lost_site(test: &TestLab) {
    assert!(test.run(&["fault", "freeze", "primary"]).status.success());
    wait(test, "the primary site is lost", |told| told["sites"][0]["lost"] == true && told["own_network"] == "proven");
    let told = status(test);
    assert_eq!(told["sites"][1]["lost"], false, "{told:#}");
    let words = of(&told, "redis")["why"].to_string();
    assert!(words.contains("unreachable from here"), "{words}");
    assert!(test.run(&["fault", "freeze", "--undo"]).status.success());
    wait(test, "the primary site is back", |told| told["sites"][0]["lost"] == false);
}

/// All is well but the certificates that were made not to be.
fn as_made(told: &Value) -> bool {
    let well = |component: &Value| {
        let name = component["name"].as_str().unwrap();
        let wanted = match name {
            "certificate-hooks" => "degraded",
            "certificate-legacy" | "certificate-metrics" => "down",
            _ => "healthy",
        };
        component["verdict"] == wanted
    };
    told["components"].as_array().unwrap().iter().all(well)
}

fn is_one_of(verdict: &Value, wanted: &str) -> bool {
    wanted.split(" or ").any(|wanted| verdict == wanted)
}

fn of<'a>(told: &'a Value, component: &str) -> &'a Value {
    told["components"].as_array().unwrap().iter().find(|known| known["name"] == *component).unwrap()
}

fn status(test: &TestLab) -> Value {
    let mut command = Command::new(PROGRAM);
    let ran = command.arg("--state").arg(test.base()).args(["--lab", "status", "--json"]).output().unwrap();
    serde_json::from_slice(&ran.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&ran.stderr)))
}

fn wait(test: &TestLab, what: &str, is_so: impl Fn(&Value) -> bool) {
    let begun = Instant::now();
    loop {
        let told = status(test);
        if is_so(&told) {
            eprintln!("{what}: after {:.1} s", begun.elapsed().as_secs_f64());
            return;
        }
        assert!(begun.elapsed() < PATIENCE, "{what}: not after {PATIENCE:?}: {:#}", brief(&told));
        std::thread::sleep(Duration::from_millis(300));
    }
}

fn brief(told: &Value) -> Value {
    let components = told["components"].as_array().unwrap().iter();
    let brief = |known: &Value| serde_json::json!([known["name"], known["verdict"], known["reasons"]]);
    components.filter(|known| known["verdict"] != "healthy").map(brief).collect()
}
