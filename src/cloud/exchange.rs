//! What a source of credentials may ask of the network, through the client that asks it for a credential.

use std::time::Duration;

use bytes::Bytes;

use super::action::{Action, Effect};
use super::credentials::CredentialSource;
use super::error::{Error, Origin, Silence};
use super::policy::{Pipeline, retry};
use crate::scope::Scope;

/// How long the metadata service of an instance, which is on the same host, may take.
const METADATA: Duration = Duration::from_secs(2);

/// Calls on behalf of a credential source: with other keys than the client's, or with none.
pub struct Exchange<'a> {
    pipeline: &'a Pipeline,
    region: &'a str,
}

impl<'a> Exchange<'a> {
    pub(crate) fn new(pipeline: &'a Pipeline, region: &'a str) -> Self {
        Self { pipeline, region }
    }

    /// Sends `action` with the keys of `signer`, or unsigned.
    ///
    /// # Errors
    /// As of [`Client::send`](super::Client::send).
    pub async fn send<A: Action>(
        &self,
        scope: &Scope,
        signer: Option<&dyn CredentialSource>,
        action: &A,
    ) -> Result<A::Response, Error> {
        self.pipeline.send(scope, self.region, signer, action).await
    }

    /// Reads a page of the metadata service of the instance that this program runs on.
    ///
    /// # Errors
    /// When the service cannot be reached, does not answer with status 200, or the scope ends.
    pub async fn read_metadata(&self, scope: &Scope, url: &str) -> Result<Bytes, Error> {
        let page = || self.read_page(scope, url);
        retry::until_settled(scope, Effect::Read, self.pipeline.max_retries, page).await
    }

    async fn read_page(&self, scope: &Scope, url: &str) -> Result<Bytes, Error> {
        let [service, action, region] = ["metadata", "GET", self.region].map(str::to_owned);
        let origin = Box::new(Origin { service, action, region, account: None });
        let request = http::Request::get(url).body(Bytes::new()).map_err(|_| Error::Configuration {
            argument: "cam_role_name".to_owned(),
            problem: format!("expected the name of a role, found what makes {url:?}"),
        })?;
        let answer = scope.run(tokio::time::timeout(METADATA, self.pipeline.transport.send(request))).await;
        match answer.map_err(|why| Error::interrupted(why, "the metadata service", None))? {
            Ok(Ok(response)) if response.status() == http::StatusCode::OK => Ok(response.into_body()),
            Ok(Ok(response)) => Err(Error::Unanswered { origin, silence: Silence::Status(response.status().as_u16()) }),
            Ok(Err(failure)) => Err(failure.into_error(origin, url)),
            Err(_) => Err(Error::Unanswered { origin, silence: Silence::TooLate(METADATA) }),
        }
    }
}
