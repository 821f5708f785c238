//! As much of XML as the answers of S3 are made of: elements without attributes that matter, and texts.

/// The insides of all elements of a name, in order. None of those that S3 repeats holds one of its own name.
pub fn blocks<'x>(xml: &'x str, name: &str) -> Vec<&'x str> {
    let (open, close) = (format!("<{name}"), format!("</{name}>"));
    let mut found = Vec::new();
    let mut rest = xml;
    while let Some(at) = rest.find(&open) {
        let after = &rest[at + open.len()..];
        let inside = match after.find('>') {
            Some(0) => &after[1..],
            Some(end) if after.starts_with([' ', '\n', '\t', '\r']) && !after[..end].ends_with('/') => {
                &after[end + 1..]
            }
            _ => {
                rest = after;
                continue;
            }
        };
        let Some(end) = inside.find(&close) else { break };
        found.push(&inside[..end]);
        rest = &inside[end + close.len()..];
    }
    found
}

/// The name of the element that holds all others.
pub fn root(xml: &str) -> Option<&str> {
    let mut rest = xml.trim_start_matches('\u{feff}').trim_start();
    while rest.starts_with("<?") || rest.starts_with("<!") {
        rest = rest[rest.find('>')? + 1..].trim_start();
    }
    let name = rest.strip_prefix('<')?;
    let end = name.find(|c: char| c.is_whitespace() || matches!(c, '>' | '/'))?;
    Some(&name[..end])
}

/// The text of the first element of a name.
pub fn text(xml: &str, name: &str) -> Option<String> {
    blocks(xml, name).first().map(|inside| decoded(inside.trim()))
}

/// A text, as it may stand in an element.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// The text with its entities as the letters that they stand for.
fn decoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.find(';').filter(|end| *end <= 10);
        if let Some((letter, end)) = end.and_then(|end| Some((entity(&rest[1..end])?, end))) {
            out.push(letter);
            rest = &rest[end + 1..];
        } else {
            out.push('&');
            rest = &rest[1..];
        }
    }
    out.push_str(rest);
    out
}

fn entity(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn elements_are_found_by_their_whole_name() {
        let xml = "<?xml version=\"1.0\"?><R xmlns=\"x\"><KeyCount>2</KeyCount><Key>a &lt;Key&gt; &amp;amp; &#x41;&#66;</Key><Key/><Key>b</Key></R>";
        assert_eq!(text(xml, "Key").as_deref(), Some("a <Key> &amp; AB"));
        assert_eq!(blocks(xml, "Key"), ["a &lt;Key&gt; &amp;amp; &#x41;&#66;", "b"]);
        assert_eq!(text(xml, "KeyCount").as_deref(), Some("2"));
        assert_eq!(blocks(xml, "R").len(), 1);
        assert_eq!(text(xml, "Missing"), None);
        assert_eq!(text("<A>open", "A"), None);
    }

    #[test]
    fn the_element_around_all_others_is_known() {
        assert_eq!(root("\n <?xml version=\"1.0\"?>\n<Error><Code>x</Code></Error>"), Some("Error"));
        assert_eq!(root("<ListBucketResult xmlns=\"x\"/>"), Some("ListBucketResult"));
        assert_eq!((root(""), root("Error"), root("<?xml"), root("<Error")), (None, None, None, None));
    }

    proptest! {
        #[test]
        fn any_text_comes_back(inside in "[^ \t\n\r]{0,20}") {
            prop_assert_eq!(text(&format!("<A>{}</A>", escaped(&inside)), "A"), Some(inside.trim().to_owned()));
        }

        #[test]
        fn any_text_is_searched(xml in "[<>/A&;# a?!]{0,60}") {
            let _ = (blocks(&xml, "A"), text(&xml, "A"), root(&xml));
        }
    }
}
