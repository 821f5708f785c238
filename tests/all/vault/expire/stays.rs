//! What stays and what goes.

use serde_json::Value;

use super::{Keeping, receipt};
use crate::support::program::Ran;
use crate::support::waiting::until;
use crate::vault::points::put_bytes;

#[test]
fn what_is_older_goes_but_never_the_verified_ones_that_are_wanted() {
    let place = Keeping::new("keep = { age = '7d', at_least = 2 }");
    let old: Vec<String> = [900, 800, 700].map(|hours| place.verified("local", hours)).to_vec();
    let unsure = place.dump("local", 600);
    let newest = place.dump("local", 500);
    let gone = [old[0].clone(), unsure.clone()];
    let mut wanted = gone.to_vec();
    wanted.sort();
    assert_eq!(place.going("local"), wanted, "{:#?}", place.judged("local"));
    let shown = place.run("expire --dry-run local");
    assert!(shown.code == Some(0) && shown.out.contains("older than 7d"), "{shown:?}");
    assert_eq!(place.files("local").len(), 8, "a dry run throws nothing away");
    let nobody = place.run("expire local");
    assert!(nobody.code == Some(4) && nobody.err.contains("--yes"), "{nobody:?}");
    assert_eq!(place.files("local").len(), 8);
    let ran = place.run("expire local --yes --json");
    assert_eq!((ran.code, ran.json()["done"]["gone"].as_array().unwrap().len()), (Some(0), 2), "{ran:?}");
    let left: Vec<String> = place.points().iter().map(|point| point["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(left, [newest, old[2].clone(), old[1].clone()]);
    assert_eq!(place.journal(), ["expire.removing", "expire.removing", "expire.removed", "expire.removed"]);
    let again = place.run("expire local --yes");
    assert!(again.code == Some(0) && again.out.contains("Nothing is to go"), "{again:?}");
}

#[test]
fn what_is_bad_counts_for_nothing_and_the_last_good_one_stays() {
    let place = Keeping::new("keep = { age = '7d', at_least = 1 }");
    let good = place.dump("local", 900);
    let flawed = place.dump("local", 800);
    place.receipt("local", 800, false);
    let empty = format!("local/postgres/daily/{}.dump.gz", place.name(700));
    put_bytes(&place.home, &empty, b"", &place.at(700).to_rfc3339());
    let judged = place.judged("local");
    assert!(judged.iter().all(|it| !it.1), "nothing newer is whole: {judged:#?}");
    assert!(judged.iter().any(|it| it.0 == good && it.2 == "the newest good one"), "{judged:#?}");
    place.dump("local", 600);
    assert!(
        place.judged("local").iter().all(|it| it.0 != good || !it.1),
        "nobody knows whether the newer one restores"
    );
    place.verified("local", 500);
    let going = place.going("local");
    assert!(going.contains(&flawed) && going.len() == 4, "{going:#?}");
}

#[test]
fn the_newest_of_each_period_stays() {
    let place = Keeping::new("keep = { daily = 2, monthly = 3 }");
    for day in 0..100 {
        place.dump("local", day * 24 + 1);
        place.dump("local", day * 24 + 2);
    }
    assert!(place.judged("local").iter().all(|it| !it.1), "none of them was read");
    place.receipt("local", 1, true);
    let judged = place.judged("local");
    let of_unread = |it: &&(String, bool, String)| it.2.starts_with("not verified, and none of the month ");
    assert!(judged.iter().filter(of_unread).count() > 50, "any of them may be the only one that restores: {judged:#?}");
    for day in 0..100 {
        place.receipt("local", day * 24 + 1, true);
        place.receipt("local", day * 24 + 2, true);
    }
    let judged = place.judged("local");
    let kept = judged.iter().filter(|it| !it.1).count();
    assert!((3..=5).contains(&kept), "{kept}");
    assert!(judged.iter().any(|it| it.2.starts_with("the newest good one of the month ")), "{judged:#?}");
}

#[test]
fn a_job_says_how_old_and_of_what() {
    let more = "[[job]]\nname = 'clean-up'\ndo = 'expire'\ntakes = ['daily']\nto = ['local']\ncron = '0 3 * * *'\nolder_than = '2d'\n";
    let place = Keeping::with("keep = { age = '30d' }", more);
    for store in ["local", "second"] {
        place.verified(store, 100);
        place.verified(store, 1);
    }
    assert!(place.judged("").iter().all(|it| !it.1));
    let ran = place.run("expire --job clean-up --yes --json");
    assert_eq!(ran.json()["done"]["gone"].as_array().unwrap().len(), 1, "{ran:?}");
    assert_eq!((place.files("local").len(), place.files("second").len()), (2, 4));
    let wrong = place.run("expire --job daily --dry-run");
    assert!(wrong.code == Some(2) && wrong.err.contains("clean-up"), "{wrong:?}");
}

#[test]
fn what_is_not_ours_or_not_understood_is_left_alone() {
    let place = Keeping::new("keep = { age = '7d' }");
    place.dump("local", 1);
    let victim = place.ours("local", 2, &["dump", "roles.sql"]);
    // A manifest that claims the newest dump for an old recovery point must not take it along.
    let manifest = place.home.path().join("local").join(format!("postgres/metadata/{}.json", place.name(2)));
    let (new, old) = (place.name(2), place.name(900));
    let text = std::fs::read_to_string(&manifest).unwrap();
    let claims = text.replace(&format!("\"point\":\"postgres/{new}\""), &format!("\"point\":\"postgres/{old}\""));
    assert_ne!(text, claims);
    place.home.write(&format!("local/postgres/metadata/{old}.json"), &claims);
    // One that only a newer version reads.
    let newer = place.name(800);
    place.home.write(&format!("local/postgres/metadata/{newer}.json"), r#"{"lifeboat": 7}"#);
    put_bytes(&place.home, &format!("local/postgres/daily/{newer}.dump"), b"x", &place.at(800).to_rfc3339());
    // Of another platform, with a hostile name.
    let other = claims.replace("\"platform\":\"p\"", "\"platform\":\"\\u001b[31m../../x\"");
    let other = other.replace(&new, &place.name(850)).replace(&old, &place.name(850));
    place.home.write(&format!("local/postgres/metadata/{}.json", place.name(850)), other);
    // No component of the plan.
    put_bytes(&place.home, "local/else/daily/backup_20200101_000000.dump", b"x", "2020-01-01T00:00:00Z");
    let before = place.files("local").len();
    let judged = place.judged("local");
    assert!(judged.iter().all(|it| !it.1), "{victim}: {judged:#?}");
    let ran = place.run("expire --yes");
    assert!(ran.code == Some(0) && !ran.out.contains('\u{1b}'), "{ran:?}");
    assert!(ran.out.contains("of no component of this plan"), "{ran:?}");
    assert_eq!(place.files("local").len(), before);
}

#[test]
fn the_future_stays_and_bases_that_the_log_needs() {
    let place = Keeping::new("keep = { age = '7d' }");
    let base = |hours: i64| {
        let name = format!("base_{}", place.at(hours).format("%Y%m%d_%H%M%S"));
        let key = format!("local/postgres/base/{name}.tar.zst");
        put_bytes(&place.home, &key, b"x", &place.at(hours).to_rfc3339());
        format!("postgres/{name}")
    };
    let (oldest, leads, newest) = (base(400), base(200), base(1));
    assert!(place.going("local").is_empty(), "none of them was read");
    let name = newest.trim_start_matches("postgres/");
    let read = receipt(name, &format!("postgres/base/{name}.tar.zst"), 1, place.at(1), true);
    place.home.write(&format!("local/postgres/metadata/{name}.verified.json"), read);
    place.dump("local", -100);
    let judged = place.judged("local");
    assert_eq!(place.going("local"), [oldest], "{judged:#?}");
    assert!(judged.iter().any(|it| it.0 == leads && it.2.contains("leads on")), "{judged:#?}");
    assert!(judged.iter().any(|it| it.2.contains("in the future")), "{judged:#?}");
}

#[test]
fn a_manifest_knows_better_than_its_folder_of_what_it_is() {
    let place = Keeping::new("keep = { age = '7d', at_least = 1 }");
    let of = |hours: i64, from: &str, to: &str| {
        let id = place.ours("local", hours, &["dump", "roles.sql"]);
        let key = format!("local/postgres/metadata/{}.json", place.name(hours));
        let text = std::fs::read_to_string(place.home.path().join(&key)).unwrap();
        assert!(text.contains(from), "{text}");
        place.home.write(&key, text.replace(from, to));
        id
    };
    // The only database of the plan was another one then, and another platform keeps its own in the same folder.
    let before = of(900, "\"component\":\"agents\"", "\"component\":\"orders\"");
    let strange = of(800, "\"platform\":\"p\"", "\"platform\":\"q\"");
    let ours = place.ours("local", 700, &["dump", "roles.sql"]);
    let component = |id: &str| place.points().into_iter().find(|point| point["id"] == id).unwrap()["component"].clone();
    assert_eq!(
        [component(&before), component(&strange), component(&ours)],
        ["orders".into(), Value::Null, "agents".into()]
    );
    let judged: Vec<String> = place.judged("local").into_iter().map(|it| it.0).collect();
    assert_eq!(judged, [ours]);
}

#[test]
fn others_who_use_a_store_may_have_the_same_names() {
    let place = Keeping::new("keep = { age = '7d', at_least = 1 }");
    let files = ["dump", "roles.sql"];
    let names: Vec<String> = [900, 800, 700].into_iter().map(|hours| place.ours("local", hours, &files)).collect();
    for hours in [900, 800, 700] {
        place.ours("second", hours, &files);
    }
    let retell = |hours: i64, to: &str| {
        let key = format!("second/postgres/metadata/{}.json", place.name(hours));
        let text = std::fs::read_to_string(place.home.path().join(&key)).unwrap();
        place.home.write(&key, text.replace("\"platform\":\"p\"", to));
    };
    retell(900, "\"platform\":\"q\"");
    retell(800, "\"platform\":\"p\",\"environment\":\"staging\"");
    let plan = std::fs::read_to_string(place.home.path().join("plan.toml")).unwrap();
    place.home.write("plan.toml", plan.replace("name = 'p'\n", "name = 'p'\nenvironment = 'production'\n"));
    let mut told: Vec<(String, Value, usize)> = place
        .points()
        .into_iter()
        .map(|point| {
            (
                point["id"].as_str().unwrap().to_owned(),
                point["component"].clone(),
                point["copies"].as_array().unwrap().len(),
            )
        })
        .collect();
    told.sort_by(|one, other| one.0.cmp(&other.0));
    let ours = || Value::from("agents");
    assert_eq!(
        told,
        [
            (names[0].clone(), ours(), 1),
            (format!("{}@q", names[0]), Value::Null, 1),
            (names[1].clone(), ours(), 1),
            (format!("{}@p/staging", names[1]), Value::Null, 1),
            // Which environment it is of was not told.
            (names[2].clone(), ours(), 2),
        ]
    );
    let judged: Vec<String> = place.judged("second").into_iter().map(|it| it.0).collect();
    assert_eq!(judged, [names[2].clone()], "what is another's is not gone through");
}

#[test]
fn a_file_that_cannot_be_asked_for_is_not_taken_for_gone() {
    let place = Keeping::new("keep = { age = '7d' }");
    place.verified("local", 1);
    place.ours("local", 900, &["dump", "roles.sql"]);
    let before = place.files("local").len();
    let file = format!("{}.dump", place.name(900));
    let line = |words: &str| {
        let program = place.home.command(format!("--plan plan.toml {words}").split_whitespace());
        let before = ["-f", "-qq", "-o", "/dev/null", "-P", &file, "-e", "trace=statx", "-e", "inject=statx:error=EIO"];
        let mut command = place.home.command_of("strace", before);
        command.arg(program.get_program()).args(program.get_args());
        Ran::from(command.output().unwrap())
    };
    let listed = line("points --in local");
    assert_eq!(listed.code, Some(3), "{listed:?}");
    assert!(listed.out.contains("Not looked into local") && listed.out.contains("Input/output error"), "{listed:?}");
    let ran = line("expire --yes local");
    assert!(ran.code != Some(0) && place.files("local").len() == before, "{ran:?}");
}

#[test]
fn what_a_store_would_throw_away_at_once_is_not_copied_there() {
    let upload = "[[job]]\nname = 'up'\ndo = 'upload'\ntakes = ['daily']\nevery = '1s'\nto = ['second']\n";
    let place = Keeping::with("keep = { age = '2d' }", upload);
    let (_, young) = (place.verified("local", 100), place.verified("local", 1));
    until("it is copied", || place.run("backup --due --job up").out.contains("1 recovery point copied"));
    while !place.run("backup --due --job up").out.contains("nothing was missing") {}
    let there = place.points().into_iter().filter(|point| point["copies"].as_array().unwrap().len() == 2);
    assert_eq!(there.map(|point| point["id"].clone()).collect::<Vec<_>>(), [young]);
    // It is written down before anything is written there.
    let ran = place.run("journal show --json --kind backup");
    let kinds = ran.out.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["kind"].clone());
    assert_eq!(kinds.collect::<Vec<_>>(), ["backup.copying", "backup.copied"], "{ran:?}");
}

#[test]
fn an_upload_whose_source_is_away_has_not_done_its_work() {
    let upload = "[[job]]\nname = 'up'\ndo = 'upload'\ntakes = ['daily']\nevery = '1s'\nto = ['third']\n";
    let place = Keeping::with("keep = { age = '30d' }", upload);
    let root = place.home.path().display().to_string();
    std::fs::create_dir(place.home.path().join("third")).unwrap();
    let plan = std::fs::read_to_string(place.home.path().join("plan.toml")).unwrap();
    let third = format!("[[store]]\nname = 'third'\nkind = 'directory'\npath = '{root}/third'\n");
    place.home.write("plan.toml", plan + &third);
    place.verified("local", 1);
    std::fs::rename(place.home.path().join("second"), place.home.path().join("away")).unwrap();
    let ran = place.run("backup --due --job up");
    assert!(ran.code == Some(1) && ran.out.contains("1 recovery point copied"), "{ran:?}");
    assert!(ran.out.contains("second cannot be looked into"), "{ran:?}");
    std::fs::rename(place.home.path().join("away"), place.home.path().join("second")).unwrap();
    let ended = loop {
        let ran = place.run("backup --due --job up");
        if !ran.err.contains("nothing is due") {
            break ran;
        }
    };
    assert!(ended.code == Some(0) && ended.out.contains("nothing was missing"), "{ended:?}");
}
