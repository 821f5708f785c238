//! How the program behaves towards a shell: exit codes, streams, colours, pipes, signals.

use std::process::Stdio;

use crate::support::program::{Home, Ran};

#[test]
fn the_version_names_the_commit() {
    let ran = Home::new().run("--version");
    let (version, commit) = ran.out.trim().rsplit_once(' ').unwrap();
    assert_eq!(version, concat!("lifeboat ", env!("CARGO_PKG_VERSION")));
    let commit = commit.trim_matches(['(', ')']);
    let known = commit.len() == 12 && commit.chars().all(|c| c.is_ascii_hexdigit());
    assert!(known || commit == "unknown", "{commit}");
    assert_eq!(ran.code, Some(0));
}

#[test]
fn without_a_verb_the_help_is_shown_and_that_is_wrong_usage() {
    let ran = Home::new().run("");
    assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""));
    assert!(ran.err.contains("This program:"), "{}", ran.err);
}

#[test]
fn an_unknown_verb_is_wrong_usage_and_the_nearest_known_one_is_named() {
    for (line, nearest) in [("pahts", "paths"), ("completion bash", "completions"), ("paths --jsn", "--json")] {
        let ran = Home::new().run(line);
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{line}");
        assert!(ran.err.contains(nearest), "{line}: {}", ran.err);
    }
    assert_eq!(Home::new().run("xyzzy").code, Some(2));
}

#[test]
fn errors_are_json_if_asked_also_when_the_arguments_are_not_understood() {
    for line in ["pahts --json", "--json pahts", "--json --plan /nowhere paths", "--json --lab --plan x paths"] {
        let ran = Home::new().run(line);
        let error = ran.error();
        assert_eq!((error["exit"].as_i64(), ran.code), (Some(2), Some(2)), "{line}");
        assert!(!error["error"].as_str().unwrap().is_empty(), "{line}");
        assert!(!error["next_step"].as_str().unwrap().is_empty(), "{line}");
        assert!(!ran.err.contains('\x1b'), "{line}");
    }
}

#[test]
fn help_and_version_are_no_errors_even_with_json() {
    for line in ["--help --json", "--json --version", "help", "help paths", "paths --help"] {
        let ran = Home::new().run(line);
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{line}");
        assert!(!ran.out.is_empty(), "{line}");
    }
}

#[test]
fn help_of_a_verb_is_the_page_of_the_verb() {
    let home = Home::new();
    assert_eq!(home.run("help man").out, home.run("man --help").out);
    assert_eq!(home.run("help pahts").code, Some(2));
}

#[test]
fn a_reader_that_had_enough_is_no_error() {
    let home = Home::new();
    for line in ["man", "completions bash", "--help"] {
        // The reading end is closed before the first byte is written.
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let ran = Ran::from(home.command(line.split(' ')).stdout(writer).stderr(Stdio::piped()).output().unwrap());
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{line}");
    }
}

#[test]
fn output_that_is_lost_is_an_error() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let ran = Ran::from(Home::new().command(["man"]).stdout(full).output().unwrap());
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.contains("incomplete"), "{}", ran.err);
}

/// What the program prints on a terminal.
fn on_terminal(home: &Home, variables: &[(&str, &str)], line: &str) -> String {
    use std::io::Read;

    use portable_pty::{CommandBuilder, PtySize, native_pty_system};

    let size = PtySize { rows: 24, cols: 80, pixel_width: 0, pixel_height: 0 };
    let pty = native_pty_system().openpty(size).unwrap();
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_lifeboat"));
    command.env_clear();
    command.env("HOME", home.path());
    command.env("TERM", "xterm-256color");
    for (name, value) in variables {
        command.env(name, value);
    }
    command.args(line.split(' '));
    let mut child = pty.slave.spawn_command(command).unwrap();
    drop(pty.slave);
    let mut text = Vec::new();
    // The last read fails when the program has gone.
    let _ = pty.master.try_clone_reader().unwrap().read_to_end(&mut text);
    child.wait().unwrap();
    String::from_utf8(text).unwrap()
}

#[test]
fn a_terminal_gets_emphasis_unless_it_is_refused() {
    let home = Home::new();
    for line in ["--help", "paths", "paths --help"] {
        assert!(on_terminal(&home, &[], line).contains('\x1b'), "{line}");
        assert!(!on_terminal(&home, &[("NO_COLOR", "1")], line).contains('\x1b'), "{line} with NO_COLOR");
        assert!(!on_terminal(&home, &[("TERM", "dumb")], line).contains('\x1b'), "{line} on a dumb terminal");
        let refused = format!("--no-color {line}");
        assert!(!on_terminal(&home, &[], &refused).contains('\x1b'), "{refused}");
        assert!(!home.run(line).out.contains('\x1b'), "{line} into a pipe");
    }
}

#[test]
fn every_page_fits_into_eighty_columns() {
    let home = Home::new();
    for verb in std::iter::once("").chain(lifeboat::cli::verbs::all().map(|info| info.path)) {
        let line = format!("--no-color {verb} --help").replace("  ", " ");
        let page = on_terminal(&home, &[], &line);
        for row in page.lines().filter(|row| !row.trim_start().starts_with("lifeboat ")) {
            assert!(row.chars().count() <= 80, "{line}: {row}");
        }
    }
}
