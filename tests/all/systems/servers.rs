//! Servers of a few lines, on a free port of the loopback interface, gone with the test.

use std::net::SocketAddr;

use chrono::{TimeDelta, Utc};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// An HTTP server whose clock is off by `skew`; the status depends on the first line of the request and on
/// whether it is signed.
pub async fn http(skew: TimeDelta, status: fn(&str, bool) -> u16) -> SocketAddr {
    let (listener, address) = listen().await;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer_http(stream, skew, status));
        }
    });
    address
}

async fn answer_http(stream: TcpStream, skew: TimeDelta, status: fn(&str, bool) -> u16) -> Option<()> {
    let mut stream = BufReader::new(stream);
    loop {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if stream.read_line(&mut head).await.ok()? == 0 {
                return None;
            }
        }
        let signed = head.to_lowercase().contains("\r\nauthorization: aws4-hmac-sha256 ");
        let status = status(head.lines().next()?, signed);
        let date = (Utc::now() + skew).format("%a, %d %b %Y %H:%M:%S GMT");
        let answer = format!("HTTP/1.1 {status} Said\r\nDate: {date}\r\nServer: tiny\r\nContent-Length: 0\r\n\r\n");
        stream.write_all(answer.as_bytes()).await.ok()?;
    }
}

/// As much of Redis as a contact asks for, with a clock that is off by `skew`.
pub async fn redis(skew: TimeDelta) -> SocketAddr {
    let (listener, address) = listen().await;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer_redis(stream, skew));
        }
    });
    address
}

async fn answer_redis(stream: TcpStream, skew: TimeDelta) -> Option<()> {
    let mut stream = BufReader::new(stream);
    loop {
        let words = number(&mut stream, '*').await?;
        let mut command = Vec::new();
        for _ in 0..words {
            let mut word = vec![0; number(&mut stream, '$').await? + 2];
            stream.read_exact(&mut word).await.ok()?;
            command.push(String::from_utf8_lossy(&word[..word.len() - 2]).to_uppercase());
        }
        let text = |text: &str| format!("${}\r\n{text}\r\n", text.len());
        let answer = match command[0].as_str() {
            "TIME" => {
                let seconds = (Utc::now() + skew).timestamp().to_string();
                format!("*2\r\n{}{}", text(&seconds), text("0"))
            }
            "INFO" => text("redis_version:7.0.1\r\nrole:master\r\n"),
            _ => "+OK\r\n".to_owned(),
        };
        stream.write_all(answer.as_bytes()).await.ok()?;
    }
}

async fn number(stream: &mut BufReader<TcpStream>, mark: char) -> Option<usize> {
    let mut line = String::new();
    stream.read_line(&mut line).await.ok()?;
    line.trim_end().strip_prefix(mark)?.parse().ok()
}

/// A server that takes what it is sent and never says a word; it tells the first byte of its first client.
pub async fn silent() -> (SocketAddr, tokio::sync::oneshot::Receiver<u8>) {
    let (listener, address) = listen().await;
    let (tell, told) = tokio::sync::oneshot::channel();
    tokio::spawn(async move {
        let mut tell = Some(tell);
        let mut kept = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            if let (Some(tell), Ok(byte)) = (tell.take(), stream.read_u8().await) {
                let _ = tell.send(byte);
            }
            kept.push(stream);
        }
    });
    (address, told)
}
