//! The plan, the state folder and the journal.

use std::path::Path;

use chrono::{DateTime, Utc};

use super::{Area, Check, Next, word};
use crate::journal::{Folded, Place, Summary};
use crate::plan::{Level, Loaded, check};
use crate::systems::live::try_to_write;
use crate::text::counted;

/// Whether the plan is without errors.
pub(super) fn plan(loaded: &Loaded, now: DateTime<Utc>) -> Vec<Check> {
    let all = check(loaded, now);
    let errors = all.iter().filter(|finding| finding.level == Level::Error).count();
    let warnings = all.len() - errors;
    vec![match (errors, warnings) {
        (0, 0) => Check::well(Area::Plan, "the plan", "no findings"),
        (0, warnings) => Check::well(Area::Plan, "the plan", format!("no errors, {}", counted(warnings, "warning"))),
        (errors, _) => Check::wrong(
            Area::Plan,
            "the plan",
            format!("it has {}", counted(errors, "error")),
            Next::look("`lifeboat plan check`"),
        ),
    }]
}

/// Whether what is done tonight could be recorded.
pub(super) fn record(state: Option<&Path>) -> Vec<Check> {
    let Some(state) = state else {
        return vec![Check::not_looked(Area::Record, "the journal", "no state folder is known")];
    };
    let there = state.ancestors().find(|path| path.exists()).unwrap_or(state);
    if let Err(error) = try_to_write(there) {
        let why = format!("{} cannot be written to: {error}", there.display());
        return vec![Check::wrong(Area::Record, "the state folder", why, let_in(state, there, &error))];
    }
    let mut checks =
        vec![Check::well(Area::Record, "the state folder", format!("{} can be written to", state.display()))];
    match Place::of(state) {
        Ok(place) if !place.exists => {
            checks.push(Check::well(Area::Record, "the journal", "it begins with the first event"));
        }
        Ok(place) => checks.push(journal(&place.path)),
        Err(error) => checks.push(broken(error.to_string())),
    }
    checks
}

/// What lets this user write there, and takes it from nobody.
fn let_in(state: &Path, there: &Path, error: &std::io::Error) -> Next {
    let (state_word, word) = (word(&state.to_string_lossy()), word(&there.to_string_lossy()));
    match error.kind() {
        std::io::ErrorKind::PermissionDenied if there == state => {
            Next::Mend(format!("sudo setfacl -m \"u:$(id -un):rwx\" {word}"))
        }
        std::io::ErrorKind::PermissionDenied => {
            Next::Mend(format!("sudo install -d -m 2770 -o \"$(id -un)\" {state_word}"))
        }
        std::io::ErrorKind::StorageFull => Next::Look(format!("df -h {word}")),
        std::io::ErrorKind::ReadOnlyFilesystem => Next::Look(format!("findmnt -T {word}")),
        _ => Next::Look(format!("ls -ld {word}")),
    }
}

fn journal(path: &Path) -> Check {
    match Folded::<Summary>::open(path) {
        Ok(folded) => match folded.reader.damage().next() {
            None => Check::well(Area::Record, "the journal", format!("{} events, none damaged", folded.value.events)),
            Some(damage) => broken(damage.to_string()),
        },
        Err(error) => broken(error.to_string()),
    }
}

fn broken(why: String) -> Check {
    Check::wrong(Area::Record, "the journal", why, Next::look("`lifeboat journal verify`"))
}
