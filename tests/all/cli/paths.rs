//! `lifeboat paths`: what is in force and why, as a user finds out.

use std::os::unix::fs::{PermissionsExt, symlink};

use crate::support::program::{Home, Ran};

const PLAN: &str = "[platform]\nname = \"shop\"\n";
const USER: &str = ".config/lifeboat/plan.toml";

fn row<'v>(report: &'v serde_json::Value, name: &str) -> &'v serde_json::Value {
    report["folders"].as_array().unwrap().iter().find(|row| row["name"] == name).unwrap()
}

#[test]
fn the_precedence_is_option_lab_variable_configuration() {
    let home = Home::new();
    let (user, other) = (home.write(USER, PLAN), home.write("other.toml", PLAN));
    let lab = home.path().join(".local/state/lifeboat/lab/plan.toml");
    for (line, variable, path, why) in [
        ("--plan other.toml", "/elsewhere", &other, "--plan names it"),
        ("--lab", "/elsewhere", &lab, "--lab: the plan the lab writes"),
        ("", other.to_str().unwrap(), &other, "LIFEBOAT_PLAN names it"),
        ("", "", &user, "found in the user's configuration folder"),
    ] {
        let words = ["paths", "--json"].into_iter().chain(line.split_whitespace());
        let ran = Ran::from(home.command(words).env("LIFEBOAT_PLAN", variable).output().unwrap());
        let plan = &ran.json()["plan"];
        assert_eq!(plan["path"], path.to_str().unwrap(), "{line} {variable}");
        assert_eq!(plan["why"], why);
        assert_eq!(ran.code, Some(0), "{ran:?}");
    }
}

#[test]
fn the_state_is_the_options_the_plans_or_the_users() {
    let home = Home::new();
    home.write(USER, PLAN);
    home.write("named.toml", format!("{PLAN}state = \"shared\"\n"));
    let below = |name: &str| home.path().join(name).to_str().unwrap().to_owned();
    for (line, state) in [
        ("--state mine", below("mine")),
        ("--plan named.toml", below("shared")),
        ("", below(".local/state/lifeboat/shop")),
        ("--state mine --lab", below("mine/lab/state")),
    ] {
        let report = home.run(&format!("paths --json {line}")).json();
        assert_eq!(row(&report, "state")["path"], state, "{line}");
        assert_eq!(row(&report, "log")["path"], format!("{state}/log"), "{line}");
        assert_eq!(row(&report, "state")["exists"], false, "{line}: looking makes nothing");
    }
}

#[test]
fn overlays_are_named() {
    let home = Home::new();
    home.write(USER, PLAN);
    let overlay = home.write(".config/lifeboat/plan.staging.toml", "[platform]\nenvironment = \"staging\"\n");
    let report = home.run("paths --json --overlay staging").json();
    assert_eq!(report["overlays"][0]["path"], overlay.to_str().unwrap());
    for line in ["paths --overlay stagin", "paths --overlay stagin --state mine"] {
        let ran = home.run(line);
        assert!(ran.code == Some(2) && ran.err.contains("stagin"), "{ran:?}");
    }
}

#[test]
fn without_a_plan_it_says_what_to_do_in_three_lines() {
    let ran = Home::new().run("paths");
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
    let last: Vec<&str> = ran.out.lines().rev().take(3).collect();
    assert!(last.iter().all(|line| line.contains("lifeboat ")), "{}", ran.out);
}

#[test]
fn a_plan_that_cannot_be_read_is_told_after_what_is_known() {
    let home = Home::new();
    let secret = home.write("secret.toml", PLAN);
    std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o000)).unwrap();
    home.write("nonsense.toml", "[platform\nname =");
    home.write("binary.toml", [0x7f, b'E', b'L', b'F', 0xff, 0xfe]);
    home.write("empty.toml", "");
    symlink("nowhere", home.path().join("dangling.toml")).unwrap();
    std::fs::create_dir(home.path().join("folder.d")).unwrap();
    let mut plans = vec!["nonsense.toml", "binary.toml", "empty.toml", "dangling.toml", "folder.d", "/nowhere"];
    if !rustix::process::geteuid().is_root() {
        plans.push("secret.toml");
    }
    for plan in plans {
        let ran = Ran::from(home.command(["paths"]).env("LIFEBOAT_PLAN", plan).output().unwrap());
        assert_eq!(ran.code, Some(2), "{plan}: {ran:?}");
        assert!(ran.out.contains("LIFEBOAT_PLAN names it"), "{plan}: {ran:?}");
        assert!(ran.err.contains(plan) && ran.err.lines().count() <= 3, "{plan}: {ran:?}");
    }
}

#[test]
fn what_a_plan_says_never_steers_the_terminal() {
    let home = Home::new();
    home.write(USER, "[platform]\nname = \"shop\"\nstate = \"/tmp/\\u001b[2J\\u202eshop\"\n");
    let ran = home.run("paths");
    assert!(!ran.out.contains(['\x1b', '\u{202e}']) && !ran.err.contains(['\x1b', '\u{202e}']), "{ran:?}");
}

#[test]
fn a_path_that_is_no_text_is_shown_all_the_same() {
    use std::os::unix::ffi::OsStrExt;

    let home = Home::new();
    let name = std::ffi::OsStr::from_bytes(b"caf\xe9");
    let words = ["paths".as_ref(), "--json".as_ref(), "--state".as_ref(), name];
    let ran = Ran::from(home.command(words).output().unwrap());
    assert_eq!(row(&ran.json(), "state")["why"], "--state names it");
    assert_eq!(ran.code, Some(0), "{ran:?}");
}
