//! The certificates that this machine trusts. Reading them takes as long as many an answer, so that it is done
//! once, and beside everything else.

use rustls::ClientConfig;
use rustls_platform_verifier::ConfigVerifierExt;
use tokio::sync::OnceCell;

static TRUST: OnceCell<ClientConfig> = OnceCell::const_new();

/// How to speak TLS with whoever has a certificate that this machine trusts.
pub async fn trust() -> Result<ClientConfig, rustls::Error> {
    let read = || async {
        let reading = tokio::task::spawn_blocking(ClientConfig::with_platform_verifier);
        reading.await.unwrap_or_else(|stopped| Err(rustls::Error::General(stopped.to_string())))
    };
    TRUST.get_or_try_init(read).await.cloned()
}
