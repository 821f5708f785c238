//! What answers otherwise than it should is a reading, and takes little memory.

use lifeboat::plan::facts::Verdict;
use lifeboat::systems::Reading;

use super::asking::{Asker, shown};
use super::fakes;

async fn ask(kind: &str, address: &str) -> Reading {
    let scheme = if kind == "redis" { "redis://" } else { "postgresql://lifeboat@" };
    let component = crate::systems::component("it", kind, &format!("{scheme}{address}"), "");
    Asker::new(&[component.replace("2s", "4s")]).vital().await
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_is_strange_and_never_down() {
    let words: [&[u8]; 6] = [
        b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.2p1\r\n",
        b"\x15\x03\x01\x00\x02\x02\x46",
        b"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00",
        b"S\x1b[2J\x1b[2J\x1b[2J\x1b[2J",
        b"N$99999999999999999999\r\n",
    ];
    for kind in ["postgres", "redis"] {
        for word in words {
            let reading = ask(kind, &fakes::says(word, true).await).await;
            let said = String::from_utf8_lossy(word);
            assert_eq!(reading.verdict, Verdict::Unknown, "{kind} {said}: {reading:#?}");
            assert!(reading.reason().contains(&format!("not as {kind} should")), "{kind} {said}: {reading:#?}");
            assert_eq!(shown(&reading, "connection"), "strange");
        }
    }
    let reading = ask("redis", &fakes::says(b"\x15\x03\x01\x00\x02\x02\x46", true).await).await;
    assert!(reading.reason().contains("it speaks TLS, and the address does not say so"), "{reading:#?}");
}

#[tokio::test]
async fn a_password_that_is_sent_back_is_not_shown() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("password");
    std::fs::write(&file, "SEKRET-of-9").unwrap();
    std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    for (kind, address) in [
        ("postgres", format!("postgresql://lifeboat@{}", fakes::echoes_password().await)),
        ("redis", format!("redis://{}", fakes::echoes().await)),
    ] {
        let more = format!("password = 'file:{}'", file.display());
        let mut asker = crate::systems::asking::Asker::of("it", kind, &address, &more);
        let reading = asker.vital().await;
        let all = format!("{reading:?}");
        assert!(all.contains("[***]") && !all.contains("SEKRET"), "{kind}: {all}");
        let said = asker.contact().await.unwrap_err().to_string();
        assert!(said.contains("[***]") && !said.contains("SEKRET"), "{kind}: {said}");
    }
}

#[tokio::test]
async fn an_answer_without_sense_is_not_healthy() {
    let reading = ask("postgres", &fakes::says_abc().await).await;
    assert_eq!(
        (reading.verdict, shown(&reading, "connection").as_str()),
        (Verdict::Unknown, "strange"),
        "{reading:#?}"
    );
    assert!(reading.reason().contains("neither version, role nor time"), "{reading:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gigabyte_is_not_taken_in() {
    let before = fakes::peak_memory();
    let floods: [(&str, &[u8]); 6] = [
        ("redis", b"$1073741824\r\n"),
        ("redis", b"+"),
        ("redis", b"*1000000000\r\n"),
        // No TLS, then an error that says that it is a gigabyte long, and a row without an end.
        ("postgres", b"NE\x40\x00\x00\x00"),
        ("postgres", b"NR\x00\x00\x00\x08\x00\x00\x00\x00S\x40\x00\x00\x00"),
        ("postgres", b"NR\x00\x00\x00\x08\x00\x00\x00\x00Z\x00\x00\x00\x05ID\x40\x00\x00\x00"),
    ];
    for (kind, first) in floods {
        let reading = ask(kind, &fakes::floods(first).await).await;
        assert_eq!(reading.verdict, Verdict::Unknown, "{kind} {first:?}: {reading:#?}");
        assert!(reading.reason().contains("should: "), "it ends by itself: {kind} {first:?}: {reading:#?}");
    }
    let taken = fakes::peak_memory() - before;
    assert!(taken < 80, "{taken} MB");
}

/// Lists within lists, and garbage within them, however Redis is asked.
#[tokio::test(flavor = "multi_thread")]
async fn lists_within_lists_do_not_take_the_stack() {
    for opening in ["*1\r\n", "~1\r\n", "%1\r\n+x\r\n", "|1\r\n"] {
        let words: &[u8] = opening.repeat(50_000).into_bytes().leak();
        let address = format!("redis://{}", fakes::says(words, false).await);
        let mut asker = Asker::new(&[crate::systems::component("it", "redis", &address, "")]);
        let contacted = asker.contact().await.unwrap_err().to_string();
        assert!(contacted.contains("it sends lists within lists without end"), "{opening:?}: {contacted}");
        let (vital, rare) = (asker.vital().await, asker.rare().await);
        for reading in [vital, rare] {
            assert_eq!(reading.verdict, Verdict::Unknown, "{opening:?}: {reading:#?}");
            assert!(reading.reason().contains("it sends lists within lists without end"), "{reading:#?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_contact_takes_in_no_gigabyte_and_no_garbage() {
    let before = fakes::peak_memory();
    for (first, words) in [
        (&b"$1073741824\r\n"[..], "it sends more than"),
        (b"$3999999\r\n", "not as redis should"),
        (b"+", "it sends more than"),
        (b"*1\r\n+", "it sends more than"),
        (b"*1\r\n\x00", "not as redis should"),
    ] {
        let address = format!("redis://{}", fakes::floods(first).await);
        let asker = Asker::new(&[crate::systems::component("it", "redis", &address, "").replace("2s", "4s")]);
        let said = asker.contact().await.unwrap_err().to_string();
        assert!(said.contains(words) && said.len() < 500, "{first:?}: {said}");
    }
    let taken = fakes::peak_memory() - before;
    assert!(taken < 80, "{taken} MB");
}

/// What `PgBouncer` 1.18 says, whose every error has the same code.
#[tokio::test(flavor = "multi_thread")]
async fn a_poolers_refusals_are_understood() {
    let said = [
        ("no such database: it", Verdict::Down, "there is no database lifeboat"),
        ("no more connections allowed (max_client_conn)", Verdict::Degraded, "it has too many clients: "),
        ("server login has been failing, try again later", Verdict::Down, "the pooler in between cannot reach it: "),
    ];
    for (message, verdict, sentence) in said {
        let fields = format!("SFATAL\0C08P01\0M{message}\0\0");
        let length = u32::try_from(fields.len() + 4).unwrap().to_be_bytes();
        let words = [b"NE", &length[..], fields.as_bytes()].concat().leak();
        let reading = ask("postgres", &fakes::says(words, true).await).await;
        assert_eq!(reading.verdict, verdict, "{message}: {reading:#?}");
        assert!(reading.reason().contains(sentence), "{message}: {reading:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_is_unknown_and_a_closed_port_is_down() {
    for kind in ["postgres", "redis"] {
        let address = fakes::says(b"", false).await;
        let component = crate::systems::component("it", kind, &address_of(kind, &address), "").replace("2s", "300ms");
        let silent = Asker::new(&[component]).vital().await;
        assert_eq!((silent.verdict, shown(&silent, "connection").as_str()), (Verdict::Unknown, "timeout"));
        let hangs_up = ask(kind, &fakes::says(b"", true).await).await;
        assert_eq!(hangs_up.verdict, Verdict::Down, "it hung up without a word: {hangs_up:#?}");
        let closed = format!("127.0.0.1:{}", super::process::free_port());
        let refused = ask(kind, &closed).await;
        assert_eq!((refused.verdict, shown(&refused, "connection").as_str()), (Verdict::Down, "refused"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_here_says_nothing_about_a_server() {
    let closed = format!("127.0.0.1:{}", super::process::free_port());
    let missing = "{ ca = '/no/such/authority.pem' }";
    for (kind, address, key) in [
        ("postgres", format!("postgresql://lifeboat@{closed}/postgres?sslmode=require"), "postgres"),
        ("redis", format!("rediss://{closed}"), "redis"),
        ("http", format!("https://{closed}"), "http"),
        ("certificate", "/no/such/certificate.pem".to_owned(), "certificate"),
    ] {
        let component = crate::systems::component("it", kind, &address, &format!("{key} = {missing}\n"));
        let reading = Asker::new(&[component]).vital().await;
        assert_eq!((reading.verdict, shown(&reading, "connection").as_str()), (Verdict::Unknown, "unasked"));
        let reason = reading.reason();
        assert!(reason.contains("could not be asked: authority /no/such/authority.pem"), "{kind}: {reason}");
    }
}

fn address_of(kind: &str, address: &str) -> String {
    if kind == "redis" { format!("redis://{address}") } else { format!("postgresql://lifeboat@{address}") }
}
