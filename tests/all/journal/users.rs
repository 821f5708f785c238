//! Two real users and root's cron on one host, sharing one state.

use std::collections::BTreeSet;
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};

use super::ground::read;
use super::writer::{Orders, Process};

const GROUP: u32 = 45_000;

/// A place that other users can reach, with this test binary in it; nothing if we are not root.
fn common() -> Option<(tempfile::TempDir, PathBuf)> {
    if fs::metadata("/proc/self").unwrap().uid() != 0 {
        println!("skipped: only root can be two users");
        return None;
    }
    let home = tempfile::tempdir().unwrap();
    fs::set_permissions(home.path(), Permissions::from_mode(0o755)).unwrap();
    let program = home.path().join("writer");
    let ours = std::env::current_exe().unwrap();
    fs::hard_link(&ours, &program).or_else(|_| fs::copy(&ours, &program).map(drop)).unwrap();
    let shared = home.path().join("lifeboat");
    fs::create_dir(&shared).unwrap();
    chown(&shared, None, Some(GROUP)).unwrap();
    fs::set_permissions(&shared, Permissions::from_mode(0o2770)).unwrap();
    Some((home, program))
}

fn start(user: u32, groups: &str, umask: &str, orders: &Orders, program: &Path) -> Process {
    let user = user.to_string();
    let script = format!("umask {umask}; exec \"$0\" \"$@\"");
    let before = ["setpriv", "--reuid", &user, "--regid", &user, groups, "sh", "-c", &script];
    Process::start(orders.command(&before, program))
}

#[test]
fn two_users_and_cron_write_to_one_journal() {
    let Some((home, program)) = common() else { return };
    let state = home.path().join("lifeboat/agent");
    let group = Some(GROUP.to_string());
    let orders = |name: &str| Orders { threads: 2, count: Some(60), group: group.clone(), ..Orders::new(&state, name) };
    let members = format!("--groups={GROUP}");
    let processes = [
        start(40_001, &members, "077", &orders("alice"), &program),
        start(40_002, &members, "022", &orders("bob"), &program),
        start(0, "--clear-groups", "077", &orders("cron"), &program),
    ];
    let said: BTreeSet<String> = processes.into_iter().flat_map(Process::finish).collect();
    assert_eq!(said.len(), 360, "{said:?}");

    let found = read(&state.join("journal"), |event| {
        (event.kind == "trial.done").then(|| (event.subject.clone().into_owned(), event.actor.uid))
    });
    assert_eq!(found.iter().map(|(subject, _)| subject.clone()).collect::<BTreeSet<_>>(), said);
    for (subject, uid) in &found {
        let expected = if subject.starts_with("alice") {
            40_001
        } else if subject.starts_with("bob") {
            40_002
        } else {
            0
        };
        assert_eq!(*uid, expected, "{subject}");
    }
    let report = lifeboat::journal::verify(&state.join("journal"), &lifeboat::journal::Heads::new()).unwrap();
    assert!(report.is_whole(), "{report:#?}");
    assert!(report.chains[0].segments > 2);
    all_shared(&state);
}

#[test]
fn an_ordinary_user_goes_on_where_a_segment_was_just_closed() {
    let Some((home, program)) = common() else { return };
    let own = home.path().join("own");
    fs::create_dir(&own).unwrap();
    chown(&own, Some(40_001), Some(40_001)).unwrap();
    // Every write closes a segment, so each process finds the last one closed.
    let orders = |name: &str| Orders { count: Some(3), segment: Some(1), ..Orders::new(&own.join("state"), name) };
    for life in ["one", "two", "three"] {
        let said = start(40_001, "--clear-groups", "022", &orders(life), &program).finish();
        assert_eq!(said, [0, 1, 2].map(|number| format!("{life}-0-{number}")));
    }
    let journal = own.join("state/journal");
    let report = lifeboat::journal::verify(&journal, &lifeboat::journal::Heads::new()).unwrap();
    assert!(report.is_whole() && report.chains[0].segments == 9, "{report:#?}");
    let shared = Orders {
        group: Some(GROUP.to_string()),
        segment: Some(1),
        ..Orders::new(&home.path().join("lifeboat/agent"), "x")
    };
    let members = format!("--groups={GROUP}");
    for user in [40_001, 40_002, 40_001] {
        let orders = Orders { count: Some(2), ..shared.clone() };
        assert_eq!(start(user, &members, "077", &orders, &program).finish().len(), 2);
    }
}

/// Everything below belongs to the group, whoever made it and whatever their umask.
fn all_shared(directory: &Path) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let found = fs::metadata(&path).unwrap();
        assert_eq!(found.gid(), GROUP, "{}", path.display());
        let mode = found.mode() & 0o7777;
        if found.is_dir() {
            assert_eq!(mode, 0o2770, "{}", path.display());
            all_shared(&path);
        } else {
            assert!([0o660, 0o440].contains(&mode), "{}: {mode:o}", path.display());
        }
    }
}

#[test]
fn who_is_not_in_the_group_is_told_how_to_join() {
    let Some((home, program)) = common() else { return };
    let state = home.path().join("lifeboat/agent");
    let orders = Orders { count: Some(1), group: Some(GROUP.to_string()), ..Orders::new(&state, "x") };
    let members = format!("--groups={GROUP}");
    assert_eq!(start(40_001, &members, "077", &orders, &program).finish(), ["x-0-0"]);
    fs::set_permissions(home.path().join("lifeboat"), Permissions::from_mode(0o2775)).unwrap();
    let said = start(40_003, "--clear-groups", "022", &orders, &program).finish().remove(0);
    assert!(said.contains("is not in it") && said.contains("usermod -aG 45000"), "{said}");
    // And one of a private state that belongs to somebody else.
    let private = Orders { group: None, state: state.clone(), ..orders };
    let said = start(40_003, "--clear-groups", "022", &private, &program).finish().remove(0);
    assert!(said.contains("belongs to 40001"), "{said}");
}

#[test]
fn claims_are_shared_too() {
    let Some((home, program)) = common() else { return };
    let state = home.path().join("lifeboat/agent");
    let names: Vec<_> = (0..40).map(|number| format!("job.{number}").parse().unwrap()).collect();
    let orders = Orders { claims: names, group: Some(GROUP.to_string()), ..Orders::new(&state, "x") };
    let members = format!("--groups={GROUP}");
    let processes = [40_001, 40_002].map(|user| start(user, &members, "077", &orders, &program));
    // Each keeps what it got until all have tried.
    let said: Vec<String> = wait_for(processes, 40);
    let mut got: Vec<&String> = said.iter().filter(|line| line.starts_with("got ")).collect();
    got.sort();
    let count = got.len();
    got.dedup();
    assert_eq!((got.len(), count), (40, 40), "{said:#?}");
}

/// Lets the processes end once each has tried for all its claims.
fn wait_for<const N: usize>(processes: [Process; N], tries: usize) -> Vec<String> {
    for process in &processes {
        process.wait_until_said(tries);
    }
    processes.into_iter().flat_map(Process::finish).collect()
}
