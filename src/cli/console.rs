//! `lifeboat console`, which is also what `lifeboat` alone means: the full-screen terminal UI.

use std::path::Path;
use std::sync::Arc;

use super::context::digest_of;
use super::log::{self, Log};
use super::{Changes, Context, Failure, Group, Info};
use crate::console::app::Commands;
use crate::console::settings::{Asked, Settings};
use crate::console::theme::Depth;
use crate::console::{self, Behind, Opening, screens};
use crate::plan::{Level, Plan};
use crate::protect::operation::Invocation;
use crate::text::{Exit, Explain, Redactor, SystemClock};
use crate::watch::Recording;

/// The registry's entry.
pub const VERBS: &[Info] = &[Info {
    path: "console",
    group: Group::Platform,
    changes: Changes::Never,
    examples: &[
        ("lifeboat console", "The same as `lifeboat` alone"),
        ("lifeboat --read-only console", "Only look: nothing is recorded, nothing can be changed"),
        ("lifeboat console --theme light", "With another theme; ? shows every key"),
    ],
}];

/// `lifeboat console`
#[derive(Debug, Default, clap::Args)]
pub struct Args {
    /// dark, light, high-contrast, colour-blind, mono, or one of your own [default: `LIFEBOAT_THEME`]
    #[arg(long, value_name = "NAME")]
    theme: Option<String>,
    /// How many: none, 16, 256 or true; over SSH it is 16 unless COLORTERM promises more
    #[arg(long, value_name = "NUMBER")]
    colours: Option<Depth>,
    /// Draw with nothing beyond ASCII
    #[arg(long)]
    ascii: bool,
}

impl Args {
    /// Opens it, and ends when its user leaves.
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        if context.out().is_json() {
            return Err(ForPeople.into());
        }
        let asked = Asked { theme: self.theme, colours: self.colours, is_ascii: self.ascii, ..asked(context) };
        open(context, &asked)
    }
}

/// What the options of every verb ask of the console.
pub fn asked(context: &Context) -> Asked {
    let globals = context.globals();
    Asked { no_color: globals.no_color, is_read_only: globals.read_only, ..Asked::default() }
}

/// Whether a person sits there.
pub fn is_possible() -> bool {
    use std::io::IsTerminal;

    std::io::stdin().is_terminal() && std::io::stdout().is_terminal()
}

/// Whether the console may open by itself, at the end of something else.
pub fn is_welcome() -> bool {
    is_possible() && std::env::var("TERM").is_ok_and(|term| !matches!(term.as_str(), "" | "dumb" | "unknown"))
}

/// Opens the console on the plan in force.
pub fn open(context: &Context, asked: &Asked) -> Result<Exit, Failure> {
    let loaded = Arc::clone(context.shared_plan()?);
    // A plan of which nothing could be read is told like everywhere else.
    let Some(plan) = loaded.plan.clone() else { return context.plan().map(|_| Exit::Done) };
    let plan = Arc::new(plan);
    let state = context.state().map(|state| state.path).ok();
    let configuration = context.around().configuration.as_deref();
    let mut settings = Settings::new(asked, |name| std::env::var(name).ok(), configuration);
    if state.is_none() {
        settings
            .notices
            .insert(0, "there is no state folder, so nothing is recorded; --state DIR names one".to_owned());
    }
    let opening = Opening {
        mistakes: loaded.findings.iter().filter(|finding| finding.level == Level::Error).count(),
        is_read_only: asked.is_read_only,
        theme: settings.theme,
        keymap: settings.keymap,
        notices: settings.notices,
        invocation: Invocation::of_this_program(context.globals().options()),
        commands: Commands { doctor: context.again(["doctor"]), check: context.again(["plan", "check"]) },
        screens: screens::all(),
        clock: Arc::new(SystemClock),
        redactor: context.redactor().clone(),
        term: std::env::var("TERM").ok(),
        behind: behind(context, state.as_deref(), &plan),
        plan,
        state,
        loaded,
    };
    Ok(console::run(opening)?)
}

/// What is made once the first picture is there: the log, and the leave to record. With `--read-only` neither.
fn behind(context: &Context, state: Option<&Path>, plan: &Arc<Plan>) -> Box<dyn FnOnce() -> Behind + Send> {
    let Some(state) = state.filter(|_| !context.globals().read_only) else { return Box::new(Behind::default) };
    let (state, redactor, plan) = (state.to_owned(), context.redactor().clone(), Arc::clone(plan));
    Box::new(move || {
        let kept = begin_log(&state, &redactor).map(|log| Box::new(log) as Box<dyn Send>);
        let group = plan.platform.group.clone();
        Behind { recording: Some(Recording { state, group, plan: digest_of(&plan), redactor }), kept }
    })
}

/// The log, where the state folder is there already. What it would show on the terminal it does not show there.
fn begin_log(state: &Path, redactor: &Redactor) -> Option<Log> {
    use std::io::IsTerminal;

    // The lab has begun one before it opened the console.
    if tracing::dispatcher::has_been_set() {
        return None;
    }
    let wanted = std::env::var("LIFEBOAT_LOG").ok().filter(|wanted| !wanted.is_empty());
    let wanted = wanted.filter(|_| !std::io::stderr().is_terminal());
    let settings =
        log::Settings { state, wanted: wanted.as_deref(), redactor: redactor.clone(), clock: Arc::new(SystemClock) };
    let (log, subscriber) = state.is_dir().then(|| Log::open(&settings).ok()).flatten()?;
    // Only a second log in one process could fail here.
    let _ = tracing::subscriber::set_global_default(subscriber);
    Some(log)
}

/// The console was asked for JSON.
#[derive(Debug, thiserror::Error)]
#[error("the console is for people and has no JSON")]
struct ForPeople;

impl Explain for ForPeople {
    fn next_step(&self) -> String {
        "`lifeboat status --json` tells the same to scripts.".to_owned()
    }

    fn exit(&self) -> Exit {
        Exit::Usage
    }
}
