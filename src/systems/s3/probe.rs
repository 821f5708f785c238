//! The probe of a bucket.

use std::time::Duration;

use futures_util::future::BoxFuture;
use reqwest::Method;

use super::bucket::Bucket;
use super::listing;
use super::settings::{Promises, Settings};
use crate::plan::facts::{Value, Verdict};
use crate::plan::types::Component;
use crate::reach::s3::Keys;
use crate::reach::s3::listing::is_listing;
use crate::reach::s3::random::unheard_of;
use crate::systems::contact::{Contact, time_for};
use crate::systems::http::{NoPage, Page};
use crate::systems::probe::{Depth, Probe, Subject, Told};
use crate::systems::reading::Reason;
use crate::systems::trouble::{ContactError, failed, refusal};
use crate::text::{Shape, Size, Span, untrusted};

/// How often settings are looked at, which hardly ever change.
const LOOK_AGAIN: Duration = Duration::from_mins(5);

/// Asks for a bucket.
pub struct BucketProbe {
    component: Component,
    promises: Promises,
    settings: Option<(Duration, Settings)>,
    /// When it was last seen to answer as a bucket does.
    listed: Option<Duration>,
}

impl BucketProbe {
    /// The probe of a bucket, and of what the plan's stores count on there.
    pub fn new(subject: Subject<'_>) -> BucketProbe {
        let name = Bucket::of_component(subject.component).map(|bucket| bucket.name().to_owned());
        BucketProbe {
            component: subject.component.clone(),
            promises: Promises::of(subject.plan, &name.unwrap_or_default()),
            settings: None,
            listed: None,
        }
    }

    async fn vital(&mut self, with: &Contact<'_>) -> Result<Told, ContactError> {
        let component = self.component.clone();
        let bucket = Bucket::of_component(&component)?;
        let keys = bucket.keys(with).await?;
        let begun = with.clock.since_boot();
        let ask = bucket.ask(Method::HEAD, None, &[], keys.as_ref(), with).await?;
        let page =
            ask.page(time_for(&component), with.clock).await.map_err(|trouble| unanswered(&component, &trouble))?;
        let mut told = Told { clock: page.clock, ..Told::default() };
        told.facts.set("latency", Value::Span(Span::from(page.took)));
        if !access(&component, &bucket, keys.is_some(), &page, &mut told)? {
            return Ok(told);
        }
        let left = || time_for(&component).saturating_sub(with.clock.since_boot().saturating_sub(begun));
        // Whatever answers every question with a 200 would be a bucket otherwise.
        if self.listed.is_none_or(|listed| begun.saturating_sub(listed) >= LOOK_AGAIN) {
            let query = [("list-type", "2"), ("max-keys", "1")];
            let ask = bucket.ask(Method::GET, None, &query, keys.as_ref(), with).await?;
            let page = ask.page(left(), with.clock).await.map_err(|trouble| unanswered(&component, &trouble))?;
            if !access(&component, &bucket, keys.is_some(), &page, &mut told)? {
                return Ok(told);
            }
            if !is_listing(&page.body) {
                return Err(ContactError::strange(&component, "what it lists is not what a bucket holds"));
            }
            self.listed = Some(begun);
        }
        let Some(keys) = keys else {
            for name in ["versioning", "encryption", "replication"] {
                told.facts.hide(name, "the plan has no keys for it");
            }
            return Ok(told);
        };
        let is_due = self.settings.as_ref().is_none_or(|(looked, _)| begun.saturating_sub(*looked) >= LOOK_AGAIN);
        if is_due && let Ok(settings) = tokio::time::timeout(left(), Settings::ask(&bucket, &keys, with)).await {
            self.settings = Some((begun, settings));
        }
        match &self.settings {
            Some((_, settings)) => settings.tell(&self.promises, &mut told),
            None => told.facts.hide("versioning", "it did not answer in time"),
        }
        Ok(told)
    }

    async fn rare(&self, with: &Contact<'_>) -> Result<Told, ContactError> {
        let mut told = Told::default();
        let bucket = Bucket::of_component(&self.component)?;
        let Some(keys) = bucket.keys(with).await? else {
            for name in ["newest", "objects", "deletes"] {
                told.facts.hide(name, "the plan has no keys for it");
            }
            return Ok(told);
        };
        let settings = Settings::ask(&bucket, &keys, with).await;
        match deletes(&bucket, &keys, settings.versioning(), with).await {
            Ok(word) => told.facts.set("deletes", Value::word(word)),
            Err(why) => told.facts.hide("deletes", why),
        }
        match listing::content(&bucket, &keys, with).await {
            Ok(content) if content.cut => {
                for name in ["newest", "objects", "size"] {
                    told.facts.hide(name, format!("it holds more than {} objects", content.objects));
                }
            }
            Ok(content) => {
                told.facts.set("objects", Value::Count(content.objects));
                told.facts.set("size", Value::Size(Size(content.size)));
                if let Some(newest) = content.newest {
                    told.facts.set("newest", Value::Moment(newest));
                    let age = (with.clock.now() - newest).to_std().unwrap_or_default();
                    told.facts.set("newest_age", Value::Span(Span::from(age)));
                }
            }
            Err(why) => {
                for name in ["newest", "objects", "size"] {
                    told.facts.hide(name, why.clone());
                }
            }
        }
        Ok(told)
    }
}

impl Probe for BucketProbe {
    fn ask<'a>(&'a mut self, depth: Depth, with: &'a Contact<'a>) -> BoxFuture<'a, Result<Told, ContactError>> {
        Box::pin(async move {
            match depth {
                Depth::Vital => self.vital(with).await,
                Depth::Rare => self.rare(with).await,
            }
        })
    }
}

/// What the answer for the bucket itself says; whether it lets us in.
fn access(
    component: &Component,
    bucket: &Bucket<'_>,
    with_keys: bool,
    page: &Page,
    told: &mut Told,
) -> Result<bool, ContactError> {
    let name = bucket.name();
    told.identity = format!("bucket {name}, {}", bucket.region());
    let status = page.status.as_u16();
    match status {
        200..300 => {
            told.facts.set("access", Value::word("allowed"));
            return Ok(true);
        }
        404 => {
            told.facts.set("access", Value::word("missing"));
            told.reasons.push(Reason::of_fact(Verdict::Down, "access", format!("there is no bucket {name}")));
        }
        401 | 403 => {
            told.facts.set("access", Value::word("denied"));
            told.facts.set("connection", Value::word("denied"));
            let sentence = if with_keys {
                "it does not let these keys in; they are wrong, or may not list the bucket"
            } else {
                "it is there, and the plan has no keys for it"
            };
            told.reasons.push(Reason::of_fact(Verdict::Unknown, "access", sentence));
        }
        300..=399 => {
            let region =
                page.headers.get("x-amz-bucket-region").map(|region| untrusted(region.as_bytes(), Shape::line(40)));
            let region = region.map_or_else(String::new, |region| format!(": {region}"));
            let why = format!("it lies in another region than the plan says{region}");
            return Err(ContactError::strange(component, why));
        }
        429 | 503 => {
            return Err(ContactError::busy(component, format!("it asks to be asked less often (status {status})")));
        }
        500.. => return Err(refusal(component, &format!("it answers with status {status}"))),
        _ => return Err(ContactError::strange(component, format!("status {status}"))),
    }
    Ok(false)
}

/// Whether this login could destroy what is there, found out without touching anything: the deletion that would
/// destroy is asked for, of an object whose name nobody can have given. Where versions are kept that is the
/// deletion of a version, which leaves no mark; elsewhere it is a plain one. The service checks the right to do so
/// before it looks for the object, so that a refusal and a success both change nothing.
async fn deletes(
    bucket: &Bucket<'_>,
    keys: &Keys,
    versioning: Option<&str>,
    with: &Contact<'_>,
) -> Result<&'static str, String> {
    let query: &[(&str, &str)] = match versioning {
        Some("on" | "suspended") => &[("versionId", "null")],
        Some("off") => &[],
        // A plain deletion would leave a mark if versions are kept after all.
        _ => {
            return Err(
                "whether versions are kept may not be seen, and without that no question is harmless".to_owned()
            );
        }
    };
    let key = format!("lifeboat-asks-whether-it-may-delete-{}", unheard_of()?);
    let ask =
        bucket.ask(Method::DELETE, Some(&key), query, Some(keys), with).await.map_err(|error| error.to_string())?;
    let page = ask.page(Duration::from_secs(10), with.clock).await.map_err(|trouble| trouble.to_string())?;
    match page.status.as_u16() {
        200 | 204 | 404 => Ok("allowed"),
        401 | 403 => Ok("denied"),
        status => Err(format!("status {status}")),
    }
}

fn unanswered(component: &Component, trouble: &NoPage) -> ContactError {
    match trouble {
        NoPage::Failed(error) => failed(component, error),
        other => ContactError::strange(component, other.to_string()),
    }
}
