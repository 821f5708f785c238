//! What a verb is given: the global options, the output, and the plan and state that are in force.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::log::{self, Log};
use super::{Again, Called, Failure, Globals, Output};
use crate::journal::Digest;
use crate::plan::locate::{self, Asked, LocateError, Located, PlanPlace, PlanSays, PlanWhy, StateWhy, Surroundings};
use crate::plan::types::Platform;
use crate::plan::{self, Level, Loaded, Plan};
use crate::text::{Exit, Explain, Redactor, SystemClock};

/// What a verb works with. Nothing is looked up before a verb asks for it.
pub struct Context {
    globals: Globals,
    around: Surroundings,
    out: Output,
    redactor: Redactor,
    again: Again,
    loaded: OnceCell<Arc<Loaded>>,
    log: OnceCell<Option<Log>>,
}

impl Context {
    /// The context of this process.
    pub fn new(globals: Globals, redactor: Redactor, again: Again) -> Context {
        let out = Output::new(&globals);
        let around = Surroundings::of_this_process();
        Context { globals, around, out, redactor, again, loaded: OnceCell::new(), log: OnceCell::new() }
    }

    /// The same, on the lab: its plan and its state.
    #[must_use]
    pub fn on_the_lab(&self) -> Context {
        let globals = Globals { lab: true, plan: None, overlay: Vec::new(), ..self.globals.clone() };
        Context::new(globals, self.redactor.clone(), self.again.on_the_lab())
    }

    /// The options every verb understands.
    pub fn globals(&self) -> &Globals {
        &self.globals
    }

    /// Where results go.
    pub fn out(&self) -> &Output {
        &self.out
    }

    /// What knows every secret that is resolved; whoever resolves one registers it here.
    pub fn redactor(&self) -> &Redactor {
        &self.redactor
    }

    /// A command line for `words` that works on the same plan and state, to be copied.
    pub fn again<'a>(&self, words: impl IntoIterator<Item = &'a str>) -> String {
        self.again.command(words)
    }

    /// The commands that are told in a text, made to work on the same plan and state.
    pub fn again_in(&self, text: &str) -> String {
        self.again.complete(text)
    }

    /// What the environment offers.
    pub fn around(&self) -> &Surroundings {
        &self.around
    }

    /// What the command line asks for.
    pub fn asked(&self) -> Asked {
        self.globals.asked()
    }

    /// Where the plan is and why there, or where it was looked for.
    pub fn plan_place(&self) -> Result<PlanPlace, LocateError> {
        locate::plan(&self.asked(), &self.around, |path| path.symlink_metadata().is_ok())
    }

    /// Where the plan is. Without one the answer is what to do about it.
    pub fn plan_path(&self) -> Result<Located<PlanWhy>, Failure> {
        match self.plan_place()? {
            PlanPlace::Found(found) => Ok(found),
            PlanPlace::Nowhere(_) => Err(NoPlan { lab_is_there: self.lab_is_there() }.into()),
        }
    }

    /// Whether a lab could be meant where no plan is named.
    pub fn lab_is_there(&self) -> bool {
        let asked = Asked { lab: true, plan: None, ..self.asked() };
        let place = locate::plan(&asked, &self.around, |path| path.symlink_metadata().is_ok());
        matches!(place, Ok(PlanPlace::Found(found)) if found.path.exists())
    }

    /// The plan in force as far as it could be read, with what is wrong with its words.
    pub fn loaded(&self) -> Result<&Loaded, Failure> {
        self.shared_plan().map(|loaded| &**loaded)
    }

    /// The same, to be shared with tasks.
    pub fn shared_plan(&self) -> Result<&Arc<Loaded>, Failure> {
        if let Some(loaded) = self.loaded.get() {
            return Ok(loaded);
        }
        let found = self.plan_path()?;
        let loaded = match plan::load(&found.path, &self.globals.overlay) {
            Err(plan::LoadError::Missing(path)) if found.why == PlanWhy::Lab => return Err(NoLab(path).into()),
            loaded => loaded?,
        };
        Ok(self.loaded.get_or_init(|| Arc::new(loaded)))
    }

    /// The plan in force, if all of it can be read.
    pub fn plan(&self) -> Result<&Plan, Failure> {
        let loaded = self.loaded()?;
        let errors = loaded.findings.iter().filter(|finding| finding.level == Level::Error).count();
        match &loaded.plan {
            Some(plan) if errors == 0 => Ok(plan),
            _ => Err(self.broken(errors)?.into()),
        }
    }

    /// The plan without what is wrong with it, with a word about that: half a plan is better than none at night.
    pub fn readable(&self) -> Result<&Plan, Failure> {
        let loaded = self.loaded()?;
        let Some(plan) = &loaded.plan else { return self.plan() };
        let errors = loaded.findings.iter().filter(|finding| finding.level == Level::Error).count();
        if errors > 0 {
            let errors = if errors == 1 { "1 mistake".to_owned() } else { format!("{errors} mistakes") };
            self.out.note(format!("The plan has {errors}; `lifeboat plan check` shows them. This is the rest."));
        }
        Ok(plan)
    }

    /// Which plan is in force, for the journal: the digest of what it says, whatever its files look like.
    pub fn plan_digest(&self) -> Option<String> {
        digest_of(self.loaded.get()?.plan.as_ref()?)
    }

    /// What the plan says of the platform; enough for verbs that work on its state, even if
    /// something else in the plan is wrong.
    pub fn platform(&self) -> Result<&Platform, Failure> {
        let loaded = self.loaded()?;
        match &loaded.plan {
            Some(plan) => Ok(&plan.platform),
            None => Err(self.broken(loaded.findings.len())?.into()),
        }
    }

    fn broken(&self, errors: usize) -> Result<Broken, Failure> {
        Ok(Broken { path: self.plan_path()?.path, errors })
    }

    /// The state folder in force, and why that one. It is not made here.
    pub fn state(&self) -> Result<Located<StateWhy>, Failure> {
        let asked = self.asked();
        // The plan need not be readable where it has no say.
        if asked.lab || asked.state.is_some() {
            return Ok(locate::state(&asked, &self.around, Path::new(""), &PlanSays::default())?);
        }
        let plan = locate::whole(&self.plan_path()?.path);
        let platform = self.platform()?;
        let says = PlanSays { platform: &platform.name, state: platform.state.as_deref() };
        Ok(locate::state(&asked, &self.around, &plan, &says)?)
    }

    /// The folder the lab lives in.
    pub fn lab(&self) -> Result<PathBuf, Failure> {
        Ok(locate::lab(&self.asked(), &self.around)?)
    }

    /// Begins the log, if the state folder is there already and something may be written. Without a log
    /// the program goes on, and says so where anything is to be changed.
    pub fn begin_log(&self, called: &Called) {
        if self.globals.read_only || called.keeps_no_log() {
            return;
        }
        let asked = Asked { lab: self.globals.lab || called.is_about_the_lab(), ..self.asked() };
        let state = if asked.lab {
            locate::state(&asked, &self.around, Path::new(""), &PlanSays::default()).ok()
        } else {
            self.state().ok()
        };
        if let Some(state) = state.filter(|state| state.path.is_dir()) {
            self.log.get_or_init(|| self.open_log(&state.path, called.changes));
        }
    }

    fn open_log(&self, state: &Path, aloud: bool) -> Option<Log> {
        let wanted = std::env::var("LIFEBOAT_LOG").ok().filter(|wanted| !wanted.is_empty());
        let settings = log::Settings {
            state,
            wanted: wanted.as_deref(),
            redactor: self.redactor.clone(),
            clock: Arc::new(SystemClock),
        };
        match Log::open(&settings) {
            Ok((opened, subscriber)) => {
                // Only a second log in one process could fail here, and `log` holds the first.
                let _ = tracing::subscriber::set_global_default(subscriber);
                Some(opened)
            }
            Err(error) => {
                if aloud {
                    self.no_log(&state.join("log"), &error.to_string());
                }
                None
            }
        }
    }

    fn no_log(&self, folder: &Path, why: &str) {
        let folder = Output::safe(folder.display());
        self.out.note(format!("lifeboat: going on without a log: {folder} cannot be written: {why}"));
    }
}

/// The digest of what a plan says.
pub fn digest_of(plan: &Plan) -> Option<String> {
    Some(Digest::of(&serde_json::to_vec(plan).ok()?).to_string())
}

impl Drop for Context {
    fn drop(&mut self) {
        if let Some(log) = self.log.take().flatten() {
            let folder = log.folder().to_owned();
            if let Some(trouble) = log.close() {
                self.no_log(&folder, &trouble);
            }
        }
    }
}

/// A verb needs a plan and there is none.
#[derive(Debug, thiserror::Error)]
#[error("there is no plan yet (`lifeboat paths` shows where it was looked for)")]
struct NoPlan {
    lab_is_there: bool,
}

impl Explain for NoPlan {
    fn next_step(&self) -> String {
        without_plan(self.lab_is_there)
    }

    fn exit(&self) -> Exit {
        Exit::Usage
    }
}

/// What to do without a plan, in three lines.
pub const WITHOUT_PLAN: &[&str] = &[
    #[cfg(feature = "lab")]
    "  Try the lab:          lifeboat lab",
    "  Take a shipped plan:  lifeboat plan new --from agent-orchestrator",
    "  Write your own:       lifeboat plan new",
];

/// The same, where a lab is there already.
const WITH_LAB: &str = "  Work on the lab:      lifeboat --lab VERB";

/// What to do without a plan.
pub fn without_plan(lab_is_there: bool) -> String {
    let first = WITHOUT_PLAN.first().map(|line| if lab_is_there { WITH_LAB } else { line });
    first.into_iter().chain(WITHOUT_PLAN.iter().skip(1).copied()).collect::<Vec<_>>().join("\n")
}

/// The lab's plan is asked for and there is no lab.
#[derive(Debug, thiserror::Error)]
#[error("there is no lab: its plan {} does not exist", .0.display())]
struct NoLab(PathBuf);

impl Explain for NoLab {
    fn next_step(&self) -> String {
        "`lifeboat lab up` makes it; a lab made with --state DIR is found with the same --state.".to_owned()
    }

    fn exit(&self) -> Exit {
        Exit::Usage
    }
}

/// The plan has mistakes.
#[derive(Debug, thiserror::Error)]
#[error("the plan {} has {errors} {}", path.display(), if *errors == 1 { "mistake" } else { "mistakes" })]
struct Broken {
    path: PathBuf,
    errors: usize,
}

impl Explain for Broken {
    fn next_step(&self) -> String {
        "`lifeboat plan check` shows every mistake and how to mend it.".to_owned()
    }

    fn exit(&self) -> Exit {
        Exit::Usage
    }
}
