//! Servers that answer badly, or not at all: a reading each, in time, and in little memory.

use std::time::{Duration, Instant};

use lifeboat::plan::facts::Verdict;

use super::server::{Says, Server, page};
use crate::systems::asking::{Asker, shown};

async fn ask(says: impl Fn(&str) -> Says + Send + Sync + 'static) -> (Verdict, String, String) {
    let server = Server::start(says).await;
    let mut asker = Asker::of("app", "http", &server.url(), "http = { contains = 'ok' }");
    let begun = Instant::now();
    let reading = asker.vital().await;
    assert!(begun.elapsed() < Duration::from_millis(2_500), "{:?}", begun.elapsed());
    (reading.verdict, shown(&reading, "connection"), reading.reason().to_owned())
}

#[track_caller]
fn expect(answer: &(Verdict, String, String), verdict: Verdict, connection: &str, words: &str) {
    assert_eq!((answer.0, answer.1.as_str()), (verdict, connection), "{answer:?}");
    assert!(answer.2.contains(words), "{answer:?}");
}

#[tokio::test]
async fn nobody_listens() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let reading = Asker::of("app", "http", &format!("http://{address}"), "").vital().await;
    assert_eq!((reading.verdict, shown(&reading, "connection").as_str()), (Verdict::Down, "refused"));
    assert!(reading.reason().to_lowercase().contains("connection refused"), "{reading:#?}");
}

#[tokio::test]
async fn its_name_does_not_exist() {
    let reading = Asker::of("app", "http", "http://no-such-host.invalid/", "").vital().await;
    assert_eq!(reading.verdict, Verdict::Unknown, "{reading:#?}");
    assert!(reading.reason().contains("cannot be reached"), "{reading:#?}");
}

#[tokio::test]
async fn it_says_nothing() {
    expect(&ask(|_| Says::Nothing).await, Verdict::Unknown, "timeout", "did not answer within 2s");
}

#[tokio::test]
async fn it_hangs_up() {
    expect(&ask(|_| Says::HangUp).await, Verdict::Down, "refused", "connection closed");
}

#[tokio::test]
async fn it_sends_garbage() {
    let garbage = b"\x1b[2J\x00\xff not a web server\r\n\r\n".to_vec();
    expect(&ask(move |_| Says::Bytes(garbage.clone())).await, Verdict::Unknown, "strange", "not as http should");
}

#[tokio::test]
async fn it_drips_for_ever() {
    let head = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
    let answer = ask(move |_| Says::Drip(head.clone())).await;
    expect(&answer, Verdict::Unknown, "strange", "status 200 came, and of the answer");
    let half = b"HTTP/1.1 200 OK\r\nX-Long: ".to_vec();
    expect(&ask(move |_| Says::Drip(half.clone())).await, Verdict::Unknown, "timeout", "did not answer");
}

#[tokio::test]
async fn it_stops_in_the_middle() {
    for head in ["Content-Length: 1000000000000000", "Content-Length: 50", "Transfer-Encoding: chunked"] {
        let half = format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n5").into_bytes();
        let answer = ask(move |_| Says::Bytes(half.clone())).await;
        expect(&answer, Verdict::Unknown, "strange", "the answer stops in the middle");
    }
}

#[tokio::test]
async fn it_sends_a_gigabyte() {
    let answer = ask(|_| Says::Many(1 << 30)).await;
    expect(&answer, Verdict::Unknown, "open", "the first 256 KiB of its answer do not contain \"ok\"");
}

#[tokio::test]
async fn it_sends_a_gigabyte_of_headers() {
    let endless = ["HTTP/1.1 200 OK\r\n".to_owned(), "X-A: b\r\n".repeat(200_000)].concat().into_bytes();
    let answer = ask(move |_| Says::Bytes(endless.clone())).await;
    assert_eq!(answer.0, Verdict::Unknown, "{answer:?}");
}

#[tokio::test]
async fn one_that_hangs_up_after_every_answer_is_no_outage() {
    // Answers once a connection, and says that it would go on.
    let server = Server::start(|_| {
        Says::Bytes(b"HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok".to_vec())
    })
    .await;
    let mut asker = Asker::of("app", "http", &server.url(), "");
    for _ in 0..10 {
        let reading = asker.vital().await;
        assert_eq!(reading.verdict, Verdict::Healthy, "{reading:#?}");
    }
}

#[tokio::test]
async fn one_that_hangs_delays_no_other() {
    let silent = Server::start(|_| Says::Nothing).await;
    let well = Server::start(|_| page(200, "")).await;
    let (mut one, mut two) = (Asker::of("a", "http", &silent.url(), ""), Asker::of("b", "http", &well.url(), ""));
    let begun = Instant::now();
    let quick = async {
        let reading = two.vital().await;
        (reading.verdict, begun.elapsed())
    };
    let (slow, (verdict, took)) = tokio::join!(one.vital(), quick);
    assert_eq!((slow.verdict, verdict), (Verdict::Unknown, Verdict::Healthy));
    assert!(took < Duration::from_secs(1), "{took:?}");
}
