//! `lifeboat jobs`: how every job stands, whichever host ran it.

use lifeboat::protect::due::Outcome;

use super::{Counting, HOURLY, Host, QUICK, WallClock};
use crate::support::program::Home;

fn place() -> (Home, String) {
    let home = Home::new();
    std::fs::create_dir(home.path().join("store")).unwrap();
    let plan = HOURLY.replace("HOME", &home.path().display().to_string());
    let more = "[[job]]\nname = 'wal'\ndo = 'backup'\ncontinuous = true\nlag = '1min'\nto = ['local']\n";
    home.write("plan.toml", format!("{plan}{more}"));
    (home, plan)
}

async fn run(home: &Home, plan: &str, work: &Counting) {
    let now = chrono::Utc::now().to_rfc3339();
    Host::new(home.path(), "far", plan, &WallClock::at(&now), QUICK).run(work).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_are_shown_with_their_last_run_and_their_next() {
    let (home, plan) = place();
    run(&home, &plan, &Counting { outcome: Some(Outcome::done("saw it")), ..Counting::default() }).await;
    let ran = home.run("--plan plan.toml --state here jobs");
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let lines: Vec<&str> = ran.out.lines().collect();
    assert!(lines[0].starts_with("job") && lines[1].starts_with("j  ") && lines[1].contains("done"), "{lines:#?}");
    assert!(lines[2].starts_with("wal") && lines[2].contains("continuous"), "{lines:#?}");
    assert!(!home.path().join("here/slots").exists(), "looking makes nothing");
    let job = &home.run("--plan plan.toml --state here jobs --json").json()["jobs"][0];
    assert_eq!((&job["last"]["outcome"], &job["last"]["told"]), (&"done".into(), &"saw it".into()));
    assert!(job["next"].is_string() && job["late_since"].is_null(), "{job:#}");
    let wrong = home.run("--plan plan.toml --state here jobs x");
    assert!(wrong.code == Some(2) && wrong.err.contains('x'), "{wrong:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_failed_or_is_late_needs_attention() {
    let (home, plan) = place();
    run(&home, &plan, &Counting { outcome: Some(Outcome::failed("\u{1b}[2Jno way")), ..Counting::default() }).await;
    let ran = home.run("--plan plan.toml --state here jobs --attention");
    assert_eq!(ran.code, Some(3), "{ran:?}");
    assert!(ran.out.contains("failed on") && ran.out.contains("no way") && !ran.out.contains('\u{1b}'), "{ran:?}");
    assert!(ran.out.contains("1 of 2 jobs: 0 late, 1 failed the last time."), "{ran:?}");

    // A plan with a store of its own, in which nothing was ever run: the slot of a minute past midnight is late.
    std::fs::create_dir(home.path().join("empty")).unwrap();
    let late = plan.replace("/store", "/empty").replace("0 * * * *", "1 0 1 1 *");
    home.write("late.toml", late);
    let ran = home.run("--plan late.toml --state here jobs");
    assert!(ran.code == Some(3) && ran.out.contains("never ran") && ran.out.contains("late by"), "{ran:?}");
    let job = &home.run("--plan late.toml --state here jobs --json").json()["jobs"][0];
    assert!(job["late_seconds"].as_u64().is_some_and(|late| late > 0) && job["needs_attention"] == true, "{job:#}");
}
