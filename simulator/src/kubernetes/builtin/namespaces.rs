//! Namespaces: they end in two steps, so that what is in them can go first.

use serde_json::json;

use crate::kubernetes::errors::ApiError;
use crate::kubernetes::kinds::{Behaviour, Surroundings};
use crate::kubernetes::object::Object;

/// The behaviour of namespaces.
#[derive(Debug)]
pub(super) struct Namespaces;

impl Behaviour for Namespaces {
    fn set_defaults(&self, namespace: &mut Object) {
        let name = namespace.name().to_owned();
        if !name.is_empty() {
            namespace.set("/metadata/labels/kubernetes.io~1metadata.name", name);
        }
    }

    fn prepare(&self, _: &Surroundings<'_>, namespace: &mut Object, old: Option<&Object>) -> Result<(), ApiError> {
        match old {
            None => {
                namespace.set("/spec/finalizers", json!(["kubernetes"]));
                namespace.set("/status/phase", "Active");
            }
            // The finalizers of the content change by the subresource `finalize` only.
            Some(old) => namespace.copy_field("spec", Some(old)),
        }
        Ok(())
    }

    fn goes_by_stages(&self) -> bool {
        true
    }

    fn undeletable(&self, namespace: &Object) -> Option<&'static str> {
        let is_needed = matches!(namespace.name(), "default" | "kube-system" | "kube-public");
        is_needed.then_some("this namespace may not be deleted")
    }

    fn begin_termination(&self, namespace: &mut Object) {
        namespace.set("/status/phase", "Terminating");
    }

    fn is_held(&self, namespace: &Object) -> bool {
        !namespace.list("/spec/finalizers").is_empty()
    }
}
