//! Why a request to a bucket did not do what it should, with the way out of each.

use std::time::Duration;

use crate::text::{Exit, Explain, Shape, Span, untrusted};

/// A request to a bucket that did not do what it should. What the service said is made harmless.
#[derive(Clone, Debug, thiserror::Error)]
#[error("cannot {what} {place}: {trouble}{}", after(*tries))]
pub struct S3Error {
    pub(super) what: &'static str,
    pub(super) place: String,
    pub(super) trouble: Trouble,
    pub(super) tries: u32,
    pub(super) is_unsure: bool,
}

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// There is no such bucket.
    #[error("there is no such bucket")]
    NoSuchBucket,
    /// There is no such object.
    #[error("there is no such object")]
    NotFound,
    /// The upload was completed or given up, or never begun.
    #[error("there is no such upload under way")]
    NoSuchUpload,
    /// The keys are known, and may not do this.
    #[error("these keys may not do that{}", quoted(.0))]
    Denied(String),
    /// No keys were found anywhere.
    #[error("there are no keys for it: {0}")]
    NoKeys(String),
    /// The service does not know the access key.
    #[error("the service does not know this access key")]
    UnknownKey,
    /// The secret does not belong to the access key.
    #[error("the secret key does not belong to this access key, or something on the way changes requests")]
    BadSignature,
    /// The keys were for a time that is over.
    #[error("these keys have expired")]
    Expired,
    /// The bucket lies elsewhere.
    #[error("it does not lie in the region {ours}{}", right.as_ref().map_or_else(String::new, |right| format!(", but in {right}")))]
    WrongRegion {
        /// The region it was looked for in.
        ours: String,
        /// The region it is in, if the service tells.
        right: Option<String>,
    },
    /// The clocks differ, and following the clock of the service did not help.
    #[error("the clocks of this machine and of the service differ too much")]
    Skewed,
    /// The service wants to be asked less often.
    #[error("the service asks to be asked less often")]
    Slow,
    /// The service fails.
    #[error("the service fails with status {status}{}", quoted(said))]
    Unavailable {
        /// Its status.
        status: u16,
        /// What it says.
        said: String,
    },
    /// No connection, or one that broke.
    #[error("{0}")]
    Unreachable(String),
    /// Nothing moved any more.
    #[error("nothing moved for {}", Span::from(*.0))]
    Silent(Duration),
    /// What arrived there is not what was sent.
    #[error("what arrived is not what was sent: its checksum differs")]
    BadDigest,
    /// More than the service takes at once.
    #[error("it is larger than the service takes")]
    TooLarge,
    /// There is no room left.
    #[error("the store is full")]
    Full,
    /// It has to be thawed first.
    #[error("it is archived, and has to be thawed before it is read")]
    Archived,
    /// A condition of ours does not hold: something is there that should not be, or is another.
    #[error("something else is there by now")]
    NotMet,
    /// The object was replaced while it was read.
    #[error("it was replaced while it was read")]
    Replaced,
    /// The service does not know this request.
    #[error("this service does not offer it")]
    NotOffered,
    /// The service refuses for a reason of its own.
    #[error("the service refuses it with status {status}{}{}", quoted(code), quoted(said))]
    Refused {
        /// Its status.
        status: u16,
        /// Its code.
        code: String,
        /// What it says.
        said: String,
    },
    /// The answer is not what it should be.
    #[error("its answer makes no sense: {0}")]
    Malformed(&'static str),
    /// No service could be asked for this.
    #[error("{0}")]
    BadRequest(String),
}

fn quoted(said: &str) -> String {
    if said.is_empty() { String::new() } else { format!(": {said}") }
}

fn after(tries: u32) -> String {
    if tries > 1 { format!(" (tried {tries} times)") } else { String::new() }
}

impl S3Error {
    /// Something that was not even asked, or that an answer lacks.
    pub(super) fn new(what: &'static str, place: &str, trouble: Trouble) -> S3Error {
        S3Error { what, place: untrusted(place, Shape::line(160)), trouble, tries: 1, is_unsure: false }
    }

    /// What went wrong.
    pub fn trouble(&self) -> &Trouble {
        &self.trouble
    }

    /// Whether a try whose answer was lost may have done it all the same.
    pub fn is_unsure(&self) -> bool {
        self.is_unsure
    }

    /// Whether the service said no, and has not merely failed to say yes.
    pub(super) fn is_refusal(&self) -> bool {
        !matches!(
            self.trouble,
            Trouble::Unavailable { .. } | Trouble::Unreachable(_) | Trouble::Silent(_) | Trouble::Malformed(_)
        )
    }

    /// Whether the service refuses and does not say why, as in answer to HEAD: the next request is told in words.
    pub fn is_without_words(&self) -> bool {
        match &self.trouble {
            Trouble::Denied(_) => true,
            Trouble::Refused { code, said, .. } => code.is_empty() && said.is_empty(),
            _ => false,
        }
    }

    /// Whether it is only that there is no such object.
    pub fn is_not_found(&self) -> bool {
        self.trouble == Trouble::NotFound
    }
}

impl Explain for S3Error {
    fn next_step(&self) -> String {
        let text = match &self.trouble {
            Trouble::NoSuchBucket => "Correct the bucket in the plan, or make it: aws s3api create-bucket.",
            Trouble::NotFound => "List the store to see what is there: it may have expired, or lie under another name.",
            Trouble::NoSuchUpload => "Begin the upload anew; what came of it is gone.",
            Trouble::Denied(_) => "Look at the policies of these keys and of the bucket: aws sts get-caller-identity.",
            Trouble::NoKeys(_) => {
                "Name access_key and secret_key for the store in the plan, or set AWS_ACCESS_KEY_ID and \
                 AWS_SECRET_ACCESS_KEY."
            }
            Trouble::UnknownKey => "Make new keys, or correct access_key of the store in the plan.",
            Trouble::BadSignature => "Correct secret_key of the store in the plan; look for a proxy on the way.",
            Trouble::Expired => "Log in again, or give the store keys that last.",
            Trouble::WrongRegion { right: Some(right), .. } => {
                return format!("Write region = \"{right}\" for the store in the plan.");
            }
            Trouble::WrongRegion { right: None, .. } => "Find its region: aws s3api get-bucket-location --bucket NAME.",
            Trouble::Skewed => "Set the clock of this machine: timedatectl, chronyc tracking.",
            Trouble::Slow => "Try again later, and see who else asks this bucket so often.",
            Trouble::Unavailable { .. } => "Try again later; look at the service's own state.",
            Trouble::Unreachable(_) | Trouble::Silent(_) => "Check the network between this machine and the service.",
            Trouble::BadDigest => "Try again; if it stays so, check the memory of this machine and what lies between.",
            Trouble::TooLarge => "Send it in parts, or in smaller ones.",
            Trouble::Full => "Make room: let the store expire what is too old, or raise its quota.",
            Trouble::Archived => "Ask for its thaw and wait for it, or take a copy from another store.",
            Trouble::NotMet => "Look at what is there: somebody else wrote it.",
            Trouble::Replaced => "Read it again from the beginning.",
            Trouble::NotOffered => "Check that the endpoint in the plan is one of S3, and what its version can do.",
            Trouble::Refused { .. } | Trouble::Malformed(_) => "Check that the endpoint in the plan is one of S3.",
            Trouble::BadRequest(_) => "Correct the store in the plan.",
        };
        if self.is_unsure {
            format!("It may have been done all the same: look before trying again. {text}")
        } else {
            text.to_owned()
        }
    }

    fn exit(&self) -> Exit {
        match self.trouble {
            Trouble::BadRequest(_) => Exit::Usage,
            _ => Exit::Failed,
        }
    }
}
