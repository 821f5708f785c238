//! What became of all that was verified.

use super::Beside;
use crate::protect::due::Outcome;
use crate::protect::verify::Verified;
use crate::systems::artefact::Look;

/// What became of all of them.
#[derive(Default)]
pub(super) struct Sum {
    whole: usize,
    remembered: usize,
    flawed: usize,
    not_looked: usize,
    /// Recovery points of which files are missing.
    partial: usize,
}

impl Sum {
    /// Adds one.
    pub(super) fn count(&mut self, verified: &Verified<'_>) {
        self.partial += usize::from(verified.broken.is_some());
        for read in &verified.files {
            match &read.look {
                Look::Whole(_) if verified.is_remembered => self.remembered += 1,
                Look::Whole(_) => self.whole += 1,
                Look::Flawed(_) => self.flawed += 1,
                Look::NotLooked(_) => self.not_looked += 1,
            }
        }
    }

    /// What came of it, for those who look on.
    pub(super) fn outcome(&self, beside: &Beside) -> Outcome {
        let odd =
            beside.strange.iter().map(|strange| format!("{}: {}: {}", strange.component, strange.about, strange.why));
        let unseen = beside.unseen.iter().map(|unseen| format!("{} was not looked into: {}", unseen.store, unseen.why));
        let more: Vec<String> = odd.chain(unseen).collect();
        let told = [vec![self.sentence()], more].concat();
        let is_well = self.is_well() && told.len() == 1;
        if is_well { Outcome::done(told.concat()) } else { Outcome::failed(told.join(" ")) }
    }

    /// Whether all is as it should be.
    pub(super) fn is_well(&self) -> bool {
        self.flawed + self.not_looked + self.partial == 0
    }

    /// In one sentence.
    pub(super) fn sentence(&self) -> String {
        let Sum { whole, remembered, flawed, not_looked, partial } = self;
        let files = whole + remembered + flawed + not_looked;
        let before = match (remembered, whole) {
            (0, _) => String::new(),
            (1, _) => " One was read before and has not changed.".to_owned(),
            (all, 0) => format!(" {all} were read before and have not changed."),
            (some, _) => format!(" {some} of them were read before and have not changed."),
        };
        match (files, self.is_well()) {
            (0, true) => "Nothing was chosen that could be read.".to_owned(),
            (1, true) => format!("The one file is whole.{before}"),
            (_, true) => format!("All {files} files are whole.{before}"),
            (_, false) => {
                let partial = if *partial > 0 { format!("{partial} partial, ") } else { String::new() };
                let whole = whole + remembered;
                format!("{partial}{flawed} flawed, {not_looked} not looked at, {whole} of {files} files whole.{before}")
            }
        }
    }
}
