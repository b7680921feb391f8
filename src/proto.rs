//! The messages and services of `proto/`, generated when the crate is built.
//!
//! `bytes` fields are [`bytes::Bytes`] and maps are ordered. The clients are generated too, over any tower service.

use std::fmt;

pub use generated::{health, plugin, tfplugin6};

#[allow(missing_docs, clippy::all, clippy::doc_markdown)]
mod generated {
    /// Terraform's provider protocol 6. What a provider implements is `provider_server::Provider`.
    pub mod tfplugin6 {
        tonic::include_proto!("tfplugin6");
    }

    /// The services that a go-plugin host expects of every plugin.
    pub mod plugin {
        tonic::include_proto!("plugin");
    }

    /// gRPC's health check.
    pub mod health {
        tonic::include_proto!("grpc.health.v1");
    }
}

// Values may be secrets, so only their size is shown.
impl fmt::Debug for tfplugin6::DynamicValue {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "DynamicValue(msgpack: {} bytes, json: {} bytes)", self.msgpack.len(), self.json.len())
    }
}

impl fmt::Debug for tfplugin6::RawState {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "RawState(json: {} bytes, flatmap: {} keys)", self.json.len(), self.flatmap.len())
    }
}

#[cfg(test)]
mod tests {
    use prost::Message;

    use super::tfplugin6::{DynamicValue, RawState, validate_provider_config};

    #[test]
    fn values_are_not_printed() {
        let value = DynamicValue { msgpack: "secret".into(), json: "secret".into() };
        let state = RawState { json: "secret".into(), flatmap: [("secret".to_owned(), "secret".to_owned())].into() };
        assert!(!format!("{value:?} {state:?}").contains("secret"));
    }

    #[test]
    fn diagnostics_of_the_provider_block_have_number_two() {
        let response = validate_provider_config::Response { diagnostics: vec![Default::default()] };
        assert_eq!(response.encode_to_vec(), [2 << 3 | 2, 0]);
    }
}
