//! Amounts of bytes as people write them: `512MB`, `1.5GB`, `4GiB`, and how fast they grow: `5GB/h`.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Span;
use super::duration::scaled;

const DECIMAL: [(u64, &str); 5] =
    [(1_000_000_000_000_000, "PB"), (1_000_000_000_000, "TB"), (1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "KB")];
const BINARY: [(u64, &str); 4] = [(1 << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];

/// A number of bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Size(pub u64);

/// Bytes per length of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rate {
    /// How much …
    pub size: Size,
    /// … in how long.
    pub per: Span,
}

/// Why a text is not a size or a rate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not {wanted}: {why}; write it like {example}")]
pub struct SizeError {
    text: String,
    wanted: &'static str,
    why: Cow<'static, str>,
    example: &'static str,
}

impl Size {
    /// Rounded for a narrow column: three significant digits and a unit.
    pub fn approx(self) -> String {
        let Some(&(unit, name)) = DECIMAL.iter().find(|(unit, _)| self.0 >= *unit) else {
            return format!("{}B", self.0);
        };
        let hundredths = u128::from(self.0) * 100 / u128::from(unit);
        match hundredths {
            0..1_000 => format!("{}.{:02}{name}", hundredths / 100, hundredths % 100),
            1_000..10_000 => format!("{}.{}{name}", hundredths / 100, hundredths % 100 / 10),
            _ => format!("{}{name}", hundredths / 100),
        }
    }
}

impl fmt::Display for Size {
    /// The shortest exact form.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.0;
        let largest = DECIMAL.iter().find(|(unit, _)| bytes >= *unit);
        // Below a megabyte a fraction would only hide that the number is no round one.
        let short = |(unit, _): &&(u64, &str)| {
            let step = if *unit > 1_000 { unit / 1_000 } else { *unit };
            bytes >= *unit && bytes.is_multiple_of(step)
        };
        let whole = |(unit, _): &&(u64, &str)| bytes >= *unit && bytes.is_multiple_of(*unit);
        let chosen = largest.filter(short).or_else(|| BINARY.iter().find(whole)).or_else(|| DECIMAL.iter().find(short));
        let text = match chosen {
            Some((unit, name)) if bytes.is_multiple_of(*unit) => format!("{}{name}", bytes / unit),
            Some((unit, name)) => {
                let fraction = format!("{:03}", bytes % unit / (unit / 1_000));
                format!("{}.{}{name}", bytes / unit, fraction.trim_end_matches('0'))
            }
            None => format!("{bytes}B"),
        };
        f.pad(&text)
    }
}

impl FromStr for Size {
    type Err = SizeError;

    fn from_str(text: &str) -> Result<Size, SizeError> {
        read(text).map_err(|why| SizeError {
            text: text.chars().take(60).collect(),
            wanted: "an amount of data",
            why,
            example: "512MB, 1.5GB or 4GiB",
        })
    }
}

fn read(text: &str) -> Result<Size, Cow<'static, str>> {
    let text = text.trim();
    let split = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = (&text[..split], text[split..].trim_start());
    if number.is_empty() {
        return Err("a number is missing".into());
    }
    let factor = match unit {
        "" => return Err("the unit is missing".into()),
        "B" => 1,
        "kB" => 1_000,
        _ => DECIMAL
            .iter()
            .chain(&BINARY)
            .find(|(_, name)| *name == unit)
            .map(|(factor, _)| *factor)
            .ok_or_else(|| format!("{unit:?} is not a unit of data"))?,
    };
    scaled(number, factor).map(Size).ok_or_else(|| "the number is no whole count of bytes".into())
}

impl Rate {
    /// How much comes together in `span`, rounded down.
    pub fn over(self, span: Span) -> Size {
        let per = u128::from(self.per.approx_millis().max(1));
        let bytes = u128::from(self.size.0) * u128::from(span.approx_millis()) / per;
        Size(u64::try_from(bytes).unwrap_or(u64::MAX))
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let per = self.per.to_string();
        let unit =
            per.strip_prefix("1 ").or_else(|| per.strip_prefix('1').filter(|rest| !rest.contains(char::is_numeric)));
        f.pad(&format!("{}/{}", self.size, unit.unwrap_or(&per)))
    }
}

impl FromStr for Rate {
    type Err = SizeError;

    fn from_str(text: &str) -> Result<Rate, SizeError> {
        let refuse = |why: String| SizeError {
            text: text.chars().take(60).collect(),
            wanted: "an amount of data per time",
            why: why.into(),
            example: "5GB/h or 10MB/month",
        };
        let (size, per) = text.split_once('/').ok_or_else(|| refuse("the / is missing".to_owned()))?;
        let size = read(size).map_err(|why| refuse(why.into_owned()))?;
        let per =
            if per.trim_start().starts_with(|c: char| c.is_ascii_digit()) { per.to_owned() } else { format!("1{per}") };
        let per: Span = per.parse().map_err(|error: super::duration::SpanError| refuse(error.to_string()))?;
        if per.is_zero() {
            return Err(refuse("the time is zero".to_owned()));
        }
        Ok(Rate { size, per })
    }
}

/// Serialised as people write it, the same way it is read.
macro_rules! as_text {
    ($type:ident, $description:literal, $example:literal) => {
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<$type, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        impl schemars::JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "description": $description, "examples": [$example] })
            }
        }
    };
}

as_text!(Size, "An amount of data", "50GB");
as_text!(Rate, "An amount of data per time", "5GB/h");

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_people_write_is_read_and_shown_again() {
        for text in ["50GB", "512MB", "2KB", "1.5GB", "4GiB", "0B", "17B", "1MiB"] {
            assert_eq!(text.parse::<Size>().unwrap().to_string(), text);
        }
        for text in ["5GB/h", "10MB/month", "1GB/24h", "1KB/7d"] {
            assert_eq!(text.parse::<Rate>().unwrap().to_string(), text);
        }
        assert_eq!("10GB".parse::<Size>().unwrap(), Size(10_000_000_000));
    }

    #[test]
    fn a_rate_accumulates() {
        let rate: Rate = "5GB/h".parse().unwrap();
        assert_eq!(rate.over(Span::from_mins(15)), Size(1_250_000_000));
    }

    #[test]
    fn narrow_form_keeps_three_digits() {
        assert_eq!(Size(999).approx(), "999B");
        assert_eq!(Size(1_234_567).approx(), "1.23MB");
        assert_eq!(Size(12_345_678).approx(), "12.3MB");
        assert_eq!(Size(500_000_000_000).approx(), "500GB");
    }

    #[test]
    fn nonsense_is_refused_with_the_reason() {
        for (text, reason) in
            [("", "number"), ("5", "unit"), ("5 potatoes", "unit"), ("1.5B", "whole"), ("-1GB", "number")]
        {
            assert!(text.parse::<Size>().unwrap_err().to_string().contains(reason), "{text}");
        }
        for (text, reason) in [("5GB", "/"), ("5GB/0s", "zero"), ("5GB/m", "months")] {
            assert!(text.parse::<Rate>().unwrap_err().to_string().contains(reason), "{text}");
        }
    }

    proptest! {
        #[test]
        fn round_trip(bytes in any::<u64>(), shift in 0_u32..60) {
            let size = Size(bytes >> shift);
            prop_assert_eq!(size.to_string().parse::<Size>().unwrap(), size);
        }

        #[test]
        fn round_numbers_round_trip(count in 0_u64..10_000, unit in 0_usize..5) {
            let size = Size(count * (DECIMAL[unit].0 / 1_000));
            prop_assert_eq!(size.to_string().parse::<Size>().unwrap(), size);
        }

        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,30}") {
            let _ = text.parse::<Size>();
            let _ = text.parse::<Rate>();
        }
    }
}
