//! A line of text being typed.

use unicode_width::UnicodeWidthStr;

use crate::console::terminal::{Code, Key};
use crate::console::{Canvas, Role};
use crate::text::{Shape, untrusted};

/// No name that is looked for is longer.
const LONGEST: usize = 200;

/// A line of text being typed.
#[derive(Clone, Debug, Default)]
pub struct Field {
    text: String,
}

impl Field {
    /// A field that holds a text already.
    pub fn new(text: String) -> Field {
        Field { text }
    }

    /// What was typed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Takes a key, if it is one for typing.
    pub fn key(&mut self, key: Key) -> bool {
        match (key.code, key.ctrl) {
            (Code::Backspace, _) => {
                self.text.pop();
            }
            (Code::Char('u'), true) => self.text.clear(),
            (Code::Char('w'), true) => {
                let kept = self.text.trim_end().rfind(' ').map_or(0, |at| at + 1);
                self.text.truncate(kept);
            }
            _ => match key.typed() {
                Some(c) => self.put(c.encode_utf8(&mut [0; 4])),
                None => return false,
            },
        }
        true
    }

    /// Takes a paste as one line: ends of lines and whatever could steer a terminal are left out.
    pub fn paste(&mut self, text: &str) {
        let line: String = text.chars().filter(|c| !c.is_control()).collect();
        self.put(&line);
    }

    fn put(&mut self, text: &str) {
        let room = LONGEST.saturating_sub(self.text.width());
        self.text.push_str(&untrusted(text, Shape::line(room)));
    }

    /// Draws it with a cursor of its own; where it is too long its end is shown.
    pub fn draw(&self, canvas: &mut Canvas<'_>) {
        let room = usize::from(canvas.width()).saturating_sub(1);
        let mut shown = self.text.as_str();
        while shown.width() > room {
            let mut rest = shown.chars();
            rest.next();
            shown = rest.as_str();
        }
        let x = canvas.put(0, 0, shown, Role::Input);
        canvas.put(x, 0, " ", Role::Selected);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_typed_and_taken_back() {
        let mut field = Field::default();
        "db one".chars().for_each(|c| assert!(field.key(Key::char(c))));
        assert!(field.key(Key::ctrl('w')));
        assert_eq!(field.text(), "db ");
        assert!(field.key(Key::of(Code::Backspace)));
        assert_eq!(field.text(), "db");
        assert!(!field.key(Key::of(Code::Enter)) && !field.key(Key::ctrl('c')) && !field.key(Key::of(Code::Up)));
        assert!(field.key(Key::ctrl('u')));
        assert_eq!(field.text(), "");
    }

    #[test]
    fn a_paste_is_one_harmless_line() {
        let mut field = Field::default();
        field.paste(&"rm -rf /\r\n\x1b[2J".repeat(1000));
        assert!(!field.text().contains(char::is_control) && field.text().width() <= LONGEST);
        assert!(field.text().starts_with("rm -rf /[2Jrm"), "{}", field.text());
    }
}
