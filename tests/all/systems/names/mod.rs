//! Names in the DNS, asked of a real server of the test's own and of servers that misbehave.

mod knot;

use lifeboat::plan::facts::Verdict;
use lifeboat::systems::Reading;
use tokio::net::UdpSocket;

use super::asking::{Asker, shown};
use knot::Knot;

const ZONE: &str = "$ORIGIN shop.test.\n$TTL 60\n@ SOA ns hostmaster 2024111801 3600 600 604800 60\n@ NS ns\nns A 127.0.0.1\n\
    app A 192.0.2.10\nlost A 203.0.113.9\nlong 3600 A 192.0.2.10\nlb CNAME app\nboth A 192.0.2.10\nboth AAAA 2001:db8::1\n\
    empty TXT \"nothing to see\"\n";

async fn ask(name: &str, server: &str, resolver: &str) -> Reading {
    let settings = format!(
        "[component.dns]\nzone = 'shop.test'\nserver = '{server}'\nresolver = '{resolver}'\nttl = '60s'\n\
         points_to = {{ primary = '192.0.2.10', dr = '198.51.100.10' }}"
    );
    Asker::of("name", "dns-name", name, &settings).vital().await
}

#[tokio::test]
async fn a_name_is_told_with_its_site() {
    let knot = Knot::start(ZONE).await;
    let reading = ask("app.shop.test", &knot.address(), &knot.address()).await;
    assert_eq!(reading.verdict, Verdict::Healthy, "{reading:#?}");
    assert_eq!(reading.identity, "points to 192.0.2.10, primary");
    let facts = ["addresses", "cached", "site", "site_cached", "agreement", "ttl", "serial"];
    let expected = ["192.0.2.10", "192.0.2.10", "primary", "primary", "yes", "1min", "2,024,111,801"];
    assert_eq!(facts.map(|name| shown(&reading, name)), expected);
    let reading = ask("both.shop.test", &knot.address(), &knot.address()).await;
    assert_eq!(shown(&reading, "addresses"), "192.0.2.10, 2001:db8::1");
    let reading = ask("lb.shop.test", &knot.address(), &knot.address()).await;
    assert_eq!(
        (shown(&reading, "addresses"), shown(&reading, "site")),
        ("192.0.2.10 (app.shop.test)".to_owned(), "primary".to_owned())
    );
}

#[tokio::test]
async fn the_word_of_its_own_server_that_it_is_not_there_is_down() {
    let knot = Knot::start(ZONE).await;
    let at = knot.address();
    let reading = ask("nobody.shop.test", &at, &at).await;
    assert_eq!(
        (reading.verdict, reading.reason()),
        (Verdict::Down, &*format!("by the word of {at} it does not exist"))
    );
    let reading = ask("empty.shop.test", &at, &at).await;
    assert_eq!(
        (reading.verdict, reading.reason()),
        (Verdict::Down, &*format!("by the word of {at} it has no address"))
    );
}

#[tokio::test]
async fn a_name_that_leads_astray_is_told() {
    let knot = Knot::start(ZONE).await;
    let at = knot.address();
    let reading = ask("lost.shop.test", &at, &at).await;
    assert_eq!(reading.verdict, Verdict::Degraded);
    assert_eq!(reading.reason(), "it points to 203.0.113.9, which is none of the plan's sites");
    let reading = ask("long.shop.test", &at, &at).await;
    assert_eq!(reading.reason(), "may be kept for: 1h, more than 1min", "{reading:#?}");
}

#[tokio::test]
async fn servers_that_disagree_are_told() {
    let knot = Knot::start(ZONE).await;
    let stale = Knot::start(&ZONE.replace("app A 192.0.2.10", "app A 198.51.100.10")).await;
    let reading = ask("app.shop.test", &knot.address(), &stale.address()).await;
    assert_eq!((reading.verdict, shown(&reading, "agreement").as_str()), (Verdict::Degraded, "no"));
    assert_eq!(["site", "site_cached"].map(|name| shown(&reading, name)), ["primary", "dr"]);
    let sentence = format!("{} tells users 198.51.100.10 for 1min more, the zone says 192.0.2.10", stale.address());
    assert_eq!(reading.reason(), sentence);
}

#[tokio::test]
async fn a_server_of_another_zone_does_not_count_as_the_zones_own() {
    let other = Knot::start(&ZONE.replace("shop.test", "other.test")).await;
    let reading = ask("app.shop.test", &other.address(), &other.address()).await;
    assert_eq!(reading.verdict, Verdict::Unknown, "{reading:#?}");
    assert!(reading.reason().contains("answers") && reading.reason().contains("efused"), "{reading:#?}");
}

#[tokio::test]
async fn silence_is_unknown_and_as_long_as_the_cache_speaks_a_warning() {
    let silent = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let silent = silent.local_addr().map(|at| (silent, at.to_string())).unwrap();
    let reading = ask("app.shop.test", &silent.1, &silent.1).await;
    assert_eq!(
        (reading.verdict, shown(&reading, "connection").as_str()),
        (Verdict::Unknown, "unreachable"),
        "{reading:#?}"
    );
    assert!(reading.reason().contains("no answer within"), "{reading:#?}");
    let knot = Knot::start(ZONE).await;
    let reading = ask("app.shop.test", &silent.1, &knot.address()).await;
    assert_eq!(reading.verdict, Verdict::Degraded, "{reading:#?}");
    assert!(reading.reason().contains("users live on what is still kept"), "{reading:#?}");
    assert_eq!((shown(&reading, "site"), reading.facts.unseen().count()), ("primary".to_owned(), 1));
    let reading = ask("app.shop.test", &knot.address(), &silent.1).await;
    assert_eq!(reading.verdict, Verdict::Healthy, "{reading:#?}");
    assert_eq!(reading.facts.unseen().map(|(name, _)| name).collect::<Vec<_>>(), ["cached"]);
}

#[tokio::test]
async fn garbage_is_unknown() {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let at = socket.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        let mut packet = [0; 512];
        while let Ok((_, from)) = socket.recv_from(&mut packet).await {
            let _ = socket.send_to(b"\x00\x01 this is no answer \x1b[2J", from).await;
        }
    });
    let reading = ask("app.shop.test", &at, &at).await;
    assert_eq!(reading.verdict, Verdict::Unknown, "{reading:#?}");
    assert!(reading.reason().contains("no answer of a name server"), "{reading:#?}");
}

#[tokio::test]
async fn an_answer_to_another_question_does_not_count() {
    let (socket, knot) = (UdpSocket::bind("127.0.0.1:0").await.unwrap(), Knot::start(ZONE).await);
    let at = socket.local_addr().unwrap().to_string();
    let server = knot.address();
    tokio::spawn(async move {
        let mut packet = [0; 512];
        while let Ok((size, from)) = socket.recv_from(&mut packet).await {
            let behind = UdpSocket::bind("127.0.0.1:0").await.unwrap();
            behind.send_to(&packet[..size], &server).await.unwrap();
            let mut answer = [0; 512];
            let (size, _) = behind.recv_from(&mut answer).await.unwrap();
            let true_answer = answer[..size].to_vec();
            answer[0] ^= 1;
            let _ = socket.send_to(&answer[..size], from).await;
            let _ = socket.send_to(&true_answer, from).await;
        }
    });
    let reading = ask("app.shop.test", &at, &at).await;
    assert_eq!(reading.verdict, Verdict::Healthy, "{reading:#?}");
}
