//! Bearer tokens: signed (JSON Web Tokens, RFC 7519, HS256), so that the server needs to remember nothing of them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use super::identity::Identity;
use super::ids;
use crate::issued::Issued;

/// Makes and reads the tokens of one server.
pub(crate) struct Tokens {
    key: [u8; 32],
    issued: Issued,
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Tokens")
    }
}

#[derive(Serialize, Deserialize)]
struct Claims {
    sub: String,
    groups: Vec<String>,
    /// Until when, in seconds since 1970.
    exp: i64,
}

const HEADER: &str = r#"{"alg":"HS256","typ":"JWT"}"#;

impl Tokens {
    /// Tokens under a new key, each of which is noted in `issued`.
    pub(crate) fn new(issued: Issued) -> Self {
        Self { key: ids::random(), issued }
    }

    /// A token that says who its bearer is, until a time in seconds since 1970.
    pub(crate) fn issue(&self, identity: &Identity, until: i64) -> String {
        let claims = Claims { sub: identity.user.clone(), groups: identity.groups.clone(), exp: until };
        let claims = serde_json::to_vec(&claims).unwrap_or_default();
        let text = format!("{}.{}", URL_SAFE_NO_PAD.encode(HEADER), URL_SAFE_NO_PAD.encode(claims));
        let signature = URL_SAFE_NO_PAD.encode(self.mac(&text).finalize().into_bytes());
        let token = format!("{text}.{signature}");
        self.issued.note("token of a cluster", &token);
        token
    }

    /// Who the bearer of a token is; none when it is not ours or no longer valid.
    pub(crate) fn read(&self, token: &str, now: i64) -> Option<Identity> {
        let (text, signature) = token.rsplit_once('.')?;
        self.mac(text).verify_slice(&URL_SAFE_NO_PAD.decode(signature).ok()?).ok()?;
        let claims = URL_SAFE_NO_PAD.decode(text.split_once('.')?.1).ok()?;
        let claims: Claims = serde_json::from_slice(&claims).ok()?;
        (now < claims.exp).then_some(Identity { user: claims.sub, groups: claims.groups })
    }

    fn mac(&self, text: &str) -> Hmac<Sha256> {
        let keyed = Hmac::<Sha256>::new_from_slice(&self.key);
        keyed.unwrap_or_else(|_| unreachable!("HMAC takes keys of any length")).chain_update(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_by_its_maker_until_it_expires() {
        let tokens = Tokens::new(Issued::default());
        let identity = Identity::new("u", &["g"]);
        let token = tokens.issue(&identity, 100);
        assert_eq!(tokens.read(&token, 99), Some(identity));
        assert_eq!(tokens.read(&token, 100), None);
        assert_eq!(Tokens::new(Issued::default()).read(&token, 99), None);
    }

    #[test]
    fn a_changed_token_is_refused() {
        let tokens = Tokens::new(Issued::default());
        let token = tokens.issue(&Identity::new("u", &[]), 100);
        let other = tokens.issue(&Identity::new("root", &["system:masters"]), 100);
        let (claims, _) = other.rsplit_once('.').expect("a token");
        let (_, signature) = token.rsplit_once('.').expect("a token");
        assert_eq!(tokens.read(&format!("{claims}.{signature}"), 0), None);
        assert_eq!(tokens.read("nothing", 0), None);
    }
}
