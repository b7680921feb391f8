//! What containers may and must have of processor and memory.

use crate::cloud::api::tcm::{Resource, ResourceRequirements};
use crate::framework::{Computed, Model};

/// What a container may use and what is set aside for it.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct Requirements {
    /// What it may use at most.
    #[tf(block, opt_in)]
    pub limits: Option<Quantities>,
    /// What is set aside for it.
    #[tf(block, opt_in)]
    pub requests: Option<Quantities>,
}

/// Quantities of processor and memory, as Kubernetes writes them.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct Quantities {
    /// Processors, for example `2` or `100m`.
    #[tf(optional, computed, check = check_quantity)]
    pub cpu: Computed<String>,
    /// Memory, for example `1Gi` or `128Mi`.
    #[tf(optional, computed, check = check_quantity)]
    pub memory: Computed<String>,
}

impl From<ResourceRequirements> for Requirements {
    fn from(ResourceRequirements { limits, requests }: ResourceRequirements) -> Self {
        Self { limits: limits.map(Into::into), requests: requests.map(Into::into) }
    }
}

impl From<Vec<Resource>> for Quantities {
    fn from(list: Vec<Resource>) -> Self {
        let of = |name: &str| list.iter().find(|resource| resource.name == name).map(|found| found.quantity.clone());
        Self { cpu: of("cpu").into(), memory: of("memory").into() }
    }
}

impl From<&Requirements> for ResourceRequirements {
    fn from(Requirements { limits, requests }: &Requirements) -> Self {
        Self { limits: limits.as_ref().map(list), requests: requests.as_ref().map(list) }
    }
}

fn list(Quantities { cpu, memory }: &Quantities) -> Vec<Resource> {
    let named = [("cpu", cpu), ("memory", memory)];
    let resource = |(name, quantity): (&str, &Computed<String>)| {
        Some(Resource { name: name.to_owned(), quantity: quantity.get()?.clone() })
    };
    named.into_iter().filter_map(resource).collect()
}

fn check_quantity(text: &str) -> Result<(), String> {
    const UNITS: &[&str] = &["", "m", "k", "M", "G", "T", "P", "Ki", "Mi", "Gi", "Ti", "Pi"];
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    let number = &text[..text.len() - unit.len()];
    if UNITS.contains(&unit) && number.parse::<f64>().is_ok() {
        return Ok(());
    }
    Err("Expected a quantity such as `500m`, `2`, `128Mi` or `1Gi`.".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_lists_in_the_api_and_attributes_here() {
        let quantities = Quantities { cpu: "2".into(), memory: "1Gi".into() };
        let requirements = Requirements { limits: Some(quantities), requests: None };
        let sent = ResourceRequirements::from(&requirements);
        let names: Vec<_> = sent.limits.iter().flatten().map(|resource| resource.name.as_str()).collect();
        assert_eq!((names, &sent.requests), (vec!["cpu", "memory"], &None));
        assert_eq!(Requirements::from(sent), requirements);
    }

    #[test]
    fn what_is_not_known_yet_is_not_sent() {
        let quantities = Quantities { cpu: Computed::Unknown, memory: "1Gi".into() };
        assert_eq!(list(&quantities), [Resource { name: "memory".into(), quantity: "1Gi".into() }]);
    }

    #[test]
    fn quantities_are_checked_by_form() {
        for right in ["100m", "2", "0.5", "128Mi", "1Gi", "1e3"] {
            assert_eq!(check_quantity(right).is_ok(), right != "1e3", "{right}");
        }
        for wrong in ["", "Mi", "1 Gi", "1gi", "-1", "1.2.3"] {
            assert!(check_quantity(wrong).is_err(), "{wrong}");
        }
    }
}
