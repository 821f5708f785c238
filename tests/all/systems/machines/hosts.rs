//! Machines: this one, one behind a prefix, and some that are not there.

use lifeboat::plan::facts::Verdict;
use tokio::net::TcpListener;

use crate::systems::asking::{Asker, shown};

#[tokio::test]
async fn this_machine_tells_its_load_memory_and_disks() {
    for reach in ["", "reach = { prefix = ['env', 'LC_ALL=C'] }"] {
        let mut asker = Asker::of("node", "host", "here", reach);
        let reading = asker.vital().await;
        assert_ne!(reading.verdict, Verdict::Down, "{reading:#?}");
        assert_eq!(shown(&reading, "ping"), "ok");
        for name in ["load", "memory", "booted", "disk", "disk_free"] {
            assert!(reading.fact(name).is_some(), "{name}: {reading:#?}");
        }
        let runtime = asker.until("its runtime is known", |reading| reading.fact("container_runtime").is_some()).await;
        assert!(["working", "failed", "none"].contains(&shown(&runtime, "container_runtime").as_str()));
    }
}

#[tokio::test]
async fn a_machine_without_a_way_in_answers_on_a_port_be_it_with_a_refusal() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let reading = Asker::of("node", "host", &address.to_string(), "").vital().await;
    assert_eq!((reading.verdict, shown(&reading, "ping").as_str()), (Verdict::Healthy, "ok"), "{reading:#?}");
    drop(listener);
    let reading = Asker::of("node", "host", &address.to_string(), "").vital().await;
    assert_eq!((reading.verdict, shown(&reading, "ping").as_str()), (Verdict::Degraded, "ok"), "{reading:#?}");
    assert_eq!(reading.reason(), format!("it is there, but refuses port {}", address.port()));
    // Nobody listens on this address of the loopback network, and it is there.
    let reading = Asker::of("node", "host", "127.213.7.1", "").vital().await;
    assert_eq!((reading.verdict, shown(&reading, "ping").as_str()), (Verdict::Healthy, "ok"), "{reading:#?}");
}

#[tokio::test]
async fn a_machine_that_says_nothing_is_unknown_and_does_not_answer() {
    let reading = Asker::of("node", "host", "no-such-host.invalid", "").vital().await;
    assert_eq!((reading.verdict, shown(&reading, "ping").as_str()), (Verdict::Unknown, "failed"), "{reading:#?}");
    let silent = "reach = { prefix = ['sleep', '1000'] }";
    let reading = Asker::of("node", "host", "no-such-host.invalid", silent).vital().await;
    assert_eq!((reading.verdict, shown(&reading, "ping").as_str()), (Verdict::Unknown, "failed"), "{reading:#?}");
}

#[tokio::test]
async fn a_machine_that_is_there_and_lets_no_command_in_is_told_so() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let reading = Asker::of("node", "host", &address, "reach = { prefix = ['/no/such/way'] }").vital().await;
    assert_eq!((reading.verdict, shown(&reading, "ping").as_str()), (Verdict::Degraded, "ok"), "{reading:#?}");
    assert!(reading.reason().starts_with("it is there, but no command can be run on it"), "{reading:#?}");
}
