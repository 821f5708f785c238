//! Lines for narrow places: wrapping between words, and columns that line up.

use unicode_width::UnicodeWidthStr;

/// Wraps `text` between words to `width` columns; continuation lines begin with `indent`. What stands between backticks
/// is to be copied, and stays whole however long it is.
pub fn wrap(text: &str, width: usize, first: &str, indent: &str) -> String {
    let mut lines = vec![first.to_owned()];
    let mut empty = true;
    for word in words(text) {
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

/// The words of a text, with what stands between backticks as one.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let mut is_quoted = false;
        let end = rest.char_indices().find(|(_, letter)| {
            is_quoted ^= *letter == '`';
            letter.is_whitespace() && !is_quoted
        });
        // One alone quotes nothing.
        let end = match end {
            Some((end, _)) => end,
            None if is_quoted => rest.find(char::is_whitespace).unwrap_or(rest.len()),
            None => rest.len(),
        };
        words.push(&rest[..end]);
        rest = rest[end..].trim_start();
    }
    words
}

/// `rows` with their columns lined up and two blanks between; no line ends in blanks.
pub fn columns(rows: &[Vec<String>]) -> Vec<String> {
    let mut widest: Vec<usize> = Vec::new();
    let mut measure = |(column, cell): (usize, &String)| {
        let width = cell.width();
        if column == widest.len() {
            widest.push(width);
        }
        widest[column] = widest[column].max(width);
        width
    };
    let widths: Vec<Vec<usize>> = rows.iter().map(|row| row.iter().enumerate().map(&mut measure).collect()).collect();
    let line = |(row, widths): (&Vec<String>, &Vec<usize>)| {
        let mut line = String::new();
        let mut blanks = 0;
        for ((cell, width), widest) in row.iter().zip(widths).zip(&widest) {
            if *width > 0 {
                line.extend(std::iter::repeat_n(' ', blanks));
                line.push_str(cell);
                blanks = 0;
            }
            blanks += widest - width + 2;
        }
        line.truncate(line.trim_end().len());
        line
    };
    rows.iter().zip(&widths).map(line).collect()
}

/// The same, no wider than `width`, with the lines of each row apart: what does not fit of the last column
/// continues below itself.
pub fn table(rows: &[Vec<String>], width: usize) -> Vec<Vec<String>> {
    const NARROWEST: usize = 20;
    let count = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widest = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.width()).max();
    let before: usize = (0..count.saturating_sub(1)).map(|column| widest(column).unwrap_or(0) + 2).sum();
    let room = width.saturating_sub(before).max(NARROWEST);
    let split: Vec<Vec<Vec<String>>> = rows.iter().map(|row| split(row, count, room)).collect();
    let mut lines = columns(&split.concat()).into_iter();
    split.iter().map(|parts| lines.by_ref().take(parts.len()).collect()).collect()
}

/// A row as several, if its last cell does not fit.
fn split(row: &[String], count: usize, room: usize) -> Vec<Vec<String>> {
    let Some((last, first)) = row.split_last().filter(|(last, _)| row.len() == count && last.width() > room) else {
        return vec![row.to_vec()];
    };
    let blank = vec![String::new(); first.len()];
    let wrapped = wrap(last, room, "", "");
    let before = std::iter::once(first).chain(std::iter::repeat(blank.as_slice()));
    wrapped.lines().zip(before).map(|(line, before)| [before, &[line.to_owned()]].concat()).collect()
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
    fn what_is_to_be_copied_stays_whole() {
        assert_eq!(wrap("try `a b  'c d'` now", 9, "", "  "), "try\n  `a b  'c d'`\n  now");
        assert_eq!(wrap("a ` alone", 5, "", ""), "a `\nalone");
    }

    #[test]
    fn columns_line_up() {
        let rows =
            vec![vec!["a".to_owned(), "b".to_owned()], vec!["äöü".to_owned(), "c".to_owned()], vec!["d".to_owned()]];
        assert_eq!(columns(&rows), ["a    b", "äöü  c", "d"]);
    }

    #[test]
    fn the_last_column_continues_below_itself() {
        let cells = |first: &str, last: &str| vec![first.to_owned(), last.to_owned()];
        let rows = [cells("a", "one two three four five six"), cells("long name", ""), cells("b", "seven")];
        let drawn = table(&rows, 31).concat();
        assert_eq!(drawn, ["a          one two three four", "           five six", "long name", "b          seven"]);
    }

    proptest! {
        #[test]
        fn no_word_is_lost(text in "[a-z ]{0,200}", width in 5_usize..60) {
            let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
            prop_assert_eq!(words(&wrap(&text, width, "", "")), words(&text));
        }
    }
}
