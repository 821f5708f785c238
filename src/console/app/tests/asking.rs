//! What works on the stores: not bound where only looking is allowed, not begun where there is nowhere to tell of it.

use super::Trial;
use crate::console::action::{Danger, Keymap};
use crate::console::screens;

fn on_backups() -> Trial {
    let mut trial = Trial::with(screens::all());
    trial.keys("7");
    trial
}

#[test]
fn where_only_looking_is_allowed_nothing_can_be_asked_for() {
    let mut trial = on_backups();
    trial.app.keymap = Keymap::new(Danger::Looks);
    trial.app.is_read_only = true;
    for (key, name) in [("B", "back-up"), ("V", "verify"), ("H", "hold"), ("X", "call-off")] {
        assert_eq!(trial.keys(key), []);
        trial.shows(&format!("{key} would {name}, but this console is read-only"));
    }
    trial.keys("?");
    trial.hides("Take a recovery point now");
    trial.keys("esc R");
    trial.shows("Retention: what would go now");
}

#[test]
fn without_a_state_folder_nothing_is_begun() {
    let mut trial = on_backups();
    trial.app.can_start = false;
    assert_eq!(trial.keys("H"), []);
    trial.shows("there is no state folder");
    assert!(trial.app.overlay.is_none());
}

#[test]
fn the_help_and_the_palette_say_what_asks_first() {
    let mut trial = on_backups();
    trial.keys("? c a l l");
    trial.shows("Call off what is under way  asks first");
    trial.keys("esc : b a c k - u p");
    trial.shows("back-up: Take a recovery point now");
    trial.keys("enter");
    trial.shows("the plan backs up nothing");
}
