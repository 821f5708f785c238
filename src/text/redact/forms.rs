//! The byte sequences a secret is looked for as, and a quick test of where one could begin.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use zeroize::{Zeroize, Zeroizing};

use super::scan::short_escape;

/// One sequence to look for. Each of its bytes may also stand URL-encoded or JSON-escaped in the text.
pub(super) type Form = Zeroizing<Vec<u8>>;

/// Every form of every secret, and which pairs of bytes one of them can begin with.
pub(super) struct Forms {
    forms: Vec<Form>,
    /// A bit for each pair of bytes; empty as long as there is no secret.
    pairs: Zeroizing<Vec<u64>>,
}

impl Default for Forms {
    fn default() -> Forms {
        Forms { forms: Vec::new(), pairs: Zeroizing::new(Vec::new()) }
    }
}

impl Forms {
    /// Adds a secret in all its forms; once, however often it is added.
    pub(super) fn add(&mut self, secret: &[u8]) {
        if self.forms.iter().any(|form| form.as_slice() == secret) {
            return;
        }
        if self.pairs.is_empty() {
            self.pairs.resize((1 << 16) / 64, 0);
        }
        let mut added = vec![Zeroizing::new(secret.to_vec())];
        added.extend(base64_forms(secret));
        added.extend(hex_forms(secret));
        for form in added {
            self.open_pairs(&form);
            self.forms.push(form);
        }
    }

    /// The forms to look for.
    pub(super) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.forms.iter().map(|form| form.as_slice())
    }

    /// The first place at or after `from` where a secret could begin; the end if there is none.
    pub(super) fn first_candidate(&self, text: &[u8], from: usize) -> usize {
        if self.pairs.is_empty() || from >= text.len() {
            return text.len();
        }
        let possible = |pair: &[u8]| {
            let index = usize::from(pair[0]) << 8 | usize::from(pair[1]);
            self.pairs[index / 64] >> (index % 64) & 1 == 1
        };
        let last = text.len() - 1;
        // The last byte alone is always a candidate: what follows it is not known.
        text[from..].windows(2).position(possible).map_or(last, |at| from + at)
    }

    /// Lets through every pair of bytes that this form can begin with, however it is escaped.
    fn open_pairs(&mut self, form: &[u8]) {
        let mut open = |first: u8, second: u8| {
            let index = usize::from(first) << 8 | usize::from(second);
            self.pairs[index / 64] |= 1 << (index % 64);
        };
        for second in 0..=u8::MAX {
            if second == form[1] || matches!(second, b'%' | b'\\') || (second, form[1]) == (b'+', b' ') {
                open(form[0], second);
                if form[0] == b' ' {
                    open(b'+', second);
                }
            }
            if char::from(second).to_digit(16) == Some(u32::from(form[0] >> 4)) {
                open(b'%', second);
            }
            if second == b'u' || short_escape(second) == Some(form[0]) {
                open(b'\\', second);
            }
        }
    }
}

impl Drop for Forms {
    fn drop(&mut self) {
        self.pairs.zeroize();
        self.forms.iter_mut().for_each(Zeroize::zeroize);
    }
}

/// The letters that a secret fully determines inside a longer base64 text, at each of the three
/// alignments and in both alphabets.
fn base64_forms(secret: &[u8]) -> Vec<Form> {
    let mut forms = Vec::with_capacity(6);
    for before in 0..3 {
        let mut padded = Zeroizing::new(vec![0; before]);
        padded.reserve_exact(secret.len());
        padded.extend_from_slice(secret);
        // Letters that carry bits of what stands before or after the secret are left out.
        let first = (before * 8).div_ceil(6);
        let end = padded.len() * 8 / 6;
        for engine in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
            let text = Zeroizing::new(engine.encode(padded.as_slice()));
            let form = Zeroizing::new(text.as_bytes()[first..end].to_vec());
            if !forms.contains(&form) {
                forms.push(form);
            }
        }
    }
    forms
}

fn hex_forms(secret: &[u8]) -> [Form; 2] {
    let digits = |alphabet: &[u8; 16]| {
        let mut hex = Zeroizing::new(Vec::with_capacity(secret.len() * 2));
        for byte in secret {
            hex.push(alphabet[usize::from(byte >> 4)]);
            hex.push(alphabet[usize::from(byte & 15)]);
        }
        hex
    };
    [digits(b"0123456789abcdef"), digits(b"0123456789ABCDEF")]
}
