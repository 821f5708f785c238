//! Questions to Elasticsearch that take long, or change something there.

use std::time::Duration;

use reqwest::Method;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::time::timeout;

use crate::plan::types::Component;
use crate::systems::contact::Contact;
use crate::systems::http::{Ask, NoPage, Page, Web};
use crate::systems::take::TakeError;
use crate::systems::trouble::{ContactError, failed};
use crate::text::{Shape, Span, SystemClock, untrusted};
use crate::vault::Account;

/// How long one answer may take.
pub const PATIENCE: Duration = Duration::from_mins(2);
/// How large one answer may be.
pub const MOST: usize = 64 * 1024 * 1024;

/// A cluster that was asked who it is.
#[derive(Clone)]
pub struct Search {
    /// It in the plan.
    pub component: Component,
    root: Ask,
    identity: Root,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct Root {
    cluster_name: String,
    cluster_uuid: String,
    version: Version,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct Version {
    number: String,
}

impl Search {
    /// Gets in.
    pub async fn open(component: &Component, with: &Contact<'_>) -> Result<Search, TakeError> {
        let web = Web::open(component, with).await?;
        let mut root = web.ask("")?;
        // Paths are joined below it.
        if !root.url.path().ends_with('/') {
            root.url.set_path(&format!("{}/", root.url.path()));
        }
        let mut search = Search { component: component.clone(), root, identity: Root::default() };
        search.identity = search.json(Method::GET, &[], None).await?;
        Ok(search)
    }

    /// Asks; names in the path may hold anything.
    pub async fn page(&self, method: Method, path: &[&str], body: Option<Value>) -> Result<Page, TakeError> {
        let page = self.answer((method, path), body, PATIENCE).await?;
        if page.status.is_success() { Ok(page) } else { Err(self.fault(&page)) }
    }

    /// The same for whoever wants the answer whatever its status, and knows how long it may take.
    pub async fn answer(
        &self,
        (method, path): (Method, &[&str]),
        body: Option<Value>,
        patience: Duration,
    ) -> Result<Page, TakeError> {
        let mut url = self.root.url.clone();
        let (path, query) = match path.split_last() {
            Some((last, before)) if last.starts_with('?') => (before, Some(&last[1..])),
            _ => (path, None),
        };
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        url.set_query(query);
        let ask = Ask { url, method, body: body.map(|body| body.to_string()), most: MOST, ..self.root.clone() };
        // A server that took the question and never begins to answer it is silent too.
        let page = timeout(patience, ask.page(patience, &SystemClock)).await;
        let page = page.map_err(|_| ContactError::silent(&self.component, Span::from(patience)))?;
        Ok(page.map_err(|why| match why {
            NoPage::Failed(error) => failed(&self.component, &error),
            why => ContactError::strange(&self.component, why.to_string()),
        })?)
    }

    /// What an answer that is none comes to.
    pub fn fault(&self, page: &Page) -> TakeError {
        let says = page.says();
        let says = if says.is_empty() { String::new() } else { format!(": {says}") };
        match page.status.as_u16() {
            status @ (401 | 403) => ContactError::denied(&self.component, format!("status {status}{says}")).into(),
            status => TakeError::refused(
                &self.component,
                format!("status {status}{says}"),
                "look at the log of Elasticsearch, and whether repository and indexes in the plan are there",
            ),
        }
    }

    /// What tells this cluster from every other; nothing as long as it has not come together.
    pub fn cluster(&self) -> Option<&str> {
        Some(self.identity.cluster_uuid.as_str()).filter(|id| !matches!(*id, "" | "_na_"))
    }

    /// Asks, and reads the answer.
    pub async fn json<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &[&str],
        body: Option<Value>,
    ) -> Result<T, TakeError> {
        let page = self.page(method, path, body).await?;
        page.json().map_err(|why| ContactError::strange(&self.component, why).into())
    }

    /// What it says of itself.
    pub fn account(&self, with: &Contact<'_>) -> Account {
        let line = |text: &str| untrusted(text, Shape::line(120));
        let mut account = Account {
            system: format!("Elasticsearch {}", line(&self.identity.version.number)),
            identity: Some(line(&self.identity.cluster_uuid)),
            as_of: Some(with.clock.now()),
            ..Account::default()
        };
        account.about.insert("cluster".to_owned(), line(&self.identity.cluster_name));
        account
    }
}
