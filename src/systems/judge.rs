//! From facts to a verdict: every fact is held against the limit that the plan or the vocabulary gives.

use chrono::{DateTime, Utc};

use super::reading::{Facts, Reason};
use crate::plan::facts::{self, Threshold, Value, Verdict, Worse};
use crate::plan::types::{Component, Kind, Limit};

/// The facts that are beyond their limits, in the order of the vocabulary.
pub fn beyond_limits(component: &Component, facts: &Facts, now: DateTime<Utc>) -> Vec<Reason> {
    let known = facts::of_kind(component.kind).iter().chain(facts::EVERY);
    known
        .filter_map(|info| {
            let value = facts.get(info.name)?;
            let limit = component.limits.get(info.name).copied().or_else(|| stated(component, info.name));
            let threshold = info.threshold(limit)?;
            let title = || info.title.to_lowercase();
            value
                .is_beyond(threshold, now)
                .then(|| Reason::of_fact(Verdict::Degraded, info.name, sentence(&title(), value, threshold)))
        })
        .collect()
}

/// A limit that the plan states among the settings of the kind.
fn stated(component: &Component, fact: &str) -> Option<Limit> {
    let span = match (component.kind, fact) {
        (Kind::Certificate, "left") => component.certificate.as_ref()?.renew_before,
        (Kind::DnsName, "ttl") => component.dns.as_ref()?.ttl,
        _ => None,
    };
    span.map(Limit::Span)
}

fn sentence(title: &str, value: &Value, threshold: Threshold) -> String {
    match (threshold.worse, threshold.at) {
        (Worse::Above, Limit::Number(0.0)) => format!("{title}: {value}"),
        (Worse::Above, at) => format!("{title}: {value}, more than {at}"),
        (Worse::Below, at) => format!("{title}: {value}, less than {at}"),
    }
}

/// The worst of the reasons, and the reasons with the worst first.
pub fn verdict(mut reasons: Vec<Reason>) -> (Verdict, Vec<Reason>) {
    reasons.sort_by_key(|reason| std::cmp::Reverse(reason.verdict));
    let worst = reasons.first().map_or(Verdict::Healthy, |reason| reason.verdict);
    (worst, reasons)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Span;

    fn component(limits: &str) -> Component {
        let text = format!("name='db'\nkind='postgres'\n[limits]\n{limits}");
        toml::from_str(&text).unwrap()
    }

    fn judged(component: &Component, name: &'static str, value: Value) -> Vec<String> {
        let mut facts = Facts::default();
        facts.set(name, value);
        beyond_limits(component, &facts, DateTime::UNIX_EPOCH).into_iter().map(|reason| reason.sentence).collect()
    }

    #[test]
    fn the_plans_limit_goes_before_the_default() {
        assert_eq!(judged(&component(""), "connections", Value::Share(95.0)), ["connections: 95%, more than 90%"]);
        assert!(judged(&component(""), "connections", Value::Share(90.0)).is_empty());
        assert!(judged(&component("connections='97%'"), "connections", Value::Share(95.0)).is_empty());
        assert_eq!(judged(&component("connections='50%'"), "connections", Value::Share(51.0)).len(), 1);
    }

    #[test]
    fn a_limit_on_a_fact_without_default_is_an_upper_one() {
        let limited = component("latency='50ms'");
        assert_eq!(judged(&limited, "latency", Value::Span(Span::from_millis(80))).len(), 1);
        assert!(judged(&component(""), "latency", Value::Span(Span::from_secs(80))).is_empty());
    }

    #[test]
    fn the_worst_reason_comes_first() {
        let reasons = vec![Reason::new(Verdict::Degraded, "slow"), Reason::new(Verdict::Down, "gone")];
        let (verdict, reasons) = verdict(reasons);
        assert_eq!((verdict, reasons[0].sentence.as_str()), (Verdict::Down, "gone"));
        assert_eq!(super::verdict(Vec::new()).0, Verdict::Healthy);
    }
}
