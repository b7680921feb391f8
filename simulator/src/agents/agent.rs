//! The agent in a member cluster.

use std::net::Ipv4Addr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use k8s_openapi::api::coordination::v1::Lease;
use k8s_openapi::api::core::v1::{Node, Pod, Secret};
use kube::api::{Api, ListParams, Patch, PatchParams, PostParams};
use kube::{Client, ResourceExt};
use serde_json::{Value, json};

use super::{CLUSTERS, ID_LABEL, NAME_LABEL};
use crate::controllers::objects::{apply, objects};
use crate::controllers::pods::is_ready;
use crate::controllers::writes::delete;
use crate::kubernetes::{ApiServer, Timestamp};

/// The namespace of the agent.
pub(crate) const NAMESPACE: &str = "clusternet-system";
/// The label of the agent's pods.
pub(crate) const POD_LABEL: (&str, &str) = ("app", "clusternet-agent");

const MANAGER: &str = "clusternet-agent";
/// The secret that the manifest brings: where the hub is, and the token to register with.
const REGISTRATION: &str = "clusternet-agent-cluster-registration";
/// The secret that the agent keeps: what the hub gave it.
const PARENT: &str = "parent-cluster";
/// The lease of the agent's leader. Its UID is the cluster's id.
const LEASE: &str = "self-cluster";
/// How the name to register under is given.
const NAME_FLAG: &str = "--cluster-reg-name=";

/// What a running agent is told. Pods are taken to see a changed secret at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Configuration {
    /// The address of the pod that leads.
    pub(crate) address: Ipv4Addr,
    /// The URL of the hub.
    pub(crate) parent_url: String,
    token: String,
    name: String,
}

/// What the agent of a cluster is told, if one runs.
///
/// # Errors
/// What the cluster refuses.
pub(crate) async fn configuration(client: &Client) -> kube::Result<Option<Configuration>> {
    let pods: Api<Pod> = Api::namespaced(client.clone(), NAMESPACE);
    let (label, value) = POD_LABEL;
    let pods = pods.list(&ListParams::default().labels(&format!("{label}={value}"))).await?.items;
    let runs = |pod: &&Pod| is_ready(pod) && pod.metadata.deletion_timestamp.is_none();
    let addressed = pods.iter().filter(runs).filter_map(|pod| Some((address(pod)?, pod)));
    let Some((address, pod)) = addressed.min_by_key(|(address, _)| *address) else { return Ok(None) };
    let secrets: Api<Secret> = Api::namespaced(client.clone(), NAMESPACE);
    let Some(secret) = secrets.get_opt(REGISTRATION).await? else { return Ok(None) };
    Ok(Some(Configuration {
        address,
        parent_url: text(&secret, "parentURL"),
        token: text(&secret, "regToken"),
        name: flag(pod, NAME_FLAG),
    }))
}

fn address(pod: &Pod) -> Option<Ipv4Addr> {
    pod.status.as_ref()?.pod_ip.as_ref()?.parse().ok()
}

fn text(secret: &Secret, key: &str) -> String {
    let value = secret.data.as_ref().and_then(|data| data.get(key));
    value.map(|value| String::from_utf8_lossy(&value.0).trim().to_owned()).unwrap_or_default()
}

fn flag(pod: &Pod, name: &str) -> String {
    let containers = pod.spec.iter().flat_map(|spec| &spec.containers);
    let words = containers.flat_map(|it| it.command.iter().flatten().chain(it.args.iter().flatten()));
    words.into_iter().find_map(|word| word.strip_prefix(name)).unwrap_or_default().to_owned()
}

/// An agent that reaches its hub.
pub(crate) struct Agent<'a> {
    /// Its own cluster.
    pub(crate) client: &'a Client,
    /// The URL of its own cluster's API.
    pub(crate) url: String,
    /// What it is told.
    pub(crate) configuration: &'a Configuration,
    /// The hub.
    pub(crate) hub: &'a ApiServer,
    /// How often it reports, in seconds.
    pub(crate) heartbeat_seconds: u64,
}

/// How an agent gets into the namespace that is its cluster's own in the hub.
struct Parent {
    client: Client,
    namespace: String,
    name: String,
}

impl Agent<'_> {
    /// Reports the state of the cluster to the hub, and registers it first where that was not done. Tells whether the hub
    /// has the report: it has not while the request waits for its answer.
    ///
    /// # Errors
    /// What a cluster or the hub refuses.
    ///
    /// # Cancellation
    /// Another call goes on where this one was dropped.
    pub(crate) async fn report(&self, now: Timestamp) -> kube::Result<bool> {
        if let Some(parent) = self.known_parent().await? {
            match self.report_to(&parent, now).await {
                Err(error) if is_refused(&error) => {
                    // The hub has forgotten this cluster.
                    delete(&self.secrets(), PARENT).await?;
                }
                reported => return reported.map(|()| true),
            }
        }
        match self.register().await? {
            Some(parent) => self.report_to(&parent, now).await.map(|()| true),
            None => Ok(false),
        }
    }

    fn secrets(&self) -> Api<Secret> {
        Api::namespaced(self.client.clone(), NAMESPACE)
    }

    /// The hub as it was registered with, unless that was another one.
    async fn known_parent(&self) -> kube::Result<Option<Parent>> {
        let secret = self.secrets().get_opt(PARENT).await?;
        let secret = secret.filter(|secret| text(secret, "apiserver-advertise-url") == self.configuration.parent_url);
        Ok(secret.and_then(|it| self.parent(&text(&it, "token"), text(&it, "namespace"), text(&it, "name"))))
    }

    fn parent(&self, token: &str, namespace: String, name: String) -> Option<Parent> {
        Some(Parent { client: self.hub.client_with_token(token)?, namespace, name })
    }

    /// Asks to be taken in, or reads the answer and keeps it.
    async fn register(&self) -> kube::Result<Option<Parent>> {
        let Some(client) = self.hub.client_with_token(&self.configuration.token) else { return Ok(None) };
        let requests = objects(&client, CLUSTERS, "ClusterRegistrationRequest", None);
        let id = self.id().await?;
        let name = format!("clusternet-{id}");
        let Some(request) = requests.get_opt(&name).await? else {
            let request = serde_json::from_value(self.request(&name, &id)).map_err(kube::Error::SerdeError)?;
            requests.create(&PostParams::default(), &request).await?;
            return Ok(None);
        };
        let status = &request.data["status"];
        if status["result"] != "Approved" {
            return Ok(None);
        }
        let value = |name: &str| status[name].as_str().unwrap_or_default().to_owned();
        let decoded = |name: &str| {
            let bytes = STANDARD.decode(value(name)).unwrap_or_default();
            String::from_utf8_lossy(&bytes).into_owned()
        };
        let (token, namespace, name) = (decoded("token"), value("dedicatedNamespace"), value("managedClusterName"));
        let kept = json!({
            "metadata": { "name": PARENT, "namespace": NAMESPACE },
            "stringData": {
                "ca.crt": decoded("caCertificate"),
                "token": token,
                "namespace": namespace,
                "name": name,
                "apiserver-advertise-url": self.configuration.parent_url,
            },
        });
        apply(self.client, MANAGER, "v1", "Secret", kept).await?;
        Ok(self.parent(&token, namespace, name))
    }

    /// The id of the cluster: that of the lease, which is made where there is none.
    async fn id(&self) -> kube::Result<String> {
        let leases: Api<Lease> = Api::namespaced(self.client.clone(), NAMESPACE);
        if let Some(lease) = leases.get_opt(LEASE).await? {
            return Ok(lease.uid().unwrap_or_default());
        }
        let mut lease = Lease::default();
        lease.metadata.name = Some(LEASE.to_owned());
        Ok(leases.create(&PostParams::default(), &lease).await?.uid().unwrap_or_default())
    }

    fn request(&self, name: &str, id: &str) -> Value {
        let cluster = &self.configuration.name;
        let labels =
            json!({ "clusters.clusternet.io/registered-by": "clusternet-agent", ID_LABEL: id, NAME_LABEL: cluster });
        json!({
            "apiVersion": CLUSTERS,
            "kind": "ClusterRegistrationRequest",
            "metadata": { "name": name, "labels": labels },
            "spec": { "clusterId": id, "clusterType": "EdgeCluster", "clusterName": cluster, "syncMode": "Dual" },
        })
    }

    async fn report_to(&self, parent: &Parent, now: Timestamp) -> kube::Result<()> {
        let version = self.client.apiserver_version().await?;
        let nodes = Api::<Node>::all(self.client.clone()).list_metadata(&ListParams::default()).await?.items.len();
        let time = Timestamp::from_second(now.as_second()).unwrap_or(now).to_string();
        let ready = json!({
            "type": "Ready",
            "status": "True",
            "reason": "ManagedClusterReady",
            "message": "managed cluster is ready.",
            "lastTransitionTime": time,
        });
        let status = json!({
            "lastObservedTime": time,
            "k8sVersion": version.git_version,
            "platform": version.platform,
            "apiserverURL": self.url,
            "healthz": true,
            "livez": true,
            "readyz": true,
            "appPusher": true,
            "useSocket": true,
            "nodeStatistics": { "readyNodes": nodes },
            "heartbeatFrequencySeconds": self.heartbeat_seconds,
            "conditions": [ready],
        });
        let api = objects(&parent.client, CLUSTERS, "ManagedCluster", Some(&parent.namespace));
        let patch = Patch::Merge(json!({ "status": status }));
        api.patch_status(&parent.name, &PatchParams::default(), &patch).await.map(drop)
    }
}

/// Whether a hub no longer knows who asks, or what about.
fn is_refused(error: &kube::Error) -> bool {
    matches!(error, kube::Error::Api(status) if matches!(status.code, 401 | 403 | 404))
}
