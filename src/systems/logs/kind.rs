//! How bad a line of a log is, by the words that servers and libraries use.

use serde_json::Value;

use super::line::Level;

/// How far into a line its level stands.
const WITHIN: usize = 160;

/// Words in capitals, as most write them.
const LOUD: [(&str, Level); 19] = [
    ("FATAL", Level::Error),
    ("PANIC", Level::Error),
    ("EMERG", Level::Error),
    ("ALERT", Level::Error),
    ("CRITICAL", Level::Error),
    ("CRIT", Level::Error),
    ("SEVERE", Level::Error),
    ("ERROR", Level::Error),
    ("ERR", Level::Error),
    ("WARNING", Level::Warning),
    ("WARN", Level::Warning),
    ("NOTICE", Level::Info),
    ("INFO", Level::Info),
    ("LOG", Level::Info),
    ("STATEMENT", Level::Info),
    ("HINT", Level::Info),
    ("DETAIL", Level::Info),
    ("DEBUG", Level::Debug),
    ("TRACE", Level::Debug),
];

/// What begins a report of what nobody caught.
const UNCAUGHT: [&str; 5] =
    ["Traceback (most recent call last)", "panicked at", "Uncaught ", "Unhandled ", "Exception in"];

/// What is said where a database makes trouble.
const DATABASE: [&str; 24] = [
    "postgres",
    "psycopg",
    "pq: ",
    "sqlstate",
    "sqlalchemy",
    "sql error",
    "jdbc",
    "database",
    "db error",
    "deadlock",
    "duplicate key",
    "violates ",
    "foreign key",
    "could not read block",
    "invalid page",
    "could not connect to server",
    "too many clients",
    "too many connections",
    "relation \"",
    "column \"",
    "mysql",
    "mariadb",
    "mongo",
    "ora-0",
];

/// The level that a line states first.
pub(super) fn of_line(line: &str) -> Level {
    // What is indented goes on with what was said before.
    if line.starts_with([' ', '\t']) {
        return Level::Unknown;
    }
    let end = (0..=WITHIN.min(line.len())).rev().find(|end| line.is_char_boundary(*end)).unwrap_or(0);
    let head = &line[..end];
    let stated = words(head).find_map(|(at, word)| of_word(head, at, word));
    stated.unwrap_or_else(
        || if UNCAUGHT.iter().any(|words| head.contains(words)) { Level::Error } else { Level::Unknown },
    )
}

/// The level as a value of JSON: a word, or a number as pino and bunyan write it.
pub(super) fn of_value(value: &Value) -> Level {
    match value {
        Value::String(word) => {
            let word = word.to_ascii_uppercase();
            LOUD.iter().find(|(loud, _)| *loud == word).map_or(Level::Unknown, |(_, level)| *level)
        }
        Value::Number(number) => match number.as_u64() {
            Some(50..) => Level::Error,
            Some(40..50) => Level::Warning,
            Some(30..40) => Level::Info,
            Some(10..30) => Level::Debug,
            _ => Level::Unknown,
        },
        _ => Level::Unknown,
    }
}

/// The priority of syslog and the journal.
pub(super) fn of_priority(priority: u8) -> Level {
    match priority {
        0..=3 => Level::Error,
        4 => Level::Warning,
        5 | 6 => Level::Info,
        _ => Level::Debug,
    }
}

/// Whether it tells of trouble with a database.
pub(super) fn is_about_databases(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    DATABASE.iter().any(|words| text.contains(words))
}

fn words(head: &str) -> impl Iterator<Item = (usize, &str)> {
    head.split(|letter: char| !letter.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(move |word| (word.as_ptr().addr() - head.as_ptr().addr(), word))
}

/// In capitals anywhere; in small letters only where a level stands: in brackets, after `level=`, before a colon.
fn of_word(head: &str, at: usize, word: &str) -> Option<Level> {
    let upper = word.to_ascii_uppercase();
    let (_, level) = LOUD.iter().find(|(loud, _)| *loud == upper)?;
    let (before, after) = (&head[..at], &head[at + word.len()..]);
    let in_brackets = before.ends_with(['[', '<', '|']) && after.starts_with([']', '>', '|']);
    let assigned = before.ends_with("level=") || before.ends_with("lvl=") || before.ends_with("level=\"");
    let begins = before.trim_end().is_empty() && after.starts_with(':');
    (word == upper || in_brackets || assigned || begins).then_some(*level)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_level_is_found_where_servers_write_it() {
        for (line, level) in [
            ("ERROR:  relation \"agents\" does not exist at character 15", Level::Error),
            ("[4711] FATAL:  the database system is starting up", Level::Error),
            ("[4711] LOG:  checkpoint starting: time", Level::Info),
            ("[error] <0.412.0> closing AMQP connection", Level::Error),
            ("[info] <0.222.0> Server startup complete", Level::Info),
            ("level=error component=web msg=\"listen\"", Level::Error),
            ("level=warn msg=\"an ERROR was seen\"", Level::Warning),
            ("error: it broke", Level::Error),
            ("INFO 0 errors, 0 ERROR", Level::Info),
            ("there was an error in the request", Level::Unknown),
            ("Traceback (most recent call last):", Level::Error),
            ("    raise ValueError: ERROR", Level::Unknown),
            ("thread 'main' panicked at src/main.rs:1", Level::Error),
            ("", Level::Unknown),
        ] {
            assert_eq!(of_line(line), level, "{line}");
        }
    }

    #[test]
    fn a_long_line_of_odd_letters_is_cut_between_them() {
        assert_eq!(of_line(&"é".repeat(200)), Level::Unknown);
    }

    #[test]
    fn trouble_with_a_database_is_known_by_its_words() {
        assert!(is_about_databases("could not connect: SQLSTATE 57P03"));
        assert!(!is_about_databases("the cache refused the connection"));
    }
}
