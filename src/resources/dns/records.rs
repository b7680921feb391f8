//! The records of one name, type and line: looked at, and brought to what they should be.

use std::collections::BTreeSet;

use super::set_id::RecordSetId;
use super::value::canonical;
use crate::cloud::api::dnspod::{
    self, CreateRecord, DEFAULT_LINE, DeleteRecord, DescribeRecord, DescribeRecordList, ModifyRecord, RecordInfo,
};
use crate::cloud::{self, Client, page};
use crate::framework::Error;
use crate::resources::errors::Doing;
use crate::scope::Scope;
use crate::wait::{self, Probe};

/// The API refuses a record that is equal to one that exists.
const EXISTS: &str = "InvalidParameter.DomainRecordExist";

/// Where the records of a set are. A line is known by its ID, or by its name alone until the first record of it is known.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) zone: String,
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) line_id: Option<String>,
    pub(super) line: String,
}

impl From<&RecordSetId> for Place {
    fn from(RecordSetId { zone, name, kind, line_id }: &RecordSetId) -> Self {
        let (zone, name, kind, line_id) = (zone.clone(), name.clone(), kind.clone(), Some(line_id.clone()));
        Self { zone, name, kind, line_id, line: DEFAULT_LINE.to_owned() }
    }
}

/// What the records should be.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub(super) values: BTreeSet<String>,
    pub(super) ttl: u64,
    pub(super) mx: Option<u64>,
    pub(super) remark: String,
}

impl Place {
    fn holds(&self, record: &RecordInfo) -> bool {
        let line = match (&self.line_id, &record.record_line_id, &record.record_line) {
            (Some(wanted), Some(found), _) => wanted == found,
            (_, _, Some(found)) => *found == self.line,
            _ => true,
        };
        line && record.sub_domain.eq_ignore_ascii_case(&self.name)
            && record.record_type.eq_ignore_ascii_case(&self.kind)
    }

    /// All records here: those that are listed, and those of `known`, since new ones may be missing in lists for half a minute.
    /// What lists say of a record may be as old, so that each is looked at by itself.
    pub(super) async fn look(
        &self,
        scope: &Scope,
        client: &Client,
        known: &[u64],
    ) -> Result<Vec<RecordInfo>, cloud::Error> {
        let mut ids: BTreeSet<u64> =
            self.listed(scope, client).await?.into_iter().map(|record| record.record_id).collect();
        ids.extend(known);
        let mut found = Vec::new();
        for record_id in ids {
            found.extend(self.record(scope, client, record_id).await?.filter(|record| self.holds(record)));
        }
        Ok(found)
    }

    async fn listed(&self, scope: &Scope, client: &Client) -> Result<Vec<dnspod::RecordListItem>, cloud::Error> {
        let action = DescribeRecordList {
            sub_domain: Some(self.name.clone()),
            record_type: Some(self.kind.clone()),
            record_line_id: self.line_id.clone(),
            ..DescribeRecordList::of(&self.zone)
        };
        page::all(scope, client, action).await
    }

    async fn record(&self, scope: &Scope, client: &Client, record_id: u64) -> Result<Option<RecordInfo>, cloud::Error> {
        match client.send(scope, &DescribeRecord { domain: self.zone.clone(), record_id }).await {
            Err(error) if error.is_not_found() => Ok(None),
            found => Ok(Some(found?.record_info)),
        }
    }

    /// Brings the records to what is wanted, and answers their IDs. Those that have a wanted value keep it, those that have none
    /// get one, and only then others are made or deleted: the name is answered all the time. `told` learns of each new record.
    pub(super) async fn converge(
        &self,
        scope: &Scope,
        client: &Client,
        wanted: &Wanted,
        current: Vec<RecordInfo>,
        told: &mut (dyn FnMut(&RecordInfo) + Send),
    ) -> Result<Vec<u64>, Error> {
        let (mut surplus, mut missing, mut ids) = (current, Vec::new(), Vec::new());
        for value in &wanted.values {
            let has_value = |record: &RecordInfo| canonical(&self.kind, &record.value) == canonical(&self.kind, value);
            let Some(position) = surplus.iter().position(has_value) else {
                missing.push(value);
                continue;
            };
            let record = surplus.remove(position);
            ids.push(record.id);
            if !wanted.is_met_by(&record) {
                self.modify(scope, client, &record, wanted, value).await?;
            }
        }
        for value in missing {
            if let Some(record) = surplus.pop() {
                ids.push(record.id);
                self.modify(scope, client, &record, wanted, value).await?;
            } else {
                let record_id = self.create(scope, client, wanted, value).await?;
                ids.push(record_id);
                // A line that was given by its name has an ID that only the record tells.
                if let Some(line_id) = &self.line_id {
                    told(&self.created_as(record_id, line_id, wanted, value));
                } else {
                    let action = DescribeRecord { domain: self.zone.clone(), record_id };
                    let described = client.send(scope, &action).await;
                    told(&described.doing(|| format!("read the new record `{value}`"))?.record_info);
                }
            }
        }
        for record in surplus {
            self.delete(scope, client, &record).await?;
        }
        Ok(ids)
    }

    async fn modify(
        &self,
        scope: &Scope,
        client: &Client,
        record: &RecordInfo,
        wanted: &Wanted,
        value: &str,
    ) -> Result<(), Error> {
        let action = ModifyRecord {
            domain: self.zone.clone(),
            record_id: record.id,
            sub_domain: Some(self.name.clone()),
            record_type: self.kind.clone(),
            record_line: self.line.clone(),
            record_line_id: self.line_id.clone(),
            value: value.to_owned(),
            mx: wanted.mx,
            ttl: Some(wanted.ttl),
            weight: record.weight,
            status: Some("ENABLE".to_owned()),
            remark: Some(wanted.remark.clone()),
        };
        client.send(scope, &action).await.map(drop).doing(|| format!("change the record {} to `{value}`", record.id))
    }

    /// A new record, as it was asked for.
    fn created_as(&self, id: u64, line_id: &str, wanted: &Wanted, value: &str) -> RecordInfo {
        RecordInfo {
            id,
            sub_domain: self.name.clone(),
            record_type: self.kind.clone(),
            record_line: None,
            record_line_id: Some(line_id.to_owned()),
            value: value.to_owned(),
            weight: None,
            mx: wanted.mx,
            ttl: Some(wanted.ttl),
            enabled: Some(1),
            remark: Some(wanted.remark.clone()),
        }
    }

    async fn create(&self, scope: &Scope, client: &Client, wanted: &Wanted, value: &str) -> Result<u64, Error> {
        let action = CreateRecord {
            domain: self.zone.clone(),
            sub_domain: Some(self.name.clone()),
            record_type: self.kind.clone(),
            record_line: self.line.clone(),
            record_line_id: self.line_id.clone(),
            value: value.to_owned(),
            mx: wanted.mx,
            ttl: Some(wanted.ttl),
            remark: Some(wanted.remark.clone()).filter(|remark| !remark.is_empty()),
            ..CreateRecord::default()
        };
        self.created(scope, client, &action).await.doing(|| format!("create the record `{value}`"))
    }

    /// The ID of a new record. Where an answer is lost, the request is sent again: since an equal record is refused, that makes
    /// none twice.
    async fn created(&self, scope: &Scope, client: &Client, action: &CreateRecord) -> Result<u64, cloud::Error> {
        let lost = match client.send(scope, action).await {
            Err(error) if error.may_have_happened() => error,
            sent => return Ok(sent?.record_id),
        };
        match client.send(scope, action).await {
            Ok(created) => Ok(created.record_id),
            Err(error) if error.code() == Some(EXISTS) => self.until_listed(scope, client, &action.value).await,
            Err(_) => Err(lost),
        }
    }

    async fn until_listed(&self, scope: &Scope, client: &Client, value: &str) -> Result<u64, cloud::Error> {
        let look = || async {
            let listed = self.listed(scope, client).await?;
            let same =
                |record: &dnspod::RecordListItem| canonical(&self.kind, &record.value) == canonical(&self.kind, value);
            let found = listed.into_iter().find(same);
            Ok(found.map_or_else(|| Probe::Pending("not listed yet".into()), |record| Probe::Done(record.record_id)))
        };
        wait::until(scope, wait::PATIENT, "the new record to be listed", look).await
    }

    /// Deletes a record, which may be gone already.
    pub(super) async fn delete(&self, scope: &Scope, client: &Client, record: &RecordInfo) -> Result<(), Error> {
        match client.send(scope, &DeleteRecord { domain: self.zone.clone(), record_id: record.id }).await {
            Err(error) if error.is_not_found() => Ok(()),
            sent => sent.map(drop).doing(|| format!("delete the record {} (`{}`)", record.id, record.value)),
        }
    }
}

impl Wanted {
    /// Whether a record that has one of the values is as it should be.
    pub(super) fn is_met_by(&self, record: &RecordInfo) -> bool {
        is_enabled(record)
            && record.ttl.is_none_or(|ttl| ttl == self.ttl)
            && self.mx.is_none_or(|mx| record.mx == Some(mx))
            && record.remark.as_deref().unwrap_or_default() == self.remark
    }
}

/// Whether name servers answer a record.
pub(super) fn is_enabled(record: &RecordInfo) -> bool {
    record.enabled != Some(0)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::{Value, json};

    use super::*;
    use crate::cloud::script::{Script, Step, accept, broken, refuse};

    fn place() -> Place {
        let [zone, name, kind, line] = ["example.com", "www", "A", DEFAULT_LINE].map(str::to_owned);
        Place { zone, name, kind, line_id: Some("0".into()), line }
    }

    fn wanted(values: &[&str]) -> Wanted {
        let values = values.iter().map(|value| (*value).to_owned()).collect();
        Wanted { values, ttl: 600, mx: None, remark: String::new() }
    }

    fn record(id: u64, value: &str, ttl: u64) -> RecordInfo {
        let json = json!({
            "Id": id, "SubDomain": "www", "RecordType": "A", "RecordLine": DEFAULT_LINE, "RecordLineId": "0",
            "Value": value, "TTL": ttl, "Enabled": 1, "Remark": "",
        });
        serde_json::from_value(json).unwrap()
    }

    fn described(id: u64, value: &str) -> Step {
        accept(json!({"RecordInfo": {
            "Id": id, "SubDomain": "www", "RecordType": "A", "RecordLineId": "0", "Value": value, "TTL": 600, "Enabled": 1,
        }}))
    }

    fn listed(records: &[(u64, &str)]) -> Step {
        let item = |(id, value): &(u64, &str)| json!({"RecordId": id, "Name": "www", "Type": "A", "Value": value});
        let list: Vec<Value> = records.iter().map(item).collect();
        accept(json!({"RecordCountInfo": {"TotalCount": list.len()}, "RecordList": list}))
    }

    fn scope() -> Scope {
        Scope::unstopped(Duration::from_secs(600))
    }

    /// What is sent to bring `current` to `values`, without the reads.
    async fn writes<const N: usize>(
        current: Vec<RecordInfo>,
        values: &[&str],
        steps: [Step; N],
    ) -> Vec<(String, Value, Value)> {
        let script = Script::new(steps);
        let converged = place().converge(&scope(), &script.client(), &wanted(values), current, &mut |_| {}).await;
        converged.unwrap();
        let seen = script.seen();
        let writes = seen.iter().filter(|seen| !seen.action().starts_with("Describe"));
        writes
            .map(|seen| (seen.action().to_owned(), seen.body()["RecordId"].clone(), seen.body()["Value"].clone()))
            .collect()
    }

    fn done() -> Step {
        accept(json!({"RecordId": 1}))
    }

    #[tokio::test(start_paused = true)]
    async fn records_that_are_as_they_should_be_are_left_alone() {
        assert_eq!(writes(vec![record(1, "203.0.113.1", 600)], &["203.0.113.1"], []).await, []);
    }

    #[tokio::test(start_paused = true)]
    async fn a_record_keeps_its_value_and_gets_the_other_attributes() {
        let sent = writes(vec![record(1, "203.0.113.1", 60)], &["203.0.113.1"], [done()]).await;
        assert_eq!(sent, [("ModifyRecord".to_owned(), json!(1), json!("203.0.113.1"))]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_record_with_another_value_is_changed_and_not_replaced() {
        let sent = writes(vec![record(1, "203.0.113.9", 600)], &["203.0.113.1"], [done()]).await;
        assert_eq!(sent, [("ModifyRecord".to_owned(), json!(1), json!("203.0.113.1"))]);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_missing_is_created_and_what_is_too_much_is_deleted_last() {
        let created = [accept(json!({"RecordId": 2}))];
        let sent = writes(vec![record(1, "203.0.113.1", 600)], &["203.0.113.1", "203.0.113.2"], created).await;
        assert_eq!(sent, [("CreateRecord".to_owned(), Value::Null, json!("203.0.113.2"))]);
        let two = vec![record(1, "203.0.113.1", 600), record(2, "203.0.113.2", 600)];
        let sent = writes(two, &["203.0.113.2"], [accept(json!({}))]).await;
        assert_eq!(sent, [("DeleteRecord".to_owned(), json!(1), Value::Null)]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_create_whose_answer_was_lost_makes_no_second_record() {
        let exists = refuse(EXISTS);
        let steps = [broken(), exists, listed(&[]), listed(&[(7, "203.0.113.1")])];
        let script = Script::new(steps);
        let ids = place().converge(&scope(), &script.client(), &wanted(&["203.0.113.1"]), vec![], &mut |_| {}).await;
        assert_eq!(ids.unwrap(), [7]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_create_that_was_lost_before_it_arrived_is_carried_out_once() {
        let steps = [broken(), accept(json!({"RecordId": 8}))];
        let script = Script::new(steps);
        let ids = place().converge(&scope(), &script.client(), &wanted(&["203.0.113.1"]), vec![], &mut |_| {}).await;
        assert_eq!(ids.unwrap(), [8]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_new_record_is_told_before_another_call_can_fail() {
        let script = Script::new([accept(json!({"RecordId": 9})), refuse("UnauthorizedOperation")]);
        let mut told = Vec::new();
        let wanted = wanted(&["203.0.113.1", "203.0.113.2"]);
        let mut tell = |record: &RecordInfo| told.push((record.id, record.record_line_id.clone()));
        let converged = place().converge(&scope(), &script.client(), &wanted, vec![], &mut tell).await;
        assert!(converged.is_err());
        assert_eq!(told, [(9, Some("0".to_owned()))]);
    }

    #[tokio::test(start_paused = true)]
    async fn known_records_are_found_also_while_lists_lag() {
        let gone = refuse("InvalidParameter.RecordIdInvalid");
        let script = Script::new([
            listed(&[(3, "203.0.113.3")]),
            described(1, "203.0.113.1"),
            gone,
            described(3, "203.0.113.3"),
        ]);
        let found = place().look(&scope(), &script.client(), &[1, 2]).await.unwrap();
        assert_eq!(found.iter().map(|record| record.id).collect::<Vec<_>>(), [1, 3]);
    }

    #[test]
    fn a_record_of_another_line_name_or_type_is_not_of_the_set() {
        let own = record(1, "203.0.113.1", 600);
        assert!(place().holds(&own));
        assert!(!place().holds(&RecordInfo { record_line_id: Some("10=1".into()), ..own.clone() }));
        assert!(!place().holds(&RecordInfo { sub_domain: "web".into(), ..own.clone() }));
        assert!(!place().holds(&RecordInfo { record_type: "TXT".into(), ..own.clone() }));
        let by_name = Place { line_id: None, line: "telecom".into(), ..place() };
        assert!(!by_name.holds(&own));
        assert!(by_name.holds(&RecordInfo { record_line: Some("telecom".into()), ..own }));
    }
}
