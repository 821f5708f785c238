//! Keys that the plan does not name: from the machine itself, as AWS documents it, and fetched anew.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::{TimeDelta, Utc};
use lifeboat::reach::s3::{Bucket, Settings, Surroundings, Trouble};
use lifeboat::text::Redactor;

use super::between::{Act, Head, between, refuse, say};
use super::{quick, store};

/// The metadata service of a machine whose role gives the tokens `token-one`, `token-two` and so on; `lasts` is how
/// long each is good.
async fn machine(lasts: TimeDelta) -> (SocketAddr, Arc<AtomicUsize>) {
    let given = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&given);
    let act = move |head: &Head| {
        if head.is("PUT", "/latest/api/token ") {
            assert!(head.header("x-aws-ec2-metadata-token-ttl-seconds").is_some());
            return say("AQAE-permission==");
        }
        if head.header("x-aws-ec2-metadata-token") != Some("aqae-permission==") {
            return Act::Say(401, String::new(), String::new());
        }
        if head.is("GET", "/latest/meta-data/iam/security-credentials/ ") {
            return say("backup-role");
        }
        assert!(head.is("GET", "/latest/meta-data/iam/security-credentials/backup-role "), "{}", head.line);
        let number = counted.fetch_add(1, Ordering::SeqCst);
        let (token, until) = (["one", "two", "three"][number.min(2)], Utc::now() + lasts);
        say(&format!(
            "{{\n  \"Code\" : \"Success\",\n  \"LastUpdated\" : \"2024-11-18T12:00:00Z\",\n  \"Type\" : \"AWS-HMAC\",\n  \
             \"AccessKeyId\" : \"ASIAIOSFODNN7EXAMPLE\",\n  \"SecretAccessKey\" : \"secret-of-the-role\",\n  \
             \"Token\" : \"token-{token}\",\n  \"Expiration\" : \"{}\"\n}}",
            until.format("%Y-%m-%dT%H:%M:%SZ")
        ))
    };
    (between(None, act).await.0, given)
}

fn at(machine: SocketAddr) -> Settings {
    let look = move |name: &str| match name {
        "AWS_EC2_METADATA_SERVICE_ENDPOINT" => Some(format!("http://{machine}/")),
        _ => None,
    };
    Settings { surroundings: Surroundings::new(look), redactor: Redactor::new(), ..quick() }
}

async fn open(service: SocketAddr, settings: Settings) -> Bucket {
    Bucket::open(&store(service, ""), None, settings).await.unwrap()
}

/// A service that takes one token only.
async fn service(taken: &'static str) -> SocketAddr {
    let act = move |head: &Head| {
        if head.header("x-amz-security-token") == Some(taken) {
            return say("<ListBucketResult/>");
        }
        refuse(400, "ExpiredToken")
    };
    between(None, act).await.0
}

#[tokio::test(flavor = "multi_thread")]
async fn the_role_of_the_machine_opens_the_bucket() {
    let (machine, given) = machine(TimeDelta::hours(6)).await;
    let settings = at(machine);
    let redactor = settings.redactor.clone();
    let store = open(service("token-one").await, settings).await;
    for _ in 0..3 {
        store.list("", 10).await.unwrap();
    }
    assert_eq!(given.load(Ordering::SeqCst), 1);
    assert!(!redactor.redact("secret-of-the-role token-one").contains("role"));
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_were_refused_are_fetched_anew_once() {
    let (machine_, given) = machine(TimeDelta::hours(6)).await;
    let store = open(service("token-two").await, at(machine_)).await;
    store.list("", 10).await.unwrap();
    store.list("", 10).await.unwrap();
    assert_eq!(given.load(Ordering::SeqCst), 2);
    let (machine_, given) = machine(TimeDelta::hours(6)).await;
    let store = open(service("another").await, at(machine_)).await;
    let error = store.list("", 10).await.unwrap_err();
    assert_eq!((error.trouble(), given.load(Ordering::SeqCst)), (&Trouble::Expired, 2));
    assert!(!format!("{error} {error:?}").contains("token-"));
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_fetched_anew_before_they_expire() {
    // Good for so short a time that they are over with the next request.
    let (machine, given) = machine(TimeDelta::zero()).await;
    let any = between(None, |_| say("<ListBucketResult/>")).await.0;
    let store = open(any, at(machine)).await;
    store.list("", 10).await.unwrap();
    store.list("", 10).await.unwrap();
    assert_eq!(given.load(Ordering::SeqCst), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_without_a_role_has_no_keys() {
    let act = |head: &Head| if head.is("PUT", "") { say("p") } else { Act::Say(404, String::new(), String::new()) };
    let settings = at(between(None, act).await.0);
    let error = open(service("x").await, settings).await.list("", 10).await.unwrap_err();
    assert!(matches!(error.trouble(), Trouble::NoKeys(why) if why.contains("status 404")), "{error:?}");
    let garbage = between(None, |head| if head.is("GET", "role") { say("{\"Code\": 7}") } else { say("role") }).await.0;
    let error = open(service("x").await, at(garbage)).await.list("", 10).await.unwrap_err();
    assert!(matches!(error.trouble(), Trouble::NoKeys(_)), "{error:?}");
}
