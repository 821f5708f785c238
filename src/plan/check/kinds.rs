//! Settings that do not belong to the kind they stand under, and places named in two ways.

use super::Rule;
use super::examined::Examined;
use super::places::entries;
use super::words::list;
use crate::plan::types::{Component, Kind};
use crate::plan::{Finding, Place};

pub const RULES: &[Rule] = &[settings, two_ways, no_store];

const SPEAKS_HTTP: [Kind; 6] =
    [Kind::Http, Kind::LoadBalancer, Kind::Elasticsearch, Kind::Prometheus, Kind::Alertmanager, Kind::Grafana];

/// Which settings a component has, and which kinds they are for.
fn settings_of(component: &Component) -> [(&'static str, bool, &'static [Kind]); 12] {
    [
        ("postgres", component.postgres.is_some(), &[Kind::Postgres]),
        ("redis", component.redis.is_some(), &[Kind::Redis]),
        ("rabbitmq", component.rabbitmq.is_some(), &[Kind::Rabbitmq]),
        ("http", component.http.is_some(), &SPEAKS_HTTP),
        ("flow", !component.flow.is_empty(), &SPEAKS_HTTP),
        ("balancer", component.balancer.is_some(), &[Kind::LoadBalancer]),
        ("files", component.files.is_some(), &[Kind::Files]),
        ("certificate", component.certificate.is_some(), &[Kind::Certificate]),
        ("bucket", component.bucket.is_some(), &[Kind::S3Bucket]),
        ("elasticsearch", component.elasticsearch.is_some(), &[Kind::Elasticsearch]),
        ("dns", component.dns.is_some(), &[Kind::DnsName]),
        ("engine", component.engine.is_some(), &[Kind::Container]),
    ]
}

/// `redis = {...}` at a `PostgreSQL` database.
fn settings(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    for component in entries(&examined.plan.component) {
        for (key, is_there, kinds) in settings_of(component.item) {
            if !is_there || kinds.contains(&component.kind) {
                continue;
            }
            let kind = component.kind.to_string();
            let fitting: Vec<String> = kinds.iter().map(ToString::to_string).collect();
            findings.push(
                Finding::error(
                    "settings-of-another-kind",
                    format!("{} is {kind}, and `{key}` is not for that", component.name),
                )
                .at(examined.key(component, key), format!("for {}", list(fitting.iter().map(String::as_str))))
                .at(examined.key(component, "kind"), "the kind")
                .because("nothing reads these settings, so what they ask for does not happen")
                .mend(format!("correct the kind, or take `{key}` out")),
            );
        }
    }
}

/// A place that is named by ssh and docker at once.
fn two_ways(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    let mut look = |place: Option<&Place>, at: &dyn Fn() -> crate::plan::source::Origin| {
        if let Some(place) = place.filter(|place| place.ways() > 1) {
            findings.push(
                Finding::error("two-ways-in", format!("{} ways lead there, and only one can be taken", place.ways()))
                    .at(at(), "more than one way")
                    .because("commands would go to one of two places on the night, and nobody chose which")
                    .mend("keep one of ssh, docker and prefix; a container on another host is { prefix = [\"ssh\", \"host\", \"docker\", \"exec\", \"-i\", \"name\"] }"),
            );
        }
    };
    for component in entries(&examined.plan.component) {
        look(component.item.reach.as_ref(), &|| examined.key(component, "reach"));
    }
    for store in entries(&examined.plan.store) {
        look(store.item.reach.as_ref(), &|| examined.key(store, "reach"));
    }
    for job in entries(&examined.plan.job) {
        look(job.item.at.as_ref(), &|| examined.key(job, "at"));
    }
}

/// A backup or an upload that goes nowhere.
fn no_store(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    use crate::plan::types::Task;
    for job in entries(&examined.plan.job) {
        let goes_somewhere = matches!(job.task, Task::Backup | Task::Upload);
        if goes_somewhere && job.to.is_empty() && !examined.is_written(&examined.path(job).to("to")) {
            findings.push(
                Finding::warning("no-store", format!("{} writes to no store", job.name))
                    .at(examined.origin(job), "goes nowhere")
                    .because("a recovery point that is kept nowhere cannot be restored")
                    .mend("name the stores it writes to: to = [\"local\", \"offsite\"]"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{accepts, finds};

    #[test]
    fn settings_of_another_kind_are_found() {
        let plan = |kind: &str, settings: &str| format!("[[component]]\nname='a'\nkind='{kind}'\n{settings}={{}}");
        finds("settings-of-another-kind", &plan("postgres", "redis"), &["redis", "kind='postgres'"]);
        finds("settings-of-another-kind", &plan("host", "http"), &["http", "kind='host'"]);
        accepts("settings-of-another-kind", &plan("redis", "redis"));
        accepts("settings-of-another-kind", &plan("grafana", "http"));
    }

    #[test]
    fn two_ways_to_one_place_are_found() {
        let plan = |reach: &str| format!("[[component]]\nname='a'\nkind='host'\nreach={{{reach}}}");
        finds("two-ways-in", &plan("ssh='a', docker='b'"), &["reach"]);
        accepts("two-ways-in", &plan("ssh='a'"));
        finds("two-ways-in", "[[job]]\nname='j'\ndo='command'\nevery='1h'\nat={ssh='a', prefix=['b']}", &["at"]);
        finds("two-ways-in", "[[store]]\nname='s'\nkind='git'\nreach={ssh='a', prefix=['b']}", &["reach"]);
    }

    #[test]
    fn a_backup_that_goes_nowhere_is_found() {
        finds("no-store", "[[job]]\nname='j'\ndo='backup'\nevery='1h'", &["name='j'"]);
        accepts("no-store", "[[job]]\nname='j'\ndo='switch-wal'\nevery='1h'");
    }
}
