//! Names in the DNS.

use std::net::SocketAddr;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};
use hickory_resolver::net::runtime::TokioRuntimeProvider;

use super::contact::{Answer, ContactError, address, bad_address, refused};
use crate::plan::types::Component;

/// Looks the name up, at the server that the plan names or at this machine's resolver.
pub async fn contact(component: &Component) -> Result<Answer, ContactError> {
    let name = address(component)?;
    let failed = |error: &(dyn std::error::Error + 'static)| refused(component, error);
    let builder = match component.dns.as_ref().and_then(|dns| dns.server.as_deref()) {
        Some(server) => {
            let server = socket(server).ok_or_else(|| bad_address(component, "`dns.server` is no IP address"))?;
            let mut udp = ConnectionConfig::udp();
            let mut tcp = ConnectionConfig::tcp();
            udp.port = server.port();
            tcp.port = server.port();
            let server = NameServerConfig::new(server.ip(), true, vec![udp, tcp]);
            let config = ResolverConfig::from_name_servers(vec![server]);
            TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
        }
        None => TokioResolver::builder_tokio().map_err(|error| failed(&error))?,
    };
    let resolver = builder.build().map_err(|error| failed(&error))?;
    let found = resolver.lookup_ip(format!("{}.", name.trim_end_matches('.'))).await.map_err(|error| failed(&error))?;
    let addresses: Vec<String> = found.iter().map(|address| address.to_string()).collect();
    Ok(Answer { identity: format!("points to {}", addresses.join(", ")), clock: None })
}

fn socket(server: &str) -> Option<SocketAddr> {
    server.parse().ok().or_else(|| Some(SocketAddr::new(server.parse().ok()?, 53)))
}
