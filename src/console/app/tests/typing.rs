//! Keys, text that is typed, pastes and the mouse.

use super::Trial;
use crate::console::ScreenId;
use crate::console::action::{Danger, Keymap};
use crate::console::app::{Effect, Message};
use crate::console::terminal::{Event, Mouse};

#[test]
fn a_filter_follows_each_key_and_can_be_kept_or_cleared() {
    let mut trial = Trial::new();
    trial.keys("/ a q");
    trial.shows("line 0 of \"aq\"");
    trial.keys("down backspace enter");
    trial.shows("line 1 of \"a\"");
    trial.shows("filter a");
    trial.keys("esc");
    trial.shows("line 1 of \"\"");
    trial.keys("/ x esc");
    trial.shows("of \"\"");
}

#[test]
fn a_paste_is_one_line_in_a_field_and_nothing_elsewhere() {
    let mut trial = Trial::new();
    let paste = "q\r\n".repeat(1000);
    trial.paste(&paste);
    trial.shows("a paste of 1000 lines was ignored");
    trial.paste(&"q\r".repeat(1000));
    trial.shows("a paste of 1000 lines was ignored");
    trial.keys("/");
    trial.paste("one\r\ntwo\x1b[2J");
    trial.shows("\"onetwo[2J\"");
    trial.keys("esc :");
    trial.paste(&paste);
    trial.shows("nothing is called so");
}

#[test]
fn the_palette_does_what_it_finds() {
    let mut trial = Trial::new();
    trial.keys(": f r e e z enter");
    trial.shows("FROZEN");
    trial.keys(": s e s s c enter");
    trial.shows("component 1");
    assert_eq!(trial.keys(": q u i t enter"), [Effect::Quit]);
    trial.keys(": esc");
    trial.hides("Find an action");
}

#[test]
fn the_help_is_made_of_what_can_be_done_and_can_be_searched() {
    let mut trial = Trial::new();
    trial.keys("?");
    trial.shows("Filter the list");
    trial.hides("Fold or unfold");
    trial.keys("f r e e");
    trial.shows("Let the picture stand still");
    trial.hides("Filter the list");
    trial.keys("x x");
    trial.shows("nothing here is called so");
    trial.keys("esc ? q");
    trial.hides("What can be done here");
}

#[test]
fn a_word_in_the_footer_goes_by_itself_even_if_the_clock_jumps() {
    let mut trial = Trial::new();
    trial.keys("~");
    trial.shows("~ does nothing here");
    trial.at.wall -= chrono::TimeDelta::days(400);
    trial.wait(1);
    trial.shows("~ does nothing here");
    trial.wait(30);
    trial.hides("does nothing");
}

#[test]
fn what_is_copied_is_told_and_bounded() {
    let mut trial = Trial::new();
    trial.keys("y");
    trial.shows("nothing to copy");
    assert!(matches!(trial.keys("down y").as_slice(), [Effect::Clipboard(text)] if text.len() == 40_000));
    assert_eq!(trial.keys("down y"), []);
    trial.shows("too much");
}

#[test]
fn the_mouse_counts_only_when_it_is_on() {
    let mut trial = Trial::new();
    let wheel = || Message::Input(Event::Mouse(Mouse::WheelDown));
    trial.text();
    trial.tell(wheel());
    trial.shows("line 0");
    assert_eq!(trial.keys("m"), [Effect::Mouse(true)]);
    trial.tell(wheel());
    trial.shows("line 3");
    let spot = trial.app.spots.iter().find(|spot| spot.id == ScreenId::Journal).unwrap().clone();
    trial.tell(Message::Input(Event::Mouse(Mouse::Press { column: spot.columns.start, line: spot.line })));
    trial.shows("line 0");
    assert_eq!(trial.keys("m"), [Effect::Mouse(false)]);
}

#[test]
fn where_only_looking_is_allowed_nothing_is_saved() {
    let mut trial = Trial::new();
    assert_eq!(trial.keys("w"), [Effect::Save]);
    trial.app.keymap = Keymap::new(Danger::Looks);
    trial.app.is_read_only = true;
    assert_eq!(trial.keys("w"), []);
    trial.shows("w would save, but this console is read-only");
    trial.shows("READ-ONLY");
    trial.keys(": s a v e");
    trial.hides("Save the screen");
}

#[test]
fn the_zone_that_is_shown_is_named() {
    let mut trial = Trial::new();
    trial.keys("z");
    trial.shows("times are now UTC");
    trial.keys("z");
    trial.shows("times are now this machine's (UTC");
}
