//! Files, packed as `tar` reads them.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use lifeboat::systems::artefact::{Look, look_through};
use lifeboat::vault::Sort;

use super::keeping::{Taken, Trial, command};
use crate::systems::component;

const FILES: &str = "method = 'files'";
const ELSEWHERE: &str = "reach = { prefix = ['env', 'LC_ALL=C'] }\n";

/// A tree with everything that is difficult in it.
fn difficult(folder: &Path) {
    std::fs::create_dir_all(folder.join("deep/er")).unwrap();
    std::fs::create_dir_all(folder.join(".git")).unwrap();
    std::fs::write(folder.join(".git/config"), "x").unwrap();
    for name in ["app.conf", "deep/er/b.conf", "a\nline", "back\\slash", "-rf", "old.bak", "größe", "with blank"] {
        std::fs::write(folder.join(name), name.repeat(100)).unwrap();
    }
    std::fs::write(folder.join("deep").join("n".repeat(200)), vec![7; 100_000]).unwrap();
    std::fs::write(folder.join(OsStr::from_bytes(b"odd-\xff\xfe")), "odd").unwrap();
    std::fs::write(folder.join(".env.production"), "PASSWORD=hunter2hunter2").unwrap();
    std::fs::write(folder.join("app.key"), "a private key").unwrap();
    std::fs::write(folder.join("deep/a\nsettings"), "x\n-----BEGIN PRIVATE KEY-----\n").unwrap();
    std::fs::set_permissions(folder.join("app.conf"), std::fs::Permissions::from_mode(0o640)).unwrap();
    symlink("/etc/passwd", folder.join("leads-out")).unwrap();
    symlink("/", folder.join("leads-to-all")).unwrap();
    rustix::fs::mknodat(
        rustix::fs::CWD,
        folder.join("pipe"),
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::from_raw_mode(0o600),
        0,
    )
    .unwrap();
}

fn trial(folder: &Path, more: &str) -> Trial {
    Trial::new(&[component("config", "files", &folder.display().to_string(), more)])
}

/// Unpacks both archives where nothing else is, as their pieces say.
fn unpacked(taken: &Taken) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (piece, _) in &taken.kept.pieces {
        let store = tempfile::tempdir().unwrap();
        let file = taken.kept.write(piece.format, store.path());
        let line = command(&piece.restore, &file).replace("EMPTY_FOLDER", &folder.path().display().to_string());
        let run = Command::new("sh").args(["-c", &line]).output().unwrap();
        assert!(run.status.success(), "{line}: {run:?}");
    }
    folder
}

fn listed(taken: &Taken, format: &str) -> Vec<String> {
    let store = tempfile::tempdir().unwrap();
    let file = taken.kept.write(format, store.path());
    let list = Command::new("tar").args(["--quoting-style=escape", "-tf"]).arg(file).output().unwrap();
    assert!(list.status.success() && list.stderr.is_empty(), "{list:?}");
    let mut names: Vec<String> =
        String::from_utf8_lossy(&list.stdout).lines().map(|line| line.trim_start_matches("./").to_owned()).collect();
    names.sort();
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn every_name_and_mode_survives_and_secrets_are_apart() {
    let folder = tempfile::tempdir().unwrap();
    difficult(folder.path());
    for more in ["", ELSEWHERE] {
        let taken = trial(folder.path(), &format!("{more}[component.files]\nexclude = ['*.bak']\n"))
            .take("config", FILES)
            .await;
        let account = taken.account();
        assert_eq!(taken.kept.formats(), ["tar", "env.tar"], "{more}");
        assert_eq!(taken.kept.pieces.iter().map(|(piece, _)| piece.is_secret).collect::<Vec<_>>(), [false, true]);
        assert_eq!(listed(&taken, "env.tar"), [".env.production", "app.key", "deep/a\\nsettings"], "{more}");
        let names = listed(&taken, "tar");
        for name in ["a\\nline", "back\\\\slash", "-rf", "app.conf", "leads-out", "odd-\\377\\376"] {
            assert!(names.iter().any(|there| there == name), "{name} is not in {names:?}");
        }
        for name in ["old.bak", "pipe", ".git/config", "app.key"] {
            assert!(!names.iter().any(|there| there == name), "{name} is in {names:?}");
        }
        let again = unpacked(&taken);
        let compared = Command::new("diff")
            .args(["-r", "--no-dereference", "-x", ".git", "-x", "old.bak", "-x", "pipe"])
            .args([folder.path(), again.path()])
            .output()
            .unwrap();
        assert!(compared.status.success(), "{more} {}", String::from_utf8_lossy(&compared.stdout));
        let mode = std::fs::metadata(again.path().join("app.conf")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o640);
        assert_eq!(std::fs::read_link(again.path().join("leads-out")).unwrap(), Path::new("/etc/passwd"));
        assert_eq!((account.counts["files"], account.counts["links"]), (12, 2), "{account:#?}");
        let bytes = taken.kept.piece("tar").1.clone();
        let here = lifeboat::reach::Reach::here(&lifeboat::text::Redactor::new());
        let look = look_through(Sort::Files, "x.tar", Box::new(std::io::Cursor::new(bytes)), None, &here).await;
        assert!(matches!(look, Look::Whole(_)), "{look:?}");
        if more.is_empty() {
            assert!(taken.leaves_out("pipes, sockets and devices, which are not files: pipe"), "{account:#?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_all_secret_leaves_no_empty_archive() {
    let folder = tempfile::tempdir().unwrap();
    let dotenv = folder.path().join(".env");
    std::fs::write(&dotenv, "PASSWORD=hunter2hunter2").unwrap();
    std::fs::write(folder.path().join("app.key"), "a private key").unwrap();
    for (path, names) in [(dotenv.as_path(), &[".env"][..]), (folder.path(), &[".env", "app.key"])] {
        for more in ["", ELSEWHERE] {
            let taken = trial(path, more).take("config", FILES).await;
            assert_eq!(taken.kept.formats(), ["env.tar"], "{path:?} {more}");
            assert_eq!(taken.account().counts["files"], names.len() as u64, "{path:?} {more}");
            assert_eq!(listed(&taken, "env.tar"), names, "{path:?} {more}");
        }
    }
    std::fs::remove_file(&dotenv).unwrap();
    std::fs::remove_file(folder.path().join("app.key")).unwrap();
    let none = trial(folder.path(), "").take("config", FILES).await;
    assert!(none.error().contains("none of its files is there") && none.kept.pieces.is_empty(), "{}", none.error());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changes_under_our_hands_is_told_and_the_archive_stays_whole() {
    let folder = tempfile::tempdir().unwrap();
    for number in 0..40 {
        std::fs::write(folder.path().join(format!("file-{number:02}")), vec![7; 1_000_000]).unwrap();
    }
    let (path, stop) = (folder.path().to_owned(), std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false)));
    let is_over = std::sync::Arc::clone(&stop);
    let busy = std::thread::spawn(move || {
        let mut length = 1_000_000_u64;
        while !is_over.load(std::sync::atomic::Ordering::SeqCst) {
            let file = std::fs::File::options().write(true).open(path.join("file-20")).unwrap();
            length = if length == 1_000_000 { 200_000 } else { 1_000_000 };
            file.set_len(length).unwrap();
            // Gone when its turn comes, after the folder was listed.
            std::fs::remove_file(path.join("file-39")).ok();
        }
    });
    let slow = super::keeping::Shelf { slow: Some(std::time::Duration::from_millis(2)), ..Default::default() };
    let taken = trial(folder.path(), "").take_into(slow, "config", FILES).await;
    stop.store(true, std::sync::atomic::Ordering::SeqCst);
    busy.join().unwrap();
    assert!(listed(&taken, "tar").len() >= 39);
    let lacks_its_end =
        taken.account().lacks.iter().any(|lack| lack.contains("became shorter") && lack.contains("file-20"));
    assert!(taken.leaves_out("file-20") || lacks_its_end, "{:#?}", taken.account());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_plan_names_is_taken_and_git_is_asked() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("certs")).unwrap();
    for name in ["app.yml", "certs/app.pem", "other.txt"] {
        std::fs::write(folder.path().join(name), name).unwrap();
    }
    let git = |arguments: &[&str]| {
        let identity = ["-c", "user.name=x", "-c", "user.email=x@example.com", "-C"];
        let run = Command::new("git").args(identity).arg(folder.path()).args(arguments).output().unwrap();
        assert!(run.status.success(), "{run:?}");
    };
    git(&["init", "-q", "-b", "trunk"]);
    git(&["add", "app.yml"]);
    git(&["commit", "-qm", "x"]);
    git(&["remote", "add", "origin", "https://user:hunter2hunter2@example.com/x.git"]);
    let settings = "[component.files]\ninclude = ['*.yml', 'certs/*']\ngit = true\n";
    let taken = trial(folder.path(), settings).take("config", FILES).await;
    assert_eq!(listed(&taken, "tar"), ["app.yml", "certs/app.pem"]);
    let about = &taken.account().about;
    assert_eq!((about["git_branch"].as_str(), about["git_uncommitted"].as_str()), ("trunk", "yes"));
    assert_eq!((about["git_commit"].len(), about["git_remote"].as_str()), (12, "https://example.com/x.git"));
    let file = folder.path().join("app.yml");
    for more in ["", ELSEWHERE] {
        let taken = trial(&file, more).take("config", FILES).await;
        assert_eq!(listed(&taken, "tar"), ["app.yml"], "one file: {more}");
    }
    for more in ["", ELSEWHERE] {
        let error = trial(&folder.path().join("none"), more).take("config", FILES).await.error();
        assert!(error.contains("No such file"), "{error}");
        let empty = trial(folder.path(), &format!("{more}[component.files]\ninclude = ['*.none']\n"));
        let error = empty.take("config", FILES).await.error();
        assert!(error.contains("none of its files is there"), "{error}");
    }
}
