//! Finding a value in a plan's JSON by names, and holding it against what is expected.
//!
//! A path is `component.postgres.rto`: in a list, a part picks the one entry of that name, level,
//! severity, role, store or subject; `of=local,by=002` picks by keys; `*` goes on with every entry.

use serde_json::{Value, json};

/// What a value must be.
#[derive(Debug)]
pub enum Expected {
    /// This text.
    Text(&'static str),
    /// This number.
    Number(f64),
    /// Yes or no.
    Flag(bool),
    /// These texts, in this order.
    Texts(&'static [&'static str]),
    /// These numbers, in this order.
    Numbers(&'static [f64]),
    /// A list with this text in it.
    Has(&'static str),
    /// A list of so many.
    Count(usize),
    /// Not there, of something that is.
    Nothing,
}

const IDENTITIES: [&str; 6] = ["name", "level", "severity", "role", "store", "of"];

/// Why the value at `path` is not what is expected.
pub fn holds(plan: &Value, path: &str, expected: &Expected) -> Result<(), String> {
    if let Expected::Nothing = expected {
        let (parent, leaf) = path.rsplit_once('.').ok_or("is no path")?;
        let of = find(plan, parent)?;
        return if of.get(leaf).is_none_or(Value::is_null) { Ok(()) } else { Err(format!("is {}", of[leaf])) };
    }
    let value = find(plan, path)?;
    let fits = match expected {
        Expected::Text(text) => value == json!(text),
        Expected::Number(number) => value.as_f64() == Some(*number),
        Expected::Flag(flag) => value == json!(flag),
        Expected::Texts(texts) => value == json!(texts),
        Expected::Numbers(numbers) => value
            .as_array()
            .is_some_and(|values| values.iter().map(Value::as_f64).eq(numbers.iter().map(|number| Some(*number)))),
        Expected::Has(text) => value.as_array().is_some_and(|values| values.contains(&json!(text))),
        Expected::Count(count) => value.as_array().is_some_and(|values| values.len() == *count),
        Expected::Nothing => false,
    };
    if fits { Ok(()) } else { Err(format!("is {value}, not {expected:?}")) }
}

/// The value at the path.
fn find(value: &Value, path: &str) -> Result<Value, String> {
    if path.is_empty() {
        return Ok(value.clone());
    }
    let (part, rest) = path.split_once('.').unwrap_or((path, ""));
    match value {
        Value::Array(entries) if part == "*" => entries.iter().map(|entry| find(entry, rest)).collect(),
        Value::Array(entries) => match entries.iter().filter(|entry| picks(part, entry)).collect::<Vec<_>>()[..] {
            [entry] => find(entry, rest),
            ref several => Err(format!("leads to {} entries at {part:?}", several.len())),
        },
        _ => find(value.get(part).ok_or_else(|| format!("has nothing at {part:?}"))?, rest),
    }
}

fn picks(part: &str, entry: &Value) -> bool {
    let says = |key: &str, wanted: &str| match &entry[key] {
        Value::String(text) => text == wanted,
        Value::Number(number) => number.to_string() == wanted,
        _ => false,
    };
    if part.contains('=') {
        part.split(',').all(|pair| pair.split_once('=').is_some_and(|(key, wanted)| says(key, wanted)))
    } else {
        IDENTITIES.iter().find(|key| entry.get(key).is_some()).is_some_and(|key| says(key, part))
    }
}

/// Puts another value at the path; whether it leads anywhere.
pub fn spoil(value: &mut Value, path: &str) -> bool {
    let (part, rest) = path.split_once('.').unwrap_or((path, ""));
    let next = match value {
        Value::Array(entries) if part == "*" => entries.first_mut(),
        Value::Array(entries) => entries.iter_mut().find(|entry| picks(part, entry)),
        Value::Object(object) if rest.is_empty() => {
            object.insert(part.to_owned(), json!("something else"));
            return true;
        }
        _ => value.get_mut(part),
    };
    match next {
        Some(entry) if rest.is_empty() => {
            *entry = json!("something else");
            true
        }
        Some(entry) => spoil(entry, rest),
        None => false,
    }
}

#[test]
fn a_path_finds_by_name_and_never_guesses() {
    let plan = json!({ "job": [{ "name": "a", "n": 1 }, { "name": "b", "n": 2 }, { "name": "b", "n": 3 }] });
    assert_eq!(find(&plan, "job.a.n"), Ok(json!(1)));
    assert_eq!(find(&plan, "job.*.n"), Ok(json!([1, 2, 3])));
    assert_eq!(find(&plan, "job.name=b,n=3.n"), Ok(json!(3)));
    for astray in ["job.b.n", "job.c.n", "job.a.m", "task.a"] {
        assert!(find(&plan, astray).is_err(), "{astray}");
    }
    assert!(holds(&plan, "job.a.m", &Expected::Nothing).is_ok());
    assert!(holds(&plan, "job.c.m", &Expected::Nothing).is_err());
}
