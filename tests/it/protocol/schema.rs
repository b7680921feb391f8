use prost::Message;
use tcmesh::framework::Registry;
use tcmesh::proto::tfplugin6::schema::nested_block::NestingMode;
use tcmesh::proto::tfplugin6::schema::{Attribute, Block, NestedBlock};
use tcmesh::proto::tfplugin6::{
    get_functions, get_metadata, get_provider_schema, get_resource_identity_schemas, validate_resource_config,
};

use super::client::{Terraform, message};
use super::provider::{Pairs, server};

async fn schemas(terraform: &Terraform) -> get_provider_schema::Response {
    terraform.client.clone().get_provider_schema(get_provider_schema::Request {}).await.unwrap().into_inner()
}

async fn thing(terraform: &Terraform) -> Block {
    schemas(terraform).await.resource_schemas.remove("test_thing").unwrap().block.unwrap()
}

fn attribute<'a>(block: &'a Block, name: &str) -> &'a Attribute {
    block.attributes.iter().find(|attribute| attribute.name == name).unwrap()
}

fn block<'a>(block: &'a Block, name: &str) -> &'a NestedBlock {
    block.block_types.iter().find(|nested| nested.type_name == name).unwrap()
}

#[tokio::test]
async fn item_16_the_schema_is_the_same_bytes_every_time() {
    let (one, other) = (Terraform::new(), Terraform::new());
    let bytes = schemas(&one).await.encode_to_vec();
    assert_eq!(bytes, schemas(&one).await.encode_to_vec());
    assert_eq!(bytes, schemas(&other).await.encode_to_vec());
    assert!(bytes.len() < 64 << 20);
}

#[tokio::test]
async fn item_17_all_schemas_keep_terraforms_rules() {
    let terraform = Terraform::new();
    assert_eq!(server(&terraform.world).schema_problems(), Vec::<String>::new());
    assert!(schemas(&terraform).await.provider.unwrap().block.is_some());
}

#[test]
fn item_17_a_name_that_is_used_twice_is_found() {
    let registry = Registry::new().resource::<Pairs>().resource::<Pairs>();
    assert_eq!(registry.problems(), ["pair: the name is used twice"]);
}

#[tokio::test]
async fn item_17_an_attribute_has_a_type_or_nested_attributes_and_never_both() {
    let thing = thing(&Terraform::new()).await;
    for attribute in &thing.attributes {
        assert_ne!(attribute.r#type.is_empty(), attribute.nested_type.is_none(), "{}", attribute.name);
        assert!(attribute.required || attribute.optional || attribute.computed, "{}", attribute.name);
        assert!(attribute.deprecated || attribute.deprecation_message.is_empty(), "{}", attribute.name);
    }
}

#[tokio::test]
async fn item_18_the_metadata_lists_what_the_schemas_hold() {
    let terraform = Terraform::new();
    let schemas = schemas(&terraform).await;
    let metadata = terraform.client.clone().get_metadata(get_metadata::Request {}).await.unwrap().into_inner();
    assert_eq!(metadata.server_capabilities, schemas.server_capabilities);
    let mut resources: Vec<_> = metadata.resources.iter().map(|resource| &resource.type_name).collect();
    resources.sort();
    assert_eq!(resources, schemas.resource_schemas.keys().collect::<Vec<_>>());
    assert!(metadata.data_sources.iter().map(|source| &source.type_name).eq(schemas.data_source_schemas.keys()));
    assert!(metadata.ephemeral_resources.iter().map(|of| &of.type_name).eq(schemas.ephemeral_resource_schemas.keys()));
    let functions = terraform.client.clone().get_functions(get_functions::Request {}).await.unwrap().into_inner();
    assert_eq!(functions.functions, schemas.functions);
}

#[tokio::test]
async fn item_20_no_list_resource_lacks_its_managed_resource() {
    let schemas = schemas(&Terraform::new()).await;
    let listed = schemas.list_resource_schemas.keys();
    assert_eq!(listed.filter(|name| !schemas.resource_schemas.contains_key(*name)).count(), 0);
}

#[tokio::test]
async fn item_22_a_request_of_32_mebibytes_is_accepted() {
    let terraform = Terraform::new();
    let config = terraform.thing([("description", "x".repeat(32 << 20).as_str().into())]);
    let request = validate_resource_config::Request {
        type_name: "test_thing".to_owned(),
        config: message(&config),
        client_capabilities: None,
    };
    assert!(terraform.client.clone().validate_resource_config(request).await.is_ok());
}

#[tokio::test]
async fn options_of_the_model_are_flags_of_the_schema() {
    let thing = thing(&Terraform::new()).await;
    assert!(attribute(&thing, "id").computed && !attribute(&thing, "id").optional);
    assert!(attribute(&thing, "name").required);
    let defaulted = attribute(&thing, "size");
    assert!(defaulted.optional && defaulted.computed, "a default is computed to Terraform");
    assert!(attribute(&thing, "secret").write_only && attribute(&thing, "token").sensitive);
    assert_eq!(attribute(&thing, "label").deprecation_message, "It has no effect.");
    assert_eq!(attribute(&thing, "zones").r#type, r#"["set","string"]"#);
    assert_eq!(attribute(&thing, "endpoint").nested_type.as_ref().unwrap().attributes.len(), 2);
    assert_eq!((block(&thing, "port").nesting(), block(&thing, "port").max_items), (NestingMode::List, 3));
    assert_eq!(block(&thing, "tls").nesting(), NestingMode::Single);
    assert_eq!(thing.description, "A thing with every kind of attribute.");
}

#[tokio::test]
async fn timeouts_are_offered_for_the_operations_that_there_are() {
    let terraform = Terraform::new();
    let names = |block: &NestedBlock| {
        block.block.as_ref().unwrap().attributes.iter().map(|attribute| attribute.name.clone()).collect::<Vec<_>>()
    };
    let schemas = schemas(&terraform).await;
    let of_thing = block(schemas.resource_schemas["test_thing"].block.as_ref().unwrap(), "timeouts");
    assert_eq!(names(of_thing), ["create", "read", "update", "delete"]);
    let of_pair = block(schemas.resource_schemas["test_pair"].block.as_ref().unwrap(), "timeouts");
    assert_eq!(names(of_pair), ["create", "read", "delete"]);
    let of_lookup = block(schemas.data_source_schemas["test_lookup"].block.as_ref().unwrap(), "timeouts");
    assert_eq!(names(of_lookup), ["read"]);
}

#[tokio::test]
async fn identities_say_what_an_import_needs() {
    let request = get_resource_identity_schemas::Request {};
    let terraform = Terraform::new();
    let schemas = terraform.client.clone().get_resource_identity_schemas(request).await.unwrap().into_inner();
    let parts = |name: &str| {
        let attributes = schemas.identity_schemas[name].identity_attributes.iter();
        attributes
            .map(|part| (part.name.clone(), part.required_for_import, part.optional_for_import))
            .collect::<Vec<_>>()
    };
    assert_eq!(parts("test_thing"), [("id".into(), true, false), ("account".into(), false, true)]);
    assert_eq!(parts("test_pair"), [("left".into(), true, false), ("right".into(), true, false)]);
}

#[tokio::test]
async fn item_21_a_process_that_was_never_asked_for_its_schema_serves_everything_else() {
    let terraform = Terraform::configured().await;
    let metadata = terraform.client.clone().get_metadata(get_metadata::Request {}).await.unwrap().into_inner();
    assert!(metadata.server_capabilities.unwrap().get_provider_schema_optional);
    let stored = terraform.create(&terraform.thing([])).await;
    assert_eq!(terraform.read("test_thing", &stored).await, (stored, vec![]));
}
