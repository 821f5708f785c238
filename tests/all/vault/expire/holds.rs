//! Holds: one in any store stops everything, and so does a store that nobody can look into.

use super::Keeping;

fn place() -> Keeping {
    let place = Keeping::new("keep = { age = '7d' }");
    for store in ["local", "second"] {
        place.dump(store, 900);
        place.verified(store, 1);
    }
    place
}

#[test]
fn a_hold_in_the_second_store_stops_the_first() {
    let place = place();
    let ran = place.run("hold --why breach");
    assert!(ran.code == Some(0) && ran.out.contains("local: held") && ran.out.contains("second: held"), "{ran:?}");
    std::fs::remove_file(place.home.path().join("local/.lifeboat/hold.json")).unwrap();
    for line in ["expire local --yes", "expire --yes"] {
        let ran = place.run(line);
        assert!(ran.code == Some(4) && ran.err.contains("breach") && ran.err.contains("in second"), "{ran:?}");
    }
    let shown = place.run("hold --show");
    assert!(shown.code == Some(3) && shown.out.contains("local: not held"), "{shown:?}");
    assert_eq!(place.run("--read-only hold --release --why over").code, Some(4));
    for unsaid in ["hold", "hold --why="] {
        assert_eq!(place.run(unsaid).code, Some(2), "whoever meets it wants to know why");
    }
    assert_eq!(place.run("--read-only hold --show").code, Some(3));
    assert_eq!(place.run("hold --release --why over").code, Some(0));
    assert_eq!((place.run("expire --yes").code, place.files("local").len()), (Some(0), 2));
}

#[test]
fn what_lies_there_and_cannot_be_read_is_a_hold() {
    for text in ["", "{}", "\u{1b}[31m", &"x".repeat(100_000)] {
        let place = place();
        place.home.write("second/.lifeboat/hold.json", text);
        let ran = place.run("expire --yes");
        assert!(ran.code == Some(4) && !ran.err.contains('\u{1b}'), "{ran:?}");
        assert_eq!(place.files("local").len(), 3);
        assert_eq!((place.run("hold --release --why over").code, place.run("expire --yes").code), (Some(0), Some(0)));
    }
}

#[test]
fn a_store_that_is_gone_stops_deletions_everywhere() {
    let place = place();
    std::fs::rename(place.home.path().join("second"), place.home.path().join("away")).unwrap();
    let ran = place.run("expire local --yes");
    assert!(ran.code == Some(4) && ran.err.contains("second"), "{ran:?}");
    assert_eq!(place.files("local").len(), 3);
    let shown = place.run("expire local --dry-run");
    assert!(shown.code == Some(3) && shown.out.contains("Nothing may go"), "{shown:?}");
    let held = place.run("hold --why x --json");
    assert_eq!(held.code, Some(3), "{held:?}");
    assert_eq!(held.json()["stores"][1]["held"], serde_json::Value::Null);
    assert!(!place.home.path().join("second").exists(), "a store is never made");
}
