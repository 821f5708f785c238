//! Stores of a log that are away for a while: nobody waits for them at each segment, and what they missed is brought.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use super::{DB, kept, name, place, run, segments};
use crate::support::program::Home;
use crate::support::waiting::until;
use crate::systems::databases::process::Process;

fn move_away(home: &Home, store: &str) {
    std::fs::rename(home.path().join(store), home.path().join(format!("{store}-away"))).unwrap();
}

fn bring_back(home: &Home, store: &str) {
    std::fs::rename(home.path().join(format!("{store}-away")), home.path().join(store)).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_store_is_waited_for_once() {
    let (_server, _folder, files) = segments(2).await;
    // Takes connections, and never answers.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap();
    let home = place(DB, "");
    let plan = std::fs::read_to_string(home.path().join("plan.toml")).unwrap();
    let bucket = format!(
        "[[store]]\nname = 'bucket'\nkind = 's3'\nbucket = 'b'\nregion = 'eu-west-1'\nendpoint = 'http://{address}'\n\
         access_key = 'env:PATH'\nsecret_key = 'env:PATH'\n[[job]]\nname = 'log'"
    );
    let plan = plan.replacen("[[job]]\nname = 'log'", &bucket, 1).replace("'local', 'second'", "'local', 'bucket'");
    home.write("plan.toml", plan);
    let pushed = |file: &std::path::Path| {
        let begun = Instant::now();
        let ran = run(&home, &format!("push {}", file.display()));
        assert!(ran.code == Some(0) && ran.out.contains("is not in bucket"), "{ran:?}");
        (begun.elapsed(), ran.out)
    };
    let (first, _) = pushed(&files[0]);
    let (second, told) = pushed(&files[1]);
    assert!(first > Duration::from_secs(9) && second < Duration::from_secs(3), "{first:?} {second:?}");
    assert!(told.contains("it has been away for"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_store_has_missed_is_brought_to_it() {
    let (_server, _folder, files) = segments(4).await;
    let home = place(DB, "");
    let push = |file: &std::path::Path| run(&home, &format!("push {}", file.display())).code;
    assert_eq!(push(&files[0]), Some(0));
    move_away(&home, "second");
    assert_eq!((push(&files[1]), push(&files[2])), (Some(0), Some(0)));
    let away = run(&home, "bring");
    assert!(away.code == Some(3) && away.out.contains("second cannot be looked into"), "{away:?}");
    bring_back(&home, "second");
    let brought = run(&home, "bring --json");
    assert_eq!(brought.code, Some(0), "{brought:?}");
    assert_eq!(
        (&brought.json()["stores"][0]["store"], &brought.json()["stores"][0]["files"]),
        (&"second".into(), &2.into())
    );
    for file in &files[..3] {
        let there = zstd::decode_all(std::fs::File::open(kept(&home, "second", file)).unwrap()).unwrap();
        assert!(there == std::fs::read(file).unwrap(), "{}", name(file));
    }
    let nothing = run(&home, "bring");
    assert!(nothing.code == Some(0) && nothing.out.contains("has what another has"), "{nothing:?}");
    // What is cut off is told, and brings no other down.
    let cut = kept(&home, "second", &files[1]);
    let bytes = std::fs::read(&cut).unwrap();
    std::fs::write(&cut, &bytes[..bytes.len() / 2]).unwrap();
    let told = run(&home, "bring");
    assert!(told.code == Some(3) && told.out.contains(&format!("{} is left", name(&files[1]))), "{told:?}");
    assert_eq!(std::fs::read(&cut).unwrap().len(), bytes.len() / 2, "nothing is replaced");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_job_of_the_log_brings_it_in_its_turn_and_watch_does_too() {
    let (_server, _folder, files) = segments(2).await;
    let home = place(DB, "");
    let plan = std::fs::read_to_string(home.path().join("plan.toml")).unwrap();
    let plan = plan.replace("continuous = true\n", "continuous = true\ncron = '* * * * *'\nlag = '20s'\n");
    home.write("plan.toml", plan);
    let push = |file: &std::path::Path| run(&home, &format!("push {}", file.display())).code;
    move_away(&home, "second");
    assert_eq!(push(&files[0]), Some(0));
    bring_back(&home, "second");
    let due = home.run("--plan plan.toml backup --due --job log");
    assert!(due.code == Some(0) && due.out.contains("1 file of the log"), "{due:?}");
    assert!(kept(&home, "second", &files[0]).exists());
    move_away(&home, "second");
    assert_eq!(push(&files[1]), Some(0));
    bring_back(&home, "second");
    let _watch = Process::start(&mut home.command(["--plan", "plan.toml", "watch"]));
    until("watch brings it", || kept(&home, "second", &files[1]).exists());
}
