//! What is said first: who is not well is named, and nothing is said twice or against itself.

use lifeboat::plan::facts::Verdict::{Degraded, Down, Healthy, Unknown};
use lifeboat::watch::Names;

use super::made_up::Told;

fn said(verdicts: &[Option<lifeboat::plan::facts::Verdict>], names: Names) -> String {
    let component = |number| format!("[[component]]\nname = 'c{number}'\nkind = 'tcp-port'\nconfirm = 1\n");
    let mut told = Told::new(&(0..verdicts.len()).map(component).collect::<String>());
    for (number, verdict) in verdicts.iter().enumerate() {
        if let Some(verdict) = verdict {
            told.hears(&format!("c{number}"), 1, *verdict, &[]);
        }
    }
    told.0.headline(names, |_| true).text
}

#[test]
fn who_is_not_well_is_named() {
    let (well, bad, odd, dark) = (Some(Healthy), Some(Down), Some(Degraded), Some(Unknown));
    for (verdicts, short, long) in [
        (vec![well, well], "All 2 are healthy", "All 2 are healthy"),
        (
            vec![None, None, None],
            "3 components are asked for the first time",
            "3 components are asked for the first time",
        ),
        (vec![well, None], "1 of 2 healthy, 1 awaited", "1 of 2 healthy, 1 awaited"),
        (vec![well, bad, well], "1 down: c1; 2 of 3 healthy", "1 down: c1; 2 of 3 healthy"),
        (vec![odd, bad], "1 down: c1; 1 degraded: c0; 0 of 2 healthy", "1 down: c1; 1 degraded: c0; 0 of 2 healthy"),
        (
            vec![bad, bad, bad, odd, dark, well],
            "3 down: c0, c1 and 1 more; 1 unknown, 1 degraded; 1 of 6 healthy",
            "3 down: c0, c1, c2; 1 unknown: c4; 1 degraded: c3; 1 of 6 healthy",
        ),
    ] {
        assert_eq!(said(&verdicts, Names::Worst), short, "{verdicts:?}");
        assert_eq!(said(&verdicts, Names::All), long, "{verdicts:?}");
    }
}

#[test]
fn what_the_others_need_is_named_first() {
    let mut told = Told::new(
        "[[component]]\nname = 'app'\nkind = 'tcp-port'\npriority = 1\nneeds = ['db']\n\
         [[component]]\nname = 'page'\nkind = 'tcp-port'\npriority = 1\nneeds = ['app']\n\
         [[component]]\nname = 'db'\nkind = 'tcp-port'\npriority = 3\n",
    );
    for name in ["app", "page", "db"] {
        told.hears(name, 1, Down, &[]);
    }
    let text = told.0.headline(Names::Worst, |_| true).text;
    assert_eq!(text, "3 down: db, app and 1 more; 0 of 3 healthy");
}
