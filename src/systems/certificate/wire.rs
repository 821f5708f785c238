//! The certificates that a server serves, taken from a greeting that accepts any, and judges afterwards.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::TlsConnector;

use crate::systems::tls;
use crate::systems::wire::tcp;

/// How many certificates of a server are kept.
const MOST: usize = 20;

/// Greets a server, and returns the certificates it serves to whoever asks for `host`. They are kept instead of judged,
/// and nothing is ever sent over such a connection.
pub async fn served(host: &str, port: u16) -> io::Result<Vec<CertificateDer<'static>>> {
    let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
    let stream = tcp(host, port).await?;
    let kept = Arc::new(Mutex::new(Vec::new()));
    let keeps = Arc::clone(&kept);
    let keeper = tls::judged_by(move |shown| {
        let all = std::iter::once(shown.own).chain(shown.between).take(MOST).map(|one| one.clone().into_owned());
        *keeps.lock().unwrap_or_else(PoisonError::into_inner) = all.collect();
        Ok(())
    });
    let greeted = TlsConnector::from(Arc::new(tls::config(keeper))).connect(name, stream).await;
    let kept: Vec<_> = std::mem::take(&mut *kept.lock().unwrap_or_else(PoisonError::into_inner));
    match greeted {
        // One that wants a certificate of ours ends the greeting after it has shown its own.
        _ if !kept.is_empty() => Ok(kept),
        Ok(_) => Err(io::Error::other("it served no certificate")),
        Err(error) => Err(error),
    }
}

/// `host:port` of an address without a scheme; 443 if it names no port.
pub fn host_and_port(address: &str) -> Option<(&str, u16)> {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let authority = rest.split('/').next().unwrap_or(rest);
    if let Some((host, port)) = authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        return Some((host, port.strip_prefix(':').map_or(Ok(443), str::parse).ok().filter(|port| *port > 0)?));
    }
    let (host, port) = authority.rsplit_once(':').map_or((authority, Ok(443)), |(host, port)| (host, port.parse()));
    (!host.is_empty()).then_some(())?;
    Some((host, port.ok().filter(|port| *port > 0)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_host_and_a_port() {
        assert_eq!(host_and_port("app.example.com:8443"), Some(("app.example.com", 8443)));
        assert_eq!(host_and_port("https://app.example.com/health"), Some(("app.example.com", 443)));
        assert_eq!(host_and_port("[::1]:44"), Some(("::1", 44)));
        assert_eq!(host_and_port("[::1]"), Some(("::1", 443)));
        assert_eq!(host_and_port(":443"), None);
        assert_eq!(host_and_port("app:x"), None);
        assert_eq!(host_and_port("app:0"), None);
        assert_eq!(host_and_port("app:99999"), None);
    }
}
