//! Loading a plan: files, one tree, types, and everything that is wrong so far.

use std::path::Path;

use super::source::{LoadError, Node, Sources, collect, join, overlay, parse, read};
use super::{Finding, Plan};

/// A plan that was read, as far as it could be.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The plan, without what could not be read; nothing if not even the platform could be.
    pub plan: Option<Plan>,
    /// Its tree, with what could not be read.
    pub tree: Node,
    /// Its files.
    pub sources: Sources,
    /// What was wrong with its words; what is wrong with its sense is for [`super::check`].
    pub findings: Vec<Finding>,
}

/// Reads the plan at `path`, a file or a directory, with `overlays` laid over it in their order.
pub fn load(path: &Path, overlays: &[String]) -> Result<Loaded, LoadError> {
    let (files, overlays) = collect(path, overlays)?;
    Ok(assemble(files, overlays))
}

/// Makes a plan of texts that were read already.
pub fn assemble(files: Sources, overlays: Sources) -> Loaded {
    let own = files.len();
    let mut sources = files;
    sources.extend(overlays);
    let mut findings = Vec::new();
    let mut trees = Vec::new();
    for (index, file) in sources.iter().enumerate() {
        let (tree, wrong) = parse(index, &file.text);
        findings.extend(wrong);
        trees.push(tree);
    }
    let mut trees = trees.into_iter().enumerate();
    let mut tree = trees.next().map_or_else(|| parse(0, "").0, |(_, tree)| tree);
    for (index, next) in trees {
        if index < own {
            join(&mut tree, next, &mut findings);
        } else {
            overlay(&mut tree, next);
        }
    }
    let (plan, wrong) = read(&tree);
    // Half a file that could not be parsed lacks things; only its syntax is worth a word.
    if findings.is_empty() {
        findings = wrong;
    }
    Loaded { plan, tree, sources, findings }
}
