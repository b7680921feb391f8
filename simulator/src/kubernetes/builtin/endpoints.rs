//! Endpoints: they may not lead back into the machine that follows them.

use std::net::IpAddr;

use serde_json::Value;

use crate::kubernetes::errors::Cause;
use crate::kubernetes::kinds::Behaviour;
use crate::kubernetes::object::Object;

/// The behaviour of endpoints.
#[derive(Debug)]
pub(super) struct Endpoints;

impl Behaviour for Endpoints {
    fn validate(&self, endpoints: &Object, _: Option<&Object>) -> Vec<Cause> {
        let mut causes = Vec::new();
        for (index, subset) in endpoints.list("/subsets").iter().enumerate() {
            for list in ["addresses", "notReadyAddresses"] {
                let addresses = subset[list].as_array().into_iter().flatten().enumerate();
                causes.extend(addresses.filter_map(|(place, address)| {
                    let field = format!("subsets[{index}].{list}[{place}].ip");
                    address_fault(&address["ip"]).map(|fault| Cause::invalid(field, &address["ip"], fault))
                }));
            }
        }
        causes
    }
}

fn address_fault(address: &Value) -> Option<&'static str> {
    match address.as_str().unwrap_or_default().parse::<IpAddr>() {
        Err(_) => Some("must be a valid IP address"),
        Ok(address) if address.is_unspecified() => Some("may not be unspecified (0.0.0.0 or ::)"),
        Ok(address) if address.is_loopback() => Some("may not be in the loopback range (127.0.0.0/8, ::1/128)"),
        Ok(IpAddr::V4(address)) if address.is_link_local() => {
            Some("may not be in the link-local range (169.254.0.0/16, fe80::/10)")
        }
        Ok(_) => None,
    }
}
