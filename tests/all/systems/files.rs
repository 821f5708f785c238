//! Files: present, missing, changed, kept in git.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime};

use lifeboat::plan::facts::Verdict;
use lifeboat::systems::Reading;

use super::asking::{Asker, shown};
use super::component;

const ELSEWHERE: &str = "reach = { prefix = ['env', 'LC_ALL=C'] }\n";
const SETTINGS: &str = "[component.files]\ninclude = ['app.yml', '*.conf', 'certs/*']\nexclude = ['*.bak']\n";

fn write(folder: &Path, name: &str) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, "content").unwrap();
}

fn asker(folder: &Path, more: &str) -> Asker {
    Asker::of("config", "files", &folder.display().to_string(), more)
}

fn presence(reading: &Reading) -> (Verdict, String) {
    (reading.verdict, shown(reading, "presence"))
}

fn facts(reading: &Reading) -> [String; 3] {
    ["files", "files_missing", "git"].map(|name| shown(reading, name))
}

#[tokio::test]
async fn what_the_plan_names_is_looked_for() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["app.yml", "a.conf", "deep/b.conf", "b.conf.bak", "certs/app.pem", "other.txt"] {
        write(folder.path(), name);
    }
    for reach in ["", ELSEWHERE] {
        let more = format!("{reach}{SETTINGS}");
        let mut asker = asker(folder.path(), &more);
        let reading = asker.vital().await;
        assert_eq!(presence(&reading), (Verdict::Healthy, "present".to_owned()), "{reading:#?}");
        assert!(["disk", "disk_free"].iter().all(|name| reading.fact(name).is_some()), "{reading:#?}");
        let rare = asker.rare().await;
        assert_eq!((rare.verdict, facts(&rare)), (Verdict::Healthy, ["4", "0", ""].map(str::to_owned)), "{rare:#?}");
        assert!(shown(&rare, "size") == "28B" && rare.fact("changed").is_some(), "{rare:#?}");
        std::fs::rename(folder.path().join("app.yml"), folder.path().join("moved.yml")).unwrap();
        let reading = asker.vital().await;
        assert_eq!(presence(&reading), (Verdict::Degraded, "partial".to_owned()), "{reading:#?}");
        assert_eq!(reading.reasons[0].sentence, "there is no app.yml");
        let rare = asker.rare().await;
        assert_eq!((rare.verdict, facts(&rare)), (Verdict::Degraded, ["3", "1", ""].map(str::to_owned)), "{rare:#?}");
        assert_eq!(rare.reasons[0].sentence, "there is no app.yml");
        std::fs::rename(folder.path().join("moved.yml"), folder.path().join("app.yml")).unwrap();
    }
}

#[tokio::test]
async fn a_name_without_a_folder_may_lie_in_any_and_one_with_a_folder_only_there() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["deep/app.yml", "certs/app.pem"] {
        write(folder.path(), name);
    }
    let settings = "files = { include = ['app.yml', './certs/app.pem', 'certs/'] }";
    for reach in ["", ELSEWHERE] {
        let mut asker = asker(folder.path(), &format!("{reach}{settings}"));
        assert_eq!(presence(&asker.vital().await), (Verdict::Healthy, "present".to_owned()));
        assert_eq!(facts(&asker.rare().await), ["2", "0", ""]);
        std::fs::rename(folder.path().join("certs"), folder.path().join("moved")).unwrap();
        let reading = asker.vital().await;
        assert_eq!(presence(&reading), (Verdict::Degraded, "partial".to_owned()), "{reading:#?}");
        assert_eq!(reading.reasons[0].sentence, "there is no certs/app.pem, no certs");
        std::fs::rename(folder.path().join("moved"), folder.path().join("certs")).unwrap();
    }
}

#[tokio::test]
async fn a_folder_that_is_gone_is_down_and_one_that_is_closed_unknown() {
    for reach in ["", ELSEWHERE] {
        let reading = asker(Path::new("/no/such/folder"), reach).vital().await;
        assert_eq!((reading.verdict, shown(&reading, "presence").as_str()), (Verdict::Down, "missing"), "{reading:#?}");
    }
    let folder = tempfile::tempdir().unwrap();
    let reading = asker(folder.path(), SETTINGS).vital().await;
    assert_eq!((reading.verdict, reading.reason()), (Verdict::Down, "not one of its files is there"));
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o000)).unwrap();
    if std::fs::read_dir(folder.path()).is_err() {
        let reading = asker(folder.path(), SETTINGS).vital().await;
        assert_eq!(reading.verdict, Verdict::Unknown, "{reading:#?}");
    }
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o700)).unwrap();
}

#[tokio::test]
async fn one_file_may_be_all_there_is() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "app.yml");
    for reach in ["", ELSEWHERE] {
        let reading = asker(&folder.path().join("app.yml"), reach).vital().await;
        assert_eq!(
            (reading.verdict, shown(&reading, "presence").as_str()),
            (Verdict::Healthy, "present"),
            "{reading:#?}"
        );
    }
}

#[tokio::test]
async fn what_changed_since_the_last_backup_is_counted() {
    let (folder, store) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for name in ["a.conf", "b.conf"] {
        write(folder.path(), name);
    }
    let parts = [
        component("config", "files", &folder.path().display().to_string(), "files = { include = ['*.conf'] }"),
        format!("[[store]]\nname = 'local'\nkind = 'directory'\npath = '{}'\n", store.path().display()),
        "[[job]]\nname = 'daily'\ndo = 'backup'\nof = 'config'\nmethod = 'files'\nevery = '1d'\nto = ['local']\n"
            .to_owned(),
    ];
    let mut asker = Asker::new(&parts);
    let reading = asker.rare().await;
    let unseen: Vec<_> = reading.facts.unseen().collect();
    assert_eq!(unseen, [("changed_since_backup", "there is no backup of it yet")]);
    write(store.path(), "config/archive_20241118.tar.gz");
    let reading = asker.rare().await;
    assert_eq!(shown(&reading, "changed_since_backup"), "0", "{reading:#?}");
    let later = SystemTime::now() + Duration::from_mins(1);
    std::fs::File::options().write(true).open(folder.path().join("b.conf")).unwrap().set_modified(later).unwrap();
    assert_eq!(shown(&asker.rare().await, "changed_since_backup"), "1");
}

fn git(folder: &Path, arguments: &[&str]) {
    let output = Command::new("git")
        .args(["-c", "user.name=x", "-c", "user.email=x@example.com"])
        .args(arguments)
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
}

#[tokio::test]
async fn git_says_whether_something_was_changed() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "a.conf");
    let more = "files = { git = true }";
    let reading = asker(folder.path(), more).rare().await;
    assert_eq!((reading.verdict, shown(&reading, "git").as_str()), (Verdict::Degraded, "none"), "{reading:#?}");
    git(folder.path(), &["init", "-q"]);
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "-q", "-m", "first"]);
    // A program that the repository names must not be run by looking at it.
    let trap = folder.path().join(".git/trap");
    std::fs::write(&trap, "#!/bin/sh\ntouch \"$(dirname \"$0\")/sprung\"\n").unwrap();
    std::fs::set_permissions(&trap, std::fs::Permissions::from_mode(0o755)).unwrap();
    git(folder.path(), &["config", "core.fsmonitor", trap.to_str().unwrap()]);
    for reach in ["", ELSEWHERE] {
        let reading = asker(folder.path(), &format!("{reach}{more}")).rare().await;
        assert_eq!((reading.verdict, shown(&reading, "git").as_str()), (Verdict::Healthy, "clean"), "{reading:#?}");
        assert_eq!(shown(&reading, "commit").len(), 12);
    }
    std::fs::write(folder.path().join("a.conf"), "changed").unwrap();
    assert_eq!(shown(&asker(folder.path(), more).rare().await, "git"), "changed");
    assert!(!folder.path().join(".git/sprung").exists());
}

#[tokio::test]
async fn what_is_no_file_is_not_healthy() {
    let folder = tempfile::tempdir().unwrap();
    let (pipe, circle, socket) =
        (folder.path().join("pipe"), folder.path().join("circle"), folder.path().join("socket"));
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    std::os::unix::fs::symlink(&circle, &circle).unwrap();
    let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    for (path, words) in [
        (pipe.as_path(), "it is a pipe"),
        (&circle, "lead in a circle"),
        (&socket, "it is a socket"),
        (Path::new("/dev/null"), "it is a device"),
    ] {
        let mut asker = asker(path, "");
        for reading in [asker.vital().await, asker.rare().await] {
            assert_eq!(reading.verdict, Verdict::Unknown, "{reading:#?}");
            assert!(reading.reason().contains("it is no file") && reading.reason().contains(words), "{reading:#?}");
        }
    }
}
