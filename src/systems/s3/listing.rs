//! All objects of a bucket, counted: how many, how large, and when the newest was written.

use chrono::{DateTime, Utc};
use reqwest::Method;

use super::bucket::Bucket;
use crate::reach::s3::Keys;
use crate::reach::s3::listing::{Page, page as page_of};
use crate::systems::contact::Contact;

/// How many pages of a thousand are read.
const PAGES: usize = 100;
/// How large a page may be.
const MOST: usize = 4 * 1024 * 1024;
/// How long a page may take; somebody else watches the time of all.
const TIME: std::time::Duration = std::time::Duration::from_secs(20);

/// What a bucket holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content {
    /// How many objects.
    pub objects: u64,
    /// How large they are together.
    pub size: u64,
    /// When the newest was written.
    pub newest: Option<DateTime<Utc>>,
    /// Whether there are more than were counted.
    pub cut: bool,
}

/// Counts them.
pub async fn content(bucket: &Bucket<'_>, keys: &Keys, with: &Contact<'_>) -> Result<Content, String> {
    let mut content = Content::default();
    let mut goes_on: Option<String> = None;
    for _ in 0..PAGES {
        let mut query = vec![("list-type", "2"), ("max-keys", "1000")];
        query.extend(goes_on.as_deref().map(|token| ("continuation-token", token)));
        let ask = bucket.ask(Method::GET, None, &query, Some(keys), with).await.map_err(|error| error.to_string())?;
        let ask = crate::systems::http::Ask { most: MOST, ..ask };
        let page = ask.page(TIME, with.clock).await.map_err(|trouble| trouble.to_string())?;
        match page.status.as_u16() {
            200 if page.cut => return Err("a page of its listing is too long".to_owned()),
            200 => {}
            401 | 403 => return Err("these keys may not list it".to_owned()),
            status => return Err(format!("status {status}")),
        }
        let page = page_of(&String::from_utf8_lossy(&page.body))?;
        content.take(&page);
        goes_on = page.next;
        if goes_on.is_none() {
            return Ok(content);
        }
    }
    content.cut = true;
    Ok(content)
}

impl Content {
    fn take(&mut self, page: &Page) {
        for object in &page.entries {
            self.objects += 1;
            self.size = self.size.saturating_add(object.size);
            self.newest = self.newest.max(Some(object.written));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_are_counted_whatever_their_names() {
        let mut content = Content::default();
        let text = "<ListBucketResult><Contents><Key>&lt;Size&gt;9&lt;/Size&gt;</Key>\
             <LastModified>2024-11-18T12:00:00.000Z</LastModified><Size>5</Size></Contents><Contents><Key>b</Key>\
             <LastModified>2024-11-17T12:00:00.000Z</LastModified><Size>7</Size></Contents></ListBucketResult>";
        content.take(&page_of(text).unwrap());
        assert_eq!((content.objects, content.size), (2, 12));
        assert_eq!(content.newest, Some("2024-11-18T12:00:00Z".parse().unwrap()));
    }
}
