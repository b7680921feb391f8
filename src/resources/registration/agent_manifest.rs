//! `ephemeral.tcmesh_tdcc_agent_manifest`: what installs the agent in a cluster, with a token that expires.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::tdcc::{self, Undocumented};
use crate::cloud::api::tdcc::{
    DescribeExternalClusterSpec, DescribeExternalClusterSpecResponse as Spec, ExternalClusterState,
};
use crate::cloud::{self, Client};
use crate::framework::{Computed, Diagnostic, Ephemeral, Error, Model, Opened};
use crate::resources::context::Context;
use crate::resources::ids::checks;
use crate::scope::Scope;

/// The manifest that installs the agent of a registered cluster. It holds a token, so it is ephemeral: it goes from here to
/// `tcmesh_tdcc_agent` and is stored nowhere.
///
/// It is fetched in every plan and every apply. That changes nothing in the cloud, with one exception: while the cluster still
/// waits for its agent, a token that has expired is renewed. Where the cloud does not hand out the manifest of a cluster that is
/// registered already, `manifest` is null, which `tcmesh_tdcc_agent` takes as "no change".
///
/// A configuration with only the member's keys can open it by a role of the hub's account that may do
/// `tdcc:DescribeExternalClusterSpec` and `tdcc:DescribeExternalClusters`, and nothing else.
///
/// **The actions behind it are not documented** by the cloud any more: one was public as an action of TKE until October 2024. The
/// manual path: copy the cluster's ID and the agent.yaml of "view registration command" from the console of the hub's account (TKE,
/// "Registered cluster"), pass them to `tcmesh_tdcc_agent` as `registration_id` and, from an ephemeral variable, `manifest_wo`, and
/// set `tdcc { enabled = false }` in the provider block.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct AgentManifest {
    /// The registered cluster, for example `tcmesh_tdcc_registration.cluster3.id`.
    #[tf(required, check = checks::cluster)]
    pub registration_id: String,
    /// How the agent is to reach the hub: `intranet` (the default) or `extranet`.
    #[tf(optional, default = "intranet", one_of("intranet", "extranet"))]
    pub connection: String,
    /// The manifest: YAML of several documents.
    #[tf(computed, sensitive)]
    pub manifest: Computed<String>,
    /// When the token in it expires, for example `2021-09-08T07:04:51Z`.
    #[tf(computed)]
    pub expires_at: Computed<String>,
    /// Whether the cluster has registered, for example `true`; null where the caller may not ask for that.
    #[tf(computed)]
    pub registered: Computed<bool>,
}

/// A token that ends sooner than this does not last until the agent uses it.
const LEAST_LIFETIME: SignedDuration = SignedDuration::from_mins(10);

/// How long to try where the answer is not needed.
const OPTIONAL_LIMIT: Duration = Duration::from_secs(5);

/// The ephemeral resource.
pub struct AgentManifestResource(Arc<Context>);

impl Ephemeral for AgentManifestResource {
    const NAME: &'static str = "tdcc_agent_manifest";
    type Configuration = Context;
    type Model = AgentManifest;

    fn new(context: &Arc<Context>) -> Result<Self, Error> {
        tdcc::enabled(context, "tcmesh_tdcc_agent_manifest").map(Self)
    }

    async fn open(&self, scope: &Scope, config: AgentManifest) -> Result<Opened<AgentManifest>, Error> {
        let client = &self.0.cloud;
        let state = state(scope, client, &config.registration_id).await?;
        let registered = state.as_ref().map(|state| *state != ExternalClusterState::WaitingRegister);
        let spec = if registered == Some(true) {
            fetch_if_allowed(scope, client, &config).await?
        } else {
            Some(fetch_fresh(scope, client, &config, registered == Some(false)).await?)
        };
        let (manifest, expires_at) = spec.map(|Spec { spec, expiration }| (spec, expiration)).unzip();
        Ok(Opened::new(AgentManifest {
            manifest: manifest.map(|text| text.expose().to_owned()).into(),
            expires_at: expires_at.flatten().into(),
            registered: registered.into(),
            ..config
        }))
    }
}

/// The state of the registration; nothing where the caller may not ask.
async fn state(scope: &Scope, client: &Client, id: &str) -> Result<Option<ExternalClusterState>, Error> {
    let doing = || format!("look up the registered cluster {id}");
    let found = match tdcc::registered(scope, client, id).await {
        Err(error) if is_forbidden(&error) => return Ok(None),
        found => found.undocumented(doing)?,
    };
    match found {
        Some(found) => Ok(Some(found.status)),
        None => Err(no_registration(scope, client, id).await?),
    }
}

fn is_forbidden(error: &cloud::Error) -> bool {
    let code = error.code().unwrap_or_default();
    code.starts_with("UnauthorizedOperation") || code == "AuthFailure.UnauthorizedOperation"
}

async fn no_registration(scope: &Scope, client: &Client, id: &str) -> Result<Error, Error> {
    let account = client.account(scope).await?;
    let detail = format!(
        "Account {account} has no registered cluster `{id}` in {}. The manifest is fetched with the keys of the hub's account, or \
         by a role of it, not with those of the cluster's account.",
        client.region()
    );
    Ok(Diagnostic::error("No such registration", detail).at("registration_id").into())
}

/// The manifest of a cluster that has registered, which is good to have but not needed.
async fn fetch_if_allowed(scope: &Scope, client: &Client, config: &AgentManifest) -> Result<Option<Spec>, Error> {
    match client.send(&scope.within(OPTIONAL_LIMIT), &request(config, false)).await {
        Ok(spec) => Ok(Some(spec)),
        Err(error) if scope.interrupted().is_some() => Err(Error::from(error)),
        Err(error @ (cloud::Error::Api { .. } | cloud::Error::TimedOut { .. })) => {
            tracing::info!(%error, "the manifest of a registered cluster is not to be had");
            Ok(None)
        }
        Err(error) => Err(error).undocumented(|| "fetch the agent's manifest".into()),
    }
}

/// The manifest with a token that works, as far as the caller may renew it.
async fn fetch_fresh(scope: &Scope, client: &Client, config: &AgentManifest, may_renew: bool) -> Result<Spec, Error> {
    let doing = || format!("fetch the agent's manifest of {}", config.registration_id);
    let spec = client.send(scope, &request(config, false)).await.undocumented(doing)?;
    if may_renew && spec.expiration.as_deref().is_some_and(|expiration| is_over(expiration, Timestamp::now())) {
        return client.send(scope, &request(config, true)).await.undocumented(doing);
    }
    Ok(spec)
}

fn request(config: &AgentManifest, renew: bool) -> DescribeExternalClusterSpec {
    DescribeExternalClusterSpec {
        cluster_id: config.registration_id.clone(),
        is_extranet: Some(config.connection == "extranet"),
        is_refresh_expiration_time: renew.then_some(true),
    }
}

/// Whether a token has ended, or will before it is used. A time that cannot be read says nothing.
fn is_over(expiration: &str, now: Timestamp) -> bool {
    expiration.parse::<Timestamp>().is_ok_and(|expiration| expiration.duration_since(now) < LEAST_LIFETIME)
}
