//! Faults of certificates: gone, or run out.

use std::fs;

use super::{Deed, Undo, kept};
use crate::lab::certificates::{self, Flaw, WANTED, Wanted};
use crate::lab::{LabError, Site};

fn wanted(deed: &Deed<'_>) -> Result<&'static Wanted, LabError> {
    WANTED.iter().find(|one| one.name == deed.target).ok_or_else(|| deed.bad_target())
}

pub(super) fn remove(deed: &mut Deed<'_>) -> Result<(), LabError> {
    let path = deed.lab.layout.certificates(Site::Primary).join(format!("{}.pem", wanted(deed)?.name));
    let kept = kept::keep(deed, &path)?;
    deed.remember(format!("removed {}", path.display()), Some(Undo::PutBack { kept, restart: None }))?;
    fs::remove_file(&path).map_err(LabError::file("remove", &path))
}

pub(super) fn expire(deed: &mut Deed<'_>) -> Result<(), LabError> {
    let wanted = wanted(deed)?;
    let path = deed.lab.layout.certificates(Site::Primary).join(format!("{}.pem", wanted.name));
    let kept = kept::keep(deed, &path)?;
    deed.remember(
        format!("put one that ran out yesterday in the place of {}", path.display()),
        Some(Undo::PutBack { kept, restart: None }),
    )?;
    let expired = Wanted { name: wanted.name, days: wanted.days, flaw: Flaw::Expired };
    certificates::issue(deed.lab, Site::Primary, &expired, chrono::Utc::now())
}
