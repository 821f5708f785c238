//! What a broker is set up to be, as it exports it: read in a stream, and counted. No more than one name is held at a
//! time.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{BufReader, Read};

use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, de};

use super::{Look, many};
use crate::vault::Account;

/// What is told of an export of everything.
const TOLD: [(&str, &str); 5] = [
    ("queues", "queue"),
    ("exchanges", "exchange"),
    ("bindings", "binding"),
    ("users", "user"),
    ("vhosts", "virtual host"),
];

/// An export of everything, or of the queues alone: how many of each part it has.
struct Definitions {
    is_list: bool,
    parts: BTreeMap<String, u64>,
}

pub(super) fn look_through(file: impl Read, expected: Option<&Account>) -> Look {
    let mut json = serde_json::Deserializer::from_reader(BufReader::with_capacity(128 * 1024, file));
    let read = Definitions::deserialize(&mut json).and_then(|read| json.end().map(|()| read));
    match read {
        Ok(read) if !read.parts.contains_key("queues") => Look::flawed("it holds no definitions of a broker"),
        Ok(read) => match expected.and_then(|account| read.differs(account)) {
            Some(why) => Look::flawed(why),
            None => Look::whole(read.told()),
        },
        Err(error) if error.is_io() || error.is_eof() => Look::flawed(format!("it ends too early: {error}")),
        Err(error) if error.is_syntax() => Look::flawed(format!("it is no JSON: {error}")),
        Err(_) => Look::flawed("it holds no definitions of a broker"),
    }
}

impl Definitions {
    fn of(&self, part: &str) -> u64 {
        self.parts.get(part).copied().unwrap_or(0)
    }

    /// What is not as it was counted when it was taken. Beside a list of queues also their messages were.
    fn differs(&self, account: &Account) -> Option<String> {
        let mut counted = account.counts.iter().filter(|(part, _)| !self.is_list || *part == "queues");
        let (part, count) = counted.find(|(part, count)| self.of(part) != **count)?;
        Some(format!("it holds {} {part}, and {count} were taken", self.of(part)))
    }

    fn told(&self) -> String {
        let told = if self.is_list { &TOLD[..1] } else { &TOLD };
        let told: Vec<String> = told.iter().map(|(part, what)| many(self.of(part), what)).collect();
        told.join(", ")
    }
}

impl<'de> Deserialize<'de> for Definitions {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Definitions, D::Error> {
        json.deserialize_any(All)
    }
}

struct All;

impl<'de> Visitor<'de> for All {
    type Value = Definitions;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the definitions of a broker")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Definitions, A::Error> {
        Ok(Definitions { is_list: true, parts: [("queues".to_owned(), count(items)?)].into() })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Definitions, A::Error> {
        let mut parts = BTreeMap::new();
        while let Some(name) = map.next_key::<String>()? {
            if let Part(Some(count)) = map.next_value()? {
                parts.insert(name, count);
            }
        }
        Ok(Definitions { is_list: false, parts })
    }
}

/// How many there are of something, if it is a list.
struct Part(Option<u64>);

impl<'de> Deserialize<'de> for Part {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Part, D::Error> {
        json.deserialize_any(OfPart).map(Part)
    }
}

struct OfPart;

impl<'de> Visitor<'de> for OfPart {
    type Value = Option<u64>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a part of definitions")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Option<u64>, A::Error> {
        count(items).map(Some)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Option<u64>, A::Error> {
        IgnoredAny::deserialize(de::value::MapAccessDeserializer::new(map)).map(|_| None)
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Option<u64>, E> {
        Ok(None)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Option<u64>, E> {
        Ok(None)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Option<u64>, E> {
        Ok(None)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Option<u64>, E> {
        Ok(None)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Option<u64>, E> {
        Ok(None)
    }

    fn visit_unit<E: Error>(self) -> Result<Option<u64>, E> {
        Ok(None)
    }
}

fn count<'de, A: SeqAccess<'de>>(mut items: A) -> Result<u64, A::Error> {
    let mut count = 0;
    while items.next_element::<IgnoredAny>()?.is_some() {
        count += 1;
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_must_be_what_a_broker_exports() {
        let all = br#"{"rabbit_version":"3.10.8","queues":[{"name":"a"}],"users":[{}],"x":{"y":[1,null]},"z":-1.5,
            "vhosts":[{},{}],"n":null,"b":true,"u":7,"i":-7}"#;
        let Look::Whole(holds) = look_through(all.as_slice(), None) else { panic!() };
        assert_eq!(holds, "1 queue, 0 exchanges, 0 bindings, 1 user, 2 virtual hosts");
        assert!(matches!(look_through(b"[]".as_slice(), None), Look::Whole(_)));
        for not in [b"{}".as_slice(), b"", b"{\"queues\":[", b"null", b"{\"queues\":7}", b"[] []"] {
            assert!(matches!(look_through(not, None), Look::Flawed(_)), "{not:?}");
        }
        for at in 0..all.len() {
            assert!(matches!(look_through(&all[..at], None), Look::Flawed(_)), "cut off at {at}");
        }
    }

    #[test]
    fn it_must_hold_what_was_counted_when_it_was_taken() {
        let account = |counts: &[(&str, u64)]| Account {
            counts: counts.iter().map(|(part, count)| ((*part).to_owned(), *count)).collect(),
            ..Account::default()
        };
        let all = br#"{"queues":[{"name":"a"},{"name":"b"}],"policies":[],"parameters":[{}]}"#.as_slice();
        let told = account(&[("queues", 2), ("policies", 0), ("parameters", 1)]);
        assert!(matches!(look_through(all, Some(&told)), Look::Whole(_)));
        for (part, count) in [("queues", 3), ("parameters", 2), ("users", 1)] {
            let look = look_through(all, Some(&account(&[(part, count)])));
            assert!(matches!(&look, Look::Flawed(why) if why.contains(part)), "{part}: {look:?}");
        }
        let list = account(&[("queues", 2), ("messages", 70), ("consumers", 1)]);
        assert!(matches!(look_through(b"[{},{}]".as_slice(), Some(&list)), Look::Whole(_)));
        assert!(matches!(look_through(b"[{}]".as_slice(), Some(&list)), Look::Flawed(_)));
    }
}
