//! A world with a subject and what it needs, and Terraform runs there.

use std::collections::BTreeMap;
use std::time::Duration;

use hcl::eval::Context;
use serde_json::{Value as Json, json};
use tcmesh::framework::schema::Kind;
use tcmesh::framework::value::Value;
use tcmesh::provider::{self, Tcmesh};
use tcmesh::scope::StopSwitch;
use tcmesh_simulator::world::World as Description;

use super::example::{Block, Subject};
use super::inventory::{Inventory, Kinds};
use super::mutation::Mutation;
use crate::harness::client::{Stored, Terraform, configured};
use crate::harness::world::World;

/// The story's world, whose steps take no time.
pub(super) const TIMELESS: &str = "extends: cross-account\nwaits: { default: 0s }\n";

/// How long the world may take to come to rest: its clusters work by themselves.
const REST: Duration = Duration::from_secs(10);

/// A world with what a subject needs.
pub(super) struct Stage {
    pub(super) world: World,
    pub(super) subject: Subject,
    pub(super) stop: StopSwitch,
    /// The safeguard that is missing.
    pub(super) mutation: Option<Mutation>,
    /// Where the provider finds the cloud.
    endpoint: String,
    /// What existed in the beginning.
    begun: String,
    terraforms: BTreeMap<&'static str, Terraform<Tcmesh>>,
    /// What expressions may refer to: `var`, types, `data` and `ephemeral`.
    values: serde_json::Map<String, Json>,
}

impl Stage {
    /// A world in which everything that `subject` needs exists.
    pub(super) fn set(subject: &Subject, mutation: Option<Mutation>) -> Self {
        let mut description = Description::parse(TIMELESS).unwrap();
        // Clusters take long to start.
        description
            .clusters
            .retain(|cluster| subject.text.contains(&cluster.id) || subject.text.contains(&cluster.vpc_id));
        let world = World::on_this_thread(description);
        let endpoint = mutation.map_or(world.endpoint(), |it| world.block_on(it.proxy(&world.endpoint())));
        let mut stage = Self {
            mutation,
            endpoint,
            begun: Inventory::of(&world).text(),
            world,
            subject: subject.clone(),
            stop: StopSwitch::default(),
            terraforms: BTreeMap::new(),
            values: serde_json::Map::new(),
        };
        for (name, default) in &subject.variables {
            // Examples that look for names ask the world's name servers.
            let value =
                if name == "resolver" { json!(stage.world.dns()) } else { serde_json::to_value(default).unwrap() };
            stage.values.entry("var").or_insert_with(|| json!({}))[name] = value;
        }
        for block in &subject.needs {
            let value = stage.make(block);
            stage.refer(block, &value);
        }
        stage
    }

    fn make(&mut self, block: &Block) -> Value {
        let config = self.config(block);
        let terraform = self.terraform(block.account);
        let type_name = &block.type_name;
        let (value, told) = self.world.block_on(async {
            match block.kind {
                Kind::DataSource => terraform.read_data(type_name, &config).await,
                Kind::Ephemeral => {
                    let (value, _, told) = terraform.open(type_name, &config).await;
                    (value, told)
                }
                _ => {
                    let (stored, told) = terraform.apply(type_name, &config, &Stored::nothing()).await;
                    (stored.state, told)
                }
            }
        });
        assert!(errors(&told).is_empty(), "{}: {told:?} {}", block.address(), terraform.details());
        value
    }

    fn refer(&mut self, block: &Block, value: &Value) {
        let root = match block.kind {
            Kind::DataSource => self.values.entry("data").or_insert_with(|| json!({})),
            Kind::Ephemeral => self.values.entry("ephemeral").or_insert_with(|| json!({})),
            _ => {
                let of_type = self.values.entry(&block.type_name).or_insert_with(|| json!({}));
                of_type[&block.name] = json(value);
                return;
            }
        };
        if root[&block.type_name].is_null() {
            root[&block.type_name] = json!({});
        }
        root[&block.type_name][&block.name] = json(value);
    }

    /// The configuration of a block here.
    pub(super) fn config(&mut self, block: &Block) -> Value {
        let mut context = Context::new();
        for (name, value) in &self.values {
            context.declare_var(name.as_str(), hcl::to_value(value).unwrap());
        }
        let terraform = self.terraform(block.account);
        let schema = terraform.schema_of(block.kind, &block.type_name);
        configured(&schema.body, &block.configuration(&schema.body, &context))
    }

    /// The provider with the keys of an account, as this run of Terraform started it.
    pub(super) fn terraform(&mut self, account: &'static str) -> Terraform<Tcmesh> {
        if let Some(terraform) = self.terraforms.get(account) {
            return terraform.clone();
        }
        let stop = self.stop.clone();
        let terraform = Terraform::of(|| provider::server(stop.clone()));
        let (id, key) = self.world.keys(account);
        let block = terraform.provider(json!({
            "endpoint": self.endpoint, "region": "ap-guangzhou", "secret_id": id, "secret_key": key,
            "cluster_endpoint": "extranet",
        }));
        assert_eq!(self.world.block_on(terraform.configure(&block)), [""; 0]);
        self.terraforms.insert(account, terraform.clone());
        terraform
    }

    /// The stage for another case of the same subject.
    pub(super) fn again(self, subject: &Subject, mutation: Option<Mutation>) -> Option<Self> {
        let is_for = self.subject.text == subject.text && self.mutation == mutation;
        is_for.then(|| Self { stop: StopSwitch::default(), terraforms: BTreeMap::new(), ..self })
    }

    /// Another run of Terraform, with providers that know nothing yet.
    pub(super) fn run_again(&mut self) {
        self.terraforms.clear();
    }

    /// What exists.
    pub(super) fn inventory(&self) -> Inventory {
        Inventory::of(&self.world)
    }

    /// What exists beyond `before`, when the world has come to rest as it should or at the latest.
    pub(super) fn rests_when(&self, before: &Inventory, is_right: impl Fn(&Kinds) -> bool) -> Kinds {
        // Where a safeguard is missing, it is the rule that something is wrong.
        let within = if self.mutation.is_some() { REST / 10 } else { REST };
        self.world.rests_when(is_right, within, || self.inventory().since(before, &self.begun))
    }

    /// What exists beyond `before`, when nothing has changed for a while.
    pub(super) fn rests(&self, before: &Inventory) -> Kinds {
        self.world.rests(|| self.inventory().since(before, &self.begun))
    }
}

/// The errors among what was told.
pub(super) fn errors(told: &[String]) -> Vec<&String> {
    told.iter().filter(|line| line.starts_with("error")).collect()
}

/// A value as JSON, for expressions.
fn json(value: &Value) -> Json {
    match value {
        Value::Null | Value::Unknown => Json::Null,
        Value::Bool(truth) => json!(truth),
        Value::Number(number) => serde_json::from_str(number.as_str()).unwrap(),
        Value::String(text) => json!(text),
        Value::List(items) | Value::Set(items) => items.iter().map(json).collect(),
        Value::Map(entries) => Json::Object(entries.iter().map(|(name, value)| (name.clone(), json(value))).collect()),
        Value::Typed(typed) => json(&typed.value),
    }
}
