//! Stores that are full or gone, programs that lie, a server that ends in the middle: nothing is listed that cannot be
//! restored from, and nothing half-written is left.

use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use super::{Place, name};
use crate::support::small_disk::SmallDisk;
use crate::systems::databases::postgres::server::{Server, programs};

#[tokio::test(flavor = "multi_thread")]
async fn a_full_store_fails_nobody_else_and_keeps_nothing_half() {
    let Some(disk) = SmallDisk::mount("size=200k") else { return };
    let place = Place::new().await;
    place
        .server
        .execute(&["CREATE TABLE noise AS SELECT md5(i::text), md5((i*7)::text) b FROM generate_series(1, 20000) i"])
        .await;
    let plan = std::fs::read_to_string(place.home.path().join("plan.toml")).unwrap();
    let second = format!("{}/second", place.home.path().display());
    place.home.write("plan.toml", plan.replace(&second, &disk.path().display().to_string()));
    let ran = place.run("backup agents");
    assert_eq!(ran.code, Some(3), "{ran:?}");
    assert!(ran.out.contains("missing in second") && ran.out.contains("no space"), "{ran:?}");
    assert!(ran.out.contains("Make room there"), "{ran:?}");
    let left: Vec<_> = walk(disk.path());
    assert!(left.is_empty(), "{left:?}");
    let verified = place.run("verify");
    assert!(verified.code == Some(3) && verified.out.contains("it is not in second"), "{verified:?}");
    assert!(!verified.out.contains("flawed"), "{verified:?}");
    let point = &place.points()[0];
    assert_eq!(point["copies"].as_array().unwrap().len(), 1);
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    // Whose turn it is, is no recovery point.
    let entries = entries.filter(|path| name(path) != ".lifeboat");
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_not_mounted_is_told_and_not_made() {
    let place = Place::new().await;
    std::fs::remove_dir_all(place.home.path().join("second")).unwrap();
    let ran = place.run("backup agents");
    assert_eq!(ran.code, Some(3), "{ran:?}");
    assert!(ran.out.contains("missing in second") && !place.home.path().join("second").exists(), "{ran:?}");
    std::fs::remove_dir_all(place.home.path().join("local")).unwrap();
    let ran = place.run("backup agents");
    assert_eq!(ran.code, Some(1), "{ran:?}");
}

/// A folder of programs like those of `PostgreSQL`, with one of them replaced.
pub fn lying(place: &Place, program: &str, script: &str) {
    let folder = place.home.path().join("programs");
    std::fs::create_dir(&folder).unwrap();
    for real in ["pg_dump", "pg_dumpall", "pg_restore", "pg_basebackup"] {
        std::os::unix::fs::symlink(programs().join(real), folder.join(real)).unwrap();
    }
    std::fs::remove_file(folder.join(program)).unwrap();
    let version = format!("[ \"$1\" = --version ] && exec {} --version\n", programs().join(program).display());
    let script = script.replace("REAL", &programs().join(program).display().to_string());
    std::fs::write(folder.join(program), format!("#!/bin/sh\n{version}{script}\n")).unwrap();
    std::fs::set_permissions(folder.join(program), PermissionsExt::from_mode(0o755)).unwrap();
    let plan = std::fs::read_to_string(place.home.path().join("plan.toml")).unwrap();
    let settings = format!("[component.postgres]\nprograms = '{}'\n[[store]]\nname = 'local'", folder.display());
    place.home.write("plan.toml", plan.replacen("[[store]]\nname = 'local'", &settings, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_lies_is_not_believed() {
    for (script, why) in [
        ("exit 0", ""),
        ("REAL \"$@\" | head -c 3000; exit 0", ""),
        ("REAL \"$@\"; exit 3", "pg_dump"),
        ("REAL \"$@\" | head -c 3000; kill -9 $$", "pg_dump"),
        ("REAL \"$@\" --exclude-table-data='orders'", "the rows of public.orders are not in it"),
        ("REAL \"$@\" --exclude-table='orders'", "the rows of public.orders are not in it"),
    ] {
        let place = Place::new().await;
        lying(&place, "pg_dump", script);
        let backup = place.back_up("");
        assert_eq!(backup["outcome"], "failed", "{script}: {backup:#}");
        let told = backup["why"].as_str().unwrap();
        assert!(told.contains(why), "{script}: {told}");
        assert!(place.files("local").is_empty() && place.files("second").is_empty(), "{script}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_older_than_the_server_is_refused_before_it_begins() {
    let place = Place::new().await;
    lying(&place, "pg_dump", "exit 1");
    let fake = place.home.path().join("programs/pg_dump");
    std::fs::write(&fake, "#!/bin/sh\necho 'pg_dump (PostgreSQL) 11.22 (Debian)'\n").unwrap();
    let backup = place.back_up("");
    let why = backup["why"].as_str().unwrap();
    assert!(why.contains("is 11") && backup["next"].as_str().unwrap().contains("postgresql-client"), "{backup:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_started_anew_in_the_middle_leaves_nothing() {
    let mut place = Place::new().await;
    place.server.execute(&["CREATE TABLE noise AS SELECT md5(i::text) FROM generate_series(1, 200000) i"]).await;
    let line = "--plan plan.toml backup agents --json --rate 1MB";
    let child = place.home.command(line.split_whitespace()).stdout(std::process::Stdio::piped()).spawn().unwrap();
    while place.files("local").is_empty() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // It is back before anybody asks again: what goes on then would be of another moment.
    place.server.down();
    place.server.up().await;
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(place.files("local").is_empty() && place.files("second").is_empty());
    assert_eq!(place.back_up("")["outcome"], "taken");
}

/// A dump, SQL, a base backup, a snapshot, an append-only file and an archive.
const ENDINGS: [&str; 4] = [".dump", ".sql.gz", ".tar", ".rdb"];

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_cut_or_flipped_is_found() {
    let cache = crate::systems::databases::redis::server::Server::start("appendonly yes\n").await;
    cache.fill(300).await;
    let etc = tempfile::tempdir().unwrap();
    std::fs::write(etc.path().join("app.conf"), "a = 1\n".repeat(3000)).unwrap();
    let job = |name: &str, of: &str, method: &str| {
        format!(
            "[[job]]\nname = '{name}'\ndo = 'backup'\nof = '{of}'\nmethod = '{method}'\ncron = '0 2 * * *'\nto = ['local']\n"
        )
    };
    let more = [
        cache.component("cache", "rto = '1h'"),
        format!("[[component]]\nname = 'etc'\nkind = 'files'\naddress = '{}'\nrto = '1h'\n", etc.path().display()),
        job("rdb", "cache", "snapshot"),
        job("aof", "cache", "aof"),
        job("etc", "etc", "files"),
    ];
    let place = Place::with(Server::start(&[]).await, &more.concat());
    place.server.execute(&["CREATE TABLE t AS SELECT i, md5(i::text) a FROM generate_series(1, 3000) i"]).await;
    for method in ["dump", "sql", "base"] {
        place.back_up(&format!("--method {method} --to local"));
    }
    for line in ["cache --method snapshot", "cache --method aof", "etc"] {
        let ran = place.run(&format!("backup {line}"));
        assert_eq!(ran.code, Some(0), "{ran:?}");
    }
    let artefacts: Vec<_> = place
        .files("local")
        .into_iter()
        .filter(|path| ENDINGS.iter().any(|ending| name(path).contains(ending)))
        .collect();
    assert_eq!(artefacts.len(), 6, "{artefacts:?}");
    let rounds = if std::env::var_os("LIFEBOAT_FULL").is_some() { 340 } else { 6 };
    let mut seed = 4711_u64;
    for round in 0..rounds {
        for path in &artefacts {
            let whole = std::fs::read(path).unwrap();
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let at = usize::try_from(seed >> 33).unwrap() % whole.len();
            let damaged = if round % 4 == 3 {
                whole[..at].to_vec()
            } else {
                let mut flipped = whole.clone();
                flipped[at] ^= 1 << (seed % 8);
                flipped
            };
            std::fs::write(path, damaged).unwrap();
            let ran = place.run("verify --deep --json --read-only");
            let copies = ran.json();
            let bad = copies["copies"].as_array().unwrap().iter().filter(|copy| copy["whole"] == false).count();
            std::fs::write(path, whole).unwrap();
            assert!(ran.code == Some(3) && bad == 1, "{} at {at}: {ran:?}", name(path));
        }
    }
}
