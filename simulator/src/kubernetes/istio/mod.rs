//! Istio's networking kinds, as a group that the clusters of one mesh share.
//!
//! Shapes, served versions and checks are those of Istio's custom resource definitions and validation (releases 1.12 to
//! 1.31). What a definition checks is refused with 422, what the webhook checks with 400, as by the real ones; newer
//! definitions check some of the latter themselves. Not checked: names of headers, subnets, and the parts of traffic
//! policies that nothing here acts on.

use std::sync::Arc;

use super::errors::ApiError;
use super::kinds::{Behaviour, Kind, Version};
use super::names::NameRule;
use super::registry::ApiGroup;
use super::schema::language::Types;
use super::store::Store;

mod destinations;
mod gateways;
mod hosts;
mod policies;
mod virtual_services;

/// The group's name.
pub const GROUP: &str = "networking.istio.io";

const TYPES: [&str; 2] = [include_str!("../builtin/types.txt"), include_str!("types.txt")];

/// A release of Istio, by major and minor number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Release {
    /// The major number.
    pub major: u32,
    /// The minor number.
    pub minor: u32,
}

impl Release {
    const fn new(minor: u32) -> Self {
        Self { major: 1, minor }
    }

    /// The versions of the group that a release serves, preferred first, and the one that it stores.
    fn versions(self) -> (&'static [&'static str], &'static str) {
        match self {
            old if old < Self::new(22) => (&["v1beta1", "v1alpha3"], "v1alpha3"),
            middle if middle < Self::new(27) => (&["v1", "v1beta1", "v1alpha3"], "v1beta1"),
            _ => (&["v1", "v1beta1", "v1alpha3"], "v1"),
        }
    }

    /// Whether the weights of a route must make exactly 100; from 1.15 on they are shares.
    fn has_percent_weights(self) -> bool {
        self < Self::new(15)
    }
}

/// The group as a release of Istio serves it, kept in `store`.
pub fn group(release: Release, store: Arc<Store>) -> ApiGroup {
    let types = Types::parse(&TYPES);
    let virtual_services: &'static dyn Behaviour = match release.has_percent_weights() {
        true => &virtual_services::VirtualServices { percent_weights: true },
        false => &virtual_services::VirtualServices { percent_weights: false },
    };
    let kinds = vec![
        kind(&types, release, "Gateway", ("gateways", "gw"), &gateways::Gateways),
        kind(&types, release, "VirtualService", ("virtualservices", "vs"), virtual_services),
        kind(&types, release, "DestinationRule", ("destinationrules", "dr"), &destinations::DestinationRules),
        kind(&types, release, "ServiceEntry", ("serviceentries", "se"), &destinations::ServiceEntries),
    ];
    ApiGroup::new(GROUP, kinds, store)
}

fn kind(
    types: &Types,
    release: Release,
    kind: &str,
    (plural, short): (&str, &str),
    behaviour: &'static dyn Behaviour,
) -> Kind {
    let (served, stored) = release.versions();
    let schema = types.kind(kind);
    let version = |name: &&str| Version { name: (*name).to_owned(), schema: schema.clone() };
    Kind {
        group: GROUP.to_owned(),
        versions: served.iter().map(version).collect(),
        storage_version: stored.to_owned(),
        kind: kind.to_owned(),
        plural: plural.to_owned(),
        singular: kind.to_lowercase(),
        short_names: vec![short.to_owned()],
        categories: vec!["istio-io".to_owned(), "networking-istio-io".to_owned()],
        namespaced: true,
        selectable_fields: Vec::new(),
        has_status: true,
        scale: None,
        has_generation: true,
        is_custom: true,
        naming: NameRule::Subdomain,
        behaviour,
    }
}

/// Refuses an object as Istio's webhook does, when something is wrong with it.
fn refuse(faults: &[String]) -> Result<(), ApiError> {
    let text = match faults {
        [] => return Ok(()),
        [fault] => fault.clone(),
        faults => {
            let lines: Vec<_> = faults.iter().map(|fault| format!("\t* {fault}\n")).collect();
            format!("{} errors occurred:\n{}\n", faults.len(), lines.concat())
        }
    };
    Err(ApiError::denied_by("validation.istio.io", &format!("configuration is invalid: {text}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_serves_its_versions() {
        assert_eq!(Release::new(12).versions(), (&["v1beta1", "v1alpha3"][..], "v1alpha3"));
        assert_eq!(Release::new(22).versions().1, "v1beta1");
        assert_eq!(Release::new(27).versions().1, "v1");
        assert!(Release::new(14).has_percent_weights() && !Release::new(15).has_percent_weights());
    }
}
