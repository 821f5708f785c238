//! Looks for a form in a text, each of its bytes plain, URL-encoded or JSON-escaped.

use super::PLACEHOLDER;
use super::forms::Forms;

/// What was found at one place of the text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Found {
    /// Where the longest match ends.
    end: Option<usize>,
    /// Whether the text ended while a form was still possible.
    partial: bool,
}

/// How far the text has been passed on, and how much of what follows is already known to be secret.
#[derive(Debug, Default)]
pub(super) struct Cursor {
    covered: usize,
}

impl Cursor {
    /// Passes on as much of `text` as is decided, secrets replaced, and returns how many bytes that was.
    /// The rest has to come again, with more behind it. At the end everything is decided.
    pub(super) fn advance(&mut self, forms: &Forms, text: &[u8], at_end: bool, out: &mut Vec<u8>) -> usize {
        let (mut at, mut covered) = (0, self.covered);
        while at < text.len() {
            let candidate = forms.first_candidate(text, at);
            if candidate > covered.max(at) {
                out.extend_from_slice(&text[covered.max(at)..candidate]);
            }
            at = candidate;
            if at == text.len() {
                break;
            }
            let found = find(forms, text, at);
            if found.partial && !at_end {
                break;
            }
            if let Some(end) = found.end {
                if at >= covered {
                    out.extend_from_slice(PLACEHOLDER.as_bytes());
                }
                covered = covered.max(end);
            }
            if at >= covered {
                out.push(text[at]);
            }
            at += 1;
        }
        self.covered = covered.saturating_sub(at);
        at
    }
}

fn find(forms: &Forms, text: &[u8], at: usize) -> Found {
    let mut found = Found::default();
    for form in forms.iter() {
        let here = match_at(form, text, at);
        found.end = found.end.max(here.end);
        found.partial |= here.partial;
    }
    found
}

/// Follows every way of reading the text: a backslash may be itself or begin an escape. Each way stands
/// at a place of the form and one of the text; those least far in the form go first, so that two which
/// meet go on as one.
fn match_at(form: &[u8], text: &[u8], at: usize) -> Found {
    let mut found = Found::default();
    let mut here = (0, at);
    let mut others: Vec<(usize, usize)> = Vec::new();
    loop {
        let (read, place) = here;
        let mut ways = Ways::default();
        if read == form.len() {
            found.end = found.end.max(Some(place));
        } else {
            ways = step(&form[read..], &text[place..]);
            found.partial |= ways.cut;
        }
        let mut next = ways.list[..ways.count].iter().map(|(bytes, letters)| (read + bytes, place + letters));
        if others.is_empty() && ways.count == 1 {
            here = next.next().unwrap_or(here);
            continue;
        }
        for way in next {
            if !others.contains(&way) {
                others.push(way);
            }
        }
        let Some(first) = others.iter().enumerate().min_by_key(|(_, way)| **way).map(|(index, _)| index) else {
            return found;
        };
        here = others.swap_remove(first);
    }
}

/// How the text can go on: so many bytes of the form, written in so many letters of the text.
#[derive(Default)]
struct Ways {
    list: [(usize, usize); 3],
    count: usize,
    /// The text ended too early to tell.
    cut: bool,
}

impl Ways {
    fn add(&mut self, bytes: usize, letters: usize) {
        self.list[self.count] = (bytes, letters);
        self.count += 1;
    }
}

fn step(form: &[u8], text: &[u8]) -> Ways {
    let mut ways = Ways::default();
    let byte = form[0];
    let Some(&letter) = text.first() else {
        ways.cut = true;
        return ways;
    };
    if letter == byte || (letter, byte) == (b'+', b' ') {
        ways.add(1, 1);
    }
    if letter == b'%' {
        match digits(&text[1..], 2) {
            Digits::Cut => ways.cut = true,
            Digits::Value(value) if value == u32::from(byte) => ways.add(1, 3),
            _ => {}
        }
    }
    if letter == b'\\' {
        match text.get(1) {
            None => ways.cut = true,
            Some(b'u') => unicode_escape(form, text, &mut ways),
            Some(&escaped) if short_escape(escaped) == Some(byte) => ways.add(1, 2),
            _ => {}
        }
    }
    ways
}

/// What the letter after a backslash stands for in JSON.
pub(super) fn short_escape(letter: u8) -> Option<u8> {
    Some(match letter {
        b'"' | b'\\' | b'/' => letter,
        b'b' => 8,
        b'f' => 12,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        _ => return None,
    })
}

/// `\u00e4` stands for a whole character, two of them for one beyond the first plane.
fn unicode_escape(form: &[u8], text: &[u8], ways: &mut Ways) {
    let (code, letters) = match digits(&text[2..], 4) {
        Digits::Cut => return ways.cut = true,
        Digits::Other => return,
        Digits::Value(high @ 0xd800..0xdc00) => match low_half(&text[6..]) {
            Digits::Cut => return ways.cut = true,
            Digits::Value(low @ 0xdc00..0xe000) => (0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00), 12),
            _ => return,
        },
        Digits::Value(code) => (code, 6),
    };
    let Some(c) = char::from_u32(code) else { return };
    let mut buffer = [0; 4];
    let bytes = c.encode_utf8(&mut buffer).as_bytes();
    if form.starts_with(bytes) {
        ways.add(bytes.len(), letters);
    }
}

fn low_half(text: &[u8]) -> Digits {
    let prefix = &b"\\u"[..text.len().min(2)];
    if !text.starts_with(prefix) {
        return Digits::Other;
    }
    if text.len() < 2 { Digits::Cut } else { digits(&text[2..], 4) }
}

/// Hexadecimal digits, as far as the text goes.
enum Digits {
    Value(u32),
    /// The text ends too early, and all there is could be digits.
    Cut,
    Other,
}

fn digits(text: &[u8], count: usize) -> Digits {
    let text = &text[..text.len().min(count)];
    let value = text.iter().try_fold(0, |value, &digit| Some(value * 16 + char::from(digit).to_digit(16)?));
    match value {
        None => Digits::Other,
        Some(_) if text.len() < count => Digits::Cut,
        Some(value) => Digits::Value(value),
    }
}
