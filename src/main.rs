//! The provider's entry point.
fn main() {}
