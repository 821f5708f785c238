//! Places that do not take our program, or cannot run it: the way out is named, and the backup is taken all the same.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::with_stores;
use crate::lab::s3::Endpoint;
use crate::support::program::{PROGRAM, Ran};
use crate::systems::databases::postgres::server::Server;
use crate::vault::backup::Place;

/// A place behind a shell's text that ends with what is to be run.
async fn behind(endpoint: &Endpoint, text: &str) -> Place {
    let at = format!("{{ prefix = ['unshare', '--mount', 'sh', '-c', '{text}; exec \"$@\"', 'x'] }}");
    let place = with_stores(Server::start(&[]).await, endpoint.address, &at, None);
    let plan = std::fs::read_to_string(place.home.path().join("plan.toml")).unwrap();
    place.home.write("plan.toml", plan.replace("to = ['local', 'second']", "to = ['second']"));
    place
}

fn told(ran: &Ran) -> String {
    ran.out.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_without_room_or_that_lets_no_program_run_is_told() {
    if !rustix::process::geteuid().is_root() {
        println!("only root can mount disks of its own");
        return;
    }
    let endpoint = Endpoint::start().await;
    for (options, why, next) in [
        ("noexec", "lets no program run", "on a disk that lets programs run"),
        ("size=1m", "has no room for", "Make room there"),
        ("ro", "cannot be written", "that it may write to"),
    ] {
        let mounts = ["/var/tmp", "/tmp"].map(|folder| format!("mount -t tmpfs -o {options} tmpfs {folder}"));
        let text = format!("export HOME=/proc; {}", mounts.join("; "));
        let place = behind(&endpoint, &text).await;
        let ran = place.run("backup agents");
        let told = told(&ran);
        assert_eq!(ran.code, Some(0), "{options}: {ran:?}");
        assert!(told.contains("the bytes come through this machine") && told.contains(why), "{options}: {ran:?}");
        assert!(told.contains(next), "{options}: {ran:?}");
    }
}

/// The program by another name, with something beside it that is copied in its place.
fn beside(place: &Place, contents: &[u8]) -> PathBuf {
    let folder = place.home.path().join("programs");
    std::fs::create_dir_all(&folder).unwrap();
    let own = folder.join("lifeboat");
    if !own.exists() {
        std::fs::copy(PROGRAM, &own).unwrap();
    }
    let other = folder.join(format!("lifeboat-{}", std::env::consts::ARCH));
    std::fs::write(&other, contents).unwrap();
    std::fs::set_permissions(&other, PermissionsExt::from_mode(0o755)).unwrap();
    own
}

fn run_as(place: &Place, program: &Path, line: &str) -> Ran {
    let mut command = place.home.command_of(program.to_str().unwrap(), line.split_whitespace());
    Ran::from(command.output().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_of_the_wrong_kind_is_told_and_a_good_one_is_taken() {
    let endpoint = Endpoint::start().await;
    let place =
        with_stores(Server::start(&[]).await, endpoint.address, "{ prefix = ['env', 'XDG_CACHE_HOME=FOLDER'] }", None);
    let cache = place.home.path().join("cache").display().to_string();
    let plan = std::fs::read_to_string(place.home.path().join("plan.toml")).unwrap();
    let plan = plan.replace("FOLDER", &cache).replace("to = ['local', 'second']", "to = ['second']");
    place.home.write("plan.toml", plan);
    let line = "--plan plan.toml backup agents";
    let own = std::fs::read(PROGRAM).unwrap();
    let mut arm = own[..4096].to_vec();
    (arm[18], arm[19]) = (0xb7, 0);
    for (contents, why) in [
        (&arm[..], "our program is for aarch64"),
        (&own[..4096], "does not run there"),
        (b"#!/bin/sh\n", "is for unknown"),
    ] {
        let program = beside(&place, contents);
        let ran = run_as(&place, &program, line);
        let told = told(&ran);
        assert!(ran.code == Some(0) && told.contains("the bytes come through this machine"), "{why}: {ran:?}");
        assert!(told.contains(why) && told.contains("For packages"), "{why}: {ran:?}");
        assert!(told.contains(&format!("lifeboat-{}", std::env::consts::ARCH)), "{ran:?}");
    }
    let program = beside(&place, &own);
    // What was left by an earlier version goes, and what somebody damaged is not run.
    let bin = place.home.path().join("cache/lifeboat/bin");
    let old = bin.join("0".repeat(64));
    std::fs::write(&old, "old").unwrap();
    let long_ago = std::time::SystemTime::now() - std::time::Duration::from_hours(24 * 9);
    std::fs::File::options().write(true).open(&old).unwrap().set_modified(long_ago).unwrap();
    for _ in 0..2 {
        let ran = run_as(&place, &program, line);
        assert!(ran.code == Some(0) && told(&ran).contains("the work is done at"), "{ran:?}");
        assert!(!old.exists());
        let brought: Vec<PathBuf> = std::fs::read_dir(&bin).unwrap().map(|entry| entry.unwrap().path()).collect();
        let whole = brought.iter().find(|path| path.metadata().unwrap().len() == own.len() as u64).unwrap();
        std::fs::write(whole, "damaged").unwrap();
    }
}
