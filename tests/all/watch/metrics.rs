//! What Prometheus is told.

use lifeboat::plan::facts::Value;
use lifeboat::plan::facts::Verdict::Down;
use lifeboat::watch::metrics;

use super::made_up::{Told, at};

#[test]
fn verdicts_facts_and_triggers_are_told_with_harmless_labels() {
    let mut told = Told::new(
        "[[component]]\nname = 'db'\nkind = 'postgres'\n\
         [[scenario]]\nname = 'full'\ntriggers = ['db.connections >= 90%', 'db.connections  >= 90%']\n",
    );
    told.hears("db", 0, Down, &[("connections", Value::Share(95.0)), ("role", Value::Text("a\"b\nc".into()))]);
    told.0.settle(at(1));
    let text = metrics(&told.0, at(10), |_| true);
    for line in [
        "lifeboat_component_verdict{component=\"db\",kind=\"postgres\",site=\"\",verdict=\"down\"} 1",
        "lifeboat_component_verdict{component=\"db\",kind=\"postgres\",site=\"\",verdict=\"healthy\"} 0",
        "lifeboat_fact{component=\"db\",fact=\"connections\",unit=\"percent\"} 95",
        "lifeboat_component_answer_age_seconds{component=\"db\"} 10",
        "lifeboat_trigger_fired{scenario=\"full\",condition=\"db.connections >= 90%\"} 1",
        "lifeboat_own_network_suspect 0",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
    }
    let series: Vec<&str> = text.lines().filter_map(|line| line.rsplit_once(' ').map(|(series, _)| series)).collect();
    let of_trigger = series.iter().filter(|series| series.starts_with("lifeboat_trigger_fired{")).count();
    assert_eq!(of_trigger, 1, "two series of one name: {text}");
    assert!(text.lines().all(|line| line.starts_with('#') || line.starts_with("lifeboat_")), "{text}");
}
