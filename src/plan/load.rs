//! Loading a plan: files, one tree, types, and everything that is wrong so far.

use std::collections::HashSet;
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
    /// Whether a file of it is no TOML, so that any part of it may be missing.
    pub is_partial: bool,
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
    let mut broken = HashSet::new();
    for (index, file) in sources.iter().enumerate() {
        let (tree, wrong) = parse(index, &file.text);
        if !wrong.is_empty() {
            broken.insert(index);
        }
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
    let is_partial = !broken.is_empty();
    // Of half a file only the syntax is worth a word, and what another file seems to lack may stand there.
    let in_broken = |finding: &Finding| finding.places.iter().any(|(place, _)| broken.contains(&place.file));
    findings.retain(|finding| finding.rule == "syntax" || !in_broken(finding));
    let is_news = |wrong: &Finding| !in_broken(wrong) && (!is_partial || wrong.rule != "missing-key");
    findings.extend(wrong.into_iter().filter(is_news));
    Loaded { plan, tree, sources, findings, is_partial }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::check;
    use crate::plan::source::File;

    fn found(files: &[(&str, &str)]) -> Vec<String> {
        let files = files.iter().map(|(path, text)| File { path: path.into(), text: (*text).to_owned() }).collect();
        let loaded = assemble(files, Vec::new());
        let found = check(&loaded, chrono::DateTime::UNIX_EPOCH);
        let place = |finding: &Finding| loaded.sources[finding.places[0].0.file].path.display().to_string();
        let errors = found.iter().filter(|finding| finding.level == crate::plan::Level::Error);
        errors.map(|finding| format!("{} {}", place(finding), finding.rule)).collect()
    }

    const USES: &str = "[[data]]\nname = 'd'\ncomponent = 'db'\n";

    #[test]
    fn one_missing_sign_is_one_error() {
        let components = "[[component]]\nname = 'db'\nkind 'postgres'\n[[component]]\nname = 'cache'\nkind = 'redis'\n";
        let platform = "[platform]\nname = 'p'\n";
        assert_eq!(found(&[("a", platform), ("b", components), ("c", USES)]), ["b syntax"]);
        assert_eq!(found(&[("a", components), ("b", platform), ("c", USES)]), ["a syntax"]);
        assert_eq!(found(&[("a", "[platform]\nname 'p'\n"), ("c", USES)]), ["a syntax"]);
        let heading = components.replace("kind 'p", "kind = 'p").replacen("[[component]]", "[[component]", 1);
        assert_eq!(found(&[("a", platform), ("b", &heading), ("c", USES)]), ["b syntax"]);
        let twice = "[platform]\nname = 'p'\nname = 'q'\nrto = '1h'\nrto = '2h'\n";
        assert_eq!(found(&[("a", twice)]), ["a syntax", "a syntax"]);
    }

    #[test]
    fn what_is_wrong_in_the_other_files_is_told_all_the_same() {
        let broken = "[[component]]\nname = 'db'\nkind 'postgres'\nkidn = 'x'\n";
        let other = "[[data]]\nname = 'd'\nrpo = 'soon'\npassword = 'hunter2'\n[[data]]\nname = 'd'\n";
        let mut rules = found(&[("a", "[platform]\nname = 'p'\n"), ("b", broken), ("c", other)]);
        rules.sort();
        assert_eq!(rules, ["b syntax", "c duplicate-name", "c secret-as-value", "c unknown-key", "c wrong-value"]);
    }

    #[test]
    fn what_is_said_twice_hides_nothing_else() {
        let mut rules =
            found(&[("a", "[platform]\nname = 'p'\nrto = '1h'\n"), ("b", "[platform]\nrto = '2h'\nrpo = 'soon'\n")]);
        rules.sort();
        assert_eq!(rules, ["b said-twice", "b wrong-value"]);
    }
}
