//! Whether one address reaches another: VPC route tables and CCN routes, decided by longest prefix.
//!
//! A request reaches a pod only if it is carried there and its answer is carried back, so both ways are walked. What
//! is not modelled: security groups, network ACLs, NAT, and addresses outside every VPC.

use std::fmt;
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use crate::state::{AttachmentState, Cloud, Vpc};

/// An address in a VPC: that of a machine, a pod or a network card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// The VPC it is in.
    pub vpc_id: String,
    /// The address, from the VPC's own CIDR or a container CIDR.
    pub ip: Ipv4Addr,
}

/// A route of a VPC's route table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VpcRoute {
    /// The addresses it is for.
    pub destination: Ipv4Net,
    /// Where it leads.
    pub next: NextHop,
    /// Whether it carries traffic.
    pub status: RouteStatus,
}

/// Where a route leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NextHop {
    /// It stays in the VPC.
    Local,
    /// Through a CCN to another VPC.
    Ccn {
        /// The CCN.
        ccn_id: String,
        /// The CCN's route.
        route_id: String,
        /// The VPC at the other end.
        vpc_id: String,
    },
}

/// Whether a route carries traffic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RouteStatus {
    /// It does.
    Enabled,
    /// It is disabled in the CCN, by hand or because it overlaps another.
    DisabledInCcn,
    /// It is disabled in this VPC's route table.
    DisabledInVpc,
}

/// On which way a packet is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// From the client to the server.
    There,
    /// From the server to the client.
    Back,
}

/// Where and why a packet is lost.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("on the way {way}, at {vpc_id}, to {to}: {reason}")]
pub struct BrokenHop {
    /// On which way.
    pub way: Way,
    /// The VPC that could not send it on.
    pub vpc_id: String,
    /// Where it was to go.
    pub to: Ipv4Addr,
    /// Why it did not.
    pub reason: Reason,
}

/// Why a VPC cannot send a packet on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// No VPC has the address.
    #[error("no network has this address")]
    NoSuchAddress,
    /// A VPC is in no CCN.
    #[error("{vpc_id} is not attached to a CCN{}", waiting(*state))]
    NotAttached {
        /// The VPC.
        vpc_id: String,
        /// The state of its attachment, where it has one.
        state: Option<AttachmentState>,
    },
    /// The two VPCs are in different CCNs.
    #[error("{vpc_id} is attached to another CCN")]
    Apart {
        /// The VPC that has the address.
        vpc_id: String,
    },
    /// The CCN has no route for the address.
    #[error("{vpc_id} does not publish {cidr} to the CCN")]
    NotPublished {
        /// The VPC that has the address.
        vpc_id: String,
        /// The VPC's or the containers' CIDR with the address.
        cidr: Ipv4Net,
    },
    /// The route is disabled in the CCN.
    #[error("the route to {destination} is disabled in {ccn_id}")]
    DisabledInCcn {
        /// The CCN.
        ccn_id: String,
        /// The route's addresses.
        destination: Ipv4Net,
    },
    /// The route is disabled in the VPC's route table.
    #[error("the route to {destination} is disabled in the route table of {vpc_id}")]
    DisabledInVpc {
        /// The VPC.
        vpc_id: String,
        /// The route's addresses.
        destination: Ipv4Net,
    },
    /// The packet arrives in another network that has the same addresses.
    #[error("it is carried to {vpc_id}, which has the same addresses")]
    Misdelivered {
        /// Where it arrives.
        vpc_id: String,
    },
}

impl fmt::Display for Way {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::There => "there",
            Self::Back => "back",
        })
    }
}

fn waiting(state: Option<AttachmentState>) -> String {
    state.map(|state| format!(" (its attachment is {state:?})")).unwrap_or_default()
}

/// Whether a request from `from` reaches `to` and its answer comes back.
///
/// # Errors
/// The first hop that does not work, and why.
pub fn path(cloud: &Cloud, from: &Address, to: Ipv4Addr) -> Result<(), BrokenHop> {
    let broken = |way, vpc_id: &str, to, reason| BrokenHop { way, vpc_id: vpc_id.to_owned(), to, reason };
    let there = carry(cloud, &from.vpc_id, to).map_err(|reason| broken(Way::There, &from.vpc_id, to, reason))?;
    let lost = |reason| broken(Way::Back, &there, from.ip, reason);
    let back = carry(cloud, &there, from.ip).map_err(lost)?;
    if back == from.vpc_id { Ok(()) } else { Err(lost(Reason::Misdelivered { vpc_id: back })) }
}

/// The route table of a VPC: its own addresses, and what the CCNs it is attached to carry.
pub fn routes(cloud: &Cloud, vpc: &Vpc) -> Vec<VpcRoute> {
    let local = |destination| VpcRoute { destination, next: NextHop::Local, status: RouteStatus::Enabled };
    let ccns = cloud.ccns.active(&vpc.id).filter_map(|it| cloud.ccns.ccns.get(&it.ccn_id));
    let remote = ccns.flat_map(|ccn| {
        ccn.routes.iter().filter(|route| route.vpc_id != vpc.id).map(|route| VpcRoute {
            destination: route.destination,
            next: NextHop::Ccn { ccn_id: ccn.id.clone(), route_id: route.id.clone(), vpc_id: route.vpc_id.clone() },
            status: match (route.enabled, vpc.disabled_destinations.contains(&route.destination)) {
                (false, _) => RouteStatus::DisabledInCcn,
                (true, true) => RouteStatus::DisabledInVpc,
                (true, false) => RouteStatus::Enabled,
            },
        })
    });
    vpc.local_cidrs().map(local).chain(remote).collect()
}

/// Sends a packet on from a VPC, and says in which VPC it arrives.
fn carry(cloud: &Cloud, vpc_id: &str, to: Ipv4Addr) -> Result<String, Reason> {
    let vpc = cloud.networks.vpcs.get(vpc_id).ok_or(Reason::NoSuchAddress)?;
    let routes: Vec<VpcRoute> =
        routes(cloud, vpc).into_iter().filter(|route| route.destination.contains(&to)).collect();
    let best = routes
        .iter()
        .filter(|route| route.status == RouteStatus::Enabled)
        .max_by_key(|route| route.destination.prefix_len());
    match best.map(|route| &route.next) {
        Some(NextHop::Local) => Ok(vpc.id.clone()),
        Some(NextHop::Ccn { vpc_id, .. }) => Ok(vpc_id.clone()),
        None => Err(why_not(cloud, vpc, to, &routes)),
    }
}

/// Why none of the routes for an address carries traffic, or why there is none.
fn why_not(cloud: &Cloud, vpc: &Vpc, to: Ipv4Addr, disabled: &[VpcRoute]) -> Reason {
    let longest = disabled.iter().max_by_key(|route| route.destination.prefix_len());
    if let Some(VpcRoute { destination, next: NextHop::Ccn { ccn_id, .. }, status }) = longest {
        let destination = *destination;
        return match status {
            RouteStatus::DisabledInVpc => Reason::DisabledInVpc { vpc_id: vpc.id.clone(), destination },
            _ => Reason::DisabledInCcn { ccn_id: ccn_id.clone(), destination },
        };
    }
    let holders = cloud.networks.vpcs.values().filter(|other| other.id != vpc.id);
    let found = holders.flat_map(|other| other.local_cidrs().map(move |cidr| (other, cidr)));
    let Some((holder, cidr)) = found.into_iter().find(|(_, cidr)| cidr.contains(&to)) else {
        return Reason::NoSuchAddress;
    };
    if let Some(absent) = [vpc, holder].into_iter().find(|it| cloud.ccns.active(&it.id).next().is_none()) {
        let row = cloud.ccns.attachments.iter().find(|it| it.vpc_id == absent.id);
        return Reason::NotAttached { vpc_id: absent.id.clone(), state: row.map(|it| it.phase.state()) };
    }
    let together = |ccn_id: &str| cloud.ccns.active(&holder.id).any(|it| it.ccn_id == ccn_id);
    match cloud.ccns.active(&vpc.id).any(|it| together(&it.ccn_id)) {
        true => Reason::NotPublished { vpc_id: holder.id.clone(), cidr },
        false => Reason::Apart { vpc_id: holder.id.clone() },
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::issued::Issued;
    use crate::state::{Attachment, Ccn, Phase, Uin};
    use crate::world::World;

    const HUB: &str = "vpc-hub00001";
    const MEMBER: &str = "vpc-mem00003";
    const IN_HUB: Ipv4Addr = Ipv4Addr::new(10, 0, 1, 5);
    const POD_IN_HUB: Ipv4Addr = Ipv4Addr::new(172, 16, 0, 9);
    const IN_MEMBER: Ipv4Addr = Ipv4Addr::new(10, 2, 1, 5);
    const POD_IN_MEMBER: Ipv4Addr = Ipv4Addr::new(172, 18, 0, 9);

    /// The story's world with one CCN and these VPCs in it.
    fn connected(vpcs: &[&str]) -> Cloud {
        let now = Timestamp::UNIX_EPOCH;
        let mut cloud = Cloud::new(&World::load("cross-account").unwrap(), now, Issued::default());
        add_ccn(&mut cloud, "ccn-00000001");
        for vpc_id in vpcs {
            attach(&mut cloud, "ccn-00000001", vpc_id, AttachmentState::Active);
        }
        cloud
    }

    fn add_ccn(cloud: &mut Cloud, id: &str) {
        let ccn = Ccn {
            id: id.into(),
            owner: Uin::from("100000000001"),
            name: String::new(),
            description: String::new(),
            qos: "AU".into(),
            charge_type: "POSTPAID".into(),
            metering_type: "BANDWIDTH".into(),
            bandwidth_limit_type: "OUTER_REGION_LIMIT".into(),
            ecmp: false,
            overlap: false,
            route_table_id: "ccnrtb-00000001".into(),
            created: Timestamp::UNIX_EPOCH,
            routes: Vec::new(),
        };
        cloud.ccns.ccns.insert(id.into(), ccn);
    }

    fn attach(cloud: &mut Cloud, ccn_id: &str, vpc_id: &str, state: AttachmentState) {
        let vpc = &cloud.networks.vpcs[vpc_id];
        cloud.ccns.attachments.push(Attachment {
            ccn_id: ccn_id.into(),
            ccn_owner: Uin::from("100000000001"),
            vpc_id: vpc_id.into(),
            vpc_owner: vpc.owner.clone(),
            region: vpc.region.clone(),
            description: String::new(),
            order_type: String::new(),
            phase: Phase::settled(state),
            attached: Timestamp::UNIX_EPOCH,
        });
        if state == AttachmentState::Active {
            for cidr in cloud.networks.published(vpc) {
                cloud.ccns.publish(ccn_id, vpc_id, cidr, Timestamp::UNIX_EPOCH);
            }
        }
    }

    fn publish(cloud: &mut Cloud, vpc_id: &str, cidr: &str) {
        cloud.ccns.publish("ccn-00000001", vpc_id, cidr.parse().unwrap(), Timestamp::UNIX_EPOCH);
    }

    fn from(vpc_id: &str, ip: Ipv4Addr) -> Address {
        Address { vpc_id: vpc_id.into(), ip }
    }

    fn broken(cloud: &Cloud, from: &Address, to: Ipv4Addr) -> (Way, Reason) {
        let hop = path(cloud, from, to).unwrap_err();
        (hop.way, hop.reason)
    }

    #[test]
    fn inside_a_vpc_pods_and_machines_reach_each_other_without_a_ccn() {
        path(&connected(&[]), &from(HUB, POD_IN_HUB), IN_HUB).unwrap();
    }

    #[test]
    fn attached_subnets_reach_each_other() {
        path(&connected(&[HUB, MEMBER]), &from(HUB, IN_HUB), IN_MEMBER).unwrap();
    }

    #[test]
    fn a_pod_is_reached_only_if_both_container_cidrs_are_published() {
        let mut cloud = connected(&[HUB, MEMBER]);
        let not_published =
            |vpc_id: &str, cidr: &str| Reason::NotPublished { vpc_id: vpc_id.into(), cidr: cidr.parse().unwrap() };
        let gateway = from(HUB, POD_IN_HUB);
        let expected = (Way::There, not_published(MEMBER, "172.18.0.0/18"));
        assert_eq!(broken(&cloud, &gateway, POD_IN_MEMBER), expected);
        publish(&mut cloud, MEMBER, "172.18.0.0/18");
        let expected = (Way::Back, not_published(HUB, "172.16.0.0/18"));
        assert_eq!(broken(&cloud, &gateway, POD_IN_MEMBER), expected);
        publish(&mut cloud, HUB, "172.16.0.0/18");
        path(&cloud, &gateway, POD_IN_MEMBER).unwrap();
    }

    #[test]
    fn an_attachment_that_is_not_active_is_named_with_its_state() {
        let mut cloud = connected(&[HUB]);
        let absent = |state| Reason::NotAttached { vpc_id: MEMBER.into(), state };
        assert_eq!(broken(&cloud, &from(HUB, IN_HUB), IN_MEMBER), (Way::There, absent(None)));
        attach(&mut cloud, "ccn-00000001", MEMBER, AttachmentState::Pending);
        let pending = absent(Some(AttachmentState::Pending));
        assert_eq!(broken(&cloud, &from(HUB, IN_HUB), IN_MEMBER), (Way::There, pending));
    }

    #[test]
    fn a_disabled_route_breaks_the_way_back_alone() {
        let mut cloud = connected(&[HUB, MEMBER]);
        let to_hub = "10.0.1.0/24".parse().unwrap();
        cloud.networks.vpcs.get_mut(MEMBER).unwrap().disabled_destinations.insert(to_hub);
        let reason = Reason::DisabledInVpc { vpc_id: MEMBER.into(), destination: to_hub };
        assert_eq!(broken(&cloud, &from(HUB, IN_HUB), IN_MEMBER), (Way::Back, reason));

        let mut cloud = connected(&[HUB, MEMBER]);
        let routes = &mut cloud.ccns.ccns.get_mut("ccn-00000001").unwrap().routes;
        routes.iter_mut().find(|route| route.destination == to_hub).unwrap().enabled = false;
        let reason = Reason::DisabledInCcn { ccn_id: "ccn-00000001".into(), destination: to_hub };
        assert_eq!(broken(&cloud, &from(HUB, IN_HUB), IN_MEMBER), (Way::Back, reason));
    }

    #[test]
    fn networks_in_different_ccns_do_not_reach_each_other() {
        let mut cloud = connected(&[HUB]);
        add_ccn(&mut cloud, "ccn-00000002");
        attach(&mut cloud, "ccn-00000002", MEMBER, AttachmentState::Active);
        let reason = Reason::Apart { vpc_id: MEMBER.into() };
        assert_eq!(broken(&cloud, &from(HUB, IN_HUB), IN_MEMBER), (Way::There, reason));
    }

    #[test]
    fn the_longest_prefix_decides() {
        let mut cloud = connected(&[HUB, MEMBER]);
        // The other VPC of account a claims a part of the member's addresses.
        cloud.ccns.ccns.get_mut("ccn-00000001").unwrap().overlap = true;
        attach(&mut cloud, "ccn-00000001", "vpc-app00002", AttachmentState::Active);
        publish(&mut cloud, "vpc-app00002", "10.2.1.0/28");
        path(&cloud, &from(HUB, IN_HUB), Ipv4Addr::new(10, 2, 1, 77)).unwrap();
        assert_eq!(carry(&cloud, HUB, IN_MEMBER).unwrap(), "vpc-app00002");
    }

    #[test]
    fn an_address_that_no_network_has_is_said_to_be_none() {
        let cloud = connected(&[HUB, MEMBER]);
        let hop = path(&cloud, &from(HUB, IN_HUB), Ipv4Addr::new(192, 168, 0, 1)).unwrap_err();
        assert_eq!(hop.to_string(), "on the way there, at vpc-hub00001, to 192.168.0.1: no network has this address");
    }
}
