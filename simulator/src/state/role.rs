//! Roles, and who may assume them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use super::identity::Uin;
use crate::ids;
use crate::world::{self, Policy};

/// A role that somebody trusted can assume.
#[derive(Clone, Debug, Serialize)]
pub struct Role {
    /// Its id, a decimal number.
    pub id: String,
    /// The account it belongs to.
    pub owner: Uin,
    /// Its name.
    pub name: String,
    /// What it is for, in words.
    pub description: String,
    /// Who may assume it.
    pub trust: Trust,
    /// The longest session in seconds.
    pub session_duration: u64,
    /// What it may do, by the name of the policy.
    pub policies: BTreeMap<String, Policy>,
    /// When it was made.
    pub created: Timestamp,
}

/// Who may assume a role.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Trust {
    /// Uins of root accounts and users.
    pub uins: Vec<String>,
    /// Names of identity providers of the role's account.
    pub providers: Vec<String>,
    /// Services of the cloud.
    pub services: Vec<String>,
    /// What the assumer must give as `ExternalId`.
    pub external_id: Option<String>,
}

impl Role {
    pub(super) fn from_world(role: &world::Role, owner: Uin, now: Timestamp) -> Self {
        let (uins, providers) =
            role.trusted.iter().cloned().partition(|it| it.bytes().all(|byte| byte.is_ascii_digit()));
        let trust = Trust { uins, providers, services: Vec::new(), external_id: role.external_id.clone() };
        let policies = BTreeMap::from([(role.name.clone(), role.policy.clone())]);
        Self { policies, ..Self::new(owner, &role.name, trust, now) }
    }

    /// A role without rights.
    pub fn new(owner: Uin, name: &str, trust: Trust, now: Timestamp) -> Self {
        Self {
            id: ids::role(),
            owner,
            name: name.to_owned(),
            description: String::new(),
            trust,
            session_duration: 43_200,
            policies: BTreeMap::new(),
            created: now,
        }
    }

    pub(super) fn is(&self, name_or_id: &str) -> bool {
        self.name == name_or_id || self.id == name_or_id
    }

    /// The role's name in policies and requests.
    pub fn arn(&self) -> String {
        format!("qcs::cam::uin/{}:roleName/{}", self.owner, self.name)
    }
}
