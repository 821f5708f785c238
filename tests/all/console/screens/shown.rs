//! Every screen as it is shown, in full and with how each place looks.

use lifeboat::console::fetch::LogAnswer;
use lifeboat::console::screens::{Backups, Component, Journal, Logs, Overview, People, Plan};
use lifeboat::console::{Action, Screen, Theme};
use lifeboat::desk::{Desk, Record};
use lifeboat::systems::logs::{Level, LogLine};

use super::drawn::{draw, styled, view};
use super::kept::{kept, many, opened};
use super::made_up::{alone, desk, empty, now, well};

/// A screen after some actions, at a size.
fn shown(screen: &mut dyn Screen, desk: &Desk, actions: &[Action], (width, height): (u16, u16)) -> String {
    let theme = Theme::default();
    draw(screen, desk, width, height);
    for action in actions {
        screen.act(*action, &view(desk, &theme));
        draw(screen, desk, width, height);
    }
    styled(&draw(screen, desk, width, height))
}

const USUAL: (u16, u16) = (80, 24);
const WIDE: (u16, u16) = (120, 40);

#[test]
fn the_overview() {
    insta::assert_snapshot!("overview-80x24", shown(&mut Overview::default(), &desk(), &[], USUAL));
    insta::assert_snapshot!("overview-120x40", shown(&mut Overview::default(), &desk(), &[Action::Down], WIDE));
    insta::assert_snapshot!("overview-40x12", shown(&mut Overview::default(), &desk(), &[], (40, 12)));
    insta::assert_snapshot!("overview-problems", shown(&mut Overview::default(), &desk(), &[Action::Problems], USUAL));
    insta::assert_snapshot!("overview-folded", shown(&mut Overview::default(), &desk(), &[Action::Fold], (80, 16)));
    insta::assert_snapshot!("overview-before-anybody-was-asked", shown(&mut Overview::default(), &empty(), &[], USUAL));
    insta::assert_snapshot!("overview-all-well", shown(&mut Overview::default(), &well(), &[], (80, 16)));
    insta::assert_snapshot!("overview-own-network", shown(&mut Overview::default(), &alone(), &[], (80, 16)));
}

#[test]
fn a_component() {
    insta::assert_snapshot!("component-80x24", shown(&mut Component::default(), &desk(), &[], USUAL));
    insta::assert_snapshot!("component-120x40", shown(&mut Component::default(), &desk(), &[], WIDE));
    insta::assert_snapshot!("component-200x60", shown(&mut Component::default(), &desk(), &[], (200, 60)));
    insta::assert_snapshot!("component-end", shown(&mut Component::default(), &desk(), &[Action::Last], WIDE));
    let mut nasty = Component::default();
    nasty.show(12);
    insta::assert_snapshot!("component-nasty", shown(&mut nasty, &desk(), &[], USUAL));
    let mut silent = Component::default();
    silent.show(4);
    insta::assert_snapshot!("component-silent", shown(&mut silent, &desk(), &[], USUAL));
}

fn logs(answer: LogAnswer) -> Logs {
    let mut logs = Logs::default();
    logs.show(answer.component);
    logs.take(answer);
    logs
}

fn lines() -> LogAnswer {
    let line = |ago: i64, level, text: &str| LogLine {
        at: Some(now() - chrono::TimeDelta::seconds(ago)),
        level,
        text: text.to_owned(),
    };
    let lines = vec![
        line(90_000, Level::Info, "checkpoint starting: time"),
        line(
            300,
            Level::Warning,
            "could not send data to client: a sentence that is long enough to be folded into two",
        ),
        line(20, Level::Error, "relation \"agents\" does not exist at character 15"),
        LogLine { at: None, level: Level::Unknown, text: "STATEMENT:  select * from agents".to_owned() },
        line(5, Level::Debug, "wal writer \\x1b[2J wakes up"),
    ];
    LogAnswer { component: 0, at: now(), lines: Ok(lines) }
}

#[test]
fn a_log() {
    insta::assert_snapshot!("logs-80x24", shown(&mut logs(lines()), &desk(), &[], USUAL));
    insta::assert_snapshot!("logs-120x40", shown(&mut logs(lines()), &desk(), &[Action::Level], WIDE));
    let why = "log /var/log/app: permission denied; look whether it may be read: ls -l /var/log/app".to_owned();
    let mut refused = logs(LogAnswer { component: 0, at: now(), lines: Err(why) });
    insta::assert_snapshot!("logs-refused", shown(&mut refused, &desk(), &[], (80, 8)));
    let mut none = Logs::default();
    none.show(2);
    insta::assert_snapshot!("logs-none", shown(&mut none, &desk(), &[], (80, 8)));
}

#[test]
fn people() {
    insta::assert_snapshot!("people-80x24", shown(&mut People::default(), &desk(), &[], USUAL));
    insta::assert_snapshot!("people-120x40", shown(&mut People::default(), &desk(), &[], WIDE));
    insta::assert_snapshot!("people-200x40", shown(&mut People::default(), &desk(), &[], (200, 40)));
    insta::assert_snapshot!("people-40x12", shown(&mut People::default(), &desk(), &[], (40, 12)));
}

#[test]
fn the_journal() {
    insta::assert_snapshot!("journal-80x24", shown(&mut Journal::default(), &desk(), &[Action::Down], USUAL));
    insta::assert_snapshot!("journal-120x40", shown(&mut Journal::default(), &desk(), &[], WIDE));
    insta::assert_snapshot!("journal-40x12", shown(&mut Journal::default(), &desk(), &[], (40, 12)));
    let trouble = Some("event 7 of bastion-1 was altered after it was written".to_owned());
    let record = Record { trouble, recorded_by: Some("bert on bastion-2".to_owned()), ..Record::default() };
    let damaged = Desk { record, ..empty() };
    insta::assert_snapshot!("journal-damaged", shown(&mut Journal::default(), &damaged, &[], (80, 8)));
}

#[test]
fn the_plan() {
    use Action::{Down, Open};
    insta::assert_snapshot!("plan-80x24", shown(&mut Plan::default(), &desk(), &[], USUAL));
    insta::assert_snapshot!("plan-120x40", shown(&mut Plan::default(), &desk(), &[Down], WIDE));
    insta::assert_snapshot!("plan-triggers-80x24", shown(&mut Plan::default(), &desk(), &[Down, Open], USUAL));
    let procedure = [[Down; 13].as_slice(), &[Open]].concat();
    insta::assert_snapshot!("plan-procedure-80x24", shown(&mut Plan::default(), &desk(), &procedure, USUAL));
    let paper = [[Down; 15].as_slice(), &[Open]].concat();
    insta::assert_snapshot!("plan-paper-80x24", shown(&mut Plan::default(), &desk(), &paper, USUAL));
}

#[test]
fn backups() {
    use Action::{Down, Open, Right};
    insta::assert_snapshot!("backups-job-80x24", shown(&mut Backups::default(), &kept(), &[Right, Down, Open], USUAL));
    insta::assert_snapshot!("backups-80x24", shown(&mut Backups::default(), &kept(), &[Down], USUAL));
    insta::assert_snapshot!("backups-120x40", shown(&mut Backups::default(), &kept(), &[], WIDE));
    assert!(
        !shown(&mut Backups::default(), &kept(), &[], WIDE).contains("of        no component"),
        "the list keeps its columns"
    );
    insta::assert_snapshot!("backups-200x60", shown(&mut Backups::default(), &kept(), &[], (200, 60)));
    insta::assert_snapshot!("backups-40x12", shown(&mut Backups::default(), &kept(), &[], (40, 12)));
    insta::assert_snapshot!("backups-jobs-80x24", shown(&mut Backups::default(), &kept(), &[Right], USUAL));
    insta::assert_snapshot!("backups-before-any-look", shown(&mut Backups::default(), &desk(), &[], (80, 12)));
    insta::assert_snapshot!("backups-point-80x24", shown(&mut opened(&kept()), &kept(), &[], USUAL));
    insta::assert_snapshot!("overview-data-80x24", shown(&mut Overview::default(), &kept(), &[], USUAL));
}

#[test]
fn ten_thousand_recovery_points_are_drawn_at_once() {
    let (desk, mut screen) = (many(10_000), Backups::default());
    draw(&mut screen, &desk, 80, 24);
    let began = std::time::Instant::now();
    for _ in 0..10 {
        draw(&mut screen, &desk, 80, 24);
    }
    assert!(began.elapsed() < std::time::Duration::from_secs(2), "{:?}", began.elapsed());
}
