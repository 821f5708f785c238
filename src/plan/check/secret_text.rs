//! What in a text is a secret. Nothing here repeats one.

use std::ops::Range;

use crate::plan::SecretRef;

/// Where a text, a word or a whole line for a shell, shows secrets.
pub fn secrets_in(text: &str) -> Vec<Range<usize>> {
    let is_key = text.contains("-----BEGIN ") && text.contains("PRIVATE KEY");
    if is_key || text.contains("AGE-SECRET-KEY-1") {
        return std::iter::once(0..text.len()).collect();
    }
    let mut found: Vec<Range<usize>> = url_passwords(text).chain(assigned(text)).collect();
    found.sort_by_key(|range| range.start);
    // One within another is one.
    found.dedup_by(|next, last| {
        let overlaps = next.start < last.end;
        if overlaps {
            last.end = last.end.max(next.end);
        }
        overlaps
    });
    found
}

/// `scheme://user:PASSWORD@host`
fn url_passwords(text: &str) -> impl Iterator<Item = Range<usize>> {
    text.match_indices("://").filter_map(move |(at, _)| {
        let rest = &text[at + 3..];
        let end = rest.find(['/', '?', '#', ' ', '"', '\'']).unwrap_or(rest.len());
        let (user_info, _) = rest[..end].rsplit_once('@')?;
        let (_, password) = user_info.split_once(':').filter(|(_, password)| is_secret_value(password))?;
        Some(place(text, password))
    })
}

/// `--password=SECRET`, `PGPASSWORD=SECRET`, and `--token SECRET` within a line.
fn assigned(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut expects_value = false;
    for word in text.split_whitespace() {
        if expects_value && !word.starts_with('-') && is_secret_value(word) {
            found.push(whole(text, place(text, word)));
        }
        for (key, value) in word.split(['&', '?', ';']).filter_map(|part| part.split_once('=')) {
            if names_secret(key.trim_matches(['-', '"', '\''])) && is_secret_value(value) {
                found.push(whole(text, place(text, value)));
            }
        }
        expects_value = takes_secret(word);
    }
    found
}

/// Where a part of a text stands in it.
fn place(text: &str, part: &str) -> Range<usize> {
    let start = part.as_ptr().addr() - text.as_ptr().addr();
    start..start + part.len()
}

/// A value that begins with a quote reaches to the quote that ends it, over spaces too.
fn whole(text: &str, value: Range<usize>) -> Range<usize> {
    let rest = &text[value.start..];
    let Some(quote) = rest.chars().next().filter(|first| matches!(first, '"' | '\'')) else { return value };
    let end = rest[1..].find(quote).map_or(text.len(), |end| value.start + 1 + end);
    value.start + 1..end.max(value.start + 1)
}

/// Whether an argument is an option whose value, the next argument, is a secret.
pub fn takes_secret(argument: &str) -> bool {
    argument.starts_with("--") && !argument.contains('=') && names_secret(argument)
}

/// Whether a value stands for itself, rather than for a variable or a place.
pub fn is_secret_value(value: &str) -> bool {
    let value = value.trim_matches(['"', '\'']);
    !value.is_empty() && !is_placeholder(value) && value.parse::<SecretRef>().is_err()
}

/// `$NAME`, `${NAME}`, `$(command)`, `{name}`, `<name>`, `%NAME%`, and what is covered already.
fn is_placeholder(value: &str) -> bool {
    let mut letters = value.chars();
    let (first, second) = (letters.next(), letters.next());
    match first {
        Some('$') => second.is_some_and(|letter| letter.is_ascii_alphabetic() || matches!(letter, '{' | '(' | '_')),
        Some('{') => value.ends_with('}'),
        Some('<') => value.ends_with('>'),
        Some('%') => {
            let name = value[1..].strip_suffix('%');
            name.is_some_and(|name| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'))
        }
        Some('`') => true,
        _ => value.chars().all(|letter| matches!(letter, '*' | 'X' | 'x' | '.')),
    }
}

/// Whether a key is called like something secret. Where a secret is found may be said.
pub fn names_secret(key: &str) -> bool {
    const WORDS: [&str; 10] = [
        "password",
        "passwd",
        "passphrase",
        "secret",
        "token",
        "apikey",
        "api_key",
        "accesskey",
        "access_key",
        "private_key",
    ];
    const PLACES: [&str; 7] = ["file", "path", "command", "ref", "env", "name", "id"];
    let key = key.trim_start_matches('-').to_ascii_lowercase().replace('-', "_");
    if key.rsplit('_').next().is_some_and(|last| PLACES.contains(&last)) {
        return false;
    }
    WORDS.iter().any(|word| key.contains(word)) || (6..=10).contains(&key.len()) && misspelt(&key)
}

fn misspelt(key: &str) -> bool {
    key.starts_with('p') && strsim::damerau_levenshtein(key, "password") <= 2
}
