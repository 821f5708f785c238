//! One file or a directory, with overlays laid over it.

use crate::support::program::Home;

const BASE: &str = "[platform]\nname = \"p\"\nenvironment = \"production\"\nrto = \"2h\"\n\
                    [[component]]\nname = \"db\"\nkind = \"postgres\"\nrto = \"1h\"\naddress = \"postgresql://db:5432/x\"\n";

#[test]
fn an_overlay_replaces_values_and_matches_lists_by_name() {
    let home = Home::new();
    home.write("plan.toml", BASE);
    home.write(
        "plan.staging.toml",
        "[platform]\nenvironment = \"staging\"\n[[component]]\nname = \"db\"\nrto = \"4h\"\n",
    );
    let shown = home.run("--plan plan.toml --overlay staging plan show --json").json();
    assert_eq!(shown["platform"]["environment"], "staging");
    assert_eq!(shown["platform"]["rto"], "2h", "what the overlay does not say stays");
    assert_eq!(shown["component"].as_array().unwrap().len(), 1);
    assert_eq!(shown["component"][0]["rto"], "4h");
    assert_eq!(shown["component"][0]["kind"], "postgres");
}

#[test]
fn an_overlay_matches_each_list_by_what_tells_its_entries_apart() {
    let home = Home::new();
    let lists =
        "[[tier]]\nlevel = 1\nname = \"component\"\nrto = \"1h\"\n[[response]]\nseverity = \"P1\"\nwithin = \"5min\"\n";
    home.write("plan.toml", format!("{BASE}{lists}"));
    home.write(
        "plan.staging.toml",
        "[[tier]]\nlevel = 1\nrto = \"3h\"\n[[response]]\nseverity = \"P1\"\nwithin = \"1h\"\n",
    );
    let shown = home.run("--plan plan.toml --overlay staging plan show --json").json();
    assert_eq!(
        shown["tier"],
        serde_json::json!([{ "level": 1, "name": "component", "rto": "3h", "examples": [], "technology": [] }])
    );
    assert_eq!(shown["response"], serde_json::json!([{ "severity": "P1", "within": "1h" }]));
}

#[test]
fn later_overlays_win_and_may_add() {
    let home = Home::new();
    home.write("plan.d/10-platform.toml", BASE);
    home.write("plan.d/20-more.toml", "[[component]]\nname = \"cache\"\nkind = \"redis\"\n");
    home.write("plan.d/overlays/a.toml", "[platform]\nrto = \"3h\"\n");
    home.write("plan.d/overlays/b.toml", "[platform]\nrto = \"5h\"\n[[component]]\nname = \"new\"\nkind = \"host\"\n");
    let shown = home.run("--plan plan.d --overlay a --overlay b plan show --json").json();
    assert_eq!(shown["platform"]["rto"], "5h");
    let names: Vec<_> =
        shown["component"].as_array().unwrap().iter().map(|component| component["name"].clone()).collect();
    assert_eq!(names, ["db", "cache", "new"]);
}

#[test]
fn a_mistake_in_an_overlay_is_shown_in_the_overlay() {
    let home = Home::new();
    home.write("plan.toml", BASE);
    home.write("plan.dr.toml", "[platform]\n\nrto = \"soon\"\n");
    let ran = home.run("--plan plan.toml --overlay dr plan check");
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.out.contains("plan.dr.toml:3"), "{}", ran.out);
}

#[test]
fn the_same_key_in_two_files_of_a_directory_is_a_mistake_that_shows_both() {
    let home = Home::new();
    home.write("plan.d/a.toml", "[platform]\nname = \"p\"\nrto = \"1h\"\n");
    home.write("plan.d/b.toml", "[platform]\nrto = \"2h\"\n");
    let ran = home.run("--plan plan.d plan check");
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.out.contains("a.toml") && ran.out.contains("b.toml") && ran.out.contains("said-twice"), "{}", ran.out);
}

#[test]
fn an_overlay_that_is_not_there_is_named() {
    let home = Home::new();
    home.write("plan.toml", BASE);
    let ran = home.run("--plan plan.toml --overlay nowhere plan check");
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.err.contains("plan.nowhere.toml"), "{}", ran.err);
}
