//! Clocks that differ from ours are told, and those that do not are not.

use chrono::TimeDelta;

use super::{component, look, names, only, servers};

#[tokio::test(flavor = "multi_thread")]
async fn a_web_server_that_is_behind() {
    let late = servers::http(TimeDelta::seconds(-3_600), |_, _| 200).await;
    let right = servers::http(TimeDelta::zero(), |_, _| 200).await;
    let live = look(&[
        component("late", "http", &format!("http://{late}/"), ""),
        component("right", "http", &format!("http://{right}/"), ""),
    ])
    .await;
    assert_eq!(names(&live), ["late", "right"]);
    let found = only(&live, "live-clock");
    assert!(found.message.starts_with("the clock of late is 3"), "{}", found.message);
    assert!(found.message.ends_with("s behind ours"), "{}", found.message);
    assert_eq!(live.findings.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cache_that_is_ahead() {
    let early = servers::redis(TimeDelta::seconds(90)).await;
    let right = servers::redis(TimeDelta::zero()).await;
    let live = look(&[
        component("early", "redis", &format!("redis://{early}"), ""),
        component("right", "redis", &format!("redis://{right}"), ""),
    ])
    .await;
    assert_eq!(live.answered[0], ("early".to_owned(), "Redis 7.0.1, primary".to_owned()));
    let found = only(&live, "live-clock");
    let ahead = found.message.strip_prefix("the clock of early is ").and_then(|it| it.strip_suffix("s ahead of ours"));
    assert!((80..=90).contains(&ahead.unwrap().parse::<u32>().unwrap()), "{}", found.message);
    assert_eq!((live.findings.len(), names(&live)), (1, vec!["early", "right"]));
}
