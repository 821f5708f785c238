//! What became of all that was verified.

use super::Beside;
use crate::cli::points::Doubted;
use crate::protect::due::Outcome;
use crate::protect::verify::Verified;
use crate::systems::artefact::Look;
use crate::text::counted_as;

/// What became of all of them.
#[derive(Default)]
pub(super) struct Sum {
    whole: usize,
    remembered: usize,
    flawed: usize,
    not_looked: usize,
    /// Files that have to be thawed before they are read.
    archived: usize,
    /// Recovery points of which files are missing.
    partial: usize,
    /// Copies of which it is not kept what was found.
    not_kept: usize,
    /// Which copies are not whole, or could not be read.
    pub(super) doubted: Doubted,
}

impl Sum {
    /// Adds one.
    pub(super) fn count(&mut self, verified: &Verified<'_>) {
        self.partial += usize::from(verified.broken.is_some());
        self.not_kept += usize::from(verified.not_kept.is_some());
        let looks = || verified.files.iter().map(|read| &read.look);
        let among = if verified.broken.is_some() || looks().any(|look| matches!(look, Look::Flawed(_))) {
            Some(&mut self.doubted.damaged)
        } else if looks().any(|look| matches!(look, Look::NotLooked(_))) {
            Some(&mut self.doubted.unread)
        } else {
            None
        };
        if let Some(copies) = among {
            copies.entry(verified.point.id.clone()).or_default().insert(verified.store.to_owned());
        }
        for read in &verified.files {
            match &read.look {
                Look::Whole(_) if verified.is_remembered => self.remembered += 1,
                Look::Whole(_) => self.whole += 1,
                Look::Flawed(_) => self.flawed += 1,
                Look::NotLooked(_) if verified.archived.is_some() => self.archived += 1,
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
        // What has to be thawed is not known to be bad: it comes when it comes, and a later run reads it.
        let is_sound = self.flawed + self.not_looked + self.partial + self.not_kept == 0;
        if is_sound && told.len() == 1 { Outcome::done(told.concat()) } else { Outcome::failed(told.join(" ")) }
    }

    /// Whether nothing was read, now or before.
    pub(super) fn is_empty(&self) -> bool {
        let Sum { whole, remembered, flawed, not_looked, archived, partial, .. } = self;
        whole + remembered + flawed + not_looked + archived + partial == 0
    }

    /// Whether all is as it should be.
    pub(super) fn is_well(&self) -> bool {
        self.flawed + self.not_looked + self.partial + self.archived + self.not_kept == 0
    }

    /// In one sentence.
    pub(super) fn sentence(&self) -> String {
        let Sum { whole, remembered, flawed, not_looked, archived, partial, .. } = self;
        let files = whole + remembered + flawed + not_looked + archived;
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
                let archived = if *archived > 0 { format!("{archived} archived, ") } else { String::new() };
                let whole = whole + remembered;
                let not_kept = match self.not_kept {
                    0 => String::new(),
                    count => format!(" Of {} it is not kept what was found.", counted_as(count, "copy", "copies")),
                };
                format!(
                    "{partial}{flawed} flawed, {not_looked} not looked at, {archived}{whole} of {files} files whole.{not_kept}{before}"
                )
            }
        }
    }
}
