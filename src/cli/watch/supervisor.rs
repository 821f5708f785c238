//! Whoever supervises a service: systemd, told that all goes on.

use std::ffi::OsStr;
use std::os::linux::net::SocketAddrExt;
use std::os::unix;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch::Receiver;

use crate::desk::Desk;

/// How often a supervisor is told that all goes on.
const SIGN_OF_LIFE: Duration = Duration::from_secs(10);

/// Where the supervisor listens: at a path, or at a name without a file, which begins with @.
fn supervisor(place: &OsStr) -> Option<unix::net::SocketAddr> {
    match place.as_encoded_bytes() {
        [b'/', ..] => unix::net::SocketAddr::from_pathname(place).ok(),
        [b'@', name @ ..] => unix::net::SocketAddr::from_abstract_name(name).ok(),
        _ => None,
    }
}

/// Tells systemd that we are ready, and then that all goes on, as long as pictures are published.
pub(super) async fn sign_of_life(mut desk: Receiver<Arc<Desk>>) {
    let place = std::env::var_os("NOTIFY_SOCKET").and_then(|place| supervisor(&place));
    let (Some(place), Ok(socket)) = (place, unix::net::UnixDatagram::unbound()) else { return };
    // A supervisor that hears nothing for a while is no reason to stand still.
    let _ = socket.set_nonblocking(true);
    let _ = socket.send_to_addr(b"READY=1\nSTATUS=watching", &place);
    while desk.changed().await.is_ok() {
        let _ = socket.send_to_addr(b"WATCHDOG=1", &place);
        tokio::time::sleep(SIGN_OF_LIFE).await;
    }
}
