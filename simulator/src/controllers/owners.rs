//! Owner references.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, OwnerReference};
use kube::Resource;

/// The reference by which an object is controlled.
pub(crate) fn controller_of(metadata: &ObjectMeta) -> Option<&OwnerReference> {
    metadata.owner_references.iter().flatten().find(|owner| owner.controller == Some(true))
}

/// Whether an object is controlled by another.
pub(crate) fn is_controlled_by(object: &impl Resource, owner: &impl Resource) -> bool {
    controller_of(object.meta()).is_some_and(|reference| Some(&reference.uid) == owner.meta().uid.as_ref())
}

/// A reference by which an object controls another.
pub(crate) fn control_by<K: Resource<DynamicType = ()>>(owner: &K) -> OwnerReference {
    OwnerReference { block_owner_deletion: Some(true), ..owner.controller_owner_ref(&()).unwrap_or_default() }
}
