//! The lab's passwords: a file each, made once.

use std::fs;
use std::path::PathBuf;

use super::servers::s3::ACCESS_KEY;
use super::{LabError, Layout, files};

/// A secret of the lab; the name of the variant is what it opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Secret {
    PostgresSuperuser,
    PostgresLifeboat,
    PostgresApp,
    PostgresReplicator,
    Redis,
    RedisApp,
    RabbitmqAdmin,
    RabbitmqApp,
    RabbitmqLifeboat,
    S3,
    DnsKey,
    ErlangCookie,
}

impl Secret {
    pub(super) const ALL: [Secret; 12] = [
        Secret::PostgresSuperuser,
        Secret::PostgresLifeboat,
        Secret::PostgresApp,
        Secret::PostgresReplicator,
        Secret::Redis,
        Secret::RedisApp,
        Secret::RabbitmqAdmin,
        Secret::RabbitmqApp,
        Secret::RabbitmqLifeboat,
        Secret::S3,
        Secret::DnsKey,
        Secret::ErlangCookie,
    ];

    /// The name of its file.
    pub(super) fn name(self) -> &'static str {
        match self {
            Secret::PostgresSuperuser => "postgres-superuser",
            Secret::PostgresLifeboat => "postgres-lifeboat",
            Secret::PostgresApp => "postgres-app",
            Secret::PostgresReplicator => "postgres-replicator",
            Secret::Redis => "redis",
            Secret::RedisApp => "redis-app",
            Secret::RabbitmqAdmin => "rabbitmq-admin",
            Secret::RabbitmqApp => "rabbitmq-app",
            Secret::RabbitmqLifeboat => "rabbitmq-lifeboat",
            Secret::S3 => "s3",
            Secret::DnsKey => "dns-key",
            Secret::ErlangCookie => "erlang-cookie",
        }
    }
}

/// Makes those that are not there yet. A key of DNS is base64, which any 44 letters and digits are.
pub(super) fn make(layout: &Layout) -> Result<(), LabError> {
    files::make_folder(&layout.root().join("secrets"), 0o700, None)?;
    // No secret, but what stands beside it wherever it is asked for.
    let access_key = layout.secret("s3-access-key");
    if !access_key.exists() {
        files::replace(&access_key, ACCESS_KEY.as_bytes(), 0o600, None)?;
    }
    for secret in Secret::ALL {
        let path = path(layout, secret);
        if !path.exists() {
            files::replace(&path, files::random_text(44)?.as_bytes(), 0o600, None)?;
        }
    }
    Ok(())
}

/// The file of a secret.
pub(super) fn path(layout: &Layout, secret: Secret) -> PathBuf {
    layout.secret(secret.name())
}

/// The secret itself.
pub(super) fn read(layout: &Layout, secret: Secret) -> Result<String, LabError> {
    let path = path(layout, secret);
    fs::read_to_string(&path).map_err(LabError::file("read", path))
}
