//! The console on a terminal: the real program, real keys, real signals.

mod broken;
mod ends;
mod input;
mod looks;
mod quiet;
mod shell;

use std::net::{SocketAddr, TcpListener};

use crate::support::program::Home;
use crate::support::terminal::Terminal;

/// A home with a plan in which nobody ever answers.
struct Place {
    home: Home,
    _mute: TcpListener,
}

impl Place {
    fn new() -> Place {
        Place::with("")
    }

    /// The same with more in the plan.
    fn with(more: &str) -> Place {
        let mute = TcpListener::bind("127.0.0.1:0").unwrap();
        let home = Home::new();
        home.write(".config/lifeboat/plan.toml", plan(mute.local_addr().unwrap(), more));
        Place { home, _mute: mute }
    }

    fn open(&self, arguments: &[&str]) -> Terminal {
        self.open_with(arguments, &[])
    }

    fn open_with(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Terminal {
        let terminal = Terminal::lifeboat(arguments, self.home.path(), variables);
        terminal.wait_for("agent-db");
        terminal
    }
}

/// Three components behind a server that takes connections and says nothing.
fn plan(mute: SocketAddr, more: &str) -> String {
    format!(
        "[platform]\nname = 'trial'\ntitle = 'Trial Platform'\nenvironment = 'production'\ntime_zone = 'Europe/Berlin'\n\
         [[site]]\nname = 'primary'\nrole = 'primary'\n\
         [[component]]\nname = 'agent-db'\nkind = 'postgres'\nsite = 'primary'\npriority = 1\nrto = '1h'\n\
         address = 'postgresql://someone@{mute}/agents'\n\
         [[component]]\nname = 'session-cache'\nkind = 'redis'\nsite = 'primary'\npriority = 1\nrto = '1h'\n\
         address = 'redis://{mute}'\n\
         [[component]]\nname = 'web'\nkind = 'http'\nsite = 'primary'\npriority = 2\nrto = '1h'\n\
         address = 'http://{mute}/'\n{more}"
    )
}
