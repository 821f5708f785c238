//! Keys, pastes and nonsense.

use std::time::Duration;

use super::Place;

#[test]
fn a_paste_of_a_thousand_lines_runs_nothing() {
    let place = Place::new();
    let mut terminal = place.open(&["console"]);
    terminal.keys(format!("\x1b[200~{}\x1b[201~", "q\r:quit\r\n".repeat(500)));
    terminal.wait_for("was ignored");
    terminal.keys("/");
    terminal.wait_for("esc clears");
    terminal.keys("\x1b[200~cac\r\nhe\x1b[201~");
    terminal.wait_until("only the cache", |screen| {
        let text = screen.contents();
        text.contains("session-cache") && !text.contains("agent-db")
    });
    terminal.keys("\x1b");
    terminal.wait_for("agent-db");
    terminal.keys("q");
    assert_eq!(terminal.end(), 0);
}

#[test]
fn nonsense_at_the_keyboard_never_breaks_it() {
    let place = Place::new();
    let mut terminal = place.open(&["console"]);
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let leaves = [b'q', 3, 26, 28];
    for _ in 0..4_000 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let byte = state.to_be_bytes()[0];
        // Wandering about is wanted, leaving is not; neither are suspended sequences of a paste.
        if !leaves.contains(&byte) {
            terminal.keys([if byte.is_multiple_of(5) { 0x1b } else { byte }]);
        }
        if byte == 0 {
            std::thread::sleep(Duration::from_millis(20));
        }
    }
    std::thread::sleep(Duration::from_millis(200));
    // Out of whatever is open, out of the small print, and to the first screen.
    terminal.keys("\x1b\x1b\\");
    std::thread::sleep(Duration::from_millis(200));
    terminal.keys("\x03");
    std::thread::sleep(Duration::from_millis(2_500));
    terminal.keys("\x1b");
    std::thread::sleep(Duration::from_millis(100));
    terminal.keys("?");
    terminal.wait_for("What can be done here");
    terminal.keys("\x03");
    terminal.wait_until("closed", |screen| !screen.contents().contains("What can be done here"));
    terminal.keys("q");
    assert_eq!(terminal.end(), 0);
    terminal.assert_given_back();
}

#[test]
fn help_palette_and_screens_are_a_key_away() {
    let place = Place::new();
    let mut terminal = place.open(&["console"]);
    terminal.keys("?");
    terminal.wait_for("What can be done here");
    terminal.keys("freez");
    terminal.wait_until("only that", |screen| {
        let text = screen.contents();
        text.contains("Let the picture stand still") && !text.contains("One line up")
    });
    terminal.keys("\x1b");
    terminal.wait_for("agent-db");
    terminal.keys(":sesscache\r");
    terminal.wait_until("the component", |screen| !screen.contents().contains("agent-db"));
    terminal.wait_for("session-cache");
    terminal.keys("5");
    terminal.wait_until("another screen", |screen| screen.contents().contains("5 Journal"));
    terminal.keys("1f");
    terminal.wait_for("FROZEN");
    terminal.keys("f");
    terminal.wait_until("it goes on", |screen| !screen.contents().contains("FROZEN"));
    terminal.keys("z");
    terminal.wait_for("times are now UTC");
    terminal.keys("~");
    terminal.wait_for("~ does nothing here");
    terminal.keys("\x03");
    terminal.wait_for("again");
    std::thread::sleep(Duration::from_millis(2_200));
    terminal.keys("\x03");
    std::thread::sleep(Duration::from_millis(300));
    terminal.keys("\x03");
    assert_eq!(terminal.end(), 0);
}

#[test]
fn keys_are_the_users_own_and_mistakes_in_them_are_told() {
    let place = Place::new();
    place.home.write(".config/lifeboat/keys.toml", "quit = 'X'\nfreze = 'F'\n");
    let mut terminal = place.open(&["console"]);
    terminal.wait_for("did you mean \"freeze\"?");
    terminal.keys("q");
    terminal.wait_for("q does nothing here");
    terminal.keys("X");
    assert_eq!(terminal.end(), 0);
}

#[test]
fn the_mouse_is_off_until_it_is_asked_for() {
    let place = Place::new();
    let mut terminal = place.open(&["console"]);
    assert_eq!(terminal.look(vt100::Screen::mouse_protocol_mode), vt100::MouseProtocolMode::None);
    terminal.keys("m");
    terminal.wait_until("the mouse", |screen| screen.mouse_protocol_mode() != vt100::MouseProtocolMode::None);
    let column = terminal.look(|screen| screen.rows(0, 80).nth(1).unwrap().find("Journal").unwrap() + 1);
    terminal.keys(format!("\x1b[<0;{column};2M"));
    terminal.wait_until("the journal", |screen| !screen.contents().contains("agent-db"));
    terminal.keys("q");
    assert_eq!(terminal.end(), 0);
    terminal.assert_given_back();
}
