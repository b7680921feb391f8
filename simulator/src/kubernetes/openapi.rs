//! The published `OpenAPI` documents (version 3), as far as clients need them to know that the server checks fields itself:
//! the paths of the kinds with the parameters of their patches. The shapes of kinds are not published.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::answer::Answer;
use super::kinds::Kind;
use super::server::Server;

const PATCH_PARAMETERS: [&str; 5] = ["dryRun", "fieldManager", "fieldValidation", "force", "pretty"];

impl Server {
    /// Which documents there are.
    pub(crate) fn openapi_index(&self) -> Answer {
        let paths: Map<_, _> = self
            .registry
            .group_versions()
            .into_iter()
            .map(|served| {
                let path = match served.group.as_str() {
                    "" => format!("api/{}", served.version),
                    group => format!("apis/{group}/{}", served.version),
                };
                let url = format!("/openapi/v3/{path}");
                (path, json!({"serverRelativeURL": url}))
            })
            .collect();
        Answer::ok(&json!({"paths": paths}))
    }

    /// The document of a version of a group; none when it is not served.
    pub(crate) fn openapi_document(&self, group: &str, version: &str) -> Option<Answer> {
        let kinds = self.registry.kinds_in(group, version);
        let info = json!({"title": "Kubernetes", "version": format!("v{}", self.version)});
        let paths: Map<_, _> = kinds.iter().map(|kind| path(kind, version)).collect();
        (!paths.is_empty()).then(|| Answer::ok(&json!({"openapi": "3.0.0", "info": info, "paths": paths})))
    }
}

fn path(kind: &Arc<Kind>, version: &str) -> (String, Value) {
    let root =
        if kind.group.is_empty() { format!("/api/{version}") } else { format!("/apis/{}/{version}", kind.group) };
    let scope = if kind.namespaced { "/namespaces/{namespace}" } else { "" };
    let parameters = PATCH_PARAMETERS.map(|name| json!({"name": name, "in": "query", "schema": {"type": "string"}}));
    let named = json!({"group": kind.group, "version": version, "kind": kind.kind});
    let patch = json!({"parameters": parameters, "x-kubernetes-action": "patch", "responses": {},
        "x-kubernetes-group-version-kind": named});
    (format!("{root}{scope}/{}/{{name}}", kind.plural), json!({"patch": patch}))
}
