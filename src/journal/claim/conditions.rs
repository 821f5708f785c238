//! Whether a service keeps the conditions of writes, of which claims in buckets are made. Some take every write, and
//! two hosts would hold one claim.

use bytes::Bytes;

use super::bucket::{OURS, content};
use crate::reach::s3::{Bucket, Options, S3Error, Trouble};

/// No object has this entity tag.
const NOBODYS: &str = "00000000000000000000000000000000";

fn key() -> String {
    format!("{OURS}/conditions.json")
}

fn verdict(kept: bool) -> Bytes {
    Bytes::from(format!("{{\"conditions_are_kept\": {kept}}}\n"))
}

/// Tries it: what is there is not made again, and what is another is not replaced. The verdict is left in the bucket
/// for those who only look.
pub(super) async fn are_kept(bucket: &Bucket) -> Result<bool, S3Error> {
    let told = told(bucket).await?;
    let kept = match tried(bucket).await {
        Err(error) if *error.trouble() == Trouble::NotOffered => false,
        tried => tried?,
    };
    if told != Some(kept) && (told.is_some() || !kept) {
        bucket.put(&key(), verdict(kept), &Options::default()).await?;
    }
    Ok(kept)
}

async fn tried(bucket: &Bucket) -> Result<bool, S3Error> {
    let (key, options) = (key(), Options::default());
    let make = || bucket.put_new(&key, verdict(true), &options);
    // The first may have found nothing there.
    let is_refused = make().await?.is_none() || make().await?.is_none();
    Ok(is_refused && bucket.put_if(&key, verdict(true), NOBODYS, &options).await?.is_none())
}

/// What was found by whoever tried it; nothing where nobody has.
pub(super) async fn told(bucket: &Bucket) -> Result<Option<bool>, S3Error> {
    let found = content(bucket, &key()).await?;
    Ok(found.map(|(content, _)| content == verdict(true)))
}
