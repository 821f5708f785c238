//! What of a log no base needs any more goes, and nothing that one needs.

use std::path::{Path, PathBuf};

use super::{kept, name, place, run, segments};
use crate::support::program::Home;

fn expire(home: &Home, more: &str) -> crate::support::program::Ran {
    home.run(&format!("--plan plan.toml expire {more}"))
}

fn names(home: &Home, store: &str) -> Vec<String> {
    let listed = std::fs::read_dir(home.path().join(format!("{store}/postgres/wal"))).unwrap();
    let mut names: Vec<String> = listed.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_goes_that_is_older_than_every_base() {
    let (server, folder, mut files) = segments(3).await;
    let home = place(&server.component("db", "postgres", ""), "");
    let push = |file: &Path| assert_eq!(run(&home, &format!("push {}", file.display())).code, Some(0));
    for file in &files {
        push(file);
    }
    let nothing = expire(&home, "--yes");
    assert!(
        nothing.code == Some(0) && names(&home, "local").len() == 3,
        "without a base all may be of use: {nothing:?}"
    );
    let base = home.run("--plan plan.toml backup db --method base");
    assert_eq!(base.code, Some(0), "{base:?}");
    // The base begins in one of these, which ends with a switch after it.
    let client = server.superuser().await;
    for number in 0..2 {
        client.batch_execute(&format!("CREATE TABLE later{number} (a int)")).await.unwrap();
        let row = client.query_one("SELECT pg_walfile_name(pg_switch_wal())", &[]).await.unwrap();
        let copy: PathBuf = folder.path().join(row.get::<_, String>(0));
        std::fs::copy(server.folder.path().join("data/pg_wal").join(name(&copy)), &copy).unwrap();
        push(&copy);
        files.push(copy);
    }
    let points = home.run("--plan plan.toml points --json").json();
    let before = names(&home, "local");
    let shown = expire(&home, "--dry-run");
    assert!(shown.out.contains("of the log of db in local"), "{shown:?}");
    assert_eq!(names(&home, "local"), before, "it was only looked");
    // Whoever holds, holds the log as well.
    assert_eq!(home.run("--plan plan.toml hold --why test").code, Some(0));
    assert_eq!(expire(&home, "--yes").code, Some(4));
    assert_eq!(names(&home, "local"), before);
    assert_eq!(home.run("--plan plan.toml hold --release --why done").code, Some(0));
    let gone = expire(&home, "--yes --json");
    assert_eq!(gone.code, Some(0), "{gone:?}");
    assert_eq!(gone.json()["done"]["logs"].as_array().unwrap().len(), 2, "{}", gone.json());
    for store in ["local", "second"] {
        let left = names(&home, store);
        assert!(!left.iter().any(|it| it.starts_with(name(&files[0]))), "{left:?}");
        // From the segment on that the base begins in nothing is missing.
        assert_eq!(left, &before[before.len() - left.len()..]);
        assert!(files[3..].iter().all(|file| kept(&home, store, file).exists()), "{left:?}");
    }
    assert_eq!(home.run("--plan plan.toml points --json").json(), points, "no recovery point went");
    let journal = home.run("--plan plan.toml journal show --json");
    assert!(journal.out.contains("the oldest base begins at"), "{}", journal.out);
    // What is of no use any more is not brought back by a store that has it still.
    let again = run(&home, "bring");
    assert!(again.code == Some(0) && again.out.contains("has what another has"), "{again:?}");
}
