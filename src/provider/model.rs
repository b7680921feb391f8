//! The provider block. Names, environment variables and files are those of the stock `tencentcloud` provider, so that
//! configurations move over.

use std::collections::BTreeMap;

use super::roles::{AssumeRole, AssumeRoleWithSaml, AssumeRoleWithWebIdentity, MfaCertification};
use crate::framework::Model;
use crate::resources::ids::checks;

/// Takes traffic in one Tencent Cloud account and carries it to services in many: networks joined across accounts (CCN), clusters
/// of other accounts registered (TDCC), one service mesh (TCM), one ingress gateway, host routes, DNS, and proof that the right
/// cluster answers. Each account is one provider block with an `alias`.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct ProviderModel {
    /// The region, for example `ap-guangzhou`, which is also the default. Environment: `TENCENTCLOUD_REGION`.
    #[tf(optional, check = checks::region)]
    pub region: Option<String>,
    /// The ID of the API key. Environment: `TENCENTCLOUD_SECRET_ID`.
    #[tf(optional)]
    pub secret_id: Option<String>,
    /// The API key. Environment: `TENCENTCLOUD_SECRET_KEY`.
    #[tf(optional, sensitive)]
    pub secret_key: Option<String>,
    /// The token of a temporary API key. Environment: `TENCENTCLOUD_SECURITY_TOKEN`.
    #[tf(optional, sensitive)]
    pub security_token: Option<String>,
    /// The profile of the command line tool `tccli` to take keys and region from, for example `default`. Environment:
    /// `TENCENTCLOUD_PROFILE`.
    #[tf(optional)]
    pub profile: Option<String>,
    /// The directory of the profiles, for example `~/.tccli`, which is also the default. Environment:
    /// `TENCENTCLOUD_SHARED_CREDENTIALS_DIR`.
    #[tf(optional)]
    pub shared_credentials_dir: Option<String>,
    /// The CAM role of the instance that Terraform runs on, for example `terraform`. Environment: `TENCENTCLOUD_CAM_ROLE_NAME`.
    #[tf(optional)]
    pub cam_role_name: Option<String>,
    /// Whether to take the role of the pod that Terraform runs in, for example `true`.
    #[tf(optional)]
    pub enable_pod_oidc: Option<bool>,
    /// How the API is reached: `HTTPS` (the default) or `HTTP`. Environment: `TENCENTCLOUD_PROTOCOL`.
    #[tf(optional)]
    pub protocol: Option<String>,
    /// The root domain of the API instead of `tencentcloudapi.com`, for example `internal.tencentcloudapi.com`. Environment:
    /// `TENCENTCLOUD_DOMAIN`.
    #[tf(optional)]
    pub domain: Option<String>,
    /// One address for all services, for example `http://127.0.0.1:8080` of the simulator. Environment: `TCMESH_ENDPOINT`.
    #[tf(optional)]
    pub endpoint: Option<String>,
    /// A PEM file with certificate authorities to trust besides the system's, for example `/etc/ssl/corporate.pem`.
    #[tf(optional)]
    pub ca_file: Option<String>,
    /// Whether server certificates are left unchecked. Only for tests: whoever is in between then sees and changes everything.
    #[tf(optional)]
    pub insecure: Option<bool>,
    /// How often a request is sent again at most, for example `10`, which is also the default.
    #[tf(optional, range(0..=100))]
    pub max_retries: Option<i64>,
    /// How many requests of one action are sent in a second at most, for example `20`, which is also the default.
    #[tf(optional, range(1..=1000))]
    pub requests_per_second: Option<i64>,
    /// The root accounts that these keys may belong to, for example `["100000000001"]`. Keys of any other account are an error before
    /// anything is sent to them: set it in every provider block.
    #[tf(optional, each = checks::account)]
    pub allowed_account_ids: Vec<String>,
    /// The root accounts that these keys must not belong to, for example `["100000000009"]`.
    #[tf(optional, each = checks::account)]
    pub forbidden_account_ids: Vec<String>,
    /// Which endpoint of a TKE cluster is used: `intranet` (the default) or `extranet`.
    #[tf(optional, one_of("intranet", "extranet"))]
    pub cluster_endpoint: Option<String>,
    /// Whether an apply may give the caller the administrator role in a TKE cluster, for example `true`.
    #[tf(optional)]
    pub acquire_cluster_admin: Option<bool>,
    /// A role to take with the keys found so far.
    #[tf(block)]
    pub assume_role: Option<AssumeRole>,
    /// A role to take with the assertion of a SAML identity provider.
    #[tf(block)]
    pub assume_role_with_saml: Option<AssumeRoleWithSaml>,
    /// A role to take with the token of an identity provider, as HCP Terraform gives to its workspaces.
    #[tf(block)]
    pub assume_role_with_web_identity: Option<AssumeRoleWithWebIdentity>,
    /// A session to open with a code of an MFA device.
    #[tf(block)]
    pub mfa_certification: Option<MfaCertification>,
    /// Addresses of single services.
    #[tf(block)]
    pub endpoints: Option<Endpoints>,
    /// Where the undocumented actions of TDCC are.
    #[tf(block)]
    pub tdcc: Option<Tdcc>,
    /// A cluster that is not reached by way of the cloud: every resource without `cluster_id` is applied there.
    #[tf(block)]
    pub kubernetes: Option<Kubernetes>,
}

/// Addresses of single services; what is not set follows `endpoint`, `protocol` and `domain`.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct Endpoints {
    /// CAM, for example `https://cam.example.com`.
    #[tf(optional)]
    pub cam: Option<String>,
    /// CLB, for example `https://clb.example.com`.
    #[tf(optional)]
    pub clb: Option<String>,
    /// DNSPod, for example `https://dnspod.example.com`.
    #[tf(optional)]
    pub dnspod: Option<String>,
    /// STS, for example `https://sts.example.com`.
    #[tf(optional)]
    pub sts: Option<String>,
    /// Tags, for example `https://tag.example.com`.
    #[tf(optional)]
    pub tag: Option<String>,
    /// TCM, for example `https://tcm.example.com`.
    #[tf(optional)]
    pub tcm: Option<String>,
    /// TKE, for example `https://tke.example.com`.
    #[tf(optional)]
    pub tke: Option<String>,
    /// VPC and CCN, for example `https://vpc.example.com`.
    #[tf(optional)]
    pub vpc: Option<String>,
}

/// The undocumented actions of TDCC. Their names are assumed: the public documents name some and describe none.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct Tdcc {
    /// Whether they may be called, for example `false`. Without them, take the agent's manifest and the cluster's ID from the console.
    #[tf(optional, default = true)]
    pub enabled: bool,
    /// The service's name in host and signature, for example `tdcc`, which is also the default.
    #[tf(optional)]
    pub service: Option<String>,
    /// The version of the API, for example `2018-05-25`, which is also the default.
    #[tf(optional)]
    pub version: Option<String>,
    /// The address, for example `https://tdcc.example.com`.
    #[tf(optional)]
    pub endpoint: Option<String>,
    /// The cloud's names of actions that are called differently, for example `{ CreateHubCluster = "CreateHub" }`.
    #[tf(optional)]
    pub actions: BTreeMap<String, String>,
    /// What the mesh's API calls a registered cluster, for example `TDCC`, which is also the default. Unconfirmed: try `EXTERNAL` where the
    /// mesh refuses it.
    #[tf(optional)]
    pub registered_cluster_type: Option<String>,
}

/// A cluster by its own connection: a kubeconfig, or host and credential.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct Kubernetes {
    /// A kubeconfig file, for example `~/.kube/config`. Nothing is read that is not named here.
    #[tf(optional)]
    pub config_path: Option<String>,
    /// The text of a kubeconfig, for example `ephemeral.tcmesh_cluster_credentials.cluster1.kubeconfig`.
    #[tf(optional, sensitive)]
    pub kubeconfig: Option<String>,
    /// The context of the kubeconfig, for example `cluster1`; its current one where absent.
    #[tf(optional)]
    pub config_context: Option<String>,
    /// The address of the API server, for example `https://10.0.0.1:6443`.
    #[tf(optional)]
    pub host: Option<String>,
    /// The certificate authority of the API server, PEM.
    #[tf(optional)]
    pub cluster_ca_certificate: Option<String>,
    /// Whether the API server's certificate is left unchecked. Only for tests.
    #[tf(optional)]
    pub insecure: Option<bool>,
    /// A bearer token. It cannot be renewed: where it ends within an apply, what is left fails. Use `exec` then.
    #[tf(optional, sensitive)]
    pub token: Option<String>,
    /// A client certificate, PEM.
    #[tf(optional)]
    pub client_certificate: Option<String>,
    /// The key of the client certificate, PEM.
    #[tf(optional, sensitive)]
    pub client_key: Option<String>,
    /// A program that prints a credential. It is asked again a minute before the end of a token that says its `expirationTimestamp`, and
    /// whenever the API server takes its credential no more.
    #[tf(block)]
    pub exec: Option<Exec>,
}

/// A credential plugin as kubectl knows them.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct Exec {
    /// For example `client.authentication.k8s.io/v1`.
    #[tf(required)]
    pub api_version: String,
    /// The program, for example `tke-token`.
    #[tf(required)]
    pub command: String,
    /// Its arguments, for example `["--cluster", "cls-65r1c5nu"]`.
    #[tf(optional)]
    pub args: Vec<String>,
    /// Environment variables for it, for example `{ PROFILE = "b" }`.
    #[tf(optional, sensitive)]
    pub env: BTreeMap<String, String>,
}
