//! `--read-only` refuses every verb that changes anything, before it has done anything.

use std::collections::BTreeSet;

use clap::parser::ValueSource;
use lifeboat::cli::page;
use lifeboat::cli::verbs::{self, Changes, Info};

use crate::support::program::{Home, Ran};

/// The verb that a command line calls (it may be the example of another one), and whether that changes anything.
fn called(words: &[&str]) -> Option<(&'static Info, bool)> {
    let matches = page::command(true).try_get_matches_from(words).ok()?;
    let (mut path, mut inner) = (Vec::new(), &matches);
    while let Some((name, below)) = inner.subcommand() {
        path.push(name);
        inner = below;
    }
    let path = path.join(" ");
    let info = verbs::all().find(|info| info.path == path)?;
    let given = |id: &&str| inner.value_source(id) == Some(ValueSource::CommandLine);
    let changes = match info.changes {
        Changes::Never => false,
        Changes::Always => true,
        Changes::With(ids) => ids.iter().any(given),
    };
    Some((info, changes))
}

#[test]
fn every_verb_that_changes_anything_is_refused() {
    let home = Home::new();
    let mut refused = BTreeSet::new();
    for (line, _) in verbs::all().flat_map(|info| info.examples) {
        // Each example is a real command line; the part for the shell is left out.
        let for_shell = |word: &&str| matches!(*word, "|" | ">" | ">>" | "&&" | ";");
        let words: Vec<&str> = line.split(' ').take_while(|word| !for_shell(word)).collect();
        if let Some((info, true)) = called(&words) {
            let ran = Ran::from(home.command(words[1..].iter().chain(&["--read-only"])).output().unwrap());
            assert_eq!(ran.code, Some(4), "{line}: {ran:?}");
            assert!(ran.err.contains("--read-only"), "{line}: {ran:?}");
            refused.insert(info.path);
        }
    }
    let left = std::fs::read_dir(home.path()).unwrap().count();
    assert_eq!(left, 0, "something was made");
    let all = verbs::all().filter(|info| info.changes != Changes::Never).map(|info| info.path).collect();
    assert_eq!(refused, all, "every verb that changes anything shows it in an example");
}

#[test]
#[cfg(feature = "lab")]
fn some_verbs_change_something_only_with_an_argument() {
    let home = Home::new();
    for (line, code) in
        [("lab fault", 0), ("lab fault --undo", 4), ("lab fault kill", 4), ("man", 0), ("man --dir x", 4)]
    {
        let ran = home.run(&format!("{line} --read-only"));
        assert_eq!(ran.code, Some(code), "{line}: {ran:?}");
    }
}

#[test]
fn looking_is_allowed() {
    let home = Home::new();
    assert_eq!(home.run("--read-only paths").code, Some(0));
    assert_eq!(home.run("--read-only man").code, Some(0));
}
