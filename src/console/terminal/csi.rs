//! What the control sequences of terminals mean as input: cursor and function keys, the mouse, a paste.

use super::input::Mouse;
use super::key::{Code, Key};

/// What a control sequence says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    Key(Key),
    Mouse(Mouse),
    PasteBegins,
    /// Nothing that concerns us: an answer nobody asked for, a key nobody knows.
    Nothing,
}

/// The meaning of `ESC [ parameters last`.
pub(super) fn meaning(parameters: &[u8], last: u8) -> Meaning {
    if let Some(numbers) = parameters.strip_prefix(b"<") {
        return mouse(numbers, last).map_or(Meaning::Nothing, Meaning::Mouse);
    }
    let mut numbers = parameters.split(|byte| *byte == b';').map(number);
    let first = numbers.next().flatten();
    let second = numbers.next().flatten();
    let code = match last {
        b'~' => match first {
            Some(200) => return Meaning::PasteBegins,
            // `CSI 27 ; modifier ; character ~`
            Some(27) => numbers.next().flatten().and_then(character),
            Some(number) => numbered(number),
            None => None,
        },
        b'u' => first.and_then(character),
        b'Z' => return Meaning::Key(Key { shift: true, ..Key::of(Code::Tab) }),
        // With another number before it, it is an answer nobody asked for.
        _ if first.is_some_and(|first| first != 1) => None,
        _ => lettered(last),
    };
    code.map_or(Meaning::Nothing, |code| Meaning::Key(held(code, second.unwrap_or(1))))
}

/// The key of `ESC O letter`, and of a control sequence that ends with a letter.
pub(super) fn lettered(letter: u8) -> Option<Code> {
    Some(match letter {
        b'A' => Code::Up,
        b'B' => Code::Down,
        b'C' => Code::Right,
        b'D' => Code::Left,
        b'F' => Code::End,
        b'H' => Code::Home,
        b'M' => Code::Enter,
        b'P'..=b'S' => Code::Function(letter - b'P' + 1),
        _ => return None,
    })
}

fn numbered(number: u32) -> Option<Code> {
    let function = |first: u32, key: u32| u8::try_from(number - first + key).ok().map(Code::Function);
    match number {
        1 | 7 => Some(Code::Home),
        2 => Some(Code::Insert),
        3 => Some(Code::Delete),
        4 | 8 => Some(Code::End),
        5 => Some(Code::PageUp),
        6 => Some(Code::PageDown),
        11..=15 => function(11, 1),
        17..=21 => function(17, 6),
        23 | 24 => function(23, 11),
        _ => None,
    }
}

fn character(number: u32) -> Option<Code> {
    match number {
        9 => Some(Code::Tab),
        13 => Some(Code::Enter),
        27 => Some(Code::Escape),
        8 | 127 => Some(Code::Backspace),
        _ => char::from_u32(number).filter(|c| !c.is_control()).map(Code::Char),
    }
}

/// Adds what was held down: one more than the sum of 1 for Shift, 2 for Alt, 4 for Ctrl.
fn held(code: Code, modifier: u32) -> Key {
    let bits = modifier.saturating_sub(1);
    let is_character = matches!(code, Code::Char(_));
    Key { code, shift: bits & 1 != 0 && !is_character, alt: bits & 2 != 0, ctrl: bits & 4 != 0 }
}

fn mouse(numbers: &[u8], last: u8) -> Option<Mouse> {
    let mut numbers = numbers.split(|byte| *byte == b';').map(number);
    let (button, column, line) = (numbers.next()??, numbers.next()??, numbers.next()??);
    let place = |number: u32| u16::try_from(number).unwrap_or(u16::MAX).saturating_sub(1);
    match (button, last) {
        (0, b'M') => Some(Mouse::Press { column: place(column), line: place(line) }),
        (64, b'M') => Some(Mouse::WheelUp),
        (65, b'M') => Some(Mouse::WheelDown),
        _ => None,
    }
}

fn number(digits: &[u8]) -> Option<u32> {
    // Fixterms put sub-parameters behind a colon; the first is the one that counts.
    let digits = digits.split(|byte| *byte == b':').next()?;
    std::str::from_utf8(digits).ok()?.parse().ok()
}
