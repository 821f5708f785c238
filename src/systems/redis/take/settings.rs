//! The users of a server and its settings, as files that it reads again.

use std::fmt::Write;

use crate::plan::types::Component;
use crate::systems::contact::Contact;
use crate::systems::redis::session::{Questions, is_forbidden};
use crate::systems::redis::trouble::{asking, quoted};
use crate::systems::take::TakeError;
use crate::systems::tee::of_bytes;
use crate::vault::{Account, Keeper, Piece, Sort, recipe};

use super::server::Server;

/// Settings that are secrets, or that lead elsewhere where they are restored.
const LEFT_OUT: [&str; 7] = [
    "requirepass",
    "masterauth",
    "masteruser",
    "tls-key-file-pass",
    "tls-client-key-file-pass",
    "replicaof",
    "slaveof",
];

/// Takes what the login may see of both; what it may not is told.
pub async fn take<K: Keeper>(
    component: &Component,
    with: &Contact<'_>,
    into: &mut K,
    account: &mut Account,
) -> Result<(), TakeError> {
    let mut session = Server::open(component, with).await?.session;
    let questions = Questions::new().ask(&["ACL", "LIST"]).ask(&["CONFIG", "GET", "*"]);
    let answers = session.ask(&questions).await;
    let answers = answers.map_err(|error| asking(component, &error, &session).into_error(component))?;
    let mut left_out = |what: &str, error: &redis::RedisError| {
        let why = if is_forbidden(error) {
            "the login may not ask for them".to_owned()
        } else {
            quoted(error.detail().unwrap_or_default())
        };
        account.left_out.push(format!("the {what}: {why}"));
    };
    let users = answers.value(0).map(|_| answers.words(0));
    match users {
        Ok(users) => {
            let text = users.iter().fold(String::new(), |text, user| text + user + "\n");
            let piece = Piece { restore: recipe::USERS.into(), ..piece("acl") };
            let kept = into.keep(piece, of_bytes(text)).await;
            kept.map_err(|error| TakeError::not_kept(component, "users", error))?;
        }
        Err(error) => left_out("users (ACL LIST)", error),
    }
    match answers.value(1).map(|_| answers.words(1)) {
        Ok(settings) => {
            let kept = into.keep(piece("conf"), of_bytes(lines(&settings))).await;
            kept.map_err(|error| TakeError::not_kept(component, "settings", error))?;
        }
        Err(error) => left_out("settings (CONFIG GET)", error),
    }
    Ok(())
}

fn piece(format: &'static str) -> Piece {
    Piece { sort: Sort::Settings, format, is_packed: false, is_secret: false, restore: recipe::SETTINGS.into() }
}

/// Names and values as lines of a configuration; what is a secret is only named.
fn lines(settings: &[String]) -> String {
    let mut text = String::new();
    for pair in settings.chunks_exact(2) {
        let (name, value) = (&pair[0], &pair[1]);
        let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if LEFT_OUT.contains(&name.as_str()) || !is_name {
            let _ = writeln!(text, "# {} is left out", quoted(name));
        } else {
            let _ = writeln!(text, "{name} {}", word(value));
        }
    }
    text
}

/// A value as one word of a configuration.
fn word(value: &str) -> String {
    let mut word = String::from("\"");
    for letter in value.chars() {
        match letter {
            '"' | '\\' => word.extend(['\\', letter]),
            '\n' => word.push_str("\\n"),
            '\r' => word.push_str("\\r"),
            '\t' => word.push_str("\\t"),
            _ => word.push(letter),
        }
    }
    word + "\""
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_named_and_not_told() {
        let pairs = ["requirepass", "hunter2", "save", "3600 1", "notify", "a\"b\\\n", "masterauth", ""];
        let text = lines(&pairs.map(str::to_owned));
        assert_eq!(
            text,
            "# requirepass is left out\nsave \"3600 1\"\nnotify \"a\\\"b\\\\\\n\"\n# masterauth is left out\n"
        );
    }
}
