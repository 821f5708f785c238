//! Whatever speaks HTTP.

use std::io;
use std::path::Path;

use reqwest::Client;
use reqwest::header::SERVER;
use reqwest::redirect::Policy;

use super::contact::{Answer, Contact, ContactError, address, bad_address, http_clock, refusal, refused};
use super::tls::trust;
use crate::plan::types::Component;

/// A client that asks the system itself: a proxy would answer in its place. It trusts whom this machine
/// trusts, and the authority whose certificate lies at `ca`.
pub async fn client(ca: Option<&Path>, redirects: Policy) -> io::Result<Client> {
    let client = Client::builder().no_proxy().redirect(redirects);
    let client = match ca {
        Some(path) => {
            let wrong = |error: &dyn std::error::Error| io::Error::other(format!("{}: {error}", path.display()));
            let pem = tokio::fs::read(path).await.map_err(|error| wrong(&error))?;
            client.tls_certs_merge([reqwest::Certificate::from_pem(&pem).map_err(|error| wrong(&error))?])
        }
        None => client.tls_backend_preconfigured(trust().await.map_err(io::Error::other)?),
    };
    tokio::task::spawn_blocking(|| client.build()).await?.map_err(io::Error::other)
}

/// Asks for its health, else for its root, and reads the time off the answer.
pub async fn contact(component: &Component, with: &Contact<'_>) -> Result<Answer, ContactError> {
    let url = url(component)?;
    let settings = component.http.clone().unwrap_or_default();
    let client =
        client(settings.ca.as_deref(), Policy::limited(5)).await.map_err(|error| refused(component, &error))?;
    let asked = with.clock.now();
    let answer = client.get(url).send().await.map_err(|error| refused(component, &error.without_url()))?;
    let clock = http_clock(asked, &answer, with);
    let status = answer.status();
    let expected = settings.status.map_or(status.is_success(), |wanted| status.as_u16() == wanted);
    let server = answer.headers().get(SERVER).and_then(|server| server.to_str().ok()).unwrap_or("HTTP");
    if expected {
        Ok(Answer { identity: format!("{server}, status {}", status.as_u16()), clock })
    } else {
        Err(refusal(component, &format!("it answers with status {}", status.as_u16())))
    }
}

fn url(component: &Component) -> Result<reqwest::Url, ContactError> {
    let base: reqwest::Url = address(component)?.parse().map_err(|error| bad_address(component, &error))?;
    match component.http.as_ref().and_then(|http| http.health.as_deref()) {
        Some(path) => base.join(path).map_err(|error| bad_address(component, &error)),
        None => Ok(base),
    }
}
