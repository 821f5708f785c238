//! Where everything lies: addresses of components, stores, and what is taken into which.

use super::sheet::Sheet;
use crate::plan::types::{Component, Job, Store, Task};
use crate::plan::word::word;
use crate::plan::{Plan, when};

pub(super) fn page(plan: &Plan) -> Option<String> {
    if plan.component.is_empty() && plan.store.is_empty() {
        return None;
    }
    let mut sheet = Sheet::new(plan, "Where everything lies", "places");
    for component in &plan.component {
        sheet.name(&component.name);
        sheet.line("Is", &what(component));
        sheet.line("Address", component.address.as_deref().unwrap_or_default());
        sheet.line("Reached by", &component.reach.as_ref().map(ToString::to_string).unwrap_or_default());
        sheet.line("Managed by", component.managed_by.as_deref().unwrap_or_default());
        sheet.line("Needs", &component.needs.join(", "));
        sheet.line("Password", &component.password.as_ref().map(ToString::to_string).unwrap_or_default());
        sheet.line("Note", component.note.as_deref().unwrap_or_default());
    }
    for store in &plan.store {
        sheet.name(&format!("store {}", store.name));
        sheet.line("Is", &place(store));
        sheet.line("Thaw", &store.thaw.map(|thaw| thaw.to_string()).unwrap_or_default());
        sheet.line("Encrypted", &store.encrypt_to.join(", "));
        let held = plan.job.iter().filter(|job| fills(job) && job.to.contains(&store.name)).map(taken);
        sheet.line("Holds", &held.collect::<Vec<_>>().join("\n"));
    }
    Some(sheet.done())
}

fn what(component: &Component) -> String {
    let title = component.title.as_deref().unwrap_or(&component.name);
    let site = component.site.as_ref().map(|site| format!(", at {site}")).unwrap_or_default();
    let rto = component.rto.map(|rto| format!(", back within {rto}")).unwrap_or_default();
    format!("{title} ({}){site}{rto}", component.kind)
}

fn place(store: &Store) -> String {
    let path = store.path.as_ref().map(|path| path.display().to_string());
    let bucket = store.bucket.as_ref().map(|bucket| format!("bucket {bucket}"));
    let vault = store.vault.as_ref().map(|vault| format!("vault {vault}"));
    let region = store.region.as_ref().map(|region| format!("in {region}"));
    let copy = store.replicated_to.as_ref().map(|region| format!("replicated to {region}"));
    let service = store.endpoint.as_ref().map(|endpoint| format!("at {endpoint}"));
    let reach = store.reach.as_ref().map(|reach| format!("by {reach}"));
    let parts = [path, bucket, vault, region, copy, service, reach, store.storage_class.clone()];
    let parts: Vec<_> = std::iter::once(word(store.kind)).chain(parts.into_iter().flatten()).collect();
    parts.join(", ")
}

/// Whether something lies in the job's stores because of it.
fn fills(job: &Job) -> bool {
    matches!(job.task, Task::Backup | Task::Upload | Task::GitCommit)
}

fn taken(job: &Job) -> String {
    let method = job.method.map(|method| format!(" {}", word(method))).unwrap_or_default();
    let of = job.of.as_ref().map(|of| format!(" of {of}")).unwrap_or_default();
    format!("{}: {}{method}{of}, {}", job.name, word(job.task), when(job))
}
