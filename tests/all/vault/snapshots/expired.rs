//! What the plan keeps no more goes from the repository too, and with the last note of it.

use super::{Place, flat};
use crate::systems::taking::cluster::fault;
use crate::systems::web::server::{Says, page};

/// What a server answers to a question.
type Answer = fn(&str) -> Option<Says>;

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_goes_with_the_last_note_of_it() {
    let place = Place::new().await;
    let (old, young) = (place.point(900, &["local", "second"]), place.verified(1, &["local", "second"]));
    let snapshot = place.snapshot(900);
    let shown = place.run("expire --dry-run");
    assert!(flat(&shown).contains(&format!("the snapshot {snapshot} in the repository nightly goes too")), "{shown:?}");
    let shown = place.run("expire --dry-run local");
    assert!(shown.code == Some(0) && flat(&shown).contains("stays: second needs it"), "{shown:?}");
    assert!(place.cluster.server.asked().is_empty(), "what only looks asks nothing");

    let ran = place.run("expire local --yes --json");
    assert_eq!((ran.code, &ran.json()["done"]["gone"][0]["deposit"]), (Some(0), &serde_json::Value::Null), "{ran:?}");
    assert_eq!((place.files("local").len(), place.files("second").len()), (3, 5));
    assert!(place.cluster.names().contains(&snapshot) && place.cluster.asked("DELETE").is_empty());

    let ran = place.run("expire --yes");
    assert!(ran.code == Some(0) && flat(&ran).contains(&format!("the snapshot {snapshot}")), "{ran:?}");
    assert_eq!((place.files("local").len(), place.files("second").len()), (3, 3), "nothing of ours is left behind");
    assert_eq!(place.cluster.names(), [place.snapshot(1)]);
    assert_eq!(place.cluster.asked("DELETE"), [format!("DELETE /_snapshot/nightly/{snapshot}")]);
    let removing = place.journal("expire.removing");
    let goes: Vec<bool> = removing.iter().map(|event| event["body"]["deposit_goes"].as_bool().unwrap()).collect();
    assert_eq!((goes, &removing[1]["body"]["deposit"]["name"]), (vec![false, true], &snapshot.into()), "{removing:#?}");
    assert_eq!(place.journal("expire.removed").len(), 2);
    assert!(
        place.state(&young).1 && place.run("points").out.contains(&young) && !place.run("points").out.contains(&old)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn both_notes_may_go_in_one_run() {
    let place = Place::new().await;
    place.point(900, &["local", "second"]);
    place.point(800, &["second"]);
    place.verified(1, &["local", "second"]);
    let ran = place.run("expire --yes --json");
    assert_eq!((ran.code, ran.json()["done"]["gone"].as_array().unwrap().len()), (Some(0), 3), "{ran:?}");
    assert_eq!((place.cluster.names(), place.cluster.asked("DELETE").len()), (vec![place.snapshot(1)], 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_deleted_keeps_its_note_and_is_told() {
    let answers: [(Answer, &str, &str); 6] = [
        (|_| Some(Says::HangUp), "could not be deleted", "verified"),
        (|_| Some(page(200, "<html>log in</html>")), "could not be deleted", "verified"),
        (|line| line.starts_with("GET /_snap").then(|| page(503, "<html>busy</html>")), "status 503", "verified"),
        (
            |line| {
                line.starts_with("GET /_snap").then(|| fault(404, "repository_missing_exception", "[nightly] missing"))
            },
            "no such repository",
            "verified",
        ),
        (
            |line| line.starts_with("DELETE").then(|| fault(403, "security_exception", "is unauthorized")),
            "cluster privilege `manage`",
            "verified",
        ),
        // Perhaps it is being deleted.
        (|line| line.starts_with("DELETE").then(|| page(504, "")), "status 504", "flawed"),
    ];
    for (answer, words, state) in answers {
        let place = Place::new().await;
        let (old, _) = (place.point(900, &["local"]), place.point(1, &["local"]));
        assert_eq!(place.run("verify --in local").code, Some(0));
        let receipt = place.home.path().join(format!("local/audit/metadata/{}.verified.json", &old["audit/".len()..]));
        let before = std::fs::read(&receipt).unwrap();
        place.cluster.says(answer);
        let ran = place.run("expire --yes");
        assert!(ran.code == Some(3) && ran.out.contains("0 copies are gone"), "{ran:?}");
        let failed = place.journal("expire.failed");
        assert!(failed[0]["body"]["trouble"].as_str().unwrap().contains(words), "{words}: {failed:#?}");
        assert_eq!(place.state(&old).0, state, "{words}");
        assert_eq!(std::fs::read(&receipt).unwrap() == before, state == "verified");
        assert_eq!(place.cluster.names().len(), 2);
        // The next run does what this one could not.
        place.cluster.calms_down();
        let ran = place.run("expire --yes");
        assert_eq!((ran.code, place.files("local").len(), place.cluster.names().len()), (Some(0), 3, 1), "{ran:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_gone_already_keeps_nobody() {
    let place = Place::new().await;
    place.point(900, &["local"]);
    place.verified(1, &["local"]);
    place.cluster.loses(&place.snapshot(900));
    // What another cluster does not have may be in that of then.
    place.cluster.is("u-2");
    let ran = place.run("expire --yes");
    assert!(ran.code == Some(3) && flat(&ran).contains("another cluster"), "{ran:?}");
    assert_eq!(place.files("local").len(), 5);
    place.cluster.is("u-1");
    let ran = place.run("expire --yes");
    assert_eq!((ran.code, place.files("local").len()), (Some(0), 3), "{ran:?}");
    assert!(place.cluster.asked("DELETE").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_stops_it() {
    let place = Place::new().await;
    place.point(900, &["local"]);
    place.verified(1, &["local"]);
    assert_eq!(place.run("hold --why breach").code, Some(0));
    assert_eq!(place.run("expire --yes").code, Some(4));
    assert!(place.cluster.server.asked().is_empty() && place.files("local").len() == 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_half_removed_is_finished() {
    let place = Place::new().await;
    let old = place.point(900, &["local"]);
    place.point(1, &["local"]);
    // Its snapshot and its file went, then the power.
    place.cluster.loses(&place.snapshot(900));
    let file = format!("local/audit/daily/{}.json", &old["audit/".len()..]);
    std::fs::remove_file(place.home.path().join(file)).unwrap();
    let ran = place.run("expire --yes");
    assert_eq!((ran.code, place.files("local").len()), (Some(0), 2), "{ran:?}");
}
