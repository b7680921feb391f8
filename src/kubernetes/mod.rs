//! Kubernetes clusters as the provider uses them: server-side apply under one field manager, reading back of its own
//! fields, deletion, waits. Knows neither Terraform nor the cloud.

mod cluster;
mod conditions;
mod connection;
mod discovery;
mod documents;
mod drift;
mod error;
mod fields;
mod kinds;
mod object;
mod parts;
mod plugin;
mod renewing;
mod rollout;

pub use cluster::{Cluster, FIELD_MANAGER, Force};
pub use conditions::{failure, has_condition, has_field, is_path};
pub use connection::{Connection, Credential, ExecPlugin};
pub use documents::{Document, documents};
pub use drift::{Difference, differences};
pub use error::{Conflict, Error};
pub use fields::own_fields;
pub use object::ObjectReference;
pub use parts::Parts;
pub use rollout::{PodProblem, pod_problems, rolled_out};
