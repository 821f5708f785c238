//! Makes text from outside harmless: host names, errors, file names, queue names, command output.
//!
//! Every room calls this one function before such text reaches a terminal, a journal's reader or a report.

use std::fmt::Write;

use unicode_width::UnicodeWidthChar;

/// How many marks may sit on one character; more is a flood that paints over the lines above.
const MARKS: usize = 2;
/// What a tab may take up at most.
const TAB: usize = 8;
const CUT: &str = "...";

/// How much of a text may be shown, and whether it may have lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    columns: usize,
    lines: bool,
}

impl Shape {
    /// One line of at most so many columns: a name, a message in a table.
    pub const fn line(columns: usize) -> Shape {
        Shape { columns, lines: false }
    }

    /// Line breaks and tabs are kept; at most so many columns altogether, a break counted as one.
    pub const fn block(columns: usize) -> Shape {
        Shape { columns, lines: true }
    }
}

/// The text with everything that could steer or deceive a terminal shown as an escape (`\x1b`,
/// `\u{202e}`), cut with `...` where it exceeds the shape. Printable text is left as it is, and doing
/// it twice changes nothing.
pub fn untrusted(text: impl AsRef<[u8]>, shape: Shape) -> String {
    let text = text.as_ref();
    // Most of it is plain, and there are lists of ten thousand.
    if text.len() <= shape.columns && text.iter().all(|byte| (b' '..=b'~').contains(byte)) {
        return String::from_utf8_lossy(text).into_owned();
    }
    let mut out = Bounded { text: String::new(), columns: 0, cut_at: 0, marks: MARKS, shape };
    for chunk in text.utf8_chunks() {
        for c in chunk.valid().chars() {
            if !out.put(c) {
                return out.text;
            }
        }
        for byte in chunk.invalid() {
            if !out.put_escape(&format!("\\x{byte:02x}")) {
                return out.text;
            }
        }
    }
    out.text
}

/// What has been let through so far, and where it would have to be cut.
struct Bounded {
    text: String,
    columns: usize,
    cut_at: usize,
    marks: usize,
    shape: Shape,
}

impl Bounded {
    /// Takes one character in; `false` when the bound is reached and the rest is dropped.
    fn put(&mut self, c: char) -> bool {
        match c {
            '\n' if self.shape.lines => self.put_visible(c, 1, MARKS),
            '\t' if self.shape.lines => self.put_visible(c, TAB, MARKS),
            '\n' | '\r' | '\t' => self.put_escape(&c.escape_default().to_string()),
            _ if c.is_ascii_control() => self.put_escape(&format!("\\x{:02x}", u32::from(c))),
            _ if is_hidden(c) => self.put_escape(&c.escape_unicode().to_string()),
            _ => match c.width() {
                None => self.put_escape(&c.escape_unicode().to_string()),
                Some(0) if self.marks >= MARKS => self.put_escape(&c.escape_unicode().to_string()),
                Some(0) => {
                    self.text.push(c);
                    self.marks += 1;
                    true
                }
                Some(width) => self.put_visible(c, width, 0),
            },
        }
    }

    fn put_escape(&mut self, escape: &str) -> bool {
        // After an escape no mark may follow: it would change how the last brace looks.
        escape.chars().all(|c| self.put_visible(c, 1, MARKS))
    }

    fn put_visible(&mut self, c: char, width: usize, marks: usize) -> bool {
        if self.columns + width > self.shape.columns {
            self.text.truncate(self.cut_at);
            let dots = CUT.len().min(self.shape.columns);
            let _ = write!(self.text, "{}", &CUT[..dots]);
            return false;
        }
        self.columns += width;
        self.marks = marks;
        // The place after the last character that still leaves room for the dots. A mark may have been
        // added to it since; what is before the next visible character belongs to the last one.
        if self.columns - width + CUT.len() <= self.shape.columns {
            self.cut_at = self.text.len();
        }
        self.text.push(c);
        true
    }
}

/// Characters that are not drawn, or that change the order, shape or meaning of what is drawn around them.
const HIDDEN: [(u32, u32); 24] = [
    (0x00ad, 0x00ad),
    (0x034f, 0x034f),
    (0x061c, 0x061c),
    (0x115f, 0x1160),
    (0x17b4, 0x17b5),
    (0x180b, 0x180f),
    (0x200b, 0x200f),
    (0x2028, 0x202e),
    (0x2060, 0x206f),
    (0x2800, 0x2800),
    (0x3164, 0x3164),
    (0xe000, 0xf8ff),
    (0xfe00, 0xfe0f),
    (0xfeff, 0xfeff),
    (0xffa0, 0xffa0),
    (0xfff0, 0xfffb),
    (0xfffe, 0xffff),
    (0x1_10bd, 0x1_10bd),
    (0x1_10cd, 0x1_10cd),
    (0x1_3430, 0x1_343f),
    (0x1_bca0, 0x1_bca3),
    (0x1_d173, 0x1_d17a),
    (0xe_0000, 0xe_0fff),
    (0xf_0000, 0x10_ffff),
];

fn is_hidden(c: char) -> bool {
    let code = u32::from(c);
    HIDDEN.iter().any(|&(first, last)| (first..=last).contains(&code)) || code & 0xfffe == 0xfffe
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn columns(text: &str) -> usize {
        let width = |c| if c == '\t' { TAB } else { UnicodeWidthChar::width(c).unwrap_or(1) };
        text.chars().map(width).sum()
    }

    #[test]
    fn what_steers_a_terminal_is_shown_instead() {
        let shown = |bytes: &[u8]| untrusted(bytes, Shape::line(200));
        assert_eq!(shown(b"\x1b]0;title\x07"), "\\x1b]0;title\\x07");
        assert_eq!(shown(b"\x1bP1$r0m\x1b\\"), "\\x1bP1$r0m\\x1b\\");
        assert_eq!(shown("\u{9b}31m".as_bytes()), "\\u{9b}31m");
        assert_eq!(shown(b"\x9b31m"), "\\x9b31m");
        assert_eq!(shown("user\u{202e}txt.exe".as_bytes()), "user\\u{202e}txt.exe");
        assert_eq!(shown("a\u{2066}b\u{2069}\u{200b}c\u{feff}".as_bytes()), "a\\u{2066}b\\u{2069}\\u{200b}c\\u{feff}");
        assert_eq!(shown("a\u{2028}b\r\n".as_bytes()), "a\\u{2028}b\\r\\n");
        assert_eq!(shown(b"\xc3\x28\xff"), "\\xc3(\\xff");
    }

    #[test]
    fn lines_are_kept_where_they_are_asked_for() {
        assert_eq!(untrusted("a\tb\nc\r", Shape::block(40)), "a\tb\nc\\r");
    }

    #[test]
    fn ordinary_words_of_any_language_stay() {
        for word in ["Grüße", "Ünïcödé e\u{301}", "日本語", "שלום", "नमस्ते", "🚒"] {
            assert_eq!(untrusted(word, Shape::line(40)), word);
        }
    }

    #[test]
    fn a_flood_of_marks_dries_up() {
        let flood = format!("\u{301}a{}", "\u{301}".repeat(50_000));
        let shown = untrusted(&flood, Shape::line(60));
        assert!(shown.starts_with("\\u{301}a\u{301}\u{301}\\u{301}"), "{shown}");
        assert!(shown.chars().count() < 70 && shown.ends_with("..."), "{shown}");
    }

    #[test]
    fn absurd_length_is_cut_without_being_read() {
        let huge = vec![b'x'; 50_000_000];
        assert_eq!(untrusted(&huge, Shape::line(8)), "xxxxx...");
        assert_eq!(untrusted("12345678", Shape::line(8)), "12345678");
        assert_eq!(untrusted("日本語", Shape::line(5)), "日...");
        assert_eq!(untrusted("abc", Shape::line(2)), "..");
        assert_eq!(untrusted("abc", Shape::line(0)), "");
    }

    fn nasty() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop_oneof![
            any::<u8>().prop_map(|byte| vec![byte]),
            any::<char>().prop_map(|c| c.to_string().into_bytes()),
            (0_usize..HIDDEN.len())
                .prop_filter_map("a character", |i| char::from_u32(HIDDEN[i].0).map(|c| c.to_string().into_bytes())),
            Just("e\u{301}".as_bytes().to_vec()),
            "[ -~]{1,9}".prop_map(String::into_bytes),
        ];
        proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn nothing_harmful_comes_through(text in nasty(), bound in 0_usize..90, lines in any::<bool>()) {
            let shape = Shape { columns: bound, lines };
            let shown = untrusted(&text, shape);
            for c in shown.chars() {
                prop_assert!(!is_hidden(c), "{c:?} in {shown:?}");
                prop_assert!(!c.is_control() || (lines && matches!(c, '\n' | '\t')), "{c:?} in {shown:?}");
            }
            prop_assert!(columns(&shown) <= bound, "{shown:?}");
            prop_assert!(shown.chars().count() <= (MARKS + 1) * bound);
            prop_assert_eq!(untrusted(&shown, shape), shown);
        }

        #[test]
        fn printable_ascii_is_unchanged(text in "[ -~]{0,80}") {
            prop_assert_eq!(untrusted(&text, Shape::line(80)), text);
        }
    }
}
