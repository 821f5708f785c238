//! The terminal device: taken over, written without waiting, given back.

use std::fs::OpenOptions;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::OFlags;
use rustix::io::Errno;
use rustix::termios::{OptionalActions, QueueSelector, Termios, isatty, tcflush, tcgetattr, tcsetattr};

use crate::text::{Exit, Explain};

/// The other screen, no cursor, pastes marked as such.
const TAKE: &[u8] = b"\x1b[?1049h\x1b[?25l\x1b[?2004h";
/// The reverse, from whatever state: an open frame closed, no look, no mouse.
const GIVE: &[u8] = b"\x1b[?2026l\x1b[m\x1b[?1006l\x1b[?1000l\x1b[?2004l\x1b[?25h\x1b[?1049l";
const MOUSE_ON: &[u8] = b"\x1b[?1000h\x1b[?1006h";
const MOUSE_OFF: &[u8] = b"\x1b[?1006l\x1b[?1000l";
/// How long giving back may wait for a terminal that takes nothing.
const LAST_WORDS: Timespec = Timespec { tv_sec: 0, tv_nsec: 200_000_000 };

/// How large a terminal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Columns.
    pub width: u16,
    /// Lines.
    pub height: u16,
}

impl Size {
    /// A terminal as it always was, for one that does not know its own size.
    const USUAL: Size = Size { width: 80, height: 24 };
    /// Nobody can read more, and a nonsensical size must not take all memory.
    const LARGEST: Size = Size { width: 600, height: 300 };
}

/// The terminal device.
#[derive(Debug)]
pub struct Tty {
    device: OwnedFd,
    /// How it was, and is to be again.
    before: Termios,
    is_taken: AtomicBool,
    is_gone: AtomicBool,
}

/// There is no terminal to draw on.
#[derive(Debug, thiserror::Error)]
pub enum NoTerminal {
    /// Input or output goes elsewhere.
    #[error("the console needs a terminal, and {0} is none")]
    Elsewhere(&'static str),
    /// It cannot move its cursor.
    #[error("this terminal cannot show the console: TERM is {0:?}")]
    Dumb(String),
    /// The device does not do what terminals do.
    #[error("the terminal cannot be used: {0}")]
    Broken(#[source] io::Error),
}

impl Explain for NoTerminal {
    fn next_step(&self) -> String {
        "`lifeboat status --watch --plain` shows the same as lines of text, anywhere.".to_owned()
    }

    fn exit(&self) -> Exit {
        Exit::Usage
    }
}

impl Tty {
    /// Finds the terminal that standard input and output are on. `term` is what TERM says.
    pub fn open(term: Option<&str>) -> Result<Tty, NoTerminal> {
        for (is_terminal, name) in [(isatty(io::stdin()), "standard input"), (isatty(io::stdout()), "standard output")]
        {
            if !is_terminal {
                return Err(NoTerminal::Elsewhere(name));
            }
        }
        match term {
            None | Some("" | "dumb" | "unknown") => return Err(NoTerminal::Dumb(term.unwrap_or_default().to_owned())),
            Some(_) => {}
        }
        let device = device().map_err(NoTerminal::Broken)?;
        let before = tcgetattr(&device).map_err(|error| NoTerminal::Broken(error.into()))?;
        Ok(Tty { device, before, is_taken: AtomicBool::new(false), is_gone: AtomicBool::new(false) })
    }

    /// Takes it over: every key comes to us at once, and a screen of our own is up.
    pub fn take(&self) -> Result<(), NoTerminal> {
        let broken = |error: Errno| NoTerminal::Broken(error.into());
        let mut raw = self.before.clone();
        raw.make_raw();
        tcsetattr(&self.device, OptionalActions::Now, &raw).map_err(broken)?;
        self.is_taken.store(true, Ordering::SeqCst);
        self.insist(TAKE).map_err(broken)
    }

    /// Gives it back as it was; once, whoever calls. What was typed and not read is thrown away: keys that were
    /// meant for the console must not become commands of a shell.
    pub fn give_back(&self) {
        if !self.is_taken.swap(false, Ordering::SeqCst) || self.is_gone() {
            return;
        }
        let _ = self.insist(GIVE);
        if !self.is_in_front() {
            // The shell in front has set it up for itself, and whoever reaches for it from behind is stopped.
            return;
        }
        let _ = tcflush(&self.device, QueueSelector::IFlush);
        let _ = tcsetattr(&self.device, OptionalActions::Now, &self.before);
    }

    /// Whether the other end is closed. A signal that says so may come from anybody.
    pub fn is_hung_up(&self) -> bool {
        let mut found = [PollFd::new(&self.device, PollFlags::IN)];
        let _ = poll(&mut found, Some(&Timespec { tv_sec: 0, tv_nsec: 0 }));
        found[0].revents().intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL)
    }

    /// Its user has gone: nothing is written to it any more.
    pub fn forget(&self) {
        self.is_gone.store(true, Ordering::SeqCst);
    }

    /// Whether it is ours to use now: who sets it up from the background of a shell is stopped by the kernel.
    pub fn is_in_front(&self) -> bool {
        let front = rustix::termios::tcgetpgrp(&self.device).map(rustix::process::Pid::as_raw_pid);
        front.map_or(true, |front| super::suspend::own_job().is_none_or(|ours| ours == front))
    }

    /// Whether its user has gone.
    pub fn is_gone(&self) -> bool {
        self.is_gone.load(Ordering::SeqCst)
    }

    /// Turns the mouse on or off.
    pub const fn mouse(is_on: bool) -> &'static [u8] {
        if is_on { MOUSE_ON } else { MOUSE_OFF }
    }

    /// How large it is now.
    pub fn size(&self) -> Size {
        let Ok(size) = rustix::termios::tcgetwinsize(&self.device) else { return Size::USUAL };
        if (size.ws_col, size.ws_row) == (0, 0) {
            return Size::USUAL;
        }
        Size { width: size.ws_col.min(Size::LARGEST.width), height: size.ws_row.min(Size::LARGEST.height) }
    }

    /// What was typed. `Err` when the terminal has gone.
    pub fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        match rustix::io::read(&self.device, buffer) {
            Ok(0) => Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(count) => Ok(count),
            Err(Errno::AGAIN | Errno::INTR) => Ok(0),
            Err(error) => Err(error.into()),
        }
    }

    /// Writes as much as it takes now; 0 when it takes nothing. `Err` when the terminal has gone.
    pub fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        match rustix::io::write(&self.device, bytes) {
            Ok(count) => Ok(count),
            Err(Errno::AGAIN | Errno::INTR) => Ok(0),
            Err(error) => Err(error.into()),
        }
    }

    /// Writes all of it, unless the terminal takes nothing for a while.
    fn insist(&self, mut bytes: &[u8]) -> Result<(), Errno> {
        while !bytes.is_empty() {
            match rustix::io::write(&self.device, bytes) {
                Ok(count) => bytes = &bytes[count..],
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => {
                    let mut ready = [PollFd::new(&self.device, PollFlags::OUT)];
                    if poll(&mut ready, Some(&LAST_WORDS)) == Ok(0) {
                        return Err(Errno::TIMEDOUT);
                    }
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

impl AsFd for Tty {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.device.as_fd()
    }
}

impl Drop for Tty {
    fn drop(&mut self) {
        self.give_back();
    }
}

/// The terminal, opened once more: so that not waiting for it is our own affair, and not also that of the shell
/// that shares it. Who may not open it (after `su`) has it by the name of every terminal.
fn device() -> io::Result<OwnedFd> {
    let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
    let open = |path: &str| {
        let flags = i32::try_from(flags.bits()).unwrap_or_default();
        OpenOptions::new().read(true).write(true).custom_flags(flags).open(path).map(OwnedFd::from)
    };
    let is_ours = || rustix::termios::tcgetpgrp(io::stdout()).is_ok();
    match open("/proc/self/fd/1") {
        Ok(device) => Ok(device),
        Err(_) if is_ours() => open("/dev/tty"),
        Err(error) => Err(error),
    }
}
