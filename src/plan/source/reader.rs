//! Reads the plan's types out of its tree, going on after each mistake.
//!
//! Serde stops at the first error. So the value that caused it is left out and the tree is read
//! again, until what remains can be read; unknown keys are noted on the way.

use std::cell::RefCell;
use std::collections::HashSet;
use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor};
use serde::forward_to_deserialize_any;

use super::expected;
use super::tree::{Entry, Node, Origin, Value};
use crate::plan::Finding;
use crate::plan::names::nearest;

/// Values that are read in all before giving up: under a second, and hundreds of mistakes in a plan
/// of ordinary size.
const MOST_WORK: usize = 10_000_000;

/// Reads a `T` as far as possible, and everything that is wrong with it.
pub fn read<T: de::DeserializeOwned>(root: &Node) -> (Option<T>, Vec<Finding>) {
    let state = State::default();
    for _ in 0..(MOST_WORK / root.count()).max(1) {
        match T::deserialize(Reader { node: root, state: &state }) {
            Ok(read) => return (Some(read), state.findings.into_inner()),
            Err(error) if error.noted => {}
            Err(error) => {
                state.note(root.origin, error);
                return (None, state.findings.into_inner());
            }
        }
    }
    let enough = Error::new("there are more mistakes than are worth a list".to_owned());
    state.note(root.origin, Error { mend: Some("mend these first, then look again".to_owned()), ..enough });
    (None, state.findings.into_inner())
}

#[derive(Default)]
struct State {
    findings: RefCell<Vec<Finding>>,
    /// Values that cannot be read. By address, because a list and its first table share their place.
    left_out: RefCell<HashSet<*const Node>>,
    unknown_keys: RefCell<HashSet<Origin>>,
}

impl State {
    fn is_left_out(&self, node: &Node) -> bool {
        self.left_out.borrow().contains(&std::ptr::from_ref(node))
    }

    fn leave_out(&self, node: &Node, error: Error) -> Error {
        if !error.noted {
            // A value that is there but wrong has been noted already; that it is now missing is no news.
            let follows = error.missing && has_left_out_value(self, node);
            if !follows {
                self.note(node.origin, error);
            }
            self.left_out.borrow_mut().insert(std::ptr::from_ref(node));
        }
        Error { noted: true, missing: false, message: String::new(), mend: None }
    }

    fn note(&self, origin: Origin, error: Error) {
        let rule = if error.missing { "missing-key" } else { "wrong-value" };
        self.findings.borrow_mut().push(
            Finding::error(rule, error.message)
                .at(origin, "")
                .because("a plan that is read differently from what was meant is worse than none")
                .mend(error.mend.unwrap_or_else(|| {
                    "correct it; `lifeboat plan schema` lists every key with its meaning".to_owned()
                })),
        );
    }

    fn note_unknown_key(&self, entry: &Entry, known: &[&str]) {
        if !self.unknown_keys.borrow_mut().insert(entry.key_origin) {
            return;
        }
        let mend = match nearest(&entry.key, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("known here are: {}", known.join(", ")),
        };
        self.findings.borrow_mut().push(
            Finding::error("unknown-key", format!("unknown key `{}`", entry.key))
                .at(entry.key_origin, "")
                .because("what stands under a misspelt key does not happen")
                .mend(mend),
        );
    }
}

fn has_left_out_value(state: &State, node: &Node) -> bool {
    matches!(&node.value, Value::Table(entries) if entries.iter().any(|entry| state.is_left_out(&entry.node)))
}

#[derive(Debug)]
struct Error {
    message: String,
    mend: Option<String>,
    missing: bool,
    noted: bool,
}

impl Error {
    fn new(message: String) -> Error {
        Error { message, mend: None, missing: false, noted: false }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

impl de::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Error {
        Error::new(message.to_string())
    }

    fn invalid_type(found: de::Unexpected<'_>, expected: &dyn de::Expected) -> Error {
        let found = said(&found);
        let expected = expected.to_string();
        let expected = expected::number(&expected).unwrap_or(&expected);
        Error::new(format!("here stands {found}, where {expected} belongs"))
    }

    fn invalid_value(found: de::Unexpected<'_>, expected: &dyn de::Expected) -> Error {
        <Error as de::Error>::invalid_type(found, expected)
    }

    fn missing_field(field: &'static str) -> Error {
        Error { missing: true, ..Error::new(format!("`{field}` is missing")) }
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Error {
        let near = nearest(variant, expected.iter().copied()).map(|near| format!("did you mean \"{near}\"? "));
        Error {
            mend: Some(format!("{}known are: {}", near.unwrap_or_default(), expected.join(", "))),
            ..Error::new(format!("\"{variant}\" is not known here"))
        }
    }
}

/// A value as the plan has it.
fn said(found: &de::Unexpected<'_>) -> String {
    match found {
        de::Unexpected::Map => "a table".to_owned(),
        de::Unexpected::Seq => "a list".to_owned(),
        de::Unexpected::Signed(number) => number.to_string(),
        de::Unexpected::Unsigned(number) => number.to_string(),
        de::Unexpected::Float(number) => number.to_string(),
        de::Unexpected::Bool(yes) => yes.to_string(),
        de::Unexpected::Str(text) => format!("the text {text:?}"),
        other => other.to_string(),
    }
}

#[derive(Clone, Copy)]
struct Reader<'t> {
    node: &'t Node,
    state: &'t State,
}

impl<'de> Deserializer<'de> for Reader<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match &self.node.value {
            Value::Table(entries) => {
                visitor.visit_map(Entries { rest: entries.iter(), value: None, state: self.state })
            }
            Value::Array(nodes) => visitor.visit_seq(Elements { rest: nodes.iter(), state: self.state }),
            Value::Text(text) | Value::Date(text) => visitor.visit_str(text),
            Value::Integer(number) => visitor.visit_i64(*number),
            Value::Float(number) => visitor.visit_f64(*number),
            Value::Boolean(yes) => visitor.visit_bool(*yes),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        if let Value::Table(entries) = &self.node.value {
            for entry in entries.iter().filter(|entry| !fields.contains(&entry.key.as_str())) {
                self.state.note_unknown_key(entry, fields);
            }
        } else if matches!(self.node.value, Value::Array(_)) {
            return Err(Error::new("here stands a list, where a table belongs".to_owned()));
        }
        self.deserialize_any(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match &self.node.value {
            Value::Text(text) => visitor.visit_enum(Word(text)),
            _ => Err(Error::new("here a word in quotes belongs".to_owned())),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map identifier ignored_any
    }
}

struct Entries<'t> {
    rest: std::slice::Iter<'t, Entry>,
    value: Option<&'t Entry>,
    state: &'t State,
}

impl<'de> MapAccess<'de> for Entries<'_> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        let Some(entry) = self.rest.find(|entry| !self.state.is_left_out(&entry.node)) else { return Ok(None) };
        self.value = Some(entry);
        seed.deserialize(de::value::StrDeserializer::new(&entry.key)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        let entry = self.value.take().ok_or_else(|| Error::new("a value was asked for before its key".to_owned()))?;
        let node = &entry.node;
        seed.deserialize(Reader { node, state: self.state }).map_err(|error| {
            let told = expected::told(&entry.key, node).filter(|_| !error.noted && error.mend.is_none());
            let error = match told {
                Some((message, mend)) => Error { message, mend: Some(mend), ..error },
                None => error,
            };
            self.state.leave_out(node, error)
        })
    }
}

struct Elements<'t> {
    rest: std::slice::Iter<'t, Node>,
    state: &'t State,
}

impl<'de> SeqAccess<'de> for Elements<'_> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        let Some(node) = self.rest.find(|node| !self.state.is_left_out(node)) else { return Ok(None) };
        let read = seed.deserialize(Reader { node, state: self.state });
        read.map(Some).map_err(|error| self.state.leave_out(node, error))
    }
}

/// A variant of an enum, by its name alone.
struct Word<'t>(&'t str);

impl<'de> EnumAccess<'de> for Word<'_> {
    type Error = Error;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Error> {
        let variant = seed.deserialize(de::value::StrDeserializer::<Error>::new(self.0))?;
        Ok((variant, self))
    }
}

impl<'de> VariantAccess<'de> for Word<'_> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, _: T) -> Result<T::Value, Error> {
        Err(Error::new(format!("\"{}\" is not a plain word", self.0)))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, Error> {
        Err(Error::new(format!("\"{}\" is not a plain word", self.0)))
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], _: V) -> Result<V::Value, Error> {
        Err(Error::new(format!("\"{}\" is not a plain word", self.0)))
    }
}
