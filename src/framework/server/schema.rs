//! What the provider offers.

use std::collections::BTreeMap;

use super::{Core, full};
use crate::framework::provider::Provider;
use crate::framework::schema::{Body, Field, Identity, Nesting, Schema, Shape, Usage};
use crate::proto::tfplugin6::get_metadata::{DataSourceMetadata, EphemeralMetadata, ResourceMetadata};
use crate::proto::tfplugin6::resource_identity_schema::IdentityAttribute;
use crate::proto::tfplugin6::schema::object::NestingMode as AttributeNesting;
use crate::proto::tfplugin6::schema::{
    Attribute, Block, NestedBlock, Object, nested_block::NestingMode as BlockNesting,
};
use crate::proto::tfplugin6::{
    ResourceIdentitySchema, Schema as SchemaMessage, ServerCapabilities, StringKind, get_metadata, get_provider_schema,
    get_resource_identity_schemas,
};

const CAPABILITIES: ServerCapabilities = ServerCapabilities {
    plan_destroy: true,
    get_provider_schema_optional: true,
    move_resource_state: true,
    // Without it, Terraform writes configuration of the schema itself.
    generate_resource_config: false,
};

impl<P: Provider> Core<P> {
    pub(super) fn metadata(&self) -> get_metadata::Response {
        let resources = self.registry.resources.iter();
        let data_sources = self.registry.data_sources.iter();
        let ephemerals = self.registry.ephemerals.iter();
        get_metadata::Response {
            server_capabilities: Some(CAPABILITIES),
            resources: resources.map(|entry| ResourceMetadata { type_name: full::<P>(entry.name) }).collect(),
            data_sources: data_sources.map(|entry| DataSourceMetadata { type_name: full::<P>(entry.name) }).collect(),
            ephemeral_resources: ephemerals
                .map(|entry| EphemeralMetadata { type_name: full::<P>(entry.name) })
                .collect(),
            ..get_metadata::Response::default()
        }
    }

    pub(super) fn schemas(&self) -> get_provider_schema::Response {
        let named = |(name, schema): (&str, &Schema)| (full::<P>(name), schema_message(schema));
        let resources = self.registry.resources.iter().map(|entry| (entry.name, &*entry.schema));
        let data_sources = self.registry.data_sources.iter().map(|entry| (entry.name, &*entry.schema));
        let ephemerals = self.registry.ephemerals.iter().map(|entry| (entry.name, &*entry.schema));
        get_provider_schema::Response {
            provider: Some(schema_message(&self.schema)),
            resource_schemas: resources.map(named).collect(),
            data_source_schemas: data_sources.map(named).collect(),
            ephemeral_resource_schemas: ephemerals.map(named).collect(),
            server_capabilities: Some(CAPABILITIES),
            ..get_provider_schema::Response::default()
        }
    }

    pub(super) fn identity_schemas(&self) -> get_resource_identity_schemas::Response {
        let schemas = self.registry.resources.iter().filter_map(|entry| {
            let attributes: Vec<_> = entry.schema.body.identity().map(identity_attribute).collect();
            let schema = ResourceIdentitySchema { version: 0, identity_attributes: attributes };
            (!schema.identity_attributes.is_empty()).then(|| (full::<P>(entry.name), schema))
        });
        let identity_schemas: BTreeMap<_, _> = schemas.collect();
        get_resource_identity_schemas::Response { identity_schemas, diagnostics: Vec::new() }
    }
}

fn identity_attribute((field, identity): (&Field, Identity)) -> IdentityAttribute {
    IdentityAttribute {
        name: field.name.to_owned(),
        r#type: field.shape.value_type().to_bytes().into(),
        required_for_import: identity == Identity::Required,
        optional_for_import: identity == Identity::Optional,
        description: field.description.to_owned(),
    }
}

fn schema_message(schema: &Schema) -> SchemaMessage {
    SchemaMessage { version: schema.version, block: Some(block(&schema.body)) }
}

fn block(body: &Body) -> Block {
    let is_block = |field: &&Field| matches!(field.shape, Shape::Block(..));
    Block {
        attributes: body.fields.iter().filter(|field| !is_block(field)).map(attribute).collect(),
        block_types: body.fields.iter().filter(is_block).filter_map(nested_block).collect(),
        description: body.description.to_owned(),
        description_kind: StringKind::Markdown.into(),
        ..Block::default()
    }
}

fn attribute(field: &Field) -> Attribute {
    let (r#type, nested_type) = match &field.shape {
        Shape::Nested(nesting, body) => (Vec::new(), Some(object(*nesting, body))),
        plain => (plain.value_type().to_bytes(), None),
    };
    Attribute {
        name: field.name.to_owned(),
        r#type: r#type.into(),
        nested_type,
        description: field.description.to_owned(),
        description_kind: StringKind::Markdown.into(),
        required: field.usage == Usage::Required,
        optional: matches!(field.usage, Usage::Optional | Usage::OptionalComputed),
        // To Terraform a default is a value that the provider computes.
        computed: field.is_computed() || field.default.is_some(),
        sensitive: field.sensitive,
        write_only: field.write_only,
        deprecated: field.deprecated.is_some(),
        deprecation_message: field.deprecated.unwrap_or_default().to_owned(),
    }
}

fn object(nesting: Nesting, body: &Body) -> Object {
    let nesting = match nesting {
        Nesting::Single => AttributeNesting::Single,
        Nesting::List => AttributeNesting::List,
        Nesting::Set => AttributeNesting::Set,
        Nesting::Map => AttributeNesting::Map,
    };
    Object { attributes: body.fields.iter().map(attribute).collect(), nesting: nesting.into(), ..Object::default() }
}

fn nested_block(field: &Field) -> Option<NestedBlock> {
    let Shape::Block(nesting, body, min, max) = &field.shape else { return None };
    let nesting = match nesting {
        Nesting::Single => BlockNesting::Single,
        Nesting::List => BlockNesting::List,
        Nesting::Set => BlockNesting::Set,
        Nesting::Map => BlockNesting::Map,
    };
    let inner = Block {
        description: field.description.to_owned(),
        deprecated: field.deprecated.is_some(),
        deprecation_message: field.deprecated.unwrap_or_default().to_owned(),
        ..block(body)
    };
    Some(NestedBlock {
        type_name: field.name.to_owned(),
        block: Some(inner),
        nesting: nesting.into(),
        min_items: i64::from(*min),
        max_items: i64::from(*max),
    })
}
