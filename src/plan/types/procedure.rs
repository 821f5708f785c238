//! Procedures: the ways out.

use serde::{Deserialize, Serialize};

use super::{Percent, Times};
use crate::plan::Condition;
use crate::text::Span;

/// What a procedure is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// Brings something back where it was.
    Restore,
    /// Brings the platform up at another site.
    Failover,
    /// Brings it home again.
    Failback,
    /// Mends without restoring.
    Repair,
    /// Holds an attacker off.
    Contain,
}

/// A named way out.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Procedure {
    /// Its name in this plan.
    pub name: String,
    /// The name people say.
    pub title: Option<String>,
    /// What it is for.
    pub purpose: Option<Purpose>,
    /// The components it brings back.
    #[serde(default)]
    pub restores: Vec<String>,
    /// What it cannot work without: components and stores.
    #[serde(default)]
    pub needs: Vec<String>,
    /// The site it brings the platform up at.
    pub site: Option<String>,
    /// How long the plan says that it takes.
    pub total: Option<Span>,
    /// Time kept in reserve within the total.
    pub buffer: Option<Span>,
    /// The time that is set aside for it.
    pub window: Option<Span>,
    /// How long the platform is watched closely afterwards.
    pub monitor: Option<Span>,
    /// How much data it may lose.
    pub loss: Option<Span>,
    /// Share of golden flows that must succeed at its end.
    pub success: Option<Percent>,
    /// Who may start it.
    pub approved_by: Option<String>,
    /// The checklist to go through at its end.
    pub checklist: Option<String>,
    /// What happens when, in the whole picture.
    #[serde(default)]
    pub milestone: Vec<Milestone>,
    /// What is done.
    #[serde(default)]
    pub step: Vec<Step>,
}

/// A point on a procedure's time line.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Milestone {
    /// Since the incident's start.
    pub at: Span,
    /// What is true then.
    pub title: String,
}

/// How a step must be confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Confirm {
    /// Not at all.
    None,
    /// With a yes.
    Plain,
    /// By typing the target's name.
    TypeName,
    /// By typing the environment's name.
    TypeEnvironment,
}

/// What happens when a step fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OnFailure {
    /// The procedure ends.
    Stop,
    /// A person is asked.
    Ask,
    /// The procedure goes on, and cannot end as recovered.
    ContinueWithMark,
}

/// What a step does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// A person does it.
    Manual,
    /// A program is run.
    Command,
    /// People are told.
    Message,
    /// Something is asked how it is.
    Probe,
    /// Something is held against what it should be.
    Verify,
    /// A recovery point is taken.
    Backup,
    /// Something is asked for from an archive, and waited for.
    Thaw,
    /// A recovery point is brought to where it is needed.
    Fetch,
    /// A recovery point is restored.
    Restore,
    /// A log is replayed.
    Replay,
    /// Messages are handed over again.
    Requeue,
    /// Something is started.
    Start,
    /// Something is stopped.
    Stop,
    /// Something is stopped and started.
    Restart,
    /// Something is kept from writing.
    Fence,
    /// A follower becomes what it followed.
    Promote,
    /// A name or the traffic is pointed elsewhere.
    Switch,
    /// Indexes are built anew.
    Reindex,
    /// Dead rows are cleared away.
    Vacuum,
}

/// One step of a procedure.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Step {
    /// Its name within the procedure.
    pub name: String,
    /// The name people say.
    pub title: Option<String>,
    /// The phase it belongs to.
    pub phase: Option<String>,
    /// What is done.
    #[serde(rename = "do")]
    pub action: Option<Action>,
    /// The component it is done to.
    pub of: Option<String>,
    /// The steps before it: the one above if left out, none if empty.
    pub needs: Option<Vec<String>>,
    /// How long it may take.
    pub budget: Option<Span>,
    /// When it happens, since the incident's start, as the documents put it.
    pub at: Option<Times>,
    /// How it is confirmed.
    pub confirm: Option<Confirm>,
    /// What happens when it fails.
    pub on_failure: Option<OnFailure>,
    /// What must be true afterwards.
    pub proof: Option<Condition>,
    /// Who does it.
    pub by: Option<String>,
    /// What it works from: a store or a job.
    pub from: Option<String>,
    /// The program and its arguments, for `command`.
    #[serde(default)]
    pub run: Vec<String>,
    /// A line for a shell, where nothing else will do.
    pub shell: Option<String>,
    /// What a person does, in words.
    #[serde(default)]
    pub points: Vec<String>,
    /// Whether it may be left out.
    pub optional: Option<bool>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_is_no_action_is_refused() {
        let step = |word: &str| toml::from_str::<Step>(&format!("name = 's'\ndo = '{word}'"));
        assert_eq!(step("restore").unwrap().action, Some(Action::Restore));
        assert!(step("restroe").unwrap_err().to_string().contains("restroe"));
    }
}
