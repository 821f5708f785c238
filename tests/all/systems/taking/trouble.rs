//! Servers and wires that fail in the middle: half of it must never look whole.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rustix::process::Signal;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::keeping::{Shelf, Trial};
use super::redis::of_all_types;
use crate::systems::databases::redis::server::Server;

const STREAM: &str = "method = 'stream'";

/// Passes everything on between a client and a server, and flips a bit of the byte at a place in what the server says
/// on each connection, or hangs up there.
async fn wire(port: u16, at: Arc<AtomicUsize>, hangs_up: bool) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("redis://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let server = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
            let ((mut from_client, mut to_client), (mut from_server, mut to_server)) =
                (client.into_split(), server.into_split());
            tokio::spawn(async move {
                let _ = tokio::io::copy(&mut from_client, &mut to_server).await;
            });
            let at = at.load(Ordering::SeqCst);
            tokio::spawn(async move {
                let (mut seen, mut buffer) = (0, vec![0; 4096]);
                while let Ok(count @ 1..) = from_server.read(&mut buffer).await {
                    if (seen..seen + count).contains(&at) {
                        if hangs_up {
                            return;
                        }
                        buffer[at - seen] ^= 4;
                    }
                    seen += count;
                    if to_client.write_all(&buffer[..count]).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    address
}

#[tokio::test(flavor = "multi_thread")]
async fn one_byte_that_changed_on_the_wire_is_found() {
    let server = Server::start("repl-diskless-sync no\n").await;
    of_all_types(&server, 3000).await;
    for flips in [10_000, 25_000, 45_000] {
        let at = Arc::new(AtomicUsize::new(flips));
        let address = wire(server.port, at, false).await;
        let taken = Trial::new(&[server.component_at("cache", &address, "")]).take("cache", STREAM).await;
        assert!(taken.error().contains("cannot be restored from"), "byte {flips}: {}", taken.error());
        assert_eq!((taken.kept.pieces.len(), taken.kept.broken), (0, 1), "byte {flips}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wire_that_breaks_is_an_error() {
    for framing in ["no", "yes"] {
        let server = Server::start(&format!("repl-diskless-sync {framing}\n")).await;
        server.fill(3000).await;
        let address = wire(server.port, Arc::new(AtomicUsize::new(50_000)), true).await;
        let taken = Trial::new(&[server.component_at("cache", &address, "")]).take("cache", STREAM).await;
        assert!(taken.error().contains("breaks off after"), "{}", taken.error());
        assert_eq!(taken.kept.pieces.len(), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_in_the_middle_is_an_error() {
    let mut server = Server::start("repl-diskless-sync yes\nrdbcompression no\n").await;
    server.run("DEBUG POPULATE 300000 key 200").await.unwrap();
    server.run("CONFIG SET rdb-key-save-delay 100").await.unwrap();
    let trial = Trial::new(&[server.component("cache", "")]);
    let taking = tokio::spawn(async move {
        let slow = Shelf { slow: Some(Duration::from_millis(5)), ..Shelf::default() };
        trial.take_into(slow, "cache", STREAM).await
    });
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(!taking.is_finished());
    server.process().end(Signal::KILL);
    let taken = taking.await.unwrap();
    assert!(taken.error().contains("breaks off"), "{}", taken.error());
    assert_eq!(taken.kept.pieces.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_loads_gives_nothing_yet() {
    let mut server = Server::start("").await;
    server.run("DEBUG POPULATE 20000 key 10").await.unwrap();
    server.run("SAVE").await.unwrap();
    server.down();
    server.configure("key-load-delay 500");
    server.configure("loading-process-events-interval-bytes 1024");
    server.up_while_loading();
    let begun = std::time::Instant::now();
    loop {
        let taken = Trial::new(&[server.component("cache", "")]).take("cache", STREAM).await;
        let error = taken.error();
        if error.contains("loads its data") || error.contains("still loading") {
            break;
        }
        assert!(begun.elapsed() < Duration::from_secs(5), "{error}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// It says that its snapshot is empty, and its keys are there.
#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_without_the_keys_of_the_server_is_refused() {
    let (full, empty) = (Server::start("").await, Server::start("").await);
    full.fill(500).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("redis://{}", listener.local_addr().unwrap());
    let ports = [full.port, empty.port];
    // Whoever speaks as a replica is led to another server than whoever asks.
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let mut first = vec![0; 4096];
            let count = client.read(&mut first).await.unwrap();
            let is_replica = first[..count].starts_with(b"*1\r\n$4\r\nPING");
            let mut server = TcpStream::connect(("127.0.0.1", ports[usize::from(is_replica)])).await.unwrap();
            server.write_all(&first[..count]).await.unwrap();
            tokio::spawn(async move { tokio::io::copy_bidirectional(&mut client, &mut server).await });
        }
    });
    let taken = Trial::new(&[full.component_at("cache", &address, "")]).take("cache", STREAM).await;
    assert!(taken.error().contains("it holds no key, and the server holds 500"), "{}", taken.error());
    assert_eq!(taken.kept.pieces.len(), 0);
    drop(empty);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_that_lost_its_primary_gives_none() {
    let replica = Server::start("replicaof 127.0.0.1 1\n").await;
    let taken = Trial::new(&[replica.component("cache", "")]).take("cache", STREAM).await;
    assert!(taken.error().contains("link to its primary is down"), "{}", taken.error());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_knows_only_the_old_word_is_asked_by_that() {
    let server = Server::start("rename-command PSYNC \"\"\n").await;
    server.fill(100).await;
    let taken = Trial::new(&[server.component("cache", "")]).take("cache", STREAM).await;
    assert_eq!(taken.account().counts["keys"], 100);
}
