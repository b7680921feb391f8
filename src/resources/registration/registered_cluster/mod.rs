//! `tcmesh_tdcc_registration`: the record of a cluster at a hub, which waits for the cluster's agent.

mod register;

use std::sync::Arc;

use super::tdcc::{self, Undocumented};
use crate::cloud::api::tdcc::{DeleteExternalCluster, ExternalCluster, ExternalClusterState};
use crate::framework::{Change, Computed, Diagnostics, Error, Model, Planned, Prior, Progress, Resource};
use crate::resources::context::Context;
use crate::resources::ids::{ClusterId, checks};
use crate::scope::Scope;
use crate::wait::{self, Probe};

use register::{check_hub, register, take_over};

/// A cluster that reports, or is to report, to the hub of this account. It may be of any account, or of no account at all:
/// `tcmesh_tdcc_agent` installs the agent in it, with the keys of the cluster's own account.
///
/// **The actions behind this resource are not documented** by the cloud: only the names of those that write are published, in
/// the documentation of CAM. The manual path: register the cluster in the console of the hub's account (TKE, "Registered
/// cluster"; a cluster of another account is of the kind "non-TKE"), copy the cluster's ID and the agent.yaml of "view
/// registration command", give both to `tcmesh_tdcc_agent` as `registration_id` and `manifest_wo`, set
/// `tdcc { enabled = false }` in the provider block, and leave this resource out.
///
/// Deleting it makes the hub forget the cluster, whether its agent still reports or not. What the agent left in the cluster is
/// removed with `tcmesh_tdcc_agent`.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct Registration {
    /// The ID of the registered cluster, for example `cls-65r1c5nu`.
    #[tf(computed, identity)]
    pub id: Computed<String>,
    /// The root account of the hub, for example `100000000001`.
    #[tf(computed, identity(optional))]
    pub account_id: Computed<String>,
    /// The region of the hub, for example `ap-guangzhou`: that of the provider block.
    #[tf(computed, identity(optional))]
    pub region: Computed<String>,
    /// The hub, for example `tcmesh_tdcc_hub.main.id`. It must run.
    #[tf(required, carried, force_new, check = checks::cluster)]
    pub hub_id: String,
    /// The name, 1 to 60 characters, for example `cluster3`. A cluster of the kind `tke` keeps its own.
    #[tf(required, force_new, length(1..=60))]
    pub name: String,
    /// The region that the cluster really is in, for example `ap-guangzhou`.
    #[tf(required, force_new, check = checks::region)]
    pub cluster_region: String,
    /// `external` (the default) for a cluster of another account or outside of Tencent Cloud, which registers by its agent;
    /// `tke` for a TKE cluster of this account, which needs none.
    #[tf(optional, default = "external", force_new, one_of("external", "tke"))]
    pub kind: String,
    /// The TKE cluster of this account, for example `cls-bg7cwcj2`. For the kind `tke`, which needs it.
    #[tf(optional, force_new, check = checks::cluster)]
    pub tke_cluster_id: Option<String>,
    /// The endpoint by which the agent reaches the hub: `intranet` (the default; the cluster's VPC needs a route to the hub's, as a CCN
    /// gives it) or `extranet`. `tcmesh_tdcc_agent_manifest` takes it from here.
    #[tf(optional, default = "intranet", config_only, one_of("intranet", "extranet"))]
    pub hub_endpoint: String,
    /// What the cluster is for, up to 100 characters, for example `Serves orders in account B`. Not for the kind `tke`.
    #[tf(optional, force_new, length(1..=100))]
    pub description: Option<String>,
    /// The ID of the registered cluster, as other resources name it: the same as `id`.
    #[tf(computed)]
    pub cluster_id: Computed<String>,
}

const TKE: &str = "tke";

impl Registration {
    // Destructured, so that a new field of the API does not go unnoticed.
    fn of(found: ExternalCluster, account_id: String, region: &str, prior: &Self) -> Self {
        let ExternalCluster { cluster_id, cluster_name, cluster_desc, cluster_region, cluster_type, .. } = found;
        let kind = cluster_type.map_or_else(|| prior.kind.clone(), |kind| kind.to_lowercase());
        let kind = if kind == TKE { TKE } else { "external" };
        let name = Some(prior.name.clone()).filter(|name| kind == TKE && !name.is_empty());
        Self {
            id: cluster_id.clone().into(),
            account_id: account_id.into(),
            region: region.into(),
            name: name.or(cluster_name).unwrap_or_default(),
            cluster_region: cluster_region.unwrap_or_default(),
            kind: kind.into(),
            tke_cluster_id: (kind == TKE).then(|| cluster_id.clone()),
            description: cluster_desc.filter(|text| !text.is_empty()),
            cluster_id: cluster_id.into(),
            ..prior.clone()
        }
    }
}

/// The resource.
pub struct RegistrationResource(Arc<Context>);

impl Resource for RegistrationResource {
    const NAME: &'static str = "tdcc_registration";
    type Configuration = Context;
    type Model = Registration;
    type Id = ClusterId;

    fn new(context: &Arc<Context>) -> Result<Self, Error> {
        tdcc::enabled(context, "tcmesh_tdcc_registration").map(Self)
    }

    fn check(planned: &Planned<'_, Registration>, diagnostics: &mut Diagnostics) {
        let is_tke = planned.known::<String>("kind").map(|kind| kind == TKE);
        if is_tke == Some(true) && planned.is_null("tke_cluster_id") {
            let detail = "A registration of the kind `tke` names the TKE cluster.";
            diagnostics.error("tke_cluster_id", "TKE cluster missing", detail);
        }
        for name in ["tke_cluster_id", "description"] {
            let is_of_tke = name == "tke_cluster_id";
            if is_tke == Some(!is_of_tke) && planned.is_configured(name) {
                let kind = if is_of_tke { TKE } else { "external" };
                let detail = format!("Only a registration of the kind `{kind}` has it: remove it, or change `kind`.");
                diagnostics.error(name, "Argument of another kind", detail);
            }
        }
    }

    async fn check_owner(&self, scope: &Scope, prior: &Registration) -> Result<(), Error> {
        self.0.check_account(scope, &prior.account_id).await
    }

    async fn create(
        &self,
        scope: &Scope,
        _: &Registration,
        plan: &Registration,
        progress: &mut Progress<Registration>,
    ) -> Result<(), Error> {
        let client = &self.0.cloud;
        let doing = || format!("register the cluster {}", plan.name);
        let account_id = client.account(scope).await.undocumented(doing)?;
        check_hub(scope, client, plan, &account_id).await?;
        tdcc::running_hub(scope, client, &plan.hub_id).await?;
        let known = Registration { account_id: account_id.into(), region: client.region().into(), ..plan.clone() };
        match &plan.tke_cluster_id {
            Some(cluster_id) => take_over(scope, client, cluster_id, known, progress).await,
            None => register(scope, client, known, progress).await,
        }
    }

    async fn read(
        &self,
        scope: &Scope,
        id: &ClusterId,
        prior: &Prior<Registration>,
    ) -> Result<Option<Registration>, Error> {
        let client = self.0.in_region(&prior.region);
        let doing = || format!("read the registered cluster {id}");
        let account_id = client.account(scope).await.undocumented(doing)?;
        let found = tdcc::registered(scope, &client, id.as_str()).await.undocumented(doing)?;
        Ok(found.map(|found| Registration::of(found, account_id, client.region(), prior)))
    }

    /// What can change in place is not known to the cloud.
    async fn update(
        &self,
        _: &Scope,
        _: &ClusterId,
        _: &Change<'_, Registration>,
        _: &mut Progress<Registration>,
    ) -> Result<(), Error> {
        Ok(())
    }

    async fn delete(&self, scope: &Scope, id: &ClusterId, prior: &Prior<Registration>) -> Result<(), Error> {
        let client = self.0.in_region(&prior.region);
        let doing = || format!("unregister the cluster {id}");
        let found = tdcc::registered(scope, &client, id.as_str()).await.undocumented(doing)?;
        if found.is_some_and(|found| found.status != ExternalClusterState::Deleting) {
            let action = DeleteExternalCluster { cluster_id: id.to_string() };
            client.send(scope, &action).await.undocumented(doing)?;
        }
        let gone = async || {
            let found = tdcc::registered(scope, &client, id.as_str()).await?;
            Ok(found.map_or(Probe::Done(()), |found| Probe::Pending(found.status.to_string())))
        };
        wait::until(scope, wait::SOON, "the registration to be gone", gone).await.undocumented(doing)
    }
}
