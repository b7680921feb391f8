//! Creating and updating: what every write of an object goes through.

use std::sync::Arc;

use http::StatusCode;
use serde_json::Value;

use super::Call;
use super::decode::cause;
use super::owners;
use crate::kubernetes::answer::Answer;
use crate::kubernetes::apply::managers::Operation;
use crate::kubernetes::apply::record_update;
use crate::kubernetes::builtin::blank;
use crate::kubernetes::errors::{ApiError, Cause};
use crate::kubernetes::hooks::Review;
use crate::kubernetes::ids;
use crate::kubernetes::names::{annotation_faults, finalizer_faults, label_faults};
use crate::kubernetes::object::Object;
use crate::kubernetes::schema::check::shortcomings;
use crate::kubernetes::store::{Key, Refused, Resource};

/// How often a write without a resource version is tried again when the object changes under it.
const TRIES: usize = 16;
/// What the server sets and a write cannot change.
const KEPT_METADATA: [&str; 6] = [
    "/metadata/uid",
    "/metadata/creationTimestamp",
    "/metadata/deletionTimestamp",
    "/metadata/deletionGracePeriodSeconds",
    "/metadata/generation",
    "/metadata/resourceVersion",
];

/// What a new object cannot say of itself.
const UNSAID: [&str; 3] = ["/metadata/deletionTimestamp", "/metadata/deletionGracePeriodSeconds", "/metadata/selfLink"];

impl Call<'_> {
    pub(super) fn create(&self) -> Result<Answer, ApiError> {
        let mut object = self.decode()?;
        if !object.resource_version().is_empty() {
            return Err(ApiError::unclassified("resourceVersion should not be set on objects to be created"));
        }
        object.take("/metadata/managedFields");
        for field in UNSAID {
            object.take(field);
        }
        if self.kind().has_status {
            object.take("/status");
        }
        self.place(&mut object)?;
        self.set_defaults(&mut object);
        let blank = blank::of(self.kind());
        record_update(self.schema(), &blank, &mut object, &self.manager(Operation::Update), &self.now());
        let object = self.conclude_create(object)?;
        Ok(self.answer_with(StatusCode::CREATED, &object))
    }

    pub(super) fn update(&self, name: &str) -> Result<Answer, ApiError> {
        let new = self.decode()?;
        self.check_name(&new, name)?;
        let object = self.change(name, |old| self.updated(old, new.clone()))?;
        Ok(self.answer_with(StatusCode::OK, &object))
    }

    /// The object that an update of `old` to `new` makes, before the server has its say.
    pub(super) fn updated(&self, old: &Object, mut new: Object) -> Result<Object, ApiError> {
        self.check_preconditions(old, &new)?;
        if self.kind().has_status {
            new.copy_field("status", Some(old));
        }
        self.set_defaults(&mut new);
        if let Some(namespace) = old.at("/metadata/namespace") {
            new.set_if_absent("/metadata/namespace", namespace.clone());
        }
        record_update(self.schema(), old, &mut new, &self.manager(Operation::Update), &self.now());
        Ok(new)
    }

    /// Checks that an object has the name and namespace of the path.
    pub(super) fn check_name(&self, object: &Object, name: &str) -> Result<(), ApiError> {
        if object.name().is_empty() {
            return Err(ApiError::bad_request(format!(
                "the name of the object ({name} based on URL) was undeterminable: name must be provided"
            )));
        }
        if object.name() != name {
            let given = object.name();
            return Err(ApiError::bad_request(format!(
                "the name of the object ({given}) does not match the name on the URL ({name})"
            )));
        }
        self.check_namespace(object)
    }

    fn check_namespace(&self, object: &Object) -> Result<(), ApiError> {
        let expected = self.scope().unwrap_or_default();
        if ["", expected].contains(&object.namespace()) {
            return Ok(());
        }
        let message = "the namespace of the provided object does not match the namespace sent on the request";
        Err(ApiError::bad_request(message))
    }

    /// Gives a new object its name and namespace.
    pub(super) fn place(&self, object: &mut Object) -> Result<(), ApiError> {
        self.check_namespace(object)?;
        match self.scope() {
            Some(namespace) => object.set("/metadata/namespace", namespace),
            None if self.kind().namespaced => {
                return Err(ApiError::bad_request("an empty namespace may not be set during creation"));
            }
            None => drop(object.take("/metadata/namespace")),
        }
        let prefix = object.text("/metadata/generateName").to_owned();
        if object.name().is_empty() && !prefix.is_empty() {
            object.set("/metadata/name", format!("{prefix}{}", ids::suffix()));
        }
        Ok(())
    }

    /// Takes a new object from its manager's fields to the store.
    pub(super) fn conclude_create(&self, mut object: Object) -> Result<Arc<Object>, ApiError> {
        self.check_room(&object)?;
        let generation = object.take("/metadata/generation").filter(|_| !self.kind().has_generation);
        for field in KEPT_METADATA {
            object.take(field);
        }
        if let Some(generation) = generation {
            object.set("/metadata/generation", generation);
        }
        object.set("/metadata/uid", ids::uid());
        object.set("/metadata/creationTimestamp", self.now());
        if self.kind().has_generation {
            object.set("/metadata/generation", 1);
        }
        self.settle(&mut object, None)?;
        if self.is_dry_run() {
            return self.pretend_create(object);
        }
        let name = object.name().to_owned();
        let created = self.served.store.create(&self.resource(), object);
        let created = created.map_err(|_| self.name_taken(&name))?;
        self.server.after_commit(self.kind());
        Ok(created)
    }

    fn name_taken(&self, name: &str) -> ApiError {
        match self.find(name) {
            Ok(there) if there.is_terminating() => ApiError::still_there(self.kind(), name),
            _ => ApiError::already_exists(self.kind(), name),
        }
    }

    fn pretend_create(&self, object: Object) -> Result<Arc<Object>, ApiError> {
        match self.served.store.get(&self.resource(), &Key::of(&object)) {
            Some(_) => Err(self.name_taken(object.name())),
            None => Ok(Arc::new(object)),
        }
    }

    /// New objects need a namespace that is there and stays.
    fn check_room(&self, object: &Object) -> Result<(), ApiError> {
        if !self.kind().namespaced {
            return Ok(());
        }
        let name = object.namespace();
        let namespace = self
            .server
            .namespace(name)
            .ok_or_else(|| ApiError::not_found(&crate::kubernetes::builtin::kind("namespaces"), name))?;
        if namespace.is_terminating() {
            return Err(ApiError::namespace_terminating(self.kind(), object.name(), name));
        }
        Ok(())
    }

    /// Changes an object as `make` says, again and again until nobody changed it meanwhile.
    ///
    /// # Errors
    /// 404, what `make` refuses, what the server refuses, and 409 when it changes too often.
    pub(super) fn change(
        &self,
        name: &str,
        make: impl Fn(&Object) -> Result<Object, ApiError>,
    ) -> Result<Arc<Object>, ApiError> {
        for _ in 0..TRIES {
            let old = self.find(name)?;
            if let Some(done) = self.try_change(&old, make(&old)?)? {
                return Ok(done);
            }
        }
        Err(ApiError::modified(self.kind(), name))
    }

    /// One try; none when the object changed meanwhile.
    pub(super) fn try_change(&self, old: &Arc<Object>, mut new: Object) -> Result<Option<Arc<Object>>, ApiError> {
        for field in KEPT_METADATA {
            match old.at(field) {
                Some(value) => new.set(field, value.clone()),
                None => drop(new.take(field)),
            }
        }
        self.settle(&mut new, Some(old))?;
        self.count_generation(&mut new, old);
        if new == **old {
            return Ok(Some(Arc::clone(old)));
        }
        if self.is_dry_run() {
            return Ok(Some(Arc::new(new)));
        }
        let is_done = new.is_terminating() && new.finalizers().next().is_none() && !self.kind().behaviour.is_held(&new);
        let may_go = is_done && new.integer("/metadata/deletionGracePeriodSeconds").unwrap_or(0) == 0;
        let written = match may_go {
            true => self.served.store.remove(&self.resource(), new, old.resource_version()),
            false => self.served.store.replace(&self.resource(), new, old.resource_version()),
        };
        match written {
            Ok(written) => {
                self.server.after_commit(self.kind());
                Ok(Some(written))
            }
            Err(Refused::Stale | Refused::Exists) => Ok(None),
        }
    }

    /// What the server does with an object before it is kept: admission, the kind's own decisions, checks.
    fn settle(&self, object: &mut Object, old: Option<&Object>) -> Result<(), ApiError> {
        object.set("/apiVersion", self.kind().api_version(&self.kind().storage_version));
        if self.path.subresource.is_none() {
            self.admit(object, old)?;
            self.kind().behaviour.prepare(&self.surroundings(), object, old)?;
        }
        let causes = self.faults(object, old);
        if !causes.is_empty() {
            return Err(ApiError::invalid(self.kind(), object.name(), &causes));
        }
        self.kind().behaviour.admit(object)
    }

    fn admit(&self, object: &mut Object, old: Option<&Object>) -> Result<(), ApiError> {
        let namespace = self.server.namespace(object.namespace());
        let mut review = Review {
            group: &self.kind().group,
            resource: &self.kind().plural,
            user: &self.user,
            namespace: namespace.as_deref(),
            old,
            object,
        };
        if self.server.hooks.admit(&mut review)? {
            self.set_defaults(object);
        }
        Ok(())
    }

    fn faults(&self, object: &Object, old: Option<&Object>) -> Vec<Cause> {
        let mut causes = metadata_faults(self.kind(), object, old);
        causes.extend(shortcomings(self.schema(), object.as_value()).iter().map(cause));
        // A kind's own checks take the required fields for granted, and are about the object, not about its status.
        let is_about_object = matches!(self.path.subresource.as_deref(), None | Some("scale"));
        if causes.is_empty() && is_about_object {
            causes = self.kind().behaviour.validate(object, old);
        }
        causes
    }

    /// The generation counts the changes of what is wanted, not of metadata or status; to deployments annotations are
    /// wanted too, unless they come with a status.
    fn count_generation(&self, new: &mut Object, old: &Object) {
        let ignored = |name: &str| !matches!(name, "metadata" | "status" | "apiVersion");
        let wanted = |object: &Object| {
            let mut object = object.clone();
            object.retain_fields(ignored);
            object
        };
        let counts_annotations = self.kind().plural == "deployments" && self.path.subresource.is_none();
        let annotated = counts_annotations && new.at("/metadata/annotations") != old.at("/metadata/annotations");
        if self.kind().has_generation && (annotated || wanted(new) != wanted(old)) {
            new.set("/metadata/generation", old.integer("/metadata/generation").unwrap_or(0) + 1);
        }
    }

    /// An update may say which object, and which state of it, it means.
    pub(super) fn check_preconditions(&self, old: &Object, new: &Object) -> Result<(), ApiError> {
        let (uid, revision) = (new.uid(), new.resource_version());
        if !uid.is_empty() && uid != old.uid() {
            let because = format!("Precondition failed: UID in precondition: {uid}, UID in object meta: {}", old.uid());
            return Err(ApiError::conflict(self.kind(), old.name(), &because));
        }
        if !revision.is_empty() && revision.parse::<u64>().is_err() {
            let because = format!("strconv.ParseUint: parsing {revision:?}: invalid syntax");
            return Err(ApiError::unclassified(because));
        }
        if !revision.is_empty() && revision != old.resource_version() {
            return Err(ApiError::modified(self.kind(), old.name()));
        }
        Ok(())
    }
}

impl crate::kubernetes::server::Server {
    /// A namespace of the server.
    pub(crate) fn namespace(&self, name: &str) -> Option<Arc<Object>> {
        self.store.get(&Resource::new("", "namespaces"), &Key::new("", name))
    }
}

fn metadata_faults(kind: &crate::kubernetes::kinds::Kind, object: &Object, old: Option<&Object>) -> Vec<Cause> {
    let mut causes = Vec::new();
    let prefix = object.text("/metadata/generateName");
    if let Some(fault) = kind.naming.prefix_fault(prefix) {
        causes.push(Cause::invalid("metadata.generateName", &prefix.into(), fault));
    }
    if object.name().is_empty() {
        causes.push(Cause::required("metadata.name", "name or generateName is required"));
    } else if let Some(fault) = kind.naming.fault(object.name()) {
        causes.push(Cause::invalid("metadata.name", &object.name().into(), fault));
    }
    if let Some(labels) = object.at("/metadata/labels").and_then(Value::as_object) {
        causes.extend(label_faults(labels, "metadata.labels"));
    }
    if let Some(annotations) = object.at("/metadata/annotations").and_then(Value::as_object) {
        causes.extend(annotation_faults(annotations, "metadata.annotations"));
    }
    causes.extend(finalizer_faults(object.finalizers(), "metadata.finalizers"));
    causes.extend(owners::faults(object.list("/metadata/ownerReferences")));
    causes.extend(old.and_then(|old| new_finalizers(object, old)));
    causes
}

fn quoted(names: &[&str]) -> String {
    names.iter().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ")
}

/// What goes away takes no new finalizers.
fn new_finalizers(object: &Object, old: &Object) -> Option<Cause> {
    let added: Vec<_> = object.finalizers().filter(|name| !old.finalizers().any(|before| before == *name)).collect();
    let is_late = old.is_terminating() && !added.is_empty();
    is_late.then(|| {
        let because = "no new finalizers can be added if the object is being deleted, found new finalizers";
        Cause::forbidden("metadata.finalizers", &format!("{because} []string{{{}}}", quoted(&added)))
    })
}
