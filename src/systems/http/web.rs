//! A component that speaks HTTP: where it answers, who asks it, and what a failure says about it.

use std::path::PathBuf;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::HeaderValue;
use reqwest::{Client, Url};
use serde::de::DeserializeOwned;

use super::client::client;
use super::page::{Ask, NoPage, Page};
use crate::plan::types::Component;
use crate::systems::certificate::{Standing, served};
use crate::systems::contact::{Contact, address, time_for};
use crate::systems::tls::judge;
use crate::systems::trouble::{ContactError, bad_address, failed, no_tls, refusal};
use crate::text::{causes, with_causes};

/// How long what speaks no HTTP may take to show that it speaks TLS.
const GREETING: Duration = Duration::from_millis(500);

/// A component that is asked over HTTP.
pub struct Web<'a> {
    component: &'a Component,
    client: Client,
    base: Url,
    login: Option<HeaderValue>,
    ca: Option<PathBuf>,
}

/// Why there is no answer, with the certificate that is the cause, where one is.
#[derive(Debug)]
pub struct Failure {
    /// What it says about the component.
    pub error: ContactError,
    /// The certificate that was refused.
    pub standing: Option<Standing>,
}

impl<'a> Web<'a> {
    /// At the component's own address.
    pub async fn open(component: &'a Component, with: &Contact<'_>) -> Result<Web<'a>, ContactError> {
        Web::at(component, address(component)?, with).await
    }

    /// At another address of the component, with the same login.
    pub async fn at(component: &'a Component, address: &str, with: &Contact<'_>) -> Result<Web<'a>, ContactError> {
        let base = base(component, address)?;
        let login = login(component, &base, with).await?;
        Web::with_login(component, base, login).await
    }

    /// At another address, as this user.
    pub async fn as_user(
        component: &'a Component,
        address: &str,
        user: &str,
        password: &[u8],
    ) -> Result<Web<'a>, ContactError> {
        let login = header(component, &basic(user, password))?;
        Web::with_login(component, base(component, address)?, Some(login)).await
    }

    async fn with_login(
        component: &'a Component,
        mut base: Url,
        login: Option<HeaderValue>,
    ) -> Result<Web<'a>, ContactError> {
        let ca = component.http.as_ref().and_then(|http| http.ca.clone());
        let client = client(ca.as_deref()).await;
        let client = client.map_err(|error| ContactError::no_authority(component, "http.ca", &error))?;
        if login.is_some() {
            // Else the name in the address would be sent as a second proof.
            let _ = base.set_username("");
        }
        Ok(Web { component, client, base, login, ca })
    }

    /// A question for what lies at `path`.
    pub fn ask(&self, path: &str) -> Result<Ask, ContactError> {
        let url = self.base.join(path).map_err(|error| bad_address(self.component, &error))?;
        Ok(Ask { login: self.login.clone(), ..Ask::get(self.client.clone(), url) })
    }

    /// What is asked.
    pub fn component(&self) -> &Component {
        self.component
    }

    /// Where it answers.
    pub fn base(&self) -> &Url {
        &self.base
    }

    /// What is wrong with the plan's word on it.
    pub fn wrong(&self, why: &str) -> ContactError {
        bad_address(self.component, why)
    }

    /// What lies at `path`, whatever its status.
    pub async fn page(&self, path: &str, with: &Contact<'_>) -> Result<Page, ContactError> {
        self.answer(&self.ask(path)?, time_for(self.component), with).await.map_err(|failure| failure.error)
    }

    /// The same with a question that was prepared before.
    pub async fn answer(&self, ask: &Ask, time: Duration, with: &Contact<'_>) -> Result<Page, Failure> {
        match ask.page(time, with.clock).await {
            Ok(page) => Ok(page),
            Err(trouble) => Err(self.meaning(trouble, time, with).await),
        }
    }

    /// What lies at `path`, as JSON.
    pub async fn json<T: DeserializeOwned>(&self, path: &str, with: &Contact<'_>) -> Result<T, ContactError> {
        self.read(&self.page(path, with).await?)
    }

    /// An answer as JSON, if its status says that it is one.
    pub fn read<T: DeserializeOwned>(&self, page: &Page) -> Result<T, ContactError> {
        self.good(page)?;
        page.json().map_err(|why| ContactError::strange(self.component, why))
    }

    /// Whether the status says that the question was answered.
    pub fn good(&self, page: &Page) -> Result<(), ContactError> {
        let status = page.status.as_u16();
        match status {
            200..300 => Ok(()),
            401 | 403 => Err(ContactError::denied(self.component, format!("status {status}"))),
            429 => Err(ContactError::busy(self.component, "it is asked too often (status 429)")),
            500.. => Err(refusal(self.component, &format!("it answers with status {status}{}", quoted(&page.says())))),
            _ => Err(ContactError::strange(self.component, format!("status {status}"))),
        }
    }

    /// The certificate that it serves to whoever asks for its name.
    pub async fn standing(&self, with: &Contact<'_>) -> Result<Standing, ContactError> {
        let host = self.base.host_str().unwrap_or_default().trim_matches(['[', ']']);
        let port = self.base.port_or_known_default().unwrap_or(443);
        let judge = judge(self.ca.as_deref()).await;
        let judge = judge.map_err(|error| ContactError::no_authority(self.component, "http.ca", &error))?;
        let chain = served(host, port).await.map_err(|error| failed(self.component, &error))?;
        let standing = Standing::of(&chain, &[host], &judge, with.clock.now());
        standing.map_err(|why| ContactError::strange(self.component, format!("its certificate: {why}")))
    }

    /// Whether what answers there speaks TLS.
    async fn speaks_tls(&self) -> bool {
        let host = self.base.host_str().unwrap_or_default().trim_matches(['[', ']']);
        let Some(port) = self.base.port_or_known_default() else { return false };
        tokio::time::timeout(GREETING, served(host, port)).await.is_ok_and(|served| served.is_ok())
    }

    async fn meaning(&self, trouble: NoPage, time: Duration, with: &Contact<'_>) -> Failure {
        let plain = |error| Failure { error, standing: None };
        let error = match trouble {
            NoPage::Failed(error) => error,
            NoPage::Slow { status, bytes } => {
                let status = status.as_u16();
                let why = format!("status {status} came, and of the answer {bytes} bytes within {}", brief(time));
                return plain(ContactError::strange(self.component, why));
            }
            cut @ NoPage::Cut { .. } => return plain(ContactError::strange(self.component, cut.to_string())),
            NoPage::Lost(why) => return plain(ContactError::strange(self.component, why)),
        };
        let tls = causes(&error).find_map(|cause| cause.downcast_ref::<rustls::Error>());
        match tls {
            Some(rustls::Error::InvalidCertificate(_)) => self.refused_certificate(&error, with).await,
            Some(rustls::Error::InvalidMessage(_)) => {
                let why = "it does not speak TLS there; write http:// if that is meant";
                plain(ContactError::strange(self.component, why))
            }
            Some(tls) => plain(no_tls(self.component, tls)),
            None => plain(self.unencrypted(&error).await),
        }
    }

    async fn refused_certificate(&self, error: &reqwest::Error, with: &Contact<'_>) -> Failure {
        let Ok(standing) = self.standing(with).await else {
            return Failure { error: ContactError::strange(self.component, with_causes(error)), standing: None };
        };
        let reasons = standing.reasons("http.ca");
        let worst = reasons.first().map_or_else(|| with_causes(error), |reason| reason.sentence.clone());
        let is_down = reasons.iter().any(|reason| reason.verdict == crate::plan::facts::Verdict::Down);
        let error =
            if is_down { refusal(self.component, &worst) } else { ContactError::strange(self.component, worst) };
        Failure { error, standing: Some(standing) }
    }

    async fn unencrypted(&self, error: &reqwest::Error) -> ContactError {
        if self.base.scheme() == "http" && !error.is_connect() && self.speaks_tls().await {
            return ContactError::strange(self.component, "it speaks TLS there; write https:// if that is meant");
        }
        failed(self.component, error)
    }
}

fn base(component: &Component, address: &str) -> Result<Url, ContactError> {
    let base: Url = address.parse().map_err(|error| bad_address(component, &error))?;
    if !matches!(base.scheme(), "http" | "https") || base.host_str().is_none() {
        return Err(bad_address(component, "it does not begin with http:// or https://"));
    }
    Ok(base)
}

/// What proves who asks: a name with a password, or a token alone.
async fn login(component: &Component, base: &Url, with: &Contact<'_>) -> Result<Option<HeaderValue>, ContactError> {
    let Some(password) = &component.password else { return Ok(None) };
    let password = with.secrets.resolve(password).await?;
    let named = (!base.username().is_empty()).then(|| base.username());
    let proof = match component.user.as_deref().or(named) {
        Some(user) => basic(user, password.expose()),
        None => format!("Bearer {}", password.expose_str().unwrap_or_default()),
    };
    header(component, &proof).map(Some)
}

fn basic(user: &str, password: &[u8]) -> String {
    let pair = zeroize::Zeroizing::new([user.as_bytes(), b":", password].concat());
    format!("Basic {}", STANDARD.encode(pair.as_slice()))
}

fn header(component: &Component, proof: &str) -> Result<HeaderValue, ContactError> {
    let value = HeaderValue::from_str(proof);
    let mut value = value.map_err(|_| bad_address(component, "its password cannot stand in a header"))?;
    value.set_sensitive(true);
    Ok(value)
}

fn quoted(said: &str) -> String {
    if said.is_empty() { String::new() } else { format!(": {said}") }
}

fn brief(time: Duration) -> String {
    crate::text::Span::from(time).brief()
}
