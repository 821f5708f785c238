//! The recovery plan that the lab writes for itself, with the addresses it really has.

use chrono::{DateTime, Utc};

use super::context::Lab;
use super::servers::postgres::DATABASE;
use super::servers::{dns, s3};
use super::{LabError, Role, ServerId, Site, files};

const PLAN: &str = include_str!("../../assets/lab/plan.toml");

/// Writes the plan, and the state folder that it names.
pub(super) fn write(lab: &Lab, now: DateTime<Utc>) -> Result<(), LabError> {
    files::make_folder(&lab.layout.state(), 0o750, None)?;
    let text = values(lab, now)?.iter().fold(PLAN.to_owned(), |text, (name, value)| text.replace(name, &quoted(value)));
    files::replace(&lab.layout.plan(), text.as_bytes(), 0o640, None)
}

fn values(lab: &Lab, now: DateTime<Utc>) -> Result<Vec<(String, String)>, LabError> {
    let mut values = Vec::new();
    let mut say = |name: &str, value: String| values.push((format!("@{name}@"), value));
    let shown = |path: std::path::PathBuf| path.display().to_string();
    for site in [Site::Primary, Site::Dr] {
        let place = site.name().to_uppercase();
        for role in [Role::Postgres, Role::Redis, Role::Rabbitmq, Role::App, Role::S3] {
            let address = lab.address(ServerId::new(site, role));
            say(&format!("{place}_{}", role.name().to_uppercase()), address.to_string());
        }
        say(&format!("{place}_MANAGEMENT"), lab.management(site).to_string());
        say(&format!("{place}_IP"), lab.record.network.site(site).to_string());
        say(&format!("{place}_BACKUPS"), shown(lab.layout.backups(site)));
        say(&place, shown(lab.layout.site(site)));
    }
    say("THAW", s3::settings(lab, Site::Primary)?.thaw.to_string());
    say("STATE", shown(lab.layout.state()));
    say("SECRETS", shown(lab.layout.root().join("secrets")));
    say("TODAY", now.date_naive().to_string());
    say("DATABASE", DATABASE.to_owned());
    say("ZONE", dns::ZONE.to_owned());
    say("DNS", lab.address(ServerId::new(Site::Outside, Role::Dns)).to_string());
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
    fn odd_folders_survive_toml() {
        let odd = "/tmp/a \"b\" \\c\n";
        let text = format!("path = \"{}\"", quoted(odd));
        assert_eq!(toml::from_str::<toml::Table>(&text).unwrap()["path"].as_str(), Some(odd));
    }
}
