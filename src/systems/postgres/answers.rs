//! What came back for several questions asked at once: rows of text, by the names of their columns.

use chrono::{DateTime, Utc};
use tokio_postgres::{SimpleQueryMessage, SimpleQueryRow};

use crate::systems::number::whole;
use crate::text::Span;

/// The answers to the questions that have rows, in the order in which they were asked.
pub struct Answers(Vec<Vec<Row>>);

/// One row.
pub struct Row(SimpleQueryRow);

impl Answers {
    /// Sorts what came by the question it answers.
    pub fn of(messages: Vec<SimpleQueryMessage>) -> Answers {
        let mut answers: Vec<Vec<Row>> = Vec::new();
        for message in messages {
            match message {
                SimpleQueryMessage::RowDescription(_) => answers.push(Vec::new()),
                SimpleQueryMessage::Row(row) => {
                    if let Some(rows) = answers.last_mut() {
                        rows.push(Row(row));
                    }
                }
                _ => {}
            }
        }
        Answers(answers)
    }

    /// The rows of a question.
    pub fn rows(&self, question: usize) -> &[Row] {
        self.0.get(question).map_or(&[], Vec::as_slice)
    }

    /// The first row of a question.
    pub fn row(&self, question: usize) -> Option<&Row> {
        self.rows(question).first()
    }

    /// The first row of the first question.
    pub fn first(&self) -> Option<&Row> {
        self.row(0)
    }
}

impl Row {
    /// A text; `None` where it is NULL, or where there is no such column.
    pub fn text(&self, column: &str) -> Option<&str> {
        self.0.try_get(column).ok().flatten()
    }

    /// A text that may be missing.
    pub fn word(&self, column: &str) -> &str {
        self.text(column).unwrap_or_default()
    }

    /// A number.
    pub fn real(&self, column: &str) -> Option<f64> {
        self.text(column)?.parse().ok().filter(|number: &f64| number.is_finite())
    }

    /// A whole number; what is below zero counts as zero.
    pub fn count(&self, column: &str) -> Option<u64> {
        let text = self.text(column)?;
        text.parse().ok().or_else(|| self.real(column).map(whole))
    }

    /// Yes or no.
    pub fn flag(&self, column: &str) -> Option<bool> {
        match self.text(column)? {
            "t" | "on" | "true" => Some(true),
            "f" | "off" | "false" => Some(false),
            _ => None,
        }
    }

    /// Seconds, as a length of time; what is below zero counts as none.
    pub fn span(&self, column: &str) -> Option<Span> {
        self.real(column).map(|seconds| Span::from_millis(whole(seconds * 1_000.0)))
    }

    /// Seconds since 1970, as a moment.
    pub fn moment(&self, column: &str) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp_micros(i64::try_from(whole((self.real(column)? * 1e6).round())).ok()?)
    }
}
