//! What a user can say about credentials, by the stock provider's names.

use super::Secret;

/// The arguments of the provider block that concern credentials, and the region, which a profile can give too.
/// An argument that is absent is looked for in the environment.
#[derive(Clone, Debug, Default)]
pub struct Arguments {
    /// The ID of the key pair.
    pub secret_id: Option<String>,
    /// The key.
    pub secret_key: Option<Secret>,
    /// The token of temporary keys.
    pub security_token: Option<Secret>,
    /// The region, for example `ap-guangzhou`.
    pub region: Option<String>,
    /// The profile to read keys from; `default` where absent.
    pub profile: Option<String>,
    /// The directory of the profiles; `~/.tccli` where absent.
    pub shared_credentials_dir: Option<String>,
    /// The CAM role of the instance that this program runs on.
    pub cam_role_name: Option<String>,
    /// A role to take with the keys found so far.
    pub assume_role: Option<AssumeRole>,
    /// A role to take with the assertion of a SAML identity provider.
    pub assume_role_with_saml: Option<AssumeRoleWithSaml>,
    /// A role to take with the token of an identity provider.
    pub assume_role_with_web_identity: Option<AssumeRoleWithWebIdentity>,
    /// A session to open with a code of an MFA device.
    pub mfa_certification: Option<MfaCertification>,
    /// Whether to take the role of the pod that this program runs in.
    pub enable_pod_oidc: bool,
}

/// The block `assume_role`.
#[derive(Clone, Debug, Default)]
pub struct AssumeRole {
    /// The role, for example `qcs::cam::uin/100000000001:roleName/terraform`.
    pub role_arn: Option<String>,
    /// Names the session in the audit log.
    pub session_name: Option<String>,
    /// How long the temporary keys live, in seconds, up to 43,200; 7,200 where absent.
    pub session_duration: Option<u64>,
    /// A policy, as JSON, that narrows what the role may do.
    pub policy: Option<String>,
    /// The ID that the role's owner agreed on with its user.
    pub external_id: Option<String>,
    /// Names who takes the role, for the audit log.
    pub source_identity: Option<String>,
    /// The MFA device of who takes the role, where the role asks for one.
    pub serial_number: Option<String>,
    /// The code that the device shows. It works once, so the keys cannot be renewed.
    pub token_code: Option<Secret>,
}

/// The block `assume_role_with_saml`.
#[derive(Clone, Debug, Default)]
pub struct AssumeRoleWithSaml {
    /// The assertion, in base64. The keys are renewed with it for as long as the identity provider lets it live.
    pub saml_assertion: Option<Secret>,
    /// The identity provider, for example `qcs::cam::uin/100000000001:saml-provider/corporate`.
    pub principal_arn: Option<String>,
    /// The role, for example `qcs::cam::uin/100000000001:roleName/terraform`.
    pub role_arn: Option<String>,
    /// Names the session in the audit log.
    pub session_name: Option<String>,
    /// How long the temporary keys live, in seconds, up to 43,200; 7,200 where absent.
    pub session_duration: Option<u64>,
}

/// The block `mfa_certification`.
#[derive(Clone, Debug, Default)]
pub struct MfaCertification {
    /// The MFA device of the keys' owner.
    pub serial_number: Option<String>,
    /// The code that the device shows. It works once, so the keys cannot be renewed.
    pub token_code: Option<Secret>,
    /// How long the temporary keys live, in seconds, up to 129,600; 1,800 where absent.
    pub duration_seconds: Option<u64>,
}

/// The block `assume_role_with_web_identity`.
#[derive(Clone, Debug, Default)]
pub struct AssumeRoleWithWebIdentity {
    /// The identity provider's name in CAM; `OIDC` where absent.
    pub provider_id: Option<String>,
    /// The token itself.
    pub web_identity_token: Option<Secret>,
    /// A JSON file whose member `web_identity_token` is the token.
    pub web_identity_token_file: Option<String>,
    /// The role, for example `qcs::cam::uin/100000000001:roleName/terraform`.
    pub role_arn: Option<String>,
    /// A JSON file whose member `role_arn` is the role.
    pub role_arn_file: Option<String>,
    /// Names the session in the audit log.
    pub session_name: Option<String>,
    /// How long the temporary keys live, in seconds, up to 43,200; 7,200 where absent.
    pub session_duration: Option<u64>,
}
