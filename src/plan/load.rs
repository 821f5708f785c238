//! Loading a plan: files, one tree, types, and everything that is wrong so far.

use std::collections::HashSet;
use std::path::Path;

use super::source::{Collected, LoadError, Node, Origin, Sources, collect, join, overlay, parse, read};
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
    /// What was wrong with its words; what is wrong with its sense is for [`super::check()`].
    pub findings: Vec<Finding>,
    /// Whether a file of it is no TOML, so that any part of it may be missing.
    pub is_partial: bool,
}

/// Reads the plan at `path`, a file or a directory, with `overlays` laid over it in their order.
pub fn load(path: &Path, overlays: &[String]) -> Result<Loaded, LoadError> {
    let Collected { files, overlays, unread, folders } = collect(path, overlays)?;
    let odd: HashSet<usize> = unread.iter().map(|(index, _)| *index).collect();
    let mut loaded = build(files, overlays, odd);
    let start = |file| Origin { file, start: 0, end: 0 };
    loaded.findings.extend(unread.into_iter().map(|(index, error)| {
        Finding::error("unreadable-file", error.to_string())
            .at(start(index), "this file")
            .because("what stands in it belongs to the plan, and is missing on the night")
            .mend("make it a text file that can be read, or take it out of the directory")
    }));
    loaded.findings.extend(folders.into_iter().filter_map(|index| {
        let path = loaded.sources.get(index)?.path.display();
        let finding = Finding::warning("folder", format!("{path} is a folder, and is passed over"));
        Some(
            finding
                .at(start(index), "this folder")
                .because("files in it look like a part of the plan, and are none")
                .mend("move its files up, or call it something that does not end in .toml"),
        )
    }));
    Ok(loaded)
}

/// Makes a plan of texts that were read already.
pub fn assemble(files: Sources, overlays: Sources) -> Loaded {
    build(files, overlays, HashSet::new())
}

/// The same, where what stands in the files `unread` is not known.
fn build(files: Sources, overlays: Sources, unread: HashSet<usize>) -> Loaded {
    let own = files.len();
    let mut sources = files;
    sources.extend(overlays);
    let mut findings = Vec::new();
    let mut trees = Vec::new();
    let mut broken = unread;
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
    fn what_belongs_is_told_with_an_example() {
        let told = |line: &str| {
            let text = format!("[platform]\nname = 'p'\n{line}\n");
            let loaded = assemble(vec![File { path: "plan.toml".into(), text }], Vec::new());
            let said: Vec<_> =
                loaded.findings.iter().map(|found| format!("{}: {}", found.message, found.mend)).collect();
            said.join("; ")
        };
        for (line, belongs) in [
            ("[cost.downtime]\nper_hour = -5", "here stands -5, where a whole number from 0 belongs"),
            ("reviewed = '21.11.2026'", "a date like 2026-11-21"),
            (
                "[[job]]\nname = 'j'\ndo = 'backup'\nlag = 5",
                "here stands 5, where a length of time like \"15min\" belongs",
            ),
            ("title = 5", "here stands 5, where a text in quotes belongs"),
        ] {
            let said = told(line);
            assert!(said.contains(belongs), "{line} says {said}");
            for jargon in ["u64", "string", "invalid", "integer"] {
                assert!(!said.contains(jargon), "{line} says {said}");
            }
        }
    }

    #[test]
    fn what_is_no_plan_at_all_is_one_mistake() {
        let passwd = "root:x:0:0:root:/root:/bin/bash\n".repeat(36);
        assert_eq!(found(&[("passwd", &passwd)]), ["passwd syntax"]);
    }

    #[test]
    fn one_file_that_cannot_be_read_hides_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).unwrap();
        write("a.toml", b"[platform]\nname = 'p'\nrto = 'soon'\n");
        write("b.toml", b"\xff\xfe");
        write("c.toml", b"");
        std::fs::create_dir(folder.path().join("sub.toml")).unwrap();
        std::os::unix::fs::symlink("loop.toml", folder.path().join("loop.toml")).unwrap();
        write("z.toml", b"[[component]]\nname = 'a'\nkidn = 'x'\nkind = 'host'\n");
        let loaded = load(folder.path(), &[]).unwrap();
        let name = |finding: &Finding| {
            let path = &loaded.sources[finding.places[0].0.file].path;
            format!("{} {}", path.file_name().unwrap().display(), finding.rule)
        };
        let mut told: Vec<String> = loaded.findings.iter().map(name).collect();
        told.sort();
        let expected = ["a.toml wrong-value", "b.toml unreadable-file", "c.toml unreadable-file"];
        assert_eq!(told[..3], expected);
        assert_eq!(told[3..], ["loop.toml unreadable-file", "sub.toml folder", "z.toml unknown-key"]);
    }

    #[test]
    fn a_folder_called_like_a_file_is_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("0.toml")).unwrap();
        std::fs::write(folder.path().join("a.toml"), "[platform]\nname = 'p'\n").unwrap();
        let loaded = load(folder.path(), &[]).unwrap();
        assert!(loaded.plan.is_some() && !loaded.is_partial);
        assert_eq!(loaded.findings.iter().map(|finding| finding.rule).collect::<Vec<_>>(), ["folder"]);
    }

    #[test]
    fn an_overlay_is_a_name_or_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let plan = folder.path().join("plan.toml");
        std::fs::write(&plan, "[platform]\nname = 'p'\n").unwrap();
        for name in ["a/b", "../../../etc/passwd", "", "..", "/etc/passwd", "a\0b"] {
            for plan in [plan.as_path(), folder.path()] {
                let refused = load(plan, &[name.to_owned()]);
                assert!(matches!(refused, Err(LoadError::NoOverlayName(_))), "{name}: {refused:?}");
            }
        }
    }

    #[test]
    fn what_is_said_twice_hides_nothing_else() {
        let mut rules =
            found(&[("a", "[platform]\nname = 'p'\nrto = '1h'\n"), ("b", "[platform]\nrto = '2h'\nrpo = 'soon'\n")]);
        rules.sort();
        assert_eq!(rules, ["b said-twice", "b wrong-value"]);
    }
}
