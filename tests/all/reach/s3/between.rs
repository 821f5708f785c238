//! A server of a few lines that stands between us and the endpoint of the lab, or in its place, and misbehaves.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// The head of a request.
pub struct Head {
    /// Its first line.
    pub line: String,
    /// All of it, in lower case.
    pub text: String,
    /// Which request it is, from 0 on.
    pub number: usize,
}

impl Head {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    pub fn is(&self, method: &str, part: &str) -> bool {
        self.line.starts_with(method) && self.line.contains(part)
    }
}

/// What to do with a request.
pub enum Act {
    /// Let it and its answer pass.
    Pass,
    /// Let it pass, and lose its answer.
    Lose,
    /// Change a byte in the middle of its body.
    Flip,
    /// Let it pass, and change a byte in the middle of the body of its answer.
    Garble,
    /// Pass so many bytes of the body of its answer, then break off.
    Cut(usize),
    /// Reset the connection after so many bytes of its body.
    Reset(usize),
    /// Answer oneself: status, headers, body.
    Say(u16, String, String),
    /// Refuse it before its body has come.
    Early(u16, &'static str),
    /// Take it, and say nothing.
    Hang,
}

/// An error, as S3 tells it.
pub fn refuse(status: u16, code: &str) -> Act {
    let body = format!("<?xml version=\"1.0\"?>\n<Error><Code>{code}</Code><Message>Because.</Message></Error>");
    Act::Say(status, String::new(), body)
}

/// A good answer.
pub fn say(body: &str) -> Act {
    Act::Say(200, String::new(), body.to_owned())
}

/// A server that does with each request what `act` says. It tells how many have come.
pub async fn between(
    upstream: Option<SocketAddr>,
    act: impl Fn(&Head) -> Act + Send + Sync + 'static,
) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (act, count) = (Arc::new(act), Arc::new(AtomicUsize::new(0)));
    let counted = Arc::clone(&count);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (act, count) = (Arc::clone(&act), Arc::clone(&counted));
            tokio::spawn(async move { serve(stream, upstream, &*act, &count).await });
        }
    });
    (address, count)
}

async fn serve(
    mut client: TcpStream,
    upstream: Option<SocketAddr>,
    act: &(dyn Fn(&Head) -> Act + Send + Sync),
    count: &AtomicUsize,
) -> Option<()> {
    loop {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(client.read_u8().await.ok()?);
        }
        let text = String::from_utf8(head.clone()).ok()?.to_lowercase();
        let line = String::from_utf8_lossy(&head).lines().next()?.to_owned();
        let request = Head { line, text, number: count.fetch_add(1, Ordering::SeqCst) };
        let length: usize = request.header("content-length").map_or(0, |length| length.parse().unwrap());
        let action = act(&request);
        if let Act::Reset(after) = action {
            let mut some = vec![0; after.min(length)];
            client.read_exact(&mut some).await.ok()?;
            client.set_zero_linger().ok()?;
            return None;
        }
        if let Act::Early(status, code) = action {
            let body = format!("<Error><Code>{code}</Code></Error>");
            let head = format!("HTTP/1.1 {status} No\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len());
            client.write_all(format!("{head}{body}").as_bytes()).await.ok()?;
            client.shutdown().await.ok()?;
            // Closing with bytes unread would reset the connection under the answer.
            tokio::io::copy(&mut client, &mut tokio::io::sink()).await.ok()?;
            return None;
        }
        let mut body = vec![0; length];
        client.read_exact(&mut body).await.ok()?;
        if matches!(action, Act::Flip) {
            body[length / 2] ^= 1;
        }
        match action {
            Act::Hang => tokio::time::sleep(Duration::from_mins(10)).await,
            Act::Say(status, headers, body) => {
                let length = body.len();
                let answer = format!("HTTP/1.1 {status} Said\r\n{headers}Content-Length: {length}\r\n\r\n{body}");
                let is_head = request.line.starts_with("HEAD");
                let answer = if is_head { &answer[..answer.len() - length] } else { &answer };
                client.write_all(answer.as_bytes()).await.ok()?;
            }
            action => {
                let answer = ask(upstream?, &head, &body).await?;
                client.write_all(&passed(answer, &action)?).await.ok()?;
                return None;
            }
        }
    }
}

/// What passes of an answer.
fn passed(mut answer: Vec<u8>, action: &Act) -> Option<Vec<u8>> {
    match action {
        Act::Lose => return None,
        Act::Cut(most) => answer.truncate(body_of(&answer)? + most),
        Act::Garble => {
            let start = body_of(&answer)?;
            let middle = start + (answer.len() - start) / 2;
            *answer.get_mut(middle)? ^= 1;
        }
        _ => {}
    }
    Some(answer)
}

fn body_of(answer: &[u8]) -> Option<usize> {
    answer.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4)
}

/// The whole answer of the real one. The host stays the one that was signed.
async fn ask(upstream: SocketAddr, head: &[u8], body: &[u8]) -> Option<Vec<u8>> {
    let mut server = TcpStream::connect(upstream).await.ok()?;
    server.write_all(&head[..head.len() - 2]).await.ok()?;
    server.write_all(b"connection: close\r\n\r\n").await.ok()?;
    server.write_all(body).await.ok()?;
    let mut answer = Vec::new();
    server.read_to_end(&mut answer).await.ok()?;
    Some(answer)
}
