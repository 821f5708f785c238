//! A TCP port of which nothing more is known than that it should be open.

use tokio::net::TcpStream;

use super::contact::{Answer, ContactError, address, bad_address, refused};
use crate::plan::types::Component;

/// Connects, and hangs up.
pub async fn contact(component: &Component) -> Result<Answer, ContactError> {
    let address = address(component)?;
    let host_and_port = address.split_once("://").map_or(address, |(_, rest)| rest).trim_end_matches('/');
    if !host_and_port.contains(':') {
        return Err(bad_address(component, "the port is missing"));
    }
    TcpStream::connect(host_and_port).await.map_err(|error| refused(component, &error))?;
    Ok(Answer { identity: "an open port".to_owned(), clock: None })
}
