//! The log of a real server: handed over, kept, given back, and refused where it must be.

mod ahead;
mod expired;
mod stores;
mod window;

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::support::program::{Home, PROGRAM, Ran};
use crate::support::waiting::until;
use crate::systems::databases::account::Account;
use crate::systems::databases::postgres::server::{Server, programs};

/// A home that the account of the server can get into, with two stores and a job for the log.
pub fn place(component: &str, second: &str) -> Home {
    let home = Home::new();
    let root = home.path().display().to_string();
    let open = |path: &Path| std::fs::set_permissions(path, PermissionsExt::from_mode(0o777)).unwrap();
    open(home.path());
    for store in ["local", "second"] {
        std::fs::create_dir(home.path().join(store)).unwrap();
        open(&home.path().join(store));
    }
    std::fs::copy(PROGRAM, home.path().join("lifeboat")).unwrap();
    let plan = home.write(
        "plan.toml",
        format!(
            "[platform]\nname = 'p'\nstate = '{root}/state'\n{component}\
             [[store]]\nname = 'local'\nkind = 'directory'\npath = '{root}/local'\n\
             [[store]]\nname = 'second'\nkind = 'directory'\npath = '{root}/second'\n{second}\
             [[job]]\nname = 'log'\ndo = 'backup'\nof = 'db'\nmethod = 'wal'\ncontinuous = true\nbase = 'base'\n\
             to = ['local', 'second']\n\
             [[job]]\nname = 'base'\ndo = 'backup'\nof = 'db'\nmethod = 'base'\ncron = '0 2 * * *'\nto = ['local']\n"
        ),
    );
    std::fs::set_permissions(plan, PermissionsExt::from_mode(0o644)).unwrap();
    home
}

pub fn run(home: &Home, line: &str) -> Ran {
    home.run(&format!("--plan plan.toml wal {line}"))
}

/// A server, and copies of the first segments that it has written: each ends with a switch.
pub async fn segments(count: usize) -> (Server, tempfile::TempDir, Vec<PathBuf>) {
    let server = Server::start(&["wal_keep_size=1GB"]).await;
    let folder = tempfile::tempdir().unwrap();
    let mut copies = Vec::new();
    for number in 0..count {
        let client = server.superuser().await;
        client.batch_execute(&format!("CREATE TABLE t{number} AS SELECT 1 AS a")).await.unwrap();
        let row = client.query_one("SELECT pg_walfile_name(pg_switch_wal())", &[]).await.unwrap();
        let name: String = row.get(0);
        let copy = folder.path().join(&name);
        std::fs::copy(server.folder.path().join("data/pg_wal").join(&name), &copy).unwrap();
        copies.push(copy);
    }
    (server, folder, copies)
}

pub fn name(path: &Path) -> &str {
    path.file_name().unwrap().to_str().unwrap()
}

pub fn kept(home: &Home, store: &str, file: &Path) -> PathBuf {
    home.path().join(format!("{store}/postgres/wal/{}.zst", name(file)))
}

pub const DB: &str =
    "[[component]]\nname = 'db'\nkind = 'postgres'\naddress = 'postgresql://me@127.0.0.1:1/postgres'\n";

#[tokio::test(flavor = "multi_thread")]
async fn the_same_may_come_twice_and_nothing_else_in_its_place() {
    let (_server, _folder, files) = segments(2).await;
    let home = place(DB, "");
    let push = |file: &Path| run(&home, &format!("push {} --json", file.display()));
    let outcomes = |ran: &Ran| -> Vec<String> {
        let report = ran.json();
        report["stores"].as_array().unwrap().iter().map(|one| one["outcome"].as_str().unwrap().to_owned()).collect()
    };
    let first = push(&files[0]);
    assert_eq!((first.code, outcomes(&first)), (Some(0), vec!["written".to_owned(); 2]), "{first:?}");
    let plain = std::fs::read(&files[0]).unwrap();
    let before = std::fs::read(kept(&home, "local", &files[0])).unwrap();
    assert_eq!(zstd::decode_all(before.as_slice()).unwrap(), plain);
    // As any program unpacks it.
    let by_hand = Command::new("zstd").arg("-dc").arg(kept(&home, "local", &files[0])).output();
    assert!(by_hand.is_err() || by_hand.unwrap().stdout == plain);
    let again = push(&files[0]);
    assert_eq!((again.code, outcomes(&again)), (Some(0), vec!["was there".to_owned(); 2]), "{again:?}");
    // What a server writes after a switch nobody reads, and it is another file all the same.
    let mut other = plain.clone();
    *other.last_mut().unwrap() ^= 1;
    let another = tempfile::tempdir().unwrap();
    let path = another.path().join(name(&files[0]));
    std::fs::write(&path, other).unwrap();
    let refused = push(&path);
    assert!(refused.code == Some(4) && refused.err.contains("another one of the same name"), "{refused:?}");
    assert_eq!(std::fs::read(kept(&home, "local", &files[0])).unwrap(), before);
    // A segment under the name of another, and half of one.
    std::fs::write(another.path().join(name(&files[1])), &plain).unwrap();
    let misnamed = push(&another.path().join(name(&files[1])));
    assert!(misnamed.code == Some(4) && misnamed.err.contains("it is the segment that begins at"), "{misnamed:?}");
    std::fs::write(another.path().join(name(&files[1])), &plain[..1 << 20]).unwrap();
    let half = push(&another.path().join(name(&files[1])));
    assert!(half.code == Some(4) && half.err.contains("it has 1048576 bytes of"), "{half:?}");
    assert!(!kept(&home, "local", &files[1]).exists());
    let nonsense = push(&home.write("nonsense", "x"));
    assert!(nonsense.code == Some(2) && nonsense.err.contains("no name of a file of a log"), "{nonsense:?}");
    assert_eq!(push(&files[1]).code, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_server_does_not_get_among_it() {
    let (_ours, _folder, files) = segments(1).await;
    let home = place(DB, "");
    assert_eq!(run(&home, &format!("push {}", files[0].display())).code, Some(0));
    // A cluster that was made anew: the template of the tests has one number for all, so it is changed.
    let mut bytes = std::fs::read(&files[0]).unwrap();
    bytes[24] ^= 1;
    let other = tempfile::tempdir().unwrap();
    let path = other.path().join(name(&files[0]));
    std::fs::write(&path, bytes).unwrap();
    let refused = run(&home, &format!("push {}", path.display()));
    assert!(refused.code == Some(4) && refused.err.contains("the log of another server lies there"), "{refused:?}");
    // Nor where only a script has archived until now.
    std::fs::remove_dir_all(home.path().join("local/.lifeboat")).unwrap();
    std::fs::remove_dir_all(home.path().join("second/.lifeboat")).unwrap();
    let refused = run(&home, &format!("push {}", path.display()));
    assert!(refused.code == Some(4) && refused.err.contains("the log of another server lies there"), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_store_is_enough_and_none_is_not() {
    let (_server, _folder, files) = segments(2).await;
    let home = place(DB, "");
    let away =
        |store: &str| std::fs::rename(home.path().join(store), home.path().join(format!("{store}-away"))).unwrap();
    away("second");
    let ran = run(&home, &format!("push {}", files[0].display()));
    assert!(ran.code == Some(0) && ran.out.contains("is not in second"), "{ran:?}");
    away("local");
    let ran = run(&home, &format!("push {}", files[1].display()));
    assert!(ran.code == Some(1) && ran.err.contains("no store has taken"), "{ran:?}");
    assert!(ran.err.contains("hands it over again"), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sealed_is_known_without_its_key_and_given_back_with_it() {
    let keys = tempfile::tempdir().unwrap();
    let key = keys.path().join("key");
    assert!(Command::new("age-keygen").arg("-o").arg(&key).output().unwrap().status.success());
    let text = std::fs::read_to_string(&key).unwrap();
    let recipient = text.lines().find_map(|line| line.strip_prefix("# public key: ")).unwrap();
    let (_server, _folder, files) = segments(1).await;
    let home = place(DB, &format!("encrypt_to = ['{recipient}']\n"));
    let push = |file: &Path| run(&home, &format!("push {}", file.display()));
    assert_eq!(push(&files[0]).code, Some(0));
    assert!(home.path().join(format!("second/postgres/wal/{}.zst.age", name(&files[0]))).exists());
    assert_eq!(push(&files[0]).code, Some(0), "the same, though nobody here can read it");
    let mut other = std::fs::read(&files[0]).unwrap();
    *other.last_mut().unwrap() ^= 1;
    std::fs::remove_file(kept(&home, "local", &files[0])).unwrap();
    let path = keys.path().join(name(&files[0]));
    std::fs::write(&path, &other).unwrap();
    assert_eq!(push(&path).code, Some(4));
    let fetch = || run(&home, &format!("fetch --in second {} got", name(&files[0])));
    let without = fetch();
    assert!(without.code == Some(200) && without.err.contains("decrypt_with"), "{without:?}");
    let plan = std::fs::read_to_string(home.path().join("plan.toml")).unwrap();
    let with = format!("encrypt_to = ['{recipient}']\ndecrypt_with = 'file:{}'\n", key.display());
    home.write("plan.toml", plan.replace(&format!("encrypt_to = ['{recipient}']\n"), &with));
    assert_eq!(fetch().code, Some(0));
    assert_eq!(std::fs::read(home.path().join("got")).unwrap(), std::fs::read(&files[0]).unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_damaged_or_cannot_be_asked_for_never_looks_like_the_end_of_the_log() {
    let (_server, _folder, files) = segments(2).await;
    let home = place(DB, "");
    assert_eq!(run(&home, &format!("push {}", files[0].display())).code, Some(0));
    let fetch = |file: &Path| run(&home, &format!("fetch {} got", name(file)));
    let end = fetch(&files[1]);
    assert_eq!((end.code, end.out.as_str(), end.err.as_str()), (Some(1), "", ""), "the log ends here");
    // One copy is damaged: the other is given.
    let damage = |store: &str| {
        let path = kept(&home, store, &files[0]);
        let mut bytes = std::fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(path, bytes).unwrap();
    };
    damage("local");
    let other = fetch(&files[0]);
    assert!(other.code == Some(0) && other.err.contains("local: "), "{other:?}");
    assert_eq!(std::fs::read(home.path().join("got")).unwrap(), std::fs::read(&files[0]).unwrap());
    damage("second");
    let unsure = fetch(&files[0]);
    assert!(unsure.code == Some(200) && unsure.err.contains("nobody can tell"), "{unsure:?}");
    // Nor does a plan that cannot be read, a name that is none, or a store that the plan does not know.
    assert_eq!(run(&home, "fetch pg_wal/RECOVERYXLOG 000000010000000000000001").code, Some(200));
    assert_eq!(run(&home, &format!("fetch --in nowhere {} got", name(&files[1]))).code, Some(200));
    assert_eq!(home.run(&format!("--plan none.toml wal fetch {} got", name(&files[1]))).code, Some(200));
    // A store that is away may have it.
    std::fs::rename(home.path().join("second"), home.path().join("away")).unwrap();
    assert_eq!(fetch(&files[1]).code, Some(200));
    home.write("standby.signal", "");
    assert_eq!(fetch(&files[1]).code, Some(1), "one that follows asks again");
}

#[tokio::test(flavor = "multi_thread")]
async fn damage_of_the_server_is_kept_and_told() {
    let (_server, _folder, files) = segments(1).await;
    let home = place(DB, "");
    let mut bytes = std::fs::read(&files[0]).unwrap();
    bytes[9000] ^= 1;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name(&files[0]));
    std::fs::write(&path, bytes).unwrap();
    let ran = run(&home, &format!("push {}", path.display()));
    assert!(ran.code == Some(0) && ran.out.contains("was not whole already: it is damaged at"), "{ran:?}");
    assert_eq!(run(&home, &format!("fetch {} got", name(&path))).code, Some(200));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_is_restored_to_its_last_commit_from_what_it_handed_over() {
    let server = Server::start(&["archive_mode=on", "archive_timeout=1s"]).await;
    let home = place(&server.component("db", "postgres", ""), "");
    let root = home.path().display().to_string();
    let command = format!("HOME=/tmp {root}/lifeboat --plan {root}/plan.toml wal");
    server
        .execute(&[
            &format!("ALTER SYSTEM SET archive_command = '{command} push %p'"),
            "SELECT pg_reload_conf()",
            "CREATE TABLE t (a int)",
            "INSERT INTO t SELECT generate_series(1, 1000)",
        ])
        .await;
    // By the same account: what one keeps the other must be able to read.
    Account::of("postgres").own(&server.folder.path().join("login.password"));
    let mut as_server = home.command("--plan plan.toml backup db --method base".split_whitespace());
    Account::of("postgres").run(&mut as_server);
    let ran = Ran::from(as_server.output().unwrap());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    server.execute(&["INSERT INTO t SELECT generate_series(1, 500)", "SELECT pg_switch_wal()"]).await;
    let client = server.superuser().await;
    let waiting = async || {
        let row = client.query_one("SELECT last_archived_wal >= pg_walfile_name(pg_current_wal_lsn() - 1), last_failed_wal FROM pg_stat_archiver", &[]).await.unwrap();
        let failed: Option<String> = row.get(1);
        assert_eq!(failed, None, "archiving fails");
        row.get::<_, Option<bool>>(0) == Some(true)
    };
    for _ in 0..100 {
        if waiting().await {
            break;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    drop(server);
    let data = home.path().join("data");
    std::fs::create_dir(&data).unwrap();
    let base = std::fs::read_dir(home.path().join("local/postgres/base")).unwrap().next().unwrap().unwrap().path();
    let plain = zstd::decode_all(std::fs::File::open(base).unwrap()).unwrap();
    let tar = home.write("base.tar", plain);
    assert!(Command::new("tar").arg("-xf").arg(tar).arg("-C").arg(&data).status().unwrap().success());
    std::fs::write(data.join("recovery.signal"), "").unwrap();
    assert!(Command::new("chmod").args(["-R", "u=rwX,go="]).arg(&data).status().unwrap().success());
    assert!(Command::new("chown").args(["-R", "postgres"]).arg(&data).status().unwrap().success());
    let port = crate::systems::databases::process::free_port();
    let mut postgres = Command::new(programs().join("postgres"));
    Account::of("postgres").run(&mut postgres);
    postgres.arg("-D").arg(&data).current_dir(home.path());
    for setting in [
        format!("port={port}"),
        "archive_mode=off".to_owned(),
        "listen_addresses=127.0.0.1".to_owned(),
        "unix_socket_directories=".to_owned(),
        format!("restore_command={command} fetch %f %p"),
        "recovery_target_action=promote".to_owned(),
    ] {
        postgres.args(["-c", &setting]);
    }
    let _process = crate::systems::databases::process::Process::start(&mut postgres);
    let count = || {
        let asked = Command::new("psql")
            .args(["-X", "-h", "127.0.0.1", "-U", "postgres", "-Atc", "SELECT count(*), pg_is_in_recovery() FROM t"])
            .args(["-p", &port.to_string()])
            .env("PGPASSWORD", crate::systems::databases::postgres::server::PASSWORD)
            .output()
            .unwrap();
        String::from_utf8_lossy(&asked.stdout).trim().to_owned()
    };
    until("it is out of recovery with all rows", || count() == "1500|f");
}
