//! Faults on purpose: which requests they hit, and what happens to those.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use crate::clock::Span;

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

/// Which requests a fault hits; what is left out matches all.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Match {
    /// The service, such as `vpc`.
    pub service: Option<String>,
    /// The action, such as `AttachCcnInstances`.
    pub action: Option<String>,
    /// The world's name of the account that signs.
    pub account: Option<String>,
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
    /// Of each list only the first item is carried out, and the answer is `InternalError`.
    Partial,
    /// It is carried out, and the steps that it begins never end.
    StuckState,
    /// It is carried out, and the steps that it begins fail after their wait.
    FailState,
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
    pub(crate) fn strike(&self, service: &str, action: &str, account: Option<&str>) -> Option<Fault> {
        let mut state = self.lock();
        let matching = state.1.iter_mut().filter(|fault| fault.rule.matching.covers(service, action, account));
        let hits = matching.filter_map(|fault| {
            fault.matched += 1;
            let hit = fault.rule.matching.nth.is_none_or(|nth| nth == fault.matched);
            hit.then(|| fault.rule.fault.clone())
        });
        // All of them count the request, the first one decides.
        hits.collect::<Vec<_>>().into_iter().next()
    }

    fn lock(&self) -> MutexGuard<'_, (u64, Vec<Planned>)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Match {
    fn covers(&self, service: &str, action: &str, account: Option<&str>) -> bool {
        let same = |wanted: &Option<String>, actual: Option<&str>| {
            wanted.as_deref().is_none_or(|wanted| Some(wanted) == actual)
        };
        same(&self.service, Some(service)) && same(&self.action, Some(action)) && same(&self.account, account)
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

    #[test]
    fn a_fault_hits_what_it_matches() {
        let faults = faults(&[json!({"match": {"service": "vpc", "account": "a"}, "fault": "throttle"})]);
        assert_eq!(faults.strike("vpc", "DescribeCcns", Some("a")), Some(Fault::Throttle));
        assert_eq!(faults.strike("vpc", "DescribeCcns", Some("b")), None);
        assert_eq!(faults.strike("vpc", "DescribeCcns", None), None);
        assert_eq!(faults.strike("tke", "DescribeClusters", Some("a")), None);
    }

    #[test]
    fn the_nth_request_is_hit_and_no_other() {
        let faults = faults(&[json!({"match": {"action": "CreateCcn", "nth": 2}, "fault": {"delay": "1s"}})]);
        let hits: Vec<bool> = (0..3).map(|_| faults.strike("vpc", "CreateCcn", Some("a")).is_some()).collect();
        assert_eq!(hits, [false, true, false]);
    }

    #[test]
    fn of_two_faults_the_first_decides_and_both_count() {
        let nth = |nth: u64, fault: &str| json!({"match": {"nth": nth}, "fault": fault});
        let faults = faults(&[nth(1, "throttle"), nth(2, "drop_reply")]);
        let hits: Vec<_> = (0..3).map(|_| faults.strike("vpc", "CreateCcn", None)).collect();
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
