//! The blocks of the provider block that exchange the keys found so far for others.

use crate::cloud::credentials::{self, Secret};
use crate::framework::Model;

/// A role to take.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct AssumeRole {
    /// The role, for example `qcs::cam::uin/100000000001:roleName/terraform`. Environment: `TENCENTCLOUD_ASSUME_ROLE_ARN`.
    #[tf(optional)]
    pub role_arn: Option<String>,
    /// Names the session in the audit log, for example `terraform`. Environment: `TENCENTCLOUD_ASSUME_ROLE_SESSION_NAME`.
    #[tf(optional)]
    pub session_name: Option<String>,
    /// How long temporary keys live, in seconds, for example `7200`, which is also the default. They are renewed in time.
    /// Environment: `TENCENTCLOUD_ASSUME_ROLE_SESSION_DURATION`.
    #[tf(optional, range(1..=43200))]
    pub session_duration: Option<i64>,
    /// A policy, as JSON, that narrows what the role may do, for example `jsonencode({ version = "2.0", statement = [] })`.
    #[tf(optional)]
    pub policy: Option<String>,
    /// The ID that the role's owner agreed on with its user, for example `partner-42`. Environment:
    /// `TENCENTCLOUD_ASSUME_ROLE_EXTERNAL_ID`.
    #[tf(optional)]
    pub external_id: Option<String>,
    /// Names who takes the role, for the audit log, for example `ci`. Environment: `TENCENTCLOUD_ASSUME_ROLE_SOURCE_IDENTITY`.
    #[tf(optional)]
    pub source_identity: Option<String>,
    /// The MFA device, where the role asks for one, for example `qcs::cam:uin/100000000002::mfa/softToken`. Environment:
    /// `TENCENTCLOUD_ASSUME_ROLE_SERIAL_NUMBER`.
    #[tf(optional)]
    pub serial_number: Option<String>,
    /// The code that the device shows. It works once, so the keys are not renewed: let `session_duration` outlast the apply.
    /// Environment: `TENCENTCLOUD_ASSUME_ROLE_TOKEN_CODE`.
    #[tf(optional, sensitive)]
    pub token_code: Option<String>,
}

/// A role to take with an assertion.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct AssumeRoleWithSaml {
    /// The assertion, in base64. Keys can be renewed with it for as long as it is valid: let `session_duration` outlast the apply.
    /// Environment: `TENCENTCLOUD_ASSUME_ROLE_SAML_ASSERTION`.
    #[tf(optional, sensitive)]
    pub saml_assertion: Option<String>,
    /// The identity provider in CAM, for example `qcs::cam::uin/100000000001:saml-provider/corporate`. Environment:
    /// `TENCENTCLOUD_ASSUME_ROLE_PRINCIPAL_ARN`.
    #[tf(optional)]
    pub principal_arn: Option<String>,
    /// The role, for example `qcs::cam::uin/100000000001:roleName/terraform`. Environment: `TENCENTCLOUD_ASSUME_ROLE_ARN`.
    #[tf(optional)]
    pub role_arn: Option<String>,
    /// Names the session in the audit log, for example `terraform`. Environment: `TENCENTCLOUD_ASSUME_ROLE_SESSION_NAME`.
    #[tf(optional)]
    pub session_name: Option<String>,
    /// How long temporary keys live, in seconds, for example `7200`, which is also the default. Environment:
    /// `TENCENTCLOUD_ASSUME_ROLE_SESSION_DURATION`.
    #[tf(optional, range(1..=43200))]
    pub session_duration: Option<i64>,
}

/// A role to take with a token.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct AssumeRoleWithWebIdentity {
    /// The identity provider's name in CAM, for example `OIDC`, which is also the default. Environment:
    /// `TENCENTCLOUD_ASSUME_ROLE_PROVIDER_ID`.
    #[tf(optional)]
    pub provider_id: Option<String>,
    /// The token itself. Environment: `TENCENTCLOUD_ASSUME_ROLE_WEB_IDENTITY_TOKEN`.
    #[tf(optional, sensitive)]
    pub web_identity_token: Option<String>,
    /// A JSON file whose member `web_identity_token` is the token, for example `/run/token.json`. It is read again for every renewal.
    /// Environment: `TENCENTCLOUD_ASSUME_ROLE_WEB_IDENTITY_TOKEN_FILE`.
    #[tf(optional)]
    pub web_identity_token_file: Option<String>,
    /// The role, for example `qcs::cam::uin/100000000001:roleName/terraform`. Environment: `TENCENTCLOUD_ASSUME_ROLE_ARN`.
    #[tf(optional)]
    pub role_arn: Option<String>,
    /// A JSON file whose member `role_arn` is the role, for example `/run/role.json`. Environment:
    /// `TENCENTCLOUD_ASSUME_ROLE_ARNN_FILE`, with two N as in the stock provider.
    #[tf(optional)]
    pub role_arn_file: Option<String>,
    /// Names the session in the audit log, for example `terraform`. Environment: `TENCENTCLOUD_ASSUME_ROLE_SESSION_NAME`.
    #[tf(optional)]
    pub session_name: Option<String>,
    /// How long temporary keys live, in seconds, for example `7200`, which is also the default. Environment:
    /// `TENCENTCLOUD_ASSUME_ROLE_SESSION_DURATION`.
    #[tf(optional, range(1..=43200))]
    pub session_duration: Option<i64>,
}

/// A session with MFA.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct MfaCertification {
    /// The MFA device, for example `qcs::cam:uin/100000000002::mfa/softToken`. Environment:
    /// `TENCENTCLOUD_MFA_CERTIFICATION_SERIAL_NUMBER`.
    #[tf(optional)]
    pub serial_number: Option<String>,
    /// The code that the device shows. It works once, so the keys are not renewed: let `duration_seconds` outlast the apply.
    /// Environment: `TENCENTCLOUD_MFA_CERTIFICATION_TOKEN_CODE`.
    #[tf(optional, sensitive)]
    pub token_code: Option<String>,
    /// How long temporary keys live, in seconds, for example `1800`, which is also the default. Environment:
    /// `TENCENTCLOUD_MFA_CERTIFICATION_DURATION_SECONDS`.
    #[tf(optional, range(1..=129600))]
    pub duration_seconds: Option<i64>,
}

/// A number that the schema keeps above zero.
fn seconds(given: Option<i64>) -> Option<u64> {
    given.and_then(|seconds| u64::try_from(seconds).ok())
}

impl From<AssumeRole> for credentials::AssumeRole {
    fn from(block: AssumeRole) -> Self {
        let AssumeRole { role_arn, session_name, session_duration, policy, external_id, source_identity, .. } = block;
        let AssumeRole { serial_number, token_code, .. } = block;
        let (session_duration, token_code) = (seconds(session_duration), token_code.map(Secret::from));
        Self {
            role_arn,
            session_name,
            session_duration,
            policy,
            external_id,
            source_identity,
            serial_number,
            token_code,
        }
    }
}

impl From<AssumeRoleWithSaml> for credentials::AssumeRoleWithSaml {
    fn from(block: AssumeRoleWithSaml) -> Self {
        let AssumeRoleWithSaml { saml_assertion, principal_arn, role_arn, session_name, session_duration } = block;
        let (saml_assertion, session_duration) = (saml_assertion.map(Secret::from), seconds(session_duration));
        Self { saml_assertion, principal_arn, role_arn, session_name, session_duration }
    }
}

impl From<AssumeRoleWithWebIdentity> for credentials::AssumeRoleWithWebIdentity {
    fn from(block: AssumeRoleWithWebIdentity) -> Self {
        Self {
            provider_id: block.provider_id,
            web_identity_token: block.web_identity_token.map(Secret::from),
            web_identity_token_file: block.web_identity_token_file,
            role_arn: block.role_arn,
            role_arn_file: block.role_arn_file,
            session_name: block.session_name,
            session_duration: seconds(block.session_duration),
        }
    }
}

impl From<MfaCertification> for credentials::MfaCertification {
    fn from(MfaCertification { serial_number, token_code, duration_seconds }: MfaCertification) -> Self {
        let (token_code, duration_seconds) = (token_code.map(Secret::from), seconds(duration_seconds));
        Self { serial_number, token_code, duration_seconds }
    }
}
