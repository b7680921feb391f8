//! Keys of the CAM role that is bound to the instance this program runs on.

use serde::Deserialize;

use super::renewing::{Issued, Issuer, until};
use super::{Credential, Problem, Secret};
use crate::cloud::BoxFuture;
use crate::cloud::error::Error;
use crate::cloud::exchange::Exchange;
use crate::scope::Scope;

/// Where an instance asks for the keys of its role ("Instance roles" of the CVM documentation).
const METADATA: &str = "http://metadata.tencentyun.com/latest/meta-data/cam/security-credentials/";

/// The role of an instance.
pub(super) struct CamRole {
    pub(super) name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Document {
    tmp_secret_id: Secret,
    tmp_secret_key: Secret,
    token: Secret,
    expired_time: u64,
}

impl CamRole {
    async fn ask(&self, scope: &Scope, exchange: &Exchange<'_>) -> Result<Issued, Error> {
        let Self { name } = self;
        let page = exchange.read_metadata(scope, &format!("{METADATA}{name}")).await;
        let page = page.map_err(|why| Problem::refused(format!("cam_role_name {name}"), why))?;
        // The parser's error is dropped: it may quote a key.
        let document: Document = serde_json::from_slice(&page).map_err(|_| Problem::Malformed {
            given: format!("the metadata service's answer for the role {name}"),
            expected: "a JSON object with TmpSecretId, TmpSecretKey, Token and ExpiredTime".into(),
        })?;
        let Document { tmp_secret_id: secret_id, tmp_secret_key: secret_key, token, expired_time } = document;
        let credential = Credential { secret_id, secret_key, token: Some(token) };
        Ok(Issued { credential, lifetime: until(expired_time) })
    }
}

impl Issuer for CamRole {
    fn issue<'a>(&'a self, scope: &'a Scope, exchange: &'a Exchange<'a>) -> BoxFuture<'a, Result<Issued, Error>> {
        Box::pin(self.ask(scope, exchange))
    }
}
