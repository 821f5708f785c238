//! How the other threads tell the drawing one something: a message, and a nudge to wake it.

use std::sync::mpsc::Sender;

use super::message::Message;
use crate::console::terminal::Waker;

/// Sends messages to the drawing thread.
#[derive(Clone, Debug)]
pub(super) struct Mail {
    pub(super) sender: Sender<Message>,
    pub(super) waker: Waker,
}

impl Mail {
    /// Sends one. Where nobody draws any more nobody needs it.
    pub(super) fn send(&self, message: Message) {
        if self.sender.send(message).is_ok() {
            self.waker.wake();
        }
    }
}
