//! The client: the keys of one caller, and one region.

use std::path::PathBuf;
use std::sync::Arc;

use super::account::Account;
use super::action::Action;
use super::api::tdcc::Adapter;
use super::credentials::CredentialSource;
use super::endpoint::Endpoints;
use super::error::Error;
use super::policy::limit::{self, Limits};
use super::policy::transport::{Http, Transport};
use super::policy::{Pipeline, retry};
use super::tls::Trust;
use crate::scope::Scope;

/// What a client is made of. Start from [`Options::new`].
pub struct Options {
    /// The source of the caller's keys.
    pub credentials: Arc<dyn CredentialSource>,
    /// The region, for example `ap-guangzhou`.
    pub region: String,
    /// Where the services are reached.
    pub endpoints: Endpoints,
    /// A PEM file with authorities to trust besides those of the system.
    pub ca_file: Option<PathBuf>,
    /// Whether to take every server certificate.
    pub insecure: bool,
    /// How often a request is sent again at most.
    pub max_retries: u32,
    /// How many requests of one action are sent in a second at most.
    pub requests_per_second: u32,
    /// Names this program to the API.
    pub user_agent: String,
    /// Where the undocumented actions of TDCC are.
    pub tdcc: Adapter,
}

impl Options {
    /// The options of the public cloud.
    pub fn new(credentials: Arc<dyn CredentialSource>, region: impl Into<String>) -> Self {
        Self {
            credentials,
            region: region.into(),
            endpoints: Endpoints::default(),
            ca_file: None,
            insecure: false,
            max_retries: retry::MAX_RETRIES,
            requests_per_second: limit::REQUESTS_PER_SECOND,
            user_agent: concat!("terraform-provider-tcmesh/", env!("CARGO_PKG_VERSION")).to_owned(),
            tdcc: Adapter::default(),
        }
    }
}

/// Sends actions with the keys of one caller to one region. Cheap to clone; clones share connections, rate limits and
/// what is known of the caller.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
    region: Arc<str>,
}

struct Shared {
    credentials: Arc<dyn CredentialSource>,
    pipeline: Pipeline,
    account: Account,
}

impl Client {
    /// A client. Makes no call and opens no connection.
    ///
    /// # Errors
    /// [`Error::Configuration`], when an endpoint is no address or `ca_file` holds no certificates.
    pub fn new(options: Options) -> Result<Self, Error> {
        let trust = Trust::new(options.ca_file.as_deref(), options.insecure)?;
        Self::with_transport(options, Box::new(Http::new(trust)))
    }

    pub(crate) fn with_transport(options: Options, transport: Box<dyn Transport>) -> Result<Self, Error> {
        options.endpoints.check()?;
        let pipeline = Pipeline {
            transport,
            endpoints: options.endpoints,
            adapter: options.tdcc,
            limits: Limits::new(options.requests_per_second),
            max_retries: options.max_retries,
            user_agent: options.user_agent,
        };
        let shared = Shared { credentials: options.credentials, pipeline, account: Account::default() };
        Ok(Self { shared: Arc::new(shared), region: options.region.into() })
    }

    /// The region that requests name.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// The same client for another region.
    #[must_use]
    pub fn in_region(&self, region: &str) -> Self {
        Self { shared: self.shared.clone(), region: region.into() }
    }

    /// Sends `action` and returns what the API answers, after as many tries as [the rules](super::policy) allow.
    ///
    /// # Errors
    /// Every [`Error`]; ask [`Error::may_have_happened`] before sending a write again.
    ///
    /// # Cancellation
    /// A read ends at once on a stop. A write is not begun after a stop, but once it is sent, it is waited for up to
    /// a minute, also past the scope's deadline. Do not drop the future of a write: its answer may hold an ID.
    pub async fn send<A: Action>(&self, scope: &Scope, action: &A) -> Result<A::Response, Error> {
        let Shared { credentials, pipeline, account } = &*self.shared;
        let answer = pipeline.send(scope, &self.region, Some(&**credentials), action).await;
        answer.map_err(|error| error.in_account(account.known()))
    }

    /// The root uin of the caller's account. It is asked for once; concurrent callers share the call.
    ///
    /// # Errors
    /// As of [`Client::send`].
    pub async fn account(&self, scope: &Scope) -> Result<String, Error> {
        self.shared.account.of(scope, self).await
    }
}
