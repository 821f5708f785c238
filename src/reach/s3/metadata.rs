//! Keys that a machine of AWS is given, asked for as version 2 of its metadata service wants it.

use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::header::HeaderMap;
use reqwest::{Client, Method};

use super::keys::Keys;
use super::surroundings::Surroundings;
use crate::reach::Secret;

/// Anywhere else nobody answers at this address, and it takes that long to find out.
const PATIENCE: Duration = Duration::from_secs(1);
const TRIES: usize = 2;
const LARGEST: usize = 64 * 1024;
/// How long our permission to ask shall last, in seconds.
const LASTS: &str = "300";

#[derive(serde::Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Told {
    code: Option<String>,
    access_key_id: String,
    secret_access_key: String,
    token: Option<String>,
    expiration: Option<DateTime<Utc>>,
}

/// The keys of the role of this machine; in words why there are none.
pub(super) async fn keys(client: &Client, variables: &Surroundings) -> Result<Keys, String> {
    if variables.variable("AWS_EC2_METADATA_DISABLED").is_some_and(|value| value.eq_ignore_ascii_case("true")) {
        return Err("AWS_EC2_METADATA_DISABLED forbids to ask for those of this machine".to_owned());
    }
    let told = variables.variable("AWS_EC2_METADATA_SERVICE_ENDPOINT");
    let service = told.as_deref().unwrap_or("http://169.254.169.254").trim_end_matches('/').to_owned();
    let mut why = String::new();
    for _ in 0..TRIES {
        match ask(client, &service).await {
            Ok(keys) => return Ok(keys),
            Err(reason) => why = reason,
        }
    }
    Err(why)
}

async fn ask(client: &Client, service: &str) -> Result<Keys, String> {
    let mut headers = HeaderMap::new();
    headers.insert("x-aws-ec2-metadata-token-ttl-seconds", reqwest::header::HeaderValue::from_static(LASTS));
    let permission = text(client, Method::PUT, &format!("{service}/latest/api/token"), headers).await?;
    let mut headers = HeaderMap::new();
    let mut permission: reqwest::header::HeaderValue =
        permission.trim().parse().map_err(|_| "its permission makes no sense".to_owned())?;
    permission.set_sensitive(true);
    headers.insert("x-aws-ec2-metadata-token", permission);
    let roles = format!("{service}/latest/meta-data/iam/security-credentials/");
    let role = text(client, Method::GET, &roles, headers.clone()).await?;
    let role = role.lines().next().unwrap_or_default().trim();
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"+=,.@_-".contains(&byte);
    if role.is_empty() || !role.bytes().all(is_name) {
        return Err("this machine has no role".to_owned());
    }
    let told = text(client, Method::GET, &format!("{roles}{role}"), headers).await?;
    // What serde says of it could repeat a part of it.
    let told: Told = serde_json::from_str(&told).map_err(|_| "what it tells of the role makes no sense".to_owned())?;
    if told.code.is_some_and(|code| code != "Success") {
        return Err("the role of this machine gives no keys".to_owned());
    }
    let hidden = |text: String| Secret::new(text.into_bytes()).map_err(|error| error.to_string());
    let token = told.token.map(hidden).transpose()?;
    Ok(Keys::new(told.access_key_id, hidden(told.secret_access_key)?, token).until(told.expiration))
}

async fn text(client: &Client, method: Method, url: &str, headers: HeaderMap) -> Result<String, String> {
    let asked = async {
        let mut answer = client.request(method, url).headers(headers).send().await.map_err(|_| SILENT.to_owned())?;
        if !answer.status().is_success() {
            return Err(format!(
                "the metadata service of this machine answers with status {}",
                answer.status().as_u16()
            ));
        }
        let mut body = Vec::new();
        while let Some(piece) = answer.chunk().await.map_err(|_| SILENT.to_owned())? {
            body.extend_from_slice(&piece);
            if body.len() > LARGEST {
                return Err("the metadata service of this machine says far too much".to_owned());
            }
        }
        String::from_utf8(body).map_err(|_| "what the metadata service of this machine says is no text".to_owned())
    };
    tokio::time::timeout(PATIENCE, asked).await.unwrap_or_else(|_| Err(SILENT.to_owned()))
}

const SILENT: &str = "no metadata service answers here";
