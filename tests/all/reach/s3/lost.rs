//! The end of an upload, when its answer does not come or says another thing than its status.

use std::sync::atomic::{AtomicUsize, Ordering};

use lifeboat::reach::s3::{Options, Part, S3Error, Trouble, Upload, Written};

use super::between::{Act, Head, between, refuse, say};
use super::{all, noise, open};
use crate::lab::s3::Endpoint;

/// Uploads `k`, with `act` for each try to complete it.
async fn completed(
    endpoint: &Endpoint,
    act: impl Fn(usize) -> Act + Send + Sync + 'static,
) -> (Upload, Part, Result<Written, S3Error>) {
    let tries = AtomicUsize::new(0);
    let is_end = |head: &Head| head.is("POST", "uploadId=");
    let act = move |head: &Head| if is_end(head) { act(tries.fetch_add(1, Ordering::SeqCst)) } else { Act::Pass };
    let (address, _) = between(Some(endpoint.address), act).await;
    let upload = Upload::begin(&open(address).await, "k", &Options::default()).await.unwrap();
    let part = upload.part(1, noise(100_000)).await.unwrap();
    let written = upload.complete(std::slice::from_ref(&part), true).await;
    (upload, part, written)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_is_found_when_its_answer_is_lost() {
    let endpoint = Endpoint::start().await;
    let (_, _, written) = completed(&endpoint, |_| Act::Lose).await;
    let store = open(endpoint.address).await;
    assert_eq!(store.head("k").await.unwrap().etag, Some(written.unwrap().etag));
    assert_eq!(all(store.get("k", ..).await).await.unwrap(), noise(100_000));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_in_a_good_answer_is_one() {
    let endpoint = Endpoint::start().await;
    let failed = || {
        let body =
            "<?xml version=\"1.0\"?>\n\n   <Error><Code>InternalError</Code><Message>Try again.</Message></Error>";
        say(body)
    };
    // Twice, then it goes well.
    let (_, _, written) = completed(&endpoint, move |tries| if tries < 2 { failed() } else { Act::Pass }).await;
    written.unwrap();
    open(endpoint.address).await.delete("k").await.unwrap();
    // Never.
    let (upload, part, written) = completed(&endpoint, move |_| failed()).await;
    let error = written.unwrap_err();
    assert!(matches!(error.trouble(), Trouble::Unavailable { status: 200, .. }), "{error:?}");
    // It may still be under way there.
    assert!(error.is_unsure(), "{error:?}");
    assert!(open(endpoint.address).await.head("k").await.unwrap_err().is_not_found());
    // The upload is still there, and can be completed later.
    let upload = Upload::resume(&open(endpoint.address).await, upload.ticket().clone());
    upload.complete(&[part], true).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_without_sense_is_not_believed() {
    let endpoint = Endpoint::start().await;
    for body in ["", "<html>Welcome</html>", "<CompleteMultipartUploadResult/>"] {
        let (_, _, written) = completed(&endpoint, move |_| say(body)).await;
        assert!(matches!(written.unwrap_err().trouble(), Trouble::Malformed(_)), "{body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_of_somebody_else_is_not_taken_for_ours() {
    let endpoint = Endpoint::start().await;
    // As large as ours.
    open(endpoint.address).await.put("k", noise(100_000), &Options::default()).await.unwrap();
    let (_, _, written) = completed(&endpoint, |tries| if tries == 0 { Act::Reset(0) } else { Act::Pass }).await;
    let error = written.unwrap_err();
    assert_eq!((error.trouble(), error.is_unsure()), (&Trouble::NotMet, false));
    let (_, _, written) = completed(&endpoint, |_| refuse(503, "ServiceUnavailable")).await;
    assert!(matches!(written.unwrap_err().trouble(), Trouble::Unavailable { .. }));
}
