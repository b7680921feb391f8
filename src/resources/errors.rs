//! From errors of the cloud and of clusters to what users read: what was being done, in which account and region, what the
//! API said, what state things are left in, and what to do next.

use std::error::Error as StdError;
use std::fmt::Write as _;

use crate::cloud::credentials::Problem;
use crate::cloud::credentials::environment::{self, ENDPOINT};
use crate::framework::{Diagnostic, Error, ErrorKind, Path, sentence};
use crate::{cloud, kubernetes};

/// Says what was being done when something failed.
pub trait Doing<T> {
    /// Completes the sentence "Cannot …", for example `create the CCN main`.
    ///
    /// # Errors
    /// The same failure, told to users.
    fn doing(self, what: impl FnOnce() -> String) -> Result<T, Error>;
}

impl<T> Doing<T> for Result<T, cloud::Error> {
    fn doing(self, what: impl FnOnce() -> String) -> Result<T, Error> {
        self.map_err(|error| of_cloud(&error, Some(what())))
    }
}

impl<T> Doing<T> for Result<T, kubernetes::Error> {
    fn doing(self, what: impl FnOnce() -> String) -> Result<T, Error> {
        self.map_err(|error| of_cluster(&error, Some(what())))
    }
}

impl From<cloud::Error> for Error {
    fn from(error: cloud::Error) -> Self {
        of_cloud(&error, None)
    }
}

impl From<kubernetes::Error> for Error {
    fn from(error: kubernetes::Error) -> Self {
        of_cluster(&error, None)
    }
}

/// An error and all its sources, each told once.
pub fn chain(error: &(dyn StdError + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        // Writing to a string cannot fail.
        let _ = write!(text, ": {cause}");
        source = cause.source();
    }
    text
}

fn of_cloud(error: &cloud::Error, doing: Option<String>) -> Error {
    let what = doing.or_else(|| error.origin().map(|origin| format!("carry out {}", origin.action)));
    let summary = match (error, what) {
        (cloud::Error::Credentials(_), _) => "No usable credentials".to_owned(),
        (cloud::Error::Configuration { .. }, _) => "Invalid provider configuration".to_owned(),
        (_, Some(what)) => format!("Cannot {what}"),
        (_, None) => "The operation did not finish".to_owned(),
    };
    let parts = [Some(chain(error)), left_in(error).map(Into::into), next_step(error)];
    let detail = parts.into_iter().flatten().map(|part| paragraph(&part)).collect::<Vec<_>>().join("\n\n");
    let mut diagnostic = Diagnostic::error(summary, detail);
    if let cloud::Error::Configuration { argument, .. } = error {
        diagnostic = diagnostic.at(argument_path(argument));
    }
    if let cloud::Error::Credentials(Problem::Incomplete { given, .. }) = error {
        diagnostic = diagnostic.at(*given);
    }
    Error::new(kind_of_cloud(error), diagnostic)
}

/// An argument of the provider block, with the blocks that it is in before it: `endpoints.vpc`.
fn argument_path(argument: &str) -> Path {
    argument.split('.').fold(Path::ROOT, |path, name| path.field(name))
}

fn kind_of_cloud(error: &cloud::Error) -> ErrorKind {
    match error {
        cloud::Error::Stopped | cloud::Error::TimedOut { .. } => ErrorKind::Stopped,
        error if error.is_not_found() => ErrorKind::NotFound,
        _ => ErrorKind::Other,
    }
}

fn left_in(error: &cloud::Error) -> Option<&'static str> {
    match error {
        error if error.may_have_happened() => Some(
            "The request may have been carried out. What is known to exist is in the state; the next plan shows the rest.",
        ),
        cloud::Error::Api { .. } | cloud::Error::NotSent { .. } => Some("This request changed nothing."),
        _ => None,
    }
}

fn next_step(error: &cloud::Error) -> Option<String> {
    match error {
        cloud::Error::NotSent { .. } => {
            return Some(format!(
                "Check that this address is right (`endpoint` in the provider block, or `{ENDPOINT}` in the environment; `endpoints`, \
                 `domain`, `protocol`) and can be reached from here."
            ));
        }
        cloud::Error::Configuration { argument, .. } => {
            let variable = variable(argument)?;
            return Some(format!("What the provider block does not set is taken from the environment: `{variable}`."));
        }
        _ => {}
    }
    let (code, origin) = (error.code()?, error.origin()?);
    let class = code.split('.').next().unwrap_or_default();
    let account = origin.account.as_deref().unwrap_or("of these keys");
    Some(match class {
        "AuthFailure" if code.ends_with("SignatureExpire") => {
            "Set the clock of this machine: the API takes a request for five minutes.".into()
        }
        "AuthFailure" if code.ends_with("UnauthorizedOperation") => permission(origin, account),
        "AuthFailure" => "Check `secret_id`, `secret_key` and `security_token` of this provider configuration.".into(),
        "UnauthorizedOperation" => permission(origin, account),
        "LimitExceeded" => {
            format!("A quota of account {account} is used up: raise it in the console, or remove what is not needed.")
        }
        "RequestLimitExceeded" => "Lower `requests_per_second` in the provider block, or `-parallelism`.".into(),
        "ResourceInUse" => "Something else uses the object: remove that first.".into(),
        _ => return None,
    })
}

/// The variable that an argument is taken from where the provider block does not set it.
fn variable(argument: &str) -> Option<&'static str> {
    match argument {
        "domain" => Some(environment::DOMAIN),
        "endpoint" => Some(environment::ENDPOINT),
        "protocol" => Some(environment::PROTOCOL),
        "region" => Some(environment::REGION),
        _ => None,
    }
}

fn permission(origin: &cloud::Origin, account: &str) -> String {
    format!("In CAM of account {account}, allow the caller the action `{}:{}`.", origin.service, origin.action)
}

fn of_cluster(error: &kubernetes::Error, doing: Option<String>) -> Error {
    let summary = doing.map_or_else(|| "A cluster did not do as asked".to_owned(), |what| format!("Cannot {what}"));
    let advice = match error {
        kubernetes::Error::Conflicts { .. } => Some(
            "Nothing was changed. Leave the fields to their manager, or set `force_conflicts = true` to take them over.",
        ),
        kubernetes::Error::Unreachable { .. } => Some(
            "Check that this address can be reached from here. It is that of `cluster_endpoint` in the provider block, or, for a \
             resource without `cluster_id`, that of its `kubernetes` block.",
        ),
        kubernetes::Error::OtherCluster { .. } => {
            Some("The state stays as it is. Check which cluster and which provider configuration this resource names.")
        }
        kubernetes::Error::Refused { status, .. } if status.code == 401 => Some(
            "The cluster does not take the credential. A static `token` is not renewed: where it has ended, give another one, or \
             use `exec` in the block `kubernetes`.",
        ),
        kubernetes::Error::Refused { status, .. } if status.is_forbidden() => Some(
            "Give the caller the right in the cluster, or set `acquire_cluster_admin = true` in the provider block.",
        ),
        _ => None,
    };
    let parts = [Some(chain(error)), advice.map(Into::into)];
    let detail = parts.into_iter().flatten().map(|part| paragraph(&part)).collect::<Vec<_>>().join("\n\n");
    let kind = match error {
        kubernetes::Error::NotReached(_) => ErrorKind::Stopped,
        error if error.is_not_found() => ErrorKind::NotFound,
        _ => ErrorKind::Other,
    };
    Error::new(kind, Diagnostic::error(summary, detail))
}

/// The text as a sentence; names of services such as `vpc`, and of arguments such as `assume_role`, stay as they are written.
fn paragraph(text: &str) -> String {
    let services = ["vpc", "tke", "tcm", "tdcc", "clb", "dnspod", "sts", "cam", "tag"];
    let sentence = sentence(text);
    match text.split_whitespace().next().filter(|word| services.contains(word) || word.contains('_')) {
        Some(name) => format!("{name}{}", &sentence[name.len()..]),
        None => sentence,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_begins_with_a_capital_and_a_name_as_it_is_written() {
        assert_eq!(paragraph("no credentials were found"), "No credentials were found.");
        assert_eq!(paragraph("sts AssumeRole failed!"), "sts AssumeRole failed!");
        assert_eq!(paragraph("mfa_certification gave no credentials"), "mfa_certification gave no credentials.");
    }

    fn refused(code: &str) -> cloud::Error {
        let [service, action, region] = ["vpc", "CreateCcn", "ap-guangzhou"].map(String::from);
        let origin = cloud::Origin { service, action, region, account: Some("100000000001".into()) };
        cloud::Error::Api {
            origin: Box::new(origin),
            code: code.into(),
            message: "no".into(),
            request_id: "r-1".into(),
        }
    }

    fn told(error: cloud::Error) -> String {
        let error = Err::<(), _>(error).doing(|| "create the CCN main".into()).unwrap_err();
        let diagnostic = error.diagnostics().iter().next().unwrap();
        format!("{}\n{}", diagnostic.summary, diagnostic.detail)
    }

    #[test]
    fn an_error_of_the_api_has_five_parts() {
        let expected = "Cannot create the CCN main\n\
            vpc CreateCcn in ap-guangzhou, account 100000000001: UnauthorizedOperation.CamNoAuth: no (request ID r-1).\n\n\
            This request changed nothing.\n\n\
            In CAM of account 100000000001, allow the caller the action `vpc:CreateCcn`.";
        assert_eq!(told(refused("UnauthorizedOperation.CamNoAuth")), expected);
    }

    #[test]
    fn an_internal_error_does_not_claim_that_nothing_happened() {
        assert!(told(refused("InternalError")).contains("may have been carried out"));
    }

    #[test]
    fn not_found_and_stopped_keep_their_kind() {
        assert_eq!(Error::from(refused("ResourceNotFound")).kind(), ErrorKind::NotFound);
        assert_eq!(Error::from(cloud::Error::Stopped).kind(), ErrorKind::Stopped);
        assert_eq!(Error::from(refused("InvalidParameter")).kind(), ErrorKind::Other);
    }

    #[test]
    fn a_wrong_argument_is_told_at_the_argument() {
        let error = cloud::Error::Configuration { argument: "endpoints.vpc".into(), problem: "no address".into() };
        let error = Error::from(error);
        let diagnostic = error.diagnostics().iter().next().unwrap();
        assert_eq!(diagnostic.path.to_string(), "endpoints.vpc");
    }

    #[test]
    fn an_address_that_the_environment_may_have_set_is_told_with_its_variable() {
        let error = cloud::Error::Configuration { argument: "endpoint".into(), problem: "no address".into() };
        assert!(told(error).ends_with("taken from the environment: `TCMESH_ENDPOINT`."));
        let refused = refused("X").origin().cloned().unwrap();
        let (origin, address) = (Box::new(refused), "http://127.0.0.1:1/".to_owned());
        let text = told(cloud::Error::NotSent { origin, address, cause: "refused".into() });
        assert!(text.contains("could not be sent to http://127.0.0.1:1/: refused"), "{text}");
        assert!(text.contains("`TCMESH_ENDPOINT`"), "{text}");
    }

    #[test]
    fn half_a_pair_of_keys_is_told_at_the_half_that_is_there() {
        let error = Error::from(cloud::Error::from(Problem::Incomplete { given: "secret_id", missing: "secret_key" }));
        assert_eq!(error.diagnostics().iter().next().unwrap().path.to_string(), "secret_id");
    }
}
