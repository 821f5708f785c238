//! One page of paper: a head, labelled lines, points to tick.

use std::fmt::Write;

use crate::plan::Plan;
use crate::text::wrap::{columns, wrap};

const WIDTH: usize = 78;

/// A page that is being written.
pub(super) struct Sheet(String);

impl Sheet {
    pub fn new(plan: &Plan, title: &str, name: &str) -> Sheet {
        let platform = plan.platform.title.as_deref().unwrap_or(&plan.platform.name);
        let environment = plan.platform.environment.as_deref().unwrap_or_default();
        let rule = "=".repeat(WIDTH);
        Sheet(format!("{rule}\n{title}\n{}   [{name}]\n{rule}\n", format!("{platform} {environment}").trim_end()))
    }

    /// `Label  value`, nothing at all without a value.
    pub fn line(&mut self, label: &str, value: &str) {
        self.labelled(0, 11, label, value);
    }

    /// The same below a step.
    pub fn detail(&mut self, label: &str, value: &str) {
        self.labelled(10, 8, label, value);
    }

    fn labelled(&mut self, indent: usize, width: usize, label: &str, value: &str) {
        if value.is_empty() {
            return;
        }
        // A label that is too long for its column still has its blank.
        let first = format!("{:indent$}{label:<width$} ", "");
        for (number, paragraph) in value.lines().enumerate() {
            let below = " ".repeat(indent + width + 1);
            let before = if number == 0 { &first } else { &below };
            let _ = writeln!(self.0, "{}", wrap(paragraph, WIDTH, before, &below));
        }
    }

    pub fn blank(&mut self) {
        self.0.push('\n');
    }

    pub fn heading(&mut self, text: &str) {
        let _ = writeln!(self.0, "\n  {}", text.to_uppercase());
    }

    /// A heading that is a name: as it is typed.
    pub fn name(&mut self, text: &str) {
        let _ = writeln!(self.0, "\n  {text}");
    }

    /// Something to tick.
    pub fn point(&mut self, before: &str, text: &str) {
        let first = format!("  [ ] {before}");
        let _ = writeln!(self.0, "{}", wrap(text, WIDTH, &first, &" ".repeat(first.len())));
    }

    /// A paragraph, indented.
    pub fn text(&mut self, text: &str) {
        for paragraph in text.lines() {
            let _ = writeln!(self.0, "{}", wrap(paragraph, WIDTH, "  ", "    "));
        }
    }

    pub fn table(&mut self, rows: &[Vec<String>]) {
        for row in columns(rows) {
            let _ = writeln!(self.0, "  {row}");
        }
    }

    pub fn done(self) -> String {
        self.0
    }
}
