//! `verify` asks the repository, and does not believe the note.

use super::{Place, flat};
use crate::systems::taking::cluster::Snapshot;
use crate::systems::web::server::Says;

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_that_is_gone_is_noticed_though_its_note_was_read_before() {
    let place = Place::new().await;
    let id = place.point(1, &["local", "second"]);
    let ran = place.run("verify");
    assert!(ran.code == Some(0) && flat(&ran).contains("is there, with 1 index and 2 shards"), "{ran:?}");
    assert_eq!(place.cluster.asked("GET /_snapshot").len(), 1, "both notes speak of the same");
    assert_eq!(place.state(&id), ("verified".to_owned(), true));
    let again = place.run("verify --json");
    assert_eq!((again.code, &again.json()["copies"][0]["remembered"]), (Some(0), &true.into()), "{again:?}");

    place.cluster.loses(&place.snapshot(1));
    assert_eq!(place.run("--read-only verify").code, Some(3));
    assert_eq!(place.state(&id).0, "verified", "what only looks writes nothing");
    let ran = place.run("verify");
    assert!(ran.code == Some(3) && flat(&ran).contains("in the repository nightly is gone"), "{ran:?}");
    assert_eq!(place.state(&id), ("flawed".to_owned(), false));
    let clean = place.run("points --clean --json");
    assert!(!clean.out.contains(&id), "{clean:?}");

    // The repository was not mounted, and is again.
    place.cluster.has(&place.snapshot(1), Snapshot::default());
    assert_eq!(place.run("verify").code, Some(0));
    assert_eq!(place.state(&id), ("verified".to_owned(), true));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_partial_is_flawed_and_what_does_not_answer_is_not_looked_at() {
    let place = Place::new().await;
    let id = place.point(1, &["local"]);
    place.cluster.says(|_| Some(Says::HangUp));
    let ran = place.run("verify --json");
    assert_eq!(
        (ran.code, &ran.json()["copies"][0]["files"][0]["outcome"]),
        (Some(3), &"not looked at".into()),
        "{ran:?}"
    );
    assert_eq!(place.state(&id), ("present".to_owned(), true));
    place.cluster.calms_down();
    assert_eq!(place.run("verify --in local").code, Some(0));
    place.cluster.says(|_| Some(Says::HangUp));
    let ran = place.run("verify");
    assert!(ran.code == Some(3) && ran.out.contains("1 not looked at"), "{ran:?}");
    assert_eq!(place.state(&id), ("verified".to_owned(), true), "what was found before still counts");
    place.cluster.calms_down();
    place.cluster.has(&place.snapshot(1), Snapshot { state: "PARTIAL", shards: 1, failed: 1, ..Snapshot::default() });
    let ran = place.run("verify --deep");
    assert!(ran.code == Some(3) && flat(&ran).contains("is PARTIAL: no space left"), "{ran:?}");
    assert_eq!(place.state(&id), ("flawed".to_owned(), false));
    // A note that is damaged itself is not mended by what the repository has.
    place.cluster.has(&place.snapshot(1), Snapshot::default());
    let file = place.files("local").into_iter().find(|file| file.to_str().unwrap().contains("/daily/")).unwrap();
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("nightly", "nightlx")).unwrap();
    let ran = place.run("verify");
    assert!(ran.code == Some(3) && flat(&ran).contains("its hash is not the one"), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_tells_what_it_could_not_look_at_from_what_is_not_whole() {
    let place = Place::new().await;
    let plan = std::fs::read_to_string(place.home.path().join("plan.toml")).unwrap();
    let job = "[[job]]\nname = 'check'\ndo = 'verify'\ntakes = ['daily']\nevery = '1s'\n";
    place.home.write("plan.toml", format!("{plan}{job}"));
    place.point(1, &["local"]);
    place.cluster.says(|_| Some(Says::HangUp));
    let ran = place.run("backup --due --job check");
    assert!(flat(&ran).contains("not looked at: ") && !flat(&ran).contains("not whole"), "{ran:?}");
}
