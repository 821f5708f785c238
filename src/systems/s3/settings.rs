//! How a bucket is set up: versions, encryption, replication.

use reqwest::Method;

use super::bucket::Bucket;
use crate::plan::facts::{Value, Verdict};
use crate::plan::types::{Plan, Store};
use crate::reach::s3::{Keys, xml};
use crate::systems::contact::Contact;
use crate::systems::probe::Told;
use crate::systems::reading::Reason;
use crate::text::{Shape, untrusted};

/// How long one of them may take; somebody else watches the time of all.
const TIME: std::time::Duration = std::time::Duration::from_secs(10);

/// What was told of each, or why it was not.
#[derive(Clone, Debug)]
pub struct Settings {
    versioning: Result<&'static str, String>,
    encryption: Result<String, String>,
    replication: Result<Vec<String>, String>,
}

/// What the plan's stores count on.
#[derive(Clone, Debug, Default)]
pub struct Promises {
    versions: bool,
    copies_to: Option<String>,
    encryption: Option<String>,
}

impl Promises {
    /// Of the stores that lie in a bucket.
    pub fn of(plan: &Plan, bucket: &str) -> Promises {
        let stores: Vec<&Store> = plan.store.iter().filter(|store| store.bucket.as_deref() == Some(bucket)).collect();
        Promises {
            versions: stores.iter().any(|store| store.previous_versions.is_some_and(|versions| versions > 0)),
            copies_to: stores.iter().find_map(|store| store.replicated_to.clone()),
            encryption: stores.iter().find_map(|store| store.encryption.clone()),
        }
    }
}

impl Settings {
    /// Asks for all of them.
    pub async fn ask(bucket: &Bucket<'_>, keys: &Keys, with: &Contact<'_>) -> Settings {
        let (versioning, encryption, replication) = tokio::join!(
            get(bucket, "versioning", keys, with),
            get(bucket, "encryption", keys, with),
            get(bucket, "replication", keys, with),
        );
        Settings {
            versioning: versioning.map(|xml| versioning_word(xml.as_deref().unwrap_or_default())),
            encryption: encryption.map(|xml| xml.map_or_else(|| "none".to_owned(), |xml| encryption_words(&xml))),
            replication: replication.map(|xml| xml.map_or_else(Vec::new, |xml| destinations(&xml))),
        }
    }

    /// Whether old versions stay; not known where it may not be seen.
    pub fn versioning(&self) -> Option<&'static str> {
        self.versioning.as_ref().ok().copied()
    }

    /// Tells of them, and of what the plan counts on and does not find.
    pub fn tell(&self, promises: &Promises, told: &mut Told) {
        let degraded = |fact, sentence: String| Reason::of_fact(Verdict::Degraded, fact, sentence);
        match &self.versioning {
            Ok(word) => {
                told.facts.set("versioning", Value::word(word));
                if promises.versions && *word != "on" {
                    let sentence = format!("versioning is {word}, and the plan counts on previous versions");
                    told.reasons.push(degraded("versioning", sentence));
                }
            }
            Err(why) => unseen(told, "versioning", why),
        }
        match &self.encryption {
            Ok(words) => {
                told.facts.set_text("encryption", words);
                if promises.encryption.is_some() && words == "none" {
                    told.reasons
                        .push(degraded("encryption", "it encrypts nothing, as the plan says it does".to_owned()));
                }
            }
            Err(why) => unseen(told, "encryption", why),
        }
        match &self.replication {
            Ok(to) => {
                let words = if to.is_empty() { "nowhere".to_owned() } else { to.join(", ") };
                told.facts.set_text("replication", words);
                if let (Some(copies_to), true) = (&promises.copies_to, to.is_empty()) {
                    let copies_to = untrusted(copies_to, Shape::line(60));
                    let sentence = format!("nothing is copied to {copies_to}, as the plan says it is");
                    told.reasons.push(degraded("replication", sentence));
                }
            }
            Err(why) => unseen(told, "replication", why),
        }
    }
}

/// Why a setting cannot be seen where the service answers 401 or 403.
const FORBIDDEN: &str = "these keys may not see it";

fn unseen(told: &mut Told, name: &'static str, why: &str) {
    if why == FORBIDDEN { told.facts.deny(name, why) } else { told.facts.hide(name, why) }
}

/// A setting as XML; nothing where none was made.
async fn get(bucket: &Bucket<'_>, what: &str, keys: &Keys, with: &Contact<'_>) -> Result<Option<String>, String> {
    let ask =
        bucket.ask(Method::GET, None, &[(what, "")], Some(keys), with).await.map_err(|error| error.to_string())?;
    let page = ask.page(TIME, with.clock).await.map_err(|trouble| trouble.to_string())?;
    let text = String::from_utf8_lossy(&page.body).into_owned();
    match page.status.as_u16() {
        200 => Ok(Some(text)),
        400..=499 if xml::text(&text, "Code").is_some_and(|code| code.ends_with("ConfigurationNotFoundError")) => {
            Ok(None)
        }
        401 | 403 => Err(FORBIDDEN.to_owned()),
        501 | 405 => Err("this service does not offer it".to_owned()),
        status => Err(format!("status {status}")),
    }
}

fn versioning_word(xml: &str) -> &'static str {
    match xml::text(xml, "Status").as_deref() {
        Some("Enabled") => "on",
        Some("Suspended") => "suspended",
        _ => "off",
    }
}

fn encryption_words(xml: &str) -> String {
    let algorithm = xml::text(xml, "SSEAlgorithm").unwrap_or_else(|| "none".to_owned());
    match xml::text(xml, "KMSMasterKeyID") {
        Some(key) if !key.is_empty() => format!("{algorithm} with {key}"),
        _ => algorithm,
    }
}

/// What in a rule has a status of its own.
const PARTS: [&str; 5] =
    ["DeleteMarkerReplication", "ExistingObjectReplication", "SourceSelectionCriteria", "ReplicationTime", "Metrics"];

fn without(xml: &str, name: &str) -> String {
    xml::blocks(xml, name).into_iter().fold(xml.to_owned(), |xml, inside| xml.replacen(inside, "", 1))
}

/// The buckets to which rules that are in force copy.
fn destinations(xml: &str) -> Vec<String> {
    let rules = xml::blocks(xml, "Rule").into_iter();
    // Parts of a rule have a status of their own.
    let own = |rule: &str| PARTS.iter().fold(rule.to_owned(), |rule, part| without(&rule, part));
    let is_on = |rule: &str| xml::text(&own(rule), "Status").as_deref() == Some("Enabled");
    let rules = rules.filter(|rule| is_on(rule));
    let to = |rule: &str| xml::text(xml::blocks(rule, "Destination").first()?, "Bucket");
    let mut found: Vec<String> =
        rules.filter_map(to).map(|arn| untrusted(arn.rsplit(':').next().unwrap_or(&arn), Shape::line(80))).collect();
    found.sort();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_as_the_documentation_shows_them() {
        assert_eq!(
            versioning_word("<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"),
            "on"
        );
        assert_eq!(versioning_word("<VersioningConfiguration/>"), "off");
        let encryption = "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault>\
            <SSEAlgorithm>aws:kms</SSEAlgorithm><KMSMasterKeyID>arn:aws:kms:us-east-1:1234/5678example</KMSMasterKeyID>\
            </ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>";
        assert_eq!(encryption_words(encryption), "aws:kms with arn:aws:kms:us-east-1:1234/5678example");
        let replication = "<ReplicationConfiguration><Rule><ID>r</ID><Status>Enabled</Status><Filter/>\
            <DeleteMarkerReplication><Status>Disabled</Status></DeleteMarkerReplication>\
            <Destination><Bucket>arn:aws:s3:::copy</Bucket></Destination></Rule></ReplicationConfiguration>";
        assert_eq!(destinations(replication), ["copy"]);
    }
}
