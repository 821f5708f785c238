//! Signature Version 4, by which a request to S3 proves who asks.

use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};

use crate::text::hex;

/// A request to be signed. Headers in lower case, in the order of their names, `host` among them.
pub(crate) struct Request<'a> {
    pub(crate) method: &'a str,
    /// Percent-encoded.
    pub(crate) path: &'a str,
    /// As [`query`] makes it; empty if there is none.
    pub(crate) query: &'a str,
    pub(crate) headers: &'a [(&'a str, &'a str)],
    /// What stands for the body: its SHA-256, or `UNSIGNED-PAYLOAD`.
    pub(crate) payload: &'a str,
    pub(crate) region: &'a str,
    pub(crate) at: DateTime<Utc>,
}

/// The moment, as the header `x-amz-date` has it.
pub(crate) fn date(at: DateTime<Utc>) -> String {
    at.format("%Y%m%dT%H%M%SZ").to_string()
}

/// The query in the form that is signed: by name, everything encoded, a sign after each name.
pub(crate) fn query(pairs: &[(&str, &str)]) -> String {
    let mut parts: Vec<String> =
        pairs.iter().map(|(name, value)| format!("{}={}", encoded(name, b""), encoded(value, b""))).collect();
    parts.sort_unstable();
    parts.join("&")
}

/// A key in the form that is signed: everything encoded but the strokes.
pub(crate) fn path(key: &str) -> String {
    encoded(key, b"/")
}

fn encoded(text: &str, besides: &[u8]) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~".contains(byte) || besides.contains(byte);
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if plain(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push_str(&hex(&[byte]).to_ascii_uppercase());
        }
    }
    out
}

/// The SHA-256 of what is sent along, as it is signed.
pub(crate) fn digest(body: &[u8]) -> String {
    hex(&Sha256::digest(body))
}

/// The header `authorization`.
pub(crate) fn authorization(request: &Request<'_>, access_key: &str, secret: &str) -> String {
    let day = request.at.format("%Y%m%d").to_string();
    let scope = format!("{day}/{}/s3/aws4_request", request.region);
    let names: Vec<&str> = request.headers.iter().map(|(name, _)| *name).collect();
    let names = names.join(";");
    let lines: Vec<String> = request.headers.iter().map(|(name, value)| format!("{name}:{}", value.trim())).collect();
    let lines = lines.join("\n");
    let canonical =
        format!("{}\n{}\n{}\n{lines}\n\n{names}\n{}", request.method, request.path, request.query, request.payload);
    let hashed = hex(&Sha256::digest(canonical.as_bytes()));
    let to_sign = format!("AWS4-HMAC-SHA256\n{}\n{scope}\n{hashed}", date(request.at));
    let mut key = hmac(format!("AWS4{secret}").as_bytes(), day.as_bytes());
    for step in [request.region, "s3", "aws4_request"] {
        key = hmac(&key, step.as_bytes());
    }
    let signature = hex(&hmac(&key, to_sign.as_bytes()));
    format!("AWS4-HMAC-SHA256 Credential={access_key}/{scope}, SignedHeaders={names}, Signature={signature}")
}

/// HMAC-SHA-256, as RFC 2104 has it.
fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    const BLOCK: usize = 64;
    let mut padded = [0_u8; BLOCK];
    if key.len() > BLOCK {
        padded[..32].copy_from_slice(&Sha256::digest(key));
    } else {
        padded[..key.len()].copy_from_slice(key);
    }
    let inner = Sha256::new().chain_update(padded.map(|byte| byte ^ 0x36)).chain_update(message).finalize();
    Sha256::new().chain_update(padded.map(|byte| byte ^ 0x5c)).chain_update(inner).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hmac_is_that_of_rfc_4231() {
        assert_eq!(
            hex(&hmac(b"Jefe", b"what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        assert_eq!(
            hex(&hmac(&[0xaa; 131], b"Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        );
    }

    #[test]
    fn the_signature_is_that_of_the_documentation() {
        let empty = hex(&Sha256::digest(b""));
        let request = Request {
            method: "GET",
            path: "/test.txt",
            query: "",
            headers: &[
                ("host", "examplebucket.s3.amazonaws.com"),
                ("range", "bytes=0-9"),
                ("x-amz-content-sha256", &empty),
                ("x-amz-date", "20130524T000000Z"),
            ],
            payload: &empty,
            region: "us-east-1",
            at: "2013-05-24T00:00:00Z".parse().unwrap(),
        };
        let header = authorization(&request, "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
        assert!(
            header.ends_with("Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"),
            "{header}"
        );
    }

    #[test]
    fn queries_are_signed_as_in_the_documentation() {
        let empty = hex(&Sha256::digest(b""));
        for (pairs, signature) in [
            (&[("lifecycle", "")][..], "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"),
            (&[("prefix", "J"), ("max-keys", "2")], "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"),
        ] {
            let request = Request {
                method: "GET",
                path: "/",
                query: &query(pairs),
                headers: &[
                    ("host", "examplebucket.s3.amazonaws.com"),
                    ("x-amz-content-sha256", &empty),
                    ("x-amz-date", "20130524T000000Z"),
                ],
                payload: &empty,
                region: "us-east-1",
                at: "2013-05-24T00:00:00Z".parse().unwrap(),
            };
            let header = authorization(&request, "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
            assert!(header.ends_with(signature), "{header}");
        }
        assert_eq!(query(&[("b", "a/b c"), ("a", "")]), "a=&b=a%2Fb%20c");
    }
}
