//! From a request to its answer: who asks, whether they may, what it is about, and the hooks around it.

use axum::body::Body;
use bytes::Bytes;
use http::{Method, Request, Response, Uri};

use super::answer::Answer;
use super::errors::ApiError;
use super::hooks::{Disturbance, Entry, Incoming};
use super::identity::Identity;
use super::path::{Parameters, ResourcePath, Target};
use super::reviews::review_self;
use super::server::Server;
use super::service::Lost;
use super::tunnels::{self, Member};
use super::verbs::Call;

impl Server {
    /// Answers a request over a connection of `certified`, from outside or `inside` the process.
    ///
    /// # Errors
    /// [`Lost`] when a fault says so.
    ///
    /// # Cancellation
    /// What is dropped before it is handled is not done; handling itself does not wait.
    pub(crate) async fn respond(
        &self,
        certified: Option<Identity>,
        inside: bool,
        request: Request<Bytes>,
    ) -> Result<Response<Body>, Lost> {
        let identity = self.authenticate(certified, request.headers());
        let Some((id, below)) = tunnels::entrance(request.uri()) else {
            return self.answer(identity, inside, request).await;
        };
        match identity.and_then(|identity| Ok((self.tunnels.member(&id, &identity)?, identity))) {
            Ok((Member::Server(member), identity)) => {
                member.answer(Ok(identity), inside, tunnels::moved(request, below)).await
            }
            Ok((Member::Elsewhere(client), identity)) => {
                tunnels::forward(client, &identity, tunnels::moved(request, below)).await
            }
            Err(error) => self.answer(Err(error), inside, request).await,
        }
    }

    /// Answers a request of somebody, with the hooks around it.
    async fn answer(
        &self,
        identity: Result<Identity, ApiError>,
        inside: bool,
        request: Request<Bytes>,
    ) -> Result<Response<Body>, Lost> {
        let line = (request.method().clone(), request.uri().clone());
        let user = identity.as_ref().map_or_else(|_| String::new(), |identity| identity.user.clone());
        let incoming = Incoming { method: line.0.as_str(), path: line.1.path(), user: &user, inside };
        let disturbance = self.hooks.faults.as_ref().and_then(|faults| faults(&incoming));
        let answer = match &disturbance {
            Some(Disturbance::LoseRequest) => return Err(Lost),
            Some(Disturbance::Refuse(error)) => Answer::error(error),
            Some(Disturbance::RefuseAfter(error)) => {
                self.handle(identity, request);
                Answer::error(error)
            }
            Some(Disturbance::Page(status)) => Answer::page(*status),
            Some(Disturbance::Delay(time)) => {
                tokio::time::sleep(*time).await;
                self.handle(identity, request)
            }
            Some(Disturbance::LoseReply) | None => self.handle(identity, request),
        };
        if let Some(journal) = &self.hooks.journal {
            let write = is_write(&line.0, &line.1);
            let path = line.1.path_and_query().map_or_else(String::new, ToString::to_string);
            let method = line.0.to_string();
            journal(Entry { method, path, user, write, code: answer.code(), inside });
        }
        if disturbance == Some(Disturbance::LoseReply) {
            return Err(Lost);
        }
        Ok(answer.into_response())
    }

    fn handle(&self, identity: Result<Identity, ApiError>, request: Request<Bytes>) -> Answer {
        identity.and_then(|identity| self.route(identity, request)).unwrap_or_else(|error| Answer::error(&error))
    }

    fn route(&self, user: Identity, request: Request<Bytes>) -> Result<Answer, ApiError> {
        let (parts, body) = request.into_parts();
        let parameters = Parameters::parse(&parts.uri);
        let target = Target::parse(parts.uri.path());
        match target {
            Target::Other(ref path) => {
                self.authorize(&user, &parts.method.as_str().to_lowercase(), &target)?;
                Ok(self.discover(path).unwrap_or_else(Answer::no_page))
            }
            Target::Resource(path) => {
                let verb = path.verb(&parts.method, &parameters).ok_or_else(ApiError::method_not_allowed)?;
                let target = Target::Resource(path);
                self.authorize(&user, verb, &target)?;
                let Target::Resource(path) = target else { return Ok(Answer::no_page()) };
                if let Some(answer) = self.review(&user, verb, &path, &body) {
                    return answer;
                }
                let Some(served) = self.registry.find(&path.group, &path.version, &path.plural) else {
                    return self
                        .registry
                        .is_built_in(&path.group)
                        .then(ApiError::no_such_path)
                        .map_or(Ok(Answer::no_page()), Err);
                };
                if path.namespace.is_some() && !served.kind.namespaced && path.plural != "namespaces" {
                    return Ok(Answer::no_page());
                }
                Call { server: self, served, path, parameters, user, headers: parts.headers, body }.run(verb)
            }
        }
    }

    /// The reviews that anybody may ask for about themselves.
    fn review(
        &self,
        user: &Identity,
        verb: &str,
        path: &ResourcePath,
        body: &Bytes,
    ) -> Option<Result<Answer, ApiError>> {
        let ResourcePath { group, plural, .. } = path;
        match (verb, group.as_str(), plural.as_str()) {
            ("create", "authorization.k8s.io", "selfsubjectaccessreviews") => Some(self.review_access(user, body)),
            ("create", "authentication.k8s.io", "selfsubjectreviews") => Some(Ok(review_self(user))),
            _ => None,
        }
    }
}

/// Whether a request is to change something: dry runs and reviews change nothing, whatever their methods.
fn is_write(method: &Method, uri: &Uri) -> bool {
    let reads = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
    let is_review =
        |path: &ResourcePath| matches!(path.group.as_str(), "authorization.k8s.io" | "authentication.k8s.io");
    let reviews = matches!(Target::parse(uri.path()), Target::Resource(path) if is_review(&path));
    !reads && !reviews && Parameters::parse(uri).text("dryRun").is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dry_runs_and_reviews_are_no_writes() {
        let is_write = |method: Method, uri: &'static str| is_write(&method, &Uri::from_static(uri));
        assert!(is_write(Method::PATCH, "/api/v1/namespaces/test?fieldManager=a"));
        assert!(!is_write(Method::PATCH, "/api/v1/namespaces/test?fieldManager=a&dryRun=All"));
        assert!(!is_write(Method::POST, "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"));
        assert!(!is_write(Method::GET, "/api/v1/namespaces/test"));
    }
}
