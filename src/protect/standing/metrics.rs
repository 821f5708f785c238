//! How data is protected, in the text format that Prometheus reads.

use chrono::{DateTime, Utc};

use super::{Protection, Within};
use crate::text::Span;
use crate::watch::metric_of;

/// Ages, objectives and verdicts. What is not known is no series, rather than a wrong figure.
pub fn metrics(all: &[&Protection], now: DateTime<Utc>) -> String {
    let looked_at = || all.iter().filter(|one| one.is_looked_at);
    let seconds = |span: Span| span.approx().as_secs_f64();
    let family = |name, help: &str, value: &dyn Fn(&Protection) -> Option<f64>| {
        let values = looked_at().filter_map(|one| Some((one.data.as_str(), value(one)?)));
        metric_of(name, help, "data", values)
    };
    let age = |one: &Protection| one.age(now).map(seconds);
    let verified = |one: &Protection| one.verified.map(|at| seconds(Span::between(at, now)));
    let kept = |one: &Protection| match one.verdict(now) {
        Within::Unknown => None,
        within => Some(f64::from(u8::from(within.is_kept()))),
    };
    [
        family("lifeboat_recovery_point_age_seconds", "How old the newest is that one would restore from.", &age),
        family("lifeboat_recovery_point_rpo_seconds", "How old it may be.", &|one| one.rpo.map(seconds)),
        family("lifeboat_recovery_point_verified_age_seconds", "How long ago one was last verified.", &verified),
        family("lifeboat_recovery_point_within_rpo", "1 within the RPO, 0 beyond it; none where it is unknown.", &kept),
    ]
    .concat()
}
