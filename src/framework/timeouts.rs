//! How long operations may take: the provider's own limits, and the `timeouts` block that changes them.

mod duration;

use std::time::Duration;

pub use duration::parse_duration;

use super::schema::{Body, Field, Nesting, Origin, Rule, Shape, Usage};
use super::types::Type;
use super::value::Value;

/// The name of the block in configurations.
const BLOCK: &str = "timeouts";

/// The limits of a resource's operations where a configuration sets none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// Creation, with all its waiting.
    pub create: Duration,
    /// Reading.
    pub read: Duration,
    /// Update, with all its waiting.
    pub update: Duration,
    /// Deletion, with all its waiting.
    pub delete: Duration,
}

impl Timeouts {
    /// 20 minutes for everything that changes something, 5 minutes for reading.
    pub const DEFAULT: Self = Self {
        create: Duration::from_secs(20 * 60),
        read: Duration::from_secs(5 * 60),
        update: Duration::from_secs(20 * 60),
        delete: Duration::from_secs(20 * 60),
    };

    /// The limit of an operation, as `objects` (configuration, plan or prior state) say, the first that does so.
    pub(crate) fn of(&self, operation: Operation, objects: &[&Value]) -> Duration {
        let configured = objects.iter().find_map(|object| object.field(BLOCK).field(operation.name()).as_str());
        let default = match operation {
            Operation::Create => self.create,
            Operation::Read => self.read,
            Operation::Update => self.update,
            Operation::Delete => self.delete,
        };
        configured.and_then(parse_duration).unwrap_or(default)
    }
}

/// An operation that takes its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    Create,
    Read,
    Update,
    Delete,
}

impl Operation {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Read => "read",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }

    fn description(self) -> &'static str {
        match self {
            Self::Create => "How long the creation may take, for example `30m`.",
            Self::Read => "How long reading may take, for example `1m`.",
            Self::Update => "How long an update may take, for example `30m`.",
            Self::Delete => "How long the deletion may take, for example `1h30m`.",
        }
    }
}

/// A body with a `timeouts` block for those operations that the object has.
pub(crate) fn with_timeouts(mut body: Body, operations: &[Operation]) -> Body {
    let attribute = |operation: &Operation| {
        let shape = Shape::Plain(Type::String);
        Field {
            rules: vec![Rule::Check(check_duration)],
            ..Field::new(operation.name(), shape, operation.description())
        }
    };
    let fields = operations.iter().map(attribute).collect();
    let inner = Body { description: "How long operations may take.", fields };
    let block = Shape::Block(Nesting::Single, inner, 0, 0);
    let description = "How long operations may take before they are given up.";
    body.fields.push(Field { origin: Origin::Framework, ..Field::new(BLOCK, block, description) });
    body
}

/// The operations of a resource: one that can only be replaced has no update.
pub(crate) fn operations(body: &Body) -> Vec<Operation> {
    let updatable = |field: &Field| field.usage != Usage::Computed && !field.force_new;
    let mut operations = vec![Operation::Create, Operation::Read, Operation::Update, Operation::Delete];
    operations.retain(|operation| *operation != Operation::Update || body.fields.iter().any(updatable));
    operations
}

fn check_duration(value: &Value) -> Result<(), String> {
    match value.as_str().map(parse_duration) {
        Some(None) => Err("Expected a positive duration such as `30s`, `10m` or `1h30m`.".to_owned()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn configured(create: &str) -> Value {
        Value::object([(BLOCK, Value::object([("create", Value::from(create))]))])
    }

    #[test]
    fn the_first_object_that_says_a_limit_decides() {
        let (plan, prior) = (configured("90s"), configured("1h"));
        assert_eq!(Timeouts::DEFAULT.of(Operation::Create, &[&plan, &prior]), Duration::from_secs(90));
        assert_eq!(Timeouts::DEFAULT.of(Operation::Create, &[&Value::Null, &prior]), Duration::from_secs(3600));
        assert_eq!(Timeouts::DEFAULT.of(Operation::Delete, &[&plan]), Timeouts::DEFAULT.delete);
    }

    #[test]
    fn a_resource_that_is_only_ever_replaced_has_no_update_timeout() {
        let string = |name| Field::new(name, Shape::Plain(Type::String), "");
        let fixed = Field { force_new: true, ..string("region") };
        let id = Field { usage: Usage::Computed, ..string("id") };
        let body = |fields| Body { description: "", fields };
        assert_eq!(operations(&body(vec![id.clone(), fixed.clone()])).len(), 3);
        assert_eq!(operations(&body(vec![id, fixed, string("name")])).len(), 4);
    }
}
