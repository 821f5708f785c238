//! Lines for narrow places: wrapping between words, and columns that line up.

use unicode_width::UnicodeWidthStr;

/// Wraps `text` between words to `width` columns; continuation lines begin with `indent`.
pub fn wrap(text: &str, width: usize, first: &str, indent: &str) -> String {
    let mut lines = vec![first.to_owned()];
    let mut empty = true;
    for word in text.split_whitespace() {
        let line = lines.last_mut().map_or(0, |line| line.width());
        if !empty && line + 1 + word.width() > width {
            lines.push(indent.to_owned());
            empty = true;
        }
        if let Some(line) = lines.last_mut() {
            if !empty {
                line.push(' ');
            }
            line.push_str(word);
        }
        empty = false;
    }
    lines.join("\n")
}

/// `rows` with their columns lined up and two blanks between; no line ends in blanks.
pub fn columns(rows: &[Vec<String>]) -> Vec<String> {
    let count = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..count)
        .map(|column| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.width()).max().unwrap_or(0))
        .collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell}{}", " ".repeat(width - cell.width())));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn long_text_continues_below() {
        assert_eq!(wrap("one two three four", 9, "- ", "  "), "- one two\n  three\n  four");
        assert_eq!(wrap("", 9, "- ", "  "), "- ");
    }

    #[test]
    fn columns_line_up() {
        let rows =
            vec![vec!["a".to_owned(), "b".to_owned()], vec!["äöü".to_owned(), "c".to_owned()], vec!["d".to_owned()]];
        assert_eq!(columns(&rows), ["a    b", "äöü  c", "d"]);
    }

    proptest! {
        #[test]
        fn no_word_is_lost(text in "[a-z ]{0,200}", width in 5_usize..60) {
            let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
            prop_assert_eq!(words(&wrap(&text, width, "", "")), words(&text));
        }
    }
}
