//! Two columns of text beside each other.

use super::Line;
use crate::console::Role;

/// The blanks between them.
const GAP: u16 = 4;

/// How wide one of two columns is.
pub fn half(width: u16) -> u16 {
    width.saturating_sub(GAP) / 2
}

/// The lines of two columns, each as wide as a half.
pub fn beside(left: Vec<Line>, right: Vec<Line>, width: u16) -> Vec<Line> {
    let at = usize::from(half(width) + GAP);
    let count = left.len().max(right.len());
    let (mut left, mut right) = (left.into_iter(), right.into_iter());
    let line = |_| {
        let line = left.next().unwrap_or_default();
        match right.next() {
            Some(beside) if !beside.0.is_empty() => {
                let blank = at.saturating_sub(line.columns());
                let mut line = line.and(" ".repeat(blank), Role::Text);
                line.0.extend(beside.0);
                line
            }
            _ => line,
        }
    };
    (0..count).map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longer_column_goes_on_alone() {
        let lines = |texts: &[&str]| texts.iter().map(|text| Line::of(*text, Role::Text)).collect();
        let text = |left: &[&str], right: &[&str]| -> Vec<String> {
            beside(lines(left), lines(right), 14).iter().map(Line::text).collect()
        };
        assert_eq!(text(&["a"], &["x", "y"]), ["a        x", "         y"]);
        assert_eq!(text(&["a", "b"], &["x"]), ["a        x", "b"]);
    }
}
