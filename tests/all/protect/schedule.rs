//! `lifeboat schedule`: what it prints is what cron and systemd take, and means what the plan means.

use std::process::Command;

use chrono::{DateTime, NaiveDateTime, Utc};
use lifeboat::plan::types::Job;
use lifeboat::protect::due::Timing;
use lifeboat::text::Zone;

use crate::support::program::Home;

const PLAN: &str = "[platform]\nname = 'p q'\ntime_zone = 'Europe/Berlin'\n";
const CRONS: [&str; 10] = [
    "0 2 * * *",
    "*/15 * * * *",
    "30 9-17 * * 1-5",
    "0 4 1 * *",
    "0 10 * * THU#1",
    "0 10 * 11 MON#1",
    "0 23 L * *",
    "0 10 * * FRI#L",
    "5,35 */6 * JAN,JUL *",
    "0 12 13 * FRI",
];

fn place() -> Home {
    let home = Home::new();
    let job = |(number, when): (usize, String)| {
        format!("[[job]]\nname = 'j {number}%'\ndo = 'command'\nrun = ['true']\n{when}\n")
    };
    let crons = CRONS.iter().map(|cron| format!("cron = '{cron}'"));
    let others = ["every = '10min'", "every = '6h'", "every = '24h'", "on_change = true"].map(str::to_owned);
    let jobs: String = crons.chain(others).enumerate().map(job).collect();
    home.write("a plan.toml", format!("{PLAN}{jobs}"));
    home
}

fn printed(home: &Home, words: &[&str]) -> String {
    let output =
        home.command(["--plan", "a plan.toml", "--state", "state", "schedule"].iter().chain(words)).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The lines that cron runs: five fields, the user, the command.
fn lines(table: &str) -> Vec<Vec<String>> {
    let is_line = |line: &&str| !line.starts_with('#') && !line.starts_with("CRON_TZ=");
    let fields = |line: &str| line.splitn(7, ' ').map(str::to_owned).collect();
    table.lines().filter(is_line).map(fields).collect()
}

#[test]
fn one_line_of_cron_runs_whatever_is_due() {
    let home = place();
    let table = printed(&home, &["--user", "lifeboat"]);
    let lines = lines(&table);
    assert_eq!(lines.len(), 1, "{table}");
    assert_eq!(lines[0][..6], ["*/5", "*", "*", "*", "*", "lifeboat"]);
    assert!(lines[0][6].ends_with("backup --due") && lines[0][6].contains("a plan.toml'"), "{table}");
    assert!(table.contains("claimed") && table.contains("# j 13%: a change sets it off"), "it says why: {table}");
    let wrong = home.command(["--plan", "a plan.toml", "schedule", "--user", "x\ny"]).output().unwrap();
    assert_eq!(wrong.status.code(), Some(2));
}

#[test]
fn a_line_for_each_job_is_one_that_cron_reads() {
    let home = place();
    let table = printed(&home, &["--each", "--user", "lifeboat"]);
    assert!(table.contains("CRON_TZ=Europe/Berlin\n"), "{table}");
    let lines = lines(&table);
    assert_eq!(lines.len(), CRONS.len() + 4, "{table}");
    for line in lines {
        let cron = line[..5].join(" ");
        assert!(lifeboat::plan::CronSchedule::new(&cron, Zone::UTC).is_ok(), "{cron}");
        let plain = |c: char| c.is_ascii_digit() || "*/,-".contains(c);
        assert!(line[..5].iter().all(|field| field.chars().all(plain)), "what every cron reads: {cron}");
        assert!(!line[6].replace("\\%", "").contains('%'), "a bare one ends the command: {line:?}");
    }
}

#[test]
fn systemd_takes_the_units_and_reads_in_them_what_the_plan_says() {
    if Command::new("systemd-analyze").arg("--version").output().is_err() {
        return;
    }
    let home = place();
    let folder = home.path().join("units");
    std::fs::create_dir(&folder).unwrap();
    for words in [["--systemd", "--each"].as_slice(), &["--systemd", "--user", "root"]] {
        let mut paths = Vec::new();
        let printed = printed(&home, words);
        for unit in printed.split("# /etc/systemd/system/").skip(1) {
            let (name, text) = unit.split_once('\n').unwrap();
            paths.push(folder.join(name));
            std::fs::write(folder.join(name), text).unwrap();
        }
        assert_eq!(paths.len(), if words.contains(&"--each") { 2 * (CRONS.len() + 4) } else { 2 });
        let verified = Command::new("systemd-analyze").args(["verify", "--man=no"]).args(&paths).output().unwrap();
        let complaints = String::from_utf8_lossy(&verified.stderr).into_owned();
        let ours: Vec<&str> = complaints.lines().filter(|line| line.contains("lifeboat")).collect();
        assert!(ours.is_empty(), "{ours:#?}");
        assert!(printed.contains("Persistent=true"), "{printed}");
    }
    // Each timer comes when its job does, also over a change of clocks.
    let base: DateTime<Utc> = "2024-10-24T12:00:00Z".parse().unwrap();
    for (number, cron) in CRONS.iter().enumerate() {
        let job: Job = toml::from_str(&format!("name = 'j'\ndo = 'command'\ncron = '{cron}'")).unwrap();
        let timing = Timing::of(&job, "Europe/Berlin".parse().unwrap()).unwrap();
        let said: Vec<_> = std::iter::successors(timing.next(base), |last| timing.next(*last)).take(4).collect();
        let timer = std::fs::read_to_string(folder.join(format!("lifeboat-p_q-j_{number}_.timer"))).unwrap();
        let whens: Vec<&str> = timer.lines().filter_map(|line| line.strip_prefix("OnCalendar=")).collect();
        let mut elapses: Vec<DateTime<Utc>> = whens.iter().flat_map(|when| elapses(when, base)).collect();
        elapses.sort();
        elapses.dedup();
        assert_eq!(elapses[..4], said, "{cron}: {whens:?}");
    }
}

/// When systemd would begin.
fn elapses(when: &str, base: DateTime<Utc>) -> Vec<DateTime<Utc>> {
    let base = base.format("--base-time=%Y-%m-%d %H:%M:%S UTC").to_string();
    let output = Command::new("systemd-analyze")
        .args(["calendar", "--iterations=6", &base, when])
        .env("TZ", "UTC")
        .output()
        .unwrap();
    assert!(output.status.success(), "{when}: {output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    let moment = |line: &str| {
        let (label, rest) = line.split_once(": ")?;
        let is_moment = label.contains("Next elapse") || label.contains("Iteration") || label.contains("Iter.");
        let rest = rest.trim().strip_suffix(" UTC").filter(|_| is_moment)?;
        NaiveDateTime::parse_from_str(rest.split_once(' ')?.1, "%Y-%m-%d %H:%M:%S").ok().map(|at| at.and_utc())
    };
    text.lines().filter_map(moment).collect()
}
