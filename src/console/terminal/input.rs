//! Bytes of the terminal become keys, pastes and clicks.
//!
//! A sequence may arrive in pieces, and a lone Escape is only known by the silence after it. Whatever is not
//! understood is swallowed whole: half a sequence must not act as keys.

use std::time::Duration;

use memchr::memmem;

use super::csi::{Meaning, lettered, meaning};
use super::key::{Code, Key};

/// How long after an Escape the rest of its sequence may take. SSH may cut it in two.
const SHORTLY: Duration = Duration::from_millis(50);
/// How long a paste may fall silent before it is taken for complete.
const PASTE_STALLS: Duration = Duration::from_secs(3);
/// The most of a paste that is kept.
const LONGEST_PASTE: usize = 256 * 1024;
/// No sequence of a terminal is longer.
const LONGEST: usize = 4096;
const PASTE_ENDS: &[u8] = b"\x1b[201~";

/// What the one at the keyboard did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Pressed a key.
    Key(Key),
    /// Pasted a text.
    Paste(String),
    /// Used the mouse.
    Mouse(Mouse),
}

/// What the mouse did; places are counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mouse {
    /// The first button went down.
    Press {
        /// In this column.
        column: u16,
        /// In this line.
        line: u16,
    },
    /// The wheel was turned away.
    WheelUp,
    /// The wheel was turned near.
    WheelDown,
}

/// What came and is not yet understood.
#[derive(Debug, Default)]
pub struct Input {
    pending: Vec<u8>,
    paste: Option<Vec<u8>>,
}

/// What stands at the beginning of some bytes.
enum Parsed {
    /// Only a part so far.
    Part,
    /// Something, so many bytes long.
    Whole(usize, Meaning),
}

impl Input {
    /// Takes in bytes; what they complete is put behind `events`.
    pub fn feed(&mut self, bytes: &[u8], events: &mut Vec<Event>) {
        self.pending.extend_from_slice(bytes);
        let mut at = 0;
        loop {
            if let Some(paste) = &mut self.paste {
                let rest = &self.pending[at..];
                let (taken, is_end) = pasted(rest);
                let room = LONGEST_PASTE.saturating_sub(paste.len());
                paste.extend_from_slice(&rest[..taken.min(room)]);
                at += taken;
                if !is_end {
                    break;
                }
                at += PASTE_ENDS.len();
                self.end_paste(events);
                continue;
            }
            match parse(&self.pending[at..]) {
                Parsed::Part => break,
                Parsed::Whole(count, found) => {
                    at += count;
                    match found {
                        Meaning::Key(key) => events.push(Event::Key(key)),
                        Meaning::Mouse(mouse) => events.push(Event::Mouse(mouse)),
                        Meaning::PasteBegins => self.paste = Some(Vec::new()),
                        Meaning::Nothing => {}
                    }
                }
            }
        }
        self.pending.drain(..at);
    }

    /// How long to wait for the rest of what has begun; nothing if nothing has.
    pub fn patience(&self) -> Option<Duration> {
        match (&self.paste, self.pending.is_empty()) {
            (Some(_), _) => Some(PASTE_STALLS),
            (None, false) => Some(SHORTLY),
            (None, true) => None,
        }
    }

    /// Nothing more came in that time.
    pub fn give_up(&mut self, events: &mut Vec<Event>) {
        let pending = std::mem::take(&mut self.pending);
        if let Some(paste) = &mut self.paste {
            paste.extend(pending);
            self.end_paste(events);
            return;
        }
        match *pending.as_slice() {
            [0x1b] => events.push(Event::Key(Key::of(Code::Escape))),
            [0x1b, c] if c.is_ascii_graphic() => {
                events.push(Event::Key(Key { alt: true, ..Key::char(char::from(c)) }));
            }
            _ => {}
        }
    }

    fn end_paste(&mut self, events: &mut Vec<Event>) {
        if let Some(paste) = self.paste.take() {
            events.push(Event::Paste(String::from_utf8_lossy(&paste).into_owned()));
        }
    }
}

/// How much of these bytes belongs to a paste for sure, and whether its end comes after that.
fn pasted(bytes: &[u8]) -> (usize, bool) {
    if let Some(end) = memmem::find(bytes, PASTE_ENDS) {
        return (end, true);
    }
    // The end may have come in part.
    let longest = bytes.len().min(PASTE_ENDS.len() - 1);
    let part = (1..=longest).rev().find(|count| bytes.ends_with(&PASTE_ENDS[..*count]));
    (bytes.len() - part.unwrap_or(0), false)
}

fn parse(bytes: &[u8]) -> Parsed {
    match *bytes {
        [] | [0x1b] | [0x1b, b'O'] => Parsed::Part,
        // Two in a row: the first was pressed by itself.
        [0x1b, 0x1b, ..] => Parsed::Whole(1, Meaning::Key(Key::of(Code::Escape))),
        [0x1b, b'[', ref rest @ ..] => control_sequence(rest),
        [0x1b, b'O', letter, ..] => {
            Parsed::Whole(3, lettered(letter).map_or(Meaning::Nothing, |code| Meaning::Key(Key::of(code))))
        }
        [0x1b, b']' | b'P' | b'X' | b'^' | b'_', ref rest @ ..] => string(rest),
        [0x1b, ref rest @ ..] => match character(rest) {
            Parsed::Whole(count, Meaning::Key(key)) => Parsed::Whole(count + 1, Meaning::Key(Key { alt: true, ..key })),
            Parsed::Whole(count, other) => Parsed::Whole(count + 1, other),
            Parsed::Part => Parsed::Part,
        },
        _ => character(bytes),
    }
}

/// `rest` follows `ESC [`: parameters, then bytes between, then the last one.
fn control_sequence(rest: &[u8]) -> Parsed {
    const BEGINNING: usize = 2;
    // The function keys of the Linux console.
    if let [b'[', letter, ..] = *rest {
        let function = letter.checked_sub(b'A').filter(|number| *number < 5).map(|number| number + 1);
        let found = function.map_or(Meaning::Nothing, |number| Meaning::Key(Key::of(Code::Function(number))));
        return Parsed::Whole(BEGINNING + 2, found);
    }
    if rest == b"[" {
        return Parsed::Part;
    }
    let parameters = rest.iter().take_while(|byte| (0x30..=0x3f).contains(*byte)).count();
    let between = rest[parameters..].iter().take_while(|byte| (0x20..=0x2f).contains(*byte)).count();
    let end = parameters + between;
    match rest.get(end) {
        None if end < LONGEST => Parsed::Part,
        Some(last @ 0x40..=0x7e) => {
            let found = if between == 0 { meaning(&rest[..parameters], *last) } else { Meaning::Nothing };
            Parsed::Whole(BEGINNING + end + 1, found)
        }
        // It broke off; what comes now is something else.
        _ => Parsed::Whole(BEGINNING + end, Meaning::Nothing),
    }
}

/// An answer of the terminal, up to the bell or the string terminator; nobody asked for it.
fn string(rest: &[u8]) -> Parsed {
    let bell = memchr::memchr(0x07, rest).map(|at| at + 1);
    let terminator = memmem::find(rest, b"\x1b\\").map(|at| at + 2);
    match bell.into_iter().chain(terminator).min() {
        Some(count) => Parsed::Whole(2 + count, Meaning::Nothing),
        None if rest.len() < LONGEST => Parsed::Part,
        None => Parsed::Whole(2 + rest.len(), Meaning::Nothing),
    }
}

/// One character, or one of the keys that are control characters.
fn character(bytes: &[u8]) -> Parsed {
    let Some(first) = bytes.first().copied() else { return Parsed::Part };
    let key = match first {
        b'\r' | b'\n' => Key::of(Code::Enter),
        b'\t' => Key::of(Code::Tab),
        0x08 | 0x7f => Key::of(Code::Backspace),
        0x1b => Key::of(Code::Escape),
        0 => Key::ctrl(' '),
        0x01..=0x1a => Key::ctrl(char::from(first - 1 + b'a')),
        0x1c..=0x1f => Key::ctrl(char::from(first - 0x1c + b'\\')),
        0x20..=0x7e => Key::char(char::from(first)),
        _ => return wide(bytes),
    };
    Parsed::Whole(1, Meaning::Key(key))
}

/// A character of several bytes.
fn wide(bytes: &[u8]) -> Parsed {
    let most = bytes.len().min(4);
    let (text, broken) = match std::str::from_utf8(&bytes[..most]) {
        Ok(text) => (text, false),
        Err(error) => {
            let good = std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default();
            if good.is_empty() && error.error_len().is_none() && most < 4 {
                return Parsed::Part;
            }
            (good, good.is_empty())
        }
    };
    match text.chars().next() {
        Some(c) if !c.is_control() => Parsed::Whole(c.len_utf8(), Meaning::Key(Key::char(c))),
        Some(c) => Parsed::Whole(c.len_utf8(), Meaning::Nothing),
        None if broken => Parsed::Whole(1, Meaning::Nothing),
        None => Parsed::Part,
    }
}

#[cfg(test)]
mod tests;
