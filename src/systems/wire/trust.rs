//! Whose certificate is good enough, and the settings of TLS that follow.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use rustls::ClientConfig;

use crate::systems::tls::{config, judge, judged_by};

/// Whose certificate is good enough.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trust {
    /// One that this machine trusts.
    Machine,
    /// One that this machine trusts, or that is signed by the authority in this file.
    Authority(PathBuf),
    /// Any: the address allows plain text, and nothing is lost where that is encrypted for whoever answers.
    Anybody,
}

/// The settings of TLS, asked for anew with every connection: an authority that was renewed counts from then on.
pub async fn client_config(trust: &Trust) -> io::Result<Arc<ClientConfig>> {
    let judge = match trust {
        Trust::Machine => judge(None).await?,
        Trust::Authority(file) => judge(Some(file)).await?,
        Trust::Anybody => judged_by(|_| Ok(())),
    };
    Ok(Arc::new(config(judge)))
}
