//! Asking for the thaw of what is archived.

use bytes::Bytes;
use reqwest::Method;

use super::bucket::Bucket;
use super::error::{S3Error, Trouble};
use super::send::Ask;

/// How quickly it is thawed, and at what price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tier {
    /// In minutes, where there is room for it; not from the deepest class.
    Expedited,
    /// In hours.
    Standard,
    /// In half a day to two days, for the least money.
    Bulk,
}

/// What became of the question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// It thaws from now on; if it was thawed already, it stays so for longer.
    Taken,
    /// Somebody had asked before, and it still thaws.
    UnderWay,
}

impl Bucket {
    /// Asks that an archived object be thawed, and stay so for some days. [`Bucket::head`] tells how far it is.
    pub async fn request_thaw(&self, key: &str, days: u32, tier: Tier) -> Result<Asked, S3Error> {
        let tier = match tier {
            Tier::Expedited => "Expedited",
            Tier::Standard => "Standard",
            Tier::Bulk => "Bulk",
        };
        let body = format!(
            "<RestoreRequest xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Days>{days}</Days>\
             <GlacierJobParameters><Tier>{tier}</Tier></GlacierJobParameters></RestoreRequest>"
        );
        let mut ask = Ask::new("ask for the thaw of", Method::POST, Some(key));
        ask.query.push(("restore", ""));
        ask.body = Bytes::from(body).into();
        match self.send(&ask).await {
            Ok(_) => Ok(Asked::Taken),
            Err(error) => match &error.trouble {
                Trouble::Refused { code, .. } if code == "RestoreAlreadyInProgress" => Ok(Asked::UnderWay),
                // Only what is archived can be thawed: here the same refusal means that it is not.
                Trouble::Archived => {
                    let trouble = Trouble::BadRequest("it is of a storage class that needs no thaw".to_owned());
                    Err(self.error(ask.what, ask.key, trouble))
                }
                _ => Err(error),
            },
        }
    }
}
