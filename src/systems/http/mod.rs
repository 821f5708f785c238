//! Whatever speaks HTTP.

use std::time::Duration;

use chrono::DateTime;
use reqwest::header::{DATE, SERVER};

use super::contact::{Answer, Contact, ContactError, address, bad_address, clock_offset, refusal, refused};
use crate::plan::types::{Component, Kind};

/// Asks for its health, else for its root, and reads the time off the answer.
pub async fn contact(component: &Component, with: &Contact<'_>) -> Result<Answer, ContactError> {
    let url = url(component)?;
    let mut client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::limited(5));
    let settings = component.http.clone().unwrap_or_default();
    if let Some(path) = &settings.ca {
        let pem = tokio::fs::read(path).await.map_err(|error| refused(component, &error))?;
        let ca = reqwest::Certificate::from_pem(&pem).map_err(|error| refused(component, &error))?;
        client = client.tls_certs_merge([ca]);
    }
    let client = client.build().map_err(|error| refused(component, &error))?;
    let asked = with.clock.now();
    let answer = client.get(url).send().await.map_err(|error| refused(component, &error.without_url()))?;
    let header = |name| answer.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let clock = header(DATE)
        .and_then(|date| DateTime::parse_from_rfc2822(&date).ok())
        .map(|theirs| clock_offset(asked, theirs.into(), with, Duration::from_secs(1)));
    let status = answer.status();
    let expected = settings.status.map_or(status.is_success(), |wanted| status.as_u16() == wanted);
    // A bucket that refuses an unsigned request is there; whether we may use it is another question.
    let is_there = expected || (component.kind == Kind::S3Bucket && status.is_client_error());
    let server = header(SERVER).unwrap_or_else(|| "HTTP".to_owned());
    if is_there {
        Ok(Answer { identity: format!("{server}, status {}", status.as_u16()), clock })
    } else {
        Err(refusal(component, &format!("it answers with status {}", status.as_u16())))
    }
}

fn url(component: &Component) -> Result<reqwest::Url, ContactError> {
    let endpoint = component.bucket.as_ref().and_then(|bucket| bucket.endpoint.as_deref());
    let base = match endpoint {
        Some(endpoint) => endpoint,
        None => address(component)?,
    };
    let base: reqwest::Url = base.parse().map_err(|error| bad_address(component, &error))?;
    match component.http.as_ref().and_then(|http| http.health.as_deref()) {
        Some(path) => base.join(path).map_err(|error| bad_address(component, &error)),
        None => Ok(base),
    }
}
