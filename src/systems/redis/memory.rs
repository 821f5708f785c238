//! How full the memory is, how it grows, and on which day there will be none left.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::growth::Growth;
use super::info::Info;
use super::trouble::quoted;
use super::wanted::Wanted;
use crate::plan::facts::{Value, Verdict};
use crate::systems::number::{percent, real};
use crate::systems::probe::Told;
use crate::systems::reading::Reason;
use crate::text::{Size, Span};

/// Memory against its limit, and what happens when it is reached.
pub fn told(
    info: &Info<'_>,
    wanted: &Wanted,
    growth: &mut Growth,
    (at, now): (DateTime<Utc>, Duration),
    told: &mut Told,
) {
    // What replicas and the append-only file are sent does not count against the limit.
    let used =
        info.count("used_memory").map(|used| used - used.min(info.count("mem_not_counted_for_evict").unwrap_or(0)));
    let Some(used) = used else { return };
    growth.note(now, used);
    told.facts.set("memory_used", Value::Size(Size(used)));
    let own = info.count("maxmemory").filter(|limit| *limit > 0);
    let limit = own.or(wanted.memory.map(|size| size.0)).or(info.count("total_system_memory"));
    if let (None, Some(wanted)) = (own.filter(|_| info.count("maxmemory").is_some()), wanted.memory) {
        let sentence = format!("it has no memory limit, and the plan says {wanted}");
        told.reasons.push(Reason::of_fact(Verdict::Degraded, "memory_limit", sentence));
    }
    if let Some(limit) = limit.filter(|limit| *limit > 0) {
        told.facts.set("memory_limit", Value::Size(Size(limit)));
        told.facts.set("memory", Value::Share(percent(used, limit)));
        let (words, full_in) = forecast(growth, wanted, limit.saturating_sub(used));
        match words {
            Some(words) => told.facts.set("memory_growth", Value::Text(words.into())),
            None => told.facts.hide("memory_full", "it does not grow, or was not watched for long enough to tell"),
        }
        if let Some(full_in) = full_in {
            let moment = TimeDelta::from_std(full_in).ok().and_then(|left| at.checked_add_signed(left));
            told.facts.set_some("memory_full", moment.map(Value::Moment));
            told.facts.set("memory_full_in", Value::Span(Span::from(full_in)));
        }
    }
    let Some(eviction) = info.text("maxmemory_policy") else { return };
    told.facts.set_text("eviction", eviction);
    if let Some(wanted) = wanted.eviction.as_deref().filter(|wanted| *wanted != eviction) {
        let sentence = format!("when its memory is full it follows {}, and the plan says {wanted}", quoted(eviction));
        told.reasons.push(Reason::of_fact(Verdict::Degraded, "eviction", sentence));
    }
}

/// How it grows, in words, and in how long it is full: as was seen here, else as the plan says.
fn forecast(growth: &Growth, wanted: &Wanted, left: u64) -> (Option<String>, Option<Duration>) {
    if let Some(full_in) = growth.reaches(left) {
        let sooner = |trend: &&super::growth::Trend| {
            trend.per_second > 0.0 && real(left) / trend.per_second <= full_in.as_secs_f64() + 1.0
        };
        let trends: Vec<_> = growth.trends().collect();
        return (trends.iter().find(sooner).map(super::growth::Trend::words), Some(full_in));
    }
    match wanted.growth {
        Some(rate) => {
            let per_second = real(rate.size.0) / rate.per.approx().as_secs_f64().max(1.0);
            let full_in = (per_second > 0.0).then(|| real(left) / per_second);
            let full_in = full_in.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
            (Some(format!("{rate}, by the plan")), full_in)
        }
        None => (growth.trends().next().map(|trend| trend.words()), None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(info: &str, wanted: &Wanted, growth: &mut Growth) -> Told {
        let mut told = Told::default();
        super::told(&Info::of(info), wanted, growth, (DateTime::UNIX_EPOCH, Duration::ZERO), &mut told);
        told
    }

    #[test]
    fn document_000_is_told_the_month() {
        let wanted = Wanted {
            memory: Some("512MB".parse().unwrap()),
            growth: Some("10MB/month".parse().unwrap()),
            ..Wanted::default()
        };
        let told = said("used_memory:450000000\nmaxmemory:0\n", &wanted, &mut Growth::default());
        let fact = |name| told.facts.get(name).map(ToString::to_string);
        assert_eq!(fact("memory").as_deref(), Some("88%"));
        assert_eq!(fact("memory_growth").as_deref(), Some("10MB/month, by the plan"));
        assert_eq!(fact("memory_full").as_deref().map(|date| &date[..7]), Some("1970-07"));
        assert_eq!(told.reasons[0].sentence, "it has no memory limit, and the plan says 512MB");
    }

    #[test]
    fn without_any_limit_the_machines_memory_is_the_limit() {
        let told =
            said("used_memory:50\nmaxmemory:0\ntotal_system_memory:200\n", &Wanted::default(), &mut Growth::default());
        assert_eq!(told.facts.get("memory"), Some(&Value::Share(25.0)));
        assert_eq!(told.facts.get("memory_full"), None);
        assert!(told.reasons.is_empty());
    }

    #[test]
    fn what_is_thrown_away_is_held_against_the_plan() {
        let wanted = Wanted { eviction: Some("allkeys-lru".to_owned()), ..Wanted::default() };
        let told =
            said("used_memory:50\nmaxmemory:100\nmaxmemory_policy:noeviction\n", &wanted, &mut Growth::default());
        let sentence = "when its memory is full it follows noeviction, and the plan says allkeys-lru";
        assert_eq!(told.reasons[0].sentence, sentence);
    }
}
