//! Backups that are begun, watched and called off from the console, on a real terminal.

use std::process::Stdio;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::Place;
use super::bad_days::lying;
use crate::support::terminal::Terminal;

/// A `pg_dump` that stops in the middle until it is let go on, and not for ever.
const SLOW: &str = "REAL \"$@\" | perl -e '$| = 1; while (sysread(STDIN, $b, 2048)) { syswrite(STDOUT, $b); \
                    $gone += 2048; for (1 .. 1200) { last if $gone < 20000 || -e \"GATE\"; \
                    select(undef, undef, undef, 0.1) } }'";

struct Slow {
    place: Place,
}

impl Slow {
    async fn new() -> Slow {
        let place = Place::new().await;
        let gate = place.home.path().join("gate");
        lying(&place, "pg_dump", &SLOW.replace("GATE", &gate.display().to_string()));
        Slow { place }
    }

    /// From now on no dump waits.
    fn let_go_on(&self) {
        self.place.home.write("gate", "");
    }

    /// The console on its backups.
    fn console(&self) -> Terminal {
        let mut terminal = Terminal::lifeboat(&["--plan", "plan.toml", "console"], self.place.home.path(), &[]);
        terminal.resize(120, 40);
        terminal.wait_for("1 Overview");
        terminal.keys("7");
        terminal.wait_for("There is no recovery point");
        terminal
    }

    /// What is told of operations.
    fn told(&self) -> Vec<Value> {
        let folder = std::fs::read_dir(self.place.home.path().join("state/running")).unwrap();
        let paths = folder.map(|entry| entry.unwrap().path());
        let told = paths.filter(|path| path.extension().is_some_and(|ending| ending == "json"));
        told.map(|path| serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()).collect()
    }

    fn pid(&self) -> Pid {
        let told = self.told();
        let pid = told[0]["by"]["process"]["pid"].as_i64().unwrap();
        Pid::from_raw(pid.try_into().unwrap()).unwrap()
    }

    #[track_caller]
    fn wait_for_points(&self, count: usize) {
        let begun = Instant::now();
        while self.place.points().len() != count {
            assert!(begun.elapsed() < Duration::from_mins(1), "{:#?}", self.place.points());
            std::thread::sleep(Duration::from_millis(200));
        }
    }
}

/// Begins a backup, and waits until some of it went by.
fn begin(terminal: &mut Terminal) {
    terminal.keys("B");
    terminal.wait_for("the job daily does");
    terminal.keys("y");
    terminal.wait_until("bytes", |screen| {
        let text = screen.contents();
        text.contains("running") && text.contains("KB of unknown size")
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn one_is_begun_and_seen_by_all_to_its_end() {
    let slow = Slow::new().await;
    let (mut first, second) = (slow.console(), slow.console());
    begin(&mut first);
    second.wait_for("running");
    second.wait_for("backup of agents by dump");
    // The same once more is refused before it is begun.
    first.keys("B");
    first.wait_for("is at it already");
    first.keys("y\x1b");
    slow.let_go_on();
    for terminal in [&first, &second] {
        terminal.wait_for("done  backup of agents by dump: ");
        terminal.wait_for("Recovery points 1");
    }
    assert_eq!(slow.place.points().len(), 1);
    let told = slow.told();
    assert_eq!((told.len(), &told[0]["ended"]["ending"]), (1, &"done".into()), "{told:#?}");
    // What was taken is verified from here too.
    first.keys("Vy");
    first.wait_for("done  verification of ");
    first.wait_for("verified");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_called_off_leaves_nothing() {
    let slow = Slow::new().await;
    let mut terminal = slow.console();
    begin(&mut terminal);
    terminal.keys("X");
    terminal.wait_for("nothing half-made");
    terminal.keys("y");
    terminal.wait_for("called off  backup of agents by dump");
    terminal.wait_for("Nothing half-made was left");
    assert!(slow.place.points().is_empty());
    for store in ["local", "second"] {
        assert!(slow.place.files(store).is_empty(), "{:?}", slow.place.files(store));
    }
    terminal.keys("X");
    terminal.wait_for("nothing is under way");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_goes_on_when_the_console_is_left_or_lost() {
    for is_lost in [false, true] {
        let slow = Slow::new().await;
        let mut terminal = slow.console();
        begin(&mut terminal);
        if is_lost {
            terminal.signal(Signal::KILL);
        } else {
            terminal.keys("q");
        }
        terminal.end();
        drop(terminal);
        slow.let_go_on();
        slow.wait_for_points(1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_was_killed_ended_without_a_word() {
    let slow = Slow::new().await;
    let mut terminal = slow.console();
    begin(&mut terminal);
    kill_process(slow.pid(), Signal::KILL).unwrap();
    terminal.wait_for("silent  backup of agents by dump");
    terminal.wait_for("ended without a word");
    assert!(slow.place.points().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_began_is_seen_and_who_is_at_it_elsewhere_is_told() {
    let slow = Slow::new().await;
    slow.let_go_on();
    let mut terminal = slow.console();
    // Another host: it shares the store only.
    let line = "--plan plan.toml --state elsewhere backup agents --rate 10KB";
    let mut command = slow.place.home.command(line.split_whitespace());
    let mut other = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let claim = slow.place.home.path().join("local/.lifeboat/p/claims");
    let begun = Instant::now();
    while !claim.is_dir() || std::fs::read_dir(&claim).unwrap().count() < 2 {
        assert!(begun.elapsed() < Duration::from_secs(30), "it does not begin");
        std::thread::sleep(Duration::from_millis(50));
    }
    terminal.keys("By");
    terminal.wait_for("failed  backup of agents by dump");
    terminal.wait_for("is held by");
    other.kill().unwrap();
    other.wait().unwrap();
    // Somebody on this host, as cron does.
    let line = "--plan plan.toml backup agents --method sql --rate 10KB";
    let mut command = slow.place.home.command(line.split_whitespace());
    let mut here = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    terminal.wait_for("backup of agents by sql");
    terminal.wait_for("running");
    here.kill().unwrap();
    here.wait().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_held_and_let_go_again() {
    let slow = Slow::new().await;
    let mut terminal = slow.console();
    terminal.keys("Hbreach\r");
    terminal.wait_for("Held by ");
    terminal.wait_for(": breach");
    assert!(slow.place.home.path().join("second/.lifeboat/hold.json").is_file());
    terminal.keys("R");
    terminal.wait_for("nothing may go");
    terminal.keys("\x1bHsettled\r");
    terminal.wait_for("done  end of the hold");
    terminal.wait_until("no hold", |screen| !screen.contents().contains("Held by "));
    assert!(!slow.place.home.path().join("second/.lifeboat/hold.json").exists());
    let told = slow.place.run("journal show --json").out;
    assert!(told.contains("settled"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_only_looking_is_allowed_nothing_is_begun() {
    let slow = Slow::new().await;
    let mut terminal = Terminal::lifeboat(&["--plan", "plan.toml", "--read-only"], slow.place.home.path(), &[]);
    terminal.wait_for("READ-ONLY");
    terminal.keys("7B");
    terminal.wait_for("B would back-up, but this console is read-only");
    terminal.keys("R");
    terminal.wait_for("Nothing is to go");
    assert!(!slow.place.home.path().join("state").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_schedule_begins_is_told_with_its_job() {
    let quick = Slow { place: Place::new().await };
    let ran = quick.place.run("backup --due --job daily --job sql");
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let mut told = quick.told();
    told.sort_by_key(|one| one["began"].to_string());
    let jobs: Vec<&Value> = told.iter().map(|one| &one["job"]).collect();
    assert_eq!(jobs, ["daily", "sql"], "{told:#?}");
    assert!(told.iter().all(|one| one["ended"]["ending"] == "done" && one["bytes"].as_u64() > Some(0)), "{told:#?}");
    // What one of its like came to is what the next one is expected to.
    quick.place.back_up("");
    let told = quick.told();
    let last = told.iter().max_by_key(|one| one["began"].to_string()).unwrap();
    assert_eq!(last["expected"], told.iter().find(|one| one["job"] == "daily").unwrap()["bytes"], "{told:#?}");
}
