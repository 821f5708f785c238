use proptest::prelude::*;

use super::*;

#[test]
fn conditions_round_trip() {
    for text in [
        "postgres.verdict == down for 5min",
        "postgres.integrity == failed",
        "at least 2 of app-*.verdict == down for 1min",
        "all of *.verdict == unknown",
        "any of app-*.verdict != healthy",
        "redis.miss_rate > 50%",
        "memory.loss >= 10%",
        "manual by sre",
        "manual",
        "manual-switch.verdict == down",
    ] {
        assert_eq!(text.parse::<Condition>().unwrap().to_string(), text);
    }
}

#[test]
fn conditions_are_told_as_a_person_would() {
    for (text, told) in [
        ("postgres.verdict == down for 5min", "postgres is down for 5min"),
        ("app-*.verdict != healthy", "one of app-* is not healthy"),
        ("at least 2 of app-*.verdict == down for 1min", "at least 2 of app-* are down for 1min"),
        ("all of *.verdict == unknown", "all of * are unknown"),
        ("postgres.integrity == failed", "postgres: integrity failed"),
        ("postgres.damaged_tables == 1", "postgres: damaged tables exactly 1"),
        ("redis.memory >= 100% for 1min", "redis: memory at least 100% for 1min"),
        ("redis.miss_rate > 50%", "redis: miss rate above 50%"),
        ("manual by sre", "the sre decides"),
        ("manual", "somebody on call decides"),
    ] {
        assert_eq!(text.parse::<Condition>().unwrap().told(), told);
    }
    let finding = |text: &str, value| text.parse::<Condition>().unwrap().finding("db", value);
    assert_eq!(finding("*.verdict == down", Some("healthy")), "db is healthy");
    assert_eq!(finding("db.integrity == failed", Some("passed")), "db: integrity passed");
    assert_eq!(finding("db.integrity == failed", None), "db: integrity not known");
}

#[test]
fn nonsense_is_refused_with_the_reason() {
    for (text, reason) in [
        ("postgres is down", "comparison"),
        ("postgres == down", "subject.fact"),
        ("postgres.verdict ==", "missing"),
        ("postgres.verdict == down for ever", "length of time"),
        ("at least two of a.b == c", "number"),
        ("manual by", "role"),
        ("manual bysre", "nothing, or by a role"),
        ("manual by sre and dba", "one role"),
        ("manually", "comparison"),
        ("po;stgres.verdict == down", "subject"),
    ] {
        let error = text.parse::<Condition>().unwrap_err().to_string();
        assert!(error.contains(reason), "{text}: {error}");
    }
}

#[test]
fn a_star_stands_for_any_part() {
    let path: FactPath = "app-*.verdict".parse().unwrap();
    assert!(path.matches("app-1") && path.matches("app-") && !path.matches("application"));
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,60}") {
        if let Ok(condition) = text.parse::<Condition>() {
            prop_assert_eq!(condition.to_string().parse::<Condition>().unwrap(), condition);
        }
    }
}
