//! Definitions as a broker exports them: read in a stream, counted, and written again without what is not wanted. No
//! more than one queue or binding of them is held at a time.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::io::{Read, Write};

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

/// What every export of a whole broker has.
const PARTS: [&str; 7] = ["vhosts", "users", "permissions", "policies", "queues", "exchanges", "bindings"];

/// What was in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// How many of each part.
    pub parts: BTreeMap<String, u64>,
}

impl Counts {
    /// How many there are of a part.
    pub fn of(&self, part: &str) -> u64 {
        self.parts.get(part).copied().unwrap_or(0)
    }
}

/// Reads all of it, and writes what belongs to these virtual hosts, or to none; all if there are none.
pub fn read(from: impl Read, vhosts: &[String], into: impl Write) -> Result<Counts, String> {
    let writing = Writing { vhosts, into: RefCell::new(into), counts: RefCell::default() };
    let mut json = serde_json::Deserializer::from_reader(std::io::BufReader::with_capacity(128 * 1024, from));
    let ended = Whole(&writing).deserialize(&mut json).and_then(|()| json.end());
    ended.map_err(|error| match error.classify() {
        serde_json::error::Category::Eof => "they end too early".to_owned(),
        _ => error.to_string(),
    })?;
    let counts = writing.counts.into_inner();
    match PARTS.iter().find(|part| !counts.parts.contains_key(**part)) {
        Some(part) => Err(format!("they have no {part}")),
        None => Ok(counts),
    }
}

struct Writing<'a, W> {
    vhosts: &'a [String],
    into: RefCell<W>,
    counts: RefCell<Counts>,
}

impl<W: Write> Writing<'_, W> {
    fn put<E: Error>(&self, text: &str) -> Result<(), E> {
        self.into.borrow_mut().write_all(text.as_bytes()).map_err(E::custom)
    }

    fn value<E: Error>(&self, value: &Value) -> Result<(), E> {
        serde_json::to_writer(&mut *self.into.borrow_mut(), value).map_err(E::custom)
    }

    fn wants(&self, part: &str, item: &Value) -> bool {
        let vhost = item.get(if part == "vhosts" { "name" } else { "vhost" }).and_then(Value::as_str);
        self.vhosts.is_empty() || vhost.is_none_or(|vhost| self.vhosts.iter().any(|wanted| wanted == vhost))
    }
}

struct Whole<'a, 'b, W>(&'a Writing<'b, W>);

impl<'de, W: Write> DeserializeSeed<'de> for Whole<'_, '_, W> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de, W: Write> Visitor<'de> for Whole<'_, '_, W> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the definitions of a broker")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        self.0.put("{")?;
        let mut is_first = true;
        while let Some(name) = map.next_key::<String>()? {
            self.0.put(if std::mem::take(&mut is_first) { "\n" } else { ",\n" })?;
            self.0.value(&Value::from(name.as_str()))?;
            self.0.put(":")?;
            map.next_value_seed(Part { name: &name, of: self.0 })?;
        }
        self.0.put("\n}\n")
    }
}

struct Part<'a, 'b, W> {
    name: &'a str,
    of: &'a Writing<'b, W>,
}

impl<'de, W: Write> DeserializeSeed<'de> for Part<'_, '_, W> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de, W: Write> Visitor<'de> for Part<'_, '_, W> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the {} of a broker", self.name)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        self.of.put("[")?;
        let mut count = 0_u64;
        while let Some(item) = items.next_element::<Value>()? {
            if self.of.wants(self.name, &item) {
                self.of.put(if count == 0 { "\n" } else { ",\n" })?;
                self.of.value(&item)?;
                count += 1;
            }
        }
        self.of.counts.borrow_mut().parts.insert(self.name.to_owned(), count);
        self.of.put("]")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        self.of.value(&Value::deserialize(MapAccessDeserializer::new(map))?)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.of.value(&Value::from(text))
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<(), E> {
        self.of.value(&Value::from(flag))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<(), E> {
        self.of.value(&Value::from(number))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<(), E> {
        self.of.value(&Value::from(number))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<(), E> {
        self.of.value(&Value::from(number))
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.of.value(&Value::Null)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXPORT: &str = r#"{"rabbit_version":"3.10.8","users":[{"name":"a"}],"vhosts":[{"name":"/"},{"name":"b"}],
        "permissions":[{"user":"a","vhost":"/"},{"user":"a","vhost":"b"}],"policies":[],
        "queues":[{"name":"q","vhost":"/"},{"name":"r","vhost":"b"}],"exchanges":[],"bindings":[],"x":{"y":[1,null]}}"#;

    fn through(export: &str, vhosts: &[&str]) -> Result<(Counts, Value), String> {
        let vhosts: Vec<String> = vhosts.iter().map(|name| (*name).to_owned()).collect();
        let mut written = Vec::new();
        let counts = read(export.as_bytes(), &vhosts, &mut written)?;
        Ok((counts, serde_json::from_slice(&written).unwrap()))
    }

    #[test]
    fn it_says_the_same_again() {
        let (counts, written) = through(EXPORT, &[]).unwrap();
        assert_eq!(written, serde_json::from_str::<Value>(EXPORT).unwrap());
        assert_eq!([counts.of("vhosts"), counts.of("queues"), counts.of("policies")], [2, 2, 0]);
    }

    #[test]
    fn only_what_is_wanted_stays_and_users_belong_to_all() {
        let (counts, written) = through(EXPORT, &["b"]).unwrap();
        assert_eq!(written["queues"], serde_json::json!([{"name": "r", "vhost": "b"}]));
        assert_eq!(written["vhosts"], serde_json::json!([{"name": "b"}]));
        assert_eq!([counts.of("users"), counts.of("permissions")], [1, 1]);
    }

    #[test]
    fn half_of_it_is_not_taken_for_all() {
        for at in 0..EXPORT.len() - 1 {
            assert!(through(&EXPORT[..at], &[]).is_err(), "cut off at {at}");
        }
        for not in ["[]", "{}", "null", &EXPORT.replace("\"users\"", "\"usurs\""), &format!("{EXPORT} x")] {
            assert!(through(not, &[]).is_err(), "{not}");
        }
    }
}
