//! No fact stands in the vocabulary that no probe can tell.

use std::path::Path;

use lifeboat::plan::facts;
use lifeboat::plan::types::Kind;

/// The kinds, and the folders of their probes.
const FOLDERS: [(Kind, &[&str]); 14] = [
    (Kind::Rabbitmq, &["rabbitmq"]),
    (Kind::Http, &["http", "certificate", "logs"]),
    (Kind::LoadBalancer, &["balancer", "http", "certificate", "logs"]),
    (Kind::Files, &["files", "machine"]),
    (Kind::Certificate, &["certificate"]),
    (Kind::S3Bucket, &["s3"]),
    (Kind::Elasticsearch, &["monitoring"]),
    (Kind::DnsName, &["dns"]),
    (Kind::Prometheus, &["monitoring"]),
    (Kind::Alertmanager, &["monitoring"]),
    (Kind::Grafana, &["monitoring"]),
    (Kind::Container, &["machine"]),
    (Kind::Host, &["machine"]),
    (Kind::TcpPort, &["tcp"]),
];

fn sources(folder: &Path, into: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, into);
        } else {
            into.push_str(&std::fs::read_to_string(path).unwrap());
        }
    }
}

#[test]
fn every_fact_is_named_by_the_probe_of_its_kind() {
    let systems = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/systems");
    for (kind, folders) in FOLDERS {
        let mut text = String::new();
        for folder in folders {
            sources(&systems.join(folder), &mut text);
        }
        for info in facts::of_kind(kind).iter().filter(|info| info.told_by.is_none()) {
            assert!(text.contains(&format!("\"{}\"", info.name)), "nobody tells {} of {kind}", info.name);
        }
    }
}
