//! When what a job takes on each change was changed last.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::probe::unseen;
use super::tree::{NoTree, Tree};
use crate::plan::types::{Component, Kind};
use crate::systems::contact::{Contact, address};
use crate::systems::one_look::OneLook;
use crate::systems::trouble::ContactError;

/// Looks again and again when the files of a component were changed.
#[derive(Debug)]
pub struct Touched {
    component: Component,
    looks: OneLook,
}

impl Touched {
    /// Those of this component; nothing where it is not one of files.
    pub fn of(component: &Component) -> Option<Touched> {
        let is_of_files = matches!(component.kind, Kind::Files | Kind::Certificate);
        is_of_files.then(|| Touched { component: component.clone(), looks: OneLook::new() })
    }

    /// When the newest of them was changed, to the second, by the clock of where they lie; nothing where there are
    /// none. What was thrown away is not seen.
    pub async fn look(&self, with: &Contact<'_>) -> Result<Option<DateTime<Utc>>, ContactError> {
        let settings = self.component.files.clone().unwrap_or_default();
        let place = self.component.reach.clone().unwrap_or_default();
        let mut last = None;
        for path in self.paths()? {
            match Tree::look(&path, &settings, &place, &self.looks, with).await {
                Ok(tree) => last = last.max(tree.touched()),
                // What is about to be replaced is not there for a moment.
                Err(NoTree::Missing) => {}
                Err(error) => return Err(unseen(&self.component, error)),
            }
        }
        Ok(last)
    }

    fn paths(&self) -> Result<Vec<PathBuf>, ContactError> {
        let own = Path::new(address(&self.component)?).to_owned();
        let certificate = self.component.certificate.clone().unwrap_or_default();
        let beside = [certificate.ca, certificate.key].into_iter().flatten();
        // One that is only served lies in no file.
        Ok([own].into_iter().chain(beside).filter(|path| path.is_absolute()).collect())
    }
}
