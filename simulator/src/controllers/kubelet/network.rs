//! The addresses of pods.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::sync::{Mutex, PoisonError};

use ipnet::Ipv4Net;

/// Where pods get their addresses from.
pub trait PodNetwork: Send + Sync {
    /// An address that no pod has; none when all are taken.
    fn allocate(&self) -> Option<Ipv4Addr>;

    /// Takes an address back.
    fn release(&self, address: Ipv4Addr);
}

/// Addresses of a network, lowest first, without its first two: the network's own and the router's.
#[derive(Debug)]
pub struct NetworkRange {
    network: Ipv4Net,
    taken: Mutex<BTreeSet<Ipv4Addr>>,
}

impl NetworkRange {
    /// All of a network is free.
    pub fn new(network: Ipv4Net) -> Self {
        Self { network, taken: Mutex::default() }
    }

    /// Takes an address out that something other than a pod has.
    pub fn reserve(&self, address: Ipv4Addr) {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).insert(address);
    }
}

impl PodNetwork for NetworkRange {
    fn allocate(&self) -> Option<Ipv4Addr> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let free = self.network.hosts().skip(1).find(|address| !taken.contains(address))?;
        taken.insert(free);
        Some(free)
    }

    fn release(&self, address: Ipv4Addr) {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).remove(&address);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_given_once_and_come_back() {
        let range = NetworkRange::new("172.16.0.0/30".parse().expect("a network"));
        let address = range.allocate().expect("an address");
        assert_eq!(address, Ipv4Addr::new(172, 16, 0, 2));
        assert_eq!(range.allocate(), None);
        range.release(address);
        assert_eq!(range.allocate(), Some(address));
        range.release(address);
        range.reserve(address);
        assert_eq!(range.allocate(), None);
    }
}
