//! Between the protocol's shapes and ours.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use hyper::HeaderMap;
use hyper::header::HeaderValue;
use s3s::dto::{ETag, Timestamp, TimestampFormat};

use crate::lab::s3::archive;
use crate::lab::s3::bucket::Rules;
use crate::lab::s3::record::{Content, NULL, Record, Traits};

/// A moment, as the protocol writes it.
pub(super) fn timestamp(at: DateTime<Utc>) -> Timestamp {
    Timestamp::from(std::time::SystemTime::from(at))
}

/// A moment from the protocol.
pub(super) fn moment(timestamp: &Timestamp) -> Option<DateTime<Utc>> {
    let mut text = Vec::new();
    timestamp.format(TimestampFormat::DateTime, &mut text).ok()?;
    std::str::from_utf8(&text).ok()?.parse().ok()
}

/// An entity tag.
pub(super) fn etag(text: &str) -> ETag {
    ETag::Strong(text.to_owned())
}

/// The version for an answer: nothing where the bucket never kept versions.
pub(super) fn version(record: &Record, rules: &Rules) -> Option<String> {
    let never = rules.versioning == crate::lab::s3::bucket::Versioning::Never;
    (record.version != NULL || !never).then(|| record.version.clone())
}

/// The metadata of the writer.
pub(super) fn metadata(traits: &Traits) -> HashMap<String, String> {
    traits.metadata.clone().into_iter().collect()
}

/// What is told about an object in the headers of every answer that reads it.
pub(super) fn facts(record: &Record, content: &Content, rules: &Rules, sums: bool, now: DateTime<Utc>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let mut put = |name: &'static str, value: Option<&str>| {
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(value).ok()) {
            headers.insert(name, value);
        }
    };
    let http = |at: DateTime<Utc>| at.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let traits = &content.traits;
    put("etag", Some(&format!("\"{}\"", content.etag)));
    put("last-modified", Some(&http(record.modified)));
    put("accept-ranges", Some("bytes"));
    put("content-type", Some(traits.content_type.as_deref().unwrap_or("binary/octet-stream")));
    put("cache-control", traits.cache_control.as_deref());
    put("content-disposition", traits.content_disposition.as_deref());
    put("content-encoding", traits.content_encoding.as_deref());
    put("content-language", traits.content_language.as_deref());
    put("expires", traits.expires.map(http).as_deref());
    put("x-amz-version-id", version(record, rules).as_deref());
    put("x-amz-storage-class", traits.class.as_deref().filter(|class| *class != "STANDARD"));
    put("x-amz-restore", archive::header(content, now).as_deref());
    put("x-amz-replication-status", content.replication.map(super::super::record::Replication::as_str));
    if let Some((algorithm, key)) = &traits.encryption {
        put("x-amz-server-side-encryption", Some(algorithm));
        put("x-amz-server-side-encryption-aws-kms-key-id", key.as_deref());
    }
    if let Some(sum) = content.sum.as_ref().filter(|_| sums) {
        sum.put_into(&mut headers);
    }
    headers
}

/// The encryption a writer asked for, else that of the bucket.
pub(super) fn encryption(asked: Option<&str>, key: Option<&str>, rules: &Rules) -> Option<(String, Option<String>)> {
    let of_bucket = || {
        let rule = rules.encryption.as_ref()?.rules.first()?;
        let default = rule.apply_server_side_encryption_by_default.as_ref()?;
        Some((default.sse_algorithm.as_str().to_owned(), default.kms_master_key_id.clone()))
    };
    asked.map(|asked| (asked.to_owned(), key.map(str::to_owned))).or_else(of_bucket)
}

/// Everything a writer can say about an object; the inputs share the fields but no type.
macro_rules! traits_of {
    ($input:expr, $rules:expr) => {
        $crate::lab::s3::record::Traits {
            class: $input.storage_class.as_ref().map(|class| class.as_str().to_owned()),
            content_type: $input.content_type.clone(),
            cache_control: $input.cache_control.clone(),
            content_disposition: $input.content_disposition.clone(),
            content_encoding: $crate::lab::s3::service::shape::encoding($input.content_encoding.as_deref()),
            content_language: $input.content_language.clone(),
            expires: $input.expires.as_ref().and_then($crate::lab::s3::service::shape::moment),
            metadata: $input.metadata.clone().unwrap_or_default().into_iter().collect(),
            encryption: $crate::lab::s3::service::shape::encryption(
                $input.server_side_encryption.as_ref().map(|one| one.as_str()),
                $input.ssekms_key_id.as_deref(),
                $rules,
            ),
        }
    };
}
pub(super) use traits_of;

/// The encoding of the content itself; `aws-chunked` is that of the way here.
pub(super) fn encoding(told: Option<&str>) -> Option<String> {
    let rest: Vec<&str> = told?.split(',').map(str::trim).filter(|one| *one != "aws-chunked").collect();
    Some(rest.join(", ")).filter(|rest| !rest.is_empty())
}
