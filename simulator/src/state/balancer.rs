//! Load balancers, the tasks that make and remove them, and public addresses.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;
use jiff::Timestamp;
use serde::Serialize;

use super::Cloud;
use super::identity::Uin;
use super::phase::Phase;
use crate::ids;

/// Public addresses are from the blocks for documentation (RFC 5737), so that none is ever anybody's.
const PUBLIC: [Ipv4Net; 2] =
    [Ipv4Net::new_assert(Ipv4Addr::new(203, 0, 113, 0), 24), Ipv4Net::new_assert(Ipv4Addr::new(198, 51, 100, 0), 24)];

/// Whether a load balancer has a public address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum BalancerKind {
    /// It has.
    Open,
    /// It has one in a subnet.
    Internal,
}

/// The state of a load balancer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum BalancerState {
    /// It is being made: `Status` 0.
    Creating,
    /// It works: `Status` 1.
    Normal,
    /// It is gone.
    Deleted,
}

/// A load balancer.
#[derive(Clone, Debug, Serialize)]
pub struct Balancer {
    /// `lb-…`.
    pub id: String,
    /// The account it belongs to.
    pub owner: Uin,
    /// Where it is.
    pub region: String,
    /// Its name.
    pub name: String,
    /// Whether its address is public.
    pub kind: BalancerKind,
    /// The network behind it.
    pub vpc_id: String,
    /// The subnet of its address, for an internal one.
    pub subnet_id: String,
    /// Its address.
    pub vip: Ipv4Addr,
    /// The ports it listens on.
    pub listeners: BTreeSet<u16>,
    /// The largest public bandwidth in Mbps.
    pub bandwidth: u64,
    /// What the public bandwidth is charged by.
    pub internet_charge_type: String,
    /// The cluster that made it, where none was asked for.
    pub made_by: Option<String>,
    /// The gateway that uses it: cluster, namespace and name.
    pub gateway: Option<String>,
    /// Its state.
    pub phase: Phase<BalancerState>,
    /// When it was made.
    pub created: Timestamp,
}

impl Balancer {
    /// Its host name.
    pub fn domain(&self) -> String {
        format!("{}.clb.{}.tencentclb.com", self.id, self.region)
    }
}

/// How far a task is (API reference, `DescribeTaskStatus`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum TaskState {
    /// 0.
    Succeeded,
    /// 1.
    Failed,
    /// 2.
    Running,
}

/// What a write of clb began. Its id is that of the request.
#[derive(Clone, Debug, Serialize)]
pub struct Task {
    /// The account that began it.
    pub owner: Uin,
    /// How far it is.
    pub phase: Phase<TaskState>,
    /// The load balancers it is about.
    pub balancers: Vec<String>,
}

/// All load balancers, tasks and public addresses.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Balancers {
    /// Load balancers by id.
    pub balancers: BTreeMap<String, Balancer>,
    /// Tasks by the id of their request.
    pub tasks: BTreeMap<String, Task>,
    /// What was made for each client token of each account.
    #[serde(skip)]
    pub client_tokens: BTreeMap<(Uin, String), Vec<String>>,
    used: BTreeSet<Ipv4Addr>,
}

impl Balancers {
    /// The load balancer with this id, where it belongs to `owner`.
    pub fn owned(&self, owner: &Uin, id: &str) -> Option<&Balancer> {
        self.balancers.get(id).filter(|balancer| balancer.owner == *owner)
    }

    /// Takes a free public address.
    pub fn take_public_address(&mut self) -> Option<Ipv4Addr> {
        let free = PUBLIC.iter().flat_map(Ipv4Net::hosts).find(|address| !self.used.contains(address))?;
        self.used.insert(free);
        Some(free)
    }

    /// Gives a public address back.
    pub fn release_public_address(&mut self, address: Ipv4Addr) {
        self.used.remove(&address);
    }

    pub(super) fn next_due(&self) -> Option<Timestamp> {
        let balancers = self.balancers.values().filter_map(|it| it.phase.due());
        balancers.chain(self.tasks.values().filter_map(|it| it.phase.due())).min()
    }
}

impl Cloud {
    /// Makes a load balancer in `phase`, or nothing where its subnet or the public block is full.
    pub fn make_balancer(&mut self, wanted: BalancerRequest, phase: Phase<BalancerState>) -> Option<String> {
        let vip = match wanted.kind {
            BalancerKind::Open => self.balancers.take_public_address()?,
            BalancerKind::Internal => self.networks.subnets.get_mut(&wanted.subnet_id)?.take_address()?,
        };
        let id = ids::resource("lb");
        let balancer = Balancer {
            id: id.clone(),
            owner: wanted.owner,
            region: wanted.region,
            name: if wanted.name.is_empty() { id.clone() } else { wanted.name },
            kind: wanted.kind,
            vpc_id: wanted.vpc_id,
            subnet_id: wanted.subnet_id,
            vip,
            listeners: BTreeSet::new(),
            bandwidth: wanted.bandwidth,
            internet_charge_type: wanted.internet_charge_type,
            made_by: wanted.made_by,
            gateway: None,
            phase,
            created: self.timing.now,
        };
        self.balancers.balancers.insert(id.clone(), balancer);
        Some(id)
    }

    /// Removes a load balancer at once and frees its address.
    pub fn remove_balancer(&mut self, id: &str) {
        let Some(balancer) = self.balancers.balancers.remove(id) else { return };
        match balancer.kind {
            BalancerKind::Open => self.balancers.release_public_address(balancer.vip),
            BalancerKind::Internal => self.networks.release(&balancer.vpc_id, balancer.vip),
        }
    }

    pub(super) fn settle_balancers(&mut self) {
        let now = self.timing.now;
        self.balancers.tasks.values_mut().for_each(|task| {
            task.phase.settle(now);
        });
        let balancers = self.balancers.balancers.values_mut();
        let gone = balancers.filter_map(|it| {
            it.phase.settle(now).filter(|state| *state == BalancerState::Deleted).map(|_| it.id.clone())
        });
        gone.collect::<Vec<_>>().iter().for_each(|id| self.remove_balancer(id));
    }
}

/// What is asked for a new load balancer.
#[derive(Clone, Debug)]
pub struct BalancerRequest {
    /// The account it is for.
    pub owner: Uin,
    /// Where it is to be.
    pub region: String,
    /// Its name; the id where it is empty.
    pub name: String,
    /// Whether its address is public.
    pub kind: BalancerKind,
    /// The network behind it.
    pub vpc_id: String,
    /// The subnet of its address, for an internal one.
    pub subnet_id: String,
    /// The largest public bandwidth in Mbps.
    pub bandwidth: u64,
    /// What the public bandwidth is charged by.
    pub internet_charge_type: String,
    /// The cluster that makes it.
    pub made_by: Option<String>,
}
