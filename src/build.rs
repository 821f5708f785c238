//! Finds the commit the program is built from, for `lifeboat --version`.
//!
//! In order: the variable `LIFEBOAT_COMMIT`, this repository, the note that `cargo package` leaves,
//! `unknown`. A repository that merely contains ours (a vendored copy) is not asked.

use std::path::{Path, PathBuf};
use std::process::Command;

fn main() {
    let root = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    println!("cargo::rerun-if-env-changed=LIFEBOAT_COMMIT");
    println!("cargo::rerun-if-changed=src/build.rs");
    let commit = given().or_else(|| of_repository(&root)).or_else(|| of_package(&root));
    println!("cargo::rustc-env=LIFEBOAT_BUILT_FROM={}", commit.as_deref().unwrap_or("unknown"));
}

fn given() -> Option<String> {
    std::env::var("LIFEBOAT_COMMIT").ok().filter(|commit| !commit.is_empty())
}

fn of_repository(root: &Path) -> Option<String> {
    let top = PathBuf::from(git(root, &["rev-parse", "--show-toplevel"])?);
    if top.canonicalize().ok()? != root.canonicalize().ok()? {
        return None;
    }
    watch(root);
    git(root, &["rev-parse", "--short=12", "HEAD"])
}

/// A new commit changes one of these: HEAD itself, its log, the branch or the packed branches. Only
/// those that exist are named, because a missing one would run this script at every build.
fn watch(root: &Path) {
    let mut names = vec!["HEAD".to_owned(), "logs/HEAD".to_owned(), "packed-refs".to_owned()];
    names.extend(git(root, &["symbolic-ref", "--quiet", "HEAD"]));
    for name in names {
        if let Some(path) = git(root, &["rev-parse", "--git-path", &name]).map(|path| root.join(path))
            && path.exists()
        {
            println!("cargo::rerun-if-changed={}", path.display());
        }
    }
}

fn of_package(root: &Path) -> Option<String> {
    let note = std::fs::read_to_string(root.join(".cargo_vcs_info.json")).ok()?;
    let (_, after) = note.split_once("\"sha1\"")?;
    let hash = after.split('"').nth(1)?;
    hash.get(..12).map(str::to_owned)
}

fn git(root: &Path, arguments: &[&str]) -> Option<String> {
    let answer = Command::new("git").arg("-C").arg(root).args(arguments).output().ok()?;
    let text = String::from_utf8(answer.stdout).ok()?.trim().to_owned();
    (answer.status.success() && !text.is_empty()).then_some(text)
}
