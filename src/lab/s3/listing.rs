//! One page of a listing: a prefix, names rolled up at a delimiter, and where the next page begins.

/// What is asked for. Where to begin is up to the caller, who hands in only what comes after.
#[derive(Clone, Debug, Default)]
pub(super) struct Query<'a> {
    pub(super) prefix: &'a str,
    pub(super) delimiter: Option<&'a str>,
    /// What the page before ended with; if it was a rolled-up name, all below it is done.
    pub(super) after: &'a str,
    pub(super) most: usize,
}

/// One page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Page<T> {
    pub(super) entries: Vec<T>,
    pub(super) prefixes: Vec<String>,
    /// There is more after this page.
    pub(super) truncated: bool,
    /// The last name of this page, a key or a rolled-up name.
    pub(super) last: Option<String>,
}

/// Makes a page of `items`, which come in the order of their keys.
pub(super) fn page<'k, T>(items: impl Iterator<Item = (&'k str, T)>, query: &Query<'_>) -> Page<T> {
    let mut page = Page { entries: Vec::new(), prefixes: Vec::new(), truncated: false, last: None };
    for (key, item) in items {
        let Some(rest) = key.strip_prefix(query.prefix) else { continue };
        let rolled = query.delimiter.filter(|delimiter| !delimiter.is_empty()).and_then(|delimiter| {
            let end = rest.find(delimiter)? + delimiter.len();
            key.get(..query.prefix.len() + end)
        });
        if rolled.is_some_and(|name| name == query.after || page.prefixes.last().is_some_and(|last| last == name)) {
            continue;
        }
        if page.entries.len() + page.prefixes.len() >= query.most {
            page.truncated = query.most > 0;
            break;
        }
        if let Some(name) = rolled {
            page.prefixes.push(name.to_owned());
            page.last = Some(name.to_owned());
        } else {
            page.entries.push(item);
            page.last = Some(key.to_owned());
        }
    }
    page
}

/// As `encoding-type=url` wants names: what XML cannot carry is percent-encoded.
pub(super) fn url_encoded(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~' | b'/') {
            text.push(char::from(byte));
        } else {
            text.push('%');
            text.push_str(&crate::text::hex(&[byte]).to_ascii_uppercase());
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn pages(
        keys: &BTreeSet<String>,
        prefix: &str,
        delimiter: Option<&str>,
        most: usize,
    ) -> (Vec<String>, Vec<String>) {
        let (mut entries, mut prefixes, mut after) = (Vec::new(), Vec::new(), String::new());
        loop {
            let rest =
                keys.iter().filter(|key| after.is_empty() || **key > after).map(|key| (key.as_str(), key.clone()));
            let one = page(rest, &Query { prefix, delimiter, after: &after, most });
            assert!(one.entries.len() + one.prefixes.len() <= most);
            entries.extend(one.entries);
            prefixes.extend(one.prefixes);
            match one.last {
                Some(last) if one.truncated => after = last,
                _ => return (entries, prefixes),
            }
        }
    }

    #[test]
    fn names_are_rolled_up_once() {
        let keys = ["a", "b/1", "b/2", "c/x/1", "d"].map(str::to_owned).into();
        assert_eq!(pages(&keys, "", Some("/"), 2), (vec!["a".into(), "d".into()], vec!["b/".into(), "c/".into()]));
        assert_eq!(pages(&keys, "c/", Some("/"), 10), (vec![], vec!["c/x/".into()]));
        assert_eq!(pages(&keys, "b", None, 1).0, ["b/1", "b/2"]);
    }

    proptest! {
        #[test]
        fn small_pages_together_are_the_whole(
            keys in prop::collection::btree_set("[ab/]{1,6}", 0..40),
            prefix in "[ab/]{0,2}",
            roll in any::<bool>(),
            most in 1_usize..5,
        ) {
            let delimiter = roll.then_some("/");
            let whole = pages(&keys, &prefix, delimiter, 1_000);
            prop_assert_eq!(&pages(&keys, &prefix, delimiter, most), &whole);
            let covered = keys.iter().filter(|key| key.starts_with(&prefix));
            for key in covered {
                let rolled = whole.1.iter().any(|name| key.starts_with(name.as_str()));
                prop_assert!(rolled != whole.0.contains(key));
            }
        }
    }
}
