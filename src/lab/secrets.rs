//! The lab's passwords: a file each, made once.

use std::fs;
use std::path::PathBuf;

use super::{LabError, Layout, files};

/// A secret of the lab; the name of the variant is what it opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LabSecret {
    PostgresSuperuser,
    PostgresLifeboat,
    PostgresApp,
    PostgresReplicator,
    Redis,
    RedisApp,
    RabbitmqAdmin,
    RabbitmqApp,
    RabbitmqLifeboat,
    S3AccessKey,
    S3,
    DnsKey,
    ErlangCookie,
}

impl LabSecret {
    pub(super) const ALL: [LabSecret; 13] = [
        LabSecret::PostgresSuperuser,
        LabSecret::PostgresLifeboat,
        LabSecret::PostgresApp,
        LabSecret::PostgresReplicator,
        LabSecret::Redis,
        LabSecret::RedisApp,
        LabSecret::RabbitmqAdmin,
        LabSecret::RabbitmqApp,
        LabSecret::RabbitmqLifeboat,
        LabSecret::S3AccessKey,
        LabSecret::S3,
        LabSecret::DnsKey,
        LabSecret::ErlangCookie,
    ];

    /// The name of its file.
    pub(super) fn name(self) -> &'static str {
        match self {
            LabSecret::PostgresSuperuser => "postgres-superuser",
            LabSecret::PostgresLifeboat => "postgres-lifeboat",
            LabSecret::PostgresApp => "postgres-app",
            LabSecret::PostgresReplicator => "postgres-replicator",
            LabSecret::Redis => "redis",
            LabSecret::RedisApp => "redis-app",
            LabSecret::RabbitmqAdmin => "rabbitmq-admin",
            LabSecret::RabbitmqApp => "rabbitmq-app",
            LabSecret::RabbitmqLifeboat => "rabbitmq-lifeboat",
            LabSecret::S3AccessKey => "s3-access-key",
            LabSecret::S3 => "s3",
            LabSecret::DnsKey => "dns-key",
            LabSecret::ErlangCookie => "erlang-cookie",
        }
    }
}

/// Makes those that are not there yet. A key of DNS is base64, which any 44 letters and digits are.
pub(super) fn make(layout: &Layout) -> Result<(), LabError> {
    files::make_folder(&layout.root().join("secrets"), 0o700, None)?;
    for secret in LabSecret::ALL {
        let path = path(layout, secret);
        if !path.exists() {
            files::replace(&path, files::random_text(44)?.as_bytes(), 0o600, None)?;
        }
    }
    Ok(())
}

/// The file of a secret.
pub(super) fn path(layout: &Layout, secret: LabSecret) -> PathBuf {
    layout.secret(secret.name())
}

/// The secret itself.
pub(super) fn read(layout: &Layout, secret: LabSecret) -> Result<String, LabError> {
    let path = path(layout, secret);
    fs::read_to_string(&path).map_err(LabError::file("read", path))
}
