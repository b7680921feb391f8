//! `tcmesh_caller_identity`: whose keys a provider block has.

use std::sync::Arc;

use crate::cloud::api::sts;
use crate::framework::{Computed, DataSource, Error, Model};
use crate::resources::context::Context;
use crate::resources::errors::Doing;
use crate::scope::Scope;

/// Whose keys a provider block has. Its `account_id` is what other accounts name as `ccn_uin`, and what `allowed_account_ids`
/// holds.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct CallerIdentity {
    /// The root account, for example `100000000001`.
    #[tf(computed)]
    pub account_id: Computed<String>,
    /// The caller's name in policies, for example `qcs::cam:100000000001:uin/100000000002`.
    #[tf(computed)]
    pub arn: Computed<String>,
    /// The user, for example `100000000002`, or `roleId:sessionName` for a role that was taken.
    #[tf(computed)]
    pub user_id: Computed<String>,
    /// What the keys are of: `CAMUser` or `CAMRole`.
    #[tf(computed)]
    pub r#type: Computed<String>,
    /// The user or the role, for example `100000000002`.
    #[tf(computed)]
    pub principal_id: Computed<String>,
}

impl From<sts::CallerIdentity> for CallerIdentity {
    fn from(found: sts::CallerIdentity) -> Self {
        let sts::CallerIdentity { arn, account_id, user_id, principal_id, r#type } = found;
        Self {
            account_id: account_id.into(),
            arn: arn.into(),
            user_id: user_id.into(),
            r#type: r#type.into(),
            principal_id: principal_id.into(),
        }
    }
}

/// The data source.
pub struct CallerIdentitySource(Arc<Context>);

impl DataSource for CallerIdentitySource {
    const NAME: &'static str = "caller_identity";
    type Configuration = Context;
    type Model = CallerIdentity;

    fn new(context: &Arc<Context>) -> Result<Self, Error> {
        Ok(Self(Arc::clone(context)))
    }

    async fn read(&self, scope: &Scope, _: CallerIdentity) -> Result<CallerIdentity, Error> {
        let found = self.0.cloud.send(scope, &sts::GetCallerIdentity {}).await;
        found.map(Into::into).doing(|| "find out whose keys these are".into())
    }
}
