//! How the service encrypts what is written, from the words of the plan.

use std::str::FromStr;

use crate::text::{Shape, untrusted};

/// What is asked of the service with each write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Encryption {
    algorithm: &'static str,
    key: Option<String>,
}

impl Encryption {
    /// The headers that ask for it.
    pub(super) fn headers(&self) -> impl Iterator<Item = (String, String)> {
        let algorithm = ("x-amz-server-side-encryption".to_owned(), self.algorithm.to_owned());
        let key = self.key.clone().map(|key| ("x-amz-server-side-encryption-aws-kms-key-id".to_owned(), key));
        std::iter::once(algorithm).chain(key)
    }
}

impl FromStr for Encryption {
    type Err = String;

    /// `AES-256`, `AES-256 with KMS`, `aws:kms KEY`: the names people use and those of the protocol. What is not
    /// understood is refused, for otherwise nothing would be encrypted.
    fn from_str(text: &str) -> Result<Encryption, String> {
        let words: Vec<&str> = text.split_whitespace().filter(|word| !word.eq_ignore_ascii_case("with")).collect();
        let (mut algorithm, mut key) = (None, None);
        for word in words {
            match word.to_ascii_lowercase().as_str() {
                "aes-256" | "aes256" | "sse-s3" => algorithm = algorithm.or(Some("AES256")),
                "kms" | "aws:kms" | "sse-kms" => algorithm = Some("aws:kms"),
                "aws:kms:dsse" | "dsse-kms" => algorithm = Some("aws:kms:dsse"),
                _ if algorithm.is_some_and(|name| name != "AES256") && key.is_none() && is_key(word) => {
                    key = Some(word.to_owned());
                }
                _ => algorithm = Some("?"),
            }
        }
        match algorithm {
            Some(algorithm) if algorithm != "?" => Ok(Encryption { algorithm, key }),
            _ => Err(format!(
                "{} is no encryption of S3: write \"AES-256\", \"AES-256 with KMS\" or \"aws:kms KEY\"",
                untrusted(format!("{text:?}"), Shape::line(80))
            )),
        }
    }
}

/// An ARN, an id or an alias.
fn is_key(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b":/_-".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_plans_are_understood() {
        let of =
            |text: &str| text.parse::<Encryption>().map(|it| it.headers().map(|(_, value)| value).collect::<Vec<_>>());
        assert_eq!(of("AES-256").unwrap(), ["AES256"]);
        assert_eq!(of("AES256").unwrap(), ["AES256"]);
        assert_eq!(of("AES-256 with KMS").unwrap(), ["aws:kms"]);
        assert_eq!(of("SSE-KMS").unwrap(), ["aws:kms"]);
        let arn = "arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab";
        assert_eq!(of(&format!("aws:kms {arn}")).unwrap(), ["aws:kms", arn]);
        assert_eq!(of(&format!("AES-256 with KMS {arn}")).unwrap(), ["aws:kms", arn]);
        for bad in ["", "at rest", "AES-128", "AES-256 arn:aws:kms:x", "aws:kms a\nb c", "none"] {
            assert!(of(bad).is_err(), "{bad}");
        }
    }
}
