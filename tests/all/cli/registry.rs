//! The registry and the command line agree: every verb is in it once, and its examples are real.

use std::collections::BTreeSet;

use clap::Command;
use lifeboat::cli::Info;
use lifeboat::cli::context::WITHOUT_PLAN;
use lifeboat::cli::page;
use lifeboat::cli::verbs::{self, Group};

/// Every verb with its path, those below a verb included.
fn paths(command: &Command, above: &str) -> Vec<String> {
    let mut found = Vec::new();
    for verb in command.get_subcommands() {
        let path = format!("{above} {}", verb.get_name()).trim().to_owned();
        found.extend(paths(verb, &path));
        found.push(path);
    }
    found
}

#[test]
fn every_verb_is_registered_exactly_once() {
    let known: Vec<&str> = verbs::all().map(|info| info.path).collect();
    let distinct: BTreeSet<&str> = known.iter().copied().collect();
    assert_eq!(distinct.len(), known.len(), "a verb is registered twice: {known:?}");
    let spoken: BTreeSet<String> = paths(&page::command(true), "").into_iter().collect();
    assert_eq!(distinct.into_iter().map(str::to_owned).collect::<BTreeSet<_>>(), spoken);
}

#[test]
fn the_first_page_shows_every_verb_in_one_group() {
    let page = page::command(true).render_help().to_string();
    let does_something = |info: &&Info| !["plan", "journal", "wal", "lab serve", "see", "there"].contains(&info.path);
    for info in verbs::all().filter(does_something) {
        let lines = page.lines().filter(|line| line.trim_start().starts_with(&format!("{}  ", info.path)));
        assert_eq!(lines.count(), 1, "{} in\n{page}", info.path);
        assert!(Group::ALL.contains(&info.group));
        assert!(page.contains(info.group.title()));
    }
    assert!(page.lines().all(|line| line.chars().count() <= 80), "{page}");
}

#[test]
fn every_help_page_ends_in_two_or_three_examples_that_parse() {
    for info in verbs::all() {
        assert!((2..=3).contains(&info.examples.len()), "{}", info.path);
        let mut page = page::command(true);
        page.build();
        let verb = info.path.split(' ').fold(&mut page, |command, name| command.find_subcommand_mut(name).unwrap());
        let help = verb.render_long_help().to_string();
        for (line, purpose) in info.examples {
            assert!(help.contains(line) && help.contains(purpose), "{line} is missing in\n{help}");
            assert!(line.starts_with(&format!("lifeboat {}", info.path)) || line.starts_with("lifeboat --"), "{line}");
            parse(line);
        }
    }
}

/// Understands the line up to where a shell would take over.
fn parse(line: &str) {
    let words: Vec<&str> = line.split(' ').take_while(|word| !matches!(*word, "|" | ">" | ">>" | "&&" | ";")).collect();
    if let Err(error) = page::command(true).try_get_matches_from(words) {
        assert!(!error.use_stderr(), "{line}: {error}");
    }
}

#[test]
fn what_to_do_without_a_plan_can_be_done() {
    assert_eq!(WITHOUT_PLAN.len(), if cfg!(feature = "lab") { 3 } else { 2 });
    for line in WITHOUT_PLAN {
        let (_, command) = line.split_once(':').unwrap();
        parse(command.trim());
    }
}

#[test]
#[cfg(feature = "lab")]
fn the_commands_of_the_readme_are_real() {
    let readme = include_str!("../../../README.md");
    let block = readme.lines().filter_map(|line| line.strip_prefix("    "));
    let inline = readme.split('`').skip(1).step_by(2).filter(|code| !code.contains('\n'));
    let mut found = 0;
    for text in block.chain(inline) {
        let command = text.split("  ").next().unwrap().replace("SHELL", "bash");
        let command = command.replace("cargo run --release --", "lifeboat");
        if command.starts_with("lifeboat ") {
            found += 1;
            parse(&command);
        }
    }
    assert!(found >= 5, "{found}");
}
