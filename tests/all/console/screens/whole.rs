//! The console as a whole: header, navigation, banners, a screen or what lies over it, footer.

use std::sync::Arc;
use std::time::Duration;

use lifeboat::console::app::{App, Message, Moment};
use lifeboat::console::screens::all;
use lifeboat::console::terminal::{Event, Key, Size};
use lifeboat::desk::Desk;

use super::drawn::{lines, styled};
use super::made_up::{desk, empty, now, read};

const USUAL: (u16, u16) = (80, 24);
const WIDE: (u16, u16) = (120, 40);

/// The console on a desk after some keys.
fn after(desk: Desk, keys: &str, (width, height): (u16, u16)) -> App {
    let at = Moment { wall: now(), boot: Duration::from_secs(1000) };
    let mut app = App::new(Arc::new(desk), at, all(), Size { width, height });
    app.draw();
    for key in keys.split_whitespace() {
        app.update(Message::Input(Event::Key(key.parse::<Key>().unwrap())), at);
        app.draw();
    }
    app
}

fn shown(keys: &str, size: (u16, u16)) -> String {
    styled(&after(desk(), keys, size).draw())
}

#[test]
fn the_whole_console() {
    insta::assert_snapshot!("whole-80x24", shown("", USUAL));
    insta::assert_snapshot!("whole-120x40", shown("", WIDE));
    insta::assert_snapshot!("whole-frozen-80x24", shown("f down down", USUAL));
    insta::assert_snapshot!("whole-filter-80x24", shown("/ r e d", USUAL));
    insta::assert_snapshot!("whole-opening-80x24", styled(&after(empty(), "", USUAL).draw()));
}

#[test]
fn what_lies_over_a_screen() {
    insta::assert_snapshot!("whole-help-80x24", shown("?", USUAL));
    insta::assert_snapshot!("whole-help-120x40", shown("?", WIDE));
    insta::assert_snapshot!("whole-palette-80x24", shown(": down", USUAL));
    insta::assert_snapshot!("whole-palette-120x40", shown(": r e d", WIDE));
}

#[test]
fn an_environment_with_an_odd_name_is_production() {
    for (named, word) in
        [("delivery", "PRODUCTION: DELIVERY"), ("latest", "PRODUCTION: LATEST"), ("", "PRODUCTION, NOT NAMED")]
    {
        let plan = read(&format!("[platform]\nname = 'bare'\nenvironment = '{named}'\n"));
        let first = |size| {
            let buffer = after(Desk::new(plan.clone(), now()), "", size).draw();
            let loud = styled(&buffer).lines().nth(1).is_some_and(|looks| looks.contains("PPPPPPPPPP"));
            (lines(&buffer)[0].clone(), loud)
        };
        for size in [(40, 12), USUAL, WIDE] {
            let (line, is_loud) = first(size);
            assert!(line.starts_with(&format!(" {word} ")) && is_loud, "{size:?} {line}");
        }
    }
}
