//! The first steps of making a lab: who the servers run as, where they lie, and which program serves what is
//! embedded in Lifeboat.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::account::{self, Account};
use super::context::Lab;
use super::home::Home;
use super::network::Network;
use super::record::{FORMAT, Record};
use super::secrets::LabSecret;
use super::{LabError, LabOptions, Layout, Site, files, folder_name, removal, room};

/// Decides what a new lab is, and writes it down.
pub(super) fn record(layout: &Layout, options: &LabOptions) -> Result<Record, LabError> {
    let account = account::choose()?;
    let id = files::random_text(removal::ID_LENGTH)?.to_lowercase();
    let sites = place_for_sites(layout, account.as_ref(), &id);
    folder_name::check(layout.root(), &sites)?;
    room::check(&sites, options.scale, options.nodes)?;
    let home = Some(Home::of(layout)?);
    let network = Network::choose(layout.root(), options.nodes)?;
    let record = Record {
        format: FORMAT,
        nodes: options.nodes,
        home,
        id,
        made: chrono::Utc::now(),
        scale: options.scale,
        account,
        sites,
        program: PathBuf::new(),
        network,
        done: BTreeSet::new(),
    };
    record.save(layout)?;
    Ok(record)
}

/// Where the folders of the sites go: in the lab, unless the servers' account could not get there.
fn place_for_sites(layout: &Layout, account: Option<&Account>, id: &str) -> PathBuf {
    if account.is_none() || account::others_can_reach(&layout.lock()) {
        return layout.sites();
    }
    removal::place_outside(id).map_or_else(|| layout.sites(), |place| place.join("sites"))
}

/// Makes the folders of the sites, with a link in the lab's folder if they lie elsewhere.
pub(super) fn sites(lab: &Lab) -> Result<(), LabError> {
    let (inside, place) = (lab.layout.root().join("sites"), &lab.record.sites);
    files::make_folder(place, 0o711, None)?;
    if *place != inside && !inside.exists() {
        std::os::unix::fs::symlink(place, &inside).map_err(LabError::file("link", &inside))?;
    }
    for site in Site::ALL {
        files::make_folder(&lab.layout.site(site), 0o711, None)?;
    }
    Ok(())
}

/// A file with the administrator's password for `curl`, which would otherwise show it to everybody.
pub(super) fn netrc(lab: &Lab) -> Result<(), LabError> {
    let password = lab.secret(LabSecret::RabbitmqAdmin)?;
    let line = |site| format!("machine {} login admin password {password}\n", lab.record.network.site(site));
    let text = line(Site::Primary) + &line(Site::Dr);
    files::replace(&lab.layout.secret("netrc"), text.as_bytes(), 0o600, None)
}

/// Writes down which program serves from now on; the one of this `up`, for an earlier one may be gone.
pub(super) fn with_program(layout: &Layout, record: Record, options: &LabOptions) -> Result<Record, LabError> {
    let ours = match &options.program {
        Some(program) => program.clone(),
        None => std::env::current_exe().map_err(LabError::file("find", "our own program"))?,
    };
    let program = if record.account.is_none() || account::others_can_reach(&ours) {
        ours
    } else {
        files::make_folder(&record.sites, 0o711, None)?;
        bring_within_reach(&ours, &record.sites.join("lifeboat"))?
    };
    let home = Some(Home::of(layout)?);
    let record = Record { home, program, ..record };
    record.save(layout)?;
    Ok(record)
}

/// A second name for the program where the servers' account can get to; a copy if that cannot be had.
fn bring_within_reach(ours: &Path, there: &Path) -> Result<PathBuf, LabError> {
    match fs::remove_file(there) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(LabError::File { what: "replace", path: there.to_owned(), source: error });
        }
        _ => {}
    }
    if fs::hard_link(ours, there).is_err() {
        fs::copy(ours, there).map_err(LabError::file("copy our program to", there))?;
    }
    Ok(there.to_owned())
}
