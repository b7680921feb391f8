//! How a call can fail, and for every failure whether the request may have been carried out.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use super::{codes, credentials};
use crate::scope::Interrupted;
use crate::wait::NotReached;

/// The cause of an error, of whatever library.
pub type Cause = Box<dyn StdError + Send + Sync>;

/// The call that an error belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The product's name, such as `vpc`.
    pub service: String,
    /// The action's name, such as `CreateCcn`.
    pub action: String,
    /// The region that the request named.
    pub region: String,
    /// The root uin of the caller, when it is known.
    pub account: Option<String>,
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { service, action, region, account } = self;
        write!(formatter, "{service} {action} in {region}")?;
        account.as_ref().map_or(Ok(()), |account| write!(formatter, ", account {account}"))
    }
}

/// Why a request that was sent has no usable answer.
#[derive(Debug, thiserror::Error)]
pub enum Silence {
    /// The answer did not come in time.
    #[error("no answer came within {} s", .0.as_secs())]
    TooLate(Duration),
    /// The connection ended before the answer did.
    #[error("the connection broke before the answer was complete")]
    Broken(#[source] Cause),
    /// The answer came from something else than the API, such as a gateway before it: the API always answers 200.
    #[error("the answer has HTTP status {0}")]
    Status(u16),
    /// The answer is not a JSON object of the API's form.
    #[error("the answer is not of the API's form")]
    Malformed,
}

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The API refused the request.
    #[error("{origin}: {code}: {message} (request ID {request_id})")]
    Api {
        /// The call.
        origin: Box<Origin>,
        /// The API's code, such as `ResourceNotFound`.
        code: String,
        /// The API's own words.
        message: String,
        /// The ID that the vendor's support asks for.
        request_id: String,
    },
    /// The request never left: nothing was carried out.
    #[error("{origin}: the request could not be sent to {address}")]
    NotSent {
        /// The call.
        origin: Box<Origin>,
        /// Where it should have gone.
        address: String,
        /// What prevented it.
        #[source]
        cause: Cause,
    },
    /// The request left, but its answer did not arrive: it may have been carried out.
    #[error("{origin}: the request was sent, but not answered")]
    Unanswered {
        /// The call.
        origin: Box<Origin>,
        /// What came instead of an answer.
        #[source]
        silence: Silence,
    },
    /// The request was carried out, but its answer is not what the API documents.
    #[error("{origin}: the answer cannot be understood: {problem} (request ID {request_id})")]
    Undecodable {
        /// The call.
        origin: Box<Origin>,
        /// What is wrong with it; never a value of the answer.
        problem: String,
        /// The ID that the vendor's support asks for.
        request_id: String,
    },
    /// There are no usable credentials.
    #[error(transparent)]
    Credentials(#[from] credentials::Problem),
    /// An argument of the client is wrong.
    #[error("{argument}: {problem}")]
    Configuration {
        /// The argument's name, such as `ca_file`.
        argument: String,
        /// What is wrong, and what was expected.
        problem: String,
    },
    /// Terraform asked the provider to stop.
    #[error("stopped on request")]
    Stopped,
    /// The time that the operation was given is over.
    #[error("timed out waiting for {waiting_for}{}", last_seen.as_ref().map(|seen| format!("; last seen: {seen}")).unwrap_or_default())]
    TimedOut {
        /// What was being waited for.
        waiting_for: String,
        /// What was seen last, if anything.
        last_seen: Option<String>,
    },
}

impl From<NotReached> for Error {
    fn from(NotReached { why, waiting_for, last_seen }: NotReached) -> Self {
        Self::interrupted(why, waiting_for, Some(last_seen))
    }
}

impl Error {
    /// What becomes of an interruption while waiting for `waiting_for`.
    pub(crate) fn interrupted(
        interrupted: Interrupted,
        waiting_for: impl Into<String>,
        last_seen: Option<String>,
    ) -> Self {
        match interrupted {
            Interrupted::Stopped => Self::Stopped,
            Interrupted::TimedOut => Self::TimedOut { waiting_for: waiting_for.into(), last_seen },
        }
    }

    /// The call that failed, if it was one.
    pub fn origin(&self) -> Option<&Origin> {
        match self {
            Self::Api { origin, .. }
            | Self::NotSent { origin, .. }
            | Self::Unanswered { origin, .. }
            | Self::Undecodable { origin, .. } => Some(origin),
            _ => None,
        }
    }

    /// The same error, which now names the account of the caller.
    pub(crate) fn in_account(mut self, account: Option<&String>) -> Self {
        if let Self::Api { origin, .. }
        | Self::NotSent { origin, .. }
        | Self::Unanswered { origin, .. }
        | Self::Undecodable { origin, .. } = &mut self
        {
            origin.account = account.cloned();
        }
        self
    }

    /// The API's code, when the API refused.
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Api { code, .. } => Some(code),
            _ => None,
        }
    }

    fn has_code(&self, test: fn(&str) -> bool) -> bool {
        self.code().is_some_and(test)
    }

    /// Whether the API said that the object does not exist.
    pub fn is_not_found(&self) -> bool {
        self.has_code(codes::is_not_found)
    }

    /// Whether the API said that too many requests came.
    pub fn is_throttled(&self) -> bool {
        self.has_code(codes::is_throttled)
    }

    /// Whether the API said that something else is being done to the object.
    pub fn is_busy(&self) -> bool {
        self.has_code(codes::is_busy)
    }

    /// Whether the service itself failed.
    pub(crate) fn is_internal(&self) -> bool {
        self.has_code(codes::is_internal)
    }

    /// Whether the request may have been carried out in spite of the error: look before sending it again.
    pub fn may_have_happened(&self) -> bool {
        matches!(self, Self::Unanswered { .. } | Self::Undecodable { .. }) || self.is_internal()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin() -> Box<Origin> {
        let [service, action, region] = ["vpc", "CreateCcn", "ap-guangzhou"].map(String::from);
        Box::new(Origin { service, action, region, account: None })
    }

    fn api(code: &str) -> Error {
        let (code, message, request_id) = (code.into(), "no such CCN".into(), "r-1".into());
        Error::Api { origin: origin(), code, message, request_id }
    }

    #[test]
    fn an_api_error_says_call_code_words_account_and_request() {
        let error = api("ResourceNotFound").in_account(Some(&"100000000001".to_owned()));
        let expected =
            "vpc CreateCcn in ap-guangzhou, account 100000000001: ResourceNotFound: no such CCN (request ID r-1)";
        assert_eq!(error.to_string(), expected);
        assert!(error.is_not_found());
    }

    #[test]
    fn a_message_does_not_repeat_its_source() {
        let error = Error::Unanswered { origin: origin(), silence: Silence::Status(502) };
        assert_eq!(error.to_string(), "vpc CreateCcn in ap-guangzhou: the request was sent, but not answered");
        assert_eq!(error.source().map(ToString::to_string).as_deref(), Some("the answer has HTTP status 502"));
    }

    #[test]
    fn only_what_left_and_was_not_refused_may_have_happened() {
        assert!(Error::Unanswered { origin: origin(), silence: Silence::Malformed }.may_have_happened());
        assert!(api("InternalError").may_have_happened());
        assert!(!api("RequestLimitExceeded").may_have_happened());
        assert!(
            !Error::NotSent { origin: origin(), address: "http://127.0.0.1:1/".into(), cause: "refused".into() }
                .may_have_happened()
        );
        assert!(!Error::Stopped.may_have_happened());
    }

    #[test]
    fn a_timeout_says_what_was_waited_for_and_what_was_seen() {
        let seen = Error::interrupted(Interrupted::TimedOut, "the CCN to be available", Some("ISOLATED".into()));
        assert_eq!(seen.to_string(), "timed out waiting for the CCN to be available; last seen: ISOLATED");
        let unseen = Error::interrupted(Interrupted::TimedOut, "the CCN to be available", None);
        assert_eq!(unseen.to_string(), "timed out waiting for the CCN to be available");
    }
}
