//! What a server tells of itself: its version, its health, its groups and kinds.

use std::sync::Arc;

use serde_json::{Value, json};

use super::answer::Answer;
use super::kinds::Kind;
use super::registry::GroupVersion;
use super::server::Server;

const VERBS: [&str; 8] = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

impl Server {
    /// The answer to a path that names no resource; none when there is nothing there.
    pub(crate) fn discover(&self, path: &str) -> Option<Answer> {
        let segments: Vec<_> = path.split('/').filter(|segment| !segment.is_empty()).collect();
        match segments[..] {
            ["version"] => Some(Answer::ok(&self.version_info())),
            ["readyz" | "livez" | "healthz"] => Some(Answer::text("ok")),
            ["api"] => {
                Some(Answer::ok(&json!({"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []})))
            }
            ["apis"] => {
                let groups = self.groups();
                Some(Answer::ok(&json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups})))
            }
            ["apis", group] => {
                let mut found = self.groups().into_iter().find(|served| served["name"] == group)?;
                found["kind"] = "APIGroup".into();
                found["apiVersion"] = "v1".into();
                Some(Answer::ok(&found))
            }
            ["api", version] => self.resource_list("", version),
            ["apis", group, version] => self.resource_list(group, version),
            ["openapi", "v3"] => Some(self.openapi_index()),
            ["openapi", "v3", "api", version] => self.openapi_document("", version),
            ["openapi", "v3", "apis", group, version] => self.openapi_document(group, version),
            _ => None,
        }
    }

    fn version_info(&self) -> Value {
        let mut numbers = self.version.split('.');
        let mut number = || numbers.next().unwrap_or_default();
        json!({"major": number(), "minor": number(), "gitVersion": format!("v{}", self.version), "gitCommit": "",
            "gitTreeState": "clean", "buildDate": "1970-01-01T00:00:00Z", "goVersion": "", "compiler": "",
            "platform": "linux/amd64"})
    }

    /// The groups with their versions, the first of which is preferred.
    fn groups(&self) -> Vec<Value> {
        let versions = self.registry.group_versions();
        let groups = versions.chunk_by(|a, b| a.group == b.group).filter(|group| !group[0].group.is_empty());
        groups
            .map(|group| {
                let versions: Vec<_> = group.iter().map(shown_version).collect();
                json!({"name": group[0].group, "preferredVersion": versions[0], "versions": versions})
            })
            .collect()
    }

    fn resource_list(&self, group: &str, version: &str) -> Option<Answer> {
        let kinds = self.registry.kinds_in(group, version);
        if kinds.is_empty() {
            return None;
        }
        let group_version = kinds[0].api_version(version);
        let resources: Vec<_> = kinds.iter().flat_map(|kind| resources(kind, version)).collect();
        Some(Answer::ok(&json!({"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": group_version,
            "resources": resources})))
    }
}

fn shown_version(served: &GroupVersion) -> Value {
    json!({"groupVersion": format!("{}/{}", served.group, served.version), "version": served.version})
}

/// A kind's resource and its subresources.
fn resources(kind: &Arc<Kind>, version: &str) -> Vec<Value> {
    let mut shown = vec![resource(kind)];
    let mut add = |name: &str, object: &str, group: Option<(&str, &str)>, verbs: &[&str]| {
        let mut subresource = json!({"name": format!("{}/{name}", kind.plural), "singularName": "",
            "namespaced": kind.namespaced, "kind": object, "verbs": verbs});
        if let Some((group, version)) = group {
            subresource["group"] = group.into();
            subresource["version"] = version.into();
        }
        shown.push(subresource);
    };
    if kind.has_status {
        add("status", &kind.kind, None, &["get", "patch", "update"]);
    }
    if kind.scale.is_some() {
        add("scale", "Scale", Some(("autoscaling", "v1")), &["get", "patch", "update"]);
    }
    match (kind.plural.as_str(), version) {
        ("pods", "v1") => add("binding", "Binding", None, &["create"]),
        ("namespaces", "v1") => add("finalize", "Namespace", None, &["update"]),
        ("serviceaccounts", "v1") => {
            add("token", "TokenRequest", Some(("authentication.k8s.io", "v1")), &["create"]);
        }
        _ => {}
    }
    shown
}

fn resource(kind: &Kind) -> Value {
    let mut resource = json!({"name": kind.plural, "singularName": kind.singular, "namespaced": kind.namespaced,
        "kind": kind.kind, "verbs": VERBS});
    if !kind.short_names.is_empty() {
        resource["shortNames"] = kind.short_names.clone().into();
    }
    if !kind.categories.is_empty() {
        resource["categories"] = kind.categories.clone().into();
    }
    resource
}
