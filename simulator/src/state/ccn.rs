//! Cloud Connect Networks: attachments and what becomes of them, and routes.

use std::collections::BTreeMap;

use ipnet::Ipv4Net;
use jiff::Timestamp;
use serde::Serialize;

use super::identity::Uin;
use super::phase::{Phase, Timing};
use super::vpc::Networks;
use crate::ids;
use crate::world::Settings;

/// A Cloud Connect Network.
#[derive(Clone, Debug, Serialize)]
pub struct Ccn {
    /// `ccn-…`.
    pub id: String,
    /// The account it belongs to.
    pub owner: Uin,
    /// Its name.
    pub name: String,
    /// What it is for, in words.
    pub description: String,
    /// `PT`, `AU` or `AG`.
    pub qos: String,
    /// `PREPAID` or `POSTPAID`.
    pub charge_type: String,
    /// `BANDWIDTH` or `TRAFFIC`.
    pub metering_type: String,
    /// `OUTER_REGION_LIMIT` or `INTER_REGION_LIMIT`.
    pub bandwidth_limit_type: String,
    /// Whether equal routes may be enabled side by side.
    pub ecmp: bool,
    /// Whether overlapping, not equal, routes may be enabled side by side.
    pub overlap: bool,
    /// The id of its one route table.
    pub route_table_id: String,
    /// When it was made.
    pub created: Timestamp,
    /// Its routes in the order they were published.
    pub routes: Vec<CcnRoute>,
}

impl Ccn {
    /// The enabled route of another VPC that keeps `route` from being enabled.
    pub fn conflict(&self, route: &CcnRoute) -> Option<&CcnRoute> {
        let clashes = |other: &&CcnRoute| {
            let equal = other.destination == route.destination;
            let nested =
                other.destination.contains(&route.destination) || route.destination.contains(&other.destination);
            other.enabled && other.vpc_id != route.vpc_id && if equal { !self.ecmp } else { nested && !self.overlap }
        };
        self.routes.iter().find(clashes)
    }
}

/// A route of a CCN: where it carries what is addressed to `destination`.
#[derive(Clone, Debug, Serialize)]
pub struct CcnRoute {
    /// `ccnr-…`.
    pub id: String,
    /// The addresses it is for.
    pub destination: Ipv4Net,
    /// The network that published it.
    pub vpc_id: String,
    /// Whether it carries traffic.
    pub enabled: bool,
    /// When it was published or switched.
    pub updated: Timestamp,
}

/// The state of an attachment (API reference, `CcnAttachedInstance`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum AttachmentState {
    /// The owner of the CCN has not answered yet.
    Pending,
    /// It is being attached.
    Attaching,
    /// It is attached.
    Active,
    /// The owner of the CCN has not answered in time.
    Expired,
    /// The owner of the CCN has refused.
    Rejected,
    /// Attaching failed; the cloud detaches it later.
    Failed,
    /// It is being detached.
    Detaching,
    /// Detaching failed; the cloud detaches it later.
    DetachFailed,
    /// It was detached.
    Deleted,
}

/// A VPC in a CCN, or on its way in or out.
#[derive(Clone, Debug, Serialize)]
pub struct Attachment {
    /// The CCN.
    pub ccn_id: String,
    /// The account of the CCN.
    pub ccn_owner: Uin,
    /// The VPC.
    pub vpc_id: String,
    /// The account of the VPC.
    pub vpc_owner: Uin,
    /// Where the VPC is.
    pub region: String,
    /// What it is for, in words.
    pub description: String,
    /// Who pays: `PayByCcnOwner` or `PayByInstanceOwner`.
    pub order_type: String,
    /// Its state.
    pub phase: Phase<AttachmentState>,
    /// When it was asked for.
    pub attached: Timestamp,
}

impl Attachment {
    /// Whether the account owns the CCN or the VPC: both sides see an attachment.
    pub fn concerns(&self, account: &Uin) -> bool {
        self.ccn_owner == *account || self.vpc_owner == *account
    }
}

/// All CCNs of all accounts.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Ccns {
    /// CCNs by id.
    pub ccns: BTreeMap<String, Ccn>,
    /// Attachments in the order they were asked for.
    pub attachments: Vec<Attachment>,
}

impl Ccns {
    /// The CCN with this id, where it belongs to `owner`.
    pub fn owned(&self, owner: &Uin, ccn_id: &str) -> Option<&Ccn> {
        self.ccns.get(ccn_id).filter(|ccn| ccn.owner == *owner)
    }

    /// The same, to change it.
    pub fn owned_mut(&mut self, owner: &Uin, ccn_id: &str) -> Option<&mut Ccn> {
        self.ccns.get_mut(ccn_id).filter(|ccn| ccn.owner == *owner)
    }

    /// The attachment of a VPC to a CCN.
    pub fn attachment(&self, ccn_id: &str, vpc_id: &str) -> Option<&Attachment> {
        self.attachments.iter().find(|it| it.ccn_id == ccn_id && it.vpc_id == vpc_id)
    }

    /// The same, to change it.
    pub fn attachment_mut(&mut self, ccn_id: &str, vpc_id: &str) -> Option<&mut Attachment> {
        self.attachments.iter_mut().find(|it| it.ccn_id == ccn_id && it.vpc_id == vpc_id)
    }

    /// The attachments of a VPC through which traffic goes.
    pub fn active<'a>(&'a self, vpc_id: &'a str) -> impl Iterator<Item = &'a Attachment> {
        self.attachments.iter().filter(move |it| it.vpc_id == vpc_id && it.phase.state() == AttachmentState::Active)
    }

    /// Adds a route for a VPC to a CCN. It is disabled where it conflicts with an enabled one of another VPC.
    pub fn publish(&mut self, ccn_id: &str, vpc_id: &str, destination: Ipv4Net, now: Timestamp) {
        let Some(ccn) = self.ccns.get_mut(ccn_id) else { return };
        if ccn.routes.iter().any(|route| route.vpc_id == vpc_id && route.destination == destination) {
            return;
        }
        let mut route = CcnRoute {
            id: ids::resource("ccnr"),
            destination,
            vpc_id: vpc_id.to_owned(),
            enabled: false,
            updated: now,
        };
        route.enabled = ccn.conflict(&route).is_none();
        ccn.routes.push(route);
    }

    /// Takes the routes of a VPC to these destinations back from every CCN.
    pub fn withdraw(&mut self, vpc_id: &str, destination: Ipv4Net) {
        for ccn in self.ccns.values_mut() {
            ccn.routes.retain(|route| route.vpc_id != vpc_id || route.destination != destination);
        }
    }

    /// When the next attachment changes by itself.
    pub(super) fn next_due(&self) -> Option<Timestamp> {
        self.attachments.iter().filter_map(|it| it.phase.due()).min()
    }

    /// Makes the changes that are due at `timing.now`.
    pub(super) fn settle(&mut self, timing: &Timing, networks: &Networks, settings: &Settings) {
        let mut attachments = std::mem::take(&mut self.attachments);
        attachments.retain_mut(|it| {
            let before = it.phase.state();
            match it.phase.settle(timing.now) {
                Some(AttachmentState::Active) => self.publish_all(it, networks, timing.now),
                Some(failed @ (AttachmentState::Failed | AttachmentState::DetachFailed)) => {
                    let due = settings.forced_detach.after(timing.now);
                    it.phase = Phase::changing(failed, due, AttachmentState::Deleted);
                }
                Some(AttachmentState::Deleted) if before == AttachmentState::Deleted => return false,
                Some(AttachmentState::Deleted) => self.leave(it, settings.deleted_rows.after(timing.now)),
                _ => {}
            }
            true
        });
        self.attachments = attachments;
    }

    /// Withdraws the routes of a VPC that was detached, and forgets it at `listed_until`.
    fn leave(&mut self, attachment: &mut Attachment, listed_until: Timestamp) {
        if let Some(ccn) = self.ccns.get_mut(&attachment.ccn_id) {
            ccn.routes.retain(|route| route.vpc_id != attachment.vpc_id);
        }
        attachment.phase = Phase::changing(AttachmentState::Deleted, listed_until, AttachmentState::Deleted);
    }

    fn publish_all(&mut self, attachment: &Attachment, networks: &Networks, now: Timestamp) {
        let Some(vpc) = networks.vpcs.get(&attachment.vpc_id) else { return };
        for destination in networks.published(vpc) {
            self.publish(&attachment.ccn_id, &vpc.id, destination, now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ccn(ecmp: bool, overlap: bool) -> Ccns {
        let ccn = Ccn {
            id: "ccn-a".into(),
            owner: Uin::from("1"),
            name: "n".into(),
            description: String::new(),
            qos: "AU".into(),
            charge_type: "POSTPAID".into(),
            metering_type: "BANDWIDTH".into(),
            bandwidth_limit_type: "OUTER_REGION_LIMIT".into(),
            ecmp,
            overlap,
            route_table_id: "ccnrtb-a".into(),
            created: Timestamp::UNIX_EPOCH,
            routes: Vec::new(),
        };
        Ccns { ccns: BTreeMap::from([(ccn.id.clone(), ccn)]), attachments: Vec::new() }
    }

    fn enabled(ccns: &Ccns) -> Vec<bool> {
        ccns.ccns["ccn-a"].routes.iter().map(|route| route.enabled).collect()
    }

    #[test]
    fn the_later_of_two_overlapping_routes_is_disabled() {
        for (later, ecmp, overlap, expected) in [
            ("10.0.1.0/24", false, false, false),
            ("10.0.0.0/16", false, false, false),
            ("10.0.0.0/16", true, false, true),
            ("10.0.1.0/24", true, false, false),
            ("10.0.1.0/24", false, true, true),
            ("10.1.0.0/16", false, false, true),
        ] {
            let mut ccns = ccn(ecmp, overlap);
            ccns.publish("ccn-a", "vpc-a", "10.0.0.0/16".parse().unwrap(), Timestamp::UNIX_EPOCH);
            ccns.publish("ccn-a", "vpc-b", later.parse().unwrap(), Timestamp::UNIX_EPOCH);
            assert_eq!(enabled(&ccns), [true, expected], "{later} {ecmp} {overlap}");
        }
    }

    #[test]
    fn publishing_twice_makes_one_route() {
        let mut ccns = ccn(false, false);
        for _ in 0..2 {
            ccns.publish("ccn-a", "vpc-a", "10.0.0.0/16".parse().unwrap(), Timestamp::UNIX_EPOCH);
        }
        assert_eq!(enabled(&ccns), [true]);
        ccns.withdraw("vpc-a", "10.0.0.0/16".parse().unwrap());
        assert!(enabled(&ccns).is_empty());
    }
}
