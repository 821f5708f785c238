//! Golden flows: run beside the questions, at their own interval.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use lifeboat::plan::facts::{Value, Verdict};

use super::server::{Says, Server, page};
use crate::systems::asking::{Asker, shown};

const FLOW: &str = "[[component.flow]]\nname = 'order'\nslo = '99%'\nevery = '100ms'\nstep = [\n\
    { method = 'POST', path = '/orders', body = '{\"of\": 1}', status = 201 },\n\
    { path = '/orders/latest', contains = 'done' },\n]";

#[tokio::test]
async fn its_steps_are_taken_in_order() {
    let server = Server::start(|line| match line {
        "POST /orders HTTP/1.1" => page(201, ""),
        "GET /orders/latest HTTP/1.1" => page(200, "it is done"),
        _ => page(200, ""),
    })
    .await;
    let reading = Asker::of("app", "http", &server.url(), FLOW).vital().await;
    assert_eq!(reading.verdict, Verdict::Healthy, "{reading:#?}");
    assert_eq!(["golden-flow", "flow"].map(|name| shown(&reading, name)), ["100%", "passed"]);
    assert!(reading.fact("flow_took").is_some());
    let order = server.asked().into_iter().find(|request| request.starts_with("POST")).unwrap();
    assert!(order.ends_with("{\"of\": 1}") && order.contains("application/json"), "{order}");
}

#[tokio::test]
async fn who_only_looks_sends_nothing_that_changes_anything() {
    let server = Server::start(|_| page(200, "done")).await;
    let mut asker = Asker::of("app", "http", &server.url(), FLOW);
    asker.only_looks = true;
    for _ in 0..3 {
        let reading = asker.vital().await;
        assert_eq!((reading.verdict, reading.fact("flow")), (Verdict::Healthy, None), "{reading:#?}");
        assert!(
            reading.facts.unseen().any(|(name, why)| name == "flow" && why.contains("only looked")),
            "{reading:#?}"
        );
    }
    assert!(server.asked().iter().all(|request| request.starts_with("GET")), "{:?}", server.asked());
    let harmless = FLOW.replace("'POST'", "'HEAD'").replace("body = '{\"of\": 1}', status = 201", "status = 200");
    let mut asker = Asker::of("app", "http", &server.url(), &harmless);
    asker.only_looks = true;
    assert_eq!(shown(&asker.vital().await, "flow"), "passed");
}

#[tokio::test]
async fn the_step_that_fails_is_named_and_the_share_falls() {
    let count = Arc::new(AtomicUsize::new(0));
    let server = Server::start(move |line| match line {
        "POST /orders HTTP/1.1" => page(201, ""),
        "GET /orders/latest HTTP/1.1" if count.fetch_add(1, Ordering::SeqCst) < 1 => page(200, "done"),
        "GET /orders/latest HTTP/1.1" => page(200, "still waiting"),
        _ => page(200, ""),
    })
    .await;
    let mut asker = Asker::of("app", "http", &server.url(), FLOW);
    let reading = asker.until("two runs", |reading| reading.fact("golden-flow") == Some(&Value::Share(50.0))).await;
    assert_eq!(reading.verdict, Verdict::Degraded);
    let said: Vec<&str> = reading.reasons.iter().map(|reason| reason.sentence.as_str()).collect();
    assert_eq!(
        said,
        [
            "golden flow order fails at step 2, GET /orders/latest: its answer does not contain \"done\"",
            "golden flow order: 1 of the last 2 runs succeeded, less than 99%"
        ]
    );
}

#[tokio::test]
async fn one_that_hangs_makes_the_service_neither_silent_nor_slow() {
    let server = Server::start(|line| if line.starts_with("POST") { Says::Nothing } else { page(200, "") }).await;
    let mut asker = Asker::of("app", "http", &server.url(), &FLOW.replace("100ms", "20s"));
    let reading = asker.vital().await;
    assert_eq!(reading.verdict, Verdict::Healthy, "{reading:#?}");
    assert!(matches!(reading.fact("latency"), Some(Value::Span(latency)) if latency.approx() < Duration::from_secs(1)));
}

#[tokio::test]
async fn it_is_run_no_more_often_than_the_plan_says() {
    let server = Server::start(|_| page(201, "done")).await;
    let flow = FLOW.replace("100ms", "1h");
    let mut asker = Asker::of("app", "http", &server.url(), &format!("http = {{ status = 201 }}\n{flow}"));
    let begun = Instant::now();
    for _ in 0..5 {
        asker.vital().await;
    }
    assert!(begun.elapsed() < Duration::from_secs(20));
    let orders = server.asked().iter().filter(|request| request.starts_with("POST")).count();
    assert_eq!(orders, 1);
}
