//! A clock that is wrong, of ours or of the service.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use lifeboat::reach::s3::{Options, Settings, Trouble};
use lifeboat::text::{Clock, SystemClock};

use super::between::{Act, Head, between};
use super::{open_with, quick};
use crate::lab::s3::Endpoint;

/// The clock of this machine, wrong by so much.
struct Wrong(TimeDelta);

impl Clock for Wrong {
    fn now(&self) -> DateTime<Utc> {
        SystemClock.now() + self.0
    }

    fn since_boot(&self) -> Duration {
        SystemClock.since_boot()
    }
}

/// As AWS does it.
fn judge(head: &Head) -> Act {
    let signed = head.header("x-amz-date").unwrap();
    let signed = NaiveDateTime::parse_from_str(signed, "%Y%m%dt%H%M%Sz").unwrap().and_utc();
    let now = Utc::now();
    if (signed - now).abs() < TimeDelta::minutes(15) {
        return Act::Pass;
    }
    let date = format!("Date: {}\r\n", now.format("%a, %d %b %Y %H:%M:%S GMT"));
    let body = "<Error><Code>RequestTimeTooSkewed</Code><Message>The difference is too large.</Message></Error>";
    Act::Say(403, date, body.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_an_hour_off_is_corrected() {
    let endpoint = Endpoint::start().await;
    for off in [TimeDelta::hours(-1), TimeDelta::hours(1), TimeDelta::days(400)] {
        for head_first in [false, true] {
            let (address, count) = between(Some(endpoint.address), judge).await;
            let settings = Settings { clock: Arc::new(Wrong(off)), ..quick() };
            let store = open_with(address, "", settings).await;
            if head_first {
                // Where the refusal has no words.
                assert!(store.head("missing").await.unwrap_err().is_not_found());
            }
            store.put("k", Bytes::from_static(b"x"), &Options::default()).await.unwrap();
            store.head("k").await.unwrap();
            // It is refused once.
            assert_eq!(count.load(std::sync::atomic::Ordering::SeqCst), if head_first { 4 } else { 3 });
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_contradicts_itself_is_left() {
    let now = Utc::now().format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let body = "<Error><Code>RequestTimeTooSkewed</Code></Error>";
    let (address, count) = between(None, move |_| Act::Say(403, format!("Date: {now}\r\n"), body.to_owned())).await;
    let error = open_with(address, "", quick()).await.list("", 10).await.unwrap_err();
    assert_eq!((error.trouble(), count.load(std::sync::atomic::Ordering::SeqCst)), (&Trouble::Skewed, 1));
    let wrong = Settings { clock: Arc::new(Wrong(TimeDelta::hours(2))), ..quick() };
    assert_eq!(open_with(address, "", wrong).await.list("", 10).await.unwrap_err().trouble(), &Trouble::Skewed);
}
