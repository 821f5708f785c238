//! What a broker is set up to be, as it exports it.

use std::io::{BufReader, Read};

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::{Look, many};

/// An export of everything, or of the queues alone.
#[derive(Deserialize)]
#[serde(untagged)]
enum Definitions {
    Queues(Vec<IgnoredAny>),
    All {
        queues: Vec<IgnoredAny>,
        #[serde(default)]
        exchanges: Vec<IgnoredAny>,
        #[serde(default)]
        bindings: Vec<IgnoredAny>,
        #[serde(default)]
        users: Vec<IgnoredAny>,
        #[serde(default)]
        vhosts: Vec<IgnoredAny>,
    },
}

pub(super) fn look_through(file: impl Read) -> Look {
    match serde_json::from_reader(BufReader::new(file)) {
        Ok(Definitions::Queues(queues)) => Look::whole(many(queues.len() as u64, "queue")),
        Ok(Definitions::All { queues, exchanges, bindings, users, vhosts }) => {
            let lists = [
                (queues.len(), "queue"),
                (exchanges.len(), "exchange"),
                (bindings.len(), "binding"),
                (users.len(), "user"),
                (vhosts.len(), "virtual host"),
            ];
            Look::whole(lists.map(|(count, what)| many(count as u64, what)).join(", "))
        }
        Err(error) if error.is_io() || error.is_eof() => Look::flawed(format!("it ends too early: {error}")),
        Err(error) if error.is_syntax() => Look::flawed(format!("it is no JSON: {error}")),
        Err(_) => Look::flawed("it holds no definitions of a broker"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_must_be_what_a_broker_exports() {
        let all = br#"{"queues":[{"name":"a"}],"users":[{}],"vhosts":[{},{}]}"#;
        let Look::Whole(holds) = look_through(all.as_slice()) else { panic!() };
        assert_eq!(holds, "1 queue, 0 exchanges, 0 bindings, 1 user, 2 virtual hosts");
        assert!(matches!(look_through(b"[]".as_slice()), Look::Whole(_)));
        for not in [b"{}".as_slice(), b"", b"{\"queues\":[", b"null", b"{\"queues\":7}", b"[] []"] {
            assert!(matches!(look_through(not), Look::Flawed(_)), "{not:?}");
        }
    }
}
