//! What is asked for: previewed, confirmed, refused; and what is under way.

use std::sync::Arc;
use std::time::Duration;

use lifeboat::console::app::{App, Effect, Message, Moment};
use lifeboat::console::fetch_retention::RetentionAnswer;
use lifeboat::console::order::Order;
use lifeboat::console::screens::{Backups, Overview, all};
use lifeboat::console::terminal::{Event, Key, Size};
use lifeboat::console::{Action, Reply, Screen, Theme};
use lifeboat::desk::Desk;
use lifeboat::plan::types::Method;
use lifeboat::protect::expire::{Outlook, Prospect};

use super::at_work::{busy, held, over};
use super::drawn::{draw, lines, styled, view};
use super::kept::kept;
use super::made_up::now;

const SIZES: [(u16, u16); 4] = [(80, 24), (120, 40), (200, 60), (40, 12)];

/// The console on its backups after some keys, and everything that it wants done.
fn after(desk: Desk, keys: &str, (width, height): (u16, u16)) -> (App, Vec<Effect>) {
    let at = Moment { wall: now(), boot: Duration::from_secs(1000) };
    let mut app = App::new(Arc::new(desk), at, all(), Size { width, height });
    app.draw();
    let mut effects = Vec::new();
    for key in format!("7 {keys}").split_whitespace() {
        effects.extend(app.update(Message::Input(Event::Key(key.parse::<Key>().unwrap())), at));
        app.draw();
    }
    (app, effects)
}

fn effects(desk: Desk, keys: &str) -> Vec<Effect> {
    after(desk, keys, (80, 24)).1
}

fn text(desk: Desk, keys: &str) -> String {
    lines(&after(desk, keys, (80, 24)).0.draw()).join("\n")
}

#[test]
fn what_is_under_way_is_shown_at_every_size() {
    for (width, height) in SIZES {
        insta::assert_snapshot!(
            format!("busy-{width}x{height}"),
            styled(&draw(&mut Backups::default(), &busy(), width, height))
        );
        insta::assert_snapshot!(
            format!("over-{width}x{height}"),
            styled(&draw(&mut Backups::default(), &over(), width, height))
        );
    }
    let overview = lines(&draw(&mut Overview::default(), &busy(), 80, 24)).join("\n");
    assert!(
        overview.contains("▸ 2 under way: backup of postgres by dump, 2.00GB of about 5.00GB, 30.0MB/s"),
        "{overview}"
    );
}

#[test]
fn what_exactly_would_be_done_is_shown_first() {
    for (name, desk, keys) in [
        ("back-up", held(), "down down down B"),
        ("verify", held(), "down down down V"),
        ("hold", kept(), "H b r e a c h"),
        ("release", held(), "H"),
        ("call-off", busy(), "X"),
        ("refused", busy(), "X down"),
    ] {
        for size in SIZES {
            let (mut app, effects) = after(desk.clone(), keys, size);
            assert_eq!(effects, [], "{name}: nothing is done before it is confirmed");
            insta::assert_snapshot!(format!("preview-{name}-{}x{}", size.0, size.1), styled(&app.draw()));
        }
    }
}

#[test]
fn what_is_confirmed_is_started_and_nothing_else() {
    let dump = Order::BackUp { component: "postgres".to_owned(), method: Some(Method::Dump) };
    let redis = Order::BackUp { component: "redis".to_owned(), method: Some(Method::Snapshot) };
    assert_eq!(effects(held(), "down down down B y"), [Effect::Start(dump.clone())]);
    assert_eq!(effects(held(), "down down down B enter"), [Effect::Start(dump)]);
    assert_eq!(effects(held(), "down down down B down y"), [Effect::Start(redis)]);
    for left in ["esc y", "n", "q", "ctrl-c"] {
        assert!(!effects(held(), &format!("B {left}")).iter().any(|it| matches!(it, Effect::Start(_))), "{left}");
    }
    let verify = |point: Option<&str>, is_deep| Effect::Start(Order::Verify { point: point.map(Into::into), is_deep });
    assert_eq!(effects(kept(), "down down V y"), [verify(Some("redis/snapshot_20231115_011705"), false)]);
    assert_eq!(effects(kept(), "down V y"), [verify(Some("config/archive_20231115_0152"), true)]);
    assert_eq!(effects(kept(), "V down enter"), [verify(None, false)]);
    assert_eq!(effects(kept(), "right V enter"), [verify(None, false)]);
}

#[test]
fn a_hold_wants_a_reason() {
    assert_eq!(effects(kept(), "H enter"), []);
    assert!(text(kept(), "H enter").contains("a reason is needed"));
    let why = "my".to_owned();
    assert_eq!(effects(kept(), "H m y enter"), [Effect::Start(Order::Hold { why: why.clone() })]);
    assert_eq!(effects(held(), "H m y enter"), [Effect::Start(Order::Release { why })]);
    let (mut app, _) = after(kept(), "H", (80, 24));
    let at = Moment { wall: now(), boot: Duration::from_secs(1000) };
    app.update(Message::Input(Event::Paste("a breach\nin \x1b[2J two".to_owned())), at);
    let effects = app.update(Message::Input(Event::Key("enter".parse().unwrap())), at);
    let [Effect::Start(Order::Hold { why })] = &effects[..] else { panic!("{effects:?}") };
    assert!(why.starts_with("a breach") && !why.contains(char::is_control), "{why:?}");
}

#[test]
fn what_runs_is_called_off_by_a_letter_and_only_by_whoever_may() {
    assert_eq!(effects(busy(), "X enter"), []);
    let called_off = effects(busy(), "X y");
    let [Effect::CallOff(operation)] = &called_off[..] else { panic!("{called_off:?}") };
    assert_eq!(operation.about.of, "postgres");
    assert_eq!(effects(busy(), "X down y"), [], "it is another user's");
    assert!(text(busy(), "X down").contains("Only root can: kill\n  -TERM 12"), "{}", text(busy(), "X down"));
    assert!(text(kept(), "X").contains("nothing is under way"));
}

#[test]
fn a_second_backup_of_the_same_is_refused_before_it_is_begun() {
    let told = text(busy(), "right down B");
    assert!(told.contains("ops is at it already"), "{told}");
    assert_eq!(effects(busy(), "right down B y enter"), []);
}

#[test]
fn what_stands_still_is_confirmed_as_it_is_now() {
    let at = Moment { wall: now(), boot: Duration::from_secs(1000) };
    let (mut app, _) = after(kept(), "f", (80, 24));
    app.update(Message::Desk(Arc::new(busy())), at);
    let mut keys = |key: &str| app.update(Message::Input(Event::Key(key.parse().unwrap())), at);
    keys("right");
    keys("down");
    keys("B");
    assert_eq!(keys("y"), [], "somebody is at it by now");
}

#[test]
fn retentions_dry_run_is_a_page() {
    let (desk, theme, mut screen) = (kept(), Theme::default(), Backups::default());
    assert!(!screen.wants_retention());
    assert_eq!(screen.act(Action::Retention, &view(&desk, &theme)), Reply::Done);
    assert!(screen.wants_retention());
    assert!(lines(&draw(&mut screen, &desk, 80, 24))[1].contains("looking into every store"));
    let series = Prospect {
        store: "local".to_owned(),
        component: "postgres".to_owned(),
        method: Some(Method::Dump),
        stays: vec![(3, "the newest good one of its day".to_owned()), (1, "younger than 7d".to_owned())],
        goes: vec![("postgres/evil\u{1b}[2J".to_owned(), 5_000_000, "older than 7d".to_owned())],
    };
    let other = Prospect { component: "redis".to_owned(), goes: Vec::new(), ..series.clone() };
    let outlook = Outlook {
        series: vec![series, other],
        alone: vec![("offsite".to_owned(), 2)],
        logs: Vec::new(),
        held: Some("anna holds everything since 2023-11-15 (in local): breach".to_owned()),
        early: vec![("offsite".to_owned(), "the bucket removes everything after 3 days".to_owned())],
    };
    screen.take_retention(RetentionAnswer { at: now(), found: Ok(Arc::new(outlook)) });
    for (width, height) in SIZES {
        insta::assert_snapshot!(
            format!("retention-{width}x{height}"),
            styled(&draw(&mut screen, &desk, width, height))
        );
    }
    assert_eq!(screen.act(Action::Back, &view(&desk, &theme)), Reply::Done);
    assert!(!screen.wants_retention());
}
