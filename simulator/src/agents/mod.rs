//! Registration with a hub, as Clusternet does it: the agent in a member cluster asks the hub to be taken in, the hub's
//! approver answers, and the hub watches whether the agent goes on reporting.
//!
//! All of it is done over the APIs of the two clusters and knows nothing of the cloud. Names, steps and times are those of
//! Clusternet 0.7. Not modelled: deployment from the hub into members, and leader election among the agent's pods; their
//! lease, whose UID is the cluster's id, is.

mod agent;
mod approver;
mod definitions;
mod hub;
mod monitor;

pub(crate) use self::agent::{Agent, Configuration, NAMESPACE, POD_LABEL, configuration};
pub(crate) use self::approver::approve;
pub(crate) use self::definitions::group;
pub(crate) use self::hub::{BootstrapToken, forget_others, set_tokens, set_up};
pub(crate) use self::monitor::{ManagedCluster, managed_clusters};

/// The version of the hub's kinds.
const CLUSTERS: &str = "clusters.clusternet.io/v1beta1";
/// The label with the id of a cluster.
const ID_LABEL: &str = "clusters.clusternet.io/cluster-id";
/// The label with the name under which a cluster registers.
const NAME_LABEL: &str = "clusters.clusternet.io/cluster-name";
/// The group that bootstrap tokens of agents are in.
const BOOTSTRAPPERS: &str = "system:bootstrappers:clusternet:register-cluster-token";
