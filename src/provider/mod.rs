//! The provider: its block, and what its resources get of it.

mod connection;
mod model;
mod options;
mod roles;

pub use model::ProviderModel;

use crate::cloud::credentials::Environment;
use crate::cloud::{self, Client};
use crate::framework::{Diagnostic, Diagnostics, Error, Planned, Provider, Server};
use crate::resources::context::{ClusterSettings, Context};
use crate::resources::errors::Doing;
use crate::scope::{Scope, StopSwitch};

/// The source address: it stands in every state, so it does not change.
pub const ADDRESS: &str = "registry.terraform.io/tcmesh/tcmesh";

/// What the mesh's API is assumed to call a registered cluster.
const REGISTERED_CLUSTER_TYPE: &str = "TDCC";

/// What a user gives up who leaves certificates unchecked.
const INSECURE: &str =
    "Server certificates are not checked: whoever stands between here and the API sees and changes everything.";

/// The provider `tcmesh`.
pub struct Tcmesh {
    environment: Environment,
}

/// The provider as a service of Terraform's protocol, which `stop` ends early.
pub fn server(stop: StopSwitch) -> Server<Tcmesh> {
    Server::new(Tcmesh { environment: Environment::of_process() }, crate::resources::registry(), stop)
}

impl Provider for Tcmesh {
    const NAME: &'static str = "tcmesh";
    type Model = ProviderModel;
    type Configuration = Context;

    fn check(config: &Planned<'_, ProviderModel>, diagnostics: &mut Diagnostics) {
        for name in ["insecure", "kubernetes.insecure"] {
            if config.known::<bool>(name) == Some(true) {
                diagnostics.warning(config.at(name), "Insecure connection", INSECURE);
            }
        }
        let context = config.known::<String>("kubernetes.config_context");
        let by_path = config.known::<String>("kubernetes.config_path").and_then(|path| connection::read(&path).ok());
        let texts =
            [("kubernetes.config_path", by_path), ("kubernetes.kubeconfig", config.known("kubernetes.kubeconfig"))];
        for (name, text) in texts {
            if text.is_some_and(|text| connection::is_unchecked(&text, context.as_deref())) {
                diagnostics.warning(config.at(name), "Insecure connection", INSECURE);
            }
        }
    }

    async fn configure(&self, scope: &Scope, block: ProviderModel) -> Result<Context, Error> {
        let cloud = Client::new(options::options(&block, &self.environment)?)?;
        check_account(scope, &cloud, &block).await?;
        let given = block.kubernetes.as_ref().map(connection::connection).transpose()?;
        let extranet = block.cluster_endpoint.as_deref() == Some("extranet");
        let acquire_admin = block.acquire_cluster_admin.unwrap_or_default();
        let tdcc = block.tdcc.unwrap_or(model::Tdcc { enabled: true, ..Default::default() });
        Ok(Context {
            tdcc_enabled: tdcc.enabled,
            registered_cluster_type: tdcc.registered_cluster_type.unwrap_or_else(|| REGISTERED_CLUSTER_TYPE.into()),
            ..Context::new(cloud, ClusterSettings { extranet, acquire_admin, given })
        })
    }
}

/// The argument that is to blame when the API does not say who is calling, where that can be told.
fn blamed(error: &cloud::Error) -> Option<&'static str> {
    match (error, error.code()) {
        (cloud::Error::NotSent { .. }, _) => Some("endpoint"),
        (_, Some("AuthFailure.SecretIdNotFound")) => Some("secret_id"),
        (_, Some("AuthFailure.SignatureFailure")) => Some("secret_key"),
        (_, Some("AuthFailure.TokenFailure")) => Some("security_token"),
        _ => None,
    }
}

/// Keys of the wrong account are found before anything is done with them.
async fn check_account(scope: &Scope, cloud: &Client, block: &ProviderModel) -> Result<(), Error> {
    let ProviderModel { allowed_account_ids: allowed, forbidden_account_ids: forbidden, .. } = block;
    if allowed.is_empty() && forbidden.is_empty() {
        return Ok(());
    }
    let caller = cloud.account(scope).await;
    let blamed = caller.as_ref().err().and_then(blamed);
    let caller = caller.doing(|| "find out which account these keys belong to".into());
    let caller = caller.map_err(|error| blamed.into_iter().fold(error, Error::at))?;
    let (attribute, problem) = if !allowed.is_empty() && !allowed.contains(&caller) {
        ("allowed_account_ids", format!("the block allows only {}", allowed.join(", ")))
    } else if forbidden.contains(&caller) {
        ("forbidden_account_ids", "the block forbids it".to_owned())
    } else {
        return Ok(());
    };
    let detail = format!(
        "The keys of this provider block are of account {caller}, but {problem}. Nothing was read or changed. Check which \
         keys this block gets: an environment variable fills every block that sets none."
    );
    Err(Diagnostic::error("Keys of another account", detail).at(attribute).into())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::time::{Duration, SystemTime, UNIX_EPOCH};

    use serde_json::json;
    use tempfile::TempDir;

    use super::*;
    use crate::cloud::script::{Script, Step, accept};

    const KEYS: [(&str, &str); 2] = [("TENCENTCLOUD_SECRET_ID", "id"), ("TENCENTCLOUD_SECRET_KEY", "key")];

    /// What the keys of each source that needs no block are told by: its name, block, environment, and the answers that give
    /// the keys.
    fn sources(home: &TempDir) -> Vec<(&'static str, ProviderModel, Environment, Vec<Step>)> {
        let ends = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() + 7_200;
        let keys = json!({"TmpSecretId": "id", "TmpSecretKey": "key", "Token": "token"});
        let mut of_instance = keys.clone();
        of_instance["ExpiredTime"] = ends.into();
        let page = || Step::Answer(200, of_instance.to_string());
        let session = || accept(json!({"Credentials": keys, "ExpiredTime": ends}));
        let token = home.path().join("token");
        fs::write(&token, "web-token").unwrap();
        fs::create_dir_all(home.path().join(".tccli")).unwrap();
        let profile = r#"{"secretId": "id", "secretKey": "key"}"#;
        fs::write(home.path().join(".tccli/default.credential"), profile).unwrap();
        let pod = [
            ("TKE_REGION", "ap-guangzhou"),
            ("TKE_PROVIDER_ID", "OIDC"),
            ("TKE_WEB_IDENTITY_TOKEN_FILE", token.to_str().unwrap()),
            ("TKE_ROLE_ARN", "qcs::cam::uin/100000000001:roleName/terraform"),
        ];
        let instance = ProviderModel { cam_role_name: Some("terraform".into()), ..ProviderModel::default() };
        let in_pod = ProviderModel { enable_pod_oidc: Some(true), ..ProviderModel::default() };
        vec![
            ("environment", ProviderModel::default(), Environment::from(KEYS), vec![]),
            ("profile", ProviderModel::default(), Environment::from([("HOME", home.path().to_str().unwrap())]), vec![]),
            ("instance", instance, Environment::default(), vec![page()]),
            ("pod", in_pod, Environment::from(pod), vec![session()]),
        ]
    }

    #[tokio::test]
    async fn whatever_the_keys_came_from_a_wrong_account_is_refused_before_anything_else_is_asked() {
        let home = TempDir::new().unwrap();
        for (allowed, problem) in [("100000000001", None), ("100000000002", Some("allowed_account_ids"))] {
            for (source, block, environment, mut steps) in sources(&home) {
                let identity = json!({"Arn": "a", "AccountId": "100000000001", "UserId": "1", "PrincipalId": "1", "Type": "CAMUser"});
                steps.push(accept(identity));
                let script = Script::of(steps);
                let block = ProviderModel { allowed_account_ids: [allowed.to_owned()].into(), ..block };
                let client = script.client_with(options::options(&block, &environment).unwrap()).unwrap();
                let scope = Scope::unstopped(Duration::from_secs(60));
                let checked = check_account(&scope, &client, &block).await;
                let at = checked.err().map(|error| error.diagnostics().iter().next().unwrap().path.to_string());
                assert_eq!(at.as_deref(), problem, "{source}");
            }
        }
    }
}
