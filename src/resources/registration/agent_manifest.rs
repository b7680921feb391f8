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
    /// The endpoint by which the agent is to reach the hub: `intranet` (the default) or `extranet`.
    #[tf(optional, default = "intranet", one_of("intranet", "extranet"))]
    pub hub_endpoint: String,
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
        is_extranet: Some(config.hub_endpoint == "extranet"),
        is_refresh_expiration_time: renew.then_some(true),
    }
}

/// Whether a token has ended, or will before it is used. A time that cannot be read says nothing.
fn is_over(expiration: &str, now: Timestamp) -> bool {
    expiration.parse::<Timestamp>().is_ok_and(|expiration| expiration.duration_since(now) < LEAST_LIFETIME)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::cloud::script::{Script, Step, accept, refuse};
    use crate::resources::context::ClusterSettings;

    const LONG_OVER: &str = "2021-09-08T07:04:51Z";
    const FAR_OFF: &str = "2999-09-08T07:04:51Z";

    fn in_state(state: &str) -> Step {
        accept(json!({"TotalCount": 1, "Clusters": [{"ClusterId": "cls-65r1c5nu", "Status": state}]}))
    }

    fn spec(text: &str, expiration: &str) -> Step {
        accept(json!({"Spec": text, "Expiration": expiration}))
    }

    async fn open<const N: usize>(steps: [Step; N]) -> (Result<AgentManifest, Error>, Vec<(String, Value)>) {
        let script = Script::new(steps);
        let context = Arc::new(Context::new(script.client(), ClusterSettings::default()));
        let registration_id = "cls-65r1c5nu".to_owned();
        let config = AgentManifest { registration_id, hub_endpoint: "intranet".into(), ..AgentManifest::default() };
        let resource = AgentManifestResource::new(&context).unwrap();
        let opened = resource.open(&Scope::unstopped(Duration::from_secs(300)), config).await;
        let seen = script.seen().iter().map(|seen| (seen.action().to_owned(), seen.body())).collect();
        (opened.map(|opened| opened.model), seen)
    }

    fn renewals(seen: &[(String, Value)]) -> usize {
        seen.iter().filter(|(_, body)| body["IsRefreshExpirationTime"] == true).count()
    }

    fn told(error: &Error) -> String {
        let diagnostic = error.diagnostics().iter().next().unwrap();
        format!("{} @{}\n{}", diagnostic.summary, diagnostic.path, diagnostic.detail)
    }

    #[tokio::test]
    async fn a_token_that_lasts_is_not_renewed() {
        let (opened, seen) = open([in_state("WaitingRegister"), spec("manifest", FAR_OFF)]).await;
        let opened = opened.unwrap();
        assert_eq!(opened.manifest, "manifest".into());
        assert_eq!((opened.expires_at, opened.registered), (FAR_OFF.into(), false.into()));
        assert_eq!(seen[1].1, json!({"ClusterId": "cls-65r1c5nu", "IsExtranet": false}));
    }

    #[tokio::test]
    async fn a_token_that_is_over_is_renewed_while_the_cluster_waits_for_its_agent() {
        let steps = [in_state("WaitingRegister"), spec("old", LONG_OVER), spec("new", FAR_OFF)];
        let (opened, seen) = open(steps).await;
        assert_eq!((opened.unwrap().manifest, renewals(&seen)), ("new".into(), 1));
    }

    #[tokio::test]
    async fn a_token_that_is_over_is_left_alone_once_the_cluster_is_registered() {
        for state in ["Running", "Abnormal"] {
            let (opened, seen) = open([in_state(state), spec("old", LONG_OVER)]).await;
            let opened = opened.unwrap();
            assert_eq!((opened.manifest, opened.registered, renewals(&seen)), ("old".into(), true.into(), 0));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_manifest_that_is_refused_for_a_registered_cluster_is_no_error() {
        for code in ["UnsupportedOperation", "ResourceNotFound.KubernetesResourceNotFound"] {
            let (opened, _) = open([in_state("Running"), refuse(code)]).await;
            let opened = opened.unwrap();
            assert_eq!((opened.manifest, opened.registered), (Computed::Null, true.into()));
        }
    }

    #[tokio::test]
    async fn a_manifest_that_is_refused_for_a_waiting_cluster_is_an_error() {
        let (opened, _) = open([in_state("WaitingRegister"), refuse("UnsupportedOperation")]).await;
        assert!(told(&opened.unwrap_err()).starts_with("Cannot fetch the agent's manifest of cls-65r1c5nu"));
    }

    #[tokio::test]
    async fn a_role_that_may_only_fetch_the_manifest_fetches_it_and_renews_nothing() {
        let (opened, seen) = open([refuse("UnauthorizedOperation.CamNoAuth"), spec("old", LONG_OVER)]).await;
        let opened = opened.unwrap();
        assert_eq!((opened.manifest, opened.registered, renewals(&seen)), ("old".into(), Computed::Null, 0));
    }

    #[tokio::test]
    async fn a_registration_of_another_account_is_told_at_the_argument() {
        let account =
            accept(json!({"AccountId": "100000000002", "Arn": "", "UserId": "", "PrincipalId": "", "Type": ""}));
        let (opened, _) = open([accept(json!({"TotalCount": 0, "Clusters": []})), account]).await;
        let told = told(&opened.unwrap_err());
        assert!(told.starts_with("No such registration @registration_id\nAccount 100000000002 has no"), "{told}");
    }

    #[tokio::test]
    async fn an_action_that_the_cloud_does_not_have_names_the_manual_path() {
        let (opened, _) = open([refuse("InvalidAction")]).await;
        let told = told(&opened.unwrap_err());
        assert!(told.contains("is not documented") && told.contains("view registration command"), "{told}");
    }

    #[test]
    fn a_token_has_to_last_until_the_agent_uses_it() {
        let now: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let over = ["2025-12-31T23:59:59Z", "2026-01-01T00:09:59Z"];
        assert!(over.iter().all(|expiration| is_over(expiration, now)));
        let lasting = ["2026-01-01T00:10:00Z", "2026-01-01T08:10:00+08:00", "some day"];
        assert!(!lasting.iter().any(|expiration| is_over(expiration, now)));
    }
}
