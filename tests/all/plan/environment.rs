//! What an environment may be called, and what is made of it.

use lifeboat::plan::source::File;
use lifeboat::plan::{Environment, Stakes, assemble};

fn of(named: &str) -> Environment {
    let text = format!("[platform]\nname = 'p'\nenvironment = {named:?}\n");
    let loaded = assemble(vec![File { path: "plan.toml".into(), text }], Vec::new());
    Environment::of(&loaded.plan.unwrap().platform)
}

#[test]
fn whatever_does_not_call_itself_harmless_is_production() {
    for named in [
        "production",
        "PROD-EU",
        "prod2",
        "live",
        "delivery",
        "latest",
        "attested",
        "labour",
        "devices",
        "contest",
        "customers",
        "dr",
        "eu-west-1",
        "preprod",
        "non-production",
        "test of production",
        "this is not a drill",
        "live demo",
        "protest",
        "stagecraft",
        "Produktion",
        "",
        "  ",
        "\u{202e}tset",
    ] {
        let environment = of(named);
        assert_eq!(environment.stakes, Stakes::Real, "{named}");
        assert!(environment.word.contains("PROD"), "{named}: {}", environment.word);
    }
    assert_eq!(of("delivery").word, "PRODUCTION: DELIVERY");
    assert_eq!(of("Production").word, "PRODUCTION");
}

#[test]
fn a_harmless_word_of_its_own_is_believed() {
    for named in ["lab", "Test", "test environment", "dev2", "eu-staging", "QA", "sandbox_7", "demo (customers)"] {
        let environment = of(named);
        assert_eq!(environment.stakes, Stakes::Harmless, "{named}");
        assert_eq!(environment.word, named.to_uppercase());
    }
    for named in ["drill", "DR drill 2024", "exercise"] {
        assert_eq!(of(named).stakes, Stakes::Practice, "{named}");
    }
}
