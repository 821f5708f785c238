//! Whatever lies where a plan should lie: one clear message, the way out, exit code 2.

use std::fmt::Write;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::support::program::{Home, Ran};

/// Checks the plan file `bytes`, and that it ends in one clear message.
#[track_caller]
fn refused(bytes: impl AsRef<[u8]>, says: &str) -> Ran {
    let home = Home::new();
    home.write("plan.toml", bytes);
    let ran = home.run("--plan plan.toml plan check");
    let told = format!("{}{}", ran.out, ran.err);
    assert_eq!(ran.code, Some(2), "{told}");
    assert!(told.contains(says), "expected {says:?} in {told}");
    assert!(!told.contains("panicked") && !told.contains('\u{1b}'), "{told:?}");
    ran
}

#[test]
fn truncated() {
    refused("[platform]\nname = \"p", "plan.toml:2");
    refused("[[component]\n", "plan.toml:1");
}

#[test]
fn empty() {
    refused("", "is empty");
    refused("  \n\n", "is empty");
    refused("# only a comment\n", "`platform` is missing");
}

#[test]
fn binary() {
    refused(b"\x7fELF\x02\x01\x01\x00\x00\xff\xfe", "is not UTF-8");
    refused("[platform]\nname = \"a\u{0}b\"\n", "this is not TOML");
}

#[test]
fn not_utf8_names_the_line() {
    refused(b"[platform]\nname = \"\xe4\"\n", "byte 19 (line 2) is not UTF-8");
}

#[test]
fn control_characters_do_not_reach_the_terminal() {
    refused("[platform]\nname = \"\u{1b}[2Jx\"\n", "this is not TOML");
    refused("[platform]\nname = \"p\"\n\"\\u001b[2J\" = 1\n", "unknown key");
}

#[test]
fn huge_is_refused_at_once() {
    let home = Home::new();
    let huge = std::fs::File::create(home.path().join("huge.toml")).unwrap();
    huge.set_len(100 << 20).unwrap();
    let begun = Instant::now();
    let ran = home.run("--plan huge.toml plan check");
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.err.contains("104MB") && begun.elapsed() < Duration::from_secs(2), "{ran:?}");
}

#[test]
fn deeply_nested_does_not_exhaust_the_stack() {
    refused(format!("x = {}{}", "[".repeat(200_000), "]".repeat(200_000)), "brackets or names within each other");
    refused(format!("x = {}1{}", "{a=".repeat(50_000), "}".repeat(50_000)), "brackets or names within each other");
    refused(format!("[{}]\n", vec!["a"; 50_000].join(".")), "brackets or names within each other");
}

#[test]
fn many_mistakes_are_all_told() {
    let mut plan = "[platform]\nname = \"p\"\n".to_owned();
    for number in 0..150 {
        let _ = write!(plan, "[[component]]\nname = \"c{number}\"\nkind = \"banana\"\nrto = \"soon\"\nfruit = 1\n");
    }
    let ran = refused(plan, "plan.toml:752:");
    assert!(ran.out.contains("450 errors"), "{}", ran.out.lines().last().unwrap_or_default());
}

#[test]
fn not_there_and_not_a_file() {
    let home = Home::new();
    for (plan, says) in [
        ("nowhere.toml", "does not exist"),
        ("/dev/null", "neither a file nor a directory"),
        (".", "without any .toml"),
    ] {
        let ran = home.run(&format!("--plan {plan} plan check"));
        assert_eq!(ran.code, Some(2), "{ran:?}");
        assert!(ran.err.contains(says) && ran.err.contains("--plan"), "{ran:?}");
    }
}

#[test]
fn unreadable() {
    let home = Home::new();
    let plan = home.write("plan.toml", "[platform]\nname = \"p\"\n");
    std::fs::set_permissions(&plan, std::fs::Permissions::from_mode(0o000)).unwrap();
    // Root may read everything, so the program is run as somebody who may not.
    let mut command = if rustix::process::geteuid().is_root() {
        std::fs::set_permissions(home.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        let program = home.path().join("lifeboat");
        std::fs::copy(env!("CARGO_BIN_EXE_lifeboat"), &program).unwrap();
        let mut command = Command::new("setpriv");
        command.args(["--reuid", "65534", "--regid", "65534", "--clear-groups"]).arg(program);
        command
    } else {
        Command::new(env!("CARGO_BIN_EXE_lifeboat"))
    };
    let ran =
        Ran::from(command.arg("--plan").arg(&plan).args(["plan", "check"]).env("HOME", home.path()).output().unwrap());
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.err.contains("cannot be read") && ran.err.contains("chmod g+r"), "{ran:?}");
}

#[test]
fn the_same_as_json() {
    let home = Home::new();
    home.write("plan.toml", "[platform]\nname = \"p\"\nrpo = \"soon\"\nrtoo = \"1h\"\n");
    let ran = home.run("--plan plan.toml plan check --json");
    assert_eq!(ran.code, Some(2), "{ran:?}");
    let report = ran.json();
    assert_eq!(report["errors"], 2);
    let unknown =
        report["findings"].as_array().unwrap().iter().find(|finding| finding["rule"] == "unknown-key").unwrap();
    assert_eq!((&unknown["line"], &unknown["mend"]), (&4.into(), &"did you mean `rto`?".into()));
}

#[test]
fn a_file_that_is_no_plan_is_one_mistake() {
    let ran = refused("root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1:/\n".repeat(18), "plan.toml:1");
    assert!(ran.out.contains("1 error,"), "{}", ran.out);
}

#[test]
fn what_cannot_be_an_overlay_is_said_clearly() {
    let home = Home::new();
    home.write("plan.toml", "[platform]\nname = \"p\"\n");
    for overlay in ["a/b", "../../../etc/passwd"] {
        let ran = home.run(&format!("--plan plan.toml --overlay {overlay} plan check"));
        assert_eq!(ran.code, Some(2), "{ran:?}");
        assert!(ran.err.contains("neither a name nor the path") && !ran.err.contains("panicked"), "{ran:?}");
    }
}

#[test]
fn every_odd_file_of_a_directory_is_told_in_one_run() {
    let home = Home::new();
    home.write("plan.d/a.toml", "[platform]\nname = \"p\"\nbanana = 1\n");
    home.write("plan.d/b.toml", b"\xff");
    home.write("plan.d/c.toml", "");
    home.write("plan.d/sub.toml/x.toml", "[platform]\n");
    let ran = home.run("--plan plan.d plan check");
    assert_eq!(ran.code, Some(2), "{ran:?}");
    for says in ["unknown key", "b.toml is not text", "c.toml is empty", "sub.toml is a folder", "3 errors, 1 warning"]
    {
        assert!(ran.out.contains(says), "{says} in {}", ran.out);
    }
}

/// Tens of thousands of mistakes in a long file: each is drawn from its own lines, not from all of them.
#[test]
fn twenty_thousand_mistakes_end_soon() {
    let mut plan = "[platform]\nname = \"p\"\n".to_owned();
    for number in 0..20_000 {
        let _ = writeln!(plan, "key{number} = 1");
    }
    for how in ["", " --json"] {
        let home = Home::new();
        home.write("plan.toml", &plan);
        let begun = Instant::now();
        let ran = home.run(&format!("--plan plan.toml plan check{how}"));
        assert_eq!(ran.code, Some(2), "{}", ran.err);
        assert!(begun.elapsed() < Duration::from_secs(45), "{how} took {:?}", begun.elapsed());
        if how.is_empty() {
            assert!(ran.out.contains("And 19502 more") && ran.out.contains("unknown-key 20000"));
        }
    }
}

#[test]
fn a_reader_that_has_seen_enough_changes_no_exit_code() {
    let home = Home::new();
    home.write("plan.toml", "[platform]\nname = \"p\"\nbanana = 1\n");
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    for how in [&["plan", "check"][..], &["plan", "check", "--json"]] {
        let mut command = home.command(["--plan", "plan.toml"]);
        let status = command.args(how).stdout(writer.try_clone().unwrap()).status().unwrap();
        assert_eq!(status.code(), Some(2), "{how:?}");
    }
}

#[test]
fn check_and_show_count_the_same_errors() {
    let home = Home::new();
    home.write(
        "plan.toml",
        "[platform]\nname = \"p\"\nbanana = 1\n[[component]]\nname = \"a\"\nkind = \"host\"\nneeds = [\"b\"]\n",
    );
    assert!(home.run("--plan plan.toml plan check").out.contains("2 errors"));
    assert!(home.run("--plan plan.toml plan show").err.contains("The plan has 2 errors"));
}

#[test]
fn warnings_are_counted_by_rule_and_called_warnings() {
    let home = Home::new();
    home.write("plan.toml", "[platform]\nname = \"p\"\n[[person]]\nname = \"a\"\n[[person]]\nname = \"b\"\n");
    let ran = home.run("--plan plan.toml plan check");
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.out.contains("unreachable-person 2") && ran.out.contains("p: 4 warnings"), "{}", ran.out);
}
