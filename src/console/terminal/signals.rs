//! Signals, and whatever else happens outside the drawing thread, as something that can be waited for together
//! with the keyboard.

use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::{SIGALRM, SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGUSR1, SIGUSR2, SIGWINCH};
use signal_hook::{SigId, flag, low_level};

/// All that would end a program without a word, and leave the terminal as no shell wants it; and what is told of it.
const LISTENED: [i32; 10] = [SIGTERM, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM, SIGHUP, SIGTSTP, SIGCONT, SIGWINCH];

/// What signals have told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// To end.
    pub end: bool,
    /// That the one at the terminal has gone.
    pub hang_up: bool,
    /// To stop for a while.
    pub suspend: bool,
    /// That we went on after a stop.
    pub went_on: bool,
    /// That the terminal has another size.
    pub resize: bool,
}

/// Listens to signals from its making to its end.
#[derive(Debug)]
pub struct Signals {
    reader: UnixStream,
    waker: Waker,
    flags: Vec<(i32, Arc<AtomicBool>)>,
    ids: Vec<SigId>,
}

/// Wakes the drawing thread.
#[derive(Clone, Debug)]
pub struct Waker(Arc<UnixStream>);

impl Waker {
    /// Wakes it. Never waits: who has been told often enough wakes anyway.
    pub fn wake(&self) {
        let _ = (&*self.0).write(b"w");
    }
}

impl Signals {
    /// Begins to listen.
    pub fn listen() -> io::Result<Signals> {
        let (reader, writer) = UnixStream::pair()?;
        reader.set_nonblocking(true)?;
        writer.set_nonblocking(true)?;
        let mut signals = Signals { reader, waker: Waker(Arc::new(writer)), flags: Vec::new(), ids: Vec::new() };
        for signal in LISTENED {
            let told = Arc::new(AtomicBool::new(false));
            // The flag first: who is woken must find it.
            signals.ids.push(flag::register(signal, Arc::clone(&told))?);
            signals.ids.push(low_level::pipe::register(signal, signals.waker.0.try_clone()?)?);
            signals.flags.push((signal, told));
        }
        Ok(signals)
    }

    /// What wakes the one who waits for signals.
    pub fn waker(&self) -> Waker {
        self.waker.clone()
    }

    /// What was told since it was last asked.
    pub fn told(&self) -> Told {
        let mut bytes = [0; 256];
        while (&self.reader).read(&mut bytes).is_ok_and(|count| count == bytes.len()) {}
        let mut told = Told::default();
        for (signal, flag) in &self.flags {
            if !flag.swap(false, Ordering::SeqCst) {
                continue;
            }
            match *signal {
                SIGHUP => (told.end, told.hang_up) = (true, true),
                SIGTSTP => told.suspend = true,
                SIGCONT => told.went_on = true,
                SIGWINCH => told.resize = true,
                _ => told.end = true,
            }
        }
        told
    }
}

impl AsFd for Signals {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.reader.as_fd()
    }
}

impl Drop for Signals {
    fn drop(&mut self) {
        self.ids.drain(..).for_each(|id| {
            low_level::unregister(id);
        });
    }
}
