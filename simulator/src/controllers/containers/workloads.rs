//! Which programs run where now.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{HttpAnswer, HttpRequest, Process};

/// The running pods of a cluster, by their addresses: what the network reaches when it reaches a pod.
#[derive(Default)]
pub struct Workloads(Mutex<BTreeMap<String, Running>>);

struct Running {
    address: Ipv4Addr,
    processes: Vec<Arc<dyn Process>>,
}

impl std::fmt::Debug for Workloads {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_set().entries(self.pods().values().map(|running| running.address)).finish()
    }
}

impl Workloads {
    /// The answer to a request that has reached an address; none when nothing listens there.
    pub fn answer(&self, address: Ipv4Addr, request: &HttpRequest) -> Option<HttpAnswer> {
        let pods = self.pods();
        let mut here =
            pods.values().filter(|running| running.address == address).flat_map(|running| &running.processes);
        here.find_map(|process| process.answer(request))
    }

    /// Whether a pod runs, by its UID.
    pub(crate) fn runs(&self, uid: &str) -> bool {
        self.pods().contains_key(uid)
    }

    /// Notes that a pod runs.
    pub(crate) fn insert(&self, uid: &str, address: Ipv4Addr, processes: Vec<Arc<dyn Process>>) {
        self.pods().insert(uid.to_owned(), Running { address, processes });
    }

    /// Notes that a pod no longer runs.
    pub(crate) fn remove(&self, uid: &str) {
        self.pods().remove(uid);
    }

    fn pods(&self) -> MutexGuard<'_, BTreeMap<String, Running>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
