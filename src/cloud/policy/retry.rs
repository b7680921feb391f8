//! Sends again what may be sent again.
//!
//! | what came | read | write | write once |
//! |---|---|---|---|
//! | not sent; throttled; busy | again | again | again |
//! | no answer; internal error of the service | again | again | never: look first |
//! | keys refused as expired | once more, with new keys | the same | the same |
//! | anything else | final | final | final |

use std::future::Future;
use std::time::Duration;

use crate::cloud::action::Effect;
use crate::cloud::codes;
use crate::cloud::error::{Error, Silence};
use crate::scope::Scope;
use crate::wait;

/// How often a request is sent again, unless the user says otherwise: for about a minute.
pub(crate) const MAX_RETRIES: u32 = 10;
/// An endpoint that cannot be reached several times in a row is not busy but wrong: this ends within five seconds.
const MAX_RECONNECTS: u32 = 4;
/// Each pause is nominally twice as long as the one before it.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// Tries until the outcome is final or the retries are used up.
///
/// # Errors
/// The error that explains most: see [`weighed`].
pub(crate) async fn until_settled<T, F>(
    scope: &Scope,
    effect: Effect,
    max_retries: u32,
    mut attempt: impl FnMut() -> F,
) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    let mut known = None;
    let mut tries = 0;
    loop {
        let error = match attempt().await {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        let is_final = tries >= allowed(effect, &error).min(max_retries);
        let error = weighed(known, error);
        if is_final {
            return Err(error);
        }
        if let Err(why) = wait::pause(scope, pause_after(tries)).await {
            return Err(weighed(Some(error), Error::interrupted(why, "the next try", None)));
        }
        known = Some(error);
        tries += 1;
    }
}

/// How often a request that failed with `error` may be sent again in all.
fn allowed(effect: Effect, error: &Error) -> u32 {
    match error {
        Error::NotSent { .. } => MAX_RECONNECTS,
        Error::Unanswered { silence, .. } if effect.is_repeatable() && is_temporary(silence) => u32::MAX,
        Error::Api { code, .. } if codes::is_token_refused(code) => 1,
        Error::Api { .. } if error.is_throttled() || error.is_busy() => u32::MAX,
        Error::Api { .. } if effect.is_repeatable() && error.is_internal() => u32::MAX,
        _ => 0,
    }
}

/// A status such as 403 or 404 is the word of whoever stands at a wrong address, and stays.
fn is_temporary(silence: &Silence) -> bool {
    match silence {
        Silence::Status(status) => *status == 429 || *status >= 500,
        Silence::TooLate(_) | Silence::Broken(_) | Silence::Malformed => true,
    }
}

/// From half of the nominal pause to all of it, so that callers who were refused together do not come back together.
fn pause_after(tries: u32) -> Duration {
    let nominal = FIRST_PAUSE.saturating_mul(2_u32.saturating_pow(tries)).min(LONGEST_PAUSE);
    // Without randomness the pauses are merely even.
    let share = getrandom::u32().map_or(0.5, |random| f64::from(random) / f64::from(u32::MAX));
    nominal.mul_f64(0.5 + 0.5 * share)
}

/// The error that explains more. A try that nobody answered stays in doubt until the API says something other than
/// "not now"; a deadline explains less than what went wrong before it.
fn weighed(earlier: Option<Error>, last: Error) -> Error {
    let Some(earlier) = earlier else { return last };
    let settled = matches!(last, Error::Api { .. }) && !last.is_throttled() && !last.is_busy();
    let in_doubt = earlier.may_have_happened() && !settled && !last.may_have_happened();
    if in_doubt || matches!(last, Error::TimedOut { .. }) { earlier } else { last }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;
    use tokio::time::Instant;
    use tokio_util::sync::CancellationToken;

    use crate::cloud::api::vpc::{CreateCcn, DeleteCcn, DescribeCcns};
    use crate::cloud::client::Options;
    use crate::cloud::error::Error;
    use crate::cloud::script::{Script, Step, accept, broken, keys, not_sent, refuse};
    use crate::scope::Scope;

    fn scope() -> Scope {
        Scope::unstopped(Duration::from_secs(600))
    }

    fn create() -> CreateCcn {
        CreateCcn { ccn_name: "hub".into(), ..CreateCcn::default() }
    }

    fn html(status: u16) -> Step {
        Step::Answer(status, "<html>Bad Gateway</html>".into())
    }

    fn no_ccns() -> Step {
        accept(json!({"TotalCount": 0, "CcnSet": []}))
    }

    #[tokio::test(start_paused = true)]
    async fn a_read_is_sent_again_after_everything_temporary() {
        let [throttled, busy] = ["RequestLimitExceeded", "ResourceUnavailable.Whatever"].map(refuse);
        let internal = refuse("InternalError");
        let script = Script::new([not_sent(), broken(), html(502), html(200), throttled, busy, internal, no_ccns()]);
        let answer = script.client().send(&scope(), &DescribeCcns::default()).await;
        assert_eq!(answer.expect("the last step is an answer").total_count, 0);
        assert_eq!(script.seen().len(), 8);
    }

    #[tokio::test(start_paused = true)]
    async fn a_create_that_nobody_answered_is_never_sent_again() {
        for step in [broken(), html(502), html(200), refuse("InternalError"), Step::Hang] {
            let script = Script::new([step]);
            let error = script.client().send(&scope(), &create()).await.expect_err("there is no answer");
            assert!(error.may_have_happened(), "{error}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_create_is_sent_again_when_it_surely_was_not_carried_out() {
        let [throttled, busy] =
            ["RequestLimitExceeded.UinLimitExceeded", "FailedOperation.CreateCcnFailed"].map(refuse);
        let created = json!({"Ccn": {"CcnId": "ccn-1", "CcnName": "hub", "State": "AVAILABLE"}});
        let script = Script::new([not_sent(), throttled, busy, accept(created)]);
        let answer = script.client().send(&scope(), &create()).await;
        assert_eq!(answer.expect("the last step is an answer").ccn.ccn_id, "ccn-1");
    }

    #[tokio::test(start_paused = true)]
    async fn a_write_that_may_be_repeated_is_sent_again_when_nobody_answered() {
        let script = Script::new([broken(), html(504), refuse("InternalError"), accept(json!({}))]);
        let deleted = script.client().send(&scope(), &DeleteCcn { ccn_id: "ccn-1".into() }).await;
        assert!(deleted.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_is_final() {
        for code in [
            "InvalidParameterValue.Malformed",
            "UnauthorizedOperation",
            "LimitExceeded",
            "AuthFailure.SecretIdNotFound",
        ] {
            let script = Script::new([refuse(code)]);
            let error = script.client().send(&scope(), &DescribeCcns::default()).await.expect_err("it is refused");
            assert_eq!(error.code(), Some(code));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_status_of_somebody_else_than_the_api_is_final_even_for_a_read() {
        let script = Script::new([html(404)]);
        let error = script.client().send(&scope(), &DescribeCcns::default()).await;
        assert!(matches!(error, Err(Error::Unanswered { .. })));
    }

    #[tokio::test(start_paused = true)]
    async fn retries_end_after_the_number_that_was_set() {
        let script = Script::new([(); 3].map(|()| refuse("RequestLimitExceeded")));
        let options = Options { max_retries: 2, ..Options::new(std::sync::Arc::new(keys()), "ap-guangzhou") };
        let client = script.client_with(options).expect("the options are in order");
        let error = client.send(&scope(), &DescribeCcns::default()).await.expect_err("all tries are throttled");
        assert!(error.is_throttled());
    }

    #[tokio::test(start_paused = true)]
    async fn an_endpoint_that_cannot_be_reached_is_given_up_within_seconds() {
        let started = Instant::now();
        let script = Script::new([(); 5].map(|()| not_sent()));
        let error = script.client().send(&scope(), &DescribeCcns::default()).await;
        assert!(matches!(error, Err(Error::NotSent { .. })));
        assert!(started.elapsed() < Duration::from_secs(5));
    }

    #[tokio::test(start_paused = true)]
    async fn pauses_between_tries_double() {
        let script =
            Script::new([refuse("ResourceInUse"), refuse("ResourceInUse"), refuse("ResourceInUse"), no_ccns()]);
        script.client().send(&scope(), &DescribeCcns::default()).await.expect("the last step is an answer");
        let times: Vec<Instant> = script.seen().iter().map(|seen| seen.at).collect();
        for (pair, nominal) in times.windows(2).zip([200, 400, 800]) {
            let pause = (pair[1] - pair[0]).as_millis();
            assert!(pause >= nominal / 2 && pause <= nominal + 2, "{pause} ms instead of {nominal} ms");
        }
    }

    #[test]
    fn no_pause_is_longer_than_the_longest() {
        for tries in [6, 40, u32::MAX] {
            let pause = super::pause_after(tries);
            assert!(pause >= super::LONGEST_PAUSE / 2 && pause <= super::LONGEST_PAUSE, "{tries}: {pause:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_deadline_ends_retries_with_what_went_wrong() {
        let started = Instant::now();
        let script = Script::new([refuse("RequestLimitExceeded"), refuse("RequestLimitExceeded")]);
        let scope = Scope::unstopped(Duration::from_millis(290));
        let error = script.client().send(&scope, &DescribeCcns::default()).await.expect_err("all tries are throttled");
        assert!(error.is_throttled());
        assert_eq!(started.elapsed().as_millis(), 290);
    }

    #[tokio::test(start_paused = true)]
    async fn a_stop_ends_the_pause_before_the_next_try() {
        let stop = CancellationToken::new();
        let scope = Scope::new(stop.clone(), Duration::from_secs(600));
        let script = Script::new([refuse("RequestLimitExceeded")]);
        let client = script.client();
        let stopping = async {
            tokio::time::advance(Duration::from_millis(50)).await;
            stop.cancel();
        };
        let list = DescribeCcns::default();
        let (error, ()) = tokio::join!(client.send(&scope, &list), stopping);
        assert!(matches!(error, Err(Error::Stopped)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_try_in_doubt_stays_in_doubt_until_the_api_says_more() {
        let delete = DeleteCcn { ccn_id: "ccn-1".into() };
        let script = Script::new([broken(), not_sent(), not_sent(), not_sent(), not_sent()]);
        let error = script.client().send(&scope(), &delete).await.expect_err("no try is answered");
        assert!(error.may_have_happened(), "{error}");
        let script = Script::new([broken(), refuse("ResourceNotFound")]);
        let error = script.client().send(&scope(), &delete).await.expect_err("it is gone");
        assert!(error.is_not_found(), "{error}");
    }
}
