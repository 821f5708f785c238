//! One request and its answer, of which no more is read than is good for anything.

use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::header::{AUTHORIZATION, DATE, HeaderMap, HeaderValue, LOCATION, SERVER};
use reqwest::tls::TlsInfo;
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode, Url};

use super::complaint::complaint;
use crate::text::instant::ClockOffset;
use crate::text::{Clock, Shape, untrusted, with_causes};

/// How much of an answer is read.
pub const MOST: usize = 256 * 1024;
/// How often an answer may send us on.
const HOPS: usize = 5;

/// What to ask for.
#[derive(Clone)]
pub struct Ask {
    /// Who asks.
    pub client: Client,
    /// How.
    pub method: Method,
    /// For what.
    pub url: Url,
    /// What proves who asks; sent to no other host than the one that was asked.
    pub login: Option<HeaderValue>,
    /// What is sent besides, and to nobody else either.
    pub headers: HeaderMap,
    /// What is sent along.
    pub body: Option<String>,
    /// How many bytes of the answer are read.
    pub most: usize,
    /// Whether to go where the answer sends us.
    pub follow: bool,
}

/// An answer.
#[derive(Debug)]
pub struct Page {
    /// Its status.
    pub status: StatusCode,
    /// What the server calls itself, made harmless.
    pub server: Option<String>,
    /// Where it sent us last, if it did.
    pub moved_to: Option<Url>,
    /// The certificate that was served where the question went first, as it came.
    pub certificate: Option<Vec<u8>>,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its beginning.
    pub body: Vec<u8>,
    /// Whether there was more.
    pub cut: bool,
    /// How long it all took.
    pub took: Duration,
    /// How far its clock is from ours, if it tells.
    pub clock: Option<ClockOffset>,
}

/// Why there is no answer.
#[derive(Debug)]
pub enum NoPage {
    /// The request failed.
    Failed(reqwest::Error),
    /// It began, and did not come to an end in time.
    Slow {
        /// What it began with.
        status: StatusCode,
        /// How much had come.
        bytes: usize,
    },
    /// It began, and broke off.
    Cut {
        /// What it began with.
        status: StatusCode,
        /// How much had come.
        bytes: usize,
    },
    /// Where it sends us is no address, or it sends us in circles.
    Lost(String),
}

impl std::fmt::Display for NoPage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            NoPage::Failed(error) => f.write_str(&untrusted(with_causes(error), Shape::line(200))),
            NoPage::Slow { status, .. } => write!(f, "status {} came, and its answer not in time", status.as_u16()),
            NoPage::Cut { status, bytes } => {
                let status = status.as_u16();
                write!(f, "status {status} came, and the answer stops in the middle, after {bytes} bytes")
            }
            NoPage::Lost(why) => f.write_str(why),
        }
    }
}

impl Ask {
    /// A plain question.
    pub fn get(client: Client, url: Url) -> Ask {
        Ask {
            client,
            method: Method::GET,
            url,
            login: None,
            headers: HeaderMap::new(),
            body: None,
            most: MOST,
            follow: false,
        }
    }

    /// Who did not ask for it is sent nothing of ours: a plain question, without login and body.
    fn request(&self, url: &Url, strayed: bool) -> RequestBuilder {
        if strayed {
            return self.client.get(url.clone());
        }
        let mut request = self.client.request(self.method.clone(), url.clone()).headers(self.headers.clone());
        if let Some(login) = &self.login {
            request = request.header(AUTHORIZATION, login.clone());
        }
        match &self.body {
            Some(body) => request.header("content-type", kind_of(body)).body(body.clone()),
            None => request,
        }
    }

    /// Asks, and leaves the answer to be read as it comes, however long that takes.
    pub async fn open(&self) -> Result<Response, NoPage> {
        self.request(&self.url, false).send().await.map_err(|error| NoPage::Failed(error.without_url()))
    }

    /// Asks, and reads the answer within `time` of its beginning.
    pub async fn page(&self, time: Duration, clock: &dyn Clock) -> Result<Page, NoPage> {
        let begun = clock.since_boot();
        let mut url = self.url.clone();
        // Who was sent elsewhere once comes back with nothing of ours either.
        let (mut moved_to, mut hops, mut strayed) = (None, 0, false);
        let mut certificate = None;
        loop {
            let asked = clock.now();
            let answer =
                self.request(&url, strayed).send().await.map_err(|error| NoPage::Failed(error.without_url()))?;
            if hops == 0 {
                certificate = served(&answer);
            }
            if let Some(next) = next(&answer, &url).filter(|_| self.follow) {
                let next = next?;
                hops += 1;
                if hops > HOPS {
                    return Err(NoPage::Lost(format!("it sends us on more than {HOPS} times")));
                }
                moved_to = Some(next.clone());
                strayed |= next.origin() != self.url.origin();
                url = next;
                continue;
            }
            let left = time.saturating_sub(clock.since_boot().saturating_sub(begun));
            return self.read(answer, asked, left, clock).await.map(|page| Page {
                took: clock.since_boot().saturating_sub(begun),
                moved_to,
                certificate,
                ..page
            });
        }
    }

    async fn read(
        &self,
        mut answer: Response,
        asked: DateTime<Utc>,
        time: Duration,
        clock: &dyn Clock,
    ) -> Result<Page, NoPage> {
        let status = answer.status();
        let date = answer.headers().get(DATE).and_then(|date| date.to_str().ok());
        let offset = date.and_then(|date| ClockOffset::from_http_date(asked, date, clock.now()));
        let server = answer.headers().get(SERVER).map(|server| untrusted(server.as_bytes(), Shape::line(60)));
        let headers = answer.headers().clone();
        let (mut body, mut cut) = (Vec::new(), false);
        let reading = async {
            while let Some(piece) = answer.chunk().await? {
                let room = self.most.saturating_sub(body.len());
                cut = piece.len() > room;
                body.extend_from_slice(&piece[..piece.len().min(room)]);
                if cut {
                    break;
                }
            }
            Ok::<_, reqwest::Error>(())
        };
        match tokio::time::timeout(time, reading).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return Err(NoPage::Cut { status, bytes: body.len() }),
            Err(_) => return Err(NoPage::Slow { status, bytes: body.len() }),
        }
        let (took, moved_to, certificate) = (Duration::ZERO, None, None);
        Ok(Page { status, server, moved_to, certificate, headers, body, cut, took, clock: offset })
    }
}

impl Page {
    /// Whether this stands in what was read of it.
    pub fn contains(&self, wanted: &str) -> bool {
        memchr::memmem::find(&self.body, wanted.as_bytes()).is_some()
    }

    /// The answer as JSON, if all of it was read.
    pub fn json<T: serde::de::DeserializeOwned>(&self) -> Result<T, String> {
        if self.cut {
            return Err(format!("its answer is longer than {} KiB", self.body.len() / 1024));
        }
        serde_json::from_slice(&self.body).map_err(|error| format!("its answer is not what was asked for: {error}"))
    }

    /// What it says about what is wrong, on one line.
    pub fn says(&self) -> String {
        complaint(self.body.trim_ascii())
    }
}

/// An address without what may be secret in it: names and queries.
pub fn bare(url: &Url) -> String {
    format!("{}{}", url.origin().ascii_serialization(), url.path())
}

/// The certificate of who answered.
fn served(answer: &Response) -> Option<Vec<u8>> {
    Some(answer.extensions().get::<TlsInfo>()?.peer_certificate()?.to_owned())
}

/// Where an answer sends us, if it does.
fn next(answer: &Response, from: &Url) -> Option<Result<Url, NoPage>> {
    let sends_on = matches!(answer.status().as_u16(), 301 | 302 | 303 | 307 | 308);
    let to = answer.headers().get(LOCATION).filter(|_| sends_on)?;
    let lost = || {
        let without_query = to.as_bytes().split(|byte| *byte == b'?').next().unwrap_or_default();
        let shown = untrusted(without_query, Shape::line(80));
        NoPage::Lost(format!("it sends us on to {shown}, which is no address"))
    };
    let next = to.to_str().ok().and_then(|to| from.join(to).ok());
    Some(next.filter(|next| matches!(next.scheme(), "http" | "https")).ok_or_else(lost))
}

fn kind_of(body: &str) -> &'static str {
    if body.trim_start().starts_with(['{', '[']) { "application/json" } else { "application/x-www-form-urlencoded" }
}
