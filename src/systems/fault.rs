//! Whose fault an error is.

use std::error::Error;
use std::io;

use crate::text::{causes, with_causes};

/// Whose fault an error is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Whoever was asked refused, or hung up.
    Theirs,
    /// The way there failed, rather than what lies at its end.
    Network,
    /// Something is wrong on this machine, with what to do about it. What nobody knows to be another's fault counts
    /// as ours: nobody is called down for it.
    Ours(&'static str),
}

/// Whose fault an error is.
pub fn fault(error: &(dyn Error + 'static)) -> Fault {
    use io::ErrorKind::{
        AddrNotAvailable, BrokenPipe, ConnectionAborted, ConnectionRefused, ConnectionReset, HostUnreachable,
        NetworkDown, NetworkUnreachable, PermissionDenied, TimedOut, UnexpectedEof,
    };
    let said = |kinds: &[io::ErrorKind]| {
        causes(error).filter_map(|cause| cause.downcast_ref::<io::Error>()).any(|cause| kinds.contains(&cause.kind()))
    };
    if said(&[HostUnreachable, NetworkDown, NetworkUnreachable, TimedOut]) || is_about_names(error) {
        Fault::Network
    } else if said(&[ConnectionRefused, ConnectionReset, ConnectionAborted, UnexpectedEof, BrokenPipe])
        || hung_up(error)
    {
        Fault::Theirs
    } else if said(&[AddrNotAvailable]) {
        Fault::Ours("look whether the address is right, and whether this machine has a port left to ask from")
    } else if said(&[PermissionDenied]) {
        Fault::Ours("look whether this user may go there, and whether a firewall of this machine forbids it")
    } else if is_short_of_files(error) {
        Fault::Ours("give lifeboat more open files (ulimit -n, LimitNOFILE=), or look who holds them all")
    } else {
        Fault::Ours("look what is wrong on this machine; nothing was learnt about who should have been asked")
    }
}

fn is_short_of_files(error: &(dyn Error + 'static)) -> bool {
    let short = [rustix::io::Errno::MFILE, rustix::io::Errno::NFILE].map(rustix::io::Errno::raw_os_error);
    let numbers = causes(error).filter_map(|cause| cause.downcast_ref::<io::Error>()?.raw_os_error());
    numbers.into_iter().any(|number| short.contains(&number))
}

/// Libraries that notice the end of a connection themselves say so in words.
fn hung_up(error: &(dyn Error + 'static)) -> bool {
    with_causes(error).contains("connection closed")
}

/// The resolver of the C library has no error type of its own that survives the way up.
fn is_about_names(error: &(dyn Error + 'static)) -> bool {
    let words =
        ["failed to lookup address", "dns error", "name or service not known", "temporary failure in name resolution"];
    causes(error)
        .map(|cause| cause.to_string().to_ascii_lowercase())
        .any(|said| words.iter().any(|words| said.contains(words)))
}

/// Whether a question over HTTP was answered with something else. The library of HTTP has no type of its own for
/// that which survives the way up, and says in words that somebody hung up.
pub fn speaks_no_http(error: &(dyn Error + 'static)) -> bool {
    let on_the_way = || causes(error).any(<dyn Error>::is::<io::Error>);
    let is_of_an_answer = |error: &reqwest::Error| !error.is_connect() && !error.is_builder();
    error.downcast_ref::<reqwest::Error>().is_some_and(is_of_an_answer) && !on_the_way() && !hung_up(error)
}
