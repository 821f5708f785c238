//! The marks that stand beside words, in Unicode and in plain ASCII.

use std::borrow::Cow;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::plan::facts::Verdict;
use crate::vault::State;

/// Which characters stand for verdicts, graphs and lines. Each verdict has a shape of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Marks {
    /// What shows that text was cut.
    pub ellipsis: &'static str,
    /// The eight heights of a sparkline, lowest first.
    pub bars: [&'static str; 8],
    /// A horizontal line.
    pub rule: &'static str,
    /// A vertical line.
    pub wall: &'static str,
    /// Before what is selected.
    pub pointer: &'static str,
    /// Before a group whose members are shown.
    pub open: &'static str,
    /// Before a group whose members are hidden.
    pub folded: &'static str,
    is_unicode: bool,
}

impl Marks {
    /// For terminals that show Unicode.
    pub const UNICODE: Marks = Marks {
        ellipsis: "…",
        bars: ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
        rule: "─",
        wall: "│",
        pointer: "›",
        open: "▾",
        folded: "▸",
        is_unicode: true,
    };

    /// For those that do not.
    pub const ASCII: Marks = Marks {
        ellipsis: "~",
        bars: ["_", ".", "-", "~", "=", "+", "*", "#"],
        rule: "-",
        wall: "|",
        pointer: ">",
        open: "-",
        folded: "+",
        is_unicode: false,
    };

    /// The mark of a verdict.
    pub fn verdict(&self, verdict: Verdict) -> &'static str {
        verdict.mark(self.is_unicode)
    }

    /// The mark of what is known of a recovery point.
    pub const fn state(&self, state: &State) -> &'static str {
        match (state, self.is_unicode) {
            (State::Proven(_), true) => "◆",
            (State::Proven(_), false) => "*",
            (State::Verified(_), is_unicode) => Verdict::Healthy.mark(is_unicode),
            (State::Present, true) => "○",
            (State::Present, false) => ".",
            (State::Tainted, is_unicode) => Verdict::Degraded.mark(is_unicode),
            (State::Flawed(_) | State::Partial(_), is_unicode) => Verdict::Down.mark(is_unicode),
        }
    }

    /// Text that takes so many columns at most; an ellipsis shows that it was longer.
    pub fn cut<'a>(&self, text: &'a str, columns: usize) -> Cow<'a, str> {
        if text.width() <= columns {
            return Cow::Borrowed(text);
        }
        let Some(room) = columns.checked_sub(self.ellipsis.width()) else { return Cow::Borrowed("") };
        let mut used = 0;
        let fits = |c: &char| {
            used += c.width().unwrap_or(0);
            used <= room
        };
        let mut shown: String = text.chars().take_while(fits).collect();
        // What was cut before is not marked twice.
        shown.truncate(shown.trim_end_matches(self.ellipsis).len());
        shown.push_str(self.ellipsis);
        Cow::Owned(shown)
    }
}
