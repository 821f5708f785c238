//! A way to the bucket that changes, refuses and breaks things: the folder has it all the same, nothing half is left,
//! and what lies there whole is never taken for flawed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use chrono::{NaiveDateTime, TimeDelta, Utc};

use super::Place;
use super::bucket::{LARGE, begun, in_bucket, keys};
use crate::lab::s3::{Endpoint, SECRET};
use crate::reach::s3::between::{Act, Head, between, refuse};
use crate::support::program::Ran;
use crate::systems::databases::postgres::server::Server;

async fn place(endpoint: &Endpoint, act: impl Fn(&Head) -> Act + Send + Sync + 'static) -> Place {
    let (address, _) = between(Some(endpoint.address), act).await;
    let place = in_bucket(Server::start(&[]).await, address, SECRET);
    place.server.execute(LARGE).await;
    place
}

/// The folder has it, the bucket has nothing.
async fn only_the_folder(place: &Place, endpoint: &Endpoint, ran: &Ran) {
    assert_eq!(ran.code, Some(3), "{ran:?}");
    assert!(ran.out.contains("missing in second"), "{ran:?}");
    let verified = place.run("verify --in local");
    assert_eq!(verified.code, Some(0), "{verified:?}");
    assert!(keys(endpoint).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_changed_on_its_way_is_no_flaw_of_what_lies_there() {
    let endpoint = Endpoint::start().await;
    let garbles = Arc::new(AtomicUsize::new(0));
    let left = Arc::clone(&garbles);
    let act = move |head: &Head| {
        let is_data = head.is("GET", ".dump ");
        let take = |left: usize| left.checked_sub(1);
        if is_data && left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, take).is_ok() {
            Act::Garble
        } else {
            Act::Pass
        }
    };
    let place = place(&endpoint, act).await;
    assert_eq!(place.run("backup agents").code, Some(0));
    garbles.store(1, Ordering::SeqCst);
    let ran = place.run("verify --in second");
    assert_eq!((ran.code, garbles.load(Ordering::SeqCst)), (Some(0), 0), "{ran:?}");
    // What lies there changed is flawed, however often it is read.
    garbles.store(usize::MAX, Ordering::SeqCst);
    let ran = place.run("verify --in second --deep");
    assert_eq!(ran.code, Some(3), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_is_changed_on_its_way_here_is_not_kept() {
    let endpoint = Endpoint::start().await;
    let place = place(&endpoint, |head| if head.is("GET", ".dump ") { Act::Garble } else { Act::Pass }).await;
    let upload = "[[job]]\nname = 'back'\ndo = 'upload'\ntakes = ['daily']\nevery = '1s'\nto = ['local']\n";
    let plan = std::fs::read_to_string(place.home.path().join("plan.toml")).unwrap();
    place.home.write("plan.toml", format!("{plan}{upload}"));
    assert_eq!(place.run("backup agents --to second").code, Some(0));
    let ran = place.run("backup --due --job back");
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(place.files("local").is_empty(), "{:?}", place.files("local"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_is_over_is_told_with_the_way_out() {
    let endpoint = Endpoint::start().await;
    let place = place(&endpoint, |_| refuse(400, "ExpiredToken")).await;
    let ran = place.run("backup agents");
    only_the_folder(&place, &endpoint, &ran).await;
    let told = ran.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.contains("these keys have expired") && told.contains("Log in again"), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ends_in_the_middle_costs_the_bucket_only() {
    let endpoint = Endpoint::start().await;
    let act = |head: &Head| if head.is("PUT", "partNumber=2") { refuse(400, "ExpiredToken") } else { Act::Pass };
    let place = place(&endpoint, act).await;
    let ran = place.run("backup agents");
    only_the_folder(&place, &endpoint, &ran).await;
    assert_eq!(begun(&endpoint).await, 0);
}

/// A service that takes everything, as far as anybody can tell from its answers.
fn taken(head: &Head) -> Act {
    let etag = || "ETag: \"0123456789abcdef0123456789abcdef\"\r\n".to_owned();
    let xml = |body: &str| Act::Say(200, String::new(), body.to_owned());
    match head.line.split(' ').next().unwrap_or_default() {
        "POST" if head.line.contains("uploads") => {
            xml("<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>")
        }
        "POST" => xml("<CompleteMultipartUploadResult><ETag>\"e-2\"</ETag></CompleteMultipartUploadResult>"),
        // A claim, once it is there, is not made again.
        "PUT" if head.text.contains("\nif-none-match: *") && head.line.contains("conditions") => {
            Act::Say(412, String::new(), "<Error><Code>PreconditionFailed</Code></Error>".to_owned())
        }
        "PUT" if head.text.contains("\nif-match: \"0000") => {
            Act::Say(412, String::new(), "<Error><Code>PreconditionFailed</Code></Error>".to_owned())
        }
        "PUT" => Act::Say(200, etag(), String::new()),
        "DELETE" => Act::Say(204, String::new(), String::new()),
        _ => Act::Say(404, String::new(), "<Error><Code>NoSuchKey</Code></Error>".to_owned()),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_whose_clock_is_an_hour_off_takes_it_and_names_follow_ours() {
    for off in [TimeDelta::hours(1), TimeDelta::hours(-1)] {
        let act = move |head: &Head| {
            let signed = head.header("x-amz-date").unwrap();
            let signed = NaiveDateTime::parse_from_str(signed, "%Y%m%dt%H%M%Sz").unwrap().and_utc();
            let theirs = Utc::now() + off;
            if (signed - theirs).abs() < TimeDelta::minutes(15) {
                return taken(head);
            }
            let date = format!("Date: {}\r\n", theirs.format("%a, %d %b %Y %H:%M:%S GMT"));
            Act::Say(403, date, "<Error><Code>RequestTimeTooSkewed</Code><Message>No.</Message></Error>".to_owned())
        };
        let (address, _) = between(None, act).await;
        let place = in_bucket(Server::start(&[]).await, address, SECRET);
        place.server.execute(LARGE).await;
        let before = Utc::now();
        let ran = place.run("backup agents");
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{ran:?}");
        let points = place.run("points --json --in local").json();
        let name = points["points"][0]["id"].as_str().unwrap().strip_prefix("postgres/backup_").unwrap();
        let named = NaiveDateTime::parse_from_str(name, "%Y%m%d_%H%M%S").unwrap().and_utc();
        assert!((named - before).abs() < TimeDelta::minutes(2), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_gone_in_the_middle_costs_the_bucket_only() {
    let endpoint = Endpoint::start().await;
    let is_gone = Arc::new(AtomicBool::new(false));
    let gone = Arc::clone(&is_gone);
    let act = move |head: &Head| {
        if head.is("PUT", "partNumber=1") {
            gone.store(true, Ordering::SeqCst);
        }
        if gone.load(Ordering::SeqCst) { Act::Reset(0) } else { Act::Pass }
    };
    let place = place(&endpoint, act).await;
    let ran = place.run("backup agents");
    only_the_folder(&place, &endpoint, &ran).await;
    is_gone.store(false, Ordering::SeqCst);
    // What could not be given up then is known, and is given up by whoever finds it old.
    assert_eq!(std::fs::read_dir(place.home.path().join("state/uploads")).unwrap().count(), begun(&endpoint).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_is_gone_in_the_middle_costs_the_folder_only() {
    let endpoint = Endpoint::start().await;
    let place = place(&endpoint, |_| Act::Pass).await;
    let line = "--plan plan.toml backup agents --rate 3MB";
    let child = place.home.command(line.split_whitespace()).stdout(std::process::Stdio::piped()).spawn().unwrap();
    while place.files("local").is_empty() {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    std::fs::remove_dir_all(place.home.path().join("local")).unwrap();
    let output = child.wait_with_output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.code() == Some(3) && told.contains("missing in local"), "{output:?}");
    assert_eq!(keys(&endpoint).await.len(), 3);
    let verified = place.run("verify --in second");
    assert_eq!(verified.code, Some(0), "{verified:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_have_got_its_name_after_all_is_never_listed_as_there() {
    let endpoint = Endpoint::start().await;
    let is_gone = Arc::new(AtomicBool::new(false));
    let gone = Arc::clone(&is_gone);
    // The dump gets its name, and nobody can tell.
    let act = move |head: &Head| {
        let is_dump = head.line.contains(".dump");
        if head.is("POST", ".dump?uploadId") {
            let was_gone = gone.swap(true, Ordering::SeqCst);
            return if was_gone { Act::Reset(0) } else { Act::Lose };
        }
        if is_dump && gone.load(Ordering::SeqCst) { Act::Reset(0) } else { Act::Pass }
    };
    let place = place(&endpoint, act).await;
    let ran = place.run("backup agents");
    assert_eq!(ran.code, Some(3), "{ran:?}");
    is_gone.store(false, Ordering::SeqCst);
    let keys = keys(&endpoint).await;
    assert!(keys.iter().any(|key| key.rsplit('.').next() == Some("dump")), "it is there: {keys:?}");
    let points = place.run("points --json --fresh").json();
    let copies = points["points"][0]["copies"].as_array().unwrap();
    let there = copies.iter().find(|copy| copy["store"] == "second").unwrap();
    assert_eq!(
        (there["state"].as_str(), there["why"].as_str()),
        (Some("partial"), Some("it was begun and not finished"))
    );
}
