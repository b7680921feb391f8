//! The pipeline that every request runs through. From the outside in:
//!
//! 1. the deadline and the stop of the caller's [`Scope`], which nothing inside outlives except a write that was sent;
//! 2. `retry`: sends again what may be sent again;
//! 3. `limit`: waits for its turn, so that a retry takes its turn too;
//! 4. `log`: one line a try, whose duration is that of the API and not of the queue;
//! 5. `sign`: the time in a signature is that of this try, not of the first one or of before the queue;
//! 6. the limit of a single try, which leaves time for another one;
//! 7. `transport`.
//!
//! The wrong order looks like this: sign -> limiter -> retry. It passes every test with one fast request. Then a request
//! waits in the queue, or is retried for minutes, under one signature whose time grows old (the API refuses after
//! 300 s), with keys that may have been renewed since, and the retries jump the queue that throttling made necessary.

pub(crate) mod limit;
pub(crate) mod log;
pub(crate) mod retry;
pub(crate) mod sign;
#[cfg(test)]
mod tests;
pub(crate) mod transport;

use std::time::Duration;

use bytes::Bytes;

use self::limit::Limits;
use self::transport::Transport;
use super::action::{Action, Effect};
use super::api::tdcc::Adapter;
use super::codes;
use super::credentials::CredentialSource;
use super::endpoint::{Endpoint, Endpoints};
use super::error::{Error, Origin, Silence};
use super::exchange::Exchange;
use super::json::{self, Accepted, Reply};
use crate::scope::Scope;
use crate::wait;

/// How long a single try may take. Long enough for the slowest actions, which answer in some seconds.
pub(crate) const TRY: Duration = Duration::from_secs(60);

/// One request, in the form that all its tries share.
pub(crate) struct Call {
    pub(crate) origin: Box<Origin>,
    pub(crate) version: String,
    pub(crate) effect: Effect,
    pub(crate) endpoint: Endpoint,
    pub(crate) body: Bytes,
}

impl Call {
    pub(crate) fn api_error(&self, code: String, message: String, request_id: String) -> Error {
        Error::Api { origin: self.origin.clone(), code, message, request_id }
    }

    pub(crate) fn unanswered(&self, silence: Silence) -> Error {
        Error::Unanswered { origin: self.origin.clone(), silence }
    }
}

/// What the tries of all requests of one client share.
pub(crate) struct Pipeline {
    pub(crate) transport: Box<dyn Transport>,
    pub(crate) endpoints: Endpoints,
    pub(crate) adapter: Adapter,
    pub(crate) limits: Limits,
    pub(crate) max_retries: u32,
    pub(crate) user_agent: String,
}

impl Pipeline {
    /// Sends `action`, signed with the keys of `signer`, or unsigned for the actions that take no signature.
    pub(crate) async fn send<A: Action>(
        &self,
        scope: &Scope,
        region: &str,
        signer: Option<&dyn CredentialSource>,
        action: &A,
    ) -> Result<A::Response, Error> {
        let call = self.prepare(region, action)?;
        let Accepted { body, request_id } = self.settle(scope, &call, signer).await?;
        json::read(body).map_err(|problem| Error::Undecodable { origin: call.origin, problem, request_id })
    }

    /// Tries until there is an answer that counts. It knows no action, so that the program holds it once.
    async fn settle(
        &self,
        scope: &Scope,
        call: &Call,
        signer: Option<&dyn CredentialSource>,
    ) -> Result<Accepted, Error> {
        let attempt = || self.take_turn(scope, call, signer);
        retry::until_settled(scope, call.effect, self.max_retries, attempt).await
    }

    fn prepare<A: Action>(&self, region: &str, action: &A) -> Result<Call, Error> {
        let target = self.adapter.target(A::SERVICE, A::VERSION, A::NAME);
        let endpoint = match target.endpoint {
            Some(address) => self.endpoints.parse("tdcc.endpoint", address)?,
            None => self.endpoints.of(target.service)?,
        };
        let [service, action_name, region] = [target.service, target.action, region].map(str::to_owned);
        let origin = Box::new(Origin { service, action: action_name, region, account: None });
        match json::encode(action) {
            Ok(body) => Ok(Call { origin, version: target.version.to_owned(), effect: A::EFFECT, endpoint, body }),
            Err(error) => Err(Error::NotSent { origin, address: endpoint.url, cause: error.into() }),
        }
    }

    /// One try, when its turn has come and the scope has not ended.
    async fn take_turn(
        &self,
        scope: &Scope,
        call: &Call,
        signer: Option<&dyn CredentialSource>,
    ) -> Result<Accepted, Error> {
        let turn = self.limits.turn(&call.origin);
        let waiting_for = || format!("{} to have its turn", call.origin);
        wait::pause(scope, turn).await.map_err(|why| Error::interrupted(why, waiting_for(), None))?;
        let outcome = log::observed(call, self.attempt(scope, call, signer)).await;
        self.limits.learn(&call.origin, outcome.as_ref().err());
        outcome
    }

    async fn attempt(
        &self,
        scope: &Scope,
        call: &Call,
        signer: Option<&dyn CredentialSource>,
    ) -> Result<Accepted, Error> {
        let credential = match signer {
            Some(source) => Some(source.credential(scope, &Exchange::new(self, &call.origin.region)).await?),
            None => None,
        };
        let request = sign::request(call, credential.as_ref(), &self.user_agent)?;
        let reply = self.exchange(scope, call, request).await?;
        if let (Reply::Refused { code, .. }, Some(source), Some(credential)) = (&reply, signer, &credential)
            && codes::is_token_refused(code)
        {
            source.forget(credential);
        }
        match reply {
            Reply::Accepted(accepted) => Ok(accepted),
            Reply::Refused { code, message, request_id } => Err(call.api_error(code, message, request_id)),
        }
    }

    /// A read ends with its scope. A write that was sent is waited for, whatever the scope says, so that its answer,
    /// which may hold the only copy of an ID, is kept.
    async fn exchange(&self, scope: &Scope, call: &Call, request: http::Request<Bytes>) -> Result<Reply, Error> {
        let answer = tokio::time::timeout(TRY, self.transport.send(request));
        let answer = match call.effect {
            Effect::Read => scope
                .run(answer)
                .await
                .map_err(|why| Error::interrupted(why, format!("{} to be answered", call.origin), None))?,
            Effect::Write | Effect::WriteOnce => answer.await,
        };
        let response = answer
            .map_err(|_| call.unanswered(Silence::TooLate(TRY)))?
            .map_err(|why| why.into_error(call.origin.clone(), &call.endpoint.url))?;
        match response.status() {
            http::StatusCode::OK => json::open(response.body()).ok_or_else(|| call.unanswered(Silence::Malformed)),
            status => Err(call.unanswered(Silence::Status(status.as_u16()))),
        }
    }
}
