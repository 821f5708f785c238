//! Connections that break, stand still or change what goes over them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use lifeboat::reach::s3::{Options, Payload, Settings, Spool, Trouble, Upload};
use lifeboat::text::Explain as _;

use super::between::{Act, Head, between, refuse, say};
use super::{all, noise, open, open_with, quick};
use crate::lab::s3::Endpoint;

#[tokio::test(flavor = "multi_thread")]
async fn what_may_pass_is_tried_again() {
    let endpoint = Endpoint::start().await;
    let act = |head: &Head| match head.number {
        0 => refuse(500, "InternalError"),
        1 => Act::Say(503, "Retry-After: 0\r\n".to_owned(), "<Error><Code>SlowDown</Code></Error>".to_owned()),
        2 => Act::Reset(100),
        3 => Act::Say(502, String::new(), "<html>Bad Gateway</html>".to_owned()),
        _ => Act::Pass,
    };
    let (address, count) = between(Some(endpoint.address), act).await;
    let store = open_with(address, "", Settings { tries: 5, ..quick() }).await;
    store.put("k", noise(300_000), &Options::default()).await.unwrap();
    assert_eq!(count.load(Ordering::SeqCst), 5);
    assert_eq!(all(store.get("k", ..).await).await.unwrap(), noise(300_000));
}

#[tokio::test(flavor = "multi_thread")]
async fn there_is_an_end_to_trying() {
    let (address, count) = between(None, |_| refuse(503, "SlowDown")).await;
    let error = open(address).await.list("", 10).await.unwrap_err();
    assert_eq!((error.trouble(), count.load(Ordering::SeqCst)), (&Trouble::Slow, 3));
    assert_eq!(error.to_string(), "cannot list s3://store: the service asks to be asked less often (tried 3 times)");
    let (address, _) = between(None, |_| refuse(500, "InternalError")).await;
    let error = open(address).await.put("k", Bytes::new(), &Options::default()).await.unwrap_err();
    assert!(error.is_unsure() && error.next_step().starts_with("It may have been done"), "{error:?}");
    let (address, _) = between(None, |_| Act::Reset(0)).await;
    let error = open(address).await.head("k").await.unwrap_err();
    assert!(matches!(error.trouble(), Trouble::Unreachable(_)), "{error:?}");
    // Nobody listens there any more.
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = open(gone).await.put("k", Bytes::new(), &Options::default()).await.unwrap_err();
    assert!(error.to_string().contains("refused") && !error.is_unsure(), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_says_how_long_to_wait() {
    let act = |head: &Head| match head.number {
        0 => Act::Say(503, "Retry-After: 1\r\n".to_owned(), String::new()),
        _ => say("<ListBucketResult/>"),
    };
    let (address, _) = between(None, act).await;
    let patient = Settings { longest_wait: Duration::from_secs(30), ..quick() };
    let begun = Instant::now();
    open_with(address, "", patient).await.list("", 10).await.unwrap();
    assert!(begun.elapsed() >= Duration::from_secs(1), "{:?}", begun.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_heard_while_the_body_is_still_sent() {
    let (address, count) = between(None, |_| Act::Early(403, "AccessDenied")).await;
    let error = open(address).await.put("k", noise(32 << 20), &Options::default()).await.unwrap_err();
    assert_eq!((error.trouble(), error.is_unsure()), (&Trouble::Denied(String::new()), false));
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_that_is_reset_in_the_middle_is_sent_again() {
    let endpoint = Endpoint::start().await;
    let folder = tempfile::tempdir().unwrap();
    let mut spool = Spool::make(folder.path(), 6 << 20).unwrap();
    noise(6 << 20).chunks(1_234_567).for_each(|piece| spool.write(piece).unwrap());
    for (key, body) in [("held", Payload::from(noise(6 << 20))), ("in-a-file", spool.end())] {
        let is_reset = AtomicBool::new(false);
        let act = move |head: &Head| {
            let again = head.is("PUT", "partNumber=1") && !is_reset.swap(true, Ordering::SeqCst);
            if again { Act::Reset(1 << 20) } else { Act::Pass }
        };
        let (address, count) = between(Some(endpoint.address), act).await;
        let store = open(address).await;
        let upload = Upload::begin(&store, key, &Options::default()).await.unwrap();
        let part = upload.part(1, body.clone()).await.unwrap();
        assert!(part.holds(&body) && !part.holds(&noise(6 << 20).slice(1..).into()));
        upload.complete(&[part], true).await.unwrap();
        assert_eq!(count.load(Ordering::SeqCst), 4);
        assert!(all(open(endpoint.address).await.get(key, ..).await).await.unwrap() == noise(6 << 20));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flipped_bit_is_noticed() {
    let endpoint = Endpoint::start().await;
    for size in [50_000, 300_000] {
        let act = |head: &Head| if head.number == 0 { Act::Flip } else { Act::Pass };
        let (address, count) = between(Some(endpoint.address), act).await;
        open(address).await.put("once", noise(size), &Options::default()).await.unwrap();
        assert_eq!(count.load(Ordering::SeqCst), 2);
        let (address, _) = between(Some(endpoint.address), |_| Act::Flip).await;
        let error = open(address).await.put("always", noise(size), &Options::default()).await.unwrap_err();
        assert_eq!((error.trouble(), error.is_unsure()), (&Trouble::BadDigest, false));
    }
    let store = open(endpoint.address).await;
    assert_eq!(all(store.get("once", ..).await).await.unwrap(), noise(300_000));
    assert!(store.head("always").await.unwrap_err().is_not_found());
    let always = |head: &Head| if head.is("PUT", "") { Act::Flip } else { Act::Pass };
    let (address, _) = between(Some(endpoint.address), always).await;
    let upload = Upload::begin(&open(address).await, "k", &Options::default()).await.unwrap();
    assert_eq!(upload.part(1, noise(300_000)).await.unwrap_err().trouble(), &Trouble::BadDigest);
}

#[tokio::test(flavor = "multi_thread")]
async fn reading_goes_on_where_it_broke() {
    let endpoint = Endpoint::start().await;
    let body = noise(1_000_000);
    open(endpoint.address).await.put("k", body.clone(), &Options::default()).await.unwrap();
    let ranges = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let seen = std::sync::Arc::clone(&ranges);
    let act = move |head: &Head| {
        assert_eq!(head.header("if-match").is_some(), head.number > 0);
        seen.lock().unwrap().push(head.header("range").map(str::to_owned));
        if head.number < 9 { Act::Cut(100_000) } else { Act::Pass }
    };
    let (address, _) = between(Some(endpoint.address), act).await;
    assert_eq!(all(open(address).await.get("k", ..).await).await.unwrap(), body);
    let ranges = ranges.lock().unwrap();
    assert_eq!(ranges[0], None);
    assert_eq!(ranges.last().unwrap().as_deref(), Some("bytes=900000-999999"), "{ranges:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn reading_that_brings_nothing_more_ends() {
    let endpoint = Endpoint::start().await;
    open(endpoint.address).await.put("k", noise(1_000_000), &Options::default()).await.unwrap();
    let act = |head: &Head| if head.number == 0 { Act::Cut(100) } else { Act::Cut(0) };
    let (address, count) = between(Some(endpoint.address), act).await;
    let error = all(open(address).await.get("k", ..).await).await.unwrap_err();
    assert!(matches!(error.trouble(), Trouble::Unreachable(_)), "{error:?}");
    assert_eq!(count.load(Ordering::SeqCst), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_replaced_while_it_was_read_is_not_patched_together() {
    let endpoint = Endpoint::start().await;
    let store = open(endpoint.address).await;
    store.put("k", noise(1_000_000), &Options::default()).await.unwrap();
    let act = |head: &Head| if head.number == 0 { Act::Cut(100) } else { Act::Pass };
    let (address, _) = between(Some(endpoint.address), act).await;
    let reading = open(address).await.get("k", ..).await;
    store.put("k", noise(1_000_001), &Options::default()).await.unwrap();
    assert_eq!(all(reading).await.unwrap_err().trouble(), &Trouble::Replaced);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_still_is_left() {
    let (address, count) = between(None, |_| Act::Hang).await;
    let settings = Settings { tries: 2, idle: Duration::from_millis(150), ..quick() };
    let store = open_with(address, "", settings).await;
    let begun = Instant::now();
    let error = store.put("k", noise(200_000), &Options::default()).await.unwrap_err();
    assert!(matches!(error.trouble(), Trouble::Silent(_)) && error.is_unsure(), "{error:?}");
    assert!(begun.elapsed() < Duration::from_secs(3) && count.load(Ordering::SeqCst) == 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_moves_slowly_is_waited_for() {
    // Takes a little each time, for much longer than nothing may move. A small window, and a rate kept in the long run,
    // so that what still lies between the two when all was handed over is taken soon, however busy the machine.
    const SIZE: usize = 32 << 20;
    const RATE: f64 = 25e6;
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(256 << 10).unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = socket.local_addr().unwrap();
    let listener = socket.listen(8).unwrap();
    tokio::spawn(async move {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        let (mut stream, _) = listener.accept().await.unwrap();
        let (begun, mut taken, mut buffer) = (Instant::now(), 0, vec![0; 1 << 20]);
        while taken < SIZE {
            if taken as f64 > begun.elapsed().as_secs_f64() * RATE {
                tokio::time::sleep(Duration::from_millis(10)).await;
                continue;
            }
            taken += stream.read(&mut buffer).await.unwrap();
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\nETag: \"x\"\r\nContent-Length: 0\r\n\r\n").await.unwrap();
    });
    let settings = Settings { tries: 1, idle: Duration::from_millis(500), ..quick() };
    let begun = Instant::now();
    open_with(address, "", settings).await.put("k", noise(SIZE), &Options::default()).await.unwrap();
    assert!(begun.elapsed() > Duration::from_millis(1100), "{:?}", begun.elapsed());
}
