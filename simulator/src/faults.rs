//! Faults on purpose: which requests they hit, and what happens to those.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use crate::clock::Span;
use crate::journal::KUBERNETES;
use crate::kubernetes::{ApiError as KubernetesError, Disturbance};

/// A fault and the requests it hits.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultRule {
    /// Which requests.
    #[serde(default, rename = "match")]
    pub matching: Match,
    /// What happens to them.
    pub fault: Fault,
}

/// Which requests a fault hits; what is left out matches all. Requests to clusters' APIs are hit only where `service` is
/// `kubernetes`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Match {
    /// The service, such as `vpc`.
    pub service: Option<String>,
    /// The action, such as `AttachCcnInstances`.
    pub action: Option<String>,
    /// The world's name of the account that signs.
    pub account: Option<String>,
    /// The cluster or hub, for requests to its API.
    pub cluster: Option<String>,
    /// The HTTP method, for requests to a cluster's API.
    pub method: Option<String>,
    /// A part of the path, for requests to a cluster's API.
    pub path: Option<String>,
    /// Only the n-th request that matches the rest, counted from 1 since the fault was put in force.
    pub nth: Option<u64>,
}

/// What happens to a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// It is refused with `RequestLimitExceeded`.
    Throttle,
    /// It is refused with this error.
    Error {
        /// The API's code.
        code: String,
        /// The words for people.
        #[serde(default)]
        message: String,
    },
    /// It is carried out, and answered with this error all the same.
    ErrorAfter {
        /// The API's code.
        code: String,
        /// The words for people.
        #[serde(default)]
        message: String,
    },
    /// It is answered by something in front of the API: this status and an HTML page.
    #[serde(rename = "http_5xx")]
    Http5xx(u16),
    /// It is carried out after this real time.
    Delay(Span),
    /// The connection is closed; it is not carried out.
    DropRequest,
    /// It is carried out, and the connection is closed without an answer.
    DropReply,
    /// Of each list only the first item is carried out, and the answer is `InternalError`; requests to a cluster's API are
    /// carried out and answered so.
    Partial,
    /// It is carried out, and the steps that it begins never end.
    StuckState,
    /// It is carried out, and the steps that it begins fail after their wait.
    FailState,
}

/// Why a fault would never do anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Pointless {
    /// Its match mixes both kinds of requests.
    #[error(
        "`cluster`, `method` and `path` match requests of the service `kubernetes`, `action` and `account` all others"
    )]
    Match,
    /// The API of a cluster has nothing like it.
    #[error("requests of the service `kubernetes` have no steps, and errors by the reasons of a `Status` only")]
    Fault,
}

impl FaultRule {
    /// Checks that the fault can hit something, and can be done to it.
    ///
    /// # Errors
    /// [`Pointless`] where not.
    pub(crate) fn check(&self) -> Result<(), Pointless> {
        let Match { action, account, cluster, method, path, .. } = &self.matching;
        let for_clusters = self.matching.is_for_clusters();
        let foreign = if for_clusters { vec![action, account] } else { vec![cluster, method, path] };
        match () {
            () if foreign.into_iter().any(Option::is_some) => Err(Pointless::Match),
            () if for_clusters && self.fault.disturbance().is_none() => Err(Pointless::Fault),
            () => Ok(()),
        }
    }
}

impl Fault {
    /// What it does to a request to a cluster's API, where it can do something.
    pub(crate) fn disturbance(&self) -> Option<Disturbance> {
        Some(match self {
            Self::Throttle => Disturbance::Refuse(KubernetesError::too_many_requests(1)),
            Self::Error { code, message } => Disturbance::Refuse(KubernetesError::of_reason(code, message)?),
            Self::ErrorAfter { code, message } => Disturbance::RefuseAfter(KubernetesError::of_reason(code, message)?),
            Self::Http5xx(status) => Disturbance::Page(*status),
            Self::Delay(wait) => Disturbance::Delay(wait.duration()),
            Self::DropRequest => Disturbance::LoseRequest,
            Self::DropReply => Disturbance::LoseReply,
            Self::Partial => Disturbance::RefuseAfter(KubernetesError::internal("a fault on purpose")),
            Self::StuckState | Self::FailState => return None,
        })
    }
}

/// A request, as far as faults look at it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Asked<'a> {
    /// The service, or [`KUBERNETES`].
    pub(crate) service: &'a str,
    /// The action of the service.
    pub(crate) action: Option<&'a str>,
    /// The world's name of the account that signs.
    pub(crate) account: Option<&'a str>,
    /// The cluster.
    pub(crate) cluster: Option<&'a str>,
    /// The method to the cluster's API.
    pub(crate) method: Option<&'a str>,
    /// The path to the cluster's API.
    pub(crate) path: Option<&'a str>,
}

/// A fault in force.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Planned {
    /// By which it can be deleted.
    pub(crate) id: u64,
    #[serde(flatten)]
    rule: FaultRule,
    /// How many requests have matched.
    matched: u64,
}

/// The faults in force.
#[derive(Debug, Default)]
pub(crate) struct Faults(Mutex<(u64, Vec<Planned>)>);

impl Faults {
    /// Puts a fault in force and gives its id.
    pub(crate) fn add(&self, rule: FaultRule) -> u64 {
        let (last, planned) = &mut *self.lock();
        *last += 1;
        planned.push(Planned { id: *last, rule, matched: 0 });
        *last
    }

    /// Ends a fault, and says whether it was in force.
    pub(crate) fn remove(&self, id: u64) -> bool {
        let planned = &mut self.lock().1;
        let before = planned.len();
        planned.retain(|fault| fault.id != id);
        planned.len() < before
    }

    /// Ends all faults.
    pub(crate) fn clear(&self) {
        self.lock().1.clear();
    }

    /// The faults in force, in the order they were added.
    pub(crate) fn all(&self) -> Vec<Planned> {
        self.lock().1.clone()
    }

    /// Counts a request and gives what happens to it: what the first fault that hits it says.
    pub(crate) fn strike(&self, asked: &Asked<'_>) -> Option<Fault> {
        let mut state = self.lock();
        let matching = state.1.iter_mut().filter(|fault| fault.rule.matching.covers(asked));
        let hits = matching.filter_map(|fault| {
            fault.matched += 1;
            let hit = fault.rule.matching.nth.is_none_or(|nth| nth == fault.matched);
            hit.then(|| fault.rule.fault.clone())
        });
        // All of them count the request, the first one decides.
        let fault = hits.collect::<Vec<_>>().into_iter().next();
        if let Some(fault) = &fault {
            tracing::debug!(?asked, ?fault, "a fault strikes");
        }
        fault
    }

    fn lock(&self) -> MutexGuard<'_, (u64, Vec<Planned>)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Match {
    fn covers(&self, asked: &Asked<'_>) -> bool {
        let same = |wanted: &Option<String>, actual: Option<&str>| {
            wanted.as_deref().is_none_or(|wanted| Some(wanted) == actual)
        };
        let named = self.is_for_clusters() || asked.service != KUBERNETES;
        let path = self.path.as_ref().is_none_or(|part| asked.path.is_some_and(|path| path.contains(part)));
        named
            && path
            && same(&self.service, Some(asked.service))
            && same(&self.action, asked.action)
            && same(&self.account, asked.account)
            && same(&self.cluster, asked.cluster)
            && same(&self.method, asked.method)
    }

    fn is_for_clusters(&self) -> bool {
        self.service.as_deref() == Some(KUBERNETES)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn faults(rules: &[serde_json::Value]) -> Faults {
        let faults = Faults::default();
        for rule in rules {
            faults.add(serde_json::from_value(rule.clone()).unwrap());
        }
        faults
    }

    fn action<'a>(service: &'a str, action: &'a str, account: Option<&'a str>) -> Asked<'a> {
        Asked { service, action: Some(action), account, ..Asked::default() }
    }

    #[test]
    fn requests_to_clusters_are_hit_where_the_service_says_so() {
        let rules = [
            json!({"fault": "throttle"}),
            json!({"match": {"service": "kubernetes", "cluster": "cls-1", "method": "PATCH", "path": "/gateways/"}, "fault": "drop_reply"}),
        ];
        let faults = faults(&rules);
        let patch = |cluster, path| Asked {
            service: KUBERNETES,
            cluster: Some(cluster),
            method: Some("PATCH"),
            path: Some(path),
            ..Asked::default()
        };
        let path = "/apis/networking.istio.io/v1/namespaces/test/gateways/g";
        assert_eq!(faults.strike(&patch("cls-1", path)), Some(Fault::DropReply));
        for other in [
            patch("cls-2", path),
            patch("cls-1", "/api/v1/pods"),
            Asked { method: Some("GET"), ..patch("cls-1", path) },
        ] {
            assert_eq!(faults.strike(&other), None, "{other:?}");
        }
    }

    #[test]
    fn faults_that_would_never_do_anything_are_told() {
        let check = |rule: serde_json::Value| serde_json::from_value::<FaultRule>(rule).unwrap().check();
        let of = |fault: serde_json::Value| check(json!({"match": {"service": "kubernetes"}, "fault": fault}));
        assert_eq!(of(json!({"error": {"code": "Conflict"}})), Ok(()));
        assert_eq!(of(json!({"error": {"code": "LimitExceeded"}})), Err(Pointless::Fault));
        assert_eq!(of(json!("stuck_state")), Err(Pointless::Fault));
        for matching in [json!({"cluster": "cls-1"}), json!({"service": "kubernetes", "action": "CreateCcn"})] {
            assert_eq!(check(json!({"match": matching, "fault": "throttle"})), Err(Pointless::Match));
        }
    }

    #[test]
    fn a_fault_hits_what_it_matches() {
        let faults = faults(&[json!({"match": {"service": "vpc", "account": "a"}, "fault": "throttle"})]);
        assert_eq!(faults.strike(&action("vpc", "DescribeCcns", Some("a"))), Some(Fault::Throttle));
        assert_eq!(faults.strike(&action("vpc", "DescribeCcns", Some("b"))), None);
        assert_eq!(faults.strike(&action("vpc", "DescribeCcns", None)), None);
        assert_eq!(faults.strike(&action("tke", "DescribeClusters", Some("a"))), None);
    }

    #[test]
    fn the_nth_request_is_hit_and_no_other() {
        let faults = faults(&[json!({"match": {"action": "CreateCcn", "nth": 2}, "fault": {"delay": "1s"}})]);
        let hits: Vec<bool> = (0..3).map(|_| faults.strike(&action("vpc", "CreateCcn", Some("a"))).is_some()).collect();
        assert_eq!(hits, [false, true, false]);
    }

    #[test]
    fn of_two_faults_the_first_decides_and_both_count() {
        let nth = |nth: u64, fault: &str| json!({"match": {"nth": nth}, "fault": fault});
        let faults = faults(&[nth(1, "throttle"), nth(2, "drop_reply")]);
        let hits: Vec<_> = (0..3).map(|_| faults.strike(&action("vpc", "CreateCcn", None))).collect();
        assert_eq!(hits, [Some(Fault::Throttle), Some(Fault::DropReply), None]);
    }

    #[test]
    fn faults_with_details_are_read() {
        let rule = |fault: serde_json::Value| serde_json::from_value::<FaultRule>(json!({"fault": fault}));
        let error = rule(json!({"error": {"code": "InternalError"}})).unwrap();
        assert_eq!(error.fault, Fault::Error { code: "InternalError".into(), message: String::new() });
        assert_eq!(rule(json!({"http_5xx": 502})).unwrap().fault, Fault::Http5xx(502));
        assert!(rule(json!("explode")).is_err());
    }
}
