//! The real program on a terminal: keys in, screen out.

use std::io::{Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};

/// However slow the machine is.
const PATIENCE: Duration = Duration::from_secs(30);

/// A terminal with a program on it.
pub struct Terminal {
    master: Box<dyn MasterPty + Send>,
    writer: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    shown: Arc<Mutex<Shown>>,
    /// How the terminal was before the program.
    before: String,
    device: std::path::PathBuf,
}

/// What came out, and what it looks like.
struct Shown {
    parser: vt100::Parser,
    raw: Vec<u8>,
    /// Whether nobody reads any more.
    is_stalled: bool,
}

impl Shown {
    fn take(&mut self, bytes: &[u8]) {
        self.raw.extend_from_slice(bytes);
        // The pretended terminal breaks on what was drawn for another size than it has; a real one does not.
        if catch_unwind(AssertUnwindSafe(|| self.parser.process(bytes))).is_err() {
            let (lines, columns) = self.parser.screen().size();
            self.parser = vt100::Parser::new(lines, columns, 0);
        }
    }
}

/// A test that failed while it looked leaves what it looked at as it is.
fn lock(shown: &Mutex<Shown>) -> MutexGuard<'_, Shown> {
    shown.lock().unwrap_or_else(PoisonError::into_inner)
}

fn size(columns: u16, lines: u16) -> PtySize {
    PtySize { rows: lines, cols: columns, pixel_width: 0, pixel_height: 0 }
}

impl Terminal {
    /// Starts a program in a home folder, on a terminal of 80x24.
    pub fn start(program: &str, arguments: &[&str], home: &Path, variables: &[(&str, &str)]) -> Terminal {
        let pty = native_pty_system().openpty(size(80, 24)).unwrap();
        let device = pty.master.tty_name().unwrap();
        let before = stty(&device);
        let mut command = CommandBuilder::new(program);
        command.args(arguments);
        command.cwd(home);
        command.env_clear();
        command.env("HOME", home);
        command.env("PATH", std::env::var_os("PATH").unwrap());
        command.env("TERM", "xterm-256color");
        command.env("LANG", "C.UTF-8");
        for (name, value) in variables {
            command.env(name, value);
        }
        let child = pty.slave.spawn_command(command).unwrap();
        drop(pty.slave);
        let shown =
            Arc::new(Mutex::new(Shown { parser: vt100::Parser::new(24, 80, 0), raw: Vec::new(), is_stalled: false }));
        let mut reader = pty.master.try_clone_reader().unwrap();
        let into = Arc::clone(&shown);
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = reader.read(&mut bytes) {
                let mut shown = lock(&into);
                shown.take(&bytes[..count]);
                while shown.is_stalled {
                    drop(shown);
                    std::thread::sleep(Duration::from_millis(10));
                    shown = lock(&into);
                }
            }
        });
        let writer = pty.master.take_writer().unwrap();
        Terminal { master: pty.master, writer, child, shown, before, device }
    }

    /// The program under test, with a plan of a home folder.
    pub fn lifeboat(arguments: &[&str], home: &Path, variables: &[(&str, &str)]) -> Terminal {
        Terminal::start(env!("CARGO_BIN_EXE_lifeboat"), arguments, home, variables)
    }

    fn shown(&self) -> MutexGuard<'_, Shown> {
        lock(&self.shown)
    }

    /// Types.
    pub fn keys(&mut self, keys: impl AsRef<[u8]>) {
        self.writer.write_all(keys.as_ref()).unwrap();
    }

    /// What is on the screen, as text.
    pub fn text(&self) -> String {
        self.shown().parser.screen().contents()
    }

    /// Every byte that came out so far.
    pub fn raw(&self) -> Vec<u8> {
        self.shown().raw.clone()
    }

    /// Looks at the screen.
    pub fn look<T>(&self, look: impl FnOnce(&vt100::Screen) -> T) -> T {
        look(self.shown().parser.screen())
    }

    /// Waits until the screen shows a text.
    #[track_caller]
    pub fn wait_for(&self, wanted: &str) {
        self.wait_until(wanted, |screen| screen.contents().contains(wanted));
    }

    /// Waits until something is true of the screen.
    #[track_caller]
    pub fn wait_until(&self, what: &str, is_so: impl Fn(&vt100::Screen) -> bool) {
        assert!(self.comes_within(PATIENCE, is_so), "{what:?} is not there:\n{}", self.text());
    }

    /// Whether something becomes true of the screen in time.
    pub fn comes_within(&self, patience: Duration, is_so: impl Fn(&vt100::Screen) -> bool) -> bool {
        let start = Instant::now();
        while !self.look(&is_so) {
            if start.elapsed() >= patience {
                return false;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        true
    }

    /// Gives the terminal another size.
    pub fn resize(&mut self, columns: u16, lines: u16) {
        self.shown().parser.screen_mut().set_size(lines.max(1), columns.max(1));
        self.master.resize(size(columns, lines)).unwrap();
    }

    /// Takes nothing that is drawn any more, or goes on.
    pub fn stall(&self, is_stalled: bool) {
        self.shown().is_stalled = is_stalled;
    }

    /// The process.
    pub fn pid(&self) -> Pid {
        Pid::from_raw(self.child.process_id().unwrap().try_into().unwrap()).unwrap()
    }

    /// Sends a signal to the process.
    pub fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).unwrap();
    }

    /// Waits until the program has ended; says with which code.
    #[track_caller]
    pub fn end(&mut self) -> u32 {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                std::thread::sleep(Duration::from_millis(50));
                return status.exit_code();
            }
            assert!(start.elapsed() < PATIENCE, "it does not end:\n{}", self.text());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// The terminal is as it was before the program.
    #[track_caller]
    pub fn assert_given_back(&self) {
        assert_eq!(stty(&self.device), self.before, "the settings of the terminal");
        self.look(|screen| {
            assert!(!screen.alternate_screen(), "the other screen is still up");
            assert!(!screen.hide_cursor(), "there is no cursor");
            assert!(!screen.bracketed_paste(), "pastes are still marked");
            assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None);
            assert_eq!((screen.fgcolor(), screen.bgcolor()), (vt100::Color::Default, vt100::Color::Default));
        });
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.stall(false);
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The settings of a terminal, as text.
fn stty(device: &Path) -> String {
    let output = Command::new("stty").arg("-F").arg(device).arg("-g").output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}
