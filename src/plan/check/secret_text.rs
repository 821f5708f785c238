//! What in a text is a secret. Nothing here repeats one.

use std::ops::Range;

use super::secret_programs::{after_colon, in_programs, may_call_programs, printed, shell_words};
use super::secret_shapes::{headers, tokens, webhooks};
use crate::plan::SecretRef;

/// Where the value of a key shows secrets.
pub fn in_value(key: &str, text: &str) -> Vec<Range<usize>> {
    if names_secret(key) && is_secret_value(text) {
        return std::iter::once(0..text.len()).collect();
    }
    let is_user = matches!(key, "user" | "username" | "login");
    let mut found = secrets_in(text);
    if let Some(password) = after_colon(text).filter(|_| is_user && found.is_empty()) {
        found.push(password);
    }
    found
}

/// Where the elements of a list, which may be the arguments of a program, show secrets. What is no
/// text is `None`.
pub fn in_list(texts: &[Option<&str>]) -> Vec<(usize, Range<usize>)> {
    let words: Vec<&str> = texts.iter().map(|text| text.unwrap_or_default()).collect();
    let mut found = in_programs(&words);
    let mut expects_value = false;
    for (index, word) in words.iter().enumerate() {
        if expects_value && !word.starts_with('-') && is_secret_value(word) {
            found.push((index, 0..word.len()));
        }
        found.extend(secrets_in(word).into_iter().map(|range| (index, range)));
        expects_value = takes_secret(word);
    }
    found.sort_by_key(|(index, range)| (*index, range.start));
    merged(found)
}

/// Where the program of a reference, `command:["..."]`, is given secrets, or prints them itself.
pub fn in_reference(argv: &[String]) -> Vec<(usize, Range<usize>)> {
    let words: Vec<&str> = argv.iter().map(String::as_str).collect();
    let mut found = in_list(&words.iter().copied().map(Some).collect::<Vec<_>>());
    found.extend(printed(&words));
    found.sort_by_key(|(index, range)| (*index, range.start));
    merged(found)
}

/// One within another is one.
fn merged(mut found: Vec<(usize, Range<usize>)>) -> Vec<(usize, Range<usize>)> {
    found.dedup_by(|next, last| {
        let overlaps = next.0 == last.0 && next.1.start < last.1.end;
        if overlaps {
            last.1.end = last.1.end.max(next.1.end);
        }
        overlaps
    });
    found
}

/// Where a text, a word or a whole line for a shell, shows secrets.
pub fn secrets_in(text: &str) -> Vec<Range<usize>> {
    if let Some(Ok(SecretRef::Command(argv))) = text.starts_with("command:").then(|| text.parse()) {
        let all = "command:".len()..text.len();
        return if in_reference(&argv).is_empty() { Vec::new() } else { std::iter::once(all).collect() };
    }
    let is_key = text.contains("-----BEGIN ") && text.contains("PRIVATE KEY");
    if is_key || text.contains("AGE-SECRET-KEY-1") {
        return std::iter::once(0..text.len()).collect();
    }
    let mut found: Vec<Range<usize>> = url_passwords(text).chain(assigned(text)).collect();
    found.extend(tokens(text).chain(webhooks(text)).chain(headers(text)));
    if may_call_programs(text) {
        given_to_programs(text, 0, &mut found);
    }
    found.sort_by_key(|range| range.start);
    merged(found.into_iter().map(|range| (0, range)).collect()).into_iter().map(|(_, range)| range).collect()
}

/// Passwords in a line for a shell, and in the lines that are quoted in it.
fn given_to_programs(line: &str, offset: usize, found: &mut Vec<Range<usize>>) {
    let places = shell_words(line);
    let words: Vec<&str> = places.iter().map(|place| &line[place.clone()]).collect();
    let within = |place: &Range<usize>, range: Range<usize>| {
        offset + place.start + range.start..offset + place.start + range.end
    };
    found.extend(in_programs(&words).into_iter().map(|(word, range)| within(&places[word], range)));
    for (word, place) in words.iter().zip(&places) {
        if word.len() < line.len() && word.contains(char::is_whitespace) {
            given_to_programs(word, offset + place.start, found);
        }
    }
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
    if !text.contains('=') && !text.contains("--") {
        return found;
    }
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
    let value = ["Bearer ", "Basic ", "Token "].iter().find_map(|scheme| value.strip_prefix(scheme)).unwrap_or(value);
    !value.is_empty()
        && !is_placeholder(value.trim())
        && match value.parse::<SecretRef>() {
            Ok(SecretRef::Command(argv)) => !in_reference(&argv).is_empty(),
            Ok(_) => false,
            Err(_) => true,
        }
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
        _ => value.chars().all(|letter| matches!(letter, '*' | 'X' | 'x' | '.' | '…' | '-')),
    }
}

/// Whether a key is called like something secret. Where a secret is found may be said.
pub fn names_secret(key: &str) -> bool {
    const WORDS: [&str; 14] = [
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
        "authorization",
        "requirepass",
        "masterauth",
        "rediscli_auth",
    ];
    const PLACES: [&str; 7] = ["file", "path", "command", "ref", "env", "name", "id"];
    let key = key.trim_start_matches('-').to_ascii_lowercase().replace('-', "_");
    if key.rsplit('_').next().is_some_and(|last| PLACES.contains(&last)) {
        return false;
    }
    let is_short = key == "pass" || key.ends_with("_pass") || key.ends_with("_pwd");
    is_short || WORDS.iter().any(|word| key.contains(word)) || (6..=10).contains(&key.len()) && misspelt(&key)
}

fn misspelt(key: &str) -> bool {
    key.starts_with('p') && strsim::damerau_levenshtein(key, "password") <= 2
}
