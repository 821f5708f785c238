//! Figures that a source states otherwise, and figures that were reached otherwise than promised.

use indexmap::IndexMap;

use super::Rule;
use super::examined::Examined;
use super::known::Known;
use super::places::{entries, walk};
use super::words::list;
use crate::plan::Finding;
use crate::plan::source::{Node, Path, Value};
use crate::plan::types::Stated;
use crate::text::Span;

pub const RULES: &[Rule] = &[stated, achieved, actual];

/// The lists that `of` may name an entry of.
const LISTS: [&str; 10] =
    ["component", "data", "store", "job", "scenario", "procedure", "site", "role", "message", "kpi"];

/// The place of a value, and who states another one.
type Others<'p> = (Path, Vec<(usize, &'p Stated)>);

/// What sources say against what the plan says, one finding for each value of the plan.
fn stated(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    let mut others: IndexMap<(&str, &str), Others<'_>> = IndexMap::new();
    let subjects = Known::of(examined, "entry", &LISTS);
    for (index, stated) in examined.plan.stated.iter().enumerate() {
        if stated.of != examined.plan.platform.name && !subjects.names.contains(stated.of.as_str()) {
            subjects.expect(&stated.of, || examined.at(&Path::entry("stated", index).to("of")), findings);
            continue;
        }
        let Some(place) = own_value(examined, stated) else {
            findings.push(about_nothing(examined, index, stated));
            continue;
        };
        let own = walk(examined.tree, &place).map(|node| said(&node.value)).unwrap_or_default();
        if !same(&own, &stated.value) {
            others.entry((&stated.of, &stated.key)).or_insert_with(|| (place, Vec::new())).1.push((index, stated));
        }
    }
    for ((of, key), (place, stated)) in others {
        let own = walk(examined.tree, &place).map(|node| said(&node.value)).unwrap_or_default();
        let mut values: IndexMap<&str, Vec<&str>> = IndexMap::new();
        for (_, stated) in &stated {
            values.entry(&stated.value).or_default().push(&stated.by);
        }
        let elsewhere: Vec<String> =
            values.iter().map(|(value, by)| format!("{value} in {}", by.join(" and in "))).collect();
        let elsewhere = list(elsewhere.iter().map(String::as_str));
        let finding = Finding::warning("stated-otherwise", format!("`{key}` of {of} is {own} here, and {elsewhere}"))
            .at(examined.at(&place), "what the plan acts on");
        let finding = stated.iter().fold(finding, |finding, (index, stated)| {
            finding.at(examined.at(&Path::entry("stated", *index).to("value")), stated.by.clone())
        });
        findings.push(
            finding
                .because(format!("whoever has read another source counts on something else than {own} on the night"))
                .mend("settle which of them holds, correct the other sources, and take their entries out"),
        );
    }
}

fn about_nothing(examined: &Examined<'_>, index: usize, stated: &Stated) -> Finding {
    let entry = Path::entry("stated", index);
    Finding::error("dangling-name", format!("there is no `{}` of \"{}\"", stated.key, stated.of))
        .at(examined.at(&entry.to("key")), "no such key")
        .at(examined.at(&entry.to("of")), "of this")
        .because("what a source says otherwise is kept for a review that will look for its value in vain")
        .mend("name what it is about as the plan does, and the key that holds the plan's own value")
}

/// Where the plan's own value stands: below an entry of that name, below the platform, or at the top.
fn own_value(examined: &Examined<'_>, stated: &Stated) -> Option<Path> {
    let below = |path: Path| stated.key.split('.').fold(path, |path, key| path.to(key));
    let named = LISTS.iter().flat_map(|list| {
        let elements = examined.tree.get(list).map_or(&[][..], |entry| entry.node.elements());
        let named = elements.iter().enumerate();
        let fits = move |(_, element): &(usize, &Node)| {
            element.get("name").and_then(|name| name.node.text()) == Some(stated.of.as_str())
        };
        named.filter(fits).map(|(index, _)| Path::entry(list, index))
    });
    let is_platform = stated.of == examined.plan.platform.name;
    let platform = is_platform.then(|| [Path::root().to("platform"), Path::root()]).into_iter().flatten();
    named.chain(platform).map(below).find(|path| walk(examined.tree, path).is_some())
}

fn said(value: &Value) -> String {
    match value {
        Value::Text(text) | Value::Date(text) => text.clone(),
        Value::Integer(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Boolean(yes) => yes.to_string(),
        Value::Table(_) | Value::Array(_) => "something else".to_owned(),
    }
}

/// Whether two ways of writing mean the same: `24h` and `1d`.
fn same(one: &str, other: &str) -> bool {
    let spans = one.parse::<Span>().ok().zip(other.parse::<Span>().ok());
    one == other || spans.is_some_and(|(one, other)| one.approx_millis() == other.approx_millis())
}

/// More lost in practice than is promised.
fn achieved(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    for data in entries(&examined.plan.data) {
        let Some((achieved, rpo)) = data.achieved.zip(data.rpo).filter(|(achieved, rpo)| achieved > rpo) else {
            continue;
        };
        findings.push(
            Finding::warning("achieved", format!("{} has lost {achieved} at worst, and its RPO is {rpo}", data.name))
                .at(examined.key(data, "achieved"), "what was reached")
                .at(examined.key(data, "rpo"), "what is promised")
                .because("what was not kept when somebody looked will not be kept on the night either")
                .mend("protect it more often, or promise what can be kept"),
        );
    }
}

/// Recoveries that took longer than they may.
fn actual(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    for component in entries(&examined.plan.component) {
        let Some(actual) = component.actual.map(|actual| actual.most) else { continue };
        let Some(rto) = component.rto.filter(|rto| actual > *rto) else { continue };
        findings.push(
            Finding::warning(
                "actual",
                format!("{} took up to {actual} to recover, and may be away for {rto}", component.name),
            )
            .at(examined.key(component, "actual"), "what it took")
            .at(examined.key(component, "rto"), "what is promised")
            .because("what was not kept in an exercise will not be kept on the night either")
            .mend("make the recovery quicker, or promise what can be kept"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{accepts, finds};

    fn plan(of: &str, key: &str, value: &str) -> String {
        format!(
            "[platform]\nname='p'\nrto='2h'\n[cost]\nprogramme_total=5\n[[store]]\nname='s'\nkind='git'\nkeep={{age='7d'}}\n\
             [[stated]]\nof='{of}'\nkey='{key}'\nvalue='{value}'\nby='another document'"
        )
    }

    #[test]
    fn what_a_source_says_otherwise_is_found() {
        finds("stated-otherwise", &plan("s", "keep.age", "30d"), &["age='7d'", "value='30d'"]);
        finds("stated-otherwise", &plan("p", "rto", "4h"), &["rto='2h'", "value='4h'"]);
        finds("stated-otherwise", &plan("p", "cost.programme_total", "6"), &["programme_total=5", "value='6'"]);
        accepts("stated-otherwise", &plan("s", "keep.age", "168h"));
    }

    #[test]
    fn what_a_source_says_about_nothing_is_found() {
        finds("dangling-name", &plan("s", "keep.size", "30d"), &["key='keep.size'", "of='s'"]);
        finds("dangling-name", &plan("x", "rto", "30d"), &["of='x'"]);
        accepts("dangling-name", &plan("s", "keep.age", "30d"));
    }

    #[test]
    fn what_was_not_reached_is_found() {
        let data = |achieved: &str| format!("[[data]]\nname='d'\nrpo='1h'\nachieved='{achieved}'");
        finds("achieved", &data("2h"), &["achieved='2h'", "rpo='1h'"]);
        accepts("achieved", &data("1h"));
        let component = |actual: &str| format!("[[component]]\nname='a'\nkind='host'\nrto='1h'\nactual='{actual}'");
        finds("actual", &component("45min to 70min"), &["actual='45min to 70min'", "rto='1h'"]);
        accepts("actual", &component("45min to 60min"));
    }
}
