//! Text folded into lines: between words, and within a word that is wider than the line.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::console::canvas::harmless;
use crate::text::wrap::wrap;

/// The lines of a text, none wider than `columns`. A width of nothing gives no line.
pub fn fold(text: &str, columns: usize) -> Vec<String> {
    if columns == 0 {
        return Vec::new();
    }
    let text = harmless(text);
    let wrapped = wrap(&text, columns, "", "");
    let mut lines = Vec::new();
    for line in wrapped.lines() {
        if line.width() <= columns {
            lines.push(line.to_owned());
        } else {
            break_up(line, columns, &mut lines);
        }
    }
    lines
}

/// The lines of a text whose blanks matter, as those of a log do: as it is, broken only where the line ends.
pub fn broken(text: &str, columns: usize) -> Vec<String> {
    if columns == 0 {
        return Vec::new();
    }
    let mut lines = Vec::new();
    break_up(&harmless(text), columns, &mut lines);
    lines
}

/// The lines of a text that was laid out for a wider place: a line that is too wide goes on below itself, further in.
pub fn refitted(text: &str, columns: usize) -> Vec<String> {
    let fitted = |line: &str| {
        let line = harmless(line);
        if line.width() <= columns || columns == 0 {
            return vec![line.into_owned()];
        }
        let indent = line.len() - line.trim_start_matches(' ').len();
        let below = " ".repeat((indent + 2).min(columns / 2));
        let room = columns - below.len();
        let parts = fold(&line, room).into_iter().enumerate();
        parts
            .map(|(number, part)| format!("{}{part}", if number == 0 { &below[2.min(below.len())..] } else { &below }))
            .collect()
    };
    text.lines().flat_map(fitted).collect()
}

fn break_up(line: &str, columns: usize, lines: &mut Vec<String>) {
    let (mut part, mut used) = (String::new(), 0);
    for letter in line.chars() {
        let width = letter.width().unwrap_or(0);
        if used + width > columns && !part.is_empty() {
            lines.push(std::mem::take(&mut part));
            used = 0;
        }
        part.push(letter);
        used += width;
    }
    lines.push(part);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_is_too_long_is_broken() {
        assert_eq!(fold("one twothree four", 5), ["one", "twoth", "ree", "four"]);
        assert_eq!(fold("", 5), [""; 0]);
        assert_eq!(fold("any", 0), [""; 0]);
        assert_eq!(fold("漢字漢字", 5), ["漢字", "漢字"]);
    }

    #[test]
    fn blanks_that_matter_are_kept() {
        assert_eq!(broken("  at  main()", 6), ["  at  ", "main()"]);
        assert_eq!(broken("", 6), [""]);
    }

    #[test]
    fn what_was_laid_out_wider_goes_on_below_itself() {
        assert_eq!(refitted("a  b\n  one two three", 9), ["a  b", "  one", "    two", "    three"]);
        assert!(refitted("=========\n   x  y", 4).iter().all(|line| line.width() <= 4));
    }
}
