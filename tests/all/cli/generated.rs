//! What is generated from the command line: help, completions, manual; kept as snapshots so that a
//! change of any of them is seen by whoever makes it.

use crate::support::program::Home;
use crate::support::terminal::Terminal;

fn printed(line: &str) -> String {
    let ran = Home::new().run(line);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    ran.out
}

#[test]
#[cfg(feature = "lab")]
fn the_help() {
    insta::assert_snapshot!("help", printed("--help"));
    insta::assert_snapshot!("help-paths", printed("paths --help"));
}

#[test]
fn the_manual() {
    let home = Home::new();
    assert_eq!(home.run("man --dir pages").code, Some(0));
    for info in lifeboat::cli::verbs::all() {
        let path = home.path().join(format!("pages/lifeboat-{}.1", info.path.replace(' ', "-")));
        let page = std::fs::read_to_string(path).unwrap();
        assert!(page.contains(".SH EXAMPLES"), "{}", info.path);
    }
    let whole = printed("man");
    assert_eq!(std::fs::read_to_string(home.path().join("pages/lifeboat.1")).unwrap(), whole);
    for section in ["NAME", "SYNOPSIS", "VERBS", "ENVIRONMENT", "FILES", "\"EXIT STATUS\""] {
        assert!(whole.contains(&format!(".SH {section}")), "{section}");
    }
    insta::assert_snapshot!(
        "man-completions",
        std::fs::read_to_string(home.path().join("pages/lifeboat-completions.1")).unwrap()
    );
}

#[test]
fn on_a_terminal_the_manual_says_how_it_is_read() {
    let home = Home::new();
    let mut terminal = Terminal::lifeboat(&["man"], home.path(), &[]);
    assert_eq!(terminal.end(), 0);
    let text = terminal.text();
    assert!(text.contains("lifeboat man | man -l -") && !text.contains(".SH"), "{text}");
}

#[test]
fn completions_for_every_shell_know_every_verb() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = printed(&format!("completions {shell}"));
        for info in lifeboat::cli::verbs::all() {
            assert!(info.path.split(' ').all(|name| script.contains(name)), "{shell}: {}", info.path);
        }
        assert!(script.contains("read-only"), "{shell}");
    }
    assert_eq!(Home::new().run("completions tcsh").code, Some(2));
}

#[test]
fn bash_completes_a_verb_an_option_and_a_value() {
    let home = Home::new();
    let script = home.write("completions.bash", printed("completions bash"));
    for (words, completed) in
        [("lifeboat pa", "paths"), ("lifeboat paths --js", "--json"), ("lifeboat completions f", "fish")]
    {
        let last = words.rsplit(' ').next().unwrap();
        let ask = format!(
            "source {}; COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); \
             _lifeboat lifeboat {last} ''; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
            script.display()
        );
        let output = std::process::Command::new("bash").args(["--norc", "-uc", &ask]).output().unwrap();
        let answers = String::from_utf8(output.stdout).unwrap();
        assert!(answers.lines().any(|answer| answer == completed), "{words}: {answers}");
    }
}
