//! The build script finds the commit wherever the source is: in a clone, a second work tree, a
//! package, or nowhere near a repository.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use tempfile::TempDir;

/// The build script as a program.
fn script() -> &'static Path {
    static BUILT: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    let (_, program) = BUILT.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("build-script");
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/src/build.rs");
        let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        let built = Command::new(rustc).args(["--edition=2024", "-o"]).arg(&program).arg(source).status().unwrap();
        assert!(built.success());
        (folder, program)
    });
    program
}

fn run(root: &Path, variables: &[(&str, &str)]) -> String {
    let mut command = Command::new(script());
    command.env("CARGO_MANIFEST_DIR", root).env_remove("LIFEBOAT_COMMIT").envs(variables.iter().copied());
    // Nothing outside the folder of the test may be taken for its repository.
    let output = command.env("GIT_CEILING_DIRECTORIES", "/tmp").output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

fn commit(root: &Path) -> String {
    let printed = run(root, &[]);
    let line = printed.lines().find_map(|line| line.strip_prefix("cargo::rustc-env=LIFEBOAT_BUILT_FROM="));
    line.unwrap().to_owned()
}

fn git(root: &Path, line: &str) -> String {
    let who = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main"];
    let output = Command::new("git").arg("-C").arg(root).args(who).args(line.split(' ')).output().unwrap();
    assert!(output.status.success(), "git {line}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// A repository with one commit.
fn repository() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    git(folder.path(), "init --quiet");
    git(folder.path(), "commit --quiet --allow-empty -m first");
    folder
}

#[test]
fn in_a_clone_and_in_a_second_work_tree() {
    let folder = repository();
    let head = git(folder.path(), "rev-parse --short=12 HEAD");
    assert_eq!(commit(folder.path()), head);
    let second = folder.path().join("second");
    git(folder.path(), "worktree add --quiet second");
    git(&second, "commit --quiet --allow-empty -m second");
    assert_eq!(commit(&second), git(&second, "rev-parse --short=12 HEAD"));
    assert_ne!(commit(&second), head);
}

#[test]
fn it_is_built_anew_after_a_commit_and_only_then() {
    let folder = repository();
    git(folder.path(), "worktree add --quiet second");
    for root in [folder.path(), &folder.path().join("second")] {
        let watched = |printed: String| -> Vec<PathBuf> {
            let paths = printed.lines().filter_map(|line| line.strip_prefix("cargo::rerun-if-changed="));
            paths.filter(|path| path.starts_with('/')).map(PathBuf::from).collect()
        };
        let times = |paths: &[PathBuf]| -> Vec<_> {
            paths.iter().map(|path| path.metadata().unwrap().modified().unwrap()).collect()
        };
        let paths = watched(run(root, &[]));
        assert!(!paths.is_empty());
        let before = times(&paths);
        git(root, "status --short");
        assert_eq!(times(&paths), before, "looking is no change");
        git(root, "commit --quiet --allow-empty -m next");
        assert_ne!(times(&paths), before, "{paths:?}");
    }
}

#[test]
fn in_a_package_the_note_of_cargo_tells() {
    let folder = tempfile::tempdir().unwrap();
    let note = "{\n  \"git\": {\n    \"sha1\": \"0123456789abcdef0123456789abcdef01234567\"\n  }\n}";
    std::fs::write(folder.path().join(".cargo_vcs_info.json"), note).unwrap();
    assert_eq!(commit(folder.path()), "0123456789ab");
}

#[test]
fn nowhere_it_is_unknown_and_another_repository_around_it_is_not_asked() {
    let folder = repository();
    let vendored = folder.path().join("vendor/lifeboat");
    std::fs::create_dir_all(&vendored).unwrap();
    assert_eq!(commit(&vendored), "unknown");
    assert_eq!(commit(tempfile::tempdir().unwrap().path()), "unknown");
}

#[test]
fn who_builds_may_say_it() {
    let folder = repository();
    assert!(run(folder.path(), &[("LIFEBOAT_COMMIT", "v1.2.3")]).contains("LIFEBOAT_BUILT_FROM=v1.2.3\n"));
}
