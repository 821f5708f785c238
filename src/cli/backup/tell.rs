//! What became of backups, for people and for scripts.

use serde::Serialize;

use super::Done;
use crate::cli::output::Style;
use crate::cli::{Context, Failure, Output};
use crate::text::wrap::wrap;
use crate::text::{Explain, Shape, Size, Span, untrusted};
use crate::vault::Manifest;
use crate::vault::usual::Unusual;

/// Tells of one.
pub fn one(context: &Context, done: &Done<'_>) -> Result<(), Failure> {
    let out = context.out();
    let component = Output::safe(&done.wanted.component.name);
    let told = |text: &str, shape: Shape| untrusted(text, shape);
    match &done.result {
        Ok(delivered) => {
            let took = Span::from(done.took).brief();
            let point = told(&delivered.manifest.point, Shape::line(120));
            out.line(format!("{}  {component}: {point} in {took}", out.styled(Style::Good, "taken ")))?;
            if let Some(worked) = &delivered.worked {
                let worked = told(worked, Shape::line(600));
                out.line(wrap(&worked, out.width(), "          ", "          "))?;
            }
            for (store, written) in &delivered.stores {
                let store = Output::safe(store);
                match written {
                    Ok(bytes) => out.line(format!("          {store}: {}", Size(*bytes).approx()))?,
                    Err(error) => {
                        let mark = out.styled(Style::Warning, "missing");
                        let text = told(&format!("{store}: {error}. {}", error.next_step()), Shape::line(600));
                        out.line(format!("          {mark} in {}", wrap(&text, out.width(), "", "            ")))?;
                    }
                }
            }
            if let Some(strange) = &delivered.strange {
                let text = format!("{}: {}", out.styled(Style::Warning, "strange"), strange.told());
                out.line(wrap(&text, out.width(), "          ", "            "))?;
            }
            for lack in delivered.manifest.lacks() {
                let text = format!("{}: {}", out.styled(Style::Warning, "lacks"), told(lack, Shape::line(400)));
                out.line(wrap(&text, out.width(), "          ", "            "))?;
            }
            for left_out in &delivered.manifest.source.left_out {
                let text = format!("not in it: {}", told(left_out, Shape::line(400)));
                out.line(wrap(&text, out.width(), "          ", "            "))?;
            }
        }
        Err(error) => {
            out.line(format!("{}  {component}", out.styled(Style::Bad, "FAILED")))?;
            let why = told(&error.to_string(), Shape::line(800));
            out.line(wrap(&why, out.width(), "          ", "          "))?;
            let next = context.again_in(&told(&error.next_step(), Shape::line(600)));
            out.line(wrap(&next, out.width(), "          next: ", "          "))?;
        }
    }
    Ok(())
}

#[derive(Serialize)]
struct Report<'a> {
    backups: Vec<Backup<'a>>,
}

#[derive(Serialize)]
struct Backup<'a> {
    component: &'a str,
    job: &'a str,
    method: Option<&'static str>,
    outcome: &'static str,
    point: Option<&'a str>,
    why: Option<String>,
    next: Option<String>,
    millis: u128,
    worked: Option<&'a str>,
    strange: Option<&'a str>,
    stores: Vec<Store<'a>>,
    manifest: Option<&'a Manifest>,
}

#[derive(Serialize)]
struct Store<'a> {
    #[serde(rename = "store")]
    name: &'a str,
    bytes: Option<u64>,
    missing: Option<String>,
}

/// Tells of all as JSON.
pub fn all(context: &Context, done: &[Done<'_>]) -> Result<(), Failure> {
    let backups = done.iter().map(backup).collect();
    context.out().json(&Report { backups })
}

fn backup<'a>(done: &'a Done<'_>) -> Backup<'a> {
    let delivered = done.result.as_ref().ok();
    let error = done.result.as_ref().err();
    let store = |(store, written): &'a (String, Result<u64, _>)| Store {
        name: store,
        bytes: written.as_ref().ok().copied(),
        missing: written.as_ref().err().map(ToString::to_string),
    };
    Backup {
        component: &done.wanted.component.name,
        job: &done.wanted.job.name,
        method: done.wanted.job.method.map(crate::plan::types::Method::word),
        outcome: if delivered.is_some() { "taken" } else { "failed" },
        point: delivered.map(|delivered| delivered.manifest.point.as_str()),
        why: error.map(ToString::to_string),
        next: error.map(Explain::next_step),
        millis: done.took.as_millis(),
        worked: delivered.and_then(|delivered| delivered.worked.as_deref()),
        strange: delivered.and_then(|delivered| delivered.strange.as_ref()).map(Unusual::told),
        stores: delivered.map_or_else(Vec::new, |delivered| delivered.stores.iter().map(store).collect()),
        manifest: delivered.map(|delivered| &delivered.manifest),
    }
}
