//! What is set for a bucket at first, and where replication sends what is written to it.

use s3s::dto::{Destination, ReplicationConfiguration, ReplicationRule, ReplicationRuleStatus};

use super::bucket::{Rules, Versioning};
use super::options::BucketOptions;

const ARN: &str = "arn:aws:s3:::";

/// Sets what the options want of a new bucket. Replication needs versions, as it does at AWS.
pub(super) fn at_first(rules: &mut Rules, wanted: &BucketOptions) {
    if wanted.versioned || wanted.replicate_to.is_some() {
        rules.versioning = Versioning::Enabled;
    }
    rules.replication = wanted.replicate_to.as_deref().map(everything_to);
}

fn everything_to(bucket: &str) -> ReplicationConfiguration {
    let rule = ReplicationRule {
        id: Some("everything".to_owned()),
        priority: Some(1),
        prefix: Some(String::new()),
        filter: None,
        status: ReplicationRuleStatus::from_static(ReplicationRuleStatus::ENABLED),
        destination: Destination {
            bucket: format!("{ARN}{bucket}"),
            account: None,
            access_control_translation: None,
            encryption_configuration: None,
            metrics: None,
            replication_time: None,
            storage_class: None,
        },
        delete_marker_replication: None,
        existing_object_replication: None,
        source_selection_criteria: None,
    };
    ReplicationConfiguration { role: "arn:aws:iam::000000000000:role/lab-replication".to_owned(), rules: vec![rule] }
}

/// The bucket that `key` is copied to.
pub(super) fn destination<'r>(rules: &'r Rules, key: &str) -> Option<&'r str> {
    let enabled = |rule: &&ReplicationRule| rule.status.as_str() == ReplicationRuleStatus::ENABLED;
    let concerns = |rule: &&ReplicationRule| key.starts_with(prefix(rule));
    let found = rules.replication.iter().flat_map(|config| &config.rules).filter(enabled).filter(concerns);
    let first = found.max_by_key(|rule| rule.priority.unwrap_or_default())?;
    let bucket = first.destination.bucket.as_str();
    Some(bucket.strip_prefix(ARN).unwrap_or(bucket))
}

fn prefix(rule: &ReplicationRule) -> &str {
    let of_filter = rule.filter.as_ref().and_then(|filter| {
        filter.prefix.as_deref().or_else(|| filter.and.as_ref().and_then(|and| and.prefix.as_deref()))
    });
    of_filter.or(rule.prefix.as_deref()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_goes_where_an_enabled_rule_sends_it() {
        let mut rules = Rules {
            region: "us-east-1".to_owned(),
            created: chrono::Utc::now(),
            versioning: Versioning::Never,
            encryption: None,
            replication: None,
            lifecycle: None,
        };
        assert_eq!(destination(&rules, "a"), None);
        let wanted =
            BucketOptions { name: "a".to_owned(), versioned: false, replicate_to: Some("far-away".to_owned()) };
        at_first(&mut rules, &wanted);
        assert_eq!(rules.versioning, Versioning::Enabled);
        assert_eq!(destination(&rules, "any/key"), Some("far-away"));
        rules.replication.as_mut().unwrap().rules[0].prefix = Some("wal/".to_owned());
        assert_eq!(destination(&rules, "any/key"), None);
        assert_eq!(destination(&rules, "wal/1"), Some("far-away"));
    }
}
