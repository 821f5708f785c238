//! The clients that ask over HTTP, shared by all components that trust the same authorities.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use reqwest::Client;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;
use tokio::sync::OnceCell;

use crate::systems::tls::{Judge, config, judge};
use crate::systems::wire::addresses;

/// A client, and whom it trusts.
type Shared = (Judge, Arc<OnceCell<Client>>);

/// By the file of authorities that is trusted besides.
static CLIENTS: LazyLock<Mutex<HashMap<Option<PathBuf>, Shared>>> = LazyLock::new(Mutex::default);

/// A client that asks the system itself: a proxy would answer in its place. It follows no redirect, trusts whom
/// this machine trusts, and the authorities in the file at `ca`. Each question goes over a connection of its own: one
/// that was kept would go on as it began, whatever a new visitor meets by now.
pub async fn client(ca: Option<&Path>) -> io::Result<Client> {
    let judge = judge(ca).await?;
    let cell = {
        let mut clients = CLIENTS.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = || (Arc::clone(&judge), Arc::new(OnceCell::new()));
        let shared = clients.entry(ca.map(Path::to_owned)).or_insert_with(fresh);
        // Its file was written anew.
        if !Arc::ptr_eq(&shared.0, &judge) {
            *shared = fresh();
        }
        Arc::clone(&shared.1)
    };
    cell.get_or_try_init(|| build(judge)).await.cloned()
}

/// Looks up names as everybody else here does.
struct Names;

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let addresses = addresses(name.as_str()).await?;
            let addresses: Addrs = Box::new(addresses.into_iter());
            Ok(addresses)
        })
    }
}

async fn build(judge: Judge) -> io::Result<Client> {
    let client = Client::builder()
        .no_proxy()
        .redirect(Policy::none())
        .pool_max_idle_per_host(0)
        .tls_info(true)
        .dns_resolver(Names)
        .user_agent(concat!("lifeboat/", env!("CARGO_PKG_VERSION")))
        .tls_backend_preconfigured(config(judge));
    tokio::task::spawn_blocking(|| client.build()).await?.map_err(io::Error::other)
}
