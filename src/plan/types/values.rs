//! Small values of the plan: percentages, limits, targets, and a time or a range of times.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::text::{Size, Span};

/// A share, written `99.95%`.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Percent(pub f64);

/// Why a text is not one of the plan's small values.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not {wanted}")]
pub struct ValueError {
    text: String,
    wanted: &'static str,
}

fn refuse<T>(text: &str, wanted: &'static str) -> Result<T, ValueError> {
    Err(ValueError { text: text.chars().take(60).collect(), wanted })
}

impl FromStr for Percent {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Percent, ValueError> {
        let number = text.trim().strip_suffix('%').and_then(|number| number.trim_end().parse::<f64>().ok());
        match number {
            Some(number) if number.is_finite() && number >= 0.0 => Ok(Percent(number)),
            _ => refuse(text, "a percentage; write it like 90% or 99.95%"),
        }
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}%", self.0)
    }
}

/// A threshold: a share, a length of time, an amount of data or a plain number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Limit {
    /// `90%`
    Percent(Percent),
    /// `30s`
    Span(Span),
    /// `4GB`
    Size(Size),
    /// `100`
    Number(f64),
}

impl FromStr for Limit {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Limit, ValueError> {
        let percent = text.parse().map(Limit::Percent).ok();
        let span = || text.parse().map(Limit::Span).ok();
        let size = || text.parse().map(Limit::Size).ok();
        let number = || text.trim().parse().ok().filter(|number: &f64| number.is_finite()).map(Limit::Number);
        let read = percent.or_else(span).or_else(size).or_else(number);
        read.map_or_else(|| refuse(text, "a limit; write it like 90%, 30s, 4GB or 100"), Ok)
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Limit::Percent(percent) => percent.fmt(f),
            Limit::Span(span) => span.fmt(f),
            Limit::Size(size) => size.fmt(f),
            Limit::Number(number) => number.fmt(f),
        }
    }
}

/// What a figure should be: a comparison and a value, written `<= 1h`, `>= 99.9%`, `100%`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Target {
    /// Which side of the value is good.
    pub compare: Compare,
    /// The value.
    pub value: Limit,
}

/// How a figure is held against its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compare {
    /// `<`
    Below,
    /// `<=`
    AtMost,
    /// `==`, or nothing
    Equal,
    /// `>=`
    AtLeast,
    /// `>`
    Above,
}

impl Compare {
    const SIGNS: [(Compare, &'static str); 5] = [
        (Compare::AtMost, "<="),
        (Compare::AtLeast, ">="),
        (Compare::Equal, "=="),
        (Compare::Below, "<"),
        (Compare::Above, ">"),
    ];
}

impl FromStr for Target {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Target, ValueError> {
        let text = text.trim();
        let found = Compare::SIGNS.iter().find_map(|(compare, sign)| Some((*compare, text.strip_prefix(sign)?)));
        let (compare, value) = found.unwrap_or((Compare::Equal, text));
        match value.trim().parse() {
            Ok(value) => Ok(Target { compare, value }),
            Err(_) => refuse(text, "a target; write it like <= 1h, >= 99.9% or 100%"),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = Compare::SIGNS.iter().find(|(compare, _)| *compare == self.compare).map_or("", |(_, sign)| *sign);
        match self.compare {
            Compare::Equal => self.value.fmt(f),
            _ => write!(f, "{sign} {}", self.value),
        }
    }
}

/// A length of time, or from one to another: `30min`, `1h to 12h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    /// The shortest.
    pub least: Span,
    /// The longest; plans count with it.
    pub most: Span,
}

impl FromStr for Times {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Times, ValueError> {
        const WANTED: &str = "a length of time or a range of them; write it like 30min or 1h to 12h";
        let (least, most) = text.split_once(" to ").unwrap_or((text, text));
        match (least.parse(), most.parse()) {
            (Ok(least), Ok(most)) if least <= most => Ok(Times { least, most }),
            _ => refuse(text, WANTED),
        }
    }
}

impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.least == self.most { self.least.fmt(f) } else { write!(f, "{} to {}", self.least, self.most) }
    }
}

/// Reads a text, or a bare number where the value may be one.
struct TextOrNumber<T>(std::marker::PhantomData<T>);

impl<T: FromStr<Err = ValueError>> Visitor<'_> for TextOrNumber<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text or a number")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<T, E> {
        number.to_string().parse().map_err(E::custom)
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<T, E> {
        number.to_string().parse().map_err(E::custom)
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<T, E> {
        number.to_string().parse().map_err(E::custom)
    }
}

/// Written as text in the plan and in JSON alike.
macro_rules! as_text {
    ($type:ident, $kinds:tt, $example:literal) => {
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<$type, D::Error> {
                deserializer.deserialize_any(TextOrNumber(std::marker::PhantomData))
            }
        }

        impl schemars::JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": $kinds, "examples": [$example] })
            }
        }
    };
}

as_text!(Percent, ["string"], "99.95%");
as_text!(Limit, ["string", "number"], "90%");
as_text!(Target, ["string", "number"], "<= 1h");
as_text!(Times, ["string"], "1h to 12h");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_round_trip() {
        for text in ["99.95%", "30s", "4GB", "100"] {
            assert_eq!(text.parse::<Limit>().unwrap().to_string(), text);
        }
        for text in ["<= 1h", ">= 99.9%", "100%", "< 5min"] {
            assert_eq!(text.parse::<Target>().unwrap().to_string(), text);
        }
        for text in ["30min", "1h to 12h"] {
            assert_eq!(text.parse::<Times>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn nonsense_is_refused() {
        assert!("12h to 1h".parse::<Times>().is_err());
        assert!("-3%".parse::<Percent>().is_err());
        assert!("NaN%".parse::<Percent>().is_err());
        assert!("soon".parse::<Target>().is_err());
        for endless in ["nan", "inf", "-infinity"] {
            assert!(endless.parse::<Limit>().is_err(), "{endless}");
        }
    }

    #[test]
    fn the_schema_takes_a_bare_number_where_the_reader_does() {
        fn agree<T: for<'de> Deserialize<'de> + schemars::JsonSchema>() {
            let schema = schemars::schema_for!(T);
            let takes_numbers = schema.get("type").is_some_and(|kinds| kinds.to_string().contains("number"));
            assert_eq!(serde_json::from_str::<T>("90").is_ok(), takes_numbers, "{schema:?}");
        }
        agree::<Percent>();
        agree::<Limit>();
        agree::<Target>();
        agree::<Times>();
    }
}
