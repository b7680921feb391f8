//! From a cluster's ID to its Kubernetes API, by way of the account that owns the cluster.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OnceCell;

use super::context::ClusterSettings;
use super::errors::Doing;
use crate::cloud::api::tke::{self, EndpointStatus};
use crate::cloud::credentials::Secret;
use crate::cloud::{self, Client};
use crate::framework::{Computed, Diagnostic, Diagnostics, Error, ErrorKind, Part};
use crate::kubernetes::{Cluster, Connection};
use crate::scope::Scope;

/// The clusters that a provider block reaches. Each is looked up once.
pub struct Clusters {
    cloud: Client,
    settings: ClusterSettings,
    known: Mutex<Known>,
}

/// Clusters by region and ID.
type Known = HashMap<(String, String), Arc<OnceCell<Cluster>>>;

/// Which API lists a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClusterKind {
    /// TKE: managed or independent.
    Tke,
    /// Serverless.
    Eks,
}

/// The key under which the cluster of the `kubernetes` block is known.
const GIVEN: &str = "";

impl Clusters {
    /// No cluster is looked up yet.
    pub fn new(cloud: Client, settings: ClusterSettings) -> Self {
        Self { cloud, settings, known: Mutex::default() }
    }

    /// Whether clusters are reached by their public endpoint.
    pub fn by_extranet(&self) -> bool {
        self.settings.extranet
    }

    /// Tells a plan of an object that names no cluster where the provider block has none either.
    pub fn check_named(&self, planned: &Part<'_>, diagnostics: &mut Diagnostics) {
        if planned.is_null("cluster_id") && self.settings.given.is_none() {
            diagnostics.extend(no_cluster().into_diagnostics());
        }
    }

    /// The cluster with this ID, or that of the provider's `kubernetes` block where there is none. For reads: it acquires no
    /// rights.
    ///
    /// # Errors
    /// Of the kind `NotFound` when the caller's account has no such cluster; a closed endpoint; any of a call.
    pub async fn of(&self, scope: &Scope, cluster_id: Option<&str>) -> Result<Cluster, Error> {
        self.of_region(scope, self.cloud.region(), cluster_id).await
    }

    /// As [`of`](Self::of), for a cluster in a region that need not be the provider block's.
    ///
    /// # Errors
    /// As of [`of`](Self::of).
    pub async fn of_region(&self, scope: &Scope, region: &str, cluster_id: Option<&str>) -> Result<Cluster, Error> {
        let known = self
            .known
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .entry((region.to_owned(), cluster_id.unwrap_or(GIVEN).to_owned()))
            .or_default()
            .clone();
        let connect = async || {
            if region == self.cloud.region() {
                return self.connect(scope, cluster_id).await;
            }
            Self::new(self.cloud.in_region(region), self.settings.clone()).connect(scope, cluster_id).await
        };
        known.get_or_try_init(connect).await.cloned()
    }

    /// As [`of`](Self::of), for applies: where the provider block says so, administrator rights are acquired first.
    ///
    /// # Errors
    /// As of [`of`](Self::of).
    pub async fn for_apply(&self, scope: &Scope, cluster_id: Option<&str>) -> Result<Cluster, Error> {
        self.for_apply_in(scope, &Computed::Null, cluster_id).await
    }

    /// As [`for_apply`](Self::for_apply), for a cluster in the region that an object is in, where the object says so.
    ///
    /// # Errors
    /// As of [`of`](Self::of).
    pub async fn for_apply_in(
        &self,
        scope: &Scope,
        region: &Computed<String>,
        cluster_id: Option<&str>,
    ) -> Result<Cluster, Error> {
        let region = region.get().map_or_else(|| self.cloud.region(), String::as_str);
        if let Some(cluster_id) = cluster_id.filter(|_| self.settings.acquire_admin) {
            let action = tke::AcquireClusterAdminRole { cluster_id: cluster_id.into() };
            let acquired = self.cloud.in_region(region).send(scope, &action).await;
            acquired.doing(|| format!("acquire administrator rights in the cluster {cluster_id}"))?;
        }
        self.of_region(scope, region, cluster_id).await
    }

    async fn connect(&self, scope: &Scope, cluster_id: Option<&str>) -> Result<Cluster, Error> {
        let connection = match (cluster_id, &self.settings.given) {
            (Some(cluster_id), _) => {
                let kubeconfig = self.kubeconfig(scope, cluster_id, self.settings.extranet).await?;
                Connection::from_answered_kubeconfig(kubeconfig.expose())
                    .doing(|| format!("connect to the cluster {cluster_id}"))?
            }
            (None, Some(given)) => given.clone(),
            (None, None) => return Err(no_cluster()),
        };
        Cluster::connect(&connection).await.doing(|| "connect to the cluster".into())
    }

    /// The caller's kubeconfig for one of its clusters.
    ///
    /// # Errors
    /// As of [`of`](Self::of).
    pub async fn kubeconfig(&self, scope: &Scope, cluster_id: &str, extranet: bool) -> Result<Secret, Error> {
        match self.kind(scope, cluster_id).await? {
            ClusterKind::Tke => self.tke_kubeconfig(scope, cluster_id, extranet).await,
            ClusterKind::Eks => self.eks_kubeconfig(scope, cluster_id).await,
        }
    }

    /// Whether a cluster of the caller's account is one of TKE or a serverless one.
    ///
    /// # Errors
    /// Of the kind `NotFound` when it is neither; any of a call.
    pub async fn kind(&self, scope: &Scope, cluster_id: &str) -> Result<ClusterKind, Error> {
        let looked_up = async {
            if !self.cloud.send(scope, &tke::DescribeClusters::by_id(cluster_id)).await?.clusters.is_empty() {
                return Ok(Some(ClusterKind::Tke));
            }
            let serverless =
                tke::DescribeEKSClusters { cluster_ids: Some(vec![cluster_id.into()]), ..Default::default() };
            let found = self.cloud.send(scope, &serverless).await?.clusters;
            Ok::<_, cloud::Error>((!found.is_empty()).then_some(ClusterKind::Eks))
        };
        match looked_up.await.doing(|| format!("look up the cluster {cluster_id}"))? {
            Some(kind) => Ok(kind),
            None => Err(self.unknown(scope, cluster_id).await?),
        }
    }

    async fn unknown(&self, scope: &Scope, cluster_id: &str) -> Result<Error, Error> {
        let (account, region) = (self.cloud.account(scope).await?, self.cloud.region());
        let detail = format!(
            "Account {account} has no TKE or serverless cluster `{cluster_id}` in {region}. A cluster of another account needs \
             the keys of that account: choose its provider configuration (alias) for this resource."
        );
        Ok(Error::new(ErrorKind::NotFound, Diagnostic::error("No such cluster", detail).at("cluster_id")))
    }

    async fn tke_kubeconfig(&self, scope: &Scope, cluster_id: &str, extranet: bool) -> Result<Secret, Error> {
        let (cluster_id, is_extranet) = (cluster_id.to_owned(), Some(extranet));
        let doing = || format!("reach the cluster {cluster_id}");
        let endpoint = tke::DescribeClusterEndpointStatus { cluster_id: cluster_id.clone(), is_extranet };
        let status = self.cloud.send(scope, &endpoint).await.doing(doing)?.status;
        if status != EndpointStatus::Created {
            return Err(closed(&cluster_id, extranet, &status));
        }
        let kubeconfig = tke::DescribeClusterKubeconfig { cluster_id: cluster_id.clone(), is_extranet };
        Ok(self.cloud.send(scope, &kubeconfig).await.doing(doing)?.kubeconfig)
    }

    async fn eks_kubeconfig(&self, scope: &Scope, cluster_id: &str) -> Result<Secret, Error> {
        let action = tke::DescribeEKSClusterCredential { cluster_id: cluster_id.into() };
        let found = self.cloud.send(scope, &action).await.doing(|| format!("reach the cluster {cluster_id}"))?;
        found.kubeconfig.ok_or_else(|| {
            let detail = format!("The API gave no kubeconfig for the serverless cluster `{cluster_id}`.");
            Diagnostic::error("No credential for the cluster", detail).at("cluster_id").into()
        })
    }
}

fn no_cluster() -> Error {
    let detail = "This resource names no `cluster_id`, and the provider configuration has no `kubernetes` block. Set one of them: \
                  nothing is assumed, neither localhost nor `~/.kube/config`.";
    Diagnostic::error("No cluster", detail).at("cluster_id").into()
}

fn closed(cluster_id: &str, extranet: bool, status: &EndpointStatus) -> Error {
    let (name, other) = if extranet { ("extranet", "intranet") } else { ("intranet", "extranet") };
    let detail = format!(
        "The {name} endpoint of the cluster `{cluster_id}` is not open (status {status}). Open it in the console (cluster, basic \
         information, API server) or by CreateClusterEndpoint, or choose the other one with `cluster_endpoint = \"{other}\"` in the \
         provider block. Nothing was changed."
    );
    Diagnostic::error("The cluster's endpoint is closed", detail).at("cluster_id").into()
}
