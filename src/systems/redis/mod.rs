//! Redis, over its own protocol.

use std::time::Duration;

use chrono::DateTime;
use redis::{AsyncConnectionConfig, Client, IntoConnectionInfo};

use super::contact::{Answer, Contact, ContactError, address, bad_address, clock_offset, refusal, refused};
use crate::plan::types::Component;

/// Logs in and asks for version, role and time.
pub async fn contact(component: &Component, with: &Contact<'_>) -> Result<Answer, ContactError> {
    let mut info = address(component)?.into_connection_info().map_err(|error| bad_address(component, &error))?;
    let mut login = info.redis_settings().clone();
    if let Some(user) = &component.user {
        login = login.set_username(user);
    }
    if let Some(password) = &component.password {
        let password = with.secrets.resolve(password).await?;
        let text = password.expose_str().ok_or_else(|| bad_address(component, "its password is not text"))?;
        login = login.set_password(text);
    }
    info = info.set_redis_settings(login);
    let failed = |error: redis::RedisError| refused(component, &error);
    let client = Client::open(info).map_err(failed)?;
    // The plan says how long it may take, not the library.
    let patient = AsyncConnectionConfig::new().set_connection_timeout(None).set_response_timeout(None);
    let mut connection = client.get_multiplexed_async_connection_with_config(&patient).await.map_err(failed)?;
    let asked = with.clock.now();
    let (seconds, micros): (i64, u32) = redis::cmd("TIME").query_async(&mut connection).await.map_err(failed)?;
    let clock = DateTime::from_timestamp(seconds, micros.saturating_mul(1_000))
        .map(|theirs| clock_offset(asked, theirs, with, Duration::from_micros(1)));
    let said: String =
        redis::cmd("INFO").arg("server").arg("replication").query_async(&mut connection).await.map_err(failed)?;
    let field = |name: &str| said.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    match (field("redis_version"), field("role")) {
        (Some(version), Some(role)) => Ok(Answer { identity: format!("Redis {version}, {role}"), clock }),
        _ => Err(refusal(component, "INFO tells neither version nor role")),
    }
}
