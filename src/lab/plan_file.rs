//! The recovery plan that the lab writes for itself, with the addresses it really has.

use chrono::{DateTime, Utc};

use super::context::Lab;
use super::network::Door;
use super::servers::postgres::DATABASE;
use super::servers::{dns, s3};
use super::{LabError, Nodes, Role, ServerId, Site, config_files, files};

const PLAN: &str = include_str!("../../assets/lab/plan.toml");
/// The nodes of cache and broker, by how many there are.
const NODES: [(Nodes, &str); 2] = [
    (Nodes::One, include_str!("../../assets/lab/nodes-1.toml")),
    (Nodes::Three, include_str!("../../assets/lab/nodes-3.toml")),
];
/// Where they go.
const PLACE: &str = "# @NODES@\n";

/// Writes the plan, and the state folder that it names.
pub(super) fn write(lab: &Lab, now: DateTime<Utc>) -> Result<(), LabError> {
    files::make_folder(&lab.layout.state(), 0o750, None)?;
    let text = with_nodes(lab.record.nodes);
    let text = values(lab, now)?.iter().fold(text, |text, (name, value)| text.replace(name, &quoted(value)));
    files::replace(&lab.layout.plan(), text.as_bytes(), 0o640, None)
}

/// The plan with its nodes, and with their names wherever it speaks of the cache and the broker.
fn with_nodes(nodes: Nodes) -> String {
    let components = NODES.iter().find(|(number, _)| *number == nodes).map_or("", |(_, text)| text);
    let names = |role| ServerId::of(nodes, Site::Primary, role).iter().map(ServerId::name).collect::<Vec<_>>();
    let mut text = PLAN.replace(PLACE, components);
    for (place, role) in [("CACHE", Role::Redis), ("BROKER", Role::Rabbitmq)] {
        let all = names(role);
        let quoted = all.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ");
        let first = all.first().cloned().unwrap_or_default();
        // All of them and what waits at the other site make four.
        let lost = match nodes {
            Nodes::One => format!("{first}.verdict == down for 2min"),
            Nodes::Three => format!("at least 3 of {}-*.verdict == down for 2min", role.name()),
        };
        for (name, value) in [("S", &quoted), ("_LOST", &lost), ("", &first)] {
            text = text.replace(&format!("@{place}{name}@"), value);
        }
    }
    text
}

fn values(lab: &Lab, now: DateTime<Utc>) -> Result<Vec<(String, String)>, LabError> {
    let mut values = Vec::new();
    let mut say = |name: &str, value: String| values.push((format!("@{name}@"), value));
    let shown = |path: std::path::PathBuf| path.display().to_string();
    for server in lab.servers().into_iter().filter(|server| server.site == Site::Outside) {
        say(&format!("OUTSIDE_{}", server.name().to_uppercase()), lab.address(server).to_string());
    }
    for site in [Site::Primary, Site::Dr] {
        let place = site.name().to_uppercase();
        for server in lab.servers().into_iter().filter(|server| server.site == site) {
            say(&format!("{place}_{}", server.name().to_uppercase()), lab.address(server).to_string());
        }
        let statistics = lab.record.network.address(ServerId::new(site, Role::Balancer), Door::Statistics);
        say(&format!("{place}_STATISTICS"), statistics.to_string());
        for server in lab.all_of(site, Role::Rabbitmq) {
            let number = server.node.map_or_else(String::new, |number| format!("-{number}"));
            say(&format!("{place}_MANAGEMENT{number}"), lab.management(server).to_string());
        }
        say(&format!("{place}_IP"), lab.record.network.site(site).to_string());
        say(&format!("{place}_BACKUPS"), shown(lab.layout.backups(site)));
        say(&place, shown(lab.layout.site(site)));
    }
    say("THAW", s3::settings(lab, Site::Primary)?.thaw.to_string());
    say("STATE", shown(lab.layout.state()));
    say("SECRETS", shown(lab.layout.root().join("secrets")));
    say("RECIPIENT", config_files::recipient(lab)?);
    say("TODAY", now.date_naive().to_string());
    say("DATABASE", DATABASE.to_owned());
    say("ZONE", dns::ZONE.to_owned());
    say("BUCKET", s3::BUCKET.to_owned());
    say("COPY", s3::COPY.to_owned());
    say("ARCHIVE", s3::ARCHIVE.to_owned());
    Ok(values)
}

/// A value inside a string of TOML, whatever is in it.
fn quoted(value: &str) -> String {
    value.chars().fold(String::new(), |text, letter| match letter {
        '"' | '\\' => text + "\\" + letter.encode_utf8(&mut [0; 4]),
        _ if letter.is_control() => text + &format!("\\u{:04X}", u32::from(letter)),
        _ => text + letter.encode_utf8(&mut [0; 4]),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plan_names_every_node_and_no_place_is_left_that_is_not_an_address() {
        for nodes in Nodes::ALL {
            let text = with_nodes(nodes);
            for (place, role) in [("REDIS", Role::Redis), ("RABBITMQ", Role::Rabbitmq), ("SENTINEL", Role::Sentinel)] {
                for server in ServerId::of(nodes, Site::Primary, role) {
                    assert!(text.contains(&format!("name = \"{}\"\n", server.name())), "{server}");
                    let number = server.node.map_or_else(String::new, |number| format!("-{number}"));
                    assert!(text.contains(&format!("@PRIMARY_{place}{number}@")), "{server}");
                }
            }
            for place in ["@NODES@", "@CACHE", "@BROKER"] {
                assert!(!text.contains(place), "{place}");
            }
        }
    }

    #[test]
    fn odd_folders_survive_toml() {
        let odd = "/tmp/a \"b\" \\c\n";
        let text = format!("path = \"{}\"", quoted(odd));
        assert_eq!(toml::from_str::<toml::Table>(&text).unwrap()["path"].as_str(), Some(odd));
    }
}
