//! The API's errors.

use std::borrow::Cow;

/// An error as the API answers it: a code that programs compare and a message for people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub(crate) struct ApiError {
    /// `Class` or `Class.Detail`.
    pub(crate) code: Cow<'static, str>,
    /// What is wrong, in words.
    pub(crate) message: String,
}

impl ApiError {
    /// An error with this code and message.
    pub(crate) fn new(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self { code: code.into(), message: message.into() }
    }

    /// The thing does not exist, or is not the caller's, which is answered alike.
    pub(crate) fn not_found(id: &str) -> Self {
        Self::new("ResourceNotFound", format!("The resource `{id}` is not found."))
    }

    /// A parameter that cannot be right, whatever exists.
    pub(crate) fn invalid_value(message: impl Into<String>) -> Self {
        Self::new("InvalidParameterValue", message)
    }

    /// More things than an account may have.
    pub(crate) fn quota(what: &str, limit: usize) -> Self {
        Self::new("LimitExceeded", format!("The quota of {limit} {what} is used up."))
    }
}
