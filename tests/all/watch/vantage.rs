//! A second pair of eyes, through reach: here a place without any network.

use std::net::TcpListener;

use crate::support::program::Home;
use lifeboat::plan::assemble;
use lifeboat::plan::facts::Verdict;
use lifeboat::plan::source::File;
use lifeboat::text::Redactor;
use lifeboat::watch::{Means, OwnNetwork, Pace, Picture, start};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// Watches a plan until the picture is as wanted, for at most half a minute.
fn watch_until(text: &str, wanted: impl Fn(&mut Picture) -> bool) -> Picture {
    let loaded = assemble(vec![File { path: "plan.toml".into(), text: text.to_owned() }], Vec::new());
    assert!(loaded.findings.is_empty(), "{:?}", loaded.findings);
    let plan = Arc::new(loaded.plan.unwrap());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let stop = CancellationToken::new();
        let means = Arc::new(Means::new(&Redactor::new(), stop.clone()));
        let mut picture = Picture::new(Arc::clone(&plan));
        let mut updates = start(&plan, &means, Pace::Steady, |_| true);
        let begin = Instant::now();
        while !wanted(&mut picture) {
            assert!(begin.elapsed() < Duration::from_secs(30), "{picture:#?}");
            if let Ok(Some(update)) = tokio::time::timeout(Duration::from_millis(200), updates.recv()).await {
                picture.apply(update);
            }
            picture.settle(means.clock().now());
        }
        stop.cancel();
        while updates.recv().await.is_some() {}
        picture
    })
}

fn plan(port: &TcpListener, prefix: &str, program: &str) -> String {
    format!(
        "[platform]\nname = 'p'\n\
         [[vantage]]\nname = 'there'\nreach = {{ prefix = [{prefix}] }}\nprogram = '{program}'\n\
         [[component]]\nname = 'port'\nkind = 'tcp-port'\naddress = '{}'\nevery = '300ms'\ndeadline = '1s'\n",
        port.local_addr().unwrap()
    )
}

#[test]
fn it_sees_the_same_from_a_place_with_the_same_network() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap();
    let home = Home::new();
    let prefix = format!("'env', 'HOME={}'", home.path().display());
    let text = plan(&port, &prefix, env!("CARGO_BIN_EXE_lifeboat"));
    let picture =
        watch_until(&text, |picture| !picture.seen(0).elsewhere.is_empty() && picture.seen(0).latest.is_some());
    let other = &picture.seen(0).elsewhere[0];
    assert_eq!((&*other.vantage, other.reading.verdict), ("there", Verdict::Healthy));
    assert!(picture.why(0, chrono::Utc::now()).is_empty());
}

#[test]
fn where_two_disagree_it_says_which_sees_what() {
    if !rustix::process::geteuid().is_root() {
        println!("only root can make a place without a network");
        return;
    }
    let port = TcpListener::bind("127.0.0.1:0").unwrap();
    let home = Home::new();
    let prefix = format!("'unshare', '--net', 'env', 'HOME={}'", home.path().display());
    let text = plan(&port, &prefix, env!("CARGO_BIN_EXE_lifeboat"));
    let picture = watch_until(&text, |picture| {
        let seen = picture.seen(0);
        !seen.elsewhere.is_empty() && seen.latest.is_some() && picture.network() == OwnNetwork::Proven
    });
    assert_eq!(picture.seen(0).verdict(), Verdict::Healthy);
    assert_eq!(picture.why(0, chrono::Utc::now()), ["healthy from here, unknown from there"]);
}

#[test]
fn one_that_cannot_be_had_is_told_and_holds_up_nobody() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap();
    let text = plan(&port, "'env'", "/no/such/lifeboat");
    let picture =
        watch_until(&text, |picture| picture.lost_vantages().count() == 1 && picture.seen(0).latest.is_some());
    let (vantage, why) = picture.lost_vantages().next().unwrap();
    assert!(vantage == "there" && why.contains("/no/such/lifeboat"), "{why}");
    assert_eq!(picture.seen(0).verdict(), Verdict::Healthy);
}

/// A plan whose vantage point notes each time it is gone to.
fn noted(home: &Home, port: &TcpListener) -> (String, std::path::PathBuf) {
    let notes = home.path().join("notes");
    let script = home.write("go", format!("#!/bin/sh\necho gone >> {}\nexec \"$@\"\n", notes.display()));
    std::fs::set_permissions(&script, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let prefix = format!("'{}', 'env', 'HOME={}'", script.display(), home.path().display());
    (plan(port, &prefix, env!("CARGO_BIN_EXE_lifeboat")), notes)
}

#[test]
fn who_is_sent_to_look_sends_nobody_further() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap();
    let home = Home::new();
    let (text, notes) = noted(&home, &port);
    let plan = assemble(vec![File { path: "plan.toml".into(), text }], Vec::new()).plan.unwrap();
    // Even one that is given a plan with vantage points.
    let errand = serde_json::json!({
        "plan": plan, "components": [0], "secrets": [], "authorities": {}, "is_once": true,
    });
    let mut child =
        home.command(["see"]).stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), errand.to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let sight: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((sight["component"].as_u64(), sight["reading"]["verdict"].as_str()), (Some(0), Some("healthy")));
    assert!(!notes.exists(), "it went further");
}

#[test]
fn a_status_looks_from_there_too() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap();
    let home = Home::new();
    let (text, notes) = noted(&home, &port);
    home.write("plan.toml", text.replace("deadline = '1s'", "deadline = '20s'"));
    let json = home.run("--plan plan.toml status --json").json();
    assert_eq!(json["components"][0]["elsewhere"][0]["verdict"], "healthy", "{json:#}");
    assert_eq!(json["lost_vantages"], serde_json::json!([]));
    assert_eq!(std::fs::read_to_string(&notes).unwrap(), "gone\n", "once, and nobody further");
}

#[test]
fn a_status_waits_for_no_vantage_point_longer_than_for_a_component() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap();
    let home = Home::new();
    home.write("plan.toml", plan(&port, "'sh', '-c', 'sleep 60'", "lifeboat"));
    let begin = Instant::now();
    let ran = home.run("--plan plan.toml status");
    assert!(begin.elapsed() < Duration::from_secs(20), "{:?}", begin.elapsed());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.out.contains("Nothing is seen from there:"), "{}", ran.out);
}
