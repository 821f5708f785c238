//! What a folder keeps is on its disk before it has a name, and its name before anything speaks of it.

use super::lacking::place;
use crate::support::program::Ran;

/// The system calls of a trace in the order in which they returned, each whole on its line.
fn calls(trace: &str) -> Vec<String> {
    let mut begun: std::collections::HashMap<&str, &str> = std::collections::HashMap::new();
    let mut calls = Vec::new();
    for line in trace.lines() {
        let Some((process, call)) = line.split_once(' ') else { continue };
        let call = call.trim_start();
        if let Some(first) = call.strip_suffix("<unfinished ...>") {
            begun.insert(process, first);
        } else if let Some((_, rest)) = call.strip_prefix("<... ").and_then(|rest| rest.split_once(" resumed>")) {
            calls.push(format!("{}{rest}", begun.remove(process).unwrap_or_default()));
        } else {
            calls.push(call.to_owned());
        }
    }
    calls.retain(|call| call.trim_end().ends_with("= 0"));
    calls
}

#[test]
fn a_store_has_each_file_on_its_disk_before_its_name_and_the_manifest_last() {
    let home = place("");
    let trace = home.path().join("trace");
    let program = home.command("--plan plan.toml backup settings".split_whitespace());
    let traced = "trace=fsync,mkdir,mkdirat,rename,renameat,renameat2,link,linkat";
    let mut command =
        home.command_of("strace", ["-f", "-y", "-qq", "-s", "1000", "-e", traced, "-o", trace.to_str().unwrap()]);
    command.arg(program.get_program()).args(program.get_args());
    let ran = Ran::from(command.output().unwrap());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let calls = calls(&std::fs::read_to_string(trace).unwrap());
    let find = |what: &str, from: usize, is: &dyn Fn(&str) -> bool| {
        let found = (from..calls.len()).find(|at| is(&calls[*at]));
        found.unwrap_or_else(|| panic!("{what}: {}", calls.join("\n")))
    };
    let syncs = |call: &str, path: &std::path::Path| {
        call.contains("fsync(") && call.contains(&format!("<{}>)", path.display()))
    };
    let store = home.path().canonicalize().unwrap().join("store");
    let (mut folders, mut published) = (vec![store.join("config")], Vec::new());
    while let Some(folder) = folders.pop() {
        let made = find("made", 0, &|call| call.contains("mkdir") && call.contains(&format!("{}\"", folder.display())));
        find("its name lasts", made, &|call| syncs(call, folder.parent().unwrap()));
        for entry in std::fs::read_dir(&folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let named = |call: &str| call.contains("rename") && call.contains(&format!("\"{}\"", path.display()));
            let at = find("renamed", 0, &named);
            let part = calls[at].split('"').nth(1).unwrap();
            assert!(part.contains("/.lifeboat-part-") && calls[at].contains("RENAME_NOREPLACE"), "{}", calls[at]);
            let synced = find("synced", 0, &|call| syncs(call, std::path::Path::new(part)));
            assert!(synced < at, "{}: {synced} and {at}", path.display());
            published.push((path.clone(), at, find("its name lasts", at, &|call| syncs(call, &folder))));
        }
    }
    let is_manifest = |path: &std::path::Path| path.extension().is_some_and(|ending| ending == "json");
    let (_, manifest, _) = published.iter().find(|(path, ..)| is_manifest(path)).unwrap();
    assert!(published.len() > 1);
    for (path, _, lasts) in published.iter().filter(|(path, ..)| !is_manifest(path)) {
        assert!(lasts < manifest, "{} comes after the manifest", path.display());
    }
}
