//! What somebody who works for us elsewhere is given beside the plan, on standard input: the values of secrets, and the
//! files with the authorities that sign certificates.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};

use crate::plan::types::{Component, Plan};
use crate::plan::{SecretRef, UsedSecret};
use crate::reach::{Secret, SecretError, Secrets};

/// What goes with whoever is sent.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Luggage {
    /// The values of secrets, in base64.
    secrets: Vec<(SecretRef, String)>,
    /// What lies in the files with authorities.
    authorities: BTreeMap<PathBuf, String>,
}

impl Luggage {
    /// Adds the value of a secret.
    pub async fn add(&mut self, used: UsedSecret<'_>, secrets: &Secrets) -> Result<(), SecretError> {
        let secret = secrets.resolve_used(used).await?;
        self.secrets.push((used.secret.clone(), BASE64.encode(secret.expose())));
        Ok(())
    }

    /// Adds the authorities of a component, as far as they can be read here.
    pub async fn add_authorities(&mut self, component: &Component) {
        for path in component.authorities() {
            if let Ok(text) = tokio::fs::read_to_string(path).await {
                self.authorities.insert(path.clone(), text);
            }
        }
    }

    /// Whether it needs a folder to be unpacked in.
    pub fn has_files(&self) -> bool {
        !self.authorities.is_empty()
    }

    /// Makes its secrets known here, and its authorities files in `folder`, where the plan finds them.
    pub fn unpack(&mut self, plan: &mut Plan, secrets: &Secrets, folder: &Path) -> io::Result<()> {
        for (reference, text) in self.secrets.drain(..) {
            let value = BASE64.decode(text).map_err(io::Error::other)?;
            secrets.learn(reference, Secret::new(value).map_err(io::Error::other)?);
        }
        for (number, (path, text)) in std::mem::take(&mut self.authorities).into_iter().enumerate() {
            let here = folder.join(format!("authority-{number}.pem"));
            std::fs::write(&here, text)?;
            let named = plan.component.iter_mut().flat_map(Component::authorities_mut);
            named.filter(|named| **named == path).for_each(|named| named.clone_from(&here));
        }
        Ok(())
    }
}
