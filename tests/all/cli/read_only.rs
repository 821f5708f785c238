//! `--read-only` refuses every verb that changes anything, before it has done anything.

use lifeboat::cli::verbs::{self, Changes};

use crate::support::program::{Home, Ran};

#[test]
fn every_verb_that_changes_anything_is_refused() {
    let home = Home::new();
    for info in verbs::all() {
        // Each example is a real command line; the part for the shell is left out.
        for (line, _) in info.examples {
            let words = line.split(' ').skip(1).take_while(|word| !matches!(*word, "|" | ">" | ">>" | "&&" | ";"));
            let changes = match info.changes {
                Changes::Never => false,
                Changes::Always => true,
                Changes::With(option) => line.contains(&format!("--{option}")),
            };
            if changes {
                let ran = Ran::from(home.command(words.chain(["--read-only"])).output().unwrap());
                assert_eq!(ran.code, Some(4), "{line}: {ran:?}");
                assert!(ran.err.contains("--read-only"), "{line}: {ran:?}");
            }
        }
    }
    let left = std::fs::read_dir(home.path()).unwrap().count();
    assert_eq!(left, 0, "something was made");
}

#[test]
fn looking_is_allowed() {
    let home = Home::new();
    assert_eq!(home.run("--read-only paths").code, Some(0));
    assert_eq!(home.run("--read-only man").code, Some(0));
}
