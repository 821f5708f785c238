//! Which components are asked, and which of them are shown.

use clap::builder::PossibleValuesParser;

use crate::cli::Failure;
use crate::plan::facts::Verdict;
use crate::plan::types::{Component, Kind};
use crate::plan::{Plan, nearest, subject_matches};
use crate::text::{Exit, Explain};

/// Which components are asked, and which of them are shown.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Choice {
    /// Only these components; `*` stands for any part of a name
    #[arg(value_name = "COMPONENT")]
    components: Vec<String>,
    /// Only components at this site; may be repeated
    #[arg(long, value_name = "SITE")]
    site: Vec<String>,
    /// Only components of this kind; may be repeated
    #[arg(long, value_name = "KIND", value_parser = PossibleValuesParser::new(Kind::ALL.map(Kind::word)))]
    kind: Vec<String>,
    /// Show only components with this verdict; may be repeated
    #[arg(long, value_name = "VERDICT", value_parser = PossibleValuesParser::new(Verdict::ALL.map(Verdict::word)))]
    verdict: Vec<String>,
}

impl Choice {
    /// Names that the plan does not know are told, with what may have been meant.
    pub fn check(&self, plan: &Plan) -> Result<(), Failure> {
        let names = || plan.component.iter().map(|component| component.name.as_str());
        for name in &self.components {
            if !names().any(|known| subject_matches(name, known)) {
                return Err(unknown("component", name, names()));
            }
        }
        let sites = || plan.site.iter().map(|site| site.name.as_str());
        for name in &self.site {
            if !sites().any(|known| known == name) {
                return Err(unknown("site", name, sites()));
            }
        }
        Ok(())
    }

    /// Whether it is asked.
    pub fn asks(&self, component: &Component) -> bool {
        let named = self.components.iter().any(|name| subject_matches(name, &component.name));
        let there = self.site.iter().any(|site| component.site.as_ref() == Some(site));
        let such = self.kind.iter().any(|kind| kind == component.kind.word());
        (self.components.is_empty() || named) && (self.site.is_empty() || there) && (self.kind.is_empty() || such)
    }

    /// Whether nothing was left out.
    pub fn asks_all(&self) -> bool {
        self.components.is_empty() && self.site.is_empty() && self.kind.is_empty()
    }

    /// Whether one with this verdict is shown.
    pub fn has(&self, verdict: Verdict) -> bool {
        self.verdict.is_empty() || self.verdict.iter().any(|word| word == verdict.word())
    }
}

/// The plan has nothing of this name.
pub fn unknown<'a>(what: &'static str, name: &str, known: impl Iterator<Item = &'a str>) -> Failure {
    let known: Vec<&str> = known.collect();
    let near = nearest(name, known.iter().copied()).map(str::to_owned);
    Unknown { what, name: name.chars().take(80).collect(), near, known: known.join(", ") }.into()
}

/// The plan does not know what was named.
#[derive(Debug, thiserror::Error)]
#[error("the plan has no {what} {name:?}")]
struct Unknown {
    what: &'static str,
    name: String,
    near: Option<String>,
    known: String,
}

impl Explain for Unknown {
    fn next_step(&self) -> String {
        match &self.near {
            Some(near) => format!("did you mean \"{near}\"?"),
            None if self.known.is_empty() => format!("the plan names none; a {} is added to it", self.what),
            None => format!("it has {}", self.known),
        }
    }

    fn exit(&self) -> Exit {
        Exit::Usage
    }
}
