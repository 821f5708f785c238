//! What a list is filtered by.

use crate::console::{Piece, Role};

/// What a list is filtered by: each word must occur, in whatever case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    text: String,
    words: Vec<String>,
}

impl Filter {
    /// The filter that somebody typed.
    pub fn new(text: &str) -> Filter {
        let words = text.split_whitespace().map(str::to_lowercase).collect();
        Filter { text: text.trim().to_owned(), words }
    }

    /// Whether it lets everything through.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// As it was typed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether each of its words occurs in one of the texts.
    pub fn lets<'a>(&self, texts: impl IntoIterator<Item = &'a str>) -> bool {
        if self.is_empty() {
            return true;
        }
        let texts: Vec<String> = texts.into_iter().map(str::to_lowercase).collect();
        self.words.iter().all(|word| texts.iter().any(|text| text.contains(word)))
    }

    /// `3 of 50 with "post"`; nothing while everything is let through.
    pub fn told(&self, shown: usize, all: usize) -> Option<String> {
        (!self.is_empty()).then(|| format!("{shown} of {all} with \"{}\"", self.text))
    }

    /// A text with the first place of each word that was found marked.
    pub fn found(&self, text: &str, role: Role) -> Vec<Piece<'static>> {
        let lower = text.to_lowercase();
        let place = |word: &String| lower.find(word.as_str()).map(|start| (start, start + word.len()));
        let mut places: Vec<(usize, usize)> = self.words.iter().filter_map(place).collect();
        places.sort_unstable();
        // Where a letter is longer in small, places in one text are not those in the other.
        let fits = |(start, end): &(usize, usize)| text.is_char_boundary(*start) && text.is_char_boundary(*end);
        if lower.len() != text.len() || !places.iter().all(fits) {
            places.clear();
        }
        let (mut pieces, mut done) = (Vec::new(), 0);
        for (start, end) in places.into_iter().filter(|(start, end)| start < end) {
            let start = start.max(done);
            if start >= end {
                continue;
            }
            pieces.push(Piece::new(text[done..start].to_owned(), role));
            pieces.push(Piece::new(text[start..end].to_owned(), Role::Found));
            done = end;
        }
        pieces.push(Piece::new(text[done..].to_owned(), role));
        pieces.retain(|piece| !piece.text.is_empty());
        pieces
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_must_occur_somewhere() {
        let filter = Filter::new(" Post  DR ");
        assert!(filter.lets(["postgres", "dr"]));
        assert!(!filter.lets(["postgres", "primary"]));
        assert!(Filter::new("").lets([""; 0]));
        assert_eq!(filter.told(3, 50).unwrap(), "3 of 50 with \"Post  DR\"");
        assert_eq!(Filter::new(" ").told(3, 50), None);
    }

    #[test]
    fn what_was_found_is_marked() {
        let shown = |filter: &str, text: &str| -> String {
            let pieces = Filter::new(filter).found(text, Role::Text);
            pieces
                .iter()
                .map(|it| if it.role == Role::Found { format!("[{}]", it.text) } else { it.text.to_string() })
                .collect()
        };
        assert_eq!(shown("ost gres", "Postgres"), "P[ost][gres]");
        assert_eq!(shown("post ost", "postgres"), "[post]gres");
        assert_eq!(shown("", "x"), "x");
        assert_eq!(shown("i", "İstanbul"), "İstanbul");
    }
}
