//! Refusals and answers that make no sense, and what is said of them.

use bytes::Bytes;
use lifeboat::reach::s3::{Bucket, Keys, LockMode, Options, Retention, Trouble};
use lifeboat::text::Explain as _;

use super::between::{Act, between, refuse, say};
use super::{keys, open, quick, secret, store};
use crate::lab::s3::{ACCESS_KEY, Endpoint, SECRET};

#[tokio::test(flavor = "multi_thread")]
async fn the_real_endpoint_refuses_in_words_that_help() {
    let endpoint = Endpoint::start().await;
    let open = |name: &'static str, keys: Keys| {
        let store = lifeboat::plan::types::Store { bucket: Some(name.to_owned()), ..store(endpoint.address, "") };
        async move { Bucket::open(&store, Some(keys), quick()).await.unwrap() }
    };
    let wrong = open("store", Keys::new(ACCESS_KEY, secret("not the secret"), None)).await;
    let error = wrong.list("", 10).await.unwrap_err();
    assert_eq!(error.trouble(), &Trouble::BadSignature);
    assert!(error.next_step().contains("secret_key"), "{error:?}");
    let unknown = open("store", Keys::new("nobody", secret(SECRET), None)).await;
    let error = unknown.put("k", Bytes::new(), &Options::default()).await.unwrap_err();
    assert!(matches!(error.trouble(), Trouble::UnknownKey | Trouble::Denied(_)), "{error:?}");
    let missing = open("missing", keys()).await;
    assert_eq!(missing.list("", 10).await.unwrap_err().trouble(), &Trouble::NoSuchBucket);
    let error = missing.put("k", Bytes::new(), &Options::default()).await.unwrap_err();
    assert_eq!(error.to_string(), "cannot write s3://missing/k: there is no such bucket");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_right_region_is_named() {
    let body = "<Error><Code>AuthorizationHeaderMalformed</Code><Message>The region 'us-east-1' is wrong</Message>\
        <Region>eu-west-1</Region></Error>";
    let (address, count) = between(None, move |_| Act::Say(400, String::new(), body.to_owned())).await;
    let error = open(address).await.list("", 10).await.unwrap_err();
    assert_eq!(error.next_step(), "Write region = \"eu-west-1\" for the store in the plan.");
    assert_eq!(error.to_string(), "cannot list s3://store: it does not lie in the region us-east-1, but in eu-west-1");
    assert_eq!(count.load(std::sync::atomic::Ordering::SeqCst), 1);
    let moved = |_: &_| Act::Say(301, "x-amz-bucket-region: us-west-2\r\nLocation: /x\r\n".to_owned(), String::new());
    let (address, _) = between(None, moved).await;
    assert!(open(address).await.head("k").await.unwrap_err().next_step().contains("us-west-2"));
}

#[tokio::test(flavor = "multi_thread")]
async fn other_refusals_are_told_apart() {
    for (status, code, trouble) in [
        (403, "AccessDenied", Trouble::Denied("Because.".to_owned())),
        (400, "EntityTooLarge", Trouble::TooLarge),
        (400, "QuotaExceeded", Trouble::Full),
        (501, "NotImplemented", Trouble::NotOffered),
    ] {
        let (address, count) = between(None, move |_| refuse(status, code)).await;
        let error = open(address).await.put("k", Bytes::new(), &Options::default()).await.unwrap_err();
        assert_eq!((error.trouble(), count.load(std::sync::atomic::Ordering::SeqCst)), (&trouble, 1));
        assert!(!error.next_step().is_empty() && !error.is_unsure());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stores_of_our_own_plans_can_be_opened() {
    let plans = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/plans");
    let (mut folders, mut opened) = (vec![plans], 0);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            // The one that is to be filled in has a place for the date.
            let text = std::fs::read_to_string(&path).unwrap().replace("@TODAY@", "2024-11-18");
            let plan: toml::Table = text.parse().unwrap();
            for store in plan.get("store").and_then(toml::Value::as_array).into_iter().flatten() {
                let store: lifeboat::plan::types::Store = store.clone().try_into().unwrap();
                if store.kind == lifeboat::plan::types::StoreKind::S3 {
                    Bucket::open(&store, Some(keys()), quick()).await.unwrap();
                    opened += 1;
                }
            }
        }
    }
    assert!(opened >= 4, "{opened}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_web_server_has_removed_nothing() {
    let page = |_: &_| Act::Say(404, String::new(), "<html>Not Found</html>".to_owned());
    let (address, _) = between(None, page).await;
    let store = open(address).await;
    assert!(store.delete("k").await.is_err() && store.get("k", ..).await.is_err_and(|error| !error.is_not_found()));
    assert!(store.put_if("k", Bytes::new(), "etag", &Options::default()).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_services_say_is_harmless() {
    let body = "<Error><Code>Odd\u{1b}[31m</Code><Message>one\u{1b}]0;two\u{7}\u{202e}</Message></Error>";
    let (address, _) = between(None, move |_| Act::Say(418, String::new(), body.to_owned())).await;
    let error = open(address).await.put("k\u{1b}[2J", Bytes::new(), &Options::default()).await.unwrap_err();
    let shown = error.to_string();
    assert!(shown.contains("one") && !shown.contains(|c: char| c.is_control() || c == '\u{202e}'), "{shown:?}");
    let debug = format!("{error:?} {:?} {:?}", open(address).await, keys());
    assert!(!debug.contains(SECRET), "{debug}");
}

#[tokio::test(flavor = "multi_thread")]
async fn listings_without_end_or_sense_are_left() {
    let same = "<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken>\
        <Contents><Key>k</Key><LastModified>2024-11-18T12:00:00.000Z</LastModified><Size>5</Size></Contents>\
        </ListBucketResult>";
    let endless = format!("<ListBucketResult>{}", " ".repeat(9 << 20));
    let other = same
        .replace("IsTruncated>true", "IsTruncated>false")
        .replace("<NextContinuationToken>t</NextContinuationToken>", "");
    for (body, more) in [
        (same.to_owned(), ""),
        (same.replace("<Contents>", "<Other>").replace("</Contents>", "</Other>"), ""),
        (endless, ""),
        ("<html>Welcome</html>".to_owned(), ""),
        (String::new(), ""),
        (other, "prefix = \"ours\""),
    ] {
        let (address, _) = between(None, move |_| say(&body)).await;
        let error = super::open_with(address, more, quick()).await.list("", 1_000).await.unwrap_err();
        assert!(matches!(error.trouble(), Trouble::Malformed(_)), "{error:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn locks_are_known_where_there_are_some() {
    let text = "<ObjectLockConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><ObjectLockEnabled>Enabled\
        </ObjectLockEnabled><Rule><DefaultRetention><Mode>COMPLIANCE</Mode><Days>30</Days></DefaultRetention></Rule>\
        </ObjectLockConfiguration>";
    let (address, _) =
        between(None, move |head| if head.is("GET", "?object-lock=") { say(text) } else { Act::Hang }).await;
    let lock = open(address).await.object_lock().await.unwrap().unwrap();
    assert_eq!(lock.default, Some(Retention { mode: LockMode::Compliance, days: 30 }));
    let (address, _) = between(None, |_| refuse(404, "ObjectLockConfigurationNotFoundError")).await;
    assert_eq!(open(address).await.object_lock().await.unwrap(), None);
    let (address, _) = between(None, |_| say("<html/>")).await;
    assert!(open(address).await.object_lock().await.is_err());
    // The lab knows no locks, and says so.
    let endpoint = Endpoint::start().await;
    assert_eq!(open(endpoint.address).await.object_lock().await.unwrap_err().trouble(), &Trouble::NotOffered);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_cannot_be_asked_is_refused_at_once() {
    let address = "127.0.0.1:9".parse().unwrap();
    let nameless = lifeboat::plan::types::Store { bucket: None, ..store(address, "") };
    let error = Bucket::open(&nameless, Some(keys()), quick()).await.unwrap_err();
    assert_eq!(error.to_string(), "cannot use the store offsite: it names no bucket");
    for more in ["encryption = \"at rest\"", "prefix = \"a/../b\"", "storage_class = \"A\\nB\""] {
        let opened = Bucket::open(&store(address, more), Some(keys()), quick()).await;
        let error = match opened {
            Ok(bucket) => {
                let options = Options { in_class: true, ..Options::default() };
                bucket.put("k", Bytes::new(), &options).await.unwrap_err()
            }
            Err(error) => error,
        };
        assert!(matches!(error.trouble(), Trouble::BadRequest(_)), "{more}: {error:?}");
    }
}
