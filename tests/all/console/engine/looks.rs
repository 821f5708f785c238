//! What is drawn: on terminals of every size and kind.

use super::Place;
use crate::support::program::Home;
use crate::support::terminal::Terminal;

#[test]
fn the_frame_says_where_we_are() {
    let place = Place::new();
    let terminal = place.open(&[]);
    let rows: Vec<String> = terminal.look(|screen| screen.rows(0, 80).collect());
    assert!(rows[0].starts_with(" PRODUCTION "), "{rows:?}");
    for part in ["Trial Platform", "primary active (plan)", "UTC"] {
        assert!(rows[0].contains(part), "{part}: {rows:?}");
    }
    assert!(rows[1].contains("1 Overview") && rows[1].contains("7 Backups") && rows[1].contains(" net"), "{rows:?}");
    assert!(rows[23].contains("? help") && rows[23].contains("q quit"), "{rows:?}");
}

#[test]
fn a_storm_of_sizes_ends_in_the_right_picture() {
    let place = Place::new();
    let mut terminal = place.open(&["console"]);
    for step in 0..150_u16 {
        terminal.resize(1 + step * 37 % 200, 1 + step * 17 % 60);
    }
    for (columns, lines) in [(1, 1), (2, 40), (300, 1), (39, 11), (40, 12), (200, 60)] {
        terminal.resize(columns, lines);
        std::thread::sleep(std::time::Duration::from_millis(60));
    }
    terminal.wait_for("agent-db");
    terminal.resize(30, 8);
    terminal.wait_for("40x12");
    terminal.resize(80, 24);
    terminal.wait_for("1 Overview");
    terminal.wait_for("q quit");
    terminal.keys("q");
    assert_eq!(terminal.end(), 0);
}

/// The parameters of every change of looks.
fn looks(raw: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(raw).into_owned();
    let sequences = text.split("\x1b[").skip(1);
    let is_parameter = |c: char| c.is_ascii_digit() || c == ';';
    let split = |part: &str| {
        let end = part.find(|c| !is_parameter(c))?;
        part[end..].starts_with('m').then(|| part[..end].to_owned())
    };
    sequences.filter_map(split).collect()
}

#[test]
fn without_colours_there_are_none_and_the_rest_stays() {
    let place = Place::new();
    for (arguments, variables) in [
        (&["console"][..], &[("NO_COLOR", "1")][..]),
        (&["console", "--no-color"], &[]),
        (&["console", "--colours", "none"], &[]),
    ] {
        let terminal = place.open_with(arguments, variables);
        let looks = looks(&terminal.raw());
        let codes: Vec<u16> =
            looks.iter().flat_map(|one| one.split(';')).filter_map(|code| code.parse().ok()).collect();
        assert!(codes.iter().all(|code| *code < 30), "{arguments:?}: {looks:?}");
        assert!(codes.contains(&1) && codes.contains(&7), "{arguments:?}: bold and reverse are kept: {looks:?}");
    }
}

#[test]
fn over_ssh_it_is_sixteen_colours() {
    let place = Place::new();
    let deep = |variables: &[(&str, &str)]| {
        let terminal = place.open_with(&["console"], variables);
        looks(&terminal.raw()).iter().any(|one| one.contains("8;5;") || one.contains("8;2;"))
    };
    assert!(deep(&[]), "256 here");
    assert!(!deep(&[("SSH_CONNECTION", "10.0.0.1 5000 10.0.0.2 22")]));
    assert!(deep(&[("SSH_CONNECTION", "10.0.0.1 5000 10.0.0.2 22"), ("COLORTERM", "truecolor")]));
}

#[test]
fn ascii_only_is_ascii_only() {
    let place = Place::new();
    for (arguments, variables) in [(&["console", "--ascii"][..], &[][..]), (&["console"], &[("LANG", "C")])] {
        let mut terminal = place.open_with(arguments, variables);
        terminal.keys("?");
        terminal.wait_for("What can be done here");
        terminal.keys("\x1b");
        terminal.wait_for("agent-db");
        terminal.keys("2");
        terminal.wait_until("another screen", |screen| !screen.contents().contains("session-cache"));
        let raw = terminal.raw();
        assert!(raw.is_ascii(), "{:?}", String::from_utf8_lossy(&raw));
    }
}

#[test]
fn where_there_is_no_terminal_it_is_refused_with_the_way_out() {
    let place = Place::new();
    let mut terminal = Terminal::lifeboat(&["console"], place.home.path(), &[("TERM", "dumb")]);
    assert_eq!(terminal.end(), 2);
    assert!(terminal.text().contains("status --watch --plain"), "{}", terminal.text());
    assert!(!terminal.raw().contains(&0x1b));
    let ran = place.home.run("console");
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.err.contains("standard input") && ran.err.contains("status --watch --plain"), "{ran:?}");
    let ran = place.home.run("console --json");
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.error()["next_step"].as_str().unwrap().contains("status --json"), "{ran:?}");
}

#[test]
fn without_a_plan_there_is_advice() {
    let home = Home::new();
    let mut terminal = Terminal::lifeboat(&[], home.path(), &[]);
    assert_eq!(terminal.end(), 2);
    assert!(terminal.text().contains("Write your own"), "{}", terminal.text());
    terminal.assert_given_back();
}

#[test]
fn no_sequence_from_outside_reaches_the_terminal() {
    let place = Place::with(
        "[[component]]\nname = 'odd'\ntitle = \"\\u001b[41mEVIL\\u0007\\u202egnal\"\nkind = 'redis'\nsite = 'primary'\n\
         priority = 1\naddress = 'redis://127.0.0.1:1'\nrto = '1h'\n\
         [[component]]\nname = \"\\u001b]52;c;RVZJTA==\\u0007EVIL\\u009b2J\"\nkind = 'redis'\nsite = 'primary'\npriority = 1\n\
         address = 'redis://127.0.0.1:1/\\u001b[2JEVIL'\nrto = '1h'\n",
    );
    let mut terminal = place.open(&["console"]);
    for keys in ["\x1b[B\x1b[B\x1b[B", "\r", "6", "\x1b[F", ":EVIL", "\x1b", "2", "lll", "3"] {
        terminal.keys(keys);
        std::thread::sleep(std::time::Duration::from_millis(300));
    }
    terminal.keys("q");
    assert_eq!(terminal.end(), 0);
    let raw = String::from_utf8_lossy(&terminal.raw()).into_owned();
    assert!(raw.contains("EVIL"), "it was on the screen");
    for harm in ["\x1b[41mEVIL", "\x1b]52", "\x07", "\u{9b}", "\u{202e}", "\x1b[2JEVIL"] {
        assert!(!raw.contains(harm), "{harm:?}");
    }
}

#[test]
fn a_theme_is_chosen_by_name_and_a_wrong_one_is_told() {
    let place = Place::new();
    place.home.write(".config/lifeboat/themes/mine.toml", "[roles]\nproduction = { fg = 'black', bg = 'light-blue' }");
    let terminal = place.open(&["console", "--theme", "mine"]);
    let look = terminal.look(|screen| screen.cell(0, 1).unwrap().bgcolor());
    assert_eq!(look, vt100::Color::Idx(12));
    let terminal = place.open(&["console", "--theme", "drak"]);
    terminal.wait_for("did you mean \"dark\"?");
}
