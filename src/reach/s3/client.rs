//! The connections to a service: kept between requests, trusting whom this machine trusts.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Client;
use reqwest::redirect::Policy;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::Verifier;
use tokio::sync::OnceCell;

use super::settings::Settings;

/// Services close what was idle for longer, some after 20 seconds.
const KEPT: Duration = Duration::from_secs(15);

/// Reading whom this machine trusts takes as long as many an answer.
static TLS: OnceCell<ClientConfig> = OnceCell::const_new();

/// A client that follows no redirect: what is signed for one host is worth nothing at another.
pub(super) async fn client(settings: &Settings) -> io::Result<Client> {
    let read = || async { tokio::task::spawn_blocking(tls).await? };
    let tls = TLS.get_or_try_init(read).await?.clone();
    Client::builder()
        .no_proxy()
        .redirect(Policy::none())
        .connect_timeout(settings.connect)
        .pool_idle_timeout(KEPT)
        .tcp_keepalive(settings.idle)
        .user_agent(concat!("lifeboat/", env!("CARGO_PKG_VERSION")))
        .tls_backend_preconfigured(tls)
        .build()
        .map_err(io::Error::other)
}

fn tls() -> io::Result<ClientConfig> {
    let provider = Arc::new(default_provider());
    let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?;
    Ok(match Verifier::new(provider) {
        Ok(judge) => config.dangerous().with_custom_certificate_verifier(Arc::new(judge)).with_no_client_auth(),
        // A machine without any authority can still speak to whoever needs none.
        Err(_) => config.with_root_certificates(RootCertStore::empty()).with_no_client_auth(),
    })
}
