//! Why there are no usable credentials.

use std::io;
use std::path::PathBuf;

use crate::cloud::error::Error;

/// Why there are no usable credentials.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// Nothing was given.
    #[error("no credentials were found; looked at: {}", looked_at.join("; "))]
    Missing {
        /// Every place that was looked at.
        looked_at: Vec<String>,
    },
    /// One half of a pair was given.
    #[error("{given} is given, but {missing} is not")]
    Incomplete {
        /// The argument that is there.
        given: &'static str,
        /// The argument that is not.
        missing: &'static str,
    },
    /// A file cannot be read.
    #[error("{argument}: {} cannot be read", path.display())]
    Unreadable {
        /// The argument that names the file.
        argument: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// What was given has another form than expected.
    #[error("{given}: expected {expected}")]
    Malformed {
        /// The argument, variable or file.
        given: String,
        /// The form that it should have.
        expected: String,
    },
    /// Temporary keys have ended that were taken with something that works once.
    #[error(
        "the keys of {source_name} have ended, and a code of an MFA device works once; give a new code, for longer"
    )]
    Ended {
        /// The source, for example `mfa_certification`.
        source_name: String,
    },
    /// The service that gives temporary keys did not give any.
    #[error("{source_name} gave no credentials")]
    Refused {
        /// The source, for example `assume_role of qcs::cam::uin/100000000001:roleName/terraform`.
        source_name: String,
        /// Why.
        #[source]
        cause: Box<Error>,
    },
}

impl Problem {
    /// What became of a call for temporary keys; an interrupted one stays an interrupted one.
    pub(crate) fn refused(source_name: impl Into<String>, cause: Error) -> Error {
        match cause {
            Error::Stopped | Error::TimedOut { .. } | Error::Configuration { .. } => cause,
            _ => Self::Refused { source_name: source_name.into(), cause: Box::new(cause) }.into(),
        }
    }
}
