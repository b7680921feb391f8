//! Role bindings.

use serde_json::{Value, json};

use crate::kubernetes::errors::Cause;
use crate::kubernetes::kinds::Behaviour;
use crate::kubernetes::object::Object;

/// The behaviour of role bindings of the cluster and of namespaces.
#[derive(Debug)]
pub(super) struct Bindings;

impl Behaviour for Bindings {
    fn set_defaults(&self, binding: &mut Object) {
        let Some(subjects) = binding.as_value_mut()["subjects"].as_array_mut() else {
            binding.take("/subjects");
            return;
        };
        for subject in subjects.iter_mut().filter(|subject| subject["apiGroup"].is_null()) {
            let is_account = subject["kind"] == "ServiceAccount";
            if !is_account {
                subject["apiGroup"] = "rbac.authorization.k8s.io".into();
            }
        }
    }

    fn validate(&self, binding: &Object, old: Option<&Object>) -> Vec<Cause> {
        let mut causes = Vec::new();
        if old.is_some_and(|old| old.at("/roleRef") != binding.at("/roleRef")) {
            let role = binding.at("/roleRef").cloned().unwrap_or(Value::Null);
            let role = json!({"APIGroup": role["apiGroup"], "Kind": role["kind"], "Name": role["name"]});
            causes.push(Cause::invalid("roleRef", &role, "cannot change roleRef"));
        }
        let roles = ["Role", "ClusterRole"];
        let roles = if binding.kind() == "RoleBinding" { &roles[..] } else { &roles[1..] };
        let role = binding.text("/roleRef/kind");
        if !roles.contains(&role) {
            causes.push(Cause::unsupported("roleRef.kind", &role.into(), roles));
        }
        let kinds = ["User", "Group", "ServiceAccount"];
        for (index, subject) in binding.list("/subjects").iter().enumerate() {
            let field = |name: &str| format!("subjects[{index}].{name}");
            if !kinds.iter().any(|kind| subject["kind"] == *kind) {
                causes.push(Cause::unsupported(field("kind"), &subject["kind"], &kinds));
            }
            if subject["kind"] == "ServiceAccount" && subject["namespace"].as_str().unwrap_or_default().is_empty() {
                causes.push(Cause::required(field("namespace"), ""));
            }
        }
        causes
    }
}
