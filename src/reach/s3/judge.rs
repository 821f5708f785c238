//! What a refusal means, and whether asking again can help.

use chrono::{DateTime, Utc};
use reqwest::header::{DATE, HeaderMap};

use super::error::Trouble;
use super::xml;
use crate::text::{Shape, untrusted};

/// What to do about a request that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Then {
    /// Nothing: it would fail again.
    Stop,
    /// Try again after a while.
    Again,
    /// The same, after a longer while.
    Slower,
    /// Try again by the clock of the service, if it is another.
    Clock,
    /// Try again with other keys, if there are.
    Keys,
}

/// A refusal, as it came.
pub(super) struct Refusal<'a> {
    pub(super) status: u16,
    pub(super) headers: &'a HeaderMap,
    /// Whether it is in answer to HEAD: it has no body then, and thus no code.
    pub(super) is_bare: bool,
    /// Whether it is about an object, and not about the bucket.
    pub(super) is_of_object: bool,
    /// The beginning of its body.
    pub(super) body: &'a str,
    /// The region that was asked.
    pub(super) region: &'a str,
}

impl Refusal<'_> {
    /// What it means, what to do about it, and whether it may have been done all the same.
    pub(super) fn judge(&self) -> (Trouble, Then, bool) {
        let code = xml::text(self.body, "Code").unwrap_or_default();
        let stop = |trouble| (trouble, Then::Stop, false);
        if let Some(known) = self.by_code(&code) {
            return known;
        }
        match self.status {
            301 | 302 | 307 | 308 => stop(self.elsewhere()),
            // The keys may have expired, the clock may be wrong.
            400 if self.is_bare => (self.refused(&code), Then::Keys, false),
            401 | 403 if code.is_empty() => (Trouble::Denied(String::new()), Then::Clock, false),
            401 | 403 => stop(Trouble::Denied(self.said())),
            404 if self.is_bare && self.is_of_object => stop(Trouble::NotFound),
            404 if self.is_bare => stop(Trouble::NoSuchBucket),
            405 | 501 => stop(Trouble::NotOffered),
            412 => stop(Trouble::NotMet),
            413 => stop(Trouble::TooLarge),
            429 => (Trouble::Slow, Then::Slower, false),
            507 => stop(Trouble::Full),
            408 | 409 if code.is_empty() => (self.refused(&code), Then::Again, false),
            500 | 502 | 503 | 504 => self.unavailable(),
            _ => stop(self.refused(&code)),
        }
    }

    fn by_code(&self, code: &str) -> Option<(Trouble, Then, bool)> {
        let stop = |trouble| (trouble, Then::Stop, false);
        Some(match code {
            "NoSuchBucket" => stop(Trouble::NoSuchBucket),
            "NoSuchKey" | "NoSuchVersion" => stop(Trouble::NotFound),
            "NoSuchUpload" => stop(Trouble::NoSuchUpload),
            "InvalidAccessKeyId" => (Trouble::UnknownKey, Then::Keys, false),
            "SignatureDoesNotMatch" => stop(Trouble::BadSignature),
            "ExpiredToken" | "TokenRefreshRequired" => (Trouble::Expired, Then::Keys, false),
            "RequestTimeTooSkewed" => (Trouble::Skewed, Then::Clock, false),
            "SlowDown"
            | "SlowDownRead"
            | "SlowDownWrite"
            | "Throttling"
            | "ThrottlingException"
            | "RequestLimitExceeded"
            | "BandwidthLimitExceeded" => (Trouble::Slow, Then::Slower, false),
            // Something on the way may have done it, and need not do it again.
            "BadDigest" | "XAmzContentSHA256Mismatch" | "XAmzContentChecksumMismatch" => {
                (Trouble::BadDigest, Then::Again, false)
            }
            "IncompleteBody" | "ConditionalRequestConflict" | "OperationAborted" => {
                (self.refused(code), Then::Again, false)
            }
            "EntityTooLarge" => stop(Trouble::TooLarge),
            "XMinioStorageFull" | "QuotaExceeded" | "QuotaExceededException" | "XMinioAdminBucketQuotaExceeded" => {
                stop(Trouble::Full)
            }
            "InvalidObjectState" => stop(Trouble::Archived),
            "PreconditionFailed" => stop(Trouble::NotMet),
            "PermanentRedirect" | "TemporaryRedirect" | "IllegalLocationConstraintException" => stop(self.elsewhere()),
            "AuthorizationHeaderMalformed" if self.right_region().is_some() => stop(self.elsewhere()),
            "NotImplemented" | "MethodNotAllowed" => stop(Trouble::NotOffered),
            "RequestTimeout" | "InternalError" | "ServiceUnavailable" => self.unavailable(),
            "GlacierExpeditedRetrievalNotAvailable" => stop(self.refused(code)),
            _ => return None,
        })
    }

    fn unavailable(&self) -> (Trouble, Then, bool) {
        (Trouble::Unavailable { status: self.status, said: self.said() }, Then::Again, true)
    }

    fn refused(&self, code: &str) -> Trouble {
        Trouble::Refused { status: self.status, code: untrusted(code, Shape::line(60)), said: self.said() }
    }

    fn elsewhere(&self) -> Trouble {
        Trouble::WrongRegion { ours: self.region.to_owned(), right: self.right_region() }
    }

    fn right_region(&self) -> Option<String> {
        let told = self.headers.get("x-amz-bucket-region").and_then(|region| region.to_str().ok()).map(str::to_owned);
        let region = told.or_else(|| xml::text(self.body, "Region"))?;
        (!region.is_empty()).then(|| untrusted(region, Shape::line(40)))
    }

    fn said(&self) -> String {
        untrusted(xml::text(self.body, "Message").unwrap_or_default(), Shape::line(160))
    }
}

/// What the clock of the service shows.
pub(super) fn date(headers: &HeaderMap) -> Option<DateTime<Utc>> {
    let text = headers.get(DATE)?.to_str().ok()?;
    DateTime::parse_from_rfc2822(text).ok().map(|date| date.with_timezone(&Utc))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(status: u16, code: &str, more: &str) -> (Trouble, Then, bool) {
        let body = format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>why</Message>{more}</Error>");
        let body = if code.is_empty() { String::new() } else { body };
        let (headers, region) = (&HeaderMap::new(), "us-east-1");
        Refusal { status, headers, is_bare: code.is_empty(), is_of_object: true, body: &body, region }.judge()
    }

    #[test]
    fn what_may_pass_is_tried_again_and_nothing_else() {
        for (status, code) in [
            (500, "InternalError"),
            (502, ""),
            (503, "ServiceUnavailable"),
            (504, ""),
            (400, "RequestTimeout"),
            (200, "InternalError"),
        ] {
            let (trouble, then, may_be_done) = judged(status, code, "");
            assert!(matches!(trouble, Trouble::Unavailable { .. }), "{status} {code}: {trouble:?}");
            assert!(then == Then::Again && may_be_done, "{status} {code}");
        }
        for (status, code) in [(503, "SlowDown"), (429, ""), (400, "RequestLimitExceeded")] {
            assert_eq!(judged(status, code, ""), (Trouble::Slow, Then::Slower, false));
        }
        assert_eq!(judged(400, "BadDigest", ""), (Trouble::BadDigest, Then::Again, false));
        assert_eq!(judged(409, "ConditionalRequestConflict", "").1, Then::Again);
        for (status, code, trouble) in [
            (404, "NoSuchBucket", Trouble::NoSuchBucket),
            (404, "", Trouble::NotFound),
            (403, "AccessDenied", Trouble::Denied("why".to_owned())),
            (403, "SignatureDoesNotMatch", Trouble::BadSignature),
            (403, "InvalidObjectState", Trouble::Archived),
            (412, "", Trouble::NotMet),
            (400, "EntityTooLarge", Trouble::TooLarge),
            (507, "", Trouble::Full),
            (507, "XMinioStorageFull", Trouble::Full),
            (501, "NotImplemented", Trouble::NotOffered),
        ] {
            assert_eq!(judged(status, code, ""), (trouble, Then::Stop, false));
        }
        assert_eq!(judged(503, "GlacierExpeditedRetrievalNotAvailable", "").1, Then::Stop);
        assert_eq!(judged(403, "RequestTimeTooSkewed", "").1, Then::Clock);
        assert_eq!(judged(400, "ExpiredToken", "").1, Then::Keys);
    }

    #[test]
    fn whoever_is_no_service_does_not_know_what_is_there() {
        let web_server = Refusal {
            status: 404,
            headers: &HeaderMap::new(),
            is_bare: false,
            is_of_object: true,
            body: "<html><body>Not Found</body></html>",
            region: "us-east-1",
        };
        assert!(matches!(web_server.judge().0, Trouble::Refused { status: 404, .. }));
        let of_bucket = Refusal { is_bare: true, is_of_object: false, body: "", ..web_server };
        assert_eq!(of_bucket.judge().0, Trouble::NoSuchBucket);
    }

    #[test]
    fn the_right_region_is_told_and_harmless() {
        let (trouble, ..) = judged(400, "AuthorizationHeaderMalformed", "<Region>eu-west-1</Region>");
        let right = Some("eu-west-1".to_owned());
        assert_eq!(trouble, Trouble::WrongRegion { ours: "us-east-1".to_owned(), right });
        let (trouble, ..) = judged(301, "PermanentRedirect", "<Region>\u{1b}[2J</Region>");
        assert!(!trouble.to_string().contains('\u{1b}'));
        assert!(matches!(judged(400, "AuthorizationHeaderMalformed", "").0, Trouble::Refused { .. }));
    }
}
