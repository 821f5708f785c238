//! Components that keep something, and that no category of data names.

use std::collections::HashSet;

use super::Rule;
use super::examined::{Examined, followers};
use super::places::entries;
use super::words::list;
use crate::plan::Finding;
use crate::plan::types::{Component, Kind, Purpose};

pub const RULES: &[Rule] = &[unprotected];

/// Kinds that lose something when they are lost.
const KEEPING: [Kind; 6] =
    [Kind::Postgres, Kind::Redis, Kind::Rabbitmq, Kind::Files, Kind::Certificate, Kind::Elasticsearch];

fn is_sentinel(component: &Component) -> bool {
    component.redis.as_ref().is_some_and(|redis| redis.sentinel == Some(true))
}

/// Components that keep something nobody protects: no data live there, and they are no copies of others.
fn unprotected(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    let plan = examined.plan;
    let with_data: HashSet<&str> = plan.data.iter().filter_map(|data| data.component.as_deref()).collect();
    let followers: HashSet<&String> = plan.component.iter().flat_map(followers).collect();
    let clusters: HashSet<_> = plan.component.iter().filter(|other| other.nodes > Some(1)).map(cluster).collect();
    let kept: HashSet<_> =
        plan.component.iter().filter(|component| KEEPING.contains(&component.kind)).map(cluster).collect();
    let taking_over: HashSet<&str> = plan
        .procedure
        .iter()
        .filter(|procedure| procedure.purpose == Some(Purpose::Failover))
        .filter_map(|procedure| procedure.site.as_deref())
        .collect();
    let is_copy = |component: &Component| {
        let is_peer = component.nodes.is_none() && clusters.contains(&cluster(component));
        let waits = component.site.as_deref().is_some_and(|site| taking_over.contains(site));
        let is_filled =
            waits && kept.iter().any(|(kind, site)| *kind == component.kind && *site != component.site.as_deref());
        followers.contains(&component.name) || is_peer || is_filled
    };
    let open: Vec<_> = entries(&plan.component)
        .filter(|component| KEEPING.contains(&component.kind) && !with_data.contains(component.item.name.as_str()))
        .filter(|component| !is_copy(component.item) && !is_sentinel(component.item))
        .collect();
    if open.is_empty() {
        return;
    }
    let names = list(open.iter().map(|component| component.item.name.as_str()));
    let keep = if open.len() == 1 { "keeps" } else { "keep" };
    let finding = Finding::warning("unprotected-component", format!("no [[data]] says what {names} {keep}"));
    let finding = open
        .iter()
        .fold(finding, |finding, component| finding.at(examined.origin(*component), "what is lost with it?"));
    findings.push(
        finding
            .because(format!(
                "nobody said how much of what {names} {keep} may be lost, so nobody notices when nothing copies it"
            ))
            .mend("add a [[data]] that names the component, with its RPO and the jobs that protect it"),
    );
}

/// What nodes of one cluster have in common.
fn cluster(component: &Component) -> (Kind, Option<&str>) {
    (component.kind, component.site.as_deref())
}

#[cfg(test)]
mod tests {
    use super::super::testing::{accepts, finds};

    const RULE: &str = "unprotected-component";

    fn component(name: &str, rest: &str) -> String {
        format!("[[component]]\nname='{name}'\n{rest}\n")
    }

    #[test]
    fn what_keeps_something_that_nobody_names_is_found() {
        let data = "[[data]]\nname='d'\ncomponent='a'";
        for kind in ["postgres", "redis", "rabbitmq", "files", "certificate", "elasticsearch"] {
            let a = component("a", &format!("kind='{kind}'"));
            finds(RULE, &a, &["name='a'"]);
            accepts(RULE, &(a + data));
        }
        accepts(RULE, &component("a", "kind='http'"));
    }

    #[test]
    fn copies_of_another_are_accepted() {
        let data = "[[data]]\nname='d'\ncomponent='a'\n";
        let follows = component("a", "kind='postgres'\npostgres={standbys=['b']}") + data;
        accepts(RULE, &(follows + &component("b", "kind='postgres'")));
        let cluster = |nodes: &str| {
            component("a", &format!("kind='rabbitmq'\n{nodes}")) + data + &component("b", "kind='rabbitmq'")
        };
        accepts(RULE, &cluster("nodes=3"));
        finds(RULE, &cluster(""), &["name='b'"]);
        finds(RULE, &(component("b", "kind='redis'") + &component("c", "kind='files'")), &["name='b'", "name='c'"]);
    }

    #[test]
    fn what_takes_over_in_a_failover_is_accepted() {
        let plan = |purpose: &str| {
            "[[site]]\nname='x'\n[[site]]\nname='y'\n[[data]]\nname='d'\ncomponent='a'\n".to_owned()
                + &component("a", "kind='redis'\nsite='x'")
                + &component("b", "kind='redis'\nsite='y'")
                + &format!("[[procedure]]\nname='p'\npurpose='{purpose}'\nsite='y'")
        };
        accepts(RULE, &plan("failover"));
        finds(RULE, &plan("repair"), &["name='b'"]);
    }
}
