//! The addresses and node ports that a server gives to services.

use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicU32, Ordering};

use ipnet::Ipv4Net;

/// Node ports lie here unless a server is told otherwise (API reference, Service: `--service-node-port-range`).
const NODE_PORTS: std::ops::Range<u32> = 30_000..32_768;

/// Hands out cluster addresses and node ports, round and round, so that a freed one is not used again at once.
#[derive(Debug)]
pub(crate) struct Addresses {
    network: Ipv4Net,
    next_address: AtomicU32,
    next_port: AtomicU32,
}

impl Addresses {
    /// Addresses of a network; its first one is the API server's own.
    pub(crate) fn new(network: Ipv4Net) -> Self {
        Self { network, next_address: AtomicU32::new(0), next_port: AtomicU32::new(0) }
    }

    /// The address of the service `kubernetes`.
    pub(crate) fn first(&self) -> Ipv4Addr {
        self.at(1)
    }

    /// Whether services may have an address.
    pub(crate) fn contains(&self, address: Ipv4Addr) -> bool {
        self.network.contains(&address)
    }

    /// An address that is not `taken`; none when the network is full.
    pub(crate) fn next(&self, taken: impl Fn(Ipv4Addr) -> bool) -> Option<Ipv4Addr> {
        let all = 1_u64 << (32 - self.network.prefix_len());
        // Not the network's own address, the API server's, and the last.
        let size = u32::try_from(all.saturating_sub(3)).unwrap_or(u32::MAX);
        (0..size)
            .map(|_| self.at(2 + self.next_address.fetch_add(1, Ordering::Relaxed) % size))
            .find(|address| !taken(*address))
    }

    /// A node port that is not `taken`; none when all are.
    pub(crate) fn next_port(&self, taken: impl Fn(u32) -> bool) -> Option<u32> {
        let size = NODE_PORTS.end - NODE_PORTS.start;
        (0..size)
            .map(|_| NODE_PORTS.start + self.next_port.fetch_add(1, Ordering::Relaxed) % size)
            .find(|port| !taken(*port))
    }

    fn at(&self, offset: u32) -> Ipv4Addr {
        Ipv4Addr::from(u32::from(self.network.network()).saturating_add(offset))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_go_round_and_end_when_all_are_taken() {
        let addresses = Addresses::new("10.0.0.0/29".parse().expect("a network"));
        assert_eq!(addresses.first(), Ipv4Addr::new(10, 0, 0, 1));
        let given: Vec<_> = (0..6).filter_map(|_| addresses.next(|_| false)).map(|ip| ip.octets()[3]).collect();
        assert_eq!(given, [2, 3, 4, 5, 6, 2]);
        assert_eq!(addresses.next(|_| true), None);
    }
}
