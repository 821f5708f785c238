//! Servers that are none: they send garbage, a gigabyte, or nothing.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

async fn listen<F>(serve: impl Fn(TcpStream) -> F + Send + 'static) -> String
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream));
        }
    });
    address
}

/// Waits for a question, says these words, and hangs up or goes on being there.
pub async fn says(words: &'static [u8], hangs_up: bool) -> String {
    listen(move |mut stream| async move {
        let mut question = [0; 4096];
        let _ = stream.read(&mut question).await;
        let _ = stream.write_all(words).await;
        // Who hangs up with something unread takes back what was said.
        let _ = tokio::time::timeout(Duration::from_millis(100), stream.read(&mut question)).await;
        while !hangs_up && stream.read(&mut question).await.is_ok_and(|count| count > 0) {}
    })
    .await
}

/// A database that wants the password as it is, and says what it got.
pub async fn echoes_password() -> String {
    listen(|mut stream| async move {
        let mut said = [0; 4096];
        let _ = stream.read(&mut said).await;
        let _ = stream.write_all(b"N").await;
        let _ = stream.read(&mut said).await;
        let _ = stream.write_all(b"R\0\0\0\x08\0\0\0\x03").await;
        let count = stream.read(&mut said).await.unwrap_or(0);
        let got = String::from_utf8_lossy(&said[..count]).into_owned();
        let words = format!("SFATAL\0VFATAL\0C28P01\0Myou sent {}\0\0", got[5..].trim_end_matches('\0'));
        let size = u32::try_from(words.len() + 4).unwrap().to_be_bytes();
        let _ = stream.write_all(&[b"E", &size[..], words.as_bytes()].concat()).await;
        let _ = stream.read(&mut said).await;
    })
    .await
}

/// A cache that answers everything with an error that holds it.
pub async fn echoes() -> String {
    listen(|mut stream| async move {
        let mut said = [0; 4096];
        while let Ok(count @ 1..) = stream.read(&mut said).await {
            let got = String::from_utf8_lossy(&said[..count]).replace("\r\n", " ");
            // No text: the library gives up, and what came first is told instead.
            let answer = [b"-ERR \xff you said ", got.as_bytes(), b"\r\n"].concat();
            let _ = stream.write_all(&answer).await;
        }
    })
    .await
}

/// A database that lets everybody in, and answers every question with one and the same word.
pub async fn says_abc() -> String {
    listen(|mut stream| async move {
        let mut question = [0; 16384];
        let _ = stream.read(&mut question).await;
        let _ = stream.write_all(b"N").await;
        let _ = stream.read(&mut question).await;
        let _ = stream.write_all(b"R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I").await;
        let row = b"T\0\0\0\x1a\0\x01a\0\0\0\0\0\0\0\0\0\0\x19\xff\xff\xff\xff\xff\xff\0\0\
            D\0\0\0\x0d\0\x01\0\0\0\x03abcC\0\0\0\x0dSELECT 1\0Z\0\0\0\x05I";
        while stream.read(&mut question).await.is_ok_and(|count| count > 0) {
            let _ = stream.write_all(row).await;
        }
    })
    .await
}

/// Says this first, then a gigabyte of the same letter.
pub async fn floods(first: &'static [u8]) -> String {
    listen(move |mut stream| async move {
        let mut question = [0; 4096];
        let _ = stream.read(&mut question).await;
        let _ = stream.write_all(first).await;
        let block = vec![b'x'; 1 << 20];
        for _ in 0..1024 {
            if stream.write_all(&block).await.is_err() {
                return;
            }
        }
    })
    .await
}

/// How much memory this process has needed at most, in megabytes.
pub fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}
