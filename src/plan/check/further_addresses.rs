//! Addresses beside a component's own: its statistics, its management, the service of a bucket, name servers.

use std::net::{IpAddr, SocketAddr};

use super::Rule;
use super::address_form::wrong_host_and_port;
use super::examined::Examined;
use super::places::entries;
use crate::plan::Finding;
use crate::plan::source::{Origin, Path};
use crate::plan::types::Component;

pub const RULES: &[Rule] = &[further_addresses];

/// What is written at a key, what is wrong with it, and what it should look like.
type Form = (fn(&str) -> Option<String>, &'static str);

const PAGE: Form = (wrong_page, "http://host:8080");
const PORT: Form = (wrong_port, "host:443");
const NAME_SERVER: Form = (wrong_name_server, "10.0.0.2 or 10.0.0.2:53");

fn further_addresses(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    for component in entries(&examined.plan.component) {
        for ((part, key), address, form) in written(component.item) {
            let at = examined.at(&examined.path(component).to(part).to(key));
            findings.extend(finding(&component.name, &format!("{part}.{key}"), address, form, at));
        }
    }
    for store in entries(&examined.plan.store) {
        if let Some(address) = &store.item.endpoint {
            let path: Path = examined.path(store).to("endpoint");
            findings.extend(finding(&store.name, "endpoint", address, PAGE, examined.at(&path)));
        }
    }
}

fn written(component: &Component) -> Vec<((&'static str, &'static str), &String, Form)> {
    let Component { balancer, rabbitmq, bucket, certificate, dns, .. } = component;
    let all = [
        (("balancer", "statistics"), balancer.as_ref().and_then(|it| it.statistics.as_ref()), PAGE),
        (("rabbitmq", "management"), rabbitmq.as_ref().and_then(|it| it.management.as_ref()), PAGE),
        (("bucket", "endpoint"), bucket.as_ref().and_then(|it| it.endpoint.as_ref()), PAGE),
        (("certificate", "served_at"), certificate.as_ref().and_then(|it| it.served_at.as_ref()), PORT),
        (("dns", "server"), dns.as_ref().and_then(|it| it.server.as_ref()), NAME_SERVER),
        (("dns", "resolver"), dns.as_ref().and_then(|it| it.resolver.as_ref()), NAME_SERVER),
    ];
    all.into_iter().filter_map(|(key, address, form)| Some((key, address?, form))).collect()
}

fn finding(name: &str, key: &str, address: &str, (wrong, example): Form, at: Origin) -> Option<Finding> {
    let why = wrong(address.trim())?;
    Some(
        Finding::error("address", format!("nothing can answer at the `{key}` of {name}: {why}"))
            .at(at, why)
            .because(format!("what {name} tells there stays unknown, however well it is"))
            .mend(format!("write where it answers, like {example}, or leave `{key}` out")),
    )
}

fn wrong_page(address: &str) -> Option<String> {
    let rest = address.strip_prefix("http://").or_else(|| address.strip_prefix("https://"));
    let Some(rest) = rest else { return Some("it does not begin with http:// or https://".to_owned()) };
    wrong_authority(rest)
}

fn wrong_port(address: &str) -> Option<String> {
    wrong_authority(address.split_once("://").map_or(address, |(_, rest)| rest))
}

fn wrong_authority(rest: &str) -> Option<String> {
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    if host.is_empty() { Some("it names no host".to_owned()) } else { wrong_host_and_port(host) }
}

fn wrong_name_server(address: &str) -> Option<String> {
    let is_one = address.parse::<IpAddr>().is_ok() || address.parse::<SocketAddr>().is_ok_and(|at| at.port() != 0);
    (!is_one).then(|| "a name server is named by its IP address, with a port or without".to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::testing::{accepts, finds, only};

    fn plan(kind: &str, rest: &str) -> String {
        format!("[[component]]\nname='a'\nkind='{kind}'\n{rest}")
    }

    #[test]
    fn addresses_at_which_nothing_can_answer_are_found_wherever_they_stand() {
        for (kind, part, key, address) in [
            ("load-balancer", "balancer", "statistics", "http://127.0.0.1:99999/"),
            ("load-balancer", "balancer", "statistics", "127.0.0.1:8404"),
            ("rabbitmq", "rabbitmq", "management", "http://mq:port"),
            ("s3-bucket", "bucket", "endpoint", "minio:9000"),
            ("certificate", "certificate", "served_at", "app.example.com:99999"),
            ("certificate", "certificate", "served_at", ":443"),
            ("dns-name", "dns", "server", "ns.example.com"),
            ("dns-name", "dns", "resolver", "10.0.0.2:99999"),
        ] {
            let written = format!("{key}='{address}'");
            finds("address", &plan(kind, &format!("{part}={{{written}}}")), &[&written]);
        }
        let store = "[[store]]\nname='s'\nkind='s3'\nbucket='b'\nendpoint='http://h:0'";
        let finding = only("address", store);
        assert!(finding.message.contains("there is no port 0") && finding.mend.contains("http://host:8080"));
    }

    #[test]
    fn addresses_that_can_be_asked_are_accepted() {
        for (kind, rest) in [
            ("load-balancer", "balancer={statistics='http://[::1]:8404/;csv'}"),
            ("rabbitmq", "rabbitmq={management='https://mq'}"),
            ("s3-bucket", "bucket={endpoint='http://127.0.0.1:9000'}"),
            ("certificate", "certificate={served_at='https://app.example.com'}"),
            ("dns-name", "dns={server='10.0.0.2', resolver='[::1]:5353'}"),
        ] {
            accepts("address", &plan(kind, rest));
        }
    }
}
