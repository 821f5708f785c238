//! A TCP port of which nothing more is known than that it should be open.

use std::io::ErrorKind;

use futures_util::future::BoxFuture;

use super::contact::{Answer, Contact, address};
use super::probe::{Depth, Probe, Subject, Told};
use super::trouble::{ContactError, bad_address, failed};
use super::wire::stream;
use crate::plan::types::Component;

/// Connects, and hangs up.
pub async fn contact(component: &Component) -> Result<Answer, ContactError> {
    let address = address(component)?;
    let host_and_port = address.split_once("://").map_or(address, |(_, rest)| rest).trim_end_matches('/');
    let Some((host, port)) = host_and_port.rsplit_once(':') else {
        return Err(bad_address(component, "the port is missing"));
    };
    let host = host.trim_matches(['[', ']']);
    if host.is_empty() {
        return Err(bad_address(component, "it names no host"));
    }
    let Some(port) = port.parse::<u16>().ok().filter(|port| *port > 0) else {
        return Err(bad_address(component, "what stands after the host is no number of a port"));
    };
    let stream = stream(host, port).await.map_err(|error| failed(component, &error))?;
    // Some proxies let everybody in, and hang up at once where nothing is behind them.
    match stream.try_read(&mut [0]) {
        Ok(0) => Err(failed(component, &std::io::Error::from(ErrorKind::ConnectionReset))),
        Err(error) if error.kind() != ErrorKind::WouldBlock => Err(failed(component, &error)),
        _ => Ok(Answer { identity: "an open port".to_owned(), clock: None }),
    }
}

/// Connects once a question.
pub struct TcpProbe(Component);

impl TcpProbe {
    /// The probe of a port.
    pub fn new(subject: Subject<'_>) -> TcpProbe {
        TcpProbe(subject.component.clone())
    }
}

impl Probe for TcpProbe {
    fn ask<'a>(&'a mut self, depth: Depth, _: &'a Contact<'a>) -> BoxFuture<'a, Result<Told, ContactError>> {
        Box::pin(async move {
            if depth == Depth::Rare {
                return Ok(Told::default());
            }
            let answer = contact(&self.0).await?;
            Ok(Told { identity: answer.identity, ..Told::default() })
        })
    }
}
