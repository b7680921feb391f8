//! A client that does what Terraform does, and checks what Terraform would check.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use tcmesh::framework::schema::{Body, Kind, Nesting, Schema, Shape};
use tcmesh::framework::value::Value;
use tcmesh::framework::{Provider, Server, Type, msgpack};
use tcmesh::proto::tfplugin6::attribute_path::step::Selector;
use tcmesh::proto::tfplugin6::diagnostic::Severity;
use tcmesh::proto::tfplugin6::provider_client::ProviderClient;
use tcmesh::proto::tfplugin6::provider_server::ProviderServer;
use tcmesh::proto::tfplugin6::{
    AttributePath, ClientCapabilities, Diagnostic, DynamicValue, ResourceIdentityData, apply_resource_change,
    close_ephemeral_resource, configure_provider, import_resource_state, open_ephemeral_resource, plan_resource_change,
    read_data_source, read_resource, stop_provider, validate_ephemeral_resource_config, validate_resource_config,
};

pub(crate) type Client<P> = ProviderClient<ProviderServer<Server<P>>>;

/// The most that a request may hold, as the plugin serves it.
const MAX_REQUEST: usize = 256 << 20;

/// A Terraform with a provider.
pub(crate) struct Terraform<P: Provider> {
    pub(crate) client: Client<P>,
    schemas: Arc<Server<P>>,
    details: Arc<Mutex<String>>,
}

impl<P: Provider> Clone for Terraform<P> {
    fn clone(&self) -> Self {
        Self { client: self.client.clone(), schemas: Arc::clone(&self.schemas), details: Arc::clone(&self.details) }
    }
}

/// An object as Terraform keeps it in its state.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Stored {
    pub(crate) state: Value,
    pub(crate) private: Bytes,
    pub(crate) identity: Option<ResourceIdentityData>,
}

/// A plan as Terraform keeps it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Planned {
    pub(crate) state: Value,
    pub(crate) requires_replace: Vec<String>,
    pub(crate) private: Bytes,
    pub(crate) identity: Option<ResourceIdentityData>,
    pub(crate) diagnostics: Vec<String>,
}

impl Stored {
    pub(crate) fn nothing() -> Self {
        Self { state: Value::Null, private: Bytes::new(), identity: None }
    }
}

impl<P: Provider> Terraform<P> {
    /// A provider that is not configured, made by `server`.
    pub(crate) fn of(server: impl Fn() -> Server<P>) -> Self {
        let service = ProviderServer::new(server()).max_decoding_message_size(MAX_REQUEST);
        Self { client: ProviderClient::new(service), schemas: Arc::new(server()), details: Arc::default() }
    }

    /// A provider block with these attributes and nothing else.
    pub(crate) fn block<const N: usize>(&self, attributes: [(&'static str, Value); N]) -> Value {
        complete(&self.schemas.schema().body, attributes)
    }

    pub(crate) async fn configure(&self, config: &Value) -> Vec<String> {
        let request = configure_provider::Request { config: message(config), ..Default::default() };
        self.told(self.client.clone().configure_provider(request).await.unwrap().into_inner().diagnostics)
    }

    pub(crate) async fn stop(&self) {
        let answer = self.client.clone().stop_provider(stop_provider::Request {}).await.unwrap();
        assert_eq!(answer.into_inner().error, "");
    }

    pub(crate) fn schema(&self, type_name: &str) -> &Schema {
        let prefix = format!("{}_", P::NAME);
        let named = |(_, name, schema)| (Some(name) == type_name.strip_prefix(&prefix)).then_some(schema);
        self.schemas.registry().schemas().find_map(named).unwrap()
    }

    /// The schema of a type among those of its kind.
    pub(crate) fn schema_of(&self, kind: Kind, type_name: &str) -> &Schema {
        let prefix = format!("{}_", P::NAME);
        let named =
            |(of, name, schema)| (of == kind && Some(name) == type_name.strip_prefix(&prefix)).then_some(schema);
        self.schemas.registry().schemas().find_map(named).unwrap()
    }

    /// A configuration with these attributes and nothing else.
    pub(crate) fn object<const N: usize>(&self, type_name: &str, attributes: [(&'static str, Value); N]) -> Value {
        complete(&self.schema(type_name).body, attributes)
    }

    /// A provider block, written as JSON; what it leaves out is not set.
    #[allow(clippy::needless_pass_by_value, reason = "a configuration is made for one call")]
    pub(crate) fn provider(&self, attributes: serde_json::Value) -> Value {
        configured(&self.schemas.schema().body, &attributes)
    }

    /// A configuration, written as JSON; what it leaves out is not set.
    #[allow(clippy::needless_pass_by_value, reason = "a configuration is made for one call")]
    pub(crate) fn config(&self, type_name: &str, attributes: serde_json::Value) -> Value {
        configured(&self.schema(type_name).body, &attributes)
    }

    pub(crate) async fn validate(&self, type_name: &str, config: &Value, write_only_allowed: bool) -> Vec<String> {
        let client_capabilities =
            Some(ClientCapabilities { write_only_attributes_allowed: write_only_allowed, ..Default::default() });
        let type_name = type_name.to_owned();
        let request = validate_resource_config::Request { type_name, config: message(config), client_capabilities };
        self.told(self.client.clone().validate_resource_config(request).await.unwrap().into_inner().diagnostics)
    }

    pub(crate) async fn plan(&self, type_name: &str, config: &Value, prior: &Stored) -> Planned {
        let schema = self.schema(type_name);
        let request = plan_resource_change::Request {
            type_name: type_name.to_owned(),
            prior_state: message(&prior.state),
            proposed_new_state: message(&propose(&schema.body, config, &prior.state)),
            config: message(config),
            prior_private: prior.private.clone(),
            prior_identity: prior.identity.clone(),
            ..Default::default()
        };
        let answer = self.client.clone().plan_resource_change(request).await.unwrap().into_inner();
        let replaced: Vec<String> = answer.requires_replace.iter().map(path).collect();
        Planned {
            state: value(answer.planned_state.as_ref(), schema),
            requires_replace: replaced,
            private: answer.planned_private,
            identity: answer.planned_identity,
            diagnostics: self.told(answer.diagnostics),
        }
    }

    pub(crate) async fn apply_planned(
        &self,
        type_name: &str,
        config: &Value,
        prior: &Stored,
        planned: &Planned,
    ) -> (Stored, Vec<String>) {
        let request = apply_resource_change::Request {
            type_name: type_name.to_owned(),
            prior_state: message(&prior.state),
            planned_state: message(&planned.state),
            config: message(config),
            planned_private: planned.private.clone(),
            planned_identity: planned.identity.clone(),
            provider_meta: None,
        };
        let answer = self.client.clone().apply_resource_change(request).await.unwrap().into_inner();
        let state = value(answer.new_state.as_ref(), self.schema(type_name));
        assert!(state.is_wholly_known(), "{state:?}");
        (Stored { state, private: answer.private, identity: answer.new_identity }, self.told(answer.diagnostics))
    }

    /// Plans and applies.
    pub(crate) async fn apply(&self, type_name: &str, config: &Value, prior: &Stored) -> (Stored, Vec<String>) {
        let planned = self.plan(type_name, config, prior).await;
        self.apply_planned(type_name, config, prior, &planned).await
    }

    pub(crate) async fn destroy(&self, type_name: &str, prior: &Stored) -> (Stored, Vec<String>) {
        self.apply(type_name, &Value::Null, prior).await
    }

    pub(crate) async fn read(&self, type_name: &str, prior: &Stored) -> (Stored, Vec<String>) {
        let request = read_resource::Request {
            type_name: type_name.to_owned(),
            current_state: message(&prior.state),
            private: prior.private.clone(),
            current_identity: prior.identity.clone(),
            ..Default::default()
        };
        let answer = self.client.clone().read_resource(request).await.unwrap().into_inner();
        assert_eq!(answer.deferred, None);
        let state = value(answer.new_state.as_ref(), self.schema(type_name));
        assert!(state.is_wholly_known(), "{state:?}");
        (Stored { state, private: answer.private, identity: answer.new_identity }, self.told(answer.diagnostics))
    }

    pub(crate) async fn import(&self, request: import_resource_state::Request) -> Result<Stored, Vec<String>> {
        let type_name = request.type_name.clone();
        let mut answer = self.client.clone().import_resource_state(request).await.unwrap().into_inner();
        let Some(imported) = answer.imported_resources.pop() else { return Err(self.told(answer.diagnostics)) };
        assert_eq!((&imported.type_name, answer.diagnostics), (&type_name, vec![]));
        let state = value(imported.state.as_ref(), self.schema(&type_name));
        Ok(Stored { state, private: imported.private, identity: imported.identity })
    }

    /// Reads a data source.
    pub(crate) async fn read_data(&self, type_name: &str, config: &Value) -> (Value, Vec<String>) {
        let type_name = type_name.to_owned();
        let schema = self.schema_of(Kind::DataSource, &type_name);
        let request = read_data_source::Request { type_name, config: message(config), ..Default::default() };
        let answer = self.client.clone().read_data_source(request).await.unwrap().into_inner();
        (value(answer.state.as_ref(), schema), self.told(answer.diagnostics))
    }

    /// Opens an ephemeral resource; answers its result, its notes, and what was told.
    pub(crate) async fn open(&self, type_name: &str, config: &Value) -> (Value, Option<Bytes>, Vec<String>) {
        let type_name = type_name.to_owned();
        let schema = self.schema_of(Kind::Ephemeral, &type_name);
        let request = open_ephemeral_resource::Request { type_name, config: message(config), ..Default::default() };
        let answer = self.client.clone().open_ephemeral_resource(request).await.unwrap().into_inner();
        (value(answer.result.as_ref(), schema), answer.private, self.told(answer.diagnostics))
    }

    /// Closes an ephemeral resource.
    pub(crate) async fn close(&self, type_name: &str, private: Option<Bytes>) -> Vec<String> {
        let request = close_ephemeral_resource::Request { type_name: type_name.to_owned(), private };
        self.told(self.client.clone().close_ephemeral_resource(request).await.unwrap().into_inner().diagnostics)
    }

    /// The configuration of an ephemeral resource, written as JSON; what it leaves out is not set.
    #[allow(clippy::needless_pass_by_value, reason = "a configuration is made for one call")]
    pub(crate) fn ephemeral(&self, type_name: &str, attributes: serde_json::Value) -> Value {
        configured(&self.schema_of(Kind::Ephemeral, type_name).body, &attributes)
    }

    pub(crate) async fn validate_ephemeral(&self, type_name: &str, config: &Value) -> Vec<String> {
        let (type_name, config) = (type_name.to_owned(), message(config));
        let request = validate_ephemeral_resource_config::Request { type_name, config };
        self.told(
            self.client.clone().validate_ephemeral_resource_config(request).await.unwrap().into_inner().diagnostics,
        )
    }

    /// The details of what the latest call told.
    pub(crate) fn details(&self) -> String {
        self.details.lock().unwrap().clone()
    }

    fn told(&self, diagnostics: Vec<Diagnostic>) -> Vec<String> {
        let details: Vec<_> = diagnostics.iter().map(|diagnostic| diagnostic.detail.clone()).collect();
        *self.details.lock().unwrap() = details.join("\n\n");
        told(diagnostics)
    }
}

/// An import by ID.
pub(crate) fn by_id(type_name: &str, id: &str) -> import_resource_state::Request {
    import_resource_state::Request { type_name: type_name.to_owned(), id: id.to_owned(), ..Default::default() }
}

/// An import by identity.
pub(crate) fn by_identity<const N: usize>(
    type_name: &str,
    parts: [(&str, Value); N],
) -> import_resource_state::Request {
    let identity = ResourceIdentityData { identity_data: message(&Value::object(parts)) };
    import_resource_state::Request { type_name: type_name.to_owned(), identity: Some(identity), ..Default::default() }
}

/// An object with exactly the attributes of a body.
pub(crate) fn complete<const N: usize>(body: &Body, attributes: [(&'static str, Value); N]) -> Value {
    let mut given = BTreeMap::from(attributes);
    let complete = Value::object(body.fields.iter().map(|field| {
        let value = given.remove(field.name).unwrap_or_else(|| field.shape.absent());
        (field.name, value)
    }));
    assert!(given.is_empty(), "there is no {:?}", given.keys());
    complete
}

/// An object with exactly the attributes of a body, from JSON.
pub(crate) fn configured(body: &Body, json: &serde_json::Value) -> Value {
    let known = |name: &String| body.field(name).is_some();
    let unknown: Vec<_> = json.as_object().unwrap().keys().filter(|name| !known(name)).collect();
    assert!(unknown.is_empty(), "there is no {unknown:?}");
    Value::object(body.fields.iter().map(|field| {
        let value = json.get(field.name).map_or_else(|| field.shape.absent(), |json| shaped(&field.shape, json));
        (field.name, value)
    }))
}

fn shaped(shape: &Shape, json: &serde_json::Value) -> Value {
    let Some((nesting, body)) = shape.nested() else { return typed(&shape.value_type(), json) };
    let items = || json.as_array().unwrap().iter().map(|item| configured(body, item));
    match nesting {
        _ if json.is_null() => shape.absent(),
        Nesting::Single => configured(body, json),
        Nesting::List => Value::List(items().collect()),
        Nesting::Set => Value::set(items()),
        Nesting::Map => {
            Value::object(json.as_object().unwrap().iter().map(|(key, item)| (key.clone(), configured(body, item))))
        }
    }
}

fn typed(of: &Type, json: &serde_json::Value) -> Value {
    use serde_json::Value as Json;
    match (of, json) {
        (_, Json::Null) => Value::Null,
        (_, Json::Bool(truth)) => (*truth).into(),
        (_, Json::Number(number)) => number.as_i64().map_or_else(|| number.as_f64().unwrap().into(), Into::into),
        (_, Json::String(text)) => text.as_str().into(),
        (Type::Set(of), Json::Array(items)) => Value::set(items.iter().map(|item| typed(of, item))),
        (Type::List(of), Json::Array(items)) => Value::List(items.iter().map(|item| typed(of, item)).collect()),
        (Type::Map(of), Json::Object(entries)) => {
            Value::object(entries.iter().map(|(key, item)| (key.clone(), typed(of, item))))
        }
        (of, json) => panic!("{json} is no {of:?}"),
    }
}

/// A `timeouts` block with these durations.
pub(crate) fn timeouts<const N: usize>(durations: [(&str, &str); N]) -> Value {
    let duration =
        |name| durations.iter().find(|(given, _)| *given == name).map(|(_, duration)| Value::from(*duration));
    Value::object(["create", "read", "update", "delete"].map(|name| (name, duration(name).unwrap_or_default())))
}

/// The object with another value of one attribute.
pub(crate) fn with(object: Value, name: &str, value: Value) -> Value {
    let Value::Map(mut attributes) = object else { panic!("no object") };
    attributes.insert(name.to_owned(), value);
    Value::Map(attributes)
}

/// Terraform's merge: what is configured, else the prior value of what the provider computes.
fn propose(body: &Body, config: &Value, prior: &Value) -> Value {
    let Value::Map(attributes) = config else { return config.clone() };
    Value::object(attributes.iter().map(|(name, value)| {
        let field = body.field(name).unwrap();
        let prior = prior.field(name);
        let computed = field.is_computed() || field.default.is_some();
        let proposed = match field.shape.nested() {
            _ if value.is_null() && computed => prior.clone(),
            Some((Nesting::Single, body)) => propose(body, value, prior),
            Some((Nesting::List, body)) => propose_elements(body, value, prior),
            _ => value.clone(),
        };
        (name.clone(), proposed)
    }))
}

fn propose_elements(body: &Body, config: &Value, prior: &Value) -> Value {
    let (Value::List(elements), prior) = (config, prior) else { return config.clone() };
    let before = |index: usize| if let Value::List(prior) = prior { prior.get(index) } else { None };
    let elements = elements.iter().enumerate();
    Value::List(
        elements.map(|(index, element)| propose(body, element, before(index).unwrap_or(&Value::Null))).collect(),
    )
}

/// A value as Terraform sends it.
pub(crate) fn message(value: &Value) -> Option<DynamicValue> {
    Some(DynamicValue { msgpack: msgpack::encode(value).into(), json: Bytes::new() })
}

/// A value as the provider answered it. It must be msgpack and hold exactly the schema's attributes: then, and only then,
/// writing what was read gives the same bytes.
pub(crate) fn value(message: Option<&DynamicValue>, schema: &Schema) -> Value {
    let Some(message) = message else { return Value::Null };
    let value = msgpack::decode(&message.msgpack, &schema.r#type).unwrap();
    assert_eq!(msgpack::encode(&value), message.msgpack, "not exactly the schema's attributes");
    value
}

/// Diagnostics as `error: Summary @path`.
pub(crate) fn told(diagnostics: Vec<Diagnostic>) -> Vec<String> {
    let line = |diagnostic: Diagnostic| {
        let severity = match diagnostic.severity() {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Invalid => panic!("a diagnostic without severity: {diagnostic:?}"),
        };
        let place = diagnostic.attribute.as_ref().map(|attribute| format!(" @{}", path(attribute))).unwrap_or_default();
        format!("{severity}: {}{place}", diagnostic.summary)
    };
    diagnostics.into_iter().map(line).collect()
}

fn path(path: &AttributePath) -> String {
    let steps = path.steps.iter().map(|step| match step.selector.as_ref().unwrap() {
        Selector::AttributeName(name) => name.clone(),
        Selector::ElementKeyString(key) => format!("{key:?}"),
        Selector::ElementKeyInt(index) => index.to_string(),
    });
    steps.collect::<Vec<_>>().join(".")
}
