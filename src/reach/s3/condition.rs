//! Writing under a condition, of which claims are made: of many who write at the same time one is told that it did.

use bytes::Bytes;

use super::bucket::Bucket;
use super::error::{S3Error, Trouble};
use super::send::Ask;
use super::write::{Options, Written};

/// The metadata by which a write knows its own work again after its answer was lost.
pub(super) const MARK: &str = "lifeboat-mark";

impl Bucket {
    /// Writes an object if there is none of that key; `None` if there is. Some services ignore conditions: asked a
    /// second time, they do not say `None`.
    pub async fn put_new(&self, key: &str, body: Bytes, options: &Options) -> Result<Option<Written>, S3Error> {
        self.put_under(("if-none-match", "*".to_owned()), key, body, options).await
    }

    /// Writes an object in place of the one with this entity tag; `None` if that is not there any more.
    pub async fn put_if(
        &self,
        key: &str,
        body: Bytes,
        etag: &str,
        options: &Options,
    ) -> Result<Option<Written>, S3Error> {
        self.put_under(("if-match", format!("\"{etag}\"")), key, body, options).await
    }

    async fn put_under(
        &self,
        condition: (&str, String),
        key: &str,
        body: Bytes,
        options: &Options,
    ) -> Result<Option<Written>, S3Error> {
        let mark = self.mark(key)?;
        let mut options = options.clone();
        options.metadata.push((MARK.to_owned(), mark.clone()));
        let mut ask = self.put_ask(key, body, &options)?;
        ask.with(condition.0, condition.1);
        match self.written(&ask).await {
            Ok(written) => Ok(Some(written)),
            Err(error) if matches!(error.trouble, Trouble::NotMet | Trouble::NotFound) => {
                // An earlier try may be what is there now.
                if error.is_unsure { self.marked(&ask, &mark).await } else { Ok(None) }
            }
            Err(error) => Err(error),
        }
    }

    /// The object, if it is the one that carries this mark.
    async fn marked(&self, ask: &Ask<'_>, mark: &str) -> Result<Option<Written>, S3Error> {
        let about = match self.head(ask.key.unwrap_or_default()).await {
            Err(error) if error.is_not_found() => return Ok(None),
            about => about?,
        };
        let is_ours = about.metadata.get(MARK).is_some_and(|found| found == mark);
        Ok(about.etag.filter(|_| is_ours).map(|etag| Written { etag, version: about.version }))
    }
}
