//! The environment variables that are looked at, by the stock `tencentcloud` provider's names.

use std::collections::BTreeMap;

/// `secret_id`.
pub const SECRET_ID: &str = "TENCENTCLOUD_SECRET_ID";
/// `secret_key`.
pub const SECRET_KEY: &str = "TENCENTCLOUD_SECRET_KEY";
/// `security_token`.
pub const SECURITY_TOKEN: &str = "TENCENTCLOUD_SECURITY_TOKEN";
/// `region`.
pub const REGION: &str = "TENCENTCLOUD_REGION";
/// `protocol`.
pub const PROTOCOL: &str = "TENCENTCLOUD_PROTOCOL";
/// `domain`.
pub const DOMAIN: &str = "TENCENTCLOUD_DOMAIN";
/// `endpoint`: this provider's own.
pub const ENDPOINT: &str = "TCMESH_ENDPOINT";
/// `profile`.
pub const PROFILE: &str = "TENCENTCLOUD_PROFILE";
/// `shared_credentials_dir`.
pub const SHARED_CREDENTIALS_DIR: &str = "TENCENTCLOUD_SHARED_CREDENTIALS_DIR";
/// `cam_role_name`.
pub const CAM_ROLE_NAME: &str = "TENCENTCLOUD_CAM_ROLE_NAME";
/// `role_arn` of the `assume_role` blocks.
pub const ROLE_ARN: &str = "TENCENTCLOUD_ASSUME_ROLE_ARN";
/// `role_arn_file`; the stock provider spells the name with two N.
pub const ROLE_ARN_FILE: &str = "TENCENTCLOUD_ASSUME_ROLE_ARNN_FILE";
/// `session_name`.
pub const SESSION_NAME: &str = "TENCENTCLOUD_ASSUME_ROLE_SESSION_NAME";
/// `session_duration`, in seconds.
pub const SESSION_DURATION: &str = "TENCENTCLOUD_ASSUME_ROLE_SESSION_DURATION";
/// `external_id`.
pub const EXTERNAL_ID: &str = "TENCENTCLOUD_ASSUME_ROLE_EXTERNAL_ID";
/// `source_identity`.
pub const SOURCE_IDENTITY: &str = "TENCENTCLOUD_ASSUME_ROLE_SOURCE_IDENTITY";
/// `web_identity_token`.
pub const WEB_IDENTITY_TOKEN: &str = "TENCENTCLOUD_ASSUME_ROLE_WEB_IDENTITY_TOKEN";
/// `web_identity_token_file`.
pub const WEB_IDENTITY_TOKEN_FILE: &str = "TENCENTCLOUD_ASSUME_ROLE_WEB_IDENTITY_TOKEN_FILE";
/// `provider_id`.
pub const PROVIDER_ID: &str = "TENCENTCLOUD_ASSUME_ROLE_PROVIDER_ID";
/// `saml_assertion`.
pub const SAML_ASSERTION: &str = "TENCENTCLOUD_ASSUME_ROLE_SAML_ASSERTION";
/// `principal_arn`.
pub const PRINCIPAL_ARN: &str = "TENCENTCLOUD_ASSUME_ROLE_PRINCIPAL_ARN";
/// `serial_number` of `assume_role`.
pub const SERIAL_NUMBER: &str = "TENCENTCLOUD_ASSUME_ROLE_SERIAL_NUMBER";
/// `token_code` of `assume_role`.
pub const TOKEN_CODE: &str = "TENCENTCLOUD_ASSUME_ROLE_TOKEN_CODE";
/// `serial_number` of `mfa_certification`.
pub const MFA_SERIAL_NUMBER: &str = "TENCENTCLOUD_MFA_CERTIFICATION_SERIAL_NUMBER";
/// `token_code` of `mfa_certification`.
pub const MFA_TOKEN_CODE: &str = "TENCENTCLOUD_MFA_CERTIFICATION_TOKEN_CODE";
/// `duration_seconds` of `mfa_certification`.
pub const MFA_DURATION_SECONDS: &str = "TENCENTCLOUD_MFA_CERTIFICATION_DURATION_SECONDS";
/// The region of a pod with an identity of its own (TKE's pod identity webhook).
pub const POD_REGION: &str = "TKE_REGION";
/// The identity provider of the pod's cluster.
pub const POD_PROVIDER_ID: &str = "TKE_PROVIDER_ID";
/// The file that holds the pod's token.
pub const POD_TOKEN_FILE: &str = "TKE_WEB_IDENTITY_TOKEN_FILE";
/// The role that the pod may take.
pub const POD_ROLE_ARN: &str = "TKE_ROLE_ARN";

/// The environment variables of a process, passed in so that nothing reads them behind the caller's back.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// The variables of this process; those that are not Unicode are left out.
    pub fn of_process() -> Self {
        let texts =
            std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        Self(texts.collect())
    }

    /// The value of a variable; an empty one counts as absent, as in the stock provider.
    pub fn get(&self, name: &str) -> Option<String> {
        self.0.get(name).filter(|value| !value.is_empty()).cloned()
    }

    /// An argument, or, where it is absent or empty, the variable that stands for it.
    pub fn or(&self, argument: Option<&String>, name: &str) -> Option<String> {
        argument.filter(|value| !value.is_empty()).cloned().or_else(|| self.get(name))
    }
}

impl<const N: usize> From<[(&str, &str); N]> for Environment {
    fn from(variables: [(&str, &str); N]) -> Self {
        Self(variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_argument_wins_and_an_empty_text_counts_as_absent() {
        let environment = Environment::from([(REGION, "ap-shanghai"), (DOMAIN, "")]);
        assert_eq!(environment.or(Some(&"ap-guangzhou".into()), REGION).as_deref(), Some("ap-guangzhou"));
        assert_eq!(environment.or(Some(&String::new()), REGION).as_deref(), Some("ap-shanghai"));
        assert_eq!(environment.or(None, DOMAIN), None);
    }
}
