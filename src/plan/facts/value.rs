//! What a fact turned out to be, and how it compares with what a plan asks for.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Threshold, Worse};
use crate::plan::types::Limit;
use crate::plan::{Comparison, FactValue};
use crate::text::{Size, Span};

/// The value of a fact, in its unit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Value {
    /// A word or a text; made harmless by whoever took it from outside.
    Text(Cow<'static, str>),
    /// A whole number.
    Count(u64),
    /// A number a second.
    PerSecond(f64),
    /// A percentage.
    Share(f64),
    /// A length of time.
    Span(Span),
    /// An amount of data.
    Size(Size),
    /// A moment.
    Moment(DateTime<Utc>),
    /// Yes or no.
    Flag(bool),
}

impl Value {
    /// A word of ours.
    pub const fn word(word: &'static str) -> Value {
        Value::Text(Cow::Borrowed(word))
    }

    /// As a number in its unit, for a graph; nothing where that makes no sense.
    pub fn as_number(&self) -> Option<f64> {
        match self {
            Value::Count(count) => Some(*count as f64),
            Value::PerSecond(number) | Value::Share(number) => Some(*number),
            Value::Span(span) => Some(span.approx().as_secs_f64()),
            Value::Size(size) => Some(size.0 as f64),
            Value::Text(_) | Value::Moment(_) | Value::Flag(_) => None,
        }
    }

    /// For scripts: seconds, bytes, per cent, RFC 3339.
    pub fn plain(&self) -> serde_json::Value {
        match self {
            Value::Text(text) => (&**text).into(),
            Value::Count(count) => (*count).into(),
            Value::PerSecond(number) | Value::Share(number) => (*number).into(),
            Value::Span(span) => span.approx().as_secs_f64().into(),
            Value::Size(size) => size.0.into(),
            Value::Moment(moment) => crate::text::instant::stamp(*moment).into(),
            Value::Flag(flag) => (*flag).into(),
        }
    }

    /// The unit of its plain form; empty where it has none.
    pub const fn unit(&self) -> &'static str {
        match self {
            Value::Text(_) | Value::Count(_) | Value::Flag(_) => "",
            Value::PerSecond(_) => "per_second",
            Value::Share(_) => "percent",
            Value::Span(_) => "seconds",
            Value::Size(_) => "bytes",
            Value::Moment(_) => "time",
        }
    }

    /// How it compares with a limit of the plan; not at all where the units differ. A moment counts as the
    /// time from it to `now`, or from `now` to it where it is still to come.
    pub fn against(&self, limit: Limit, now: DateTime<Utc>) -> Option<Ordering> {
        match (self, limit) {
            (Value::Count(count), Limit::Number(number)) => (*count as f64).partial_cmp(&number),
            (Value::PerSecond(rate), Limit::Number(number)) => rate.partial_cmp(&number),
            (Value::Flag(flag), Limit::Number(number)) => f64::from(u8::from(*flag)).partial_cmp(&number),
            (Value::Share(share), Limit::Percent(percent)) => share.partial_cmp(&percent.0),
            (Value::Span(span), Limit::Span(limit)) => Some(span.approx_millis().cmp(&limit.approx_millis())),
            (Value::Size(size), Limit::Size(limit)) => Some(size.cmp(&limit)),
            (Value::Moment(moment), Limit::Span(limit)) => {
                let away = (now - *moment).num_milliseconds().unsigned_abs();
                Some(away.cmp(&limit.approx_millis()))
            }
            _ => None,
        }
    }

    /// Whether it is on the bad side of a threshold.
    pub fn is_beyond(&self, threshold: Threshold, now: DateTime<Utc>) -> bool {
        let bad = match threshold.worse {
            Worse::Above => Ordering::Greater,
            Worse::Below => Ordering::Less,
        };
        self.against(threshold.at, now) == Some(bad)
    }

    /// Whether a comparison of the plan holds; not to be told where the units differ.
    pub fn holds(&self, compare: Comparison, wanted: &FactValue, now: DateTime<Utc>) -> Option<bool> {
        match wanted {
            FactValue::Amount(limit) => self.against(*limit, now).map(|order| compare.allows(order)),
            FactValue::Word(word) => {
                let same = match self {
                    Value::Text(text) => text == word,
                    Value::Flag(flag) => *word == if *flag { "yes" } else { "no" },
                    _ => return None,
                };
                match compare {
                    Comparison::Equal => Some(same),
                    Comparison::Different => Some(!same),
                    _ => None,
                }
            }
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Text(text) => f.write_str(text),
            Value::Count(count) => f.write_str(&grouped(*count)),
            Value::PerSecond(rate) if *rate >= 10.0 => write!(f, "{rate:.0}/s"),
            Value::PerSecond(rate) => write!(f, "{rate:.1}/s"),
            Value::Share(share) if *share >= 10.0 => write!(f, "{share:.0}%"),
            Value::Share(share) => write!(f, "{share:.1}%"),
            Value::Span(span) => f.write_str(&span.brief()),
            Value::Size(size) => f.write_str(&size.approx()),
            Value::Moment(moment) => f.write_str(&crate::text::instant::stamp(*moment)),
            Value::Flag(flag) => f.write_str(if *flag { "yes" } else { "no" }),
        }
    }
}

/// `1234567` as `1,234,567`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Condition;

    fn holds(value: &Value, condition: &str) -> Option<bool> {
        let Ok(Condition::Fact { compare, value: wanted, .. }) = condition.parse() else { panic!("{condition}") };
        value.holds(compare, &wanted, DateTime::UNIX_EPOCH)
    }

    #[test]
    fn a_value_is_compared_in_its_own_unit_only() {
        assert_eq!(holds(&Value::Share(95.0), "db.connections > 90%"), Some(true));
        assert_eq!(holds(&Value::Share(90.0), "db.connections > 90%"), Some(false));
        assert_eq!(holds(&Value::Share(90.0), "db.connections >= 90%"), Some(true));
        assert_eq!(holds(&Value::Share(95.0), "db.connections > 90"), None);
        assert_eq!(holds(&Value::Span(Span::from_mins(6)), "mq.lag > 5min"), Some(true));
        assert_eq!(holds(&Value::Count(3), "db.violations == 3"), Some(true));
        assert_eq!(holds(&Value::Size(Size(2_000_000_000)), "r.limit >= 2GB"), Some(true));
        assert_eq!(holds(&Value::word("failed"), "db.integrity == failed"), Some(true));
        assert_eq!(holds(&Value::word("failed"), "db.integrity != failed"), Some(false));
        assert_eq!(holds(&Value::word("failed"), "db.integrity > failed"), None);
        assert_eq!(holds(&Value::Flag(false), "r.loading == 0"), Some(true));
        assert_eq!(holds(&Value::Flag(true), "r.loading == yes"), Some(true));
    }

    #[test]
    fn a_moment_counts_by_its_distance() {
        let (past, limit) = (DateTime::UNIX_EPOCH - chrono::TimeDelta::hours(2), Limit::Span(Span::from_hours(1)));
        assert_eq!(Value::Moment(past).against(limit, DateTime::UNIX_EPOCH), Some(Ordering::Greater));
    }

    #[test]
    fn numbers_are_grouped_and_shares_not_overly_exact() {
        assert_eq!(Value::Count(1_234_567).to_string(), "1,234,567");
        assert_eq!(Value::Count(12).to_string(), "12");
        assert_eq!(Value::Share(99.123).to_string(), "99%");
        assert_eq!(Value::Share(0.5).to_string(), "0.5%");
        assert_eq!(Value::PerSecond(1234.6).to_string(), "1235/s");
    }
}
