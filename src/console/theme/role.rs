//! What a piece of text is; a theme says how each looks.

use crate::plan::facts::Verdict;

/// What a piece of text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Ordinary text.
    Text,
    /// What may be overlooked.
    Dim,
    /// What should be read first.
    Strong,
    /// The head of a screen, a pane or a column.
    Title,
    /// Lines that divide.
    Rule,
    /// The chosen row.
    Selected,
    /// A key that can be pressed.
    Key,
    /// Well.
    Healthy,
    /// Works badly.
    Degraded,
    /// Down.
    Down,
    /// Cannot be told.
    Unknown,
    /// Too old to rely on.
    Stale,
    /// A line that must not be overlooked: a frozen screen, a lost journal.
    Banner,
    /// The environment is production.
    Production,
    /// The environment is a drill.
    Drill,
    /// The environment is a lab, or anything else that may break.
    Lab,
    /// Nothing can be changed from here.
    ReadOnly,
    /// The place where text is typed.
    Input,
    /// The part of a text that a filter found.
    Found,
    /// A graph.
    Graph,
}

impl Role {
    /// Every role.
    pub const ALL: [Role; 20] = [
        Role::Text,
        Role::Dim,
        Role::Strong,
        Role::Title,
        Role::Rule,
        Role::Selected,
        Role::Key,
        Role::Healthy,
        Role::Degraded,
        Role::Down,
        Role::Unknown,
        Role::Stale,
        Role::Banner,
        Role::Production,
        Role::Drill,
        Role::Lab,
        Role::ReadOnly,
        Role::Input,
        Role::Found,
        Role::Graph,
    ];

    /// Its name in a theme's file.
    pub const fn name(self) -> &'static str {
        match self {
            Role::Text => "text",
            Role::Dim => "dim",
            Role::Strong => "strong",
            Role::Title => "title",
            Role::Rule => "rule",
            Role::Selected => "selected",
            Role::Key => "key",
            Role::Healthy => "healthy",
            Role::Degraded => "degraded",
            Role::Down => "down",
            Role::Unknown => "unknown",
            Role::Stale => "stale",
            Role::Banner => "banner",
            Role::Production => "production",
            Role::Drill => "drill",
            Role::Lab => "lab",
            Role::ReadOnly => "read-only",
            Role::Input => "input",
            Role::Found => "found",
            Role::Graph => "graph",
        }
    }

    /// The role of a verdict.
    pub fn of(verdict: Verdict) -> Role {
        match verdict {
            Verdict::Healthy => Role::Healthy,
            Verdict::Degraded => Role::Degraded,
            Verdict::Down => Role::Down,
            Verdict::Unknown => Role::Unknown,
        }
    }
}
