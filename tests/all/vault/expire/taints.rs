//! Taints: what is not to be trusted counts for nothing, and the last known clean is told.

use super::Keeping;

#[test]
fn the_last_known_clean_is_from_before_the_breach() {
    let place = Keeping::new("keep = { age = '7d', at_least = 1 }");
    let clean = place.verified("local", 900);
    place.verified("local", 400);
    place.verified("local", 300);
    place.verified("second", 300);
    let since = place.at(500).format("%Y-%m-%dT%H:%M:%SZ");
    let ran = place.run(&format!("taint --component agents --since {since} --why breach --json"));
    assert_eq!((ran.code, ran.json()["copies"].as_array().unwrap().len()), (Some(0), 3), "{ran:?}");
    let shown = place.run("points agents");
    let told = shown.out.replace("\n  ", " ");
    assert!(
        told.contains("agents is tainted since") && told.contains(&format!("Last known clean: {clean}")),
        "{shown:?}"
    );
    let only = place.run("points --clean --json").json();
    let ids: Vec<&str> = only["points"].as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap()).collect();
    assert_eq!(ids, [clean.as_str()]);
    let judged = place.judged("local");
    assert!(judged.iter().all(|it| !it.1) && judged[0].2.starts_with("tainted"), "{judged:#?}");
    let cleared = place.run("taint --component agents --clear --json").json();
    assert_eq!(cleared["copies"].as_array().unwrap().len(), 3, "the fourth was none: {cleared:#}");
    let again = place.run("taint --component agents --clear");
    assert!(again.code == Some(0) && again.out.contains("None of them is tainted"), "{again:?}");
    assert_eq!(place.going("local"), {
        let mut going = [clean, format!("postgres/{}", place.name(400))];
        going.sort();
        going
    });
}

#[test]
fn one_of_them_can_be_marked_and_what_is_wrong_is_told() {
    let place = Keeping::new("");
    let id = place.dump("local", 5);
    assert_eq!(place.run(&format!("taint {id} --since 6h --why \u{7}x")).code, Some(0));
    let point = &place.points()[0];
    assert_eq!((point["state"].as_str(), point["clean"].as_bool()), (Some("tainted"), Some(false)));
    let near = place.run("taint postgers* --since 6h --why x");
    assert_eq!(near.code, Some(2), "{near:?}");
    let near = place.run(&format!("taint {} --since 6h --why x", id.replace("backup", "bakcup")));
    assert!(near.code == Some(2) && near.err.contains(&format!("did you mean \"{id}\"?")), "{near:?}");
    assert_eq!(place.run("taint nothing --since 6h --why x").code, Some(2));
    assert_eq!(place.run("taint --component agent --since 6h --why x").code, Some(2));
    assert_eq!(place.run(&format!("taint {id}")).code, Some(2), "since when, and why");
    assert_eq!(place.run(&format!("--read-only taint {id} --clear")).code, Some(4));
    // A mark that cannot be read is one all the same.
    place.home.write(&format!("local/postgres/metadata/{}.tainted.json", place.name(5)), "?");
    assert_eq!(place.points()[0]["state"], "tainted");
}

#[test]
fn what_was_taken_since_the_breach_does_not_replace_what_is_clean() {
    let place = Keeping::new("keep = { age = '7d', at_least = 1 }");
    let clean = place.verified("local", 900);
    let marked = place.verified("local", 400);
    assert_eq!(place.run(&format!("taint {marked} --since 500h --why breach")).code, Some(0));
    // Nobody has marked these, and all of them may hold what the breach left.
    for hours in [300, 200, 100, 1] {
        place.verified("local", hours);
    }
    let judged = place.judged("local");
    let of = |id: &str| judged.iter().find(|it| it.0 == id).unwrap();
    assert_eq!((of(&clean).1, of(&clean).2.as_str()), (false, "the last known clean one"), "{judged:#?}");
    assert_eq!(place.run("expire local --yes").code, Some(0));
    let told = place.run("points agents").out.replace("\n  ", " ");
    assert!(told.contains(&format!("Last known clean: {clean}")), "{told}");
}

#[test]
fn what_is_taken_after_a_breach_was_said_does_not_replace_what_is_from_before() {
    let place = Keeping::new("keep = { age = '7d', at_least = 1 }");
    let clean = place.verified("local", 216);
    let ran = place.run("taint --component agents --since 1d --why breach");
    assert!(ran.code == Some(0) && ran.out.contains("stays clean"), "{ran:?}");
    assert_eq!(place.points()[0]["clean"], true);
    let later = place.verified("local", 1);
    let shown = place.run("points --clean --json").json();
    assert_eq!(
        shown["points"].as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap()).collect::<Vec<_>>(),
        [&clean]
    );
    assert!(place.going("local").is_empty(), "{clean} is the last known clean: {:#?}", place.judged("local"));
    assert_eq!(place.run("taint --component agents --clear").code, Some(0));
    assert_eq!(place.going("local"), [clean]);
    let none = Keeping::new("").run("taint --component agents --since 1d --why breach");
    assert!(none.code == Some(3) && none.out.contains("nothing can tell tomorrow"), "{later}: {none:?}");
}
