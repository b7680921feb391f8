//! Custom resource definitions, and the kinds that they define.

use serde_json::{Value, json};

use crate::kubernetes::errors::{ApiError, Cause};
use crate::kubernetes::kinds::{Behaviour, Kind, Plain, Scale, Surroundings, Version};
use crate::kubernetes::names::NameRule;
use crate::kubernetes::object::Object;
use crate::kubernetes::schema::openapi;

/// The finalizer that keeps a definition until its objects are gone.
pub(crate) const CLEANUP: &str = "customresourcecleanup.apiextensions.k8s.io";

/// The behaviour of definitions.
#[derive(Debug)]
pub(super) struct Definitions;

impl Behaviour for Definitions {
    fn set_defaults(&self, definition: &mut Object) {
        let kind = definition.text("/spec/names/kind").to_owned();
        definition.set_if_absent("/spec/names/singular", kind.to_lowercase());
        definition.set_if_absent("/spec/names/listKind", format!("{kind}List"));
    }

    fn prepare(
        &self,
        around: &Surroundings<'_>,
        definition: &mut Object,
        old: Option<&Object>,
    ) -> Result<(), ApiError> {
        if old.is_none() {
            definition.set("/metadata/finalizers", json!([CLEANUP]));
            let condition = |kind: &str, reason: &str, message: &str| json!({"type": kind, "status": "True", "reason": reason, "message": message, "lastTransitionTime": around.now});
            let accepted = condition("NamesAccepted", "NoConflicts", "no conflicts found");
            let established = condition("Established", "InitialNamesAccepted", "the initial names have been accepted");
            definition.set("/status/conditions", json!([accepted, established]));
            definition.set("/status/storedVersions", json!([storage_version(definition)]));
        }
        let names = definition.at("/spec/names").cloned().unwrap_or(Value::Null);
        definition.set("/status/acceptedNames", names);
        Ok(())
    }

    fn validate(&self, definition: &Object, old: Option<&Object>) -> Vec<Cause> {
        let mut causes = Vec::new();
        let expected = format!("{}.{}", definition.text("/spec/names/plural"), definition.text("/spec/group"));
        if definition.name() != expected {
            let detail = "must be spec.names.plural+\".\"+spec.group";
            causes.push(Cause::invalid("metadata.name", &definition.name().into(), detail));
        }
        let scope = definition.text("/spec/scope");
        if !["Cluster", "Namespaced"].contains(&scope) {
            causes.push(Cause::unsupported("spec.scope", &scope.into(), &["Cluster", "Namespaced"]));
        }
        let versions = definition.list("/spec/versions");
        if versions.iter().filter(|version| version["storage"] == true).count() != 1 {
            let detail = "must have exactly one version marked as storage version";
            causes.push(Cause::invalid("spec.versions", &definition.as_value()["spec"]["versions"], detail));
        }
        for (index, version) in versions.iter().enumerate() {
            if !version["schema"]["openAPIV3Schema"].is_object() {
                causes.push(Cause::required(
                    format!("spec.versions[{index}].schema.openAPIV3Schema"),
                    "schemas are required",
                ));
            }
        }
        for field in ["/spec/group", "/spec/scope", "/spec/names/plural", "/spec/names/kind"] {
            if let Some(value) = old.and_then(|old| old.at(field)).filter(|value| definition.at(field) != Some(value)) {
                let name = field.trim_start_matches('/').replace('/', ".");
                causes.push(Cause::invalid(name, value, "field is immutable"));
            }
        }
        causes
    }
}

fn storage_version(definition: &Object) -> &str {
    let versions = definition.list("/spec/versions").iter();
    let storage = versions.filter(|version| version["storage"] == true).find_map(|version| version["name"].as_str());
    storage.unwrap_or_default()
}

/// The kind that a definition defines.
pub(crate) fn defined_kind(definition: &Object) -> Kind {
    let names = |name: &str| definition.text(&format!("/spec/names/{name}")).to_owned();
    let texts = |list: &[Value]| list.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    let storage = definition.list("/spec/versions").iter().find(|version| version["storage"] == true);
    let subresources = storage.map_or(&Value::Null, |version| &version["subresources"]);
    let (kind, singular) = (names("kind"), names("singular"));
    Kind {
        group: definition.text("/spec/group").to_owned(),
        versions: served_versions(definition),
        storage_version: storage_version(definition).to_owned(),
        singular: if singular.is_empty() { kind.to_lowercase() } else { singular },
        kind,
        plural: names("plural"),
        short_names: texts(definition.list("/spec/names/shortNames")),
        categories: texts(definition.list("/spec/names/categories")),
        namespaced: definition.text("/spec/scope") == "Namespaced",
        selectable_fields: Vec::new(),
        has_status: subresources["status"].is_object(),
        scale: scale(&subresources["scale"]),
        has_generation: true,
        is_custom: true,
        naming: NameRule::Subdomain,
        behaviour: &Plain,
    }
}

/// The served versions in the order in which clients prefer them: stable ones first, newer ones first.
fn served_versions(definition: &Object) -> Vec<Version> {
    let served = definition.list("/spec/versions").iter().filter(|version| version["served"] == true);
    let mut versions: Vec<_> = served
        .map(|version| Version {
            name: version["name"].as_str().unwrap_or_default().to_owned(),
            schema: openapi::read_kind(&version["schema"]["openAPIV3Schema"], super::metadata()),
        })
        .collect();
    versions.sort_by_key(|version| std::cmp::Reverse(priority(&version.name)));
    versions
}

/// The order of versions (Kubernetes documentation, "Version priority"): `v2` over `v1` over `v1beta1` over `v1alpha1`.
pub(crate) fn priority(version: &str) -> (u8, u32, u32) {
    let digits = |text: &str| text.parse().unwrap_or(0);
    let Some(rest) = version.strip_prefix('v') else { return (0, 0, 0) };
    for (stage, rank) in [("beta", 2), ("alpha", 1)] {
        if let Some((major, minor)) = rest.split_once(stage) {
            return (rank, digits(major), digits(minor));
        }
    }
    (3, digits(rest), 0)
}

fn scale(source: &Value) -> Option<Scale> {
    let pointer = |name: &str| Some(source[name].as_str()?.replace('.', "/"));
    Some(Scale {
        replicas: pointer("specReplicasPath")?,
        status_replicas: pointer("statusReplicasPath")?,
        selector: pointer("labelSelectorPath"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn definition() -> Object {
        let mut definition = Object::new("apiextensions.k8s.io/v1", "CustomResourceDefinition", "widgets.example.com");
        let schema = json!({"openAPIV3Schema": {"type": "object", "properties": {"spec": {"type": "object"}}}});
        let version =
            |name: &str, storage: bool| json!({"name": name, "served": true, "storage": storage, "schema": schema});
        definition.set(
            "/spec",
            json!({"group": "example.com", "scope": "Namespaced", "names": {"plural": "widgets", "kind": "Widget"},
            "versions": [version("v1beta1", true), version("v1", false)]}),
        );
        definition
    }

    #[test]
    fn a_definition_makes_a_kind() {
        let kind = defined_kind(&definition());
        assert_eq!((kind.qualified().as_str(), kind.singular.as_str()), ("widgets.example.com", "widget"));
        assert_eq!(kind.storage_version, "v1beta1");
        let versions: Vec<_> = kind.versions.iter().map(|version| version.name.as_str()).collect();
        assert_eq!(versions, ["v1", "v1beta1"]);
    }

    #[test]
    fn a_definition_is_named_after_its_kind_and_stores_one_version() {
        assert_eq!(Definitions.validate(&definition(), None), []);
        let mut wrong = Object::new("apiextensions.k8s.io/v1", "CustomResourceDefinition", "x");
        wrong.copy_field("spec", Some(&definition()));
        wrong.set("/spec/versions", json!([]));
        assert_eq!(Definitions.validate(&wrong, None).len(), 2);
    }

    #[test]
    fn versions_are_preferred_as_documented() {
        let mut versions = ["v1alpha1", "v2", "v1", "v1beta2", "v1beta1"];
        versions.sort_by_key(|version| std::cmp::Reverse(priority(version)));
        assert_eq!(versions, ["v2", "v1", "v1beta2", "v1beta1", "v1alpha1"]);
    }
}
