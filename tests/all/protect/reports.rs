//! What is reported of a run, to a listener that is really asked.

use std::sync::{Arc, Mutex};

use lifeboat::protect::due::Outcome;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

use super::{Counting, HOURLY, Host, QUICK, WallClock, home};
use crate::support::program::Home;

/// Requests as they came: the first line, whether it brought the token, and the body.
type Heard = Arc<Mutex<Vec<(String, bool, Value)>>>;

/// Answers the first so many requests with 503, and then with 200.
async fn listener(refusals: usize) -> (String, Heard) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let heard = Heard::default();
    let shared = Arc::clone(&heard);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let mut stream = BufReader::new(stream);
            let (mut head, mut length) = (Vec::new(), 0);
            loop {
                let mut line = String::new();
                if stream.read_line(&mut line).await.unwrap() <= 2 {
                    break;
                }
                if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
                head.push(line);
            }
            let mut body = vec![0; length];
            stream.read_exact(&mut body).await.unwrap();
            let said = head.iter().any(|line| line.contains("Bearer opensesame1"));
            let count = {
                let mut heard = shared.lock().unwrap();
                heard.push((head[0].trim().to_owned(), said, serde_json::from_slice(&body).unwrap_or_default()));
                heard.len()
            };
            let status = if count <= refusals { "503 Busy" } else { "200 OK" };
            let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    (address, heard)
}

#[tokio::test(flavor = "multi_thread")]
async fn success_and_failure_are_reported_with_all_there_is_to_know() {
    let (address, heard) = listener(1).await;
    let home = home();
    std::fs::write(home.path().join("token"), "opensesame1\n").unwrap();
    let token = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(home.path().join("token"), token).unwrap();
    let plan = format!(
        "{HOURLY}ping = '{address}/ping/secret-uuid'\nping_failures = true\ntell = ['hook']\n\
         [[channel]]\nname = 'hook'\nkind = 'webhook'\ntarget = '{address}/hook'\nsecret = 'file:HOME/token'\n"
    );
    let clock = WallClock::at("2024-11-18T03:00:10Z");
    let host = Host::new(home.path(), "a", &plan, &clock, QUICK);
    let said = host.run(&Counting::default()).await;
    assert!(said[0].troubles.is_empty(), "{said:?}");
    clock.pass(chrono::TimeDelta::hours(1));
    let failing = Counting { outcome: Some(Outcome::failed("no route with opensesame1")), ..Counting::default() };
    host.run(&failing).await;
    let heard = heard.lock().unwrap();
    let lines: Vec<&str> = heard.iter().map(|(line, ..)| line.as_str()).collect();
    let wanted = [
        "POST /ping/secret-uuid HTTP/1.1",
        "POST /ping/secret-uuid HTTP/1.1",
        "POST /hook HTTP/1.1",
        "POST /ping/secret-uuid/fail HTTP/1.1",
        "POST /hook HTTP/1.1",
    ];
    assert_eq!(lines, wanted, "once more where it was refused");
    assert!(heard[2].1 && !heard[1].1, "the token goes to its channel alone");
    let done = &heard[2].2;
    assert_eq!((&done["job"], &done["outcome"], &done["platform"]), (&"j".into(), &"done".into(), &"p".into()));
    assert_eq!((&done["slot"], &done["error"]), (&"2024-11-18T03:00:00.000Z".into(), &Value::Null));
    let failed = &heard[4].2;
    assert_eq!((&failed["outcome"], &failed["error"]), (&"failed".into(), &"no route with [***]".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_who_listens_is_told_and_changes_nothing() {
    let home = home();
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let plan = format!("{HOURLY}ping = 'http://{closed}/secret-uuid'\n");
    let clock = WallClock::at("2024-11-18T03:00:10Z");
    let host = Host::new(home.path(), "a", &plan, &clock, QUICK);
    let said = host.run(&Counting::default()).await;
    let trouble = &said[0].troubles[0];
    assert!(trouble.starts_with("its ping was not taken: 127.0.0.1") && !trouble.contains("uuid"), "{trouble}");
    let records = host.books.book(&host.plan.job[0]).book.records("j", 5).unwrap();
    assert!(records[0].run().unwrap().ending.is_well());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_is_told_what_came_of_verifying() {
    let (address, heard) = listener(0).await;
    let home = Home::new();
    let root = home.path().display();
    std::fs::create_dir(home.path().join("local")).unwrap();
    home.write(
        "plan.toml",
        format!(
            "[platform]\nname = 'p'\n[[component]]\nname = 'memory'\nkind = 'http'\naddress = 'http://127.0.0.1:1'\n\
             [[store]]\nname = 'local'\nkind = 'directory'\npath = '{root}/local'\n\
             [[job]]\nname = 'export'\ndo = 'backup'\nof = 'memory'\nmethod = 'export'\nevery = '1h'\nto = ['local']\n\
             run = ['echo', 'precious']\n[[channel]]\nname = 'hook'\nkind = 'webhook'\ntarget = '{address}/hook'\n"
        ),
    );
    let run = |line: &str| home.run(&format!("--plan plan.toml --state state {line}"));
    assert_eq!(run("backup memory").code, Some(0));
    let verified = run("verify --tell hook");
    assert_eq!(verified.code, Some(0), "{verified:?}");
    let stored = home.path().join("local/memory/daily");
    let file = std::fs::read_dir(stored).unwrap().next().unwrap().unwrap().path();
    std::fs::write(&file, "something else").unwrap();
    assert_eq!(run("verify --deep --tell hook").code, Some(3));
    let nobody = run("verify --tell nobody");
    assert!(nobody.code == Some(2) && nobody.err.contains("nobody"), "{nobody:?}");
    assert_eq!(run("--read-only verify --tell hook").code, Some(4));
    let heard = heard.lock().unwrap();
    let told: Vec<(&Value, &Value)> = heard.iter().map(|(_, _, body)| (&body["job"], &body["outcome"])).collect();
    assert_eq!(told, [(&"verify".into(), &"done".into()), (&"verify".into(), &"failed".into())]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_channels_of_a_job_are_told_of_a_backup_by_hand_too() {
    let (address, heard) = listener(0).await;
    let home = Home::new();
    let root = home.path().display();
    std::fs::create_dir(home.path().join("local")).unwrap();
    let plan = |program: &str| {
        format!(
            "[platform]\nname = 'p'\n[[component]]\nname = 'memory'\nkind = 'http'\naddress = 'http://127.0.0.1:1'\n\
             [[store]]\nname = 'local'\nkind = 'directory'\npath = '{root}/local'\n\
             [[job]]\nname = 'export'\ndo = 'backup'\nof = 'memory'\nmethod = 'export'\nevery = '1h'\nto = ['local']\n\
             run = ['{program}', 'precious']\ntell = ['hook']\n\
             [[channel]]\nname = 'hook'\nkind = 'webhook'\ntarget = '{address}/hook'\n"
        )
    };
    let run = |program: &str| {
        home.write("plan.toml", plan(program));
        home.run("--plan plan.toml --state state backup memory").code
    };
    assert_eq!((run("echo"), run("false")), (Some(0), Some(1)));
    let heard = heard.lock().unwrap();
    let told: Vec<(&Value, &Value)> = heard.iter().map(|(_, _, body)| (&body["job"], &body["outcome"])).collect();
    assert_eq!(told, [(&"export".into(), &"done".into()), (&"export".into(), &"failed".into())]);
    assert!(heard[0].2["told"].as_str().unwrap().contains("memory/export_"), "{heard:?}");
    assert!(heard[1].2["error"].is_string(), "{heard:?}");
}
