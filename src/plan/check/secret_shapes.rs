//! Secrets that are known by their own look, wherever they stand: tokens, webhooks, headers of HTTP.

use std::ops::Range;

use super::secret_text::{is_secret_value, names_secret};

/// How tokens of well-known services begin, and the fewest letters after that.
const TOKENS: [(&str, usize); 25] = [
    ("xoxb-", 8),
    ("xoxp-", 8),
    ("xoxa-", 8),
    ("xoxr-", 8),
    ("xoxs-", 8),
    ("xoxe-", 8),
    ("xapp-", 8),
    ("ghp_", 16),
    ("gho_", 16),
    ("ghu_", 16),
    ("ghs_", 16),
    ("ghr_", 16),
    ("github_pat_", 16),
    ("glpat-", 12),
    ("sk_live_", 12),
    ("rk_live_", 12),
    ("sk-ant-", 16),
    ("sk-proj-", 16),
    ("AIza", 30),
    ("hvs.", 16),
    ("npm_", 24),
    ("dop_v1_", 24),
    ("SG.", 30),
    ("eyJhbGciOi", 24),
    ("shpat_", 24),
];

/// No token is shorter.
const SHORTEST: usize = 8;

/// What stands before the secret part of a webhook's URL.
const WEBHOOKS: [&str; 9] = [
    "hooks.slack.com/services/",
    "hooks.slack.com/workflows/",
    "hooks.slack.com/triggers/",
    "discord.com/api/webhooks/",
    "discordapp.com/api/webhooks/",
    ".webhook.office.com/webhookb2/",
    "outlook.office.com/webhook/",
    "hooks.zapier.com/hooks/catch/",
    "api.telegram.org/bot",
];

fn ends(letter: char) -> bool {
    letter.is_whitespace() || matches!(letter, '"' | '\'' | '`' | '?' | '#' | '>' | ')' | ']' | '}' | ',' | ';' | '\\')
}

/// Tokens that begin as those of a well-known service do. A plan has thousands of texts, so only where a word
/// begins is looked at more closely.
pub fn tokens(text: &str) -> impl Iterator<Item = Range<usize>> {
    let bytes = text.as_bytes();
    let is_inside = |at: usize| at > 0 && (bytes[at - 1].is_ascii_alphanumeric() || bytes[at - 1] == b'_');
    let begins = move |at: &usize| bytes[*at].is_ascii_alphanumeric() && !is_inside(*at);
    (0..bytes.len().saturating_sub(SHORTEST)).filter(begins).filter_map(move |at| {
        let (begin, fewest) = TOKENS.iter().find(|(begin, _)| bytes[at..].starts_with(begin.as_bytes()))?;
        let rest = &text[at + begin.len()..];
        let letters = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.');
        let length = rest.find(|letter| !letters(letter)).unwrap_or(rest.len());
        (length >= *fewest && is_secret_value(&rest[..length])).then_some(at..at + begin.len() + length)
    })
}

/// The part of a webhook's URL that lets anybody post.
pub fn webhooks(text: &str) -> impl Iterator<Item = Range<usize>> {
    let hosts = if text.contains('/') { &WEBHOOKS[..] } else { &[] };
    hosts.iter().flat_map(move |host| {
        text.match_indices(host).filter_map(move |(at, _)| {
            let start = at + host.len();
            let rest = &text[start..];
            let is_telegram = host.ends_with("/bot");
            let end = rest.find(|letter| ends(letter) || (is_telegram && letter == '/')).unwrap_or(rest.len());
            let path = rest[..end].trim_end_matches('/');
            let last = path.rsplit(['/', ':']).next().unwrap_or(path);
            (is_secret_value(last) && !last.starts_with(['<', '{', '$'])).then_some(start..start + path.len())
        })
    })
}

/// `Authorization: Bearer SECRET`, `X-Api-Key: SECRET`, and `password: SECRET` where nothing else stands.
pub fn headers(text: &str) -> Vec<Range<usize>> {
    const SCHEMES: [&str; 5] = ["bearer", "basic", "token", "digest", "apikey"];
    let mut found = Vec::new();
    if !text.contains(':') {
        return found;
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    for (index, word) in words.iter().enumerate() {
        let Some((name, glued)) = word.split_once(':') else { continue };
        let name = name.trim_matches(['"', '\'', '[', '{', ',']);
        let is_name = name.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_'));
        if !is_name || !names_secret(name) {
            continue;
        }
        let is_header = name.contains('-') && !name.starts_with('-');
        let next = |skipped: usize| words.get(index + skipped).copied();
        let follows = if glued.is_empty() { next(1) } else { Some(glued) };
        let Some(value) = follows else { continue };
        let is_scheme = SCHEMES.contains(&value.to_ascii_lowercase().as_str());
        let value = if is_scheme { next(if glued.is_empty() { 2 } else { 1 }) } else { Some(value) };
        let is_alone = index == 0 && words.len() == 2;
        let is_port = |value: &str| value.starts_with("//") || value.chars().all(|letter| letter.is_ascii_digit());
        if let Some(value) = value.map(|value| value.trim_end_matches(['"', '\'', ',', ']', '}']))
            && (is_scheme || is_alone || is_header)
            && (glued.is_empty() || !is_port(value))
            && is_secret_value(value)
        {
            let start = value.as_ptr().addr() - text.as_ptr().addr();
            found.push(start..start + value.len());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        let ranges = tokens(text).chain(webhooks(text)).chain(headers(text));
        ranges.map(|range| &text[range]).collect()
    }

    #[test]
    fn what_looks_like_a_secret_is_one() {
        for (text, secret) in [
            ("Authorization: Bearer geheim", "geheim"),
            ("curl -H 'Authorization: Basic Z2VoZWlt' https://h", "Z2VoZWlt"),
            ("X-Api-Key:geheim", "geheim"),
            ("password: geheim", "geheim"),
            ("https://hooks.slack.com/services/T012/B034/geheim", "T012/B034/geheim"),
            ("https://api.telegram.org/bot123:ABCdef/sendMessage?chat_id=1", "123:ABCdef"),
            ("the token is xoxb-123456789-abcdef, they say", "xoxb-123456789-abcdef"),
        ] {
            assert_eq!(found(text), [secret], "{text}");
        }
    }

    #[test]
    fn plain_words_and_placeholders_are_none() {
        for text in [
            "Authorization: Bearer $TOKEN",
            "the authorization: ask the CIO for it",
            "the password: it lies in the safe",
            "https://hooks.slack.com/services/T.../B.../XXXX",
            "https://hooks.example.com/backups/daily",
            "https://api.telegram.org/bot<token>/sendMessage",
            "tokens begin with xoxb- or ghp_",
            "db-token:5432",
        ] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
    }
}
