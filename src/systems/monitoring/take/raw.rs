//! Documents as they were written: cut out of an answer byte by byte, since whoever reads and writes a number again may
//! change it.

/// The values of a list in JSON; the text must be JSON.
pub fn items(list: &[u8]) -> Vec<&[u8]> {
    let mut items = Vec::new();
    let mut at = blank(list, 0) + 1;
    loop {
        at = blank(list, at);
        match list.get(at) {
            None | Some(b']') => return items,
            Some(b',') => at += 1,
            Some(_) => {
                let end = end(list, at);
                if end == at {
                    return items;
                }
                items.push(&list[at..end]);
                at = end;
            }
        }
    }
}

/// The value of a name in an object.
pub fn field<'j>(object: &'j [u8], name: &str) -> Option<&'j [u8]> {
    let mut at = blank(object, 0) + 1;
    loop {
        at = blank(object, at);
        match object.get(at)? {
            b'}' => return None,
            b',' => at += 1,
            _ => {
                let key = end(object, at);
                let value = blank(object, blank(object, key) + 1);
                let after = end(object, value);
                if object.get(at..key)?.strip_prefix(b"\"")?.strip_suffix(b"\"")? == name.as_bytes() {
                    return object.get(value..after);
                }
                at = after;
            }
        }
    }
}

fn blank(text: &[u8], mut at: usize) -> usize {
    while text.get(at).is_some_and(u8::is_ascii_whitespace) {
        at += 1;
    }
    at.min(text.len())
}

/// Where the value that begins here ends.
fn end(text: &[u8], start: usize) -> usize {
    let (mut at, mut depth, mut in_text) = (start, 0_usize, false);
    while let Some(byte) = text.get(at) {
        match byte {
            b'\\' if in_text => at += 1,
            b'"' => {
                in_text = !in_text;
                if !in_text && depth == 0 {
                    return at + 1;
                }
            }
            _ if in_text => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' | b',' | b':' if depth == 0 => return at,
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return at + 1;
                }
            }
            byte if depth == 0 && byte.is_ascii_whitespace() => return at,
            _ => {}
        }
        at += 1;
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn values_are_cut_out_as_they_stand() {
        let answer = br#" { "a\"b" : [1, {"x": "]"}] , "hits" : { "hits" : [ {"_id":"1","_source":{"n":1.10,"t":"a\\\"}"}} , 2.50 ]}}"#;
        let hits = field(field(answer, "hits").unwrap(), "hits").unwrap();
        let items = items(hits);
        assert_eq!(field(items[0], "_source").unwrap(), br#"{"n":1.10,"t":"a\\\"}"}"#);
        assert_eq!((items[1], items.len()), (&b"2.50"[..], 2));
        assert_eq!(field(answer, "none"), None);
    }

    proptest! {
        #[test]
        fn nothing_is_too_strange(text in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = (items(&text), field(&text, "a"));
        }

        #[test]
        fn every_list_of_texts_comes_apart(texts in proptest::collection::vec(".{0,20}", 0..9)) {
            let list = serde_json::to_vec(&texts).unwrap();
            let again: Vec<String> = items(&list).iter().map(|item| serde_json::from_slice(item).unwrap()).collect();
            prop_assert_eq!(again, texts);
        }
    }
}
