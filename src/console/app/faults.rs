//! Faults of the program itself while the screen is up: one of the drawing thread gives the terminal back first;
//! one of any other becomes a banner, for the rest goes on.

use std::panic::{self, PanicHookInfo};
use std::sync::Arc;

use super::mail::Mail;
use super::message::Message;
use crate::console::terminal::Tty;
use crate::text::{Shape, untrusted};

type Hook = Box<dyn Fn(&PanicHookInfo<'_>) + Send + Sync>;

/// While this lives, faults are told so.
pub(super) struct Watch {
    before: Arc<Hook>,
}

impl Watch {
    /// The thread that calls is the one that draws.
    pub(super) fn begin(tty: Arc<Tty>, mail: Mail) -> Watch {
        let drawing = std::thread::current().id();
        let before: Arc<Hook> = Arc::new(panic::take_hook());
        let told = Arc::clone(&before);
        panic::set_hook(Box::new(move |fault| {
            if std::thread::current().id() == drawing {
                tty.give_back();
                told(fault);
            } else {
                mail.send(Message::Fault(tell(fault)));
            }
        }));
        Watch { before }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        // In the middle of a fault hooks may not be changed; the process ends then.
        if !std::thread::panicking() {
            let before = Arc::clone(&self.before);
            panic::set_hook(Box::new(move |fault| before(fault)));
        }
    }
}

fn tell(fault: &PanicHookInfo<'_>) -> String {
    let what = untrusted(fault.payload_as_str().unwrap_or("(no message)"), Shape::line(300));
    let place = fault.location().map(ToString::to_string).unwrap_or_default();
    let thread = std::thread::current();
    let thread = thread.name().unwrap_or("(no name)");
    tracing::error!(place, thread, "a fault in the program: {what}");
    format!("a task of the program broke, the rest goes on: {what} ({place})")
}
