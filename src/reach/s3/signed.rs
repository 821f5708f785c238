//! The headers by which a request proves who asks, and that nobody changed it on its way.

use chrono::{DateTime, Utc};
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Url};

use super::keys::Keys;
use crate::reach::sign;

/// In place of the digest of a body that carries a checksum of its own.
pub(super) const UNSIGNED: &str = "UNSIGNED-PAYLOAD";

/// A request before it is signed.
pub(crate) struct Unsigned<'a> {
    pub(crate) method: &'a Method,
    /// Without its query.
    pub(crate) url: &'a Url,
    /// As [`sign::query`] makes it.
    pub(crate) query: &'a str,
    /// What is sent besides; all of it is signed.
    pub(crate) headers: &'a [(String, String)],
    /// The digest of the body.
    pub(crate) payload: &'a str,
    pub(crate) region: &'a str,
    pub(crate) at: DateTime<Utc>,
}

impl Unsigned<'_> {
    /// All headers of the request; nothing where a key or a value cannot stand in a header.
    pub(crate) fn sign(&self, keys: &Keys) -> Option<HeaderMap> {
        let host = match self.url.port() {
            Some(port) => format!("{}:{port}", self.url.host_str()?),
            None => self.url.host_str()?.to_owned(),
        };
        let date = sign::date(self.at);
        let token = keys.token.as_ref().map(|token| token.expose_str()).map_or(Some(None), |text| text.map(Some))?;
        let mut lines: Vec<(&str, &str)> = self.headers.iter().map(|(name, value)| (&**name, &**value)).collect();
        lines.extend([("x-amz-content-sha256", self.payload), ("x-amz-date", &date)]);
        lines.extend(token.map(|token| ("x-amz-security-token", token)));
        let mut headers = HeaderMap::new();
        for (name, value) in &lines {
            let mut value: HeaderValue = value.parse().ok()?;
            value.set_sensitive(*name == "x-amz-security-token");
            headers.insert(HeaderName::from_bytes(name.as_bytes()).ok()?, value);
        }
        lines.push(("host", &host));
        lines.sort_unstable();
        let request = sign::Request {
            method: self.method.as_str(),
            path: self.url.path(),
            query: self.query,
            headers: &lines,
            payload: self.payload,
            region: self.region,
            at: self.at,
        };
        let line = sign::authorization(&request, &keys.access, keys.secret.expose_str()?);
        let mut line: HeaderValue = line.parse().ok()?;
        line.set_sensitive(true);
        headers.insert(AUTHORIZATION, line);
        Some(headers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reach::Secret;

    #[test]
    fn the_signature_is_that_of_the_documentation() {
        // "Example: PUT Object" of the documentation of Signature Version 4.
        let url: Url = "https://examplebucket.s3.amazonaws.com/test%24file.text".parse().unwrap();
        let secret = Secret::new(b"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".to_vec()).unwrap();
        let headers = [
            ("date".to_owned(), "Fri, 24 May 2013 00:00:00 GMT".to_owned()),
            ("x-amz-storage-class".to_owned(), "REDUCED_REDUNDANCY".to_owned()),
        ];
        let unsigned = Unsigned {
            method: &Method::PUT,
            url: &url,
            query: "",
            headers: &headers,
            payload: "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
            region: "us-east-1",
            at: "2013-05-24T00:00:00Z".parse().unwrap(),
        };
        let signed = unsigned.sign(&Keys::new("AKIAIOSFODNN7EXAMPLE", secret, None)).unwrap();
        let line = signed[AUTHORIZATION].to_str().unwrap();
        assert!(line.ends_with("Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"), "{line}");
        assert!(!format!("{signed:?}").contains("Signature="), "{signed:?}");
    }

    #[test]
    fn a_token_is_signed_and_never_shown() {
        let url: Url = "http://h/b".parse().unwrap();
        let secret = |text: &str| Secret::new(text.as_bytes().to_vec()).unwrap();
        let keys = Keys::new("AKIA", secret("hunter2hunter2"), Some(secret("a-token-of-a-session")));
        let unsigned = Unsigned {
            method: &Method::GET,
            url: &url,
            query: "",
            headers: &[],
            payload: UNSIGNED,
            region: "us-east-1",
            at: DateTime::UNIX_EPOCH,
        };
        let signed = unsigned.sign(&keys).unwrap();
        assert!(signed[AUTHORIZATION].to_str().unwrap().contains("x-amz-date;x-amz-security-token"));
        let shown = format!("{signed:?} {keys:?}");
        assert!(!shown.contains("a-token") && !shown.contains("hunter2"), "{shown}");
    }
}
