//! The jobs that need no store, on real servers and with the real git.

use std::path::Path;
use std::process::Command;

use lifeboat::protect::due::{DueSlot, Ending, Executor, Missed, Outcome};
use lifeboat::protect::run::Chores;
use tokio_util::sync::CancellationToken;

use super::{Host, QUICK, WallClock, home};
use crate::systems::databases::{postgres, redis};

/// Runs the only job of a plan with these parts.
async fn ran(home: &Path, parts: &str) -> Outcome {
    let clock = WallClock::at("2024-11-18T03:00:10Z");
    let host = Host::new(home, "a", &format!("[platform]\nname = 'p'\n{parts}"), &clock, QUICK);
    let with = host.contact();
    let chores = Chores { plan: &host.plan, with: &with };
    let job = &host.plan.job[0];
    assert!(chores.offers(job));
    let at = "2024-11-18T03:00:00Z".parse().unwrap();
    let slot = DueSlot { at, late: None, missed: Missed::default(), attempts: 0, before: None };
    chores.run(job, &slot, CancellationToken::new()).await
}

fn job(does: &str, more: &str) -> String {
    format!("[[job]]\nname = 'j'\ndo = '{does}'\nof = 'it'\nevery = '1h'\n{more}\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_rewrites_its_append_only_file() {
    let home = home();
    let server = redis::server::Server::start("appendonly yes\n").await;
    for _ in 0..20 {
        server.fill(200).await;
    }
    let plan = format!("{}{}", server.component("it", ""), job("rewrite-aof", ""));
    let outcome = ran(home.path(), &plan).await;
    assert_eq!(outcome.ending, Ending::Done, "{outcome:?}");
    assert!(outcome.told.starts_with("the append-only file went from"), "{outcome:?}");
    server.run("CONFIG SET appendonly no").await.unwrap();
    let off = ran(home.path(), &plan).await;
    assert!(off.ending == Ending::Failed && off.told.contains("switched off"), "{off:?}");
    drop(server);
    let down = ran(home.path(), &plan).await;
    assert_eq!(down.ending, Ending::Failed, "{down:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wal_segment_is_seen_to_get_into_the_archive() {
    let home = home();
    let archive = tempfile::tempdir().unwrap();
    let server = postgres::server::Server::start(&["archive_mode=on"]).await;
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o777);
    std::fs::set_permissions(archive.path(), open).unwrap();
    let copy = format!("ALTER SYSTEM SET archive_command = 'cp %p {}/%f'", archive.path().display());
    server.execute(&[&copy, "SELECT pg_reload_conf()", "CREATE TABLE t AS SELECT 1"]).await;
    let plan = format!("{}{}", server.component("it", "postgres", ""), job("switch-wal", ""));
    for _ in 0..2 {
        // The second time nothing was written since.
        let outcome = ran(home.path(), &plan).await;
        let segment = outcome.told.strip_suffix(" is in the archive").unwrap_or_else(|| panic!("{outcome:?}"));
        assert!(archive.path().join(segment).is_file(), "{outcome:?}");
    }
    server
        .execute(&[
            "ALTER SYSTEM SET archive_command = 'false'",
            "SELECT pg_reload_conf()",
            "CREATE TABLE u AS SELECT 1",
        ])
        .await;
    let failing = ran(home.path(), &plan).await;
    assert!(failing.ending == Ending::Failed && failing.told.contains("archive_command fails"), "{failing:?}");
}

fn git(folder: &Path, line: &str) -> String {
    let output = Command::new("git").arg("-C").arg(folder).args(line.split(' ')).output().unwrap();
    assert!(output.status.success(), "{line}: {output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn changed_files_are_committed_and_pushed_and_nothing_else_is() {
    let home = home();
    let (folder, far) = (home.path().join("app"), home.path().join("far.git"));
    for path in [&folder, &far] {
        std::fs::create_dir(path).unwrap();
    }
    git(&folder, "init -q -b main");
    git(&far, "init -q --bare -b main");
    let put = |name: &str, text: &str| {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    let plan = format!(
        "[[component]]\nname = 'it'\nkind = 'files'\naddress = '{}'\n\
         files = {{ include = ['*.conf', 'certs'], exclude = ['secret.conf'] }}\n\
         [[store]]\nname = 'git'\nkind = 'git'\npath = '{}'\n{}",
        folder.display(),
        far.display(),
        job("git-commit", "to = ['git']")
    );
    put("a b.conf", "1");
    put("deep/c.conf", "1");
    put("certs/x/y.pem", "1");
    put("secret.conf", "1");
    put("notes.txt", "1");
    put("staged.txt", "by somebody else");
    git(&folder, "add staged.txt");
    let first = ran(home.path(), &plan).await;
    assert_eq!(first.ending, Ending::Done, "{first:?}");
    assert!(first.told.starts_with("3 files are committed as") && first.told.ends_with("; it is pushed"), "{first:?}");
    assert_eq!(git(&far, "-c core.quotePath=off ls-tree -r --name-only main"), "a b.conf\ncerts/x/y.pem\ndeep/c.conf");
    assert_eq!(git(&far, "log -1 --format=%an main"), "Lifeboat");
    assert_eq!(git(&folder, "diff --cached --name-only"), "staged.txt", "it is still staged, and not committed");
    let again = ran(home.path(), &plan).await;
    assert_eq!(again, Outcome::nothing("nothing had changed since the last commit"));

    std::fs::remove_file(folder.join("deep/c.conf")).unwrap();
    put("a b.conf", "2");
    let outcome = ran(home.path(), &plan).await;
    assert!(outcome.told.starts_with("2 files are committed"), "{outcome:?}");
    assert_eq!(git(&far, "-c core.quotePath=off ls-tree -r --name-only main"), "a b.conf\ncerts/x/y.pem");

    std::fs::remove_dir_all(&far).unwrap();
    put("a b.conf", "3");
    let lost = ran(home.path(), &plan).await;
    assert!(lost.ending == Ending::Failed && lost.told.contains("was committed, and not pushed"), "{lost:?}");
    std::fs::create_dir(&far).unwrap();
    git(&far, "init -q --bare -b main");
    let late = ran(home.path(), &plan).await;
    assert_eq!(late.ending, Ending::NothingToDo, "{late:?}");
    assert_eq!(git(&far, "log -1 --format=%an main"), "Lifeboat", "what could not be pushed before is now");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_is_in_no_repository_is_said() {
    let home = home();
    let plan = format!(
        "[[component]]\nname = 'it'\nkind = 'files'\naddress = '{}'\n{}",
        home.path().join("store").display(),
        job("git-commit", "")
    );
    let outcome = ran(home.path(), &plan).await;
    assert!(outcome.ending == Ending::Failed && outcome.told.contains("not a git repository"), "{outcome:?}");
}
