//! Faults of the object store: an object gone, or no room for another.

use reqwest::Method;

use super::{Deed, FaultError, Undo, guard};
use crate::lab::context::Lab;
use crate::lab::s3::{Settings, sign};
use crate::lab::secrets::Secret;
use crate::lab::servers::rabbitmq::segment;
use crate::lab::servers::s3::{self, ACCESS_KEY, BUCKET};
use crate::lab::{LabError, Role, ServerId, Site, files};
use crate::text::Size;

const UNSIGNED: &str = "UNSIGNED-PAYLOAD";

/// Deletes an object as its owner would; its copy in the other region stays, because deletions are not copied.
pub(super) async fn delete(deed: &mut Deed<'_>) -> Result<(), LabError> {
    guard::must_run(deed.lab, ServerId::new(Site::Primary, Role::S3))?;
    let key = if deed.target.is_empty() { first_key(deed).await? } else { deed.target.clone() };
    let path = format!("/{BUCKET}/{}", key.split('/').map(segment).collect::<Vec<_>>().join("/"));
    // Deleting what is not there succeeds, so it is asked for first.
    ask(deed, Method::HEAD, &path).await.map_err(|_| deed.failed(format!("{BUCKET} has no object {key:?}")))?;
    deed.remember(format!("deleted {key} from {BUCKET}"), None)?;
    ask(deed, Method::DELETE, &path).await.map(|_| ())
}

async fn first_key(deed: &Deed<'_>) -> Result<String, LabError> {
    let list = ask(deed, Method::GET, &format!("/{BUCKET}")).await?;
    let key = list.split_once("<Key>").and_then(|(_, rest)| rest.split_once("</Key>")).map(|(key, _)| key);
    let plain = |key: &str| key.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&");
    key.map(plain).ok_or_else(|| deed.failed(format!("{BUCKET} holds no object yet")))
}

/// One signed request to the endpoint of the primary site.
async fn ask(deed: &Deed<'_>, method: Method, path: &str) -> Result<String, LabError> {
    let lab = deed.lab;
    let host = lab.address(ServerId::new(Site::Primary, Role::S3)).to_string();
    let now = chrono::Utc::now();
    let date = sign::date(now);
    let headers = [("host", host.as_str()), ("x-amz-content-sha256", UNSIGNED), ("x-amz-date", date.as_str())];
    let region = s3::region(Site::Primary);
    let request =
        sign::Request { method: method.as_str(), path, headers: &headers, payload: UNSIGNED, region, at: now };
    let authorization = sign::authorization(&request, ACCESS_KEY, &lab.secret(Secret::S3)?);
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
    deed.remember(format!("the S3 endpoint of {site} is full"), Some(Undo::Quota(site)))?;
    set_quota(deed.lab, site, Some(Size(1)))
}

/// Takes the quota back.
pub(super) fn empty(lab: &Lab, site: Site) -> Result<(), LabError> {
    set_quota(lab, site, None)
}

fn set_quota(lab: &Lab, site: Site, quota: Option<Size>) -> Result<(), LabError> {
    let directory = s3::directory(lab, site);
    let failed = |why: String| FaultError::Failed { fault: "fill-store".to_owned(), why };
    let settings = Settings::load(&directory).map_err(|error| failed(error.to_string()))?;
    Settings { quota, ..settings }.save(&directory).map_err(|error| failed(error.to_string()))?;
    files::give(&Settings::path(&directory), lab.record.account.as_ref())
}
