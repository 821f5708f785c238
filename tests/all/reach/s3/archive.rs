//! Archived objects of the real endpoint: refused, asked for, thawed, read.

use bytes::Bytes;
use lifeboat::lab::s3::Settings as LabSettings;
use lifeboat::reach::s3::{Asked, Options, Thaw, Tier, Trouble};
use lifeboat::text::{Explain as _, Span};

use super::{all, open_with, quick};
use crate::lab::s3::{Endpoint, set, until};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_frozen_is_read_after_its_thaw() {
    let endpoint = Endpoint::start().await;
    set(&endpoint, &LabSettings { thaw: Span::from_secs(2), ..LabSettings::default() });
    let store = open_with(endpoint.address, "storage_class = \"DEEP_ARCHIVE\"", quick()).await;
    let options = Options { in_class: true, ..Options::default() };
    store.put("2024/old.tar", Bytes::from_static(b"old"), &options).await.unwrap();
    let thaw = || async { store.head("2024/old.tar").await.unwrap().thaw };
    assert_eq!(thaw().await, Thaw::Frozen);
    assert_eq!(store.list("", 10).await.unwrap().entries[0].class.as_deref(), Some("DEEP_ARCHIVE"));
    let error = store.get("2024/old.tar", ..).await.err().unwrap();
    assert_eq!(error.trouble(), &Trouble::Archived);
    assert!(error.next_step().contains("thaw"), "{error}");
    assert_eq!(store.request_thaw("2024/old.tar", 2, Tier::Bulk).await.unwrap(), Asked::Taken);
    assert_eq!(store.request_thaw("2024/old.tar", 2, Tier::Standard).await.unwrap(), Asked::UnderWay);
    assert_eq!(thaw().await, Thaw::Thawing);
    until("the thaw", || async { thaw().await.is_readable() }).await;
    assert!(matches!(thaw().await, Thaw::Thawed(Some(_))));
    assert_eq!(all(store.get("2024/old.tar", ..).await).await.unwrap(), b"old");
    assert_eq!(store.request_thaw("2024/old.tar", 5, Tier::Bulk).await.unwrap(), Asked::Taken);
    // What is never frozen is not thawed.
    store.put("receipt", Bytes::new(), &Options::default()).await.unwrap();
    let error = store.request_thaw("receipt", 1, Tier::Bulk).await.unwrap_err();
    assert!(error.to_string().contains("needs no thaw"), "{error}");
}
