//! Accounts in a world file: who can sign, and what they may do.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ids;

/// A root account. Keys that the file leaves out are made at random at start.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// The root uin, a decimal number.
    pub uin: String,
    /// The application id.
    pub app_id: u64,
    /// The id of the root account's key.
    #[serde(default = "ids::secret_id")]
    pub secret_id: String,
    /// The root account's key.
    #[serde(default)]
    pub secret_key: Secret,
}

/// A sub-user, who may do what its policy allows and nothing else.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct User {
    /// The account it belongs to, by its name in this file.
    pub account: String,
    /// Its name.
    pub name: String,
    /// Its own uin.
    pub uin: String,
    /// The id of its key.
    #[serde(default = "ids::secret_id")]
    pub secret_id: String,
    /// Its key.
    #[serde(default)]
    pub secret_key: Secret,
    /// What it may do.
    pub policy: Policy,
}

/// A role, assumed for a while by somebody trusted.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// The account it belongs to, by its name in this file.
    pub account: String,
    /// Its name.
    pub name: String,
    /// Who may assume it: uins of root accounts or users, and names of identity providers.
    pub trusted: Vec<String>,
    /// What the assumer must give as `ExternalId`.
    pub external_id: Option<String>,
    /// What it may do.
    pub policy: Policy,
}

/// An access policy, as CAM's policy documents have it, without conditions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// The syntax version; CAM writes `2.0`. Nothing depends on it.
    #[serde(default, skip_serializing)]
    pub version: String,
    /// The rules; what none of them allows is denied, and a denial wins.
    pub statement: Vec<Statement>,
}

/// One rule of a policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// Allows or denies.
    pub effect: PolicyEffect,
    /// `service:Action`, with `*` for any text.
    pub action: Vec<String>,
    /// Six-segment resource names, with `*` for any text.
    pub resource: Vec<String>,
}

/// What a statement does to what it matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PolicyEffect {
    /// Permits it.
    Allow,
    /// Forbids it, whatever else permits it.
    Deny,
}

/// A provider of identities and the tokens or SAML assertions it has issued.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdentityProvider {
    /// The account that knows it, by its name in this file.
    pub account: String,
    /// Its name: `ProviderId` in requests, and the last part of a `PrincipalArn`.
    pub name: String,
    /// The tokens that it stands for.
    pub tokens: Vec<Secret>,
}

/// A device that shows codes, each of which works once.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MfaDevice {
    /// The account whose callers it vouches for, by its name in this file.
    pub account: String,
    /// Its name, `SerialNumber` in requests.
    pub serial_number: String,
    /// The codes that it will show.
    pub codes: Vec<Secret>,
}

/// A text that is never printed.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// A secret of this text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl Default for Secret {
    /// A new random key.
    fn default() -> Self {
        Self(ids::secret_key())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("[secret]")
    }
}
