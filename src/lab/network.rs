//! Loopback addresses and ports of a lab.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{LabError, Nodes, Role, ServerId, Site};

/// What a server listens for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Door {
    /// What it is there for.
    Main,
    /// The management interface of the message broker.
    Management,
    /// How the message broker talks to its own tools; on the machine's common loopback address.
    Distribution,
    /// What a load balancer tells about the servers behind it.
    Statistics,
}

/// Where every server of a lab listens, chosen once and kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Network {
    addresses: BTreeMap<Site, Ipv4Addr>,
    ports: BTreeMap<String, u16>,
}

/// The port a server has wherever nothing stands in the way; 0 is any free one. Nodes have one after another.
fn usual_port(server: ServerId, door: Door) -> Option<u16> {
    let number = server.node.map_or(0, u16::from);
    let port = match (server.role, door) {
        (Role::Dns, Door::Main) => Some(5300),
        (Role::Resolver, Door::Main) => Some(5301),
        (Role::S3, Door::Main) => Some(9000),
        (Role::Epmd, Door::Main) | (Role::Rabbitmq, Door::Distribution) => Some(0),
        (Role::Rabbitmq, Door::Main) => Some(5672),
        (Role::Rabbitmq, Door::Management) => Some(15672),
        (Role::Postgres, Door::Main) => Some(5432),
        (Role::Redis, Door::Main) => Some(6379),
        (Role::Sentinel, Door::Main) => Some(26379),
        (Role::App | Role::Balancer, Door::Main) => Some(8080),
        (Role::Alertmanager, Door::Main) => Some(9093),
        (Role::Prometheus, Door::Main) => Some(9090),
        (Role::Balancer, Door::Statistics) => Some(8404),
        _ => None,
    };
    match (server.role, port) {
        (_, None | Some(0)) => port,
        // The balancer has the port before theirs.
        (Role::App, Some(port)) => Some(port + number),
        (_, Some(port)) => Some(port + number.saturating_sub(1)),
    }
}

/// Erlang finds its port mapper and its nodes on the common loopback address only.
fn is_common(role: Role, door: Door) -> bool {
    role == Role::Epmd || door == Door::Distribution
}

const DOORS: [Door; 4] = [Door::Main, Door::Management, Door::Distribution, Door::Statistics];
const CANDIDATES: u32 = 200;

fn key(server: ServerId, door: Door) -> String {
    match door {
        Door::Main => server.to_string(),
        Door::Management => format!("{server}/management"),
        Door::Distribution => format!("{server}/distribution"),
        Door::Statistics => format!("{server}/statistics"),
    }
}

/// Whether both kinds of socket can be opened there.
fn is_free(address: SocketAddr) -> bool {
    TcpListener::bind(address).is_ok() && UdpSocket::bind(address).is_ok()
}

impl Network {
    /// Chooses addresses for a new lab: a range that follows from its folder, so that two labs do not meet
    /// even while one of them is down, and the next one as long as any usual port in it is taken.
    pub(super) fn choose(root: &Path, nodes: Nodes) -> Result<Network, LabError> {
        let hash = Sha256::digest(root.as_os_str().as_bytes());
        let seed = u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]]);
        let mut candidates = (0..CANDIDATES).map(|step| Network::at(seed.wrapping_add(step * 7919), nodes));
        let mut network = candidates.find(|network| network.is_free(nodes)).ok_or(LabError::NoAddresses)?;
        network.choose_common(nodes)?;
        Ok(network)
    }

    // Ranges 127.16.0.0 to 127.249.255.0, four networks each: primary, dr, outside, and one to spare.
    fn at(seed: u32, nodes: Nodes) -> Network {
        let range = seed % (234 * 64);
        let byte = |value: u32| u8::try_from(value & 0xff).unwrap_or(0);
        let (second, third) = (16 + range / 64, (range % 64) * 4);
        let address = |site: u32| Ipv4Addr::new(127, byte(second), byte(third + site), 10);
        let addresses = Site::ALL.into_iter().zip(0..).map(|(site, number)| (site, address(number))).collect();
        let mut ports = BTreeMap::new();
        for (server, door) in doors(nodes) {
            if let Some(port) = usual_port(server, door).filter(|port| *port != 0) {
                ports.insert(key(server, door), port);
            }
        }
        Network { addresses, ports }
    }

    fn is_free(&self, nodes: Nodes) -> bool {
        doors(nodes)
            .filter(|(server, door)| !is_common(server.role, *door))
            .all(|(server, door)| is_free(self.address(server, door)))
    }

    // All are held open until the last is chosen: a port given back may be given out again.
    fn choose_common(&mut self, nodes: Nodes) -> Result<(), LabError> {
        let mut held = Vec::new();
        for (server, door) in doors(nodes).filter(|(server, door)| is_common(server.role, *door)) {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(|_| LabError::NoAddresses)?;
            let port = listener.local_addr().map_err(|_| LabError::NoAddresses)?.port();
            self.ports.insert(key(server, door), port);
            held.push(listener);
        }
        Ok(())
    }

    /// The address of a site.
    pub(super) fn site(&self, site: Site) -> Ipv4Addr {
        self.addresses.get(&site).copied().unwrap_or(Ipv4Addr::LOCALHOST)
    }

    /// Where a server listens.
    pub(super) fn address(&self, server: ServerId, door: Door) -> SocketAddr {
        let port = self.ports.get(&key(server, door)).copied().unwrap_or(0);
        let address = if is_common(server.role, door) { Ipv4Addr::LOCALHOST } else { self.site(server.site) };
        SocketAddr::from((address, port))
    }

    /// Refuses if someone else listens where `server` always did.
    pub(super) fn check_free(&self, server: ServerId) -> Result<(), LabError> {
        for (_, door) in doors_of(server) {
            let address = self.address(server, door);
            if TcpListener::bind(address).is_err() {
                return Err(LabError::PortTaken { server: server.to_string(), address, holder: holder(address) });
            }
        }
        Ok(())
    }
}

fn doors(nodes: Nodes) -> impl Iterator<Item = (ServerId, Door)> {
    ServerId::all(nodes).into_iter().flat_map(doors_of)
}

fn doors_of(server: ServerId) -> impl Iterator<Item = (ServerId, Door)> {
    DOORS.into_iter().map(move |door| (server, door)).filter(|(server, door)| usual_port(*server, *door).is_some())
}

/// Who listens on a port, as far as we are allowed to see.
fn holder(address: SocketAddr) -> Option<String> {
    super::sockets::listener(address).map(|(pid, words)| format!("process {pid} ({words})"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn two_folders_get_two_ranges_and_one_folder_always_the_same() {
        let one = Network::choose(Path::new("/a/lab"), Nodes::One).unwrap();
        let two = Network::choose(Path::new("/b/lab"), Nodes::One).unwrap();
        assert_ne!(one.site(Site::Primary), two.site(Site::Primary));
        assert_eq!(
            one.site(Site::Primary),
            Network::choose(Path::new("/a/lab"), Nodes::One).unwrap().site(Site::Primary)
        );
    }

    #[test]
    fn sites_have_addresses_of_their_own_in_the_loopback_network() {
        for seed in [0, 1, 14_975, u32::MAX] {
            let network = Network::at(seed, Nodes::One);
            let all: Vec<Ipv4Addr> = Site::ALL.map(|site| network.site(site)).to_vec();
            assert!(all.iter().all(Ipv4Addr::is_loopback), "{all:?}");
            assert!(all[0] != all[1] && all[1] != all[2], "{all:?}");
        }
    }

    #[test]
    fn no_two_doors_of_a_lab_are_the_same() {
        for nodes in Nodes::ALL {
            let network = Network::choose(Path::new("/d/lab"), nodes).unwrap();
            let addresses = doors(nodes).map(|(server, door)| network.address(server, door)).collect::<Vec<_>>();
            let different: BTreeSet<_> = addresses.iter().collect();
            assert_eq!(different.len(), addresses.len(), "{addresses:?}");
            assert!(addresses.iter().all(|address| address.port() > 0));
        }
    }

    #[test]
    fn a_range_with_a_taken_port_is_passed_over() {
        let before = Network::choose(Path::new("/c/lab"), Nodes::One).unwrap();
        let postgres = ServerId::new(Site::Primary, Role::Postgres);
        let taken = TcpListener::bind(before.address(postgres, Door::Main)).unwrap();
        let after = Network::choose(Path::new("/c/lab"), Nodes::One).unwrap();
        assert_ne!(before.site(Site::Primary), after.site(Site::Primary));
        let message = before.check_free(postgres).unwrap_err().to_string();
        assert!(message.contains(&format!("process {}", std::process::id())), "{message}");
        drop(taken);
        before.check_free(postgres).unwrap();
    }
}
