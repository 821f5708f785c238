//! Claims: of many who write at the same time, one is told that it did.

use bytes::Bytes;
use futures_util::future::join_all;
use lifeboat::reach::s3::Options;

use super::between::{Act, between, refuse};
use super::{all, open};
use crate::lab::s3::Endpoint;

#[tokio::test(flavor = "multi_thread")]
async fn one_of_many_writes_what_was_not_there() {
    let endpoint = Endpoint::start().await;
    let store = open(endpoint.address).await;
    let claim = |who: usize| {
        let store = store.clone();
        async move { store.put_new("claim", Bytes::from(who.to_string()), &Options::default()).await.unwrap() }
    };
    let told = join_all((0..16).map(claim)).await;
    let winners: Vec<usize> = (0..16).filter(|who| told[*who].is_some()).collect();
    assert_eq!(winners.len(), 1, "{told:?}");
    assert_eq!(all(store.get("claim", ..).await).await.unwrap(), winners[0].to_string().as_bytes());

    let etag = told[winners[0]].as_ref().unwrap().etag.clone();
    let renew = |who: usize| {
        let (store, etag) = (store.clone(), etag.clone());
        async move { store.put_if("claim", Bytes::from(vec![0; who + 50]), &etag, &Options::default()).await.unwrap() }
    };
    let told = join_all((0..16).map(renew)).await;
    assert_eq!(told.iter().flatten().count(), 1, "{told:?}");
    // What is gone was not renewed.
    store.delete("claim").await.unwrap();
    assert_eq!(store.put_if("claim", Bytes::new(), &etag, &Options::default()).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_whose_answer_was_lost_is_still_ours() {
    let endpoint = Endpoint::start().await;
    let act = |head: &super::between::Head| if head.number == 0 { Act::Lose } else { Act::Pass };
    let (address, count) = between(Some(endpoint.address), act).await;
    let store = open(address).await;
    let mine = store.put_new("claim", Bytes::from_static(b"mine"), &Options::default()).await.unwrap().unwrap();
    // Lost, refused, looked at.
    assert_eq!(count.load(std::sync::atomic::Ordering::SeqCst), 3);
    assert_eq!(store.head("claim").await.unwrap().etag, Some(mine.etag.clone()));
    assert_eq!(store.put_new("claim", Bytes::from_static(b"mine"), &Options::default()).await.unwrap(), None);
    assert!(
        store.put_if("claim", Bytes::from_static(b"still"), &mine.etag, &Options::default()).await.unwrap().is_some()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_of_somebody_else_is_not_ours() {
    let endpoint = Endpoint::start().await;
    open(endpoint.address).await.put_new("claim", Bytes::from_static(b"theirs"), &Options::default()).await.unwrap();
    // Our first try seems to fail, and was never done.
    let act = |head: &super::between::Head| if head.number == 0 { refuse(500, "InternalError") } else { Act::Pass };
    let (address, _) = between(Some(endpoint.address), act).await;
    let told = open(address).await.put_new("claim", Bytes::from_static(b"mine"), &Options::default()).await;
    assert_eq!(told.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conflict_is_asked_again() {
    let endpoint = Endpoint::start().await;
    let conflict = |head: &super::between::Head| {
        if head.number < 2 { refuse(409, "ConditionalRequestConflict") } else { Act::Pass }
    };
    let (address, _) = between(Some(endpoint.address), conflict).await;
    assert!(open(address).await.put_new("claim", Bytes::new(), &Options::default()).await.unwrap().is_some());
}
