//! Pages of a listing, as a bucket answers them.

use chrono::{DateTime, Utc};

use super::object::unquoted;
use super::xml;

/// An object of a listing. Its key is text from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its key.
    pub key: String,
    /// How many bytes it has.
    pub size: u64,
    /// When it was written.
    pub written: DateTime<Utc>,
    /// What changes whenever it does, without quotes.
    pub etag: Option<String>,
    /// Its storage class, if not the standard one.
    pub class: Option<String>,
}

/// A page of a listing.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Page {
    pub(crate) entries: Vec<Entry>,
    /// What leads to the next page.
    pub(crate) next: Option<String>,
}

/// Reads a page.
pub(crate) fn page(text: &str) -> Result<Page, &'static str> {
    if !is_listing(text.as_bytes()) {
        return Err("what it lists is not what a bucket holds");
    }
    let names = Names::of(text);
    let entry = |object: &&str| {
        Some(Entry {
            key: names.read(&xml::text(object, "Key")?)?,
            size: xml::text(object, "Size")?.parse().ok()?,
            written: xml::text(object, "LastModified")?.parse().ok()?,
            etag: xml::text(object, "ETag").map(|etag| unquoted(&etag)),
            class: xml::text(object, "StorageClass").filter(|class| class != "STANDARD" && !class.is_empty()),
        })
    };
    let entries: Option<Vec<Entry>> = xml::blocks(text, "Contents").iter().map(entry).collect();
    let next = xml::text(text, "NextContinuationToken").filter(|token| !token.is_empty());
    if next.is_none() && xml::text(text, "IsTruncated").as_deref() == Some("true") {
        return Err("it lists a part, and not how to go on");
    }
    Ok(Page { entries: entries.ok_or("an object of its listing lacks its key, size or date")?, next })
}

/// Whether this is how a bucket lists what it holds.
pub(crate) fn is_listing(body: &[u8]) -> bool {
    let body = body.trim_ascii_start();
    body.starts_with(b"<") && memchr::memmem::find(body, b"<ListBucketResult").is_some()
}

/// How names are written in an answer: plainly, or as in an address, which carries letters that XML cannot.
#[derive(Clone, Copy)]
pub(super) struct Names {
    are_encoded: bool,
}

impl Names {
    pub(super) fn of(text: &str) -> Names {
        Names { are_encoded: xml::text(text, "EncodingType").as_deref() == Some("url") }
    }

    pub(super) fn read(self, name: &str) -> Option<String> {
        if self.are_encoded { decoded(name) } else { Some(name.to_owned()) }
    }
}

fn decoded(name: &str) -> Option<String> {
    let mut out = Vec::with_capacity(name.len());
    let mut bytes = name.bytes();
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'+' => b' ',
            b'%' => {
                let mut digit = || u8::try_from(char::from(bytes.next()?).to_digit(16)?).ok();
                digit()? << 4 | digit()?
            }
            _ => byte,
        });
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn listing(inside: &str) -> String {
        format!("<?xml version=\"1.0\"?>\n<ListBucketResult xmlns=\"x\">{inside}</ListBucketResult>")
    }

    const OBJECT: &str = "<Contents><Key>a+b%2Bc%01</Key><LastModified>2024-11-18T12:00:00.000Z</LastModified>\
        <ETag>&quot;abc-2&quot;</ETag><Size>5</Size><StorageClass>GLACIER</StorageClass></Contents>";

    #[test]
    fn a_page_is_read_as_it_is_meant() {
        let plain = page(&listing(OBJECT)).unwrap();
        let entry = &plain.entries[0];
        assert_eq!((entry.key.as_str(), entry.size, entry.etag.as_deref()), ("a+b%2Bc%01", 5, Some("abc-2")));
        assert_eq!((entry.class.as_deref(), plain.next), (Some("GLACIER"), None));
        let encoded = page(&listing(&format!("<EncodingType>url</EncodingType>{OBJECT}"))).unwrap();
        assert_eq!(encoded.entries[0].key, "a b+c\u{1}");
        let goes_on = "<IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken>";
        assert_eq!(page(&listing(goes_on)).unwrap().next.as_deref(), Some("t"));
    }

    #[test]
    fn what_is_no_listing_is_none() {
        for bad in [
            "<html><body>Welcome</body></html>".to_owned(),
            listing("<IsTruncated>true</IsTruncated>"),
            listing(&OBJECT.replace("<Size>5</Size>", "")),
            listing(&OBJECT.replace("<Size>5", "<Size>-5")),
            listing(&format!("<EncodingType>url</EncodingType>{}", OBJECT.replace("%01", "%0"))),
        ] {
            assert!(page(&bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn any_page_is_read_or_refused(text in "(<ListBucketResult|<Contents>|<Key>|</Key>|%|[a-z0-9<>/&;]){0,20}") {
            let _ = page(&text);
        }

        #[test]
        fn names_come_back_as_they_were(name in any::<String>()) {
            prop_assert_eq!(decoded(&crate::reach::sign::path(&name)), Some(name));
        }
    }
}
