//! What can go wrong with a cluster.

use kube::core::Status;

use super::plugin;
use crate::wait::NotReached;

/// A field that another manager holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The other field manager, for example `kubectl-client-side-apply`.
    pub manager: String,
    /// The field, as the API server writes it, for example `.spec.replicas`.
    pub field: String,
}

/// An error of the Kubernetes layer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// What describes the connection cannot be used; `argument` is the attribute to look at.
    #[error("the connection to the cluster is not usable: {problem}")]
    Connection {
        /// Which part of the connection: `kubeconfig`, `host`, `cluster_ca_certificate`, `client_certificate`, `exec`.
        argument: &'static str,
        /// What is wrong with it and what was expected. Holds no secret.
        problem: String,
    },
    /// The manifest is not YAML, or a document in it is no Kubernetes object.
    #[error("document {document} of the manifest: {problem}")]
    Manifest {
        /// Counted from 1.
        document: usize,
        /// What is wrong. Holds nothing of the document but names.
        problem: String,
    },
    /// The API server gave no answer.
    #[error("the API server {server} cannot be reached")]
    Unreachable {
        /// The server's URL.
        server: String,
        /// What the transport said.
        #[source]
        source: kube::Error,
    },
    /// Fields of the object belong to other managers.
    #[error("{object} has fields that other managers hold: {}", listed(.conflicts))]
    Conflicts {
        /// The object, for people.
        object: String,
        /// Who holds what.
        conflicts: Vec<Conflict>,
    },
    /// The API server refused.
    #[error("{doing}: the API server answered {} {}: {}", .status.code, .status.reason, .status.message)]
    Refused {
        /// What was being done, for example `applying ConfigMap test/a`.
        doing: String,
        /// The server's answer.
        status: Box<Status>,
    },
    /// The API server does not serve the kind of the object.
    #[error("{doing}: the API server does not know the kind")]
    UnknownKind {
        /// What was being done.
        doing: String,
        /// What the server does not know.
        #[source]
        source: kube::Error,
    },
    /// Whoever answered serves nothing at the path, and said so in no words of the API.
    #[error("{doing}: the API server serves nothing of that kind")]
    NotServed {
        /// What was being done.
        doing: String,
    },
    /// The API server answered something that is not understood.
    #[error("{doing}: the API server's answer was not understood")]
    Undecodable {
        /// What was being done.
        doing: String,
        /// What the decoder said.
        #[source]
        source: kube::Error,
    },
    /// The cluster that answers is not the one that the object was made in.
    #[error(
        "the cluster that answers (kube-system namespace {found}) is not the one that holds the object ({expected})"
    )]
    OtherCluster {
        /// The UID of the `kube-system` namespace that the state holds.
        expected: String,
        /// The UID that the server answers.
        found: String,
    },
    /// The object reports that it failed for good.
    #[error("{object} has failed: {reason}")]
    Failed {
        /// The object, for people.
        object: String,
        /// What it reports.
        reason: String,
    },
    /// A wait ended early.
    #[error(transparent)]
    NotReached(#[from] NotReached),
}

fn listed(conflicts: &[Conflict]) -> String {
    let each: Vec<String> = conflicts.iter().map(|c| format!("`{}` (held by `{}`)", c.field, c.manager)).collect();
    each.join(", ")
}

impl Error {
    /// Whether the server said that the object, or its kind, is not there.
    pub fn is_not_found(&self) -> bool {
        match self {
            Self::UnknownKind { .. } => true,
            Self::Refused { status, .. } => status.is_not_found(),
            _ => false,
        }
    }

    /// Whether the kind is not served, at least not yet.
    pub fn is_unserved(&self) -> bool {
        matches!(self, Self::UnknownKind { .. } | Self::NotServed { .. })
    }

    /// Whether the server understood the request and refused it, so that it is certain that nothing was changed.
    pub fn is_refusal(&self) -> bool {
        match self {
            Self::Conflicts { .. } => true,
            Self::Refused { status, .. } => (400..500).contains(&status.code) && status.code != 408,
            _ => false,
        }
    }

    /// Whether the same request may be answered a little later: there was no connection, or the server, or the one behind
    /// it that serves the kind, is busy or starting.
    pub(super) fn may_pass(&self) -> bool {
        match self {
            Self::Unreachable { .. } => true,
            Self::Refused { status, .. } => matches!(status.code, 429 | 500 | 502..=504),
            _ => false,
        }
    }

    /// Tells a kube error apart into ours.
    pub(super) fn from_kube(error: kube::Error, doing: impl Into<String>, server: &str) -> Self {
        if let Some(problem) = plugin::failure(&error) {
            return Self::Connection { argument: "exec", problem };
        }
        match error {
            kube::Error::Api(status) if status.code == 404 && !status.is_not_found() => {
                Self::NotServed { doing: doing.into() }
            }
            kube::Error::Api(status) => Self::Refused { doing: doing.into(), status },
            kube::Error::SerdeError(_) | kube::Error::FromUtf8(_) => {
                Self::Undecodable { doing: doing.into(), source: error }
            }
            kube::Error::Discovery(_) => Self::UnknownKind { doing: doing.into(), source: error },
            source => Self::Unreachable { server: server.into(), source },
        }
    }
}

/// Reads managers and fields from the answer to a conflicting apply. The causes' messages have the form
/// `conflict with "MANAGER" using VERSION` (Kubernetes, server-side apply).
pub(super) fn conflicts(status: &Status) -> Vec<Conflict> {
    let causes = status.details.iter().flat_map(|details| &details.causes);
    causes
        .filter(|cause| cause.reason == "FieldManagerConflict")
        .map(|cause| Conflict {
            manager: cause.message.split('"').nth(1).unwrap_or(&cause.message).to_owned(),
            field: cause.field.clone(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_the_server_refused_is_certain_to_have_changed_nothing() {
        let refused = |code: u16| {
            let status = serde_json::from_value(json!({"status": "Failure", "code": code})).unwrap();
            Error::Refused { doing: "applying ConfigMap test/a".into(), status: Box::new(status) }
        };
        assert!([400, 403, 409, 422].into_iter().all(|code| refused(code).is_refusal()));
        assert!(![408, 500, 504].into_iter().any(|code| refused(code).is_refusal()));
    }

    #[test]
    fn conflicts_name_manager_and_field() {
        let status: Status = serde_json::from_value(json!({
            "status": "Failure", "code": 409, "reason": "Conflict", "message": "Apply failed with 1 conflict",
            "details": {"causes": [{"reason": "FieldManagerConflict", "field": ".spec.replicas",
                "message": "conflict with \"kubectl\" using apps/v1"}]}
        }))
        .unwrap();
        let error = Error::Conflicts { object: "Deployment test/a".into(), conflicts: conflicts(&status) };
        assert_eq!(
            error.to_string(),
            "Deployment test/a has fields that other managers hold: `.spec.replicas` (held by `kubectl`)"
        );
    }
}
