//! Security Token Service (`sts`): who the caller is, and temporary keys.

use serde::{Deserialize, Serialize};

use super::super::credentials::{Credential, Secret};
use crate::cloud::action::actions;

actions! { "sts", "2018-08-13";
    Read GetCallerIdentity -> CallerIdentity,
    Read AssumeRole -> TemporaryCredentials,
    Read AssumeRoleWithSAML -> TemporaryCredentials,
    Read AssumeRoleWithWebIdentity -> TemporaryCredentials,
    WriteOnce GetSessionToken -> TemporaryCredentials,
}

/// Asks who the caller is.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct GetCallerIdentity {}

/// Who the caller is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CallerIdentity {
    /// For example `qcs::cam:100000000001:uin/100000000002`.
    pub arn: String,
    /// The root uin of the caller's account.
    pub account_id: String,
    /// The caller's own uin, or `roleId:sessionName`.
    pub user_id: String,
    /// The uin of the user or the ID of the role.
    pub principal_id: String,
    /// `CAMUser` or `CAMRole`.
    pub r#type: String,
}

/// Takes a role.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct AssumeRole {
    /// The role, for example `qcs::cam::uin/100000000001:roleName/terraform`.
    pub role_arn: String,
    /// Names the session: 2 to 128 letters, digits and `+=,.@_-`.
    pub role_session_name: String,
    /// How long the keys live, in seconds, up to 43,200; 7,200 where absent.
    pub duration_seconds: Option<u64>,
    /// A percent-encoded policy that narrows what the role may do.
    pub policy: Option<String>,
    /// The ID that the role's owner agreed on with its user.
    pub external_id: Option<String>,
    /// Names who takes the role.
    pub source_identity: Option<String>,
    /// The MFA device of the caller, for example `qcs::cam:uin/100000000002::mfa/softToken`.
    pub serial_number: Option<String>,
    /// The code that the device shows.
    pub token_code: Option<Secret>,
}

/// Takes a role with the assertion of a SAML identity provider. It is not signed.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct AssumeRoleWithSAML {
    /// The assertion, in base64.
    #[serde(rename = "SAMLAssertion")]
    pub saml_assertion: Secret,
    /// The identity provider, for example `qcs::cam::uin/100000000001:saml-provider/corporate`.
    pub principal_arn: String,
    /// The role, for example `qcs::cam::uin/100000000001:roleName/terraform`.
    pub role_arn: String,
    /// Names the session: 2 to 128 letters, digits and `+=,.@_-`.
    pub role_session_name: String,
    /// How long the keys live, in seconds, up to 43,200; 7,200 where absent.
    pub duration_seconds: Option<u64>,
}

/// Takes temporary keys of the caller's own with a code of its MFA device. The code works once.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetSessionToken {
    /// The device, for example `qcs::cam:uin/100000000002::mfa/softToken`.
    pub serial_number: String,
    /// The code that the device shows.
    pub token_code: Secret,
    /// How long the keys live, in seconds, up to 7,200 for a root account and 129,600 for a sub-user; 1,800 where absent.
    pub duration_seconds: Option<u64>,
}

/// Takes a role with the token of an identity provider. It is not signed.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct AssumeRoleWithWebIdentity {
    /// The identity provider's name in CAM.
    pub provider_id: String,
    /// The identity provider's token.
    pub web_identity_token: Secret,
    /// The role, for example `qcs::cam::uin/100000000001:roleName/terraform`.
    pub role_arn: String,
    /// Names the session: 2 to 128 letters, digits and `+=,.@_-`.
    pub role_session_name: String,
    /// How long the keys live, in seconds, up to 43,200; 7,200 where absent.
    pub duration_seconds: Option<u64>,
}

/// Temporary keys.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct TemporaryCredentials {
    /// The keys.
    pub credentials: Credentials,
    /// When they expire, in seconds since the UNIX epoch.
    pub expired_time: u64,
}

/// The keys themselves.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Credentials {
    /// Is sent with every request.
    pub token: Secret,
    /// Names the key pair.
    pub tmp_secret_id: Secret,
    /// Signs.
    pub tmp_secret_key: Secret,
}

impl From<Credentials> for Credential {
    fn from(Credentials { token, tmp_secret_id, tmp_secret_key }: Credentials) -> Self {
        Self { secret_id: tmp_secret_id, secret_key: tmp_secret_key, token: Some(token) }
    }
}
