//! Whatever stands in a plan, checking it ends, and ends without a panic.

use std::fmt::Write;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use lifeboat::plan::beginning::Shipped;
use lifeboat::plan::source::File;
use lifeboat::plan::{Finding, Level, assemble, check, without_secrets};
use proptest::prelude::*;

fn now() -> DateTime<Utc> {
    "2024-11-19T12:00:00Z".parse().unwrap()
}

fn checked(text: String) -> Vec<Finding> {
    let length = text.len();
    let loaded = assemble(vec![File { path: "plan.toml".into(), text }], Vec::new());
    let found = check(&loaded, now());
    for finding in &found {
        assert!(!finding.why.is_empty() && !finding.mend.is_empty(), "{finding:?}");
        assert!(finding.places.iter().all(|(place, _)| place.start <= place.end && place.end <= length), "{finding:?}");
    }
    assert_eq!(without_secrets(&loaded)[0].text.len(), length);
    found
}

fn shipped(name: &str) -> String {
    let files = Shipped::named(name).unwrap().files(now().date_naive());
    files.into_iter().map(|file| file.text).collect::<Vec<_>>().join("\n")
}

/// The texts that mutations start from, once.
fn texts() -> &'static [String] {
    static TEXTS: std::sync::OnceLock<Vec<String>> = std::sync::OnceLock::new();
    TEXTS.get_or_init(|| ["agent-framework", "agent-factory", "starter"].map(shipped).to_vec())
}

/// A value for any key, of any kind.
fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("''".to_owned()),
        Just("'x'".to_owned()),
        Just("'1h'".to_owned()),
        Just("'0s'".to_owned()),
        Just("'999y'".to_owned()),
        Just("'100%'".to_owned()),
        Just("'18446744073GB'".to_owned()),
        Just("['x', 1, {name = 'x'}]".to_owned()),
        Just("{name = 'x', x = {}}".to_owned()),
        Just("-1".to_owned()),
        Just("9223372036854775807".to_owned()),
        Just("nan".to_owned()),
        Just("true".to_owned()),
        Just("9999-12-31".to_owned()),
        Just("'0 0 31 2,4 *'".to_owned()),
        Just("'* * * * *'".to_owned()),
        Just("'{'".to_owned()),
        Just("'postgres://a:b@c'".to_owned()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn flipped_bytes_do_not_panic(which in 0usize..3, flips in prop::collection::vec((any::<prop::sample::Index>(), 32u8..127), 1..8)) {
        let mut bytes = texts()[which].clone().into_bytes();
        for (at, byte) in flips {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        checked(String::from_utf8_lossy(&bytes).into_owned());
    }

    #[test]
    fn truncations_do_not_panic(which in 0usize..3, at in any::<prop::sample::Index>()) {
        let text = &texts()[which];
        let end = text.floor_char_boundary(at.index(text.len()));
        checked(text[..end].to_owned());
    }

    /// Other values under the keys that are there: most of them can be parsed, and many be read.
    #[test]
    fn other_values_do_not_panic(which in 0usize..3, changes in prop::collection::vec((any::<prop::sample::Index>(), value()), 1..12)) {
        let mut lines: Vec<String> = texts()[which].lines().map(str::to_owned).collect();
        let keys: Vec<usize> = lines.iter().enumerate().filter(|(_, line)| line.contains(" = ")).map(|(at, _)| at).collect();
        for (at, value) in changes {
            let line = &mut lines[keys[at.index(keys.len())]];
            let key = line.split(" = ").next().unwrap_or_default().to_owned();
            *line = format!("{key} = {value}");
        }
        checked(lines.join("\n"));
    }

    #[test]
    fn any_text_does_not_panic(text in "[\\[\\]a-z='\"{}., \\n#0-9-]{0,400}") {
        checked(format!("[platform]\nname = 'p'\n{text}"));
    }
}

#[test]
fn deep_nesting_ends() {
    for (open, close) in [("[", "]"), ("{a=", "}")] {
        let deep = format!("[platform]\nname = 'p'\nx = {}1{}", open.repeat(20_000), close.repeat(20_000));
        assert!(checked(deep).iter().any(|finding| finding.level == Level::Error));
    }
}

/// Many of everything, each needing the one before.
fn large(count: usize) -> String {
    let mut text = "[platform]\nname = 'p'\n[[store]]\nname = 's'\nkind = 'directory'\n".to_owned();
    for number in 0..count {
        let before = number.saturating_sub(1);
        let needs = if number == 0 { String::new() } else { format!("'c{before}'") };
        let _ = write!(
            text,
            "[[component]]\nname = 'c{number}'\nkind = 'http'\naddress = 'http://h{number}'\nrto = '1h'\nneeds = [{needs}]\n\
             [[job]]\nname = 'j{number}'\ndo = 'backup'\nof = 'c{number}'\ncron = '{} 2 * * *'\nto = ['s']\n\
             [[data]]\nname = 'd{number}'\ncomponent = 'c{number}'\nrpo = '1h'\nprotected_by = ['j{number}']\n",
            number % 60,
        );
    }
    text
}

#[test]
fn ten_thousand_components_are_checked_in_seconds() {
    let text = large(10_000);
    let began = Instant::now();
    let found = checked(text);
    let took = began.elapsed();
    assert_eq!(found.iter().filter(|finding| finding.rule == "rpo").count(), 10_000, "each of them is a day apart");
    // Without optimisation, beside other tests; a rule that looks at each pair would take far longer.
    assert!(took < Duration::from_secs(90), "{took:?}");
}

#[test]
fn names_that_lead_nowhere_are_told_of() {
    let text = large(300).replace("needs = ['c", "needs = ['missing-");
    let found = checked(text);
    assert_eq!(found.iter().filter(|finding| finding.rule == "dangling-name").count(), 299);
}
