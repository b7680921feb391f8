//! gateway
mod istio;
mod routing;
mod version;
pub use istio::{Objects, Problem};
pub use routing::*;
pub use version::{UnknownVersion, Version};
