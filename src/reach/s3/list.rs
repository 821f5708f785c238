//! All objects of a store.

use reqwest::Method;

use super::bucket::Bucket;
use super::error::{S3Error, Trouble};
use super::listing::{self, Entry};
use super::send::Ask;

/// A service may send pages without objects while it passes over what was removed: so many in a row.
const EMPTY: usize = 1_000;

/// What a bucket holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    /// Its objects, by key.
    pub entries: Vec<Entry>,
    /// Whether there are more than were asked for.
    pub is_cut: bool,
}

impl Bucket {
    /// The objects whose keys below the store's own prefix begin so, at most so many.
    pub async fn list(&self, prefix: &str, most: usize) -> Result<Listed, S3Error> {
        let prefix = self.full(prefix);
        let (mut listed, mut token, mut empty) = (Listed::default(), None::<String>, 0);
        loop {
            let mut ask = Ask::new("list", Method::GET, None);
            ask.query = vec![("list-type", "2"), ("encoding-type", "url"), ("prefix", &prefix)];
            ask.query.extend(token.as_deref().map(|token| ("continuation-token", token)));
            let answer = self.send(&ask).await?;
            let strange = |why| self.error("list", None, Trouble::Malformed(why));
            let page = listing::page(&answer.body).map_err(strange)?;
            empty = if page.entries.is_empty() { empty + 1 } else { 0 };
            if page.next.is_some() && (page.next == token || empty > EMPTY) {
                return Err(strange("its listing does not come to an end"));
            }
            for entry in page.entries {
                if listed.entries.len() == most {
                    return Ok(Listed { is_cut: true, ..listed });
                }
                let key = self.below(&entry.key).ok_or_else(|| strange("it lists what was not asked for"))?.to_owned();
                listed.entries.push(Entry { key, ..entry });
            }
            match page.next {
                Some(next) => token = Some(next),
                None => return Ok(listed),
            }
        }
    }
}
