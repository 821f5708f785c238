//! Faults of the object store: an object gone, or no room for another.

use reqwest::Method;

use super::{Deed, Undo, guard, kept, stores};
use crate::lab::context::Lab;
use crate::lab::s3::{data_files, sign};
use crate::lab::secrets::LabSecret;
use crate::lab::servers::rabbitmq::segment;
use crate::lab::servers::s3::{self, BUCKET};
use crate::lab::{LabError, Role, ServerId, Site};
use crate::text::Size;

const UNSIGNED: &str = "UNSIGNED-PAYLOAD";

/// Deletes an object as its owner would; its copy in the other region stays, because deletions are not copied.
pub(super) async fn delete(deed: &mut Deed<'_>) -> Result<(), LabError> {
    let (key, path) = wanted(deed).await?;
    deed.remember(format!("deleted {key} from {BUCKET}"), None)?;
    ask(deed, Method::DELETE, &path).await.map(|_| ())
}

/// Flips bytes behind the endpoint's back, as a bad disk does: it goes on to say that the object is what it was.
pub(super) async fn corrupt(deed: &mut Deed<'_>) -> Result<(), LabError> {
    let (key, _) = wanted(deed).await?;
    let files = data_files(&s3::directory(deed.lab, Site::Primary), BUCKET, &key);
    let files = files.map_err(|error| deed.failed(error.to_string()))?;
    let file = files.first().ok_or_else(|| deed.failed(format!("{key:?} holds nothing")))?;
    let kept = kept::keep(deed, file)?;
    deed.remember(format!("flipped bytes of {key} in {BUCKET}"), Some(Undo::PutBack { kept, restart: None }))?;
    stores::flip_in_the_middle(file).map_err(LabError::file("damage", file))
}

/// The key that was named, or the first one, and the path that it is asked for at.
async fn wanted(deed: &Deed<'_>) -> Result<(String, String), LabError> {
    guard::must_run(deed.lab, ServerId::new(Site::Primary, Role::S3))?;
    let key = if deed.target.is_empty() { first_key(deed).await? } else { deed.target.clone() };
    let path = format!("/{BUCKET}/{}", key.split('/').map(segment).collect::<Vec<_>>().join("/"));
    // Deleting what is not there succeeds, so it is asked for first.
    ask(deed, Method::HEAD, &path).await.map_err(|_| deed.failed(format!("{BUCKET} has no object {key:?}")))?;
    Ok((key, path))
}

async fn first_key(deed: &Deed<'_>) -> Result<String, LabError> {
    let list = ask(deed, Method::GET, &format!("/{BUCKET}")).await?;
    let key = list.split_once("<Key>").and_then(|(_, rest)| rest.split_once("</Key>")).map(|(key, _)| key);
    let plain = |key: &str| key.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&");
    key.map(plain).ok_or_else(|| deed.failed(format!(
            "{BUCKET} holds no object yet; put one there with the command that the status shows for primary/s3, -T FILE \
             added and /KEY at the end of its address"
        )))
}

/// One signed request to the endpoint of the primary site.
async fn ask(deed: &Deed<'_>, method: Method, path: &str) -> Result<String, LabError> {
    let lab = deed.lab;
    let host = lab.address(ServerId::new(Site::Primary, Role::S3)).to_string();
    let now = chrono::Utc::now();
    let date = sign::date(now);
    let headers = [("host", host.as_str()), ("x-amz-content-sha256", UNSIGNED), ("x-amz-date", date.as_str())];
    let region = s3::region(Site::Primary);
    let request = sign::Request {
        method: method.as_str(),
        path,
        query: "",
        headers: &headers,
        payload: UNSIGNED,
        region,
        at: now,
    };
    let authorization =
        sign::authorization(&request, &lab.secret(LabSecret::S3AccessKey)?, &lab.secret(LabSecret::S3)?);
    let failed = |error: reqwest::Error| deed.failed(error.without_url().to_string());
    let client = reqwest::Client::builder().no_proxy().timeout(std::time::Duration::from_secs(10)).build();
    let asked = client.map_err(failed)?.request(method, format!("http://{host}{path}"));
    let asked = asked.header("x-amz-content-sha256", UNSIGNED).header("x-amz-date", &date);
    let answer = asked.header("authorization", authorization).send().await.map_err(failed)?;
    answer.error_for_status().map_err(failed)?.text().await.map_err(failed)
}

/// Lets the endpoint of `site` take nothing more.
pub(super) fn fill(deed: &mut Deed<'_>, site: Site) -> Result<(), LabError> {
    guard::must_run(deed.lab, ServerId::new(site, Role::S3))?;
    deed.remember(format!("filled the S3 endpoint of {site}"), Some(Undo::Quota(site)))?;
    s3::change(deed.lab, site, |settings| settings.quota = Some(Size(1)))
}

/// Takes the quota back.
pub(super) fn empty(lab: &Lab, site: Site) -> Result<(), LabError> {
    s3::change(lab, site, |settings| settings.quota = None)
}
