//! What a model looks like to Terraform, and how its attributes behave.

mod check;
mod rule;

pub use check::{Kind, problems};
pub use rule::{Rule, typed, typed_same};

use super::model::Model;
use super::types::Type;
use super::value::Value;

/// The schema of a resource, a data source, an ephemeral resource or the provider block.
#[derive(Clone, Debug)]
pub struct Schema {
    /// Grows when a state written before no longer fits.
    pub version: i64,
    /// The attributes and blocks.
    pub body: Body,
    /// The type of a whole object.
    pub r#type: Type,
}

impl Schema {
    /// A schema of a version.
    pub fn new(version: i64, body: Body) -> Self {
        let r#type = body.value_type();
        Self { version, body, r#type }
    }
}

/// The attributes and blocks of one object, in the order of their declaration.
#[derive(Clone, Debug)]
pub struct Body {
    /// What the object is, in Markdown.
    pub description: &'static str,
    /// Its attributes and blocks.
    pub fields: Vec<Field>,
}

impl Body {
    /// The type of the object.
    pub fn value_type(&self) -> Type {
        Type::Object(self.fields.iter().map(|field| (field.name.to_owned(), field.shape.value_type())).collect())
    }

    /// The attribute or block `name`.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The attributes that make up the identity.
    pub fn identity(&self) -> impl Iterator<Item = (&Field, Identity)> {
        self.fields.iter().filter_map(|field| Some((field, field.identity?)))
    }
}

/// One attribute or nested block.
#[derive(Clone, Debug)]
pub struct Field {
    /// The name in configurations.
    pub name: &'static str,
    /// What it is, in Markdown.
    pub description: &'static str,
    /// The type, and what is nested in it.
    pub shape: Shape,
    /// Who sets it.
    pub usage: Usage,
    /// The value where the configuration sets none.
    pub default: Option<Value>,
    /// What a configured value must satisfy.
    pub rules: Vec<Rule>,
    /// Says whether two values mean the same, so that the one Terraform has is kept.
    pub same: Option<fn(&Value, &Value) -> bool>,
    /// Its part in the identity.
    pub identity: Option<Identity>,
    /// Who knows the value of an existing object.
    pub origin: Origin,
    /// When a computed value must be expected to change.
    pub renewal: Renewal,
    /// What is planned for every existing object, so that another value, read from the world, becomes a change in place.
    pub settles: Option<Value>,
    /// A block that reads show only where the state has it, or when the object is being imported.
    pub opt_in: bool,
    /// A change needs a new object.
    pub force_new: bool,
    /// Not shown to users.
    pub sensitive: bool,
    /// Exists in configurations only, never in plans and states.
    pub write_only: bool,
    /// Why not to use it any more.
    pub deprecated: Option<&'static str>,
}

impl Field {
    /// An optional attribute or block without further properties.
    pub fn new(name: &'static str, shape: Shape, description: &'static str) -> Self {
        Self {
            name,
            description,
            shape,
            usage: Usage::Optional,
            default: None,
            rules: Vec::new(),
            same: None,
            identity: None,
            origin: Origin::Api,
            renewal: Renewal::Never,
            settles: None,
            opt_in: false,
            force_new: false,
            sensitive: false,
            write_only: false,
            deprecated: None,
        }
    }

    /// Whether the value where nothing is configured is for the provider to say.
    pub fn is_computed(&self) -> bool {
        matches!(self.usage, Usage::Computed | Usage::OptionalComputed)
    }

    /// Whether a configuration may set it.
    pub fn is_settable(&self) -> bool {
        self.usage != Usage::Computed
    }
}

/// Who sets an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Usage {
    /// The configuration must.
    Required,
    /// The configuration may.
    Optional,
    /// The provider does.
    Computed,
    /// The configuration may, else the provider does.
    OptionalComputed,
}

/// The part of an attribute in the identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identity {
    /// An import by identity must give it.
    Required,
    /// An import by identity may leave it out.
    Optional,
}

/// Who knows the value of an existing object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The API answers it.
    Api,
    /// The API takes it and does not answer it: read keeps what Terraform has.
    Carried,
    /// The API does not know it: read keeps what Terraform has, and an imported object takes it on without an update.
    Configuration,
    /// The framework uses it, the resource never sees it.
    Framework,
}

/// When the plan of an update makes a computed value unknown. A plan that changes nothing never does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Renewal {
    /// It keeps its value.
    Never,
    /// Every update may change it.
    Always,
    /// A change of one of these attributes beside it may change it.
    With(&'static [&'static str]),
}

/// The type of an attribute or block, and what is nested in it.
#[derive(Clone, Debug)]
pub enum Shape {
    /// An attribute without attributes of its own.
    Plain(Type),
    /// An attribute that holds objects.
    Nested(Nesting, Body),
    /// A block, with the least and greatest number of occurrences; a greatest number of 0 is no limit.
    Block(Nesting, Body, u32, u32),
}

/// How objects are nested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nesting {
    /// One object.
    Single,
    /// Objects in order.
    List,
    /// Distinct objects without order.
    Set,
    /// Objects by key.
    Map,
}

impl Shape {
    /// A block whose content is the model `M`.
    pub fn block<M: Model>(nesting: Nesting, min: u32, max: u32) -> Self {
        Self::Block(nesting, M::body(), min, max)
    }

    /// The type of the attribute or block.
    pub fn value_type(&self) -> Type {
        match self {
            Self::Plain(of) => of.clone(),
            Self::Nested(nesting, body) | Self::Block(nesting, body, ..) => nesting.of(body.value_type()),
        }
    }

    /// What is nested, and how.
    pub fn nested(&self) -> Option<(Nesting, &Body)> {
        match self {
            Self::Plain(_) => None,
            Self::Nested(nesting, body) | Self::Block(nesting, body, ..) => Some((*nesting, body)),
        }
    }

    /// The value where there is none: blocks that may repeat are then empty, everything else is null.
    pub fn absent(&self) -> Value {
        match self {
            Self::Block(Nesting::List, ..) => Value::List(Vec::new()),
            Self::Block(Nesting::Set, ..) => Value::Set(Vec::new()),
            Self::Block(Nesting::Map, ..) => Value::Map(std::collections::BTreeMap::new()),
            _ => Value::Null,
        }
    }
}

impl Nesting {
    /// The type of the nested elements together.
    pub(crate) fn of(self, element: Type) -> Type {
        match self {
            Self::Single => element,
            Self::List => Type::List(Box::new(element)),
            Self::Set => Type::Set(Box::new(element)),
            Self::Map => Type::Map(Box::new(element)),
        }
    }
}
