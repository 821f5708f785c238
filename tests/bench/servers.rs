//! Servers that cost next to nothing, for what is measured to ask.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Instant;

/// Answers every request with 200, as fast as it can.
pub fn web() -> SocketAddr {
    answering(|_| "200 OK")
}

/// Answers well for five seconds, badly for five, and so on.
#[allow(dead_code, reason = "not every benchmark needs it")]
pub fn flapping() -> SocketAddr {
    answering(|start| if start.elapsed().as_secs() / 5 % 2 == 1 { "500 Oh" } else { "200 OK" })
}

/// Takes connections and says nothing, until whoever asked has had enough.
pub fn mute() -> SocketAddr {
    let (listener, address) = listen();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let wait = move || std::io::copy(&mut stream, &mut std::io::sink());
            std::thread::Builder::new().stack_size(64 * 1024).spawn(wait).unwrap();
        }
    });
    address
}

fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

fn answering(status: fn(Instant) -> &'static str) -> SocketAddr {
    let ((listener, address), start) = (listen(), Instant::now());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let serve = move || serve(stream, || status(start));
            std::thread::Builder::new().stack_size(64 * 1024).spawn(serve).unwrap();
        }
    });
    address
}

fn serve(mut stream: TcpStream, status: impl Fn() -> &'static str) {
    let mut lines = BufReader::new(stream.try_clone().unwrap());
    let mut line = String::new();
    while lines.read_line(&mut line).is_ok_and(|count| count > 0) {
        let answer = || format!("HTTP/1.1 {}\r\ncontent-length: 2\r\n\r\nok", status());
        if line == "\r\n" && stream.write_all(answer().as_bytes()).is_err() {
            return;
        }
        line.clear();
    }
}
