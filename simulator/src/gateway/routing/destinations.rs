//! Where a rule sends requests, and in which shares.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::headers::{BadHeader, HeaderEdits};
use super::hosts::Host;
use super::spread::Spread;
use super::subsets::{DestinationRules, Labels};
use crate::gateway::istio::virtual_service::{Destination as WrittenDestination, HttpRouteDestination};
use crate::gateway::version::Version;

/// Shares that Istio does not take.
#[derive(Debug, thiserror::Error)]
pub(super) enum BadWeights {
    /// Up to 1.14.
    #[error("total destination weight {0} != 100")]
    NotAHundred(i64),
    /// From 1.15 on.
    #[error("total destination weight = 0")]
    Nothing,
    /// In all versions.
    #[error("weight {0} < 0")]
    Negative(i64),
}

/// A service of the mesh or a subset of one: what Envoy calls a cluster.
#[derive(Debug)]
pub struct Destination {
    /// The full name of the service.
    pub host: String,
    /// The port that the rule names.
    pub port: Option<u16>,
    /// The gateway's own port, which counts where the rule names none and the service has several.
    pub listener_port: u16,
    /// The subset that the rule names.
    pub subset: Option<Subset>,
    turn: AtomicUsize,
}

/// A subset of a service.
#[derive(Debug)]
pub struct Subset {
    /// Its name.
    pub name: String,
    /// The labels of its pods; nothing where no destination rule names the subset.
    pub labels: Option<Labels>,
}

impl Destination {
    /// A service of the mesh.
    pub(crate) fn new(host: String, port: Option<u16>, listener_port: u16) -> Self {
        Self { host, port, listener_port, subset: None, turn: AtomicUsize::new(0) }
    }

    /// The number of this turn, from 0: endpoints are used in rotation.
    pub(crate) fn next_turn(&self) -> usize {
        self.turn.fetch_add(1, Ordering::Relaxed)
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.host)?;
        if let Some(port) = self.port {
            write!(f, ":{port}")?;
        }
        self.subset.as_ref().map_or(Ok(()), |subset| write!(f, " subset {}", subset.name))
    }
}

/// What destinations are resolved in: the namespace of the object that names them, and what is known beside it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Surroundings<'o> {
    /// The namespace of the object.
    pub(super) namespace: &'o str,
    /// The gateway's port.
    pub(super) port: u16,
    /// The destination rules that count.
    pub(super) rules: DestinationRules<'o>,
    /// The mesh's version.
    pub(super) version: Version,
}

impl Surroundings<'_> {
    /// The destination that an object writes.
    pub(super) fn destination(&self, written: &WrittenDestination) -> Destination {
        let host = Host::in_namespace(&written.host, self.namespace);
        let subset = (!written.subset.is_empty())
            .then(|| Subset { name: written.subset.clone(), labels: self.rules.labels(&host, &written.subset) });
        let port = written.port.map(|port| port.number);
        Destination { subset, ..Destination::new(host.as_str().into(), port, self.port) }
    }
}

/// A destination with its share.
#[derive(Debug)]
struct Share {
    weight: u64,
    destination: Destination,
    edits: HeaderEdits,
}

/// The destinations of a rule.
#[derive(Debug)]
pub(super) struct Destinations {
    shares: Vec<Share>,
    total: u64,
    spread: Spread,
}

impl Destinations {
    /// The destinations that an object writes. Those of weight 0 get nothing, unless there is only one.
    pub(super) fn new(written: &[HttpRouteDestination], around: &Surroundings<'_>) -> Result<Self, BadDestinations> {
        check_weights(written, around.version)?;
        let share = |one: &HttpRouteDestination| {
            let weight = if written.len() == 1 { 1 } else { one.weight.unsigned_abs() };
            let edits = HeaderEdits::new(&one.headers)?;
            Ok(Share { weight, destination: around.destination(&one.destination), edits })
        };
        let shares: Result<Vec<_>, BadDestinations> = written.iter().map(share).collect();
        let shares: Vec<_> = shares?.into_iter().filter(|share| share.weight > 0).collect();
        Ok(Self { total: shares.iter().map(|share| share.weight).sum(), shares, spread: Spread::golden() })
    }

    /// The destination of the next request, with the changes of headers that go with it.
    pub(super) fn next(&self) -> Option<(&Destination, &HeaderEdits)> {
        let mut point = self.spread.below(self.total);
        let mut shares = self.shares.iter();
        let share = shares.find(|share| {
            let here = point < share.weight;
            point = point.saturating_sub(share.weight);
            here
        })?;
        Some((&share.destination, &share.edits))
    }

    /// Makes the changes of a lone destination part of the rule's own, as Istio does.
    pub(super) fn fold_edits_into(&mut self, rule: &mut HeaderEdits) {
        if let [lone] = &mut *self.shares {
            *rule = rule.then(&std::mem::take(&mut lone.edits));
        }
    }
}

/// Destinations that Istio does not take.
#[derive(Debug, thiserror::Error)]
pub(super) enum BadDestinations {
    /// For their shares.
    #[error(transparent)]
    Weights(#[from] BadWeights),
    /// For the headers that go with them.
    #[error(transparent)]
    Header(#[from] BadHeader),
}

/// Istio's rule for the weights of several destinations, which 1.15 changed.
fn check_weights(written: &[HttpRouteDestination], version: Version) -> Result<(), BadWeights> {
    if let Some(one) = written.iter().find(|one| one.weight < 0) {
        return Err(BadWeights::Negative(one.weight));
    }
    let total = written.iter().map(|one| one.weight).fold(0_i64, i64::saturating_add);
    match written.len() {
        0 | 1 => Ok(()),
        _ if version.weights_are_percentages() && total != 100 => Err(BadWeights::NotAHundred(total)),
        _ if total == 0 => Err(BadWeights::Nothing),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::{prop_assert, proptest};
    use serde_json::{Value, json};

    use super::{Destinations, Surroundings};
    use crate::gateway::routing::subsets::DestinationRules;

    fn destinations(written: &Value, version: &str) -> Result<Destinations, String> {
        let version = version.parse().unwrap();
        let around = Surroundings { namespace: "test", port: 80, rules: DestinationRules::new(&[], "x"), version };
        let written: Vec<_> = serde_json::from_value(written.clone()).unwrap();
        Destinations::new(&written, &around).map_err(|error| error.to_string())
    }

    fn weighted(weights: &[i64]) -> Value {
        let one = |(index, weight)| json!({ "destination": { "host": format!("s{index}") }, "weight": weight });
        weights.iter().enumerate().map(one).collect()
    }

    fn counted(destinations: &Destinations, turns: usize) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for _ in 0..turns {
            *counts.entry(destinations.next().unwrap().0.host.clone()).or_default() += 1;
        }
        counts
    }

    #[test]
    fn a_lone_destination_gets_everything_whatever_its_weight() {
        for weight in [0, 7, 100] {
            let counts = counted(&destinations(&weighted(&[weight]), "1.14.5").unwrap(), 10);
            assert_eq!(counts["s0.test.svc.cluster.local"], 10);
        }
    }

    #[test]
    fn up_to_1_14_weights_must_make_a_hundred() {
        assert!(destinations(&weighted(&[80, 20]), "1.14.5").is_ok());
        assert_eq!(destinations(&weighted(&[1, 3]), "1.14.5").unwrap_err(), "total destination weight 4 != 100");
        assert_eq!(destinations(&weighted(&[0, 0]), "1.14.5").unwrap_err(), "total destination weight 0 != 100");
    }

    #[test]
    fn from_1_15_on_any_weights_but_nothing_will_do() {
        let counts = counted(&destinations(&weighted(&[1, 3]), "1.15.0").unwrap(), 1_000);
        assert!(counts["s0.test.svc.cluster.local"].abs_diff(250) <= 5, "{counts:?}");
        assert_eq!(destinations(&weighted(&[0, 0]), "1.15.0").unwrap_err(), "total destination weight = 0");
        assert_eq!(destinations(&weighted(&[-1, 3]), "1.15.0").unwrap_err(), "weight -1 < 0");
    }

    #[test]
    fn a_destination_of_weight_0_gets_nothing() {
        let counts = counted(&destinations(&weighted(&[100, 0]), "1.14.5").unwrap(), 100);
        assert_eq!(counts.len(), 1);
    }

    #[test]
    fn a_destination_is_told_by_service_port_and_subset() {
        let written = json!([{ "destination": { "host": "a.b.c", "port": { "number": 8080 }, "subset": "v1" } }]);
        let destinations = destinations(&written, "1.18.5").unwrap();
        assert_eq!(destinations.next().unwrap().0.to_string(), "a.b.c:8080 subset v1");
    }

    proptest! {
        #[test]
        fn every_destination_gets_its_share(weights in proptest::collection::vec(1_i64..1_000, 2..6)) {
            let destinations = destinations(&weighted(&weights), "1.15.0").unwrap();
            let counts = counted(&destinations, 1_000);
            let total: i64 = weights.iter().sum();
            for (index, weight) in weights.iter().enumerate() {
                let count = counts.get(&format!("s{index}.test.svc.cluster.local")).copied().unwrap_or_default();
                let expected = usize::try_from(1_000 * weight / total).unwrap();
                prop_assert!(count.abs_diff(expected) <= 8, "{weights:?} gave {counts:?}");
            }
        }
    }
}
