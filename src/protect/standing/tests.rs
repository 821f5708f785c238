use std::collections::BTreeSet;

use chrono::TimeDelta;

use super::*;
use crate::text::Span;
use crate::vault::log::Log;
use crate::vault::{Holding, Known, Manifest, Note, Precision, Receipt, Sort, Taint};

const PLAN: &str = "[platform]\nname = 'p'\n[[site]]\nname = 'here'\n[[site]]\nname = 'there'\n\
    [[component]]\nname = 'db'\nkind = 'postgres'\nsite = 'here'\n\
    [[store]]\nname = 'local'\nkind = 'directory'\nsite = 'here'\n\
    [[store]]\nname = 'offsite'\nkind = 's3'\nsite = 'there'\n\
    [[job]]\nname = 'daily'\ndo = 'backup'\nof = 'db'\nmethod = 'dump'\nto = ['local']\n\
    [[job]]\nname = 'up'\ndo = 'upload'\ntakes = ['daily']\nto = ['offsite']\n\
    [[job]]\nname = 'wal'\ndo = 'backup'\nof = 'db'\nmethod = 'wal'\nto = ['local']\n\
    [[job]]\nname = 'git'\ndo = 'git-commit'\nof = 'db'\n";

fn plan(data: &str) -> Plan {
    toml::from_str(&format!("{PLAN}[[data]]\nname = 'state'\ncomponent = 'db'\nrpo = '1h'\n{data}")).unwrap()
}

fn now() -> DateTime<Utc> {
    "2024-11-18T03:00:00Z".parse().unwrap()
}

fn ago(minutes: i64) -> DateTime<Utc> {
    now() - TimeDelta::minutes(minutes)
}

fn point(minutes: i64, sort: Sort, stores: &[&str]) -> Point {
    let file = || Holding { key: format!("f{minutes}"), size: 9, written: ago(minutes) };
    let copy =
        |store: &&str| Copied { store: (*store).to_owned(), artefacts: vec![(sort, file())], ..Copied::default() };
    Point {
        id: format!("postgres/{minutes}"),
        component: Some("db".to_owned()),
        sorts: BTreeSet::from([sort]),
        taken: ago(minutes),
        precision: Precision::Second,
        copies: stores.iter().map(copy).collect(),
    }
}

fn noted(mut point: Point, note: Note, known: &Known) -> Point {
    for copied in &mut point.copies {
        let file = Holding { key: "note".to_owned(), size: 1, written: now() };
        copied.notes.push((note, file, known.clone()));
    }
    point
}

fn read(point: Point, is_whole: bool, minutes: i64) -> Point {
    let file = point.copies[0].artefacts[0].1.clone();
    let Holding { key, size: bytes, written } = file;
    let found = crate::vault::Found { key, bytes, written, sha256: String::new(), told: "x".to_owned(), whole: None };
    let receipt = Receipt::new(&point.id, ago(minutes), "h".to_owned(), is_whole, vec![found]);
    noted(point, Note::Verified, &Known::Receipt(Box::new(receipt)))
}

fn tainted(point: Point) -> Point {
    let taint =
        Taint { lifeboat: 1, since: ago(30), why: String::new(), by: String::new(), at: now(), of_later: false };
    noted(point, Note::Tainted, &Known::Taint(Box::new(taint)))
}

fn of(data: &str, points: Vec<Point>, logs: &[(&str, i64)], unseen: &[&str]) -> Protection {
    // A piece a minute, from long ago.
    let end = |(store, minutes): &(&str, i64)| {
        let written: Vec<_> = (*minutes..*minutes + 200).rev().map(ago).collect();
        Log::made_up(store, "db", &written)
    };
    let catalogue = Catalogue::made_up(points, logs.iter().map(end).collect());
    let unseen = unseen.iter().map(|store| Unseen { store: (*store).to_owned(), why: "dead".to_owned() });
    protection(&plan(data), &catalogue, &unseen.collect::<Vec<_>>()).remove(0)
}

const DAILY: &str = "protected_by = ['daily']";

#[test]
fn the_newest_that_can_be_restored_counts() {
    let points = || vec![point(38, Sort::Dump, &["local"]), point(90, Sort::Dump, &["local", "offsite"])];
    let kept = of(DAILY, points(), &[], &[]);
    assert_eq!((kept.verdict(now()), kept.age(now())), (Within::Within, Some(Span::from_mins(38))));
    assert_eq!((kept.missing_off_site.as_slice(), kept.off_site), (&["offsite".to_owned()][..], Some(ago(90))));
    assert_eq!(kept.why(now()).unwrap(), "the newest is not in offsite");
    let far = of(&format!("{DAILY}\ncounts_in = 'offsite'"), points(), &[], &[]);
    assert_eq!((far.verdict(now()), far.age(now())), (Within::Beyond, Some(Span::from_mins(90))));
    assert_eq!(of(DAILY, vec![point(50, Sort::Dump, &["local"])], &[], &[]).verdict(now()), Within::Soon);
    assert_eq!(of(DAILY, vec![point(60, Sort::Dump, &["local"])], &[], &[]).verdict(now()), Within::Soon);
    assert_eq!(of(DAILY, vec![point(61, Sort::Dump, &["local"])], &[], &[]).verdict(now()), Within::Beyond);
    assert_eq!(of(DAILY, vec![], &[], &[]).verdict(now()), Within::None);
}

#[test]
fn what_is_partial_flawed_tainted_or_of_another_sort_never_counts() {
    let old = || read(point(50, Sort::Dump, &["local"]), true, 10);
    let mut partial = point(5, Sort::Dump, &["local"]);
    partial.copies[0].artefacts[0].1.size = 0;
    let flawed = read(point(6, Sort::Dump, &["local"]), false, 1);
    let strange = Point { component: Some("other".to_owned()), ..point(4, Sort::Dump, &["local"]) };
    let begun = noted(point(3, Sort::Dump, &["local"]), Note::Begun, &Known::Begun);
    let snapshot = point(2, Sort::Snapshot, &["local"]);
    for bad in [partial, flawed, tainted(point(7, Sort::Dump, &["local"])), strange, begun, snapshot] {
        let told = of(DAILY, vec![bad, old()], &[], &[]);
        assert_eq!((told.age(now()), told.verified), (Some(Span::from_mins(50)), Some(ago(10))), "{told:?}");
    }
}

#[test]
fn what_could_not_be_seen_is_never_taken_for_safe_nor_for_lost() {
    let old = || vec![point(90, Sort::Dump, &["local"])];
    assert_eq!(of(DAILY, old(), &[], &["offsite"]).verdict(now()), Within::Unknown);
    assert_eq!(of(DAILY, vec![], &[], &["local"]).verdict(now()), Within::Unknown);
    let young = of(DAILY, vec![point(5, Sort::Dump, &["local"])], &[], &["offsite"]);
    assert_eq!((young.verdict(now()), young.missing_off_site.len()), (Within::Within, 0), "another tells");
    let elsewhere = of(&format!("{DAILY}\ncounts_in = 'local'"), old(), &[], &["offsite"]);
    assert_eq!(elsewhere.verdict(now()), Within::Beyond, "that store does not count");
    assert_eq!(of("protected_by = ['git']", vec![], &[], &[]).verdict(now()), Within::Unknown);
    let plan = plan(DAILY);
    assert_eq!(not_looked_at(&plan)[0].verdict(now()), Within::Unknown);
}

#[test]
fn a_log_leads_on_from_a_base_and_from_nothing_else() {
    const WAL: &str = "protected_by = ['wal']";
    let base = || point(900, Sort::Base, &["local"]);
    let led = of(WAL, vec![base()], &[("local", 3)], &[]);
    assert_eq!((led.age(now()), led.newest.unwrap().by_log), (Some(Span::from_mins(3)), true));
    assert_eq!(of(WAL, vec![], &[("local", 3)], &[]).verdict(now()), Within::None);
    assert_eq!(of(WAL, vec![point(9, Sort::Dump, &["local"])], &[("local", 3)], &[]).verdict(now()), Within::None);
    assert_eq!(of(WAL, vec![base()], &[], &[]).verdict(now()), Within::None);
    let spoilt = of(WAL, vec![tainted(point(20, Sort::Dump, &["local"])), base()], &[("local", 3)], &[]);
    assert_eq!(spoilt.age(now()), Some(Span::from_mins(30)), "up to where it can be trusted");
}

#[test]
fn what_was_taken_since_something_is_wrong_never_counts() {
    // Only one is marked: what came after it holds the same, and the one before does not.
    let since = |more: Vec<Point>| [vec![tainted(point(20, Sort::Dump, &["local"]))], more].concat();
    let told = of(DAILY, since(vec![point(5, Sort::Dump, &["local"]), point(50, Sort::Dump, &["local"])]), &[], &[]);
    assert_eq!(told.age(now()), Some(Span::from_mins(50)), "{told:?}");
    let none = of(DAILY, since(vec![read(point(5, Sort::Dump, &["local"]), true, 1)]), &[], &[]);
    assert_eq!((none.verdict(now()), none.verified), (Within::None, None), "{none:?}");
    let base = point(10, Sort::Base, &["local"]);
    assert_eq!(of("protected_by = ['wal']", since(vec![base]), &[("local", 3)], &[]).verdict(now()), Within::None);
}

#[test]
fn a_point_from_the_future_is_not_old_and_is_told() {
    for (minutes, verdict) in [(-30, Within::Within), (-120, Within::Unknown)] {
        let told = of(DAILY, vec![point(minutes, Sort::Dump, &["local", "offsite"])], &[], &[]);
        assert_eq!((told.verdict(now()), told.age(now())), (verdict, Some(Span::ZERO)));
        assert!(told.why(now()).unwrap().contains("future"));
    }
}

#[test]
fn real_time_is_kept_by_nothing_that_has_an_age() {
    let mut told = of(DAILY, vec![point(1, Sort::Dump, &["local"])], &[], &[]);
    told.rpo = Some(Span::ZERO);
    assert_eq!((told.verdict(now()), told.share(now())), (Within::Beyond, Some(f64::INFINITY)));
    told.rpo = None;
    assert_eq!((told.verdict(now()), told.share(now())), (Within::Within, None));
}

#[test]
fn what_lacks_its_keys_does_not_count_and_says_so() {
    let plan = plan("protected_by = ['daily']\ncounts_in = 'local'");
    let whole = point(50, Sort::Dump, &["local"]);
    let lacks = |minutes| {
        let point = point(minutes, Sort::Dump, &["local"]);
        let file = &point.copies[0].artefacts[0].1;
        let manifest = serde_json::json!({
            "lifeboat": 1, "point": point.id, "platform": "p", "component": "db", "method": "dump", "host": "h",
            "actor": "a", "program": "1", "begun": now(), "ended": now(),
            "source": { "system": "files", "as_of": null },
            "files": [{ "key": file.key, "holds": "dump", "bytes": file.size, "sha256": "", "handed_over": 1, "restore": "" }],
            "withheld": ["its keys and .env files: local has no `encrypt_to`"],
        });
        let manifest = Manifest::read(&serde_json::to_vec(&manifest).unwrap()).unwrap();
        noted(point, Note::Manifest, &Known::Manifest(Box::new(manifest)))
    };
    let of = |points: Vec<Point>| {
        let catalogue = Catalogue { points, ..Catalogue::default() };
        protection(&plan, &catalogue, &[]).remove(0)
    };
    let alone = of(vec![lacks(5)]);
    assert_eq!((alone.verdict(now()), alone.verified), (Within::None, None));
    assert_eq!(alone.why(now()).unwrap(), "what there is lacks its keys and .env files: local has no `encrypt_to`");
    let beside = of(vec![lacks(5), whole]);
    assert_eq!((beside.age(now()), beside.verdict(now())), (Some(Span::from_mins(50)), Within::Soon));
}

#[test]
fn definitions_bring_back_no_messages() {
    let data = "protected_by = ['definitions', 'messages']\n[[job]]\nname = 'definitions'\ndo = 'backup'\nof = 'db'\n\
        method = 'definitions'\nto = ['local']\n[[job]]\nname = 'messages'\ndo = 'backup'\nof = 'db'\nmethod = 'messages'\nto = ['local']";
    let taken = point(5, Sort::Definitions, &["local"]);
    let catalogue = Catalogue { points: vec![taken.clone()], ..Catalogue::default() };
    let one = protection(&plan(data), &catalogue, &[]).remove(0);
    assert_eq!((one.newest.is_none(), one.verdict(now())), (true, Within::Unknown));
    let only = data.replace("'definitions', 'messages'", "'definitions'");
    assert_eq!(protection(&plan(&only), &catalogue, &[])[0].verdict(now()), Within::Within);
}
