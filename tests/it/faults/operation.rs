//! The operations of a subject, from a world that is prepared for each.

use std::fmt;

use bytes::Bytes;
use tcmesh::framework::schema::{Body, Kind};
use tcmesh::framework::value::Value;

use super::example::Subject;
use super::inventory::Inventory;
use super::mutation::Mutation;
use super::stage::{Stage, errors};
use super::update::Change;
use crate::harness::client::{Stored, by_id, with};

/// The time of an operation that is not to run out of it.
pub(super) const AMPLE: &str = "30s";

/// The time of an operation that is to run out of it, which a clean one must do with: more with each try.
pub(super) const SCARCE: [&str; 4] = ["2s", "4s", "8s", "16s"];

/// A little more than that.
pub(super) const BEYOND: [&str; 4] = ["2500ms", "4500ms", "8500ms", "16500ms"];

/// The time of what waits for an answer that nothing in a subject's world gives.
const BRIEF: &str = "1s";

/// The time of everything that may wait for what never ends.
pub(super) const VAIN: &str = "5s";

/// The times that operations have.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limit {
    /// The one that a fault may hit.
    pub(super) operation: &'static str,
    /// Those after it.
    pub(super) afterwards: &'static str,
}

impl Limit {
    pub(super) const AMPLE: Self = Self { operation: AMPLE, afterwards: AMPLE };
}

/// What Terraform asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Operation {
    Create,
    Read,
    Update,
    Delete,
    Import,
    Open,
    Close,
}

impl fmt::Display for Operation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, formatter)
    }
}

impl Operation {
    /// Whether this is the name of its time in a `timeouts` block.
    fn is_limited_by(self, name: &str) -> bool {
        match self {
            Self::Import => name == "read",
            operation => operation.to_string().to_lowercase() == name,
        }
    }

    /// The operations of everything of a kind.
    pub(super) fn of(kind: Kind) -> &'static [Self] {
        match kind {
            Kind::DataSource => &[Self::Read],
            Kind::Ephemeral => &[Self::Open, Self::Close],
            _ => &[Self::Create, Self::Read, Self::Update, Self::Delete, Self::Import],
        }
    }
}

/// A world in which an operation can begin.
pub(super) struct Scene {
    pub(super) stage: Stage,
    pub(super) operation: Operation,
    /// The configuration that the operation is to bring about, with ample time.
    pub(super) config: Value,
    /// What exists without the subject.
    pub(super) absent: Inventory,
    /// The state before the operation.
    pub(super) prior: Stored,
    /// The configuration with the time that the operation has.
    limited: Value,
    opened: Option<Bytes>,
}

/// How an operation ended.
#[derive(Debug)]
pub(super) struct Done {
    pub(super) stored: Stored,
    pub(super) told: Vec<String>,
}

impl Scene {
    /// Prepares a world, if it can the one that is kept, for an operation that a fault may hit.
    pub(super) fn set(
        kept: &mut Option<Stage>,
        subject: &Subject,
        operation: Operation,
        change: Option<&Change>,
        times: Limit,
        mutation: Option<Mutation>,
    ) -> Self {
        let kept = kept.take().and_then(|stage| stage.again(subject, mutation));
        let mut stage = kept.unwrap_or_else(|| Stage::set(subject, mutation));
        let config = stage.config(&subject.block);
        let terraform = stage.terraform(subject.block.account);
        let body = &terraform.schema_of(subject.block.kind, &subject.block.type_name).body;
        let limit = |config: Value| {
            limited(config, body, |name| if operation.is_limited_by(name) { times.operation } else { AMPLE })
        };
        let changed = change
            .map_or_else(|| config.clone(), |change| with(config.clone(), change.attribute, change.value.clone()));
        let absent = stage.inventory();
        let mut scene = Self {
            operation,
            absent,
            prior: Stored::nothing(),
            limited: limit(changed.clone()),
            config: limited(changed, body, |_| times.afterwards),
            opened: None,
            stage,
        };
        let managed = !matches!(subject.block.kind, Kind::DataSource | Kind::Ephemeral);
        if managed && operation != Operation::Create {
            let (stored, told) = scene.apply(&limit(config), &Stored::nothing());
            assert!(errors(&told).is_empty(), "{told:?}");
            scene.prior = stored;
        }
        if operation == Operation::Close {
            scene.opened = scene.open(&scene.limited.clone()).0;
        }
        scene
    }

    /// Carries out the operation.
    pub(super) fn perform(&mut self) -> Done {
        let (config, prior) = (self.limited.clone(), self.prior.clone());
        let done = self.carry_out(&config, prior);
        match self.stage.mutation {
            Some(Mutation::IdsForgotten) if !errors(&done.told).is_empty() => {
                Done { stored: self.prior.clone(), ..done }
            }
            _ => done,
        }
    }

    /// Carries out the operation with ample time.
    pub(super) fn perform_again(&mut self) -> Done {
        let (config, prior) = (self.config.clone(), self.unhurried(self.prior.clone()));
        self.carry_out(&config, prior)
    }

    fn carry_out(&mut self, config: &Value, prior: Stored) -> Done {
        let (stored, told) = match (self.operation, self.stage.subject.block.kind) {
            (Operation::Open, _) => (prior, self.open(config).1),
            (Operation::Close, _) => (prior, self.close()),
            (Operation::Read, Kind::DataSource) => (prior, self.read_data(config)),
            (Operation::Read, _) => self.refresh(&prior),
            (Operation::Import, _) => self.import(&prior),
            (Operation::Delete, _) => self.apply(&Value::Null, &prior),
            (Operation::Create | Operation::Update, _) => self.apply(config, &prior),
        };
        Done { stored, told }
    }

    /// A state in which operations have ample time, as after an apply of nothing else.
    pub(super) fn unhurried(&self, stored: Stored) -> Stored {
        let timeouts = self.config.field("timeouts");
        if stored.state.field("timeouts").is_null() {
            return stored;
        }
        Stored { state: with(stored.state, "timeouts", timeouts.clone()), ..stored }
    }

    pub(super) fn apply(&mut self, config: &Value, prior: &Stored) -> (Stored, Vec<String>) {
        let (terraform, type_name) = self.terraform();
        self.stage.world.block_on(terraform.apply(&type_name, config, prior))
    }

    pub(super) fn refresh(&mut self, prior: &Stored) -> (Stored, Vec<String>) {
        let (terraform, type_name) = self.terraform();
        self.stage.world.block_on(terraform.read(&type_name, prior))
    }

    /// The stage, where the world is exactly as it was before.
    pub(super) fn into_unchanged(self) -> Option<Stage> {
        (self.stage.inventory() == self.absent).then_some(self.stage)
    }

    /// Whether nothing is planned for this state.
    pub(super) fn is_settled(&mut self, stored: &Stored) -> bool {
        let (terraform, type_name) = self.terraform();
        let planned = self.stage.world.block_on(terraform.plan(&type_name, &self.config, stored));
        errors(&planned.diagnostics).is_empty() && planned.state == stored.state
    }

    fn import(&mut self, prior: &Stored) -> (Stored, Vec<String>) {
        let (terraform, type_name) = self.terraform();
        let id = prior.state.field("id").as_str().unwrap().to_owned();
        match self.stage.world.block_on(terraform.import(by_id(&type_name, &id))) {
            Ok(imported) => {
                let (stored, told) = self.refresh(&imported);
                // Terraform keeps nothing of an import that it could not read.
                if errors(&told).is_empty() { (stored, told) } else { (Stored::nothing(), told) }
            }
            Err(told) => (Stored::nothing(), told),
        }
    }

    fn read_data(&mut self, config: &Value) -> Vec<String> {
        let (terraform, type_name) = self.terraform();
        self.stage.world.block_on(terraform.read_data(&type_name, config)).1
    }

    fn open(&mut self, config: &Value) -> (Option<Bytes>, Vec<String>) {
        let (terraform, type_name) = self.terraform();
        let (_, private, told) = self.stage.world.block_on(terraform.open(&type_name, config));
        (private, told)
    }

    fn close(&mut self) -> Vec<String> {
        let (terraform, type_name) = self.terraform();
        self.stage.world.block_on(terraform.close(&type_name, self.opened.clone()))
    }

    fn terraform(&mut self) -> (crate::harness::client::Terraform<tcmesh::provider::Tcmesh>, String) {
        let block = &self.stage.subject.block;
        let (account, type_name) = (block.account, block.type_name.clone());
        (self.stage.terraform(account), type_name)
    }
}

/// The configuration with times for its operations.
fn limited(config: Value, body: &Body, time: impl Fn(&str) -> &'static str) -> Value {
    let config = if body.field("timeout").is_some() { with(config, "timeout", BRIEF.into()) } else { config };
    let Some((_, timeouts)) = body.field("timeouts").and_then(|field| field.shape.nested()) else { return config };
    let timeouts = timeouts.fields.iter().map(|field| (field.name, Value::from(time(field.name))));
    with(config, "timeouts", Value::object(timeouts))
}
