//! Posting a few words to an address outside the platform: once, and once more where that came to nothing.

use std::time::Duration;

use serde_json::Value;

use super::client::client;
use crate::text::{Shape, untrusted, with_causes};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long to wait before the second attempt.
const PAUSE: Duration = Duration::from_secs(1);

/// What is posted, and where.
pub struct Post<'a> {
    /// The address: often a secret itself.
    pub url: &'a str,
    /// What proves who posts, where that is asked for.
    pub token: Option<&'a str>,
    /// What is said.
    pub body: &'a Value,
}

/// Posts it. Why nobody took it names the host alone: the rest of the address may be a secret.
pub async fn post(post: &Post<'_>) -> Result<(), String> {
    match once(post).await {
        Err(Refused { again: true, .. }) => {
            tokio::time::sleep(PAUSE).await;
            once(post).await.map_err(|refused| refused.why)
        }
        answer => answer.map_err(|refused| refused.why),
    }
}

struct Refused {
    why: String,
    /// Whether another attempt may fare better.
    again: bool,
}

async fn once(post: &Post<'_>) -> Result<(), Refused> {
    let final_ = |why: String| Refused { why, again: false };
    let url: reqwest::Url = post.url.parse().map_err(|_| final_("its address is no URL".to_owned()))?;
    let host = untrusted(url.host_str().unwrap_or("nowhere"), Shape::line(100));
    let refused = |why: &str| Refused { why: format!("{host}: {why}"), again: true };
    let client = client(None).await.map_err(|error| refused(&error.to_string()))?;
    let mut request = client.post(url).json(post.body).timeout(PATIENCE);
    if let Some(token) = post.token {
        request = request.bearer_auth(token);
    }
    let answer = request.send().await.map_err(|error| refused(&with_causes(&error.without_url())))?;
    let status = answer.status();
    if status.is_success() {
        return Ok(());
    }
    Err(Refused { why: format!("{host} answers {}", status.as_u16()), again: status.is_server_error() })
}
