//! How deeply a text is nested, found out before it is read: the reader of TOML takes a long time over what never ends.

/// How many brackets, or names joined by dots, are read within each other.
pub const DEEPEST: usize = 64;

/// Where a text has more within each other than any plan has. Looks at each letter once.
pub fn too_deep(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut open, mut dots, mut at) = (0_usize, 0_usize, 0);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'#' => at = behind(bytes, at, b"\n"),
            b'"' | b'\'' => at = behind_text(bytes, at),
            byte => {
                match byte {
                    b'[' | b'{' => (open, dots) = (open + 1, 0),
                    b']' | b'}' => open = open.saturating_sub(1),
                    b'.' => dots += 1,
                    b'\n' | b'=' | b',' => dots = 0,
                    _ => {}
                }
                if open > DEEPEST || dots > DEEPEST {
                    return Some(at);
                }
                at += 1;
            }
        }
    }
    None
}

/// Behind the text that begins here; one that is not closed ends with its line.
fn behind_text(bytes: &[u8], from: usize) -> usize {
    let quote = bytes[from];
    let three = [quote; 3];
    if bytes[from..].starts_with(&three) {
        return behind(bytes, from + 3, &three);
    }
    let mut at = from + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' if quote == b'"' => at += 2,
            b'\n' => return at,
            byte if *byte == quote => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// Behind the next such bytes, or the end.
fn behind(bytes: &[u8], from: usize, wanted: &[u8]) -> usize {
    let found = memchr::memmem::find(&bytes[from..], wanted);
    found.map_or(bytes.len(), |found| from + found + wanted.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_nested_without_end_is_found_at_once() {
        let begun = std::time::Instant::now();
        let many = 200_000;
        for text in ["[".repeat(many), format!("a = {}", "{a=".repeat(many)), "a.".repeat(many) + "a = 1"] {
            assert!(too_deep(&text).is_some_and(|at| at < 400), "{:?}", too_deep(&text));
        }
        assert!(begun.elapsed().as_secs() < 2, "{:?}", begun.elapsed());
        let findings = crate::plan::source::tree::parse(0, &"[".repeat(many)).1;
        assert_eq!(findings[0].message, "there are more than 64 brackets or names within each other");
    }

    #[test]
    fn brackets_in_texts_and_comments_do_not_count() {
        let many = "[".repeat(DEEPEST + 1);
        let (basic, literal) = ("\"".repeat(3), "'".repeat(3));
        for text in [
            format!("# {many}"),
            format!("'{many}'"),
            format!("\"\\\"{many}\""),
            format!("{basic}{many}\n\"{many}{basic}"),
            format!("{literal}{many}\n{many}{literal}"),
            "[[component]]\nname = 'a.b'\n".repeat(1_000),
        ] {
            assert_eq!(too_deep(&text), None, "{text}");
        }
        assert_eq!(too_deep(&many), Some(DEEPEST));
    }

    proptest! {
        #[test]
        fn any_text_is_looked_at(text in "[\\[\\]{}.'\"\\\\#\n=aä]{0,80}") {
            let _ = too_deep(&text);
        }
    }
}
