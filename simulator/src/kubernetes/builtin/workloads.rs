//! The kinds that make pods: deployments, replica sets, stateful sets, daemon sets and jobs.

use serde_json::{Map, Value, json};

use super::pod_spec;
use crate::kubernetes::errors::{ApiError, Cause};
use crate::kubernetes::kinds::{Behaviour, Surroundings};
use crate::kubernetes::object::Object;

const TEMPLATE: &str = "/spec/template/spec";

fn set_template_defaults(object: &mut Object) {
    if let Some(spec) = object.as_value_mut().pointer_mut(TEMPLATE) {
        pod_spec::set_defaults(spec);
    }
}

/// A status that the server starts with; later writes of the object itself leave it alone.
fn start_status(object: &mut Object, old: Option<&Object>, status: Value) {
    if old.is_none() {
        object.set("/status", status);
    }
}

fn immutable(object: &Object, old: Option<&Object>, pointer: &str) -> Option<Cause> {
    let value = object.at(pointer);
    let changed = old.is_some_and(|old| old.at(pointer) != value);
    let field = pointer.trim_start_matches('/').replace('/', ".");
    changed.then(|| Cause::invalid(field, value.unwrap_or(&Value::Null), "field is immutable"))
}

/// What is checked of every kind with a selector and a template.
fn template_faults(object: &Object, old: Option<&Object>, restart: &[&str]) -> Vec<Cause> {
    let template = object.at("/spec/template/spec").unwrap_or(&Value::Null);
    let mut causes = pod_spec::faults(template, "spec.template.spec");
    causes.extend(immutable(object, old, "/spec/selector"));
    causes.extend(selector_fault(object));
    let policy = &template["restartPolicy"];
    if !restart.iter().any(|allowed| policy == allowed) {
        causes.push(Cause::unsupported("spec.template.spec.restartPolicy", policy, restart));
    }
    for field in ["replicas", "parallelism", "completions", "backoffLimit"] {
        if let Some(number) = object.integer(&format!("/spec/{field}")).filter(|number| *number < 0) {
            let detail = "must be greater than or equal to 0";
            causes.push(Cause::invalid(format!("spec.{field}"), &number.into(), detail));
        }
    }
    causes
}

/// A selector must select something, and what is made from the template.
fn selector_fault(object: &Object) -> Option<Cause> {
    let selector = object.at("/spec/selector")?;
    let labels = object.at("/spec/template/metadata/labels").cloned().unwrap_or_else(|| json!({}));
    if selector.as_object().is_some_and(Map::is_empty) {
        return Some(Cause::invalid("spec.selector", selector, "empty selector is invalid for deployment"));
    }
    let matches = |(key, value): (&String, &Value)| labels.get(key) == Some(value);
    let wanted = selector["matchLabels"].as_object();
    let is_match =
        wanted.into_iter().flatten().all(matches) && expressions_match(&selector["matchExpressions"], &labels);
    let detail = "`selector` does not match template `labels`";
    (!is_match).then(|| Cause::invalid("spec.template.metadata.labels", &labels, detail))
}

fn expressions_match(expressions: &Value, labels: &Value) -> bool {
    expressions.as_array().into_iter().flatten().all(|expression| {
        let value = expression["key"].as_str().and_then(|key| labels.get(key));
        let is_listed =
            expression["values"].as_array().is_some_and(|values| value.is_some_and(|it| values.contains(it)));
        match expression["operator"].as_str() {
            Some("In") => is_listed,
            Some("NotIn") => !is_listed,
            Some("Exists") => value.is_some(),
            Some("DoesNotExist") => value.is_none(),
            _ => false,
        }
    })
}

/// The behaviour of deployments.
#[derive(Debug)]
pub(super) struct Deployments;

impl Behaviour for Deployments {
    fn set_defaults(&self, object: &mut Object) {
        set_template_defaults(object);
        if object.text("/spec/strategy/type") == "RollingUpdate" {
            object.set_if_absent("/spec/strategy/rollingUpdate/maxSurge", "25%");
            object.set_if_absent("/spec/strategy/rollingUpdate/maxUnavailable", "25%");
        }
    }

    fn prepare(&self, _: &Surroundings<'_>, object: &mut Object, old: Option<&Object>) -> Result<(), ApiError> {
        start_status(object, old, json!({}));
        Ok(())
    }

    fn validate(&self, object: &Object, old: Option<&Object>) -> Vec<Cause> {
        let mut causes = template_faults(object, old, &["Always"]);
        match object.text("/spec/strategy/type") {
            "RollingUpdate" => {}
            "Recreate" if object.at("/spec/strategy/rollingUpdate").is_none() => {}
            "Recreate" => causes.push(Cause::forbidden(
                "spec.strategy.rollingUpdate",
                "may not be specified when strategy `type` is 'Recreate'",
            )),
            other => {
                causes.push(Cause::unsupported("spec.strategy.type", &other.into(), &["Recreate", "RollingUpdate"]));
            }
        }
        causes
    }
}

/// The behaviour of replica sets.
#[derive(Debug)]
pub(super) struct ReplicaSets;

impl Behaviour for ReplicaSets {
    fn set_defaults(&self, object: &mut Object) {
        set_template_defaults(object);
    }

    fn prepare(&self, _: &Surroundings<'_>, object: &mut Object, old: Option<&Object>) -> Result<(), ApiError> {
        start_status(object, old, json!({"replicas": 0}));
        Ok(())
    }

    fn validate(&self, object: &Object, old: Option<&Object>) -> Vec<Cause> {
        template_faults(object, old, &["Always"])
    }
}

/// The behaviour of stateful sets.
#[derive(Debug)]
pub(super) struct StatefulSets;

const STATEFUL_IMMUTABLE: [&str; 4] =
    ["/spec/selector", "/spec/serviceName", "/spec/podManagementPolicy", "/spec/volumeClaimTemplates"];

impl Behaviour for StatefulSets {
    fn set_defaults(&self, object: &mut Object) {
        set_template_defaults(object);
        if object.text("/spec/updateStrategy/type") == "RollingUpdate" {
            object.set_if_absent("/spec/updateStrategy/rollingUpdate/partition", 0);
        }
    }

    fn prepare(&self, _: &Surroundings<'_>, object: &mut Object, old: Option<&Object>) -> Result<(), ApiError> {
        start_status(object, old, json!({"replicas": 0, "availableReplicas": 0}));
        Ok(())
    }

    fn validate(&self, object: &Object, old: Option<&Object>) -> Vec<Cause> {
        let mut causes = template_faults(object, None, &["Always"]);
        if old.is_some_and(|old| STATEFUL_IMMUTABLE.iter().any(|field| old.at(field) != object.at(field))) {
            let detail = "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', \
                'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are \
                forbidden";
            causes.push(Cause::forbidden("spec", detail));
        }
        causes
    }
}

/// The behaviour of daemon sets.
#[derive(Debug)]
pub(super) struct DaemonSets;

impl Behaviour for DaemonSets {
    fn set_defaults(&self, object: &mut Object) {
        set_template_defaults(object);
        if object.text("/spec/updateStrategy/type") == "RollingUpdate" {
            object.set_if_absent("/spec/updateStrategy/rollingUpdate/maxSurge", 0);
            object.set_if_absent("/spec/updateStrategy/rollingUpdate/maxUnavailable", 1);
        }
    }

    fn prepare(&self, _: &Surroundings<'_>, object: &mut Object, old: Option<&Object>) -> Result<(), ApiError> {
        let none = json!({"currentNumberScheduled": 0, "desiredNumberScheduled": 0, "numberMisscheduled": 0, "numberReady": 0});
        start_status(object, old, none);
        Ok(())
    }

    fn validate(&self, object: &Object, old: Option<&Object>) -> Vec<Cause> {
        template_faults(object, old, &["Always"])
    }
}

/// The behaviour of jobs.
#[derive(Debug)]
pub(super) struct Jobs;

impl Behaviour for Jobs {
    fn set_defaults(&self, object: &mut Object) {
        set_template_defaults(object);
        let is_work_queue = object.at("/spec/parallelism").is_some() && object.at("/spec/completions").is_none();
        if !is_work_queue {
            object.set_if_absent("/spec/completions", 1);
        }
        object.set_if_absent("/spec/parallelism", 1);
    }

    /// A job selects its pods by its own UID, unless it is told how.
    fn prepare(&self, _: &Surroundings<'_>, object: &mut Object, old: Option<&Object>) -> Result<(), ApiError> {
        start_status(object, old, json!({}));
        if old.is_some() || object.at("/spec/manualSelector") == Some(&Value::Bool(true)) {
            return Ok(());
        }
        let (uid, name) = (object.uid().to_owned(), object.name().to_owned());
        object.set("/spec/selector/matchLabels/batch.kubernetes.io~1controller-uid", uid.as_str());
        for prefix in ["", "batch.kubernetes.io~1"] {
            object.set(&format!("/spec/template/metadata/labels/{prefix}controller-uid"), uid.as_str());
            object.set(&format!("/spec/template/metadata/labels/{prefix}job-name"), name.as_str());
        }
        Ok(())
    }

    fn validate(&self, object: &Object, old: Option<&Object>) -> Vec<Cause> {
        let mut causes = template_faults(object, old, &["OnFailure", "Never"]);
        causes.extend(
            ["/spec/template", "/spec/completionMode"].iter().filter_map(|field| immutable(object, old, field)),
        );
        causes
    }

    fn orphans_by_default(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deployment(labels: &Value, selector: &Value) -> Object {
        let mut object = Object::new("apps/v1", "Deployment", "d");
        object.set("/spec", json!({"selector": selector, "strategy": {"type": "RollingUpdate"}, "template": {
            "metadata": {"labels": labels}, "spec": {"restartPolicy": "Always", "containers": [{"name": "c", "image": "i"}]}}}));
        object
    }

    #[test]
    fn a_selector_selects_its_template_and_stays() {
        let valid = deployment(&json!({"a": "b"}), &json!({"matchLabels": {"a": "b"}}));
        assert_eq!(Deployments.validate(&valid, None), []);
        let other = deployment(&json!({"a": "b"}), &json!({"matchLabels": {"a": "c"}}));
        assert_eq!(Deployments.validate(&other, None).len(), 1);
        let changed =
            deployment(&json!({"a": "b"}), &json!({"matchExpressions": [{"key": "a", "operator": "Exists"}]}));
        assert_eq!(Deployments.validate(&changed, Some(&valid)).len(), 1);
    }

    #[test]
    fn recreate_takes_no_limits() {
        let mut object = deployment(&json!({"a": "b"}), &json!({"matchLabels": {"a": "b"}}));
        object.set("/spec/strategy", json!({"type": "Recreate", "rollingUpdate": {"maxSurge": 1}}));
        assert_eq!(Deployments.validate(&object, None).len(), 1);
    }
}
