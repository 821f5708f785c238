//! `RabbitMQ`: AMQP for the login, the management API for what it says of itself.

use lapin::uri::AMQPUri;
use lapin::{Connection, ConnectionProperties};
use reqwest::redirect::Policy;
use serde::Deserialize;

use super::contact::{Answer, Contact, ContactError, address, bad_address, http_clock, refused};
use super::http;
use crate::plan::types::Component;

#[derive(Deserialize)]
struct Overview {
    rabbitmq_version: String,
    node: String,
}

/// Logs in over AMQP; where the plan names a management API, version, node and time come from there.
pub async fn contact(component: &Component, with: &Contact<'_>) -> Result<Answer, ContactError> {
    let mut uri: AMQPUri = address(component)?.parse().map_err(|error: String| bad_address(component, &error))?;
    if let Some(user) = &component.user {
        uri.authority.userinfo.username.clone_from(user);
    }
    if let Some(password) = &component.password {
        let password = with.secrets.resolve(password).await?;
        let text = password.expose_str().ok_or_else(|| bad_address(component, "its password is not text"))?;
        text.clone_into(&mut uri.authority.userinfo.password);
    }
    let login = uri.authority.userinfo.clone();
    let properties = ConnectionProperties::default();
    let connection = Connection::connect_uri(uri, properties).await.map_err(|error| refused(component, &error))?;
    let vhost = connection.status().vhost();
    // The broker logs a warning about a client that just goes away.
    connection.close(200, "done".into()).await.map_err(|error| refused(component, &error))?;
    let user = &login.username;
    let Some(management) = component.rabbitmq.as_ref().and_then(|settings| settings.management.as_ref()) else {
        return Ok(Answer { identity: format!("RabbitMQ, {user} in {vhost}"), clock: None });
    };
    let url = format!("{}/api/overview", management.trim_end_matches('/'));
    let asked = with.clock.now();
    let failed = |error: reqwest::Error| refused(component, &error.without_url());
    let client = http::client(None, Policy::default()).await.map_err(|error| refused(component, &error))?;
    let request = client.get(url).basic_auth(user, Some(&login.password));
    let answer = request.send().await.and_then(reqwest::Response::error_for_status).map_err(failed)?;
    let clock = http_clock(asked, &answer, with);
    let overview: Overview = answer.json().await.map_err(failed)?;
    let identity = format!("RabbitMQ {}, {}, {user} in {vhost}", overview.rabbitmq_version, overview.node);
    Ok(Answer { identity, clock })
}
