//! What makes the picture doubtful is told loudly.

use std::sync::Arc;

use super::{Trial, desk};
use crate::console::app::Message;
use crate::desk::Bastion;

#[test]
fn a_frozen_screen_stands_still_and_says_so_loudly() {
    let mut trial = Trial::new();
    trial.keys("f");
    trial.shows("FROZEN: all of this is as of 02:12:45");
    let mut changed = desk();
    changed.bastion = Some(Arc::new(Bastion { checks: 14, failed: vec!["a".to_owned(), "b".to_owned()] }));
    trial.tell(Message::Desk(Arc::new(changed)));
    trial.wait(200);
    trial.shows("3min ago");
    trial.shows("02:16:05");
    trial.shows("this bastion: 2 of 14 checks failed");
    assert!(trial.app.look.view().desk.bastion.is_none(), "the screen itself stands still");
    trial.keys("f");
    trial.hides("FROZEN");
}

#[test]
fn banners_tell_of_every_doubt_and_count_what_does_not_fit() {
    let mut trial = Trial::new();
    let mut doubtful = desk();
    doubtful.record.trouble = Some("the disk is full".to_owned());
    doubtful.bastion = Some(Arc::new(Bastion { checks: 1, failed: vec!["ssh".to_owned()] }));
    trial.tell(Message::Desk(Arc::new(doubtful)));
    trial.tell(Message::Fault("a task broke".to_owned()));
    trial.tell(Message::Fault("a task broke".to_owned()));
    trial.app.mistakes = 2;
    let banners: Vec<String> = trial.app.banners().into_iter().map(|banner| banner.text).collect();
    assert_eq!(banners.len(), 4, "{banners:?}");
    assert!(banners[0].contains("a task broke") && banners[1].contains("the disk is full"), "{banners:?}");
    assert!(banners[2].contains("2 mistakes") && banners[3].contains("1 of 1 check failed"), "{banners:?}");
    trial.shows("and 1 more");
}
