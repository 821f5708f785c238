//! Covering secrets in text that may be no TOML at all: the lines that findings underline, and what
//! they say. Every byte stays where it was.

use std::borrow::Cow;
use std::ops::Range;

use super::secret_text::{in_list, is_secret_value, names_secret, secrets_in};

/// A line, or the start of one; nothing of a plan that people wrote is longer.
const LONGEST_LINE: usize = 20_000;

/// The lines of a file, as they are shown, without secrets.
pub fn cover_source(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        if line.len() > LONGEST_LINE {
            shown.push_str(&covered(line, std::iter::once(0..line.trim_end_matches('\n').len()).collect()));
            continue;
        }
        let within = line.trim_end_matches(['\n', '\r']);
        let mut secrets = secrets_in(within);
        secrets.extend(after_keys(within));
        secrets.extend(in_quotes(within));
        shown.push_str(&covered(line, secrets));
    }
    shown
}

/// What a finding says, without secrets that it repeats.
pub fn cover_words(text: &str) -> Cow<'_, str> {
    let secrets = secrets_in(text);
    if secrets.is_empty() { text.into() } else { covered(text, secrets).into() }
}

fn covered(text: &str, secrets: Vec<Range<usize>>) -> String {
    let mut secrets = secrets;
    secrets.retain(|secret| text.is_char_boundary(secret.start) && text.is_char_boundary(secret.end));
    secrets.sort_by_key(|secret| secret.start);
    let mut shown = String::with_capacity(text.len());
    let mut at = 0;
    for secret in secrets {
        let start = secret.start.max(at);
        let end = secret.end.max(start);
        shown.push_str(&text[at..start]);
        shown.extend(std::iter::repeat_n('*', end - start));
        at = end;
    }
    shown.push_str(&text[at..]);
    shown
}

/// What follows a key that names a secret, whatever separates them: `password = "x"`, `password: x`.
fn after_keys(line: &str) -> Vec<Range<usize>> {
    let is_key = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-');
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(begins) = line[at..].find(is_key) {
        let start = at + begins;
        let end = line[start..].find(|letter| !is_key(letter)).map_or(line.len(), |length| start + length);
        at = end;
        let rest = line[end..].trim_start_matches([' ', '\t', '"', '\'']);
        let Some(value) = rest.strip_prefix("=>").or_else(|| rest.strip_prefix(['=', ':'])) else { continue };
        if !names_secret(&line[start..end]) {
            continue;
        }
        let value = value.trim_start_matches([' ', '\t', '=']);
        let from = line.len() - value.len();
        let place = match value.chars().next().filter(|first| matches!(first, '"' | '\'')) {
            Some(quote) => {
                let length = closing(&value[1..], quote).unwrap_or(value.len() - 1);
                from + 1..from + 1 + length
            }
            None => from..from + value.len(),
        };
        if is_secret_value(&line[place.clone()]) && !line[place.clone()].starts_with('{') {
            at = place.end;
            found.push(place);
        }
    }
    found
}

/// The quoted texts of a line as if they were the arguments of a program.
fn in_quotes(line: &str) -> Vec<Range<usize>> {
    let mut places = Vec::new();
    let mut at = 0;
    while let Some(begins) = line[at..].find(['"', '\'']) {
        let start = at + begins + 1;
        let quote = if line[at + begins..].starts_with('"') { '"' } else { '\'' };
        let end = closing(&line[start..], quote).map_or(line.len(), |length| start + length);
        places.push(start..end);
        at = (end + 1).min(line.len());
    }
    let texts: Vec<Option<&str>> = places.iter().map(|place| line.get(place.clone())).collect();
    let found = in_list(&texts).into_iter();
    found
        .filter_map(|(index, range)| places.get(index).map(|place| place.start + range.start..place.start + range.end))
        .collect()
}

/// How far it is to the quote that ends a text.
fn closing(text: &str, quote: char) -> Option<usize> {
    let mut is_escaped = false;
    text.char_indices().find_map(|(at, letter)| {
        let ends = letter == quote && !is_escaped;
        is_escaped = quote == '"' && letter == '\\' && !is_escaped;
        ends.then_some(at)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn whatever_separates_a_key_from_its_secret_it_is_covered() {
        for line in [
            "password: hunter2SECRET",
            "password = hunter2SECRET",
            "password => \"hunter2SECRET\"",
            "kind=\"postgres\", password=\"hunter2SECRET\"",
            "x = { kind = 'a', \"password\" : 'hunter2SECRET' }",
            "headers = { Authorization = \"Bearer hunter2SECRET\" }",
            "webhook = \"https://hooks.slack.com/services/T012/B034/hunter2SECRET\"",
            "run = { command = [\"mysql\",\"-phunter2SECRET\"] }",
            "run = [\"sshpass\", \"-p\", \"hunter2SECRET\", ]",
            "password = \"hunter2SECRET",
            "a = \"redis://u:hunter2SECRET@h:1\"",
        ] {
            let shown = cover_source(line);
            assert!(!shown.contains("hunter2"), "{line} is shown as {shown}");
            assert_eq!(shown.len(), line.len());
        }
    }

    #[test]
    fn what_is_no_secret_is_shown() {
        for line in [
            "password = \"file:/etc/pw\" # of the database",
            "password = 'env:PGPASSWORD'",
            "kind = \"postgers\"",
            "address = \"redis://default@h:6379\"",
            "# the password lies in the safe",
        ] {
            assert_eq!(cover_source(line), line);
        }
    }

    proptest! {
        #[test]
        fn every_byte_stays_in_its_place(text in "\\PC{0,60}", key in "(password|token|a)", separator in "[ =:'\"]{1,4}") {
            let line = format!("{key}{separator}{text}\n");
            prop_assert_eq!(cover_source(&line).len(), line.len());
            prop_assert!(cover_source(&line).ends_with('\n'));
        }
    }
}
