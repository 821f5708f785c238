//! Tests of `systems` and of `plan check --live` against small servers that say what a test wants to hear.

mod asking;
mod balancer;
mod broker;
#[cfg(feature = "lab")]
mod bucket_facts;
mod buckets;
mod certificates;
mod clocks;
pub mod databases;
mod files;
mod interrupted;
mod machines;
mod monitoring;
mod names;
mod ports;
mod secrets;
mod servers;
pub mod taking;
pub mod tls;
mod transport;
mod vocabulary;
pub mod web;

use std::path::Path;
use std::time::Duration;

use lifeboat::plan::Finding;
use lifeboat::reach::{Secrets, Settings};
use lifeboat::systems::Contact;
use lifeboat::systems::live::{self, Live};
use lifeboat::text::SystemClock;
use tokio_util::sync::CancellationToken;

const PLATFORM: &str = "[platform]\nname = \"p\"\n";

/// A component of a plan.
fn component(name: &str, kind: &str, address: &str, more: &str) -> String {
    format!("[[component]]\nname = \"{name}\"\nkind = \"{kind}\"\naddress = \"{address}\"\ndeadline = \"2s\"\n{more}\n")
}

/// Writes a plan of these parts, and returns its path.
fn plan(folder: &Path, parts: &[String]) -> std::path::PathBuf {
    let path = folder.join("plan.toml");
    std::fs::write(&path, format!("{PLATFORM}{}", parts.concat())).unwrap();
    path
}

/// Looks at everything that a plan of these parts names.
async fn look(parts: &[String]) -> Live {
    let settings = Settings::default();
    let secrets = Secrets::new(&settings.redactor).deadline(Duration::from_secs(4));
    let folder = tempfile::tempdir().unwrap();
    let loaded = lifeboat::plan::load(&plan(folder.path(), parts), &[]).unwrap();
    assert!(loaded.findings.is_empty(), "{:?}", loaded.findings);
    let with = Contact {
        secrets: &secrets,
        reach: &settings,
        clock: &SystemClock,
        stop: CancellationToken::new(),
        only_looks: false,
    };
    live::look(&loaded, loaded.plan.as_ref().unwrap(), &with).await
}

fn names(live: &Live) -> Vec<&str> {
    live.answered.iter().map(|(name, _)| name.as_str()).collect()
}

/// The one finding of a rule.
#[track_caller]
fn only<'a>(live: &'a Live, rule: &str) -> &'a Finding {
    let found: Vec<&Finding> = live.findings.iter().filter(|finding| finding.rule == rule).collect();
    assert_eq!(found.len(), 1, "{live:#?}");
    found[0]
}
