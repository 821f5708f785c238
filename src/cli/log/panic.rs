//! What happens when the program itself is at fault: a short word to its user, the details to the log.

use std::io::Write;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::path::PathBuf;
use std::sync::OnceLock;

use crate::text::{Shape, untrusted};

/// Where the log is, for the word to the user.
static LOG: OnceLock<PathBuf> = OnceLock::new();

/// Remembers where the log is.
pub(super) fn log_is_at(folder: PathBuf) {
    let _ = LOG.set(folder);
}

/// Runs the program; `None` if a fault in it ended it. Faults of other threads are logged only,
/// because a living screen may be up.
pub fn guarded<T>(program: impl FnOnce() -> T) -> Option<T> {
    let main = std::thread::current().id();
    panic::set_hook(Box::new(move |fault| tell(fault, std::thread::current().id() == main)));
    panic::catch_unwind(AssertUnwindSafe(program)).ok()
}

fn tell(fault: &PanicHookInfo<'_>, in_main: bool) {
    let what = untrusted(fault.payload_as_str().unwrap_or("(no message)"), Shape::line(500));
    let place = fault.location().map(ToString::to_string).unwrap_or_default();
    let thread = std::thread::current();
    let thread = thread.name().unwrap_or("(no name)");
    tracing::error!(place, thread, "a fault in the program: {what}");
    let mut screen = std::io::stderr();
    let _ = match LOG.get() {
        Some(folder) if in_main => writeln!(
            screen,
            "lifeboat: a fault in the program itself ended it ({place})\nThe details are in the log: {}",
            folder.display()
        ),
        Some(_) => Ok(()),
        None => writeln!(screen, "lifeboat: a fault in the program itself ({place}): {what}"),
    };
}
