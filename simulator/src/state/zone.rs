//! Domains hosted by DNSPod, their records, and what the name servers serve of them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use super::Cloud;
use super::identity::Uin;
use super::phase::Course;
use crate::world::{Step, World};

/// The name servers of every zone.
pub const NAME_SERVERS: [&str; 2] = ["f1g1ns1.dnspod.net", "f1g1ns2.dnspod.net"];

/// A record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Record {
    /// Its number.
    pub id: u64,
    /// The name before the domain; `@` for the domain itself.
    pub name: String,
    /// `A`, `AAAA`, `CNAME`, `MX`, `NS` or `TXT`.
    pub kind: String,
    /// Its value as text.
    pub value: String,
    /// How long it may be kept, in seconds.
    pub ttl: u32,
    /// Its preference, for `MX`; else 0.
    pub mx: u16,
    /// Its weight among records of the same name.
    pub weight: Option<u64>,
    /// Whether it is served.
    pub enabled: bool,
    /// What it is for, in words.
    pub remark: String,
    /// When it was last changed.
    pub updated: Timestamp,
    /// From when on it is in lists: they are served from an index that lags.
    pub listed: Timestamp,
}

/// A domain.
#[derive(Clone, Debug, Serialize)]
pub struct Zone {
    /// Its number.
    pub id: u64,
    /// The account it belongs to.
    pub owner: Uin,
    /// Its name.
    pub name: String,
    /// Its records by number.
    pub records: BTreeMap<u64, Record>,
    /// What the name servers serve.
    pub served: Vec<Record>,
    /// What they will serve, and from when on.
    pending: Vec<(Timestamp, Vec<Record>)>,
    /// How often it was changed.
    pub serial: u32,
    /// When it was made.
    pub created: Timestamp,
}

/// All domains.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Zones {
    /// Domains by name.
    pub zones: BTreeMap<String, Zone>,
    last_record: u64,
}

impl Zones {
    pub(super) fn new(world: &World, now: Timestamp) -> Self {
        let mut zones = Self { zones: BTreeMap::new(), last_record: 1_000_000_000 };
        for (number, domain) in (90_000_001..).zip(&world.domains) {
            let owner = Uin::from(world.accounts[&domain.account].uin.as_str());
            let records: BTreeMap<u64, Record> =
                NAME_SERVERS.iter().map(|server| zones.name_server(server, now)).map(|it| (it.id, it)).collect();
            let served = records.values().cloned().collect();
            let name = domain.name.clone();
            let zone = Zone { id: number, owner, name, records, served, pending: Vec::new(), serial: 1, created: now };
            zones.zones.insert(domain.name.clone(), zone);
        }
        zones
    }

    fn name_server(&mut self, server: &str, now: Timestamp) -> Record {
        Record {
            id: self.next_record_id(),
            name: "@".into(),
            kind: "NS".into(),
            value: format!("{server}."),
            ttl: 86_400,
            mx: 0,
            weight: None,
            enabled: true,
            remark: String::new(),
            updated: now,
            listed: now,
        }
    }

    /// The number of a new record.
    pub fn next_record_id(&mut self) -> u64 {
        self.last_record += 1;
        self.last_record
    }

    /// The domain of this name or number, where it belongs to `owner`.
    pub fn owned_mut(&mut self, owner: &Uin, name: &str, id: Option<u64>) -> Option<&mut Zone> {
        let wanted = |zone: &&mut Zone| match id {
            Some(id) => zone.id == id,
            None => zone.name == name,
        };
        self.zones.values_mut().find(wanted).filter(|zone| zone.owner == *owner)
    }

    pub(super) fn next_due(&self) -> Option<Timestamp> {
        self.zones.values().filter_map(|zone| zone.pending.first()).map(|(due, _)| *due).min()
    }

    pub(super) fn settle(&mut self, now: Timestamp) {
        for zone in self.zones.values_mut() {
            while let Some((_, records)) = zone.pending.first_mut().filter(|(due, _)| *due <= now) {
                zone.served = std::mem::take(records);
                zone.serial += 1;
                zone.pending.remove(0);
            }
        }
    }
}

impl Cloud {
    /// Has the name servers serve the enabled records of a domain, as they are now, after the propagation delay.
    pub fn publish_zone(&mut self, name: &str) {
        if self.timing.course != Course::Normal {
            return;
        }
        let due = self.timing.after(Step::Dns);
        if let Some(zone) = self.zones.zones.get_mut(name) {
            zone.pending.push((due, zone.records.values().filter(|record| record.enabled).cloned().collect()));
        }
    }
}
