//! Who makes a request: by client certificate, by bearer token, or nobody known.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use http::header::AUTHORIZATION;

use super::clock::Timestamp;
use super::errors::ApiError;
use super::identity::Identity;
use super::object::Object;
use super::server::Server;
use super::store::{Key, Resource};

impl Server {
    /// Who makes a request over a connection whose client certificate, if there was one, is of `certified`.
    ///
    /// # Errors
    /// 401 when a token is presented that is not valid.
    pub(crate) fn authenticate(&self, certified: Option<Identity>, headers: &HeaderMap) -> Result<Identity, ApiError> {
        if let Some(identity) = certified {
            return Ok(identity.authenticated());
        }
        let header = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
        match header.strip_prefix("Bearer").map(str::trim) {
            None | Some("") => Ok(Identity::anonymous()),
            Some(token) => self.bearer(token).map(Identity::authenticated).ok_or_else(ApiError::unauthorized),
        }
    }

    fn bearer(&self, token: &str) -> Option<Identity> {
        let now = self.clock.now();
        let identity = self.tokens.read(token, now.as_second());
        let known = identity.filter(|identity| self.account_exists(identity));
        known.or_else(|| self.bootstrap(token, now))
    }

    /// The token of a service account ends with the account.
    fn account_exists(&self, identity: &Identity) -> bool {
        let account = identity.user.strip_prefix("system:serviceaccount:").and_then(|account| account.split_once(':'));
        account.is_none_or(|(namespace, name)| {
            self.store.get(&Resource::new("", "serviceaccounts"), &Key::new(namespace, name)).is_some()
        })
    }

    /// A bootstrap token: `id.secret`, held by a secret in `kube-system` (Kubernetes documentation, "Authenticating with
    /// Bootstrap Tokens").
    fn bootstrap(&self, token: &str, now: Timestamp) -> Option<Identity> {
        let (id, secret) = token.split_once('.')?;
        let key = Key::new("kube-system", &format!("bootstrap-token-{id}"));
        let held = self.store.get(&Resource::new("", "secrets"), &key)?;
        let value = |name: &str| decoded(&held, name);
        let is_valid = held.text("/type") == "bootstrap.kubernetes.io/token"
            && !held.is_terminating()
            && value("token-id").as_deref() == Some(id)
            && value("token-secret").as_deref() == Some(secret)
            && value("usage-bootstrap-authentication").as_deref() == Some("true")
            && value("expiration").is_none_or(|end| end.parse().is_ok_and(|end: Timestamp| now < end));
        let extra = value("auth-extra-groups").unwrap_or_default();
        let groups: Vec<_> =
            std::iter::once("system:bootstrappers").chain(extra.split(',')).filter(|it| !it.is_empty()).collect();
        is_valid.then(|| Identity::new(&format!("system:bootstrap:{id}"), &groups))
    }
}

fn decoded(secret: &Object, name: &str) -> Option<String> {
    let bytes = STANDARD.decode(secret.at(&format!("/data/{name}"))?.as_str()?).ok()?;
    String::from_utf8(bytes).ok()
}
