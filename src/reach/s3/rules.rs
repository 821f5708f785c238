//! What a bucket does by itself with what it holds, and what it lets nobody do.

use chrono::{DateTime, Utc};
use reqwest::Method;

use super::bucket::Bucket;
use super::error::{S3Error, Trouble};
use super::send::Ask;
use super::xml;

/// What happens to objects as they age.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LifecycleRule {
    /// Its name. Text from outside.
    pub id: String,
    /// Whether it is in force.
    pub is_on: bool,
    /// What the keys that it is about begin with, the store's own prefix included.
    pub prefix: String,
    /// Whether it is about some of those only, by their tags or sizes.
    pub is_narrower: bool,
    /// After how many days they expire.
    pub expires_after: Option<u32>,
    /// When they expire.
    pub expires_on: Option<DateTime<Utc>>,
    /// After how many days they go to which storage class.
    pub moves: Vec<(u32, String)>,
    /// After how many days a version that was replaced or removed expires.
    pub forgets_after: Option<u32>,
    /// After how many days an upload that was not completed is given up.
    pub gives_up_after: Option<u32>,
}

/// What a bucket lets nobody remove.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lock {
    /// What is locked as it is written; nothing unless whoever writes asks for it, if left out.
    pub default: Option<Retention>,
}

/// For how long what is written is locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Who may lift it.
    pub mode: LockMode,
    /// In days.
    pub days: u32,
}

/// Who may lift a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockMode {
    /// Who has a special right.
    Governance,
    /// Nobody.
    Compliance,
}

impl Bucket {
    /// What happens to objects of this bucket as they age.
    pub async fn lifecycle(&self) -> Result<Vec<LifecycleRule>, S3Error> {
        const WHAT: &str = "read the lifecycle of";
        let Some(text) = self.setting(WHAT, "lifecycle", "NoSuchLifecycleConfiguration").await? else {
            return Ok(Vec::new());
        };
        match xml::root(&text) {
            Some("LifecycleConfiguration") => Ok(xml::blocks(&text, "Rule").into_iter().map(rule).collect()),
            _ => Err(self.error(WHAT, None, Trouble::Malformed("it holds no lifecycle"))),
        }
    }

    /// What this bucket lets nobody remove; `None` where nothing can be locked.
    pub async fn object_lock(&self) -> Result<Option<Lock>, S3Error> {
        const WHAT: &str = "read the locks of";
        let text = self.setting(WHAT, "object-lock", "ObjectLockConfigurationNotFoundError").await?;
        let Some(text) = text else { return Ok(None) };
        let strange = |why| self.error(WHAT, None, Trouble::Malformed(why));
        if xml::root(&text) != Some("ObjectLockConfiguration") {
            return Err(strange("it holds no locks"));
        }
        if xml::text(&text, "ObjectLockEnabled").as_deref() != Some("Enabled") {
            return Ok(None);
        }
        let default = match xml::blocks(&text, "DefaultRetention").first() {
            Some(inside) => Some(retention(inside).ok_or_else(|| strange("its locks are of an unknown kind"))?),
            None => None,
        };
        Ok(Some(Lock { default }))
    }

    /// A setting of the bucket as XML; nothing where none was made.
    async fn setting(&self, what: &'static str, name: &'static str, none: &str) -> Result<Option<String>, S3Error> {
        let mut ask = Ask::new(what, Method::GET, None);
        ask.query.push((name, ""));
        match self.send(&ask).await {
            Ok(answer) => Ok(Some(answer.body)),
            Err(error) if matches!(&error.trouble, Trouble::Refused { code, .. } if code == none) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

fn rule(text: &str) -> LifecycleRule {
    let inside = |name: &str| xml::blocks(text, name).first().copied().unwrap_or_default();
    let days = |text: &str, name: &str| xml::text(text, name).and_then(|days| days.parse().ok());
    let expiration = inside("Expiration");
    let moves = xml::blocks(text, "Transition").into_iter();
    let narrows = ["Tag", "ObjectSizeGreaterThan", "ObjectSizeLessThan"];
    LifecycleRule {
        id: xml::text(text, "ID").unwrap_or_default(),
        is_on: xml::text(text, "Status").as_deref() == Some("Enabled"),
        prefix: xml::text(text, "Prefix").unwrap_or_default(),
        is_narrower: narrows.iter().any(|name| !xml::blocks(text, name).is_empty()),
        expires_after: days(expiration, "Days"),
        expires_on: xml::text(expiration, "Date").and_then(|date| date.parse().ok()),
        moves: moves.filter_map(|to| Some((days(to, "Days")?, xml::text(to, "StorageClass")?))).collect(),
        forgets_after: days(inside("NoncurrentVersionExpiration"), "NoncurrentDays"),
        gives_up_after: days(inside("AbortIncompleteMultipartUpload"), "DaysAfterInitiation"),
    }
}

fn retention(text: &str) -> Option<Retention> {
    let mode = match xml::text(text, "Mode")?.as_str() {
        "GOVERNANCE" => LockMode::Governance,
        "COMPLIANCE" => LockMode::Compliance,
        _ => return None,
    };
    let count = |name: &str| xml::text(text, name).and_then(|count| count.parse::<u32>().ok());
    let days = count("Days").or_else(|| count("Years")?.checked_mul(365))?;
    Some(Retention { mode, days })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_read_as_the_documentation_shows_them() {
        let read = rule(
            "<ID>keep</ID><Filter><And><Prefix>logs/</Prefix><Tag><Key>k</Key><Value>v</Value></Tag></And></Filter>\
             <Status>Enabled</Status><Transition><Days>30</Days><StorageClass>GLACIER</StorageClass></Transition>\
             <Transition><Days>90</Days><StorageClass>DEEP_ARCHIVE</StorageClass></Transition>\
             <Expiration><Days>365</Days></Expiration><NoncurrentVersionExpiration><NoncurrentDays>7</NoncurrentDays>\
             </NoncurrentVersionExpiration><AbortIncompleteMultipartUpload><DaysAfterInitiation>3</DaysAfterInitiation>\
             </AbortIncompleteMultipartUpload>",
        );
        assert_eq!(
            (read.id.as_str(), read.prefix.as_str(), read.is_on, read.is_narrower),
            ("keep", "logs/", true, true)
        );
        assert_eq!((read.expires_after, read.forgets_after, read.gives_up_after), (Some(365), Some(7), Some(3)));
        assert_eq!(read.moves, [(30, "GLACIER".to_owned()), (90, "DEEP_ARCHIVE".to_owned())]);
        let read =
            rule("<Prefix/><Status>Disabled</Status><Expiration><Date>2030-01-01T00:00:00.000Z</Date></Expiration>");
        assert!(!read.is_on && read.prefix.is_empty() && read.expires_after.is_none());
        assert_eq!(read.expires_on, Some("2030-01-01T00:00:00Z".parse().unwrap()));
    }

    #[test]
    fn locks_are_counted_in_days() {
        let of = |mode: &str, long: &str| retention(&format!("<Mode>{mode}</Mode>{long}"));
        assert_eq!(of("COMPLIANCE", "<Years>7</Years>"), Some(Retention { mode: LockMode::Compliance, days: 2_555 }));
        assert_eq!(of("GOVERNANCE", "<Days>30</Days>").map(|kept| kept.days), Some(30));
        assert_eq!(of("OTHER", "<Days>30</Days>"), None);
        assert_eq!(of("GOVERNANCE", ""), None);
    }
}
