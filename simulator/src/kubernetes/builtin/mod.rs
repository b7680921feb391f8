//! The kinds that every server has.

use std::sync::LazyLock;

use super::schema::language::Types;

/// The types of the built-in kinds.
pub(crate) fn types() -> &'static Types {
    static TYPES: LazyLock<Types> = LazyLock::new(|| Types::parse(&[include_str!("types.txt")]));
    &TYPES
}
