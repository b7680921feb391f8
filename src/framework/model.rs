//! Rust structs as Terraform objects.

mod attribute;
mod computed;
mod decoder;
mod write_only;

use std::fmt::Debug;

pub use attribute::AttributeValue;
pub use computed::Computed;
pub use decoder::Decoder;
/// Makes a struct a [`Model`]; see the crate `tcmesh-derive` for the options of its fields.
pub use tcmesh_derive::Model;
pub use write_only::WriteOnly;

use super::diagnostics::Diagnostics;
use super::schema::Body;
use super::value::Value;

/// A struct whose fields are the attributes and blocks of an object. `#[derive(Model)]` implements it.
pub trait Model: Clone + Debug + Default + PartialEq + Send + Sync + 'static {
    /// The attributes and blocks.
    fn body() -> Body;

    /// Reads an object; what is wrong is told to the decoder.
    fn from_object(object: &Value, decoder: &mut Decoder) -> Self;

    /// Writes an object. Write-only attributes are null in it.
    fn to_object(&self) -> Value;
}

/// Reads a model of an object in which every required attribute is set.
///
/// # Errors
/// Every wrong attribute at its path.
pub(crate) fn decode<M: Model>(object: &Value) -> Result<M, Diagnostics> {
    decode_with(Decoder::strict(), object)
}

/// Reads a model of a state, in which anything may be missing: null reads as the default.
///
/// # Errors
/// Every wrong attribute at its path.
pub(crate) fn decode_state<M: Model>(object: &Value) -> Result<M, Diagnostics> {
    decode_with(Decoder::lenient(), object)
}

/// What a model cannot hold of an object that may be unknown in parts, such as a fraction where a whole number should be:
/// Terraform knows only that it is a number.
pub(crate) fn misfits<M: Model>(object: &Value) -> Diagnostics {
    let mut decoder = Decoder::open();
    M::from_object(object, &mut decoder);
    decoder.finish()
}

fn decode_with<M: Model>(mut decoder: Decoder, object: &Value) -> Result<M, Diagnostics> {
    let model = M::from_object(object, &mut decoder);
    decoder.finish().into_result().map(|()| model)
}

#[cfg(test)]
mod tests;
