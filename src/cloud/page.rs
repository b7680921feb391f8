//! Lists that come in pages.

use super::action::Action;
use super::client::Client;
use super::error::{Error, Origin};
use crate::scope::Scope;

/// How many pages a list has at most: an answer whose total never comes would be asked for again until the deadline.
const MAX_PAGES: usize = 1000;

/// An action that returns a list in pages.
pub trait Paged: Action {
    /// What is listed.
    type Item;
    /// How many to ask for at once: as many as the API allows.
    const LIMIT: u64 = 100;

    /// Asks for the page that begins after `offset` items and has at most `limit`.
    fn turn_to(&mut self, offset: u64, limit: u64);

    /// The items of a page, and how many there are on all pages.
    fn open(page: Self::Response) -> (Vec<Self::Item>, u64);
}

/// All items of a list.
///
/// To find out whether one object is gone, filter by its ID: an item that is removed from an earlier page while a list
/// is read moves the ones behind it, so one of them would be missed. When the total changes, the list is read again.
///
/// # Errors
/// As of [`Client::send`], and [`Error::Undecodable`] for a list without end.
pub async fn all<A: Paged>(scope: &Scope, client: &Client, mut action: A) -> Result<Vec<A::Item>, Error> {
    let mut items = Vec::new();
    let mut expected = None;
    for _ in 0..MAX_PAGES {
        action.turn_to(items.len() as u64, A::LIMIT);
        let (page, total) = A::open(client.send(scope, &action).await?);
        if *expected.get_or_insert(total) != total {
            items.clear();
            expected = None;
            continue;
        }
        let is_last = page.is_empty();
        items.extend(page);
        if is_last || items.len() as u64 >= total {
            return Ok(items);
        }
    }
    let [service, name, region] = [A::SERVICE, A::NAME, client.region()].map(str::to_owned);
    let origin = Box::new(Origin { service, action: name, region, account: None });
    let problem = format!("after {MAX_PAGES} pages the list has no end");
    Err(Error::Undecodable { origin, problem, request_id: "of the last page".to_owned() })
}

/// Implements [`Paged`] for actions with `offset` and `limit` (numbers, or texts where the API wants them so).
macro_rules! paged {
    ($($action:ty: $list:ident of $item:ty, total $($total:ident).+, $($limit:literal)?;)+) => {
        $(impl $crate::cloud::page::Paged for $action {
            type Item = $item;
            $(const LIMIT: u64 = $limit;)?

            fn turn_to(&mut self, offset: u64, limit: u64) {
                self.offset = Some($crate::cloud::page::Number::from_number(offset));
                self.limit = Some($crate::cloud::page::Number::from_number(limit));
            }

            fn open(page: Self::Response) -> (Vec<Self::Item>, u64) {
                (page.$list, page.$($total).+)
            }
        })+
    };
}
pub(crate) use paged;

/// How an action writes an offset.
pub(crate) trait Number {
    /// The number in the action's form.
    fn from_number(number: u64) -> Self;
}

impl Number for u64 {
    fn from_number(number: u64) -> Self {
        number
    }
}

impl Number for String {
    fn from_number(number: u64) -> Self {
        number.to_string()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::{Value, json};

    use super::*;
    use crate::cloud::api::vpc::{DescribeCcnAttachedInstances, DescribeVpcs};
    use crate::cloud::script::{Script, Step, accept, refuse};

    fn scope() -> Scope {
        Scope::unstopped(Duration::from_secs(600))
    }

    fn attachments(total: usize, ids: std::ops::Range<usize>) -> Step {
        let row = |id| json!({"CcnId": "ccn-1", "InstanceType": "VPC", "InstanceId": format!("vpc-{id}"), "InstanceRegion": "r", "State": "ACTIVE"});
        accept(json!({"TotalCount": total, "InstanceSet": ids.map(row).collect::<Vec<Value>>()}))
    }

    fn offsets(script: &Script) -> Vec<Value> {
        script.seen().iter().map(|seen| seen.body()["Offset"].clone()).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn all_pages_are_read() {
        let script = Script::new([attachments(45, 0..20), attachments(45, 20..40), attachments(45, 40..45)]);
        let found = all(&scope(), &script.client(), DescribeCcnAttachedInstances::default()).await;
        let ids: Vec<String> = found.expect("all pages are there").into_iter().map(|row| row.instance_id).collect();
        assert_eq!(ids, (0..45).map(|id| format!("vpc-{id}")).collect::<Vec<_>>());
        assert_eq!(offsets(&script), [json!(0), json!(20), json!(40)]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_gives_smaller_pages_than_asked_for_loses_nothing() {
        let script = Script::new([attachments(15, 0..10), attachments(15, 10..15)]);
        let found = all(&scope(), &script.client(), DescribeCcnAttachedInstances::default()).await;
        assert_eq!(found.expect("both pages are there").len(), 15);
        assert_eq!(offsets(&script), [json!(0), json!(10)]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_list_that_changes_while_it_is_read_is_read_again() {
        let script = Script::new([
            attachments(25, 0..20),
            attachments(24, 21..25),
            attachments(24, 1..21),
            attachments(24, 21..25),
        ]);
        let found = all(&scope(), &script.client(), DescribeCcnAttachedInstances::default()).await;
        assert_eq!(found.expect("the second reading is undisturbed").len(), 24);
        assert_eq!(offsets(&script), [json!(0), json!(20), json!(0), json!(20)]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_total_that_counts_more_than_there_is_does_not_read_for_ever() {
        let script = Script::new([attachments(22, 0..20), attachments(22, 20..20)]);
        let found = all(&scope(), &script.client(), DescribeCcnAttachedInstances::default()).await;
        assert_eq!(found.expect("an empty page is the end").len(), 20);
    }

    #[tokio::test(start_paused = true)]
    async fn a_list_without_end_is_an_error() {
        let script = Script::new(std::array::from_fn::<_, MAX_PAGES, _>(|_| attachments(usize::MAX, 0..20)));
        let error = all(&scope(), &script.client(), DescribeCcnAttachedInstances::default()).await.expect_err("no end");
        assert!(error.to_string().contains("the list has no end"), "{error}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_page_that_is_refused_refuses_the_list() {
        let script = Script::new([attachments(45, 0..20), refuse("UnauthorizedOperation")]);
        assert!(all(&scope(), &script.client(), DescribeCcnAttachedInstances::default()).await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn offsets_are_texts_where_the_api_wants_texts() {
        let script = Script::new([accept(json!({"TotalCount": 0, "VpcSet": null}))]);
        let found = all(&scope(), &script.client(), DescribeVpcs::default()).await;
        assert!(found.expect("a null list is an empty one").is_empty());
        let body = script.seen()[0].body();
        assert_eq!((&body["Offset"], &body["Limit"]), (&json!("0"), &json!("100")));
    }
}
