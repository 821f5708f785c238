//! How the console is left, and what is open in it.

use super::Trial;
use crate::console::app::Effect;

#[test]
fn leaving_takes_one_key_or_ctrl_c_twice() {
    let mut trial = Trial::new();
    assert_eq!(trial.keys("q"), [Effect::Quit]);
    assert_eq!(trial.keys("ctrl-\\"), [Effect::Quit]);
    assert_eq!(trial.keys("ctrl-c"), []);
    trial.shows("press ctrl-c again, or q to leave");
    trial.wait(3);
    assert_eq!(trial.keys("ctrl-c"), [], "too late");
    assert_eq!(trial.keys("ctrl-c"), [Effect::Quit]);
}

#[test]
fn ctrl_c_first_leaves_what_is_open() {
    let mut trial = Trial::new();
    trial.keys("?");
    assert_eq!(trial.keys("ctrl-c"), []);
    trial.hides("What can be done here");
    trial.keys("/ a b enter ctrl-c");
    trial.shows("line 0 of \"\"");
    trial.hides("again");
}

#[test]
fn escape_and_a_key_that_arrive_together_are_both_heard() {
    let mut trial = Trial::new();
    trial.keys("? alt-z");
    trial.hides("What can be done here");
    trial.shows("times are now UTC");
    assert_eq!(trial.keys("? alt-q"), [Effect::Quit]);
}
