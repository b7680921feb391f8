//! Registered clusters: what their hubs expect, the agents that reach their hubs, and what the cloud learns from the hubs.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::Notify;

use super::Failure;
use super::cluster::{Cluster, Clusters};
use super::hubs::{Hub, Hubs};
use crate::agents::{self, Agent, BootstrapToken, Configuration, ManagedCluster};
use crate::clock::Span;
use crate::kubernetes::Tunnel;
use crate::network::{self, Address};
use crate::state::{AgentReport, Cloud, HubState, Registration, RegistrationKind, RegistrationState, SharedCloud, Uin};

/// How long an agent that was not heard waits before it tries again (Clusternet's agent).
const RETRY: Span = Span::from_millis(5_000);

/// All registrations, as far as they were carried out.
pub(super) struct Registrations {
    cloud: SharedCloud,
    clusters: Arc<Clusters>,
    hubs: Hubs,
    wake: Arc<Notify>,
    /// The last reports, by cluster of the world.
    reports: BTreeMap<String, Report>,
}

/// A report that a hub has heard.
struct Report {
    configuration: Configuration,
    hub: String,
    next: Timestamp,
}

/// What the cloud expects of a hub.
struct Expected {
    owner: Uin,
    names: BTreeSet<String>,
    tokens: Vec<BootstrapToken>,
}

impl Registrations {
    /// No hub and no report yet. `wake` is told when there is more to do at once.
    pub(super) fn new(cloud: &SharedCloud, clusters: &Arc<Clusters>, hubs: &Hubs, wake: &Arc<Notify>) -> Self {
        let (clusters, wake) = (Arc::clone(clusters), Arc::clone(wake));
        Self { cloud: cloud.clone(), clusters, hubs: hubs.clone(), wake, reports: BTreeMap::new() }
    }

    /// Brings hubs, agents and the cloud's registrations to where they should be now, and tells when to look again. Agents
    /// report before hubs look for reports that stayed away, however far the clock has jumped.
    ///
    /// # Errors
    /// The first thing that could not be done.
    pub(super) async fn follow(&mut self) -> Result<Option<Timestamp>, Failure> {
        self.hubs.follow(&self.cloud).await?;
        let hubs = self.hubs.all();
        let mut due = Vec::new();
        for (id, hub) in &hubs {
            if let Some(expected) = self.expected(id) {
                agents::set_tokens(&hub.client, &expected.tokens).await?;
            }
        }
        for (id, cluster) in &*Arc::clone(&self.clusters) {
            due.extend(self.run_agent(id, cluster).await?);
        }
        for (id, hub) in &hubs {
            if let Some(expected) = self.expected(id) {
                due.extend(self.run_hub(id, hub, &expected).await?);
            }
        }
        Ok(due.into_iter().min())
    }

    fn expected(&self, hub_id: &str) -> Option<Expected> {
        self.cloud.read(|cloud| {
            let owner = cloud.registrations.hubs.get(hub_id)?.owner.clone();
            let waiting: Vec<&Registration> = expected(cloud, &owner).collect();
            let token =
                |it: &&Registration| BootstrapToken { text: it.token.reveal().to_owned(), expires: it.token.expires };
            let names = waiting.iter().map(|it| it.id.clone()).collect();
            Some(Expected { owner, names, tokens: waiting.iter().map(token).collect() })
        })
    }

    /// Lets the agent of a cluster report, if one runs and it is time, and tells when to look again.
    async fn run_agent(&mut self, id: &str, cluster: &Cluster) -> Result<Option<Timestamp>, Failure> {
        let Some(configuration) = agents::configuration(&cluster.client).await? else {
            self.reports.remove(id);
            return Ok(None);
        };
        let Some(hub_id) = self.cloud.read(|cloud| reached_hub(cloud, cluster, &configuration)) else {
            self.reports.remove(id);
            return Ok(None);
        };
        let now = self.cloud.now();
        let is_heard = |it: &&Report| it.configuration == configuration && it.hub == hub_id && it.next > now;
        if let Some(heard) = self.reports.get(id).filter(is_heard) {
            return Ok(Some(heard.next));
        }
        let Some(hub) = self.hubs.get(&hub_id) else { return Ok(None) };
        let heartbeat = self.cloud.world().settings.agent_heartbeat;
        let agent = Agent {
            client: &cluster.client,
            url: cluster.server.url(),
            configuration: &configuration,
            hub: &hub.server,
            heartbeat_seconds: heartbeat.duration().as_secs(),
        };
        let heard = agent.report(now).await.inspect_err(|error| tracing::debug!(id, %error, "an agent is not heard"));
        if !matches!(heard, Ok(true)) {
            self.reports.remove(id);
            return Ok(Some(RETRY.after(now)));
        }
        let next = heartbeat.after(now);
        self.reports.insert(id.to_owned(), Report { configuration, hub: hub_id, next });
        Ok(Some(next))
    }

    /// Lets a hub answer requests, look at the reports and forget what is not expected; the cloud learns of it.
    async fn run_hub(&self, id: &str, hub: &Hub, expected: &Expected) -> Result<Option<Timestamp>, Failure> {
        let is_expected = |name: &str| expected.names.contains(name);
        if agents::approve(&hub.client, &hub.server.ca_pem(), is_expected).await? > 0 {
            self.wake.notify_one();
        }
        agents::forget_others(&hub.client, &expected.names.iter().map(String::as_str).collect()).await?;
        let heartbeat = self.cloud.world().settings.agent_heartbeat.duration();
        let found = agents::managed_clusters(&hub.client, heartbeat, self.cloud.now()).await?;
        hub.server.set_tunnels(found.iter().map(|it| self.tunnel(id, it)));
        let reports = found.iter().filter(|it| it.ready).filter_map(|it| Some((it.name.clone(), self.report(it)?)));
        let reports: BTreeMap<String, AgentReport> = reports.collect();
        self.cloud.act(|cloud| ((), learn(cloud, &expected.owner, &reports)));
        Ok(found.iter().filter_map(|it| it.deadline).min())
    }

    /// What the cloud is told of a cluster: which of the world it is, is known by its API.
    fn report(&self, managed: &ManagedCluster) -> Option<AgentReport> {
        let (id, _) = self.member(managed)?;
        Some(AgentReport { cluster_id: id.clone(), version: managed.version.clone(), nodes: managed.nodes })
    }

    fn member(&self, managed: &ManagedCluster) -> Option<(&String, &Cluster)> {
        self.clusters.iter().find(|(_, cluster)| cluster.server.url() == managed.url)
    }

    /// The tunnel through a hub into one of its clusters, which is open as long as the agent there reaches the hub.
    fn tunnel(&self, hub_id: &str, managed: &ManagedCluster) -> Tunnel {
        let connected = |id: &String| self.reports.get(id).is_some_and(|report| report.hub == hub_id);
        match self.member(managed).filter(|(id, _)| managed.ready && connected(id)) {
            Some((_, cluster)) => cluster.server.tunnel(&managed.id, &managed.name),
            None => Tunnel::broken(&managed.id, &managed.name),
        }
    }
}

/// The clusters of an account that have or may have an agent.
fn expected<'a>(cloud: &'a Cloud, owner: &Uin) -> impl Iterator<Item = &'a Registration> {
    let ends = |state| matches!(state, RegistrationState::Deleting | RegistrationState::Deleted);
    let external = cloud.registrations.clusters.values().filter(|it| it.kind == RegistrationKind::External);
    external.filter(move |it| it.owner == *owner && !ends(it.phase.state()))
}

/// Notes which clusters of an account report, and tells whether that changed anything.
fn learn(cloud: &mut Cloud, owner: &Uin, reports: &BTreeMap<String, AgentReport>) -> bool {
    let known: Vec<Registration> = expected(cloud, owner).cloned().collect();
    let mut changed = false;
    for it in known {
        let runs = it.phase.state() == RegistrationState::Running;
        match reports.get(&it.id) {
            Some(report) if !runs || it.agent.as_ref() != Some(report) => {
                cloud.registrations.agent_connected(&it.id, report.clone());
            }
            None if runs => cloud.registrations.agent_disconnected(&it.id),
            _ => continue,
        }
        changed = true;
    }
    changed
}

/// The hub that an agent reaches: publicly, or where the network carries packets from its pod or its node there and back.
fn reached_hub(cloud: &Cloud, cluster: &Cluster, configuration: &Configuration) -> Option<String> {
    let (hub, extranet) = cloud.registrations.hub_at(&configuration.parent_url)?;
    let carries = |ip: Ipv4Addr| {
        let from = Address { vpc_id: cluster.described.vpc_id.clone(), ip };
        network::path(cloud, &from, hub.intranet_ip).is_ok()
    };
    let mut addresses = cluster.node().into_iter().chain([configuration.address]);
    let reached = hub.phase.state() == HubState::Running && (extranet || addresses.any(carries));
    reached.then(|| hub.id.clone())
}
