//! `lifeboat doctor`: what is missing here, each with the command that mends it.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt;

use chrono::{TimeDelta, Utc};
use serde_json::Value;

use crate::support::program::{Home, PROGRAM, Ran};

/// What is wrong: where, of what, why, and what mends it or shows more.
type Wrong = (String, String, String, String);

fn plan(home: &Home, rest: &str) {
    home.write("plan.toml", format!("[platform]\nname = 'p'\n{rest}"));
}

fn wrong(ran: &Ran) -> Vec<Wrong> {
    let json = ran.json();
    let word = |check: &Value, key: &str| check[key].as_str().unwrap_or_default().to_owned();
    let next = |check: &Value| format!("{}{}", word(check, "mend"), word(check, "look"));
    let checks = json["checks"].as_array().unwrap().iter().filter(|check| check["state"] == "wrong");
    checks.map(|check| (word(check, "area"), word(check, "about"), word(check, "told"), next(check))).collect()
}

#[test]
fn a_bastion_that_has_all_it_needs_is_told_so() {
    let home = Home::new();
    std::fs::create_dir(home.path().join("store")).unwrap();
    let store = home.path().join("store");
    plan(&home, &format!("[[store]]\nname = 'local'\nkind = 'directory'\npath = '{}'\n", store.display()));
    let ran = home.run("--plan plan.toml --state state doctor");
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.out.contains("nothing wrong"), "{}", ran.out);
    assert!(ran.out.contains("the journal: it begins with the first event"), "{}", ran.out);
    assert!(ran.out.contains("ok    stores: 1 of 1 take what is written"), "{}", ran.out);
    assert!(!home.path().join("state").exists() && store.read_dir().unwrap().next().is_none(), "it leaves nothing");
}

#[test]
fn what_is_missing_comes_with_the_command_that_mends_it() {
    let home = Home::new();
    plan(
        &home,
        "[[component]]\nname = 'db'\nkind = 'postgres'\nversion = '99'\naddress = 'postgresql://x@127.0.0.1:1/x'\n\
         password = 'env:NO_SUCH_VARIABLE'\n\
         [[store]]\nname = 'local'\nkind = 'directory'\npath = '/no/such/folder'\n\
         [[job]]\nname = 'dump'\ndo = 'backup'\nof = 'db'\nmethod = 'dump'\nevery = '1h'\nto = ['local']\n\
         [[job]]\nname = 'own'\ndo = 'command'\nrun = ['no-such-program']\nevery = '1h'\n",
    );
    let ran = home.run("--plan plan.toml --state state doctor --json");
    assert_eq!(ran.code, Some(3), "{ran:?}");
    let wrong = wrong(&ran);
    let find = |area: &str, about: &str| {
        wrong
            .iter()
            .find(|check| check.0 == area && check.1 == about)
            .unwrap_or_else(|| panic!("{area} {about}: {wrong:#?}"))
    };
    let (_, _, told, mend) = find("programs", "pg_dump");
    assert!(
        told.contains("older than the server's 99") && mend == "apt-get install postgresql-client-99",
        "{told} {mend}"
    );
    assert!(find("programs", "no-such-program").2.contains("missing"));
    assert!(find("stores", "local").3.contains("If the store is new: sudo install -d"), "{wrong:#?}");
    assert!(find("credentials", "secrets in variables").3.starts_with("printenv NO_SUCH_VARIABLE | install "));
    assert!(find("secrets", "env:NO_SUCH_VARIABLE").2.contains("not set"));
    assert!(find("stores", "local").2.contains("/no/such/folder"));
    assert!(find("credentials", "secrets in variables").2.contains("end with this login"));
    assert!(wrong.iter().all(|check| !check.3.is_empty()), "{wrong:#?}");
    let text = home.run("--plan plan.toml --state state doctor --wrong").out;
    assert!(text.contains("WRONG") && !text.contains("  ok  "), "{text}");
}

#[test]
fn credentials_that_end_with_this_login_are_told() {
    let home = Home::new();
    plan(
        &home,
        "[[store]]\nname = 'far'\nkind = 'directory'\npath = '/backups'\nreach = { ssh = 'no-such-host.invalid' }\n",
    );
    let mut command = home.command("--plan plan.toml --state state doctor --json".split(' '));
    command.env("SSH_CONNECTION", "10.0.0.1 1 10.0.0.2 22").env("SSH_AUTH_SOCK", "/tmp/ssh-abc/agent.12");
    command.env("AWS_SESSION_TOKEN", "token").env("AWS_CREDENTIAL_EXPIRATION", "2024-11-18T03:00:00Z");
    let ran: Ran = command.output().unwrap().into();
    let wrong = wrong(&ran);
    let told =
        |about: &str| wrong.iter().find(|check| check.1 == about).unwrap_or_else(|| panic!("{wrong:#?}")).2.clone();
    assert!(told("ssh agent").contains("no-such-host.invalid"));
    assert!(told("AWS session").contains("2024-11-18T03:00:00"));
    assert!(wrong.iter().any(|check| check.0 == "reach"), "{wrong:#?}");
}

#[test]
fn a_state_folder_that_cannot_be_written_is_told() {
    let home = Home::new();
    plan(&home, "");
    let state = home.path().join("state");
    std::fs::create_dir(&state).unwrap();
    std::fs::set_permissions(&state, std::fs::Permissions::from_mode(0o500)).unwrap();
    // Root may write everywhere, so nobody looks in its place.
    let line = "--plan plan.toml --state state doctor --json".split(' ');
    let mut command = home.command(line.clone());
    if rustix::process::geteuid().is_root() {
        std::os::unix::fs::chown(home.path(), Some(65_534), Some(65_534)).unwrap();
        command = home.command_of("setpriv", ["--reuid=65534", "--regid=65534", "--clear-groups", PROGRAM]);
        command.args(line);
    }
    let ran: Ran = command.output().unwrap().into();
    let found = wrong(&ran);
    let check = found.iter().find(|check| check.1 == "the state folder").unwrap_or_else(|| panic!("{ran:?}"));
    assert!(check.3.starts_with("sudo setfacl -m "), "{check:?}");
}

/// A web server whose clock is off by so much.
fn clock(skew: TimeDelta) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map(Result::unwrap) {
            let lines = BufReader::new(stream.try_clone().unwrap()).lines();
            lines.map_while(Result::ok).take_while(|line| !line.is_empty()).for_each(drop);
            let date = (Utc::now() + skew).format("%a, %d %b %Y %H:%M:%S GMT");
            let head = format!("HTTP/1.1 200 OK\r\nDate: {date}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
            let _ = stream.write_all(head.as_bytes());
        }
    });
    address
}

fn clocks(skews: &[i64]) -> (Option<i32>, Vec<Wrong>) {
    let home = Home::new();
    let one = |(number, skew): (usize, &i64)| {
        let address = clock(TimeDelta::seconds(*skew));
        format!("[[component]]\nname = 's{number}'\nkind = 'http'\naddress = 'http://{address}/'\n")
    };
    plan(&home, &skews.iter().enumerate().map(one).collect::<String>());
    let ran = home.run("--plan plan.toml --state state doctor --json");
    let found = wrong(&ran).into_iter().filter(|check| check.0 == "clock").collect();
    (ran.code, found)
}

#[test]
fn a_clock_that_is_off_is_told_and_the_majority_says_whose() {
    let (code, found) = clocks(&[-17_100]);
    assert_eq!((code, found.len()), (Some(3), 1), "{found:?}");
    assert!(found[0].1 == "s0" && found[0].2.contains("behind ours; one server alone"), "{found:?}");
    assert!(found[0].3.starts_with("timedatectl set-ntp true"), "{found:?}");
    let (code, found) = clocks(&[0, 17_100, 0]);
    assert_eq!((code, found.len()), (Some(3), 1), "{found:?}");
    assert!(found[0].1 == "s1" && found[0].2.ends_with("ahead of ours"), "{found:?}");
    let (_, found) = clocks(&[17_100, 17_100, 0]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].1 == "clock" && found[0].2.contains("behind 2 of 3 servers: s0, s1"), "{found:?}");
    assert_eq!(found[0].3, "timedatectl set-ntp true");
    assert_eq!(clocks(&[0, 0]), (Some(0), Vec::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn rewrites_that_a_killed_backup_left_held_back_are_told() {
    let server = crate::systems::databases::redis::server::Server::start("appendonly yes\n").await;
    let home = Home::new();
    let component = server.component("cache", "");
    let rest = format!(
        "{component}\n[[store]]\nname = 'local'\nkind = 'directory'\npath = '{}'\n[[job]]\nname = 'aof'\ndo = 'backup'\n\
         of = 'cache'\nmethod = 'aof'\ncron = '0 2 * * *'\nto = ['local']\n",
        home.path().display()
    );
    plan(&home, &rest);
    let told = |home: &Home| {
        let ran = home.run("--plan plan.toml --state state doctor --json");
        wrong(&ran).into_iter().find(|wrong| wrong.1 == "cache")
    };
    assert!(told(&home).is_none());
    server.run("CONFIG SET auto-aof-rewrite-percentage 2000000100").await.unwrap();
    let (.., next) = told(&home).unwrap();
    assert!(next.ends_with("CONFIG SET auto-aof-rewrite-percentage 100"), "{next}");
}
