//! Which process listens on an address.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};

use super::procfs;

const LISTEN: &str = "0A";

/// The process that keeps `address` from being bound, with the words it was started with.
pub(super) fn listener(address: SocketAddr) -> Option<(i32, String)> {
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"].map(|path| fs::read_to_string(path).unwrap_or_default());
    let inode = tables.iter().flat_map(|table| table.lines().skip(1)).find_map(|line| inode_of(line, address))?;
    let socket = format!("socket:[{inode}]");
    let pid = procfs::all().into_iter().map(|stat| stat.pid).find(|pid| holds(*pid, &socket))?;
    Some((pid, procfs::command_line(pid)))
}

fn inode_of(line: &str, address: SocketAddr) -> Option<&str> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let (host, port) = fields.get(1)?.split_once(':')?;
    let ours = matches!(address.ip(), std::net::IpAddr::V4(ip) if host == hex(ip));
    let any = host.bytes().all(|digit| digit == b'0');
    let matches = (ours || any) && u16::from_str_radix(port, 16) == Ok(address.port()) && *fields.get(3)? == LISTEN;
    matches.then(|| fields.get(9).copied()).flatten()
}

// The kernel prints the four bytes of an address as one number of the machine's own byte order.
fn hex(ip: Ipv4Addr) -> String {
    format!("{:08X}", u32::from_ne_bytes(ip.octets()))
}

fn holds(pid: i32, socket: &str) -> bool {
    let Ok(entries) = fs::read_dir(format!("/proc/{pid}/fd")) else { return false };
    entries.flatten().any(|entry| fs::read_link(entry.path()).is_ok_and(|target| target.as_os_str() == socket))
}
