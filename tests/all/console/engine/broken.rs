//! Faults of the program itself. This test binary runs itself again on a terminal, with a screen that breaks.

use std::sync::Arc;

use lifeboat::console::action::{Danger, Keymap};
use lifeboat::console::app::Commands;
use lifeboat::console::{Action, Behind, Canvas, Opening, Reply, Role, Screen, ScreenId, Theme, View, run};
use lifeboat::plan::assemble;
use lifeboat::plan::source::File;
use lifeboat::protect::operation::Invocation;
use lifeboat::text::{Redactor, SystemClock};

use crate::support::terminal::Terminal;

const ROLE: &str = "LIFEBOAT_TEST_CONSOLE";

/// A screen that breaks when something is opened, in its own thread or in another.
struct Brittle;

impl Screen for Brittle {
    fn title(&self) -> &'static str {
        "Brittle"
    }

    fn actions(&self) -> &'static [Action] {
        &[Action::Open, Action::Fold]
    }

    fn act(&mut self, action: Action, _view: &View<'_>) -> Reply {
        match action {
            Action::Open => panic!("this screen broke"),
            Action::Fold => {
                let broken = std::thread::Builder::new().name("beside".to_owned()).spawn(|| panic!("this task broke"));
                assert!(broken.unwrap().join().is_err());
                Reply::Done
            }
            _ => Reply::Ignored,
        }
    }

    fn filter(&mut self, _text: &str, _view: &View<'_>) {}

    fn draw(&mut self, _view: &View<'_>, canvas: &mut Canvas<'_>) {
        canvas.put(0, 0, "all is well", Role::Text);
    }
}

/// Plays the program. Does nothing when it runs as a test.
#[test]
fn played() {
    if std::env::var_os(ROLE).is_none() {
        return;
    }
    let file = File { path: "plan.toml".into(), text: "[platform]\nname = 'trial'\n".to_owned() };
    let loaded = assemble(vec![file], Vec::new());
    let opening = Opening {
        plan: Arc::new(loaded.plan.clone().unwrap()),
        loaded: Arc::new(loaded),
        mistakes: 0,
        state: None,
        is_read_only: true,
        theme: Theme::default(),
        keymap: Keymap::new(Danger::Looks),
        notices: Vec::new(),
        invocation: Invocation::default(),
        commands: Commands::default(),
        screens: vec![(ScreenId::Overview, Box::new(Brittle))],
        clock: Arc::new(SystemClock),
        redactor: Redactor::new(),
        term: std::env::var("TERM").ok(),
        behind: Box::new(Behind::default),
    };
    let ended = lifeboat::cli::log::panic::guarded(|| run(opening));
    std::process::exit(match ended {
        Some(Ok(exit)) => exit as i32,
        Some(Err(_)) => 2,
        None => 99,
    });
}

fn open() -> Terminal {
    let program = std::env::current_exe().unwrap();
    let home = std::env::temp_dir();
    let arguments = ["--exact", "console::engine::broken::played", "--nocapture"];
    let terminal = Terminal::start(program.to_str().unwrap(), &arguments, &home, &[(ROLE, "1")]);
    terminal.wait_for("all is well");
    terminal
}

#[test]
fn a_fault_of_the_screen_gives_the_terminal_back_first() {
    let mut terminal = open();
    terminal.keys("\r");
    assert_eq!(terminal.end(), 99);
    terminal.assert_given_back();
    assert!(terminal.text().contains("a fault in the program itself"), "{}", terminal.text());
}

#[test]
fn a_fault_of_another_thread_is_a_banner_and_the_rest_goes_on() {
    let mut terminal = open();
    terminal.keys(" ");
    terminal.wait_for("the rest goes on: this task broke");
    assert!(terminal.look(vt100::Screen::alternate_screen));
    terminal.wait_for("all is well");
    terminal.keys("q");
    assert_eq!(terminal.end(), 0);
    terminal.assert_given_back();
}
