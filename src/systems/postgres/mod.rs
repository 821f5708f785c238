//! `PostgreSQL`, over its own protocol.

use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio_postgres::Config;
use tokio_postgres_rustls::MakeRustlsConnect;

use super::contact::{Answer, Contact, ContactError, address, bad_address, clock_offset, refused};
use super::tls::trust;
use crate::plan::types::Component;

const WHO_ARE_YOU: &str = "SELECT clock_timestamp(), current_setting('server_version'), pg_is_in_recovery(), \
                           current_database()::text, current_user::text";

/// Logs in and asks for version, role and time.
pub async fn contact(component: &Component, with: &Contact<'_>) -> Result<Answer, ContactError> {
    let mut config: Config = address(component)?.parse().map_err(|error| bad_address(component, &error))?;
    config.application_name("lifeboat");
    if let (None, Some(user)) = (config.get_user(), &component.user) {
        config.user(user);
    }
    if let Some(password) = &component.password {
        config.password(with.secrets.resolve(password).await?.expose());
    }
    let failed = |error: &(dyn std::error::Error + 'static)| refused(component, error);
    let tls = trust().await.map_err(|error| failed(&error))?;
    let (client, connection) = config.connect(MakeRustlsConnect::new(tls)).await.map_err(|error| failed(&error))?;
    // It ends with the client, which this function owns.
    tokio::spawn(connection);
    let asked = with.clock.now();
    let row = client.query_one(WHO_ARE_YOU, &[]).await.map_err(|error| failed(&error))?;
    let theirs: DateTime<Utc> = row.try_get(0).map_err(|error| failed(&error))?;
    let text = |column| row.try_get::<_, String>(column).map_err(|error| failed(&error));
    let standby: bool = row.try_get(2).map_err(|error| failed(&error))?;
    let role = if standby { "standby" } else { "primary" };
    Ok(Answer {
        identity: format!("PostgreSQL {}, {role}, database {} as {}", text(1)?, text(3)?, text(4)?),
        clock: Some(clock_offset(asked, theirs, with, Duration::from_micros(1))),
    })
}
