//! `ephemeral.tcmesh_cluster_credentials`: how to reach a cluster, for other providers.

use std::sync::Arc;

use super::tdcc::{self, Undocumented};
use crate::cloud::api::tdcc::DescribeExternalClusterCredential;
use crate::cloud::credentials::Secret;
use crate::framework::{Computed, Ephemeral, Error, ErrorKind, Model, Opened};
use crate::kubernetes::{Connection, Parts};
use crate::resources::context::Context;
use crate::resources::errors::Doing;
use crate::resources::ids::checks;
use crate::scope::Scope;

/// The caller's credentials for a cluster of its account: one of TKE, a serverless one, or one that is registered with the
/// account's hub. They go into the configuration of other providers, such as `kubernetes` and `helm`, and are stored nowhere. The
/// resources of this provider do not need them: they take a `cluster_id`.
///
/// They are fetched in every plan and every apply, and no rights are acquired for that. A provider that got them cannot renew them
/// while it runs.
///
/// **For a registered cluster the action behind it is not documented** by the cloud. The manual path: take the cluster's kubeconfig
/// ("view credential") from the console of the hub's account (TKE, "Registered cluster") and give it to the other provider itself.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct ClusterCredentials {
    /// The cluster, for example `cls-65r1c5nu`.
    #[tf(required, check = checks::cluster)]
    pub cluster_id: String,
    /// The endpoint to reach it by: `intranet` or `extranet`; that of the provider block (`cluster_endpoint`) where it is left
    /// out. A serverless cluster has one only.
    #[tf(optional, one_of("intranet", "extranet"))]
    pub endpoint: Option<String>,
    /// The kubeconfig, YAML.
    #[tf(computed, sensitive)]
    pub kubeconfig: Computed<String>,
    /// The address of the API server, for example `https://10.0.0.1:6443`.
    #[tf(computed)]
    pub host: Computed<String>,
    /// The certificate authority of the API server, PEM.
    #[tf(computed)]
    pub cluster_ca_certificate: Computed<String>,
    /// A bearer token; null where the credential is a certificate.
    #[tf(computed, sensitive)]
    pub token: Computed<String>,
    /// A client certificate, PEM; null where the credential is a token.
    #[tf(computed)]
    pub client_certificate: Computed<String>,
    /// The key of the client certificate, PEM; null where the credential is a token.
    #[tf(computed, sensitive)]
    pub client_key: Computed<String>,
}

/// The ephemeral resource.
pub struct ClusterCredentialsResource(Arc<Context>);

impl Ephemeral for ClusterCredentialsResource {
    const NAME: &'static str = "cluster_credentials";
    type Configuration = Context;
    type Model = ClusterCredentials;

    fn new(context: &Arc<Context>) -> Result<Self, Error> {
        Ok(Self(Arc::clone(context)))
    }

    async fn open(&self, scope: &Scope, config: ClusterCredentials) -> Result<Opened<ClusterCredentials>, Error> {
        let kubeconfig = self.kubeconfig(scope, &config).await?;
        let connection = Connection::from_answered_kubeconfig(kubeconfig.expose());
        let doing = || format!("read the kubeconfig of the cluster {}", config.cluster_id);
        let Parts { host, cluster_ca_certificate, token, client_certificate, client_key } =
            connection.doing(doing)?.parts();
        Ok(Opened::new(ClusterCredentials {
            kubeconfig: kubeconfig.expose().into(),
            host: host.into(),
            cluster_ca_certificate: cluster_ca_certificate.into(),
            token: token.into(),
            client_certificate: client_certificate.into(),
            client_key: client_key.into(),
            ..config
        }))
    }
}

impl ClusterCredentialsResource {
    async fn kubeconfig(&self, scope: &Scope, config: &ClusterCredentials) -> Result<Secret, Error> {
        let (id, clusters) = (&config.cluster_id, &self.0.clusters);
        let extranet = config.endpoint.as_ref().map_or(clusters.by_extranet(), |endpoint| endpoint == "extranet");
        match clusters.kubeconfig(scope, id, extranet).await {
            Err(error) if error.kind() == ErrorKind::NotFound && self.0.tdcc_enabled => {
                self.of_registered(scope, id, extranet).await?.ok_or(error)
            }
            found => found,
        }
    }

    /// The kubeconfig of a registered cluster; nothing where there is no such one, as far as can be told.
    async fn of_registered(&self, scope: &Scope, id: &str, extranet: bool) -> Result<Option<Secret>, Error> {
        let client = &self.0.cloud;
        let Ok(Some(_)) = tdcc::registered(scope, client, id).await else { return Ok(None) };
        let action = DescribeExternalClusterCredential { cluster_id: id.into(), is_extranet: Some(extranet) };
        let doing = || format!("reach the registered cluster {id}");
        client.send(scope, &action).await.map(|found| Some(found.kubeconfig)).undocumented(doing)
    }
}
