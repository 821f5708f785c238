//! The keys of a bucket at hand: those of the plan, or those found here, fetched anew before they expire.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::Client;
use tokio::sync::Mutex;

use super::keys::Keys;
use super::settings::Settings;
use super::{metadata, profile};
use crate::reach::Secret;

/// Keys are fetched anew when they are good for less than this.
const EARLY: TimeDelta = TimeDelta::minutes(5);
/// The service of a machine may go on giving the same ones; it is not asked more often.
const PAUSE: Duration = Duration::from_secs(30);

/// Where the keys of a bucket come from.
pub(super) enum Wallet {
    /// The plan.
    Given(Keys),
    /// The surroundings: what was found there, and when, by the time since boot.
    Found(Mutex<Option<(Keys, Duration)>>),
}

impl Wallet {
    pub(super) fn new(given: Option<Keys>) -> Wallet {
        given.map_or_else(|| Wallet::Found(Mutex::default()), Wallet::Given)
    }

    /// Keys that are good now, or why there are none.
    pub(super) async fn keys(&self, client: &Client, settings: &Settings) -> Result<Keys, String> {
        let found = match self {
            Wallet::Given(keys) => return Ok(keys.clone()),
            Wallet::Found(found) => found,
        };
        // Whoever else needs them waits for the same search.
        let mut found = found.lock().await;
        let (now, boot) = (settings.clock.now(), settings.clock.since_boot());
        if let Some((keys, when)) = found.as_mut() {
            if is_good(keys.until, now + EARLY) || (is_good(keys.until, now) && boot.saturating_sub(*when) < PAUSE) {
                return Ok(keys.clone());
            }
            *when = boot;
        }
        match search(client, settings).await {
            Ok(keys) => Ok(found.insert((keys, boot)).0.clone()),
            Err(why) => match found.as_ref() {
                Some((keys, _)) if is_good(keys.until, now) => {
                    tracing::warn!(why, "keys that expire soon could not be fetched anew");
                    Ok(keys.clone())
                }
                _ => Err(why),
            },
        }
    }

    /// Looks whether there are other keys than these, which the service no longer takes.
    pub(super) async fn renew(&self, refused: &Keys, client: &Client, settings: &Settings) -> bool {
        let Wallet::Found(found) = self else { return false };
        let mut found = found.lock().await;
        if found.as_ref().is_some_and(|(keys, _)| !keys.are(refused)) {
            return true;
        }
        match search(client, settings).await {
            Ok(keys) if !keys.are(refused) => {
                *found = Some((keys, settings.clock.since_boot()));
                true
            }
            _ => false,
        }
    }
}

fn is_good(until: Option<DateTime<Utc>>, at: DateTime<Utc>) -> bool {
    until.is_none_or(|until| until > at)
}

/// The environment, then the shared files, then the machine.
async fn search(client: &Client, settings: &Settings) -> Result<Keys, String> {
    let keys = match from_environment(settings)? {
        Some(keys) => keys,
        None => elsewhere(client, settings).await?,
    };
    settings.redactor.register(keys.secret.expose());
    if let Some(token) = &keys.token {
        settings.redactor.register(token.expose());
    }
    Ok(keys)
}

fn from_environment(settings: &Settings) -> Result<Option<Keys>, String> {
    let variable = |name| settings.surroundings.variable(name);
    let Some(access) = variable("AWS_ACCESS_KEY_ID") else { return Ok(None) };
    let secret = variable("AWS_SECRET_ACCESS_KEY");
    let secret = secret.ok_or("AWS_ACCESS_KEY_ID is set, and AWS_SECRET_ACCESS_KEY is not")?;
    let hidden = |name: &str, text: String| Secret::new(text.into_bytes()).map_err(|error| format!("{name}: {error}"));
    let token = variable("AWS_SESSION_TOKEN").map(|token| hidden("AWS_SESSION_TOKEN", token)).transpose()?;
    Ok(Some(Keys::new(access, hidden("AWS_SECRET_ACCESS_KEY", secret)?, token)))
}

async fn elsewhere(client: &Client, settings: &Settings) -> Result<Keys, String> {
    let surroundings = settings.surroundings.clone();
    let read = tokio::task::spawn_blocking(move || profile::keys(&surroundings)).await;
    if let Some(keys) = read.map_err(|error| error.to_string())?? {
        return Ok(keys);
    }
    let asked = metadata::keys(client, &settings.surroundings).await;
    asked.map_err(|why| format!("neither the plan nor the environment nor a profile names any, and {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reach::s3::surroundings::Surroundings;

    fn settings(variables: &'static [(&'static str, &'static str)]) -> Settings {
        let look =
            |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        Settings { surroundings: Surroundings::new(look), ..Settings::default() }
    }

    #[tokio::test]
    async fn the_environment_goes_first_and_is_kept_out_of_logs() {
        let settings = settings(&[
            ("AWS_ACCESS_KEY_ID", "AKIA"),
            ("AWS_SECRET_ACCESS_KEY", "hunter2hunter2"),
            ("AWS_SESSION_TOKEN", "a-session-of-mine"),
        ]);
        let client = Client::new();
        let wallet = Wallet::new(None);
        let keys = wallet.keys(&client, &settings).await.unwrap();
        assert_eq!((keys.access.as_str(), keys.token.is_some()), ("AKIA", true));
        assert!(!settings.redactor.redact("it was hunter2hunter2").contains("hunter2"));
        // There are no others than those that were refused.
        assert!(!wallet.renew(&keys, &client, &settings).await);
    }

    #[tokio::test]
    async fn half_of_the_keys_are_none() {
        let settings = settings(&[("AWS_ACCESS_KEY_ID", "AKIA"), ("AWS_EC2_METADATA_DISABLED", "true")]);
        let why = Wallet::new(None).keys(&Client::new(), &settings).await.unwrap_err();
        assert!(why.contains("AWS_SECRET_ACCESS_KEY is not"), "{why}");
    }
}
