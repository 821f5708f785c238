//! What is known now, in the text format that Prometheus reads.

use std::fmt::Write;

use chrono::{DateTime, Utc};
use indexmap::IndexMap;

use super::{OwnNetwork, Picture, Truth};
use crate::plan::facts::{Value, Verdict};
use crate::text::{Shape, untrusted};

/// One metric with its help, type and lines.
struct Family<'a> {
    out: &'a mut String,
    name: &'static str,
}

impl Family<'_> {
    fn line(&mut self, labels: &[(&str, &str)], value: f64) {
        self.out.push_str(self.name);
        for (index, (label, text)) in labels.iter().enumerate() {
            let _ = write!(self.out, "{}{label}=\"{}\"", if index == 0 { '{' } else { ',' }, escaped(text));
        }
        let _ = writeln!(self.out, "{} {value}", if labels.is_empty() { "" } else { "}" });
    }
}

fn family<'a>(out: &'a mut String, name: &'static str, help: &str) -> Family<'a> {
    let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} gauge");
    Family { out, name }
}

/// One more metric, of something that is no component.
pub fn metric(name: &'static str, help: &str, value: f64) -> String {
    let mut out = String::new();
    family(&mut out, name, help).line(&[], value);
    out
}

/// A metric of several things that are no components, each named by this label.
pub fn metric_of<'a>(
    name: &'static str,
    help: &str,
    label: &'static str,
    values: impl IntoIterator<Item = (&'a str, f64)>,
) -> String {
    let mut out = String::new();
    let mut family = family(&mut out, name, help);
    values.into_iter().for_each(|(of, value)| family.line(&[(label, of)], value));
    out
}

/// Everything that is known of the components that `wanted` names by their place in the plan.
pub fn metrics(picture: &Picture, now: DateTime<Utc>, wanted: impl Fn(usize) -> bool) -> String {
    let mut out = String::new();
    let components = || picture.components().enumerate().filter(|(index, _)| wanted(*index)).map(|(_, both)| both);
    let mut verdicts =
        family(&mut out, "lifeboat_component_verdict", "1 for the verdict that holds, 0 for the others.");
    for (component, seen) in components() {
        for verdict in Verdict::ALL {
            let labels = [
                ("component", component.name.as_str()),
                ("kind", component.kind.word()),
                ("site", component.site.as_deref().unwrap_or_default()),
                ("verdict", verdict.word()),
            ];
            verdicts.line(&labels, f64::from(u8::from(seen.verdict() == verdict)));
        }
    }
    let mut answers = family(&mut out, "lifeboat_component_answer_seconds", "How long the last answer took.");
    for (component, seen) in components() {
        if let Some(latest) = &seen.latest {
            answers.line(&[("component", &component.name)], latest.took.approx().as_secs_f64());
        }
    }
    let mut ages = family(&mut out, "lifeboat_component_answer_age_seconds", "How long ago the last answer came.");
    for (component, seen) in components() {
        if let Some(latest) = &seen.latest {
            let age = (now - latest.answered).num_milliseconds() as f64 / 1000.0;
            ages.line(&[("component", &component.name)], age.max(0.0));
        }
    }
    let mut facts = family(&mut out, "lifeboat_fact", "A fact that is a number, in the unit that the label names.");
    for (component, seen) in components() {
        for (name, value) in seen.latest.iter().chain(&seen.rare).flat_map(|reading| reading.facts.iter()) {
            if let Some(number) = number(value) {
                facts.line(&[("component", &component.name), ("fact", name), ("unit", value.unit())], number);
            }
        }
    }
    triggers(picture, &mut out);
    let mut sites = family(&mut out, "lifeboat_site_lost", "1 for a site where nothing answers while another does.");
    for site in picture.sites() {
        let mut of_site = picture.components().enumerate().filter(|(_, (it, _))| it.site.as_ref() == Some(&site.name));
        if of_site.all(|(index, _)| wanted(index)) {
            sites.line(&[("site", &site.name)], f64::from(u8::from(site.is_lost)));
        }
    }
    let suspect = matches!(picture.network(), OwnNetwork::Suspect { .. });
    let help = "1 when nobody can be reached: our own network is the suspect.";
    family(&mut out, "lifeboat_own_network_suspect", help).line(&[], f64::from(u8::from(suspect)));
    out
}

fn triggers(picture: &Picture, out: &mut String) {
    let mut fired = family(out, "lifeboat_trigger_fired", "1 for a trigger that has held for as long as it must.");
    // A condition that stands twice in a scenario is one series: two of one name are refused all together.
    let mut told: IndexMap<(&str, String), bool> = IndexMap::new();
    for trigger in picture.triggers().iter().filter(|trigger| trigger.truth != Truth::Asked) {
        *told.entry((&trigger.scenario, trigger.condition.to_string())).or_default() |= trigger.fired;
    }
    for ((scenario, condition), has_fired) in told {
        fired.line(&[("scenario", scenario), ("condition", &condition)], f64::from(u8::from(has_fired)));
    }
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Moment(moment) => Some(moment.timestamp_millis() as f64 / 1000.0),
        Value::Flag(flag) => Some(f64::from(u8::from(*flag))),
        _ => value.as_number().filter(|number| number.is_finite()),
    }
}

fn escaped(text: &str) -> String {
    untrusted(text, Shape::line(400)).replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_cannot_break_out() {
        let mut out = String::new();
        family(&mut out, "x", "y").line(&[("a", "b\"c\\d\ne\x1b[31m")], 1.5);
        assert_eq!(out, "# HELP x y\n# TYPE x gauge\nx{a=\"b\\\"c\\\\d\\\\ne\\\\x1b[31m\"} 1.5\n");
    }
}
