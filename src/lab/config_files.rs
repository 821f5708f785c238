//! Configuration files of a site as an operator keeps them: in git, its secrets encrypted.

use std::path::Path;
use std::time::Duration;

use super::context::Lab;
use super::launch::{self, Launch};
use super::secrets::LabSecret;
use super::servers::dns::ZONE;
use super::servers::postgres::DATABASE;
use super::{LabError, Role, ServerId, Site, files};

const DEADLINE: Duration = Duration::from_secs(20);

/// Writes the files and commits them, unless that was done.
pub(super) async fn prepare(lab: &Lab, site: Site) -> Result<(), LabError> {
    let step = format!("configuration of {site}");
    if lab.is_done(&step) {
        return Ok(());
    }
    let folder = lab.layout.config(site);
    files::remove_folder(&folder)?;
    // It belongs to whoever backs it up: git tells nothing of what belongs to somebody else.
    files::make_folder(&folder, 0o750, None)?;
    let encrypted = encrypt(&identity(lab)?, environment(lab)?.as_bytes())?;
    write(&folder, ".env.age", &encrypted)?;
    write(&folder, ".gitignore", b".env\n*.key\n")?;
    write(&folder, "docker-compose.yml", compose(lab, site).as_bytes())?;
    write(&folder, "app.json", &app(lab, site)?)?;
    write(&folder, "nginx.conf", nginx(lab, site).as_bytes())?;
    write(&folder, "rabbitmq.conf", b"queue_master_locator = min-masters\nheartbeat = 60\n")?;
    write(&folder, "alerts.yml", ALERTS.as_bytes())?;
    commit(lab, &folder).await?;
    lab.mark_done(&step)
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), LabError> {
    files::replace(&folder.join(name), bytes, 0o640, None)
}

/// The key that opens `.env.age`; kept with the lab's secrets, where the `age` program reads it too.
fn identity(lab: &Lab) -> Result<age::x25519::Identity, LabError> {
    use age::secrecy::ExposeSecret;
    let path = lab.layout.secret("age-identity");
    let failed = |why: &str| LabError::Damaged { path: path.clone(), why: why.to_owned() };
    if let Ok(text) = std::fs::read_to_string(&path) {
        return text.trim().parse().map_err(failed);
    }
    let identity = age::x25519::Identity::generate();
    let text = identity.to_string();
    files::replace(&path, format!("{}\n", text.expose_secret()).as_bytes(), 0o600, None)?;
    Ok(identity)
}

/// To whom what leaves the lab's sites is encrypted.
pub(super) fn recipient(lab: &Lab) -> Result<String, LabError> {
    Ok(identity(lab)?.to_public().to_string())
}

fn encrypt(identity: &age::x25519::Identity, plain: &[u8]) -> Result<Vec<u8>, LabError> {
    age::encrypt(&identity.to_public(), plain)
        .map_err(|error| LabError::Make { what: "the encrypted environment", why: error.to_string() })
}

fn environment(lab: &Lab) -> Result<String, LabError> {
    Ok(format!(
        "POSTGRES_PASSWORD={}\nREDIS_PASSWORD={}\nRABBITMQ_PASSWORD={}\nS3_SECRET_KEY={}\n",
        lab.secret(LabSecret::PostgresApp)?,
        lab.secret(LabSecret::RedisApp)?,
        lab.secret(LabSecret::RabbitmqApp)?,
        lab.secret(LabSecret::S3)?
    ))
}

fn compose(lab: &Lab, site: Site) -> String {
    let port = |role| lab.address(lab.first_of(site, role)).port();
    format!(
        "# The platform of site {site} as it would run in containers.\nservices:\n  agent_postgres:\n    image: \
         postgres:15-alpine\n    ports: [\"{}:5432\"]\n    env_file: .env\n  agent_redis:\n    image: redis:7-alpine\n    \
         ports: [\"{}:6379\"]\n    command: redis-server --appendonly yes\n  agent_rabbitmq:\n    image: \
         rabbitmq:3.12-management-alpine\n    ports: [\"{}:5672\"]\n",
        port(Role::Postgres),
        port(Role::Redis),
        port(Role::Rabbitmq)
    )
}

fn app(lab: &Lab, site: Site) -> Result<Vec<u8>, LabError> {
    let value = serde_json::json!({
        "site": site.name(),
        "database": { "host": format!("db.{ZONE}"), "name": DATABASE, "pool": 8 },
        "cache": { "host": format!("cache.{ZONE}"), "ttl_seconds": 900 },
        "broker": { "host": format!("mq.{ZONE}"), "prefetch": 32 },
        "listen": lab.address(ServerId::new(site, Role::Balancer)).to_string(),
    });
    serde_json::to_vec_pretty(&value).map_err(|error| LabError::Make { what: "app.json", why: error.to_string() })
}

fn nginx(lab: &Lab, site: Site) -> String {
    let apps =
        lab.all_of(site, Role::App).into_iter().map(|app| format!("    server {} max_fails=3;\n", lab.address(app)));
    let apps: String = apps.collect();
    format!(
        "upstream app {{\n{apps}}}\nserver {{\n    server_name app.{ZONE};\n    location / {{ proxy_pass http://app; }}\n}}\n"
    )
}

const ALERTS: &str = "groups:\n  - name: recovery\n    rules:\n      - alert: WalArchivingFailing\n        \
                      expr: increase(pg_stat_archiver_failed_count[10m]) > 0\n        for: 5m\n";

/// Commits everything, with nobody's own git configuration or hooks having a say.
async fn commit(lab: &Lab, folder: &Path) -> Result<(), LabError> {
    let git = |arguments: &[&str]| {
        Launch::new(&lab.programs.git, folder)
            .args([
                "-c",
                "user.name=Lifeboat lab",
                "-c",
                "user.email=lab@lifeboat.test",
                "-c",
                "core.hooksPath=/dev/null",
            ])
            .args(["-c", "commit.gpgSign=false", "-c", "gc.auto=0"])
            .args(arguments)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
    };
    launch::run_as_we_are(lab, &git(&["init", "-q", "-b", "main"]), DEADLINE).await?;
    launch::run_as_we_are(lab, &git(&["add", "-A"]), DEADLINE).await?;
    launch::run_as_we_are(lab, &git(&["commit", "-q", "-m", "Configuration of the site"]), DEADLINE).await.map(|_| ())
}
