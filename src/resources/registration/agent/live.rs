//! What is there of the agent's objects, and what has become of them.

use std::collections::BTreeMap;

use serde_json::Value;

use super::documents::fingerprint;
use crate::framework::Private;
use crate::kubernetes::{self, Cluster, ObjectReference};
use crate::scope::Scope;

/// The objects of every manifest that is known (Clusternet, `deploy/agent`), in the order in which they are applied: an
/// imported agent is found by them.
const KNOWN: &[&str] = &[
    "v1/Namespace//clusternet-system",
    "v1/ServiceAccount/clusternet-system/clusternet-agent",
    "v1/ServiceAccount/clusternet-system/clusternet-app-deployer",
    "v1/Secret/clusternet-system/clusternet-agent-cluster-registration",
    "rbac.authorization.k8s.io/v1/ClusterRole//clusternet:app:deployer",
    "rbac.authorization.k8s.io/v1/ClusterRoleBinding//clusternet:app:deployer",
    "rbac.authorization.k8s.io/v1/Role/clusternet-system/clusternet:agent:admin",
    "rbac.authorization.k8s.io/v1/RoleBinding/clusternet-system/clusternet:agent:admin",
    "apps/v1/Deployment/clusternet-system/clusternet-agent",
];

/// The objects of an agent that was installed by others.
pub(super) fn known() -> Vec<ObjectReference> {
    KNOWN.iter().filter_map(|text| text.parse().ok()).collect()
}

/// The fingerprints of what was applied, by object, as private state has them.
#[derive(Debug, Default)]
pub(super) struct Fingerprints(BTreeMap<String, String>);

/// Their place in private state.
const KEY: &str = "fingerprints";

impl Fingerprints {
    /// What was noted of an agent.
    pub(super) fn of(private: &Private) -> Self {
        Self(private.get(KEY).unwrap_or_default())
    }

    /// Notes an object as it was right after it was applied.
    pub(super) fn note(&mut self, object: &ObjectReference, live: &Value, private: &mut Private) {
        self.0.extend(fingerprint(live).map(|found| (object.to_string(), found)));
        private.set(KEY, &self.0);
    }

    /// What has become of an object; nothing where it is as it was applied, or where that is not known.
    fn change(&self, object: &ObjectReference, live: Option<&Value>) -> Option<String> {
        let Some(live) = live else { return Some(format!("{} is gone", object.title())) };
        let noted = self.0.get(&object.to_string())?;
        (fingerprint(live).as_ref() != Some(noted)).then(|| format!("{} was changed by somebody else", object.title()))
    }
}

/// What is there of an agent's objects.
pub(super) struct Found {
    /// Those that exist.
    pub(super) objects: Vec<ObjectReference>,
    /// What has become of the others, and of those that were changed, one sentence each.
    pub(super) drift: Vec<String>,
}

/// Looks at each of the objects.
pub(super) async fn look(
    scope: &Scope,
    cluster: &Cluster,
    objects: Vec<ObjectReference>,
    fingerprints: &Fingerprints,
) -> Result<Found, kubernetes::Error> {
    let mut found = Found { objects: Vec::new(), drift: Vec::new() };
    for object in objects {
        let live = cluster.get(scope, &object).await?;
        found.drift.extend(fingerprints.change(&object, live.as_ref()));
        found.objects.extend(live.map(|_| object));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_known_objects_are_references() {
        assert_eq!(known().len(), KNOWN.len());
    }
}
