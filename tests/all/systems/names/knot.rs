//! A name server of a test's own.

use std::net::{TcpListener, UdpSocket};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// A running server, ended with its test.
pub struct Knot {
    child: Child,
    port: u16,
    _folder: TempDir,
}

/// A port that nobody has, neither for packets nor for connections.
fn free_port() -> u16 {
    loop {
        let port = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

impl Knot {
    /// Serves a zone whose file begins with its origin.
    pub async fn start(zone: &str) -> Knot {
        let folder = tempfile::tempdir().unwrap();
        let port = free_port();
        let name = zone.split_whitespace().nth(1).unwrap().trim_end_matches('.').to_owned();
        std::fs::write(folder.path().join("zone"), zone).unwrap();
        let configuration = format!(
            "server:\n  rundir: .\n  listen: 127.0.0.1@{port}\n  udp-workers: 1\n  tcp-workers: 1\n  background-workers: 1\n\
             log:\n  - target: stderr\n    any: warning\n\
             database:\n  storage: .\n  journal-db-max-size: 16M\n  kasp-db-max-size: 16M\n  timer-db-max-size: 16M\n\
             control:\n  listen: knot.sock\n\
             zone:\n  - domain: {name}\n    storage: .\n    file: zone\n"
        );
        std::fs::write(folder.path().join("knot.conf"), configuration).unwrap();
        let mut command = Command::new("/usr/sbin/knotd");
        command.args(["-c", "knot.conf"]).current_dir(folder.path()).stdin(Stdio::null()).stdout(Stdio::null());
        let child = command.stderr(Stdio::null()).spawn().unwrap();
        let knot = Knot { child, port, _folder: folder };
        knot.is_there(&name).await;
        knot
    }

    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    async fn is_there(&self, name: &str) {
        // A question for the zone's own record, written out.
        let mut question = vec![0, 7, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
        for label in name.split('.') {
            question.push(u8::try_from(label.len()).unwrap());
            question.extend_from_slice(label.as_bytes());
        }
        question.extend_from_slice(&[0, 0, 6, 0, 1]);
        let begun = Instant::now();
        loop {
            let socket = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
            socket.connect(self.address()).await.unwrap();
            let _ = socket.send(&question).await;
            let mut answer = [0; 512];
            let received = tokio::time::timeout(Duration::from_millis(100), socket.recv(&mut answer)).await;
            if matches!(received, Ok(Ok(_))) && answer[3] % 16 == 0 {
                return;
            }
            assert!(begun.elapsed() < Duration::from_secs(20), "knotd does not come up");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for Knot {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
