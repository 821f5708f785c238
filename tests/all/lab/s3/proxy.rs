//! A way to the endpoint that spoils one byte of every body it carries.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// Listens, and replaces the first `needle` that a client sends by `spoiled`, which is as long.
pub(super) async fn spoiling(to: SocketAddr, needle: &'static [u8], spoiled: &'static [u8]) -> String {
    assert_eq!(needle.len(), spoiled.len());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            tokio::spawn(carry(client, to, needle, spoiled));
        }
    });
    format!("http://{address}")
}

async fn carry(client: TcpStream, to: SocketAddr, needle: &[u8], spoiled: &[u8]) {
    let server = TcpStream::connect(to).await.unwrap();
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let back = async { tokio::io::copy(&mut from_server, &mut to_client).await };
    let there = async {
        let mut sent = Vec::new();
        let mut buffer = vec![0; 1 << 16];
        loop {
            let count = from_client.read(&mut buffer).await?;
            if count == 0 {
                return std::io::Result::Ok(());
            }
            sent.extend_from_slice(&buffer[..count]);
            if let Some(at) = sent.windows(needle.len()).position(|window| window == needle) {
                sent[at..at + needle.len()].copy_from_slice(spoiled);
            }
            to_server.write_all(&sent).await?;
            sent.clear();
        }
    };
    let _ = tokio::join!(back, there);
}
