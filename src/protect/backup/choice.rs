//! What is to be backed up: by which job of the plan, and to which stores.

use crate::plan::Plan;
use crate::plan::types::{Component, Job, Method, Store, Task};
use crate::text::{Exit, Explain};

/// A backup that is to be taken.
#[derive(Clone, Debug)]
pub struct Wanted<'p> {
    /// Of what.
    pub component: &'p Component,
    /// How, as a job of the plan has it.
    pub job: Job,
    /// Where to.
    pub stores: Vec<&'p Store>,
}

/// What was asked for.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// These components.
    pub components: Vec<String>,
    /// Every component that the plan backs up.
    pub all: bool,
    /// By this method, instead of the one that restores best.
    pub method: Option<Method>,
    /// To these stores, instead of those of the job.
    pub to: Vec<String>,
}

/// Why something cannot be backed up as it was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotChosen {
    /// Nothing was named.
    #[error("it was not said what is to be backed up")]
    Nothing,
    /// The plan backs it up nowhere.
    #[error("the plan has no backup of {0}")]
    NoJob(String),
    /// It does, and not so.
    #[error("the plan has no backup of {component} by the method {method}; it has: {known}")]
    NoMethod {
        /// Of what.
        component: String,
        /// How it was asked for.
        method: String,
        /// How it is backed up.
        known: String,
    },
    /// The plan names no store for it.
    #[error("the plan names no store for the backups of {0}")]
    NoStore(String),
}

impl Explain for NotChosen {
    fn next_step(&self) -> String {
        match self {
            NotChosen::Nothing => "Name components, or say --all, or --due for what the schedules want.".to_owned(),
            NotChosen::NoJob(component) => {
                format!(
                    "Add a [[job]] with do = \"backup\" and of = {component:?}; `lifeboat plan show` has the others."
                )
            }
            NotChosen::NoMethod { .. } => "Name one of these, or add a [[job]] for it.".to_owned(),
            NotChosen::NoStore(_) => "Name one with --to.".to_owned(),
        }
    }

    fn exit(&self) -> Exit {
        Exit::Usage
    }
}

impl Asked {
    /// The backups that are meant, in the order of the plan's components.
    pub fn of<'p>(&self, plan: &'p Plan) -> Result<Vec<Wanted<'p>>, NotChosen> {
        if self.components.is_empty() && !self.all {
            return Err(NotChosen::Nothing);
        }
        let has_job = |component: &&Component| jobs(plan, component).next().is_some();
        let named = |component: &&Component| self.components.contains(&component.name);
        let chosen = plan.component.iter().filter(|it| if self.all { has_job(it) } else { named(it) });
        chosen.map(|component| self.one(plan, component)).collect()
    }

    fn one<'p>(&self, plan: &'p Plan, component: &'p Component) -> Result<Wanted<'p>, NotChosen> {
        let known: Vec<&Job> = jobs(plan, component).collect();
        let best = known.iter().filter(|job| self.method.is_none_or(|method| job.method == Some(method)));
        let Some(job) = best.min_by_key(|job| rank(job.method)) else {
            return Err(match self.method {
                Some(method) if !known.is_empty() => NotChosen::NoMethod {
                    component: component.name.clone(),
                    method: method.word().to_owned(),
                    known: known.iter().filter_map(|job| job.method.map(Method::word)).collect::<Vec<_>>().join(", "),
                },
                _ => NotChosen::NoJob(component.name.clone()),
            });
        };
        let names = if self.to.is_empty() { &job.to } else { &self.to };
        let stores: Vec<&Store> = plan.store.iter().filter(|store| names.contains(&store.name)).collect();
        if stores.is_empty() {
            return Err(NotChosen::NoStore(component.name.clone()));
        }
        Ok(Wanted { component, job: (*job).clone(), stores })
    }
}

/// The jobs that take recovery points of a component, one at a time.
fn jobs<'p>(plan: &'p Plan, component: &Component) -> impl Iterator<Item = &'p Job> {
    let of = component.name.clone();
    let is_one = move |job: &&Job| {
        job.task == Task::Backup
            && job.of.as_ref() == Some(&of)
            && !matches!(job.method, Some(Method::Wal | Method::Incremental))
    };
    plan.job.iter().filter(is_one)
}

/// What is taken where nothing is said: the first that is quickly there and restores alone.
fn rank(method: Option<Method>) -> usize {
    const ORDER: [Method; 11] = [
        Method::Dump,
        Method::Stream,
        Method::Snapshot,
        Method::Definitions,
        Method::Files,
        Method::Export,
        Method::Sql,
        Method::Base,
        Method::Aof,
        Method::Queues,
        Method::Messages,
    ];
    method.and_then(|method| ORDER.iter().position(|known| *known == method)).unwrap_or(ORDER.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan() -> Plan {
        toml::from_str(
            "[platform]\nname = 'p'\n[[component]]\nname = 'db'\nkind = 'postgres'\n[[component]]\nname = 'cache'\n\
             kind = 'redis'\n[[component]]\nname = 'web'\nkind = 'http'\n[[store]]\nname = 'a'\nkind = 'directory'\n\
             [[store]]\nname = 'b'\nkind = 'directory'\n\
             [[job]]\nname = '1'\ndo = 'backup'\nof = 'db'\nmethod = 'base'\nto = ['a']\n\
             [[job]]\nname = '2'\ndo = 'backup'\nof = 'db'\nmethod = 'dump'\nto = ['a', 'b']\n\
             [[job]]\nname = '3'\ndo = 'backup'\nof = 'db'\nmethod = 'wal'\nto = ['a']\n\
             [[job]]\nname = '4'\ndo = 'backup'\nof = 'cache'\nmethod = 'stream'\n",
        )
        .unwrap()
    }

    fn asked(components: &[&str]) -> Asked {
        Asked { components: components.iter().map(|name| (*name).to_owned()).collect(), ..Asked::default() }
    }

    #[test]
    fn the_method_that_restores_best_is_taken_where_none_is_named() {
        let plan = plan();
        let wanted = asked(&["db"]).of(&plan).unwrap();
        assert_eq!((wanted.len(), wanted[0].job.name.as_str(), wanted[0].stores.len()), (1, "2", 2));
        let base = Asked { method: Some(Method::Base), to: vec!["b".to_owned()], ..asked(&["db"]) };
        let wanted = base.of(&plan).unwrap();
        assert_eq!((wanted[0].job.name.as_str(), wanted[0].stores[0].name.as_str()), ("1", "b"));
    }

    #[test]
    fn what_the_plan_does_not_have_is_told() {
        let plan = plan();
        assert_eq!(asked(&[]).of(&plan).unwrap_err(), NotChosen::Nothing);
        assert_eq!(asked(&["web"]).of(&plan).unwrap_err(), NotChosen::NoJob("web".to_owned()));
        assert_eq!(asked(&["cache"]).of(&plan).unwrap_err(), NotChosen::NoStore("cache".to_owned()));
        let sql = Asked { method: Some(Method::Sql), ..asked(&["db"]) };
        assert!(sql.of(&plan).unwrap_err().to_string().ends_with("it has: base, dump"));
        let all = Asked { all: true, to: vec!["a".to_owned()], ..Asked::default() };
        assert_eq!(all.of(&plan).unwrap().len(), 2);
    }
}
