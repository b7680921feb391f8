//! TDCC: hubs, and the clusters that are registered with them.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use jiff::Timestamp;
use serde::Serialize;

use super::Cloud;
use super::identity::Uin;
use super::phase::Phase;
use crate::ids;
use crate::issued::Issued;

/// The port of a hub's API server.
const HUB_PORT: u16 = 6443;

/// A hub: the control plane of an account's registered clusters. An account has one.
#[derive(Clone, Debug, Serialize)]
pub struct Hub {
    /// `cls-…`.
    pub id: String,
    /// The account it belongs to.
    pub owner: Uin,
    /// Where it is.
    pub region: String,
    /// Its name.
    pub name: String,
    /// Where in the region it is.
    pub zone: String,
    /// The network with its intranet address.
    pub vpc_id: String,
    /// The subnet with its intranet address.
    pub subnet_id: String,
    /// The address of its API server in the network.
    pub intranet_ip: Ipv4Addr,
    /// The public address of its API server.
    pub extranet_ip: Ipv4Addr,
    /// Its state.
    pub phase: Phase<HubState>,
    /// When it was made.
    pub created: Timestamp,
}

/// The state of a hub. The strings are assumed; only the console's words for running are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum HubState {
    /// It is being made.
    Creating,
    /// It runs.
    Running,
    /// Making or removing it failed.
    Abnormal,
    /// It is being removed.
    Deleting,
    /// It is gone.
    Deleted,
}

impl Hub {
    /// The URL at which agents reach the hub: inside its network, or publicly.
    pub fn url(&self, extranet: bool) -> String {
        format!("https://{}:{HUB_PORT}", if extranet { self.extranet_ip } else { self.intranet_ip })
    }
}

/// How a cluster was registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RegistrationKind {
    /// By an agent that is installed in it; of any account or place.
    External,
    /// By taking over a TKE cluster of the account.
    Tke,
}

/// The state of a registered cluster. The strings are assumed; only the console's words for waiting and running are
/// known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum RegistrationState {
    /// Its agent has not reported yet.
    WaitingRegister,
    /// Its agent reports.
    Running,
    /// Its agent does not report any more.
    Abnormal,
    /// It is being forgotten.
    Deleting,
    /// It is forgotten.
    Deleted,
}

/// What an agent reports of its cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AgentReport {
    /// The cluster of the world file in which the agent runs.
    pub cluster_id: String,
    /// Its Kubernetes version.
    pub version: String,
    /// How many nodes it has.
    pub nodes: u32,
}

/// The token in an agent manifest: a bootstrap token of the hub.
#[derive(Clone, Debug, Serialize)]
pub struct AgentToken {
    #[serde(skip)]
    text: String,
    /// When it stops working.
    pub expires: Timestamp,
}

impl AgentToken {
    /// A new token, which is noted in `issued`.
    pub fn new(expires: Timestamp, issued: &Issued) -> Self {
        let (id, secret) = ids::bootstrap_token();
        let text = format!("{id}.{secret}");
        issued.note("agent token", &text);
        Self { text, expires }
    }

    /// The token as the manifest has it.
    pub fn reveal(&self) -> &str {
        &self.text
    }
}

/// A cluster that is registered with a hub, or waits for its agent.
#[derive(Clone, Debug, Serialize)]
pub struct Registration {
    /// `cls-…`. That of a taken-over TKE cluster is its own.
    pub id: String,
    /// The account of the hub.
    pub owner: Uin,
    /// The name it was given.
    pub name: String,
    /// The region it was said to be in.
    pub region: String,
    /// What it is for, in words.
    pub description: String,
    /// How it was registered.
    pub kind: RegistrationKind,
    /// Its state.
    pub phase: Phase<RegistrationState>,
    /// The token of its manifest.
    pub token: AgentToken,
    /// What its agent last reported.
    pub agent: Option<AgentReport>,
    /// When it was made.
    pub created: Timestamp,
}

/// All hubs and registered clusters.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Registrations {
    /// Hubs by id.
    pub hubs: BTreeMap<String, Hub>,
    /// Registered clusters by id.
    pub clusters: BTreeMap<String, Registration>,
}

impl Registrations {
    /// The hub of an account.
    pub fn hub(&self, owner: &Uin) -> Option<&Hub> {
        self.hubs.values().find(|hub| hub.owner == *owner)
    }

    /// The hub whose agents reach it at `url`, and whether publicly.
    pub fn hub_at(&self, url: &str) -> Option<(&Hub, bool)> {
        let at = |hub: &Hub| [false, true].into_iter().find(|extranet| hub.url(*extranet) == url);
        self.hubs.values().find_map(|hub| at(hub).map(|extranet| (hub, extranet)))
    }

    /// The registered cluster with this id, where its hub belongs to `owner`.
    pub fn owned(&self, owner: &Uin, id: &str) -> Option<&Registration> {
        self.clusters.get(id).filter(|it| it.owner == *owner)
    }

    /// The same, to change it.
    pub fn owned_mut(&mut self, owner: &Uin, id: &str) -> Option<&mut Registration> {
        self.clusters.get_mut(id).filter(|it| it.owner == *owner)
    }

    /// The registered cluster in whose manifest this token is, if the token still works.
    pub fn by_token(&self, token: &str, now: Timestamp) -> Option<&Registration> {
        self.clusters.values().find(|it| it.token.reveal() == token && it.token.expires > now)
    }

    /// Takes an agent's report: its cluster runs. Nothing happens to one that is being forgotten.
    pub fn agent_connected(&mut self, id: &str, report: AgentReport) {
        if let Some(it) = self.clusters.get_mut(id).filter(|it| it.is_reachable()) {
            it.phase = Phase::settled(RegistrationState::Running);
            it.agent = Some(report);
        }
    }

    /// Takes note that an agent does not report any more.
    pub fn agent_disconnected(&mut self, id: &str) {
        let running = |it: &&mut Registration| it.phase.state() == RegistrationState::Running;
        if let Some(it) = self.clusters.get_mut(id).filter(running) {
            it.phase = Phase::settled(RegistrationState::Abnormal);
        }
    }

    pub(super) fn next_due(&self) -> Option<Timestamp> {
        let hubs = self.hubs.values().filter_map(|hub| hub.phase.due());
        hubs.chain(self.clusters.values().filter_map(|it| it.phase.due())).min()
    }
}

impl Registration {
    fn is_reachable(&self) -> bool {
        !matches!(self.phase.state(), RegistrationState::Deleting | RegistrationState::Deleted)
    }
}

impl Cloud {
    pub(super) fn settle_registrations(&mut self) {
        let now = self.timing.now;
        self.registrations.clusters.retain(|_, it| it.phase.settle(now) != Some(RegistrationState::Deleted));
        let gone = self.registrations.hubs.extract_if(.., |_, hub| hub.phase.settle(now) == Some(HubState::Deleted));
        for (_, hub) in gone {
            self.networks.release(&hub.vpc_id, hub.intranet_ip);
            self.balancers.release_public_address(hub.extranet_ip);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waiting(expires: Timestamp) -> Registrations {
        let registration = Registration {
            id: "cls-00000001".into(),
            owner: Uin::from("1"),
            name: String::new(),
            region: String::new(),
            description: String::new(),
            kind: RegistrationKind::External,
            phase: Phase::settled(RegistrationState::WaitingRegister),
            token: AgentToken::new(expires, &Issued::default()),
            agent: None,
            created: Timestamp::UNIX_EPOCH,
        };
        let clusters = BTreeMap::from([(registration.id.clone(), registration)]);
        Registrations { hubs: BTreeMap::new(), clusters }
    }

    fn report() -> AgentReport {
        AgentReport { cluster_id: "cls-mem00003".into(), version: "1.28.3".into(), nodes: 1 }
    }

    #[test]
    fn a_token_works_until_it_expires() {
        let expires = Timestamp::from_second(100).unwrap();
        let registrations = waiting(expires);
        let token = registrations.clusters["cls-00000001"].token.reveal();
        assert!(registrations.by_token(token, Timestamp::from_second(99).unwrap()).is_some());
        assert!(registrations.by_token(token, expires).is_none());
        assert!(registrations.by_token("abcdef.0123456789abcdef", Timestamp::UNIX_EPOCH).is_none());
    }

    #[test]
    fn a_cluster_runs_while_its_agent_reports() {
        let mut registrations = waiting(Timestamp::MAX);
        let state = |it: &Registrations| it.clusters["cls-00000001"].phase.state();
        registrations.agent_disconnected("cls-00000001");
        assert_eq!(state(&registrations), RegistrationState::WaitingRegister);
        registrations.agent_connected("cls-00000001", report());
        assert_eq!(state(&registrations), RegistrationState::Running);
        registrations.agent_disconnected("cls-00000001");
        assert_eq!(state(&registrations), RegistrationState::Abnormal);
    }

    #[test]
    fn a_report_does_not_bring_a_forgotten_cluster_back() {
        let mut registrations = waiting(Timestamp::MAX);
        registrations.clusters.get_mut("cls-00000001").unwrap().phase = Phase::settled(RegistrationState::Deleting);
        registrations.agent_connected("cls-00000001", report());
        assert_eq!(registrations.clusters["cls-00000001"].phase.state(), RegistrationState::Deleting);
    }
}
