//! Getting and listing.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::ACCEPT;
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Value, json};

use super::Call;
use super::table::table;
use crate::kubernetes::answer::Answer;
use crate::kubernetes::errors::ApiError;
use crate::kubernetes::object::Object;
use crate::kubernetes::selectors::Selector;
use crate::kubernetes::store::Key;

/// The form in which a client wants objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Whole.
    Whole,
    /// Only their metadata.
    Metadata,
    /// As a table for people.
    Table,
}

/// How much of an object is shown, and under which version.
pub(super) struct View<'a> {
    /// The object.
    pub(super) object: &'a Object,
    /// The version to show, with the group.
    pub(super) api_version: &'a str,
    /// Whether kind and version are shown.
    pub(super) typed: bool,
    /// The form; a table is made elsewhere.
    pub(super) form: Form,
}

impl Serialize for View<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let (kind, api_version) = match self.form {
            Form::Metadata => ("PartialObjectMetadata", "meta.k8s.io/v1"),
            Form::Whole | Form::Table => (self.object.kind(), self.api_version),
        };
        if self.typed || self.form == Form::Metadata {
            map.serialize_entry("kind", kind)?;
            map.serialize_entry("apiVersion", api_version)?;
        }
        for (name, value) in self.object.fields() {
            let is_shown = self.form != Form::Metadata || name == "metadata";
            if is_shown && name != "kind" && name != "apiVersion" {
                map.serialize_entry(name, value)?;
            }
        }
        map.end()
    }
}

/// A list of objects.
struct ListView<'a> {
    call: &'a Call<'a>,
    form: Form,
    metadata: Value,
    items: &'a [Arc<Object>],
}

impl Serialize for ListView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let kind = self.call.kind();
        let api_version = kind.api_version(&self.call.path.version);
        let (list_kind, list_version) = match self.form {
            Form::Metadata => ("PartialObjectMetadataList".to_owned(), "meta.k8s.io/v1"),
            Form::Whole | Form::Table => (format!("{}List", kind.kind), api_version.as_str()),
        };
        let mut map = serializer.serialize_map(Some(4))?;
        map.serialize_entry("kind", &list_kind)?;
        map.serialize_entry("apiVersion", list_version)?;
        map.serialize_entry("metadata", &self.metadata)?;
        map.serialize_entry("items", &Items { list: self, api_version: &api_version })?;
        map.end()
    }
}

struct Items<'a> {
    list: &'a ListView<'a>,
    api_version: &'a str,
}

impl Serialize for Items<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let typed = self.list.call.kind().types_list_items();
        let mut sequence = serializer.serialize_seq(Some(self.list.items.len()))?;
        for object in self.list.items {
            sequence.serialize_element(&View { object, api_version: self.api_version, typed, form: self.list.form })?;
        }
        sequence.end()
    }
}

/// Why a text is no revision.
pub(super) fn unreadable_revision(text: &str) -> String {
    format!("resourceVersion: Invalid value: {text:?}: strconv.ParseUint: parsing {text:?}: invalid syntax")
}

/// Where a list that was cut goes on.
#[derive(Serialize, Deserialize)]
struct Continue {
    revision: u64,
    namespace: String,
    name: String,
}

impl Continue {
    fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default())
    }

    fn decode(token: &str) -> Option<Self> {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token).ok()?).ok()
    }
}

impl Call<'_> {
    /// The form that the client asks for.
    pub(super) fn form(&self) -> Form {
        let accept = self.header(ACCEPT).split(',').next().unwrap_or_default();
        match accept {
            _ if accept.contains("as=PartialObjectMetadata") => Form::Metadata,
            _ if accept.contains("as=Table") => Form::Table,
            _ => Form::Whole,
        }
    }

    /// The selector that the client asks with; a watch of one object is a selection by its name.
    pub(super) fn selector(&self, name: Option<&str>) -> Result<Selector, ApiError> {
        let fields = self.parameters.text("fieldSelector");
        let by_name = name.map(|name| format!("metadata.name={name}"));
        let fields = by_name.as_deref().unwrap_or(fields);
        Selector::parse(self.kind(), self.parameters.text("labelSelector"), fields)
    }

    /// The namespace that a list or watch is limited to.
    pub(super) fn scope(&self) -> Option<&str> {
        self.path.namespace.as_deref().filter(|_| self.kind().namespaced)
    }

    pub(super) fn get(&self, name: &str) -> Result<Answer, ApiError> {
        let object = self.find(name)?;
        Ok(self.answer_with(http::StatusCode::OK, &object))
    }

    /// An answer with one object, in the form that the client asked for.
    pub(super) fn answer_with(&self, code: http::StatusCode, object: &Arc<Object>) -> Answer {
        let form = self.form();
        if form == Form::Table {
            let metadata = json!({"resourceVersion": object.resource_version()});
            return Answer::json(code, &table(self, &metadata, std::slice::from_ref(object)));
        }
        let api_version = self.kind().api_version(&self.path.version);
        Answer::json(code, &View { object, api_version: &api_version, typed: true, form })
    }

    pub(super) fn list(&self) -> Result<Answer, ApiError> {
        let selector = self.selector(None)?;
        self.check_revision()?;
        let (mut objects, revision) = self.served.store.list(&self.resource(), self.scope());
        objects.retain(|object| selector.matches(object));
        let (page, metadata) = self.page(objects, revision, selector.is_everything())?;
        match self.form() {
            Form::Table => Ok(Answer::ok(&table(self, &metadata, &page))),
            form => Ok(Answer::ok(&ListView { call: self, form, metadata, items: &page })),
        }
    }

    /// A list of what a verb acted on.
    pub(super) fn list_of(&self, objects: &[Arc<Object>]) -> Answer {
        let metadata = json!({"resourceVersion": self.served.store.revision().to_string()});
        Answer::ok(&ListView { call: self, form: Form::Whole, metadata, items: objects })
    }

    /// A list at a revision that has not been yet cannot be answered.
    fn check_revision(&self) -> Result<(), ApiError> {
        let asked = self.parameters.text("resourceVersion");
        let now = self.served.store.revision();
        match asked.parse::<u64>() {
            _ if asked.is_empty() => Ok(()),
            Ok(revision) if revision <= now => Ok(()),
            Ok(revision) => Err(ApiError::too_large(revision, now)),
            Err(_) => Err(ApiError::bad_request(format!("invalid resource version: {}", unreadable_revision(asked)))),
        }
    }

    /// The part of a list that was asked for, and the list's metadata. What changed since the first part shows.
    fn page(
        &self,
        mut objects: Vec<Arc<Object>>,
        revision: u64,
        is_everything: bool,
    ) -> Result<(Vec<Arc<Object>>, Value), ApiError> {
        let mut revision = revision;
        let token = self.parameters.text("continue");
        if !token.is_empty() {
            let from = Continue::decode(token);
            let from =
                from.ok_or_else(|| ApiError::bad_request("invalid continue token: continue key is not valid"))?;
            let start = Key::new(&from.namespace, &from.name);
            objects.retain(|object| Key::of(object) > start);
            revision = from.revision;
        }
        let limit = self.parameters.number("limit").filter(|limit| *limit > 0).unwrap_or(u64::MAX);
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let rest = objects.len().saturating_sub(limit);
        objects.truncate(limit);
        let mut metadata = json!({"resourceVersion": revision.to_string()});
        if let Some(last) = objects.last().filter(|_| rest > 0) {
            let next = Continue { revision, namespace: last.namespace().to_owned(), name: last.name().to_owned() };
            metadata["continue"] = next.encode().into();
            if is_everything {
                metadata["remainingItemCount"] = rest.into();
            }
        }
        Ok((objects, metadata))
    }
}
