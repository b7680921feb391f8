//! Who may do what: role-based access control (Kubernetes documentation, "Using RBAC Authorization").
//!
//! Not modelled: the check that nobody grants more than they have, and the aggregation of cluster roles.

use serde_json::Value;

use super::errors::ApiError;
use super::identity::{Identity, MASTERS};
use super::object::Object;
use super::path::{ResourcePath, Target};
use super::server::Server;
use super::store::{Key, Resource};

const GROUP: &str = "rbac.authorization.k8s.io";

impl Server {
    /// Checks that a user may do what a request is for.
    ///
    /// # Errors
    /// 403 when no role allows it.
    pub(crate) fn authorize(&self, user: &Identity, verb: &str, target: &Target) -> Result<(), ApiError> {
        if self.is_allowed(user, verb, target) {
            return Ok(());
        }
        Err(match target {
            Target::Resource(path) => forbidden_resource(user, verb, path),
            Target::Other(path) => {
                ApiError::forbidden("", "", "", format!("forbidden: User {:?} cannot {verb} path {path:?}", user.user))
            }
        })
    }

    /// Whether a role of the cluster, or of the namespace, allows it.
    pub(crate) fn is_allowed(&self, user: &Identity, verb: &str, target: &Target) -> bool {
        user.is_in(MASTERS)
            || self.allows("clusterrolebindings", None, user, verb, target)
            || namespace_of(target).is_some_and(|it| self.allows("rolebindings", Some(it), user, verb, target))
    }

    fn allows(&self, bindings: &str, namespace: Option<&str>, user: &Identity, verb: &str, target: &Target) -> bool {
        let (bindings, _) = self.store.list(&Resource::new(GROUP, bindings), namespace);
        let concerned =
            bindings.iter().filter(|binding| binding.list("/subjects").iter().any(|it| is_subject(user, it)));
        let roles = concerned.filter_map(|binding| self.role(binding));
        roles.into_iter().any(|role| role.list("/rules").iter().any(|rule| rule_allows(rule, verb, target)))
    }

    fn role(&self, binding: &Object) -> Option<std::sync::Arc<Object>> {
        let name = binding.text("/roleRef/name");
        match binding.text("/roleRef/kind") {
            "Role" => self.store.get(&Resource::new(GROUP, "roles"), &Key::new(binding.namespace(), name)),
            _ => self.store.get(&Resource::new(GROUP, "clusterroles"), &Key::new("", name)),
        }
    }
}

fn namespace_of(target: &Target) -> Option<&str> {
    match target {
        Target::Resource(path) => path.namespace.as_deref(),
        Target::Other(_) => None,
    }
}

fn is_subject(user: &Identity, subject: &Value) -> bool {
    let name = subject["name"].as_str().unwrap_or_default();
    match subject["kind"].as_str() {
        Some("User") => user.user == name,
        Some("Group") => user.is_in(name),
        Some("ServiceAccount") => {
            let namespace = subject["namespace"].as_str().unwrap_or_default();
            user.user == Identity::service_account(namespace, name).user
        }
        _ => false,
    }
}

fn rule_allows(rule: &Value, verb: &str, target: &Target) -> bool {
    has(rule, "verbs", |it| it == "*" || it == verb)
        && match target {
            Target::Other(path) => has(rule, "nonResourceURLs", |url| match url.strip_suffix('*') {
                Some(prefix) => path.starts_with(prefix),
                None => path == url,
            }),
            Target::Resource(path) => allows_resource(rule, path),
        }
}

fn allows_resource(rule: &Value, path: &ResourcePath) -> bool {
    let subresource = path.subresource.as_deref();
    let full = subresource.map_or_else(|| path.plural.clone(), |subresource| format!("{}/{subresource}", path.plural));
    let any_parent = subresource.map(|subresource| format!("*/{subresource}"));
    let names = rule["resourceNames"].as_array().is_some_and(|names| !names.is_empty());
    has(rule, "apiGroups", |group| group == "*" || group == path.group)
        && has(rule, "resources", |it| it == "*" || it == full || Some(it) == any_parent.as_deref())
        && (!names || path.name.as_deref().is_some_and(|name| has(rule, "resourceNames", |it| it == name)))
}

fn has(rule: &Value, list: &str, test: impl Fn(&str) -> bool) -> bool {
    rule[list].as_array().into_iter().flatten().filter_map(Value::as_str).any(test)
}

fn forbidden_resource(user: &Identity, verb: &str, path: &ResourcePath) -> ApiError {
    let ResourcePath { group, plural, name, subresource, namespace, .. } = path;
    let qualified = if group.is_empty() { plural.clone() } else { format!("{plural}.{group}") };
    let subject = name.as_ref().map_or_else(|| qualified.clone(), |name| format!("{qualified} {name:?}"));
    let resource = subresource.as_ref().map_or_else(|| plural.clone(), |subresource| format!("{plural}/{subresource}"));
    let place = match namespace {
        Some(namespace) => format!("in the namespace {namespace:?}"),
        None => "at the cluster scope".to_owned(),
    };
    let message = format!(
        "{subject} is forbidden: User {:?} cannot {verb} resource {resource:?} in API group {group:?} {place}",
        user.user
    );
    ApiError::forbidden(group, plural, name.as_deref().unwrap_or_default(), message)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn allows(rule: &Value, verb: &str, path: &str) -> bool {
        rule_allows(rule, verb, &Target::parse(path))
    }

    #[test]
    fn a_rule_names_groups_resources_and_objects() {
        let rule = json!({"verbs": ["get"], "apiGroups": ["apps"], "resources": ["deployments", "deployments/scale"],
            "resourceNames": ["d"]});
        assert!(allows(&rule, "get", "/apis/apps/v1/namespaces/n/deployments/d"));
        assert!(allows(&rule, "get", "/apis/apps/v1/namespaces/n/deployments/d/scale"));
        assert!(!allows(&rule, "get", "/apis/apps/v1/namespaces/n/deployments/d/status"));
        assert!(!allows(&rule, "get", "/apis/apps/v1/namespaces/n/deployments/e"));
        assert!(!allows(&rule, "list", "/apis/apps/v1/namespaces/n/deployments"));
        assert!(!allows(&rule, "get", "/api/v1/namespaces/n/deployments/d"));
    }

    #[test]
    fn paths_are_allowed_by_prefix() {
        let rule = json!({"verbs": ["get"], "nonResourceURLs": ["/version", "/api/*"]});
        assert!(allows(&rule, "get", "/version") && allows(&rule, "get", "/api/v1"));
        assert!(!allows(&rule, "get", "/apis") && !allows(&rule, "post", "/version"));
    }

    #[test]
    fn a_refusal_says_who_cannot_do_what_where() {
        let Target::Resource(path) = Target::parse("/apis/apps/v1/namespaces/n/deployments/d/scale") else {
            panic!("a resource")
        };
        let error = forbidden_resource(&Identity::new("u", &[]), "update", &path);
        assert_eq!(
            error.to_string(),
            "deployments.apps \"d\" is forbidden: User \"u\" cannot update resource \"deployments/scale\" in API group \"apps\" \
             in the namespace \"n\""
        );
    }
}
