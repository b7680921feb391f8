//! What is noted of requests and done to them on purpose, be they for the cloud or for its clusters.

use std::sync::Arc;

use crate::faults::{Asked, Faults};
use crate::journal::{Journal, KUBERNETES, KubernetesEntry};
use crate::kubernetes::{self, Entry, Incoming};
use crate::state::SharedCloud;

/// The journal and the faults in force. Clones are the same.
#[derive(Clone, Debug, Default)]
pub(crate) struct Oversight {
    pub(crate) journal: Arc<Journal>,
    pub(crate) faults: Arc<Faults>,
}

impl Oversight {
    /// The journal of a cluster's API. What the simulator asks by itself is not noted.
    pub(crate) fn journal_of(&self, cluster: &str, cloud: &SharedCloud) -> kubernetes::Journal {
        let (journal, cluster, cloud) = (Arc::clone(&self.journal), cluster.to_owned(), cloud.clone());
        Arc::new(move |Entry { method, path, user, write, code, inside }| {
            if !inside {
                let (time, cluster) = (cloud.now(), cluster.clone());
                let service = KUBERNETES;
                journal.add_kubernetes(KubernetesEntry { time, service, cluster, method, path, user, write, code });
            }
        })
    }

    /// The faults of a cluster's API. What the simulator asks by itself is not disturbed.
    pub(crate) fn faults_of(&self, cluster: &str) -> kubernetes::Faults {
        let (faults, cluster) = (Arc::clone(&self.faults), cluster.to_owned());
        Arc::new(move |incoming: &Incoming<'_>| {
            let asked = Asked {
                service: KUBERNETES,
                cluster: Some(&cluster),
                method: Some(incoming.method),
                path: Some(incoming.path),
                ..Asked::default()
            };
            if incoming.inside { None } else { faults.strike(&asked)?.disturbance() }
        })
    }
}
