//! Breaking the lab on purpose: each fault by a server's own means, seen by its clients, recorded, and undone
//! where that makes sense.
//!
//! Acts only on servers whose process the lab recorded, and only after the server itself has said that it works
//! in the lab's own folder.

mod access;
mod archiving;
mod brokers;
mod caches;
mod certificates;
mod data;
mod error;
mod guard;
pub mod holder;
mod kept;
mod ledger;
mod list;
mod names;
mod objects;
mod pages;
mod processes;
mod stores;
mod trees;

use std::path::Path;

use serde_json::json;

use super::context::Lab;
use super::lock::Lock;
use super::processes::Processes;
use super::programs::{self, Programs};
use super::record::Record;
use super::servers::postgres::explain;
use super::{LabError, Layout, ServerId, Site, events, signals, up};
use crate::journal::Kind;

pub use error::FaultError;
pub use ledger::Applied;
pub(super) use ledger::{Ledger, Undo};
pub use list::{FAULTS, Fault, Heals};

/// Applies the fault `name` to `target`, or to what it usually takes.
pub async fn apply(folder: &Path, name: &str, target: Option<&str>) -> Result<Applied, LabError> {
    let fault = list::find(name)?;
    check_target(fault, target)?;
    let (lab, _lock) = open(folder)?;
    let mut ledger = Ledger::open(&lab.layout)?;
    end_strays(&lab, &ledger).await;
    ledger.settle(&lab).await?;
    let target = target.unwrap_or(fault.usual).to_owned();
    if let Some(applied) = ledger.held(fault.name, &target).filter(|_| fault.heals == Heals::Undo) {
        return Err(applied.still_in_force());
    }
    let mut deed = Deed { lab: &lab, ledger: &mut ledger, fault, target, entry: None };
    match dispatch(&mut deed).await {
        Ok(()) => deed.finish(),
        Err(error) => {
            deed.take_back().await;
            Err(error)
        }
    }
}

/// An empty name is no name, and not the same as none.
fn check_target(fault: &Fault, target: Option<&str>) -> Result<(), LabError> {
    let is_wrong = |target: &&str| target.is_empty() || fault.takes == list::NOTHING;
    let Some(wrong) = target.filter(is_wrong) else { return Ok(()) };
    let (fault, takes) = (fault.name.to_owned(), fault.takes.to_owned());
    Err(FaultError::Target { fault, target: wrong.to_owned(), takes }.into())
}

/// Undoes what is in force: the faults called `name`, on `target` only if one is named, or all that can be undone.
/// One that cannot be undone does not keep the others, and is forgotten if it never can be.
pub async fn undo(folder: &Path, name: Option<&str>, target: Option<&str>) -> Result<Vec<Applied>, LabError> {
    let (lab, _lock) = open(folder)?;
    let mut ledger = Ledger::open(&lab.layout)?;
    ledger.settle(&lab).await?;
    if let Some(name) = name {
        let fault = list::find(name)?;
        if fault.heals == Heals::Restore {
            return Err(FaultError::NoUndo(fault.name.to_owned()).into());
        }
        check_target(fault, target)?;
    }
    let mut chosen: Vec<Applied> = ledger.reversible(name);
    chosen.retain(|one| target.is_none_or(|target| one.target == target));
    if let (Some(name), true) = (name, chosen.is_empty()) {
        let wanted = [Some(name), target].into_iter().flatten().collect::<Vec<_>>().join(" ");
        return Err(FaultError::NotInForce(wanted).into());
    }
    let (mut undone, mut failed) = (Vec::new(), Vec::new());
    for applied in chosen.iter().rev() {
        match undo_one(&lab, applied).await {
            Ok(()) => {
                tell(&lab, events::UNDONE, applied);
                undone.push(applied.clone());
            }
            Err(error) => {
                let is_lost = matches!(error, LabError::Fault(FaultError::NoUndo(_)));
                failed.push((applied.named(), error));
                if !is_lost {
                    continue;
                }
            }
        }
        ledger.remove(applied)?;
    }
    match failed.len() {
        0 => {
            undone.reverse();
            Ok(undone)
        }
        1 if undone.is_empty() => Err(failed.remove(0).1),
        _ => {
            let failed = failed.iter().map(|(name, error)| format!("{name}: {error}")).collect();
            Err(FaultError::NotAll { undone: undone.iter().map(Applied::named).collect(), failed }.into())
        }
    }
}

/// Puts it into the lab's journal.
fn tell(lab: &Lab, kind: Kind, applied: &Applied) {
    let body = json!({ "target": applied.target, "what": applied.what, "can_be_undone": applied.can_be_undone() });
    events::record(&lab.layout, kind, &applied.fault, body);
}

/// Ends helpers that were started by somebody who was killed before writing down which process they are.
async fn end_strays(lab: &Lab, ledger: &Ledger) {
    for stray in Processes::stray_helpers(&lab.record.id, &ledger.helpers()) {
        signals::kill(&stray).await;
    }
}

/// What is in force in the lab below `folder`; nothing where there is no lab.
pub fn in_force(folder: &Path) -> Result<Vec<Applied>, LabError> {
    let layout = Layout::at(folder);
    up::check_owner(&layout)?;
    let Some(record) = Record::load(&layout)? else { return Ok(Vec::new()) };
    let processes = Processes::open(layout.processes(), &record.id)?;
    Ok(Ledger::open(&layout)?.in_force(&processes))
}

fn open(folder: &Path) -> Result<(Lab, Lock), LabError> {
    let layout = Layout::at(folder);
    let none = || LabError::NoLab { lab: layout.root().to_owned() };
    if !layout.record().exists() {
        return Err(none());
    }
    up::check_owner(&layout)?;
    let lock = Lock::take(&layout, "fault")?;
    let record = Record::load(&layout)?.ok_or_else(none)?;
    let programs = Programs::find(&programs::usual_folders()).map_err(|missing| LabError::Missing { missing })?;
    Ok((Lab::open(layout, record, programs)?, lock))
}

/// One fault being applied.
struct Deed<'a> {
    lab: &'a Lab,
    ledger: &'a mut Ledger,
    fault: &'static Fault,
    target: String,
    entry: Option<Applied>,
}

impl Deed<'_> {
    /// Writes down what is about to be done and how it is undone. Comes before the deed, so that a sudden end
    /// in between leaves an undo too many rather than one too few.
    fn remember(&mut self, what: impl Into<String>, undo: Option<Undo>) -> Result<(), LabError> {
        let applied = Applied {
            fault: self.fault.name.to_owned(),
            target: self.target.clone(),
            at: chrono::Utc::now(),
            what: what.into(),
            undo,
        };
        self.ledger.add(applied.clone())?;
        tell(self.lab, events::FAULT, &applied);
        self.entry = Some(applied);
        Ok(())
    }

    /// Undoes what was begun of a fault that failed, so that it is not shown as one that is in force. What a server
    /// has refused whole is forgotten by whoever asked it; the rest of what cannot be undone may have happened in part.
    async fn take_back(self) {
        let Some(entry) = self.entry.filter(|entry| entry.undo.as_ref().is_some_and(Undo::is_safe_half_way)) else {
            return;
        };
        if undo_one(self.lab, &entry).await.is_ok() && self.ledger.remove(&entry).is_ok() {
            tell(self.lab, events::UNDONE, &entry);
        }
    }

    /// Forgets what a server has refused as a whole.
    fn refused(&mut self) {
        if let Some(entry) = self.entry.take() {
            let _ = self.ledger.remove(&entry);
            tell(self.lab, events::UNDONE, &entry);
        }
    }

    /// The error of a statement that does all or nothing.
    fn failed_whole(&mut self, error: &tokio_postgres::Error) -> LabError {
        if error.as_db_error().is_some() {
            self.refused();
        }
        self.failed(explain(error))
    }

    fn finish(self) -> Result<Applied, LabError> {
        self.entry.ok_or_else(|| {
            FaultError::Failed { fault: self.fault.name.to_owned(), why: "nothing was done".to_owned() }.into()
        })
    }

    fn failed(&self, why: impl Into<String>) -> LabError {
        FaultError::Failed { fault: self.fault.name.to_owned(), why: why.into() }.into()
    }

    fn bad_target(&self) -> LabError {
        FaultError::Target {
            fault: self.fault.name.to_owned(),
            target: self.target.clone(),
            takes: self.fault.takes.to_owned(),
        }
        .into()
    }

    /// The target as servers: one, or all of a site.
    fn servers(&self) -> Result<Vec<ServerId>, LabError> {
        if let Some(site) = self.site() {
            return Ok(self.lab.servers().into_iter().filter(|server| server.site == site).collect());
        }
        ServerId::find(&self.target, &self.lab.servers()).map(|server| vec![server]).map_err(|_| self.bad_target())
    }

    fn site(&self) -> Option<Site> {
        Site::ALL.into_iter().find(|site| site.name() == self.target)
    }
}

async fn dispatch(deed: &mut Deed<'_>) -> Result<(), LabError> {
    match deed.fault.name {
        "kill" => processes::kill(deed).await,
        "freeze" => processes::freeze(deed),
        "stop-dns" => names::stop(deed).await,
        "stale-names" => names::go_stale(deed).await,
        "refuse-logins" => access::refuse_logins(deed).await,
        "exhaust-connections" => access::exhaust_connections(deed).await,
        "drop-table" => data::drop_table(deed).await,
        "delete-rows" => data::delete_rows(deed).await,
        "break-foreign-key" => data::break_foreign_key(deed).await,
        "flip-bytes" | "zero-page" | "break-index" => pages::damage(deed).await,
        "stop-archiving" | "hang-archiving" | "disable-archiving" => archiving::change(deed).await,
        "lag-standby" => archiving::lag_standby(deed).await,
        "fill-store" => stores::fill(deed).await,
        "truncate-backup" => stores::truncate(deed),
        "corrupt-backup" => stores::corrupt(deed),
        "delete-object" => objects::delete(deed).await,
        "corrupt-object" => objects::corrupt(deed).await,
        "remove-certificate" => certificates::remove(deed),
        "expire-certificate" => certificates::expire(deed),
        "flush-redis" => caches::flush(deed).await,
        "corrupt-aof" => caches::corrupt_aof(deed).await,
        "exhaust-memory" => caches::exhaust_memory(deed).await,
        "delete-queues" => brokers::delete_queues(deed).await,
        "delete-exchanges" => brokers::delete_exchanges(deed).await,
        "purge-messages" => brokers::purge_messages(deed).await,
        _ => Err(deed.bad_target()),
    }
}

async fn undo_one(lab: &Lab, applied: &Applied) -> Result<(), LabError> {
    match &applied.undo {
        None => Ok(()),
        Some(Undo::Start(all)) => processes::start(lab, all).await,
        Some(Undo::Thaw(all)) => processes::thaw(lab, all).await,
        Some(Undo::AllowLogins(server, _)) => access::allow_logins(lab, *server).await,
        Some(Undo::EndHelper(born)) => {
            if lab.processes.is_own(born) {
                signals::kill(born).await;
            }
            Ok(())
        }
        Some(Undo::Page(page)) => pages::put_back(lab, page).await,
        Some(Undo::PutBack { kept, restart }) => kept::undo(lab, kept, *restart).await,
        Some(Undo::Archive) => archiving::restore(lab).await,
        Some(Undo::Replay(_)) => archiving::resume_replay(lab).await,
        Some(Undo::Unmount(path)) => stores::unmount(lab, path).await,
        Some(Undo::Stale) => names::refresh(lab).await,
        Some(Undo::Quota(site)) => objects::empty(lab, *site),
        Some(Undo::Memory { server, limit, policy, .. }) => caches::free_memory(lab, *server, limit, policy).await,
    }
}

/// Ends helpers of faults and frees mount points, before the lab's servers are ended: each, whatever becomes of the
/// others.
pub(super) async fn let_go(lab: &Lab) -> Result<(), LabError> {
    let mut ledger = Ledger::open(&lab.layout)?;
    let mut done = Ok(());
    for applied in ledger.reversible(None) {
        if matches!(applied.undo, Some(Undo::EndHelper(_) | Undo::Unmount(_))) {
            let undone = undo_one(lab, &applied).await.and_then(|()| ledger.remove(&applied));
            done = done.and(undone);
        }
    }
    done
}
