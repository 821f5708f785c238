//! From one screen to another, at every size.

use super::Trial;
use crate::console::app::Message;
use crate::console::screens;
use crate::console::terminal::Size;

#[test]
fn screens_are_a_key_away_and_esc_goes_back() {
    let mut trial = Trial::new();
    trial.keys("down enter");
    trial.shows("component 1");
    trial.keys("5 tab");
    trial.shows("line 1");
    trial.keys("esc esc");
    trial.shows("component 1");
    trial.keys("esc esc esc");
    trial.shows("line 1 of \"\", component 0");
    assert_eq!(trial.keys("3"), [], "there is no such screen here");
}

#[test]
fn another_screen_goes_on_about_the_same_component() {
    let mut trial = Trial::with(screens::all());
    trial.text();
    trial.keys("down down 3");
    trial.shows("session-cache has no log in the plan");
    trial.keys("1 up up 2 3");
    trial.shows("agent-db has no log in the plan");
    trial.keys("esc");
    trial.shows("1 of 2");
}

#[test]
fn every_size_is_drawn() {
    let mut trial = Trial::with(screens::all());
    for number in 0..screens::all().len() {
        trial.app.current = number;
        for width in [0, 1, 2, 3, 5, 10, 20, 39, 40, 41, 60, 79, 80, 81, 120, 200, 300] {
            for height in [0, 1, 2, 3, 5, 11, 12, 13, 24, 40, 60, 100] {
                trial.tell(Message::Size(Size { width, height }));
                let buffer = trial.app.draw();
                assert_eq!((buffer.area.width, buffer.area.height), (width, height));
            }
        }
    }
}

#[test]
fn a_small_terminal_gets_a_polite_card() {
    let mut trial = Trial::new();
    for (width, height) in [(39, 24), (80, 11), (24, 4)] {
        trial.tell(Message::Size(Size { width, height }));
        trial.shows("2 unknown of 2");
        trial.shows("DRILL");
    }
    trial.tell(Message::Size(Size { width: 40, height: 12 }));
    trial.shows("line 0");
    trial.shows("? help");
}
