//! Who acts, and what the world answers.

pub mod caller_identity;
