//! Private networks, their subnets and addresses.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;
use jiff::Timestamp;
use serde::Serialize;

use super::identity::Uin;
use crate::ids;
use crate::world::{self, World};

/// A private network. It has one route table, the main one.
#[derive(Clone, Debug, Serialize)]
pub struct Vpc {
    /// `vpc-…`.
    pub id: String,
    /// The account it belongs to.
    pub owner: Uin,
    /// Where it is.
    pub region: String,
    /// Its name.
    pub name: String,
    /// Its addresses.
    pub cidr: Ipv4Net,
    /// The container CIDRs of its Global Router clusters: assistant CIDRs of type 1.
    pub container_cidrs: Vec<Ipv4Net>,
    /// Whether the whole CIDR is published to a CCN instead of each subnet's.
    pub publishes_vpc_cidr: bool,
    /// Whether multicast is on.
    pub multicast: bool,
    /// Its DNS servers.
    pub dns_servers: Vec<String>,
    /// The domain name its DHCP gives out.
    pub domain_name: String,
    /// When it was made.
    pub created: Timestamp,
    /// The id of its route table.
    pub route_table_id: String,
    /// Destinations whose CCN route is switched off in the route table.
    pub disabled_destinations: BTreeSet<Ipv4Net>,
}

/// A subnet of a private network.
#[derive(Clone, Debug, Serialize)]
pub struct Subnet {
    /// `subnet-…`.
    pub id: String,
    /// The network it is part of.
    pub vpc_id: String,
    /// Its name.
    pub name: String,
    /// Where in the region it is.
    pub zone: String,
    /// Its addresses.
    pub cidr: Ipv4Net,
    /// Whether broadcast is on.
    pub broadcast: bool,
    /// When it was made.
    pub created: Timestamp,
    /// The addresses in use.
    pub used: BTreeSet<Ipv4Addr>,
}

impl Vpc {
    /// A network without subnets.
    pub fn new(owner: Uin, region: &str, name: &str, cidr: Ipv4Net, now: Timestamp) -> Self {
        Self {
            id: ids::resource("vpc"),
            owner,
            region: region.to_owned(),
            name: name.to_owned(),
            cidr,
            container_cidrs: Vec::new(),
            publishes_vpc_cidr: false,
            multicast: false,
            dns_servers: vec!["183.60.83.19".into(), "183.60.82.98".into()],
            domain_name: String::new(),
            created: now,
            route_table_id: ids::resource("rtb"),
            disabled_destinations: BTreeSet::new(),
        }
    }

    /// The addresses that are inside this network.
    pub fn local_cidrs(&self) -> impl Iterator<Item = Ipv4Net> + '_ {
        std::iter::once(self.cidr).chain(self.container_cidrs.iter().copied())
    }
}

impl Subnet {
    /// An empty subnet.
    pub fn new(vpc_id: &str, name: &str, zone: &str, cidr: Ipv4Net, now: Timestamp) -> Self {
        Self {
            id: ids::resource("subnet"),
            vpc_id: vpc_id.to_owned(),
            name: name.to_owned(),
            zone: zone.to_owned(),
            cidr,
            broadcast: false,
            created: now,
            used: BTreeSet::new(),
        }
    }

    /// Takes the lowest free address, or nothing where the subnet is full.
    pub fn take_address(&mut self) -> Option<Ipv4Addr> {
        let free = world::usable(self.cidr).find(|address| !self.used.contains(address))?;
        self.used.insert(free);
        Some(free)
    }

    /// How many addresses machines can have: (all, free).
    pub fn address_counts(&self) -> (usize, usize) {
        let all = world::usable(self.cidr).count();
        (all, all - self.used.len())
    }
}

/// All networks and subnets of all accounts.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Networks {
    /// Networks by id.
    pub vpcs: BTreeMap<String, Vpc>,
    /// Subnets by id.
    pub subnets: BTreeMap<String, Subnet>,
}

impl Networks {
    pub(super) fn new(world: &World, now: Timestamp) -> Self {
        let mut networks = Self::default();
        for described in &world.vpcs {
            networks.add(described, Uin::from(world.accounts[&described.account].uin.as_str()), now);
        }
        for cluster in &world.clusters {
            if let (Some(cidr), Some(vpc)) = (cluster.cluster_cidr, networks.vpcs.get_mut(&cluster.vpc_id)) {
                vpc.container_cidrs.push(cidr);
            }
        }
        networks
    }

    fn add(&mut self, described: &world::Vpc, owner: Uin, now: Timestamp) {
        let vpc = Vpc::new(owner, &described.region, &described.name, described.cidr, now);
        self.vpcs.insert(described.id.clone(), Vpc { id: described.id.clone(), ..vpc });
        for it in &described.subnets {
            let subnet = Subnet::new(&described.id, &it.id, &it.zone, it.cidr, now);
            self.subnets.insert(it.id.clone(), Subnet { id: it.id.clone(), ..subnet });
        }
    }

    /// The network with this id, where it belongs to `owner`.
    pub fn owned(&self, owner: &Uin, vpc_id: &str) -> Option<&Vpc> {
        self.vpcs.get(vpc_id).filter(|vpc| vpc.owner == *owner)
    }

    /// The same in one region, to change it.
    pub fn owned_mut(&mut self, owner: &Uin, region: &str, vpc_id: &str) -> Option<&mut Vpc> {
        self.vpcs.get_mut(vpc_id).filter(|vpc| vpc.owner == *owner && vpc.region == region)
    }

    /// The subnets of a network.
    pub fn subnets_of<'a>(&'a self, vpc_id: &'a str) -> impl Iterator<Item = &'a Subnet> {
        self.subnets.values().filter(move |subnet| subnet.vpc_id == vpc_id)
    }

    /// What a network publishes to a CCN: its subnets' CIDRs, or its own (API reference, `CreateVpc`).
    pub fn published(&self, vpc: &Vpc) -> Vec<Ipv4Net> {
        if vpc.publishes_vpc_cidr {
            return vec![vpc.cidr];
        }
        self.subnets_of(&vpc.id).map(|subnet| subnet.cidr).collect()
    }

    /// Gives an address back to whichever subnet of the network it came from.
    pub fn release(&mut self, vpc_id: &str, address: Ipv4Addr) {
        let of_vpc = self.subnets.values_mut().filter(|subnet| subnet.vpc_id == vpc_id);
        of_vpc.for_each(|subnet| {
            subnet.used.remove(&address);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_given_out_lowest_first_and_come_back() {
        let cidr = "10.0.1.0/29".parse().unwrap();
        let mut networks = Networks::default();
        let subnet = Subnet::new("vpc-a", "s", "z", cidr, Timestamp::UNIX_EPOCH);
        let id = subnet.id.clone();
        networks.subnets.insert(id.clone(), subnet);
        let taken: Vec<_> = std::iter::from_fn(|| networks.subnets.get_mut(&id).unwrap().take_address()).collect();
        assert_eq!(taken.len(), 5);
        assert_eq!(taken[0], Ipv4Addr::new(10, 0, 1, 2));
        networks.release("vpc-a", taken[1]);
        assert_eq!(networks.subnets.get_mut(&id).unwrap().take_address(), Some(taken[1]));
    }
}
