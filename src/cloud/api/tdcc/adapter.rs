//! Where the undocumented actions really are.

use std::collections::BTreeMap;

const SERVICE: &str = "tdcc";

/// Where the actions of TDCC really are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adapter {
    /// The service's name, in the host and in the signature.
    pub service: String,
    /// The API version.
    pub version: String,
    /// The address of the service, where it is not that of the other services' rule.
    pub endpoint: Option<String>,
    /// The cloud's name for each action that is not called as it is here.
    pub actions: BTreeMap<String, String>,
}

impl Default for Adapter {
    /// The names of these actions, at the version of the action that once was public.
    fn default() -> Self {
        let (service, version) = (SERVICE.to_owned(), "2018-05-25".to_owned());
        Self { service, version, endpoint: None, actions: BTreeMap::new() }
    }
}

/// Under which names an action is sent.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Target<'a> {
    pub(crate) service: &'a str,
    pub(crate) version: &'a str,
    pub(crate) action: &'a str,
    pub(crate) endpoint: Option<&'a str>,
}

impl Adapter {
    /// The names for an action: this adapter's for those of TDCC, unchanged for all others.
    pub(crate) fn target<'a>(&'a self, service: &'a str, version: &'a str, action: &'a str) -> Target<'a> {
        if service != SERVICE {
            return Target { service, version, action, endpoint: None };
        }
        let action = self.actions.get(action).map_or(action, String::as_str);
        Target { service: &self.service, version: &self.version, action, endpoint: self.endpoint.as_deref() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_adapter_renames_the_actions_of_this_service_and_of_no_other() {
        let actions = BTreeMap::from([("CreateHubCluster".to_owned(), "CreateHub".to_owned())]);
        let endpoint = Some("https://hub.example.com".to_owned());
        let adapter = Adapter { service: "tke".into(), version: "2022-05-01".into(), endpoint, actions };
        let target = adapter.target("tdcc", "2018-05-25", "CreateHubCluster");
        assert_eq!((target.service, target.version, target.action), ("tke", "2022-05-01", "CreateHub"));
        assert_eq!(target.endpoint, Some("https://hub.example.com"));
        let target = adapter.target("vpc", "2017-03-12", "CreateHubCluster");
        assert_eq!((target.service, target.action, target.endpoint), ("vpc", "CreateHubCluster", None));
    }

    #[test]
    fn the_default_adapter_changes_nothing() {
        let adapter = Adapter::default();
        let target = adapter.target("tdcc", "2018-05-25", "RegisterClusters");
        let (service, version, action) = ("tdcc", "2018-05-25", "RegisterClusters");
        assert_eq!(target, Target { service, version, action, endpoint: None });
    }
}
