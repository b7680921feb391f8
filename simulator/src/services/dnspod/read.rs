//! Looking at records.

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::list;
use super::{DEFAULT_LINE, no_such_record, zone};
use crate::clock::beijing;
use crate::front::{Action, Answer, ApiError, Call};
use crate::state::{NAME_SERVERS, Record};

/// Describes one record. It is found as soon as it is made.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct DescribeRecord {
    domain: String,
    record_id: u64,
    domain_id: Option<u64>,
}

impl Action for DescribeRecord {
    fn run(self, call: &mut Call<'_>) -> Answer {
        let zone = zone(call, &self.domain, self.domain_id)?;
        let record = zone.records.get(&self.record_id).ok_or_else(|| no_such_record(self.record_id))?;
        let info = json!({
            "Id": record.id,
            "SubDomain": record.name,
            "RecordType": record.kind,
            "RecordLine": DEFAULT_LINE.0,
            "RecordLineId": DEFAULT_LINE.1,
            "Value": record.value,
            "Weight": record.weight,
            "MX": record.mx,
            "TTL": record.ttl,
            "Enabled": u8::from(record.enabled),
            "MonitorStatus": "",
            "Remark": record.remark,
            "UpdatedOn": beijing(record.updated),
            "DomainId": zone.id,
        });
        Ok(json!({ "RecordInfo": info }))
    }
}

/// Lists records. A new one appears only when the index has it; an empty list is an error unless asked otherwise.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct DescribeRecordList {
    domain: String,
    domain_id: Option<u64>,
    // The first is the older spelling.
    subdomain: Option<String>,
    sub_domain: Option<String>,
    record_type: Option<String>,
    record_line: Option<String>,
    record_line_id: Option<String>,
    keyword: Option<String>,
    offset: Option<u64>,
    limit: Option<u64>,
    error_on_empty: Option<String>,
}

impl Action for DescribeRecordList {
    fn run(self, call: &mut Call<'_>) -> Answer {
        let now = call.cloud.timing.now;
        let zone = zone(call, &self.domain, self.domain_id)?;
        let listed: Vec<&Record> = zone.records.values().filter(|it| it.listed <= now && self.wants(it)).collect();
        if listed.is_empty() && self.error_on_empty.as_deref() != Some("no") {
            return Err(ApiError::new("ResourceNotFound.NoDataOfRecord", "There are no records."));
        }
        let page = list::page_within(listed, self.offset, self.limit, 100, 3000)?;
        let count = json!({
            "SubdomainCount": page.total,
            "ListCount": page.items.len(),
            "TotalCount": page.total,
        });
        let set: Value = page.items.into_iter().map(list_item).collect();
        Ok(json!({ "RecordCountInfo": count, "RecordList": set }))
    }
}

impl DescribeRecordList {
    fn wants(&self, record: &Record) -> bool {
        let same = |wanted: &Option<String>, actual: &str| {
            wanted.as_deref().is_none_or(|wanted| wanted.is_empty() || wanted == actual)
        };
        let has = |part: &String| record.name.contains(part) || record.value.contains(part);
        same(&self.subdomain, &record.name)
            && same(&self.sub_domain, &record.name)
            && same(&self.record_type, &record.kind)
            && same(&self.record_line, DEFAULT_LINE.0)
            && same(&self.record_line_id, DEFAULT_LINE.1)
            && self.keyword.as_ref().is_none_or(has)
    }
}

fn list_item(record: &Record) -> Value {
    let default = record.kind == "NS" && NAME_SERVERS.contains(&record.value.trim_end_matches('.'));
    json!({
        "RecordId": record.id,
        "Value": record.value,
        "Status": if record.enabled { "ENABLE" } else { "DISABLE" },
        "UpdatedOn": beijing(record.updated),
        "Name": record.name,
        "Line": DEFAULT_LINE.0,
        "LineId": DEFAULT_LINE.1,
        "Type": record.kind,
        "Weight": record.weight,
        "MonitorStatus": "",
        "Remark": record.remark,
        "TTL": record.ttl,
        "MX": record.mx,
        "DefaultNS": default && record.name == "@",
    })
}
