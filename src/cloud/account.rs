//! Whose keys these are.

use tokio::sync::OnceCell;

use super::api::sts::{CallerIdentity, GetCallerIdentity};
use super::client::Client;
use super::error::Error;
use crate::scope::Scope;

/// The root uin of a client's account, once it is known.
#[derive(Default)]
pub(crate) struct Account(OnceCell<String>);

impl Account {
    /// The root uin, if it was asked for already.
    pub(crate) fn known(&self) -> Option<&String> {
        self.0.get()
    }

    /// The root uin. While one caller asks the API, the others wait; when it fails, the next one asks.
    pub(crate) async fn of(&self, scope: &Scope, client: &Client) -> Result<String, Error> {
        let asked = self.0.get_or_try_init(|| async {
            let CallerIdentity { account_id, .. } = client.send(scope, &GetCallerIdentity {}).await?;
            Ok(account_id)
        });
        match scope.run(asked).await {
            Ok(account) => account.cloned(),
            Err(why) => Err(Error::interrupted(why, "the caller's account", None)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use crate::cloud::api::vpc::DeleteCcn;
    use crate::cloud::script::{Script, Step, accept, after, refuse};
    use crate::scope::Scope;

    fn scope() -> Scope {
        Scope::unstopped(Duration::from_secs(600))
    }

    fn identity() -> Step {
        accept(json!({
            "Arn": "qcs::cam:100000000001:uin/100000000002", "AccountId": "100000000001", "UserId": "100000000002",
            "PrincipalId": "100000000002", "Type": "CAMUser",
        }))
    }

    #[tokio::test(start_paused = true)]
    async fn callers_at_the_same_time_and_later_share_one_call() {
        let script = Script::new([after(Duration::from_secs(1), identity())]);
        let client = script.client();
        let (scope, elsewhere) = (scope(), client.in_region("ap-shanghai"));
        let (one, other) = tokio::join!(client.account(&scope), elsewhere.account(&scope));
        assert_eq!((one.ok().as_deref(), other.ok().as_deref()), (Some("100000000001"), Some("100000000001")));
        assert_eq!(client.account(&scope).await.ok().as_deref(), Some("100000000001"));
    }

    #[tokio::test(start_paused = true)]
    async fn after_a_failure_the_next_caller_asks_again() {
        let script = Script::new([refuse("AuthFailure.SecretIdNotFound"), identity()]);
        let client = script.client();
        assert!(client.account(&scope()).await.is_err());
        assert!(client.account(&scope()).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_caller_that_waits_for_another_ones_call_keeps_its_own_deadline() {
        let script = Script::new([after(Duration::from_secs(30), identity())]);
        let client = script.client();
        let (patient, impatient) = (scope(), Scope::unstopped(Duration::from_secs(1)));
        let (one, other) = tokio::join!(client.account(&patient), client.account(&impatient));
        assert!(one.is_ok());
        let expected = "timed out waiting for the caller's account";
        assert_eq!(other.expect_err("it waits for a second only").to_string(), expected);
    }

    #[tokio::test(start_paused = true)]
    async fn errors_name_the_account_once_it_is_known() {
        let script = Script::new([refuse("UnauthorizedOperation"), identity(), refuse("UnauthorizedOperation")]);
        let client = script.client();
        let delete = DeleteCcn { ccn_id: "ccn-1".into() };
        let before = client.send(&scope(), &delete).await.expect_err("it is refused");
        client.account(&scope()).await.expect("the second step is an identity");
        let after = client.send(&scope(), &delete).await.expect_err("it is refused");
        let account = |error: &crate::cloud::Error| error.origin().and_then(|origin| origin.account.clone());
        assert_eq!((account(&before), account(&after).as_deref()), (None, Some("100000000001")));
    }
}
