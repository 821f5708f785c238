//! What was verified, for scripts.

use serde::Serialize;

use super::Beside;
use super::told::outcome;
use crate::cli::points::{NotLooked, not_looked};
use crate::cli::{Context, Failure};
use crate::protect::verify::{Read, Strange, Verified};

#[derive(Serialize)]
struct Copied<'a> {
    point: &'a str,
    component: Option<&'a str>,
    store: &'a str,
    whole: bool,
    partial: Option<&'a str>,
    remembered: bool,
    receipt_not_kept: Option<&'a str>,
    files: Vec<Line<'a>>,
}

#[derive(Serialize)]
struct Line<'a> {
    key: &'a str,
    holds: &'static str,
    outcome: &'static str,
    told: &'a str,
    sha256: &'a str,
    bytes: u64,
    millis: u128,
}

#[derive(Serialize)]
struct Report<'a> {
    copies: Vec<Copied<'a>>,
    strange: Vec<Odd<'a>>,
    not_looked_into: Vec<NotLooked<'a>>,
}

#[derive(Serialize)]
struct Odd<'a> {
    component: &'a str,
    about: &'a str,
    why: &'a str,
}

/// Prints all of it.
pub(super) fn print<'v>(
    context: &Context,
    copies: impl Iterator<Item = &'v Verified<'v>>,
    beside: &Beside,
) -> Result<(), Failure> {
    let (copies, strange) = (copies.map(copied).collect(), beside.strange.iter().map(odd).collect());
    context.out().json(&Report { copies, strange, not_looked_into: not_looked(&beside.unseen) })
}

fn copied<'a>(verified: &'a Verified<'a>) -> Copied<'a> {
    Copied {
        point: &verified.point.id,
        component: verified.point.component.as_deref(),
        store: verified.store,
        whole: verified.is_whole(),
        partial: verified.broken.as_deref(),
        remembered: verified.is_remembered,
        receipt_not_kept: verified.not_kept.as_deref(),
        files: verified.files.iter().map(line).collect(),
    }
}

fn line<'a>(read: &'a Read<'a>) -> Line<'a> {
    let (outcome, told, _) = outcome(&read.look);
    Line {
        key: &read.file.key,
        holds: read.sort.word(),
        outcome,
        told,
        sha256: &read.sha256,
        bytes: read.file.size,
        millis: read.took.as_millis(),
    }
}

fn odd(strange: &Strange) -> Odd<'_> {
    Odd { component: &strange.component, about: &strange.about, why: &strange.why }
}
