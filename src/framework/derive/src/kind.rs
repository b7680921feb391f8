//! What the type of a field is to the schema.

use syn::{GenericArgument, PathArguments, Type};

/// The type of a field, as far as its name tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind<'a> {
    Text,
    Bool,
    Whole,
    Float,
    List(&'a Type),
    Set(&'a Type),
    Map(&'a Type),
    Option(&'a Type),
    Computed(&'a Type),
    WriteOnly(&'a Type),
    /// A model, or a type that is unknown here.
    Other,
}

impl<'a> Kind<'a> {
    pub(crate) fn of(of: &'a Type) -> Self {
        let Type::Path(path) = of else { return Self::Other };
        let Some(segment) = path.path.segments.last() else { return Self::Other };
        let arguments = type_arguments(&segment.arguments);
        match (segment.ident.to_string().as_str(), arguments.as_slice()) {
            ("String", []) => Self::Text,
            ("bool", []) => Self::Bool,
            ("i64", []) => Self::Whole,
            ("f64", []) => Self::Float,
            ("Vec", [element]) => Self::List(element),
            ("BTreeSet", [element]) => Self::Set(element),
            ("BTreeMap", [_, element]) => Self::Map(element),
            ("Option", [inner]) => Self::Option(inner),
            ("Computed", [inner]) => Self::Computed(inner),
            ("WriteOnly", [inner]) => Self::WriteOnly(inner),
            _ => Self::Other,
        }
    }

    pub(crate) fn is_collection(self) -> bool {
        matches!(self, Self::List(_) | Self::Set(_) | Self::Map(_))
    }

    pub(crate) fn is_number(self) -> bool {
        matches!(self, Self::Whole | Self::Float)
    }

    pub(crate) fn is_scalar(self) -> bool {
        matches!(self, Self::Text | Self::Bool) || self.is_number()
    }

    pub(crate) fn element(self) -> Option<&'a Type> {
        match self {
            Self::List(element) | Self::Set(element) | Self::Map(element) => Some(element),
            _ => None,
        }
    }
}

/// The type of the value itself, inside `Option`, `Computed` and `WriteOnly`.
pub(crate) fn value_type(of: &Type) -> &Type {
    match Kind::of(of) {
        Kind::Option(inner) | Kind::Computed(inner) | Kind::WriteOnly(inner) => value_type(inner),
        _ => of,
    }
}

fn type_arguments(arguments: &PathArguments) -> Vec<&Type> {
    let PathArguments::AngleBracketed(arguments) = arguments else { return Vec::new() };
    let types = arguments.args.iter().filter_map(|argument| match argument {
        GenericArgument::Type(of) => Some(of),
        _ => None,
    });
    types.collect()
}
