//! Networks joined across accounts.

pub mod ccn;
