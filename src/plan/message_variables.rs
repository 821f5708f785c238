//! The variables of messages: how they are written, and which an incident fills by itself.

/// What an incident fills, and with what. Others stand in the plan's `[variables]`.
pub const FILLED: [(&str, &str); 27] = [
    ("platform", "the platform's title"),
    ("environment", "the platform's environment"),
    ("site", "the site that the platform runs at now"),
    ("system", "what has failed"),
    ("systems", "everything that has failed"),
    ("service", "the service that users miss"),
    ("severity", "P1, P2 or P3"),
    ("impact", "what it does to the users"),
    ("users", "how many users or services are affected"),
    ("status", "where the recovery stands"),
    ("scenario", "what it was recognised as"),
    ("time", "now"),
    ("began", "when it began"),
    ("detected", "when it was discovered"),
    ("resolved", "when it was over"),
    ("duration", "how long it has lasted"),
    ("commander", "who leads"),
    ("action", "what is being done"),
    ("actions", "what has been done"),
    ("step", "the step that runs"),
    ("procedure", "the way out that was taken"),
    ("eta", "when it will be over, as forecast"),
    ("next_update", "when the next word comes"),
    ("summary", "what happened, in a sentence"),
    ("cause", "why it happened, as far as known"),
    ("review", "when it is looked back at"),
    ("status_page", "the platform's status page"),
];

/// A part of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'t> {
    /// As it stands.
    Text(&'t str),
    /// To be filled.
    Variable(&'t str),
}

/// What is wrong with a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wrong<'t> {
    /// The wrong part.
    pub text: &'t str,
    /// What is wrong with it.
    pub why: &'static str,
}

/// The parts of a text: `{name}` is a variable, `{{` and `}}` are braces.
pub fn pieces(text: &str) -> Vec<Result<Piece<'_>, Wrong<'_>>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        if at > 0 {
            found.push(Ok(Piece::Text(&rest[..at])));
        }
        rest = &rest[at..];
        let (piece, length) = if rest.starts_with("{{") || rest.starts_with("}}") {
            (Ok(Piece::Text(&rest[..1])), 2)
        } else if rest.starts_with('}') {
            (Err(Wrong { text: &rest[..1], why: "a brace is closed that was never opened" }), 1)
        } else {
            variable(rest)
        };
        found.push(piece);
        rest = &rest[length..];
    }
    if !rest.is_empty() {
        found.push(Ok(Piece::Text(rest)));
    }
    found
}

/// The variable at the beginning of `rest`, and how long it is with its braces.
fn variable(rest: &str) -> (Result<Piece<'_>, Wrong<'_>>, usize) {
    let end = rest[1..].find(['{', '}', '\n']).map_or(rest.len(), |end| end + 1);
    if !rest[end..].starts_with('}') {
        return (Err(Wrong { text: &rest[..end], why: "a brace is opened and never closed" }), end);
    }
    let name = &rest[1..end];
    let fits = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
    let piece = match name {
        "" => Err(Wrong { text: &rest[..=end], why: "a variable has no name" }),
        name if !name.chars().all(fits) => {
            Err(Wrong { text: &rest[..=end], why: "a variable is written in small letters, digits and _" })
        }
        name => Ok(Piece::Variable(name)),
    };
    (piece, end + 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn texts_are_taken_apart() {
        assert_eq!(
            pieces("{system} fails {{x}}"),
            [
                Ok(Piece::Variable("system")),
                Ok(Piece::Text(" fails ")),
                Ok(Piece::Text("{")),
                Ok(Piece::Text("x")),
                Ok(Piece::Text("}"))
            ]
        );
        assert!(pieces("{a").iter().any(Result::is_err));
        assert!(pieces("{a b}").iter().any(Result::is_err));
    }

    #[test]
    fn no_variable_is_filled_twice() {
        for (position, (name, _)) in FILLED.iter().enumerate() {
            assert!(FILLED[..position].iter().all(|(before, _)| before != name), "{name}");
            assert_eq!(pieces(&format!("{{{name}}}")), [Ok(Piece::Variable(name))]);
        }
    }

    proptest! {
        #[test]
        fn any_text_is_taken_apart(text in "[a-z{} \\n\u{e4}]{0,60}") {
            let _ = pieces(&text);
        }
    }
}
