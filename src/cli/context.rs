//! What a verb is given: the global options, the output, and the plan and state that are in force.

use std::path::{Path, PathBuf};

use super::{Failure, Globals, Output};
use crate::plan::head::{self, Head};
use crate::plan::locate::{self, Asked, LocateError, Located, PlanPlace, PlanSays, PlanWhy, StateWhy, Surroundings};
use crate::plan::{self, Loaded, Plan};
use crate::text::{Exit, Explain};

/// What a verb works with. Nothing is looked up before a verb asks for it.
#[derive(Debug)]
pub struct Context {
    globals: Globals,
    around: Surroundings,
    out: Output,
}

impl Context {
    /// The context of this process.
    pub fn new(globals: Globals) -> Context {
        let out = Output::new(&globals);
        Context { globals, around: Surroundings::of_this_process(), out }
    }

    /// The options every verb understands.
    pub fn globals(&self) -> &Globals {
        &self.globals
    }

    /// Where results go.
    pub fn out(&self) -> &Output {
        &self.out
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
            PlanPlace::Nowhere(_) => Err(NoPlan.into()),
        }
    }

    /// The plan in force as far as it can be read, with what is wrong with it.
    pub fn load_plan(&self) -> Result<Loaded, Failure> {
        Ok(plan::load(&self.plan_path()?.path, &self.globals.overlay)?)
    }

    /// The plan in force for looking at it: as far as it can be read, with a word if that is not all.
    pub fn readable_plan(&self) -> Result<Plan, Failure> {
        let loaded = self.load_plan()?;
        let mistakes = loaded.findings.len();
        if mistakes > 0 && loaded.plan.is_some() {
            self.out.note(format!(
                "The plan has mistakes ({mistakes}); `lifeboat plan check` shows them. This is the rest."
            ));
        }
        Ok(loaded.plan.ok_or(Unreadable(mistakes))?)
    }

    /// The name, state and group the plan in force states.
    pub fn head(&self) -> Result<Head, Failure> {
        Ok(head::read(&self.plan_path()?.path)?)
    }

    /// The state folder in force. It is not made here.
    pub fn state(&self) -> Result<Located<StateWhy>, Failure> {
        let asked = self.asked();
        if asked.lab || asked.state.is_some() {
            return Ok(locate::state(&asked, &self.around, Path::new(""), &PlanSays::default())?);
        }
        let plan = self.plan_path()?;
        let head = head::read(&plan.path)?;
        let says = PlanSays { platform: &head.name, state: head.state.as_deref() };
        Ok(locate::state(&asked, &self.around, &plan.path, &says)?)
    }

    /// The folder the lab lives in.
    pub fn lab(&self) -> Result<PathBuf, Failure> {
        Ok(locate::lab(&self.asked(), &self.around)?)
    }
}

/// Not even the platform of the plan could be read.
#[derive(Debug, thiserror::Error)]
#[error("the plan cannot be read ({0} mistakes)")]
struct Unreadable(usize);

impl Explain for Unreadable {
    fn next_step(&self) -> String {
        "`lifeboat plan check` shows each with its line and how to mend it.".to_owned()
    }

    fn exit(&self) -> Exit {
        Exit::Usage
    }
}

/// A verb needs a plan and there is none.
#[derive(Debug, thiserror::Error)]
#[error("there is no plan yet (`lifeboat paths` shows where it was looked for)")]
pub struct NoPlan;

impl Explain for NoPlan {
    fn next_step(&self) -> String {
        WITHOUT_PLAN.join("\n")
    }

    fn exit(&self) -> Exit {
        Exit::Usage
    }
}

/// What to do without a plan, in three lines.
pub const WITHOUT_PLAN: [&str; 3] = [
    "  Try the lab:          lifeboat lab",
    "  Take a shipped plan:  lifeboat plan new --from agent-orchestrator",
    "  Write your own:       lifeboat plan new",
];
