//! Changing records. The name servers serve a change after the propagation delay.

use std::net::{Ipv4Addr, Ipv6Addr};

use serde::Deserialize;
use serde_json::json;

use super::{DEFAULT_LINE, no_such_record, zone};
use crate::front::{Action, Answer, ApiError, Call};
use crate::state::{Record, Zone};
use crate::world::Step;

/// Makes a record.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct CreateRecord {
    domain: String,
    record_type: String,
    record_line: String,
    value: String,
    domain_id: Option<u64>,
    sub_domain: Option<String>,
    record_line_id: Option<String>,
    #[serde(rename = "MX")]
    mx: Option<u16>,
    #[serde(rename = "TTL")]
    ttl: Option<u64>,
    weight: Option<u64>,
    status: Option<String>,
    #[serde(default)]
    remark: String,
}

/// Changes a record: what is left out gets its default.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct ModifyRecord {
    domain: String,
    record_type: String,
    record_line: String,
    value: String,
    record_id: u64,
    domain_id: Option<u64>,
    sub_domain: Option<String>,
    record_line_id: Option<String>,
    #[serde(rename = "MX")]
    mx: Option<u16>,
    #[serde(rename = "TTL")]
    ttl: Option<u64>,
    weight: Option<u64>,
    status: Option<String>,
    remark: Option<String>,
}

impl Action for CreateRecord {
    fn run(self, call: &mut Call<'_>) -> Answer {
        check_line(&self.record_line, self.record_line_id.as_deref())?;
        let timing = call.cloud.timing.clone();
        let record = Record {
            id: 0,
            name: self.sub_domain.filter(|name| !name.is_empty()).unwrap_or_else(|| "@".into()),
            kind: self.record_type.to_uppercase(),
            value: self.value,
            ttl: ttl(self.ttl)?,
            mx: self.mx.unwrap_or(0),
            weight: self.weight,
            enabled: enabled(self.status.as_deref())?,
            remark: self.remark,
            updated: timing.now,
            listed: timing.after(Step::RecordList),
        };
        let zone = zone(call, &self.domain, self.domain_id)?;
        check_record(zone, &record)?;
        let name = zone.name.clone();
        let id = call.cloud.zones.next_record_id();
        if let Some(zone) = call.cloud.zones.zones.get_mut(&name) {
            zone.records.insert(id, Record { id, ..record });
        }
        call.cloud.publish_zone(&name);
        Ok(json!({ "RecordId": id }))
    }
}

impl Action for ModifyRecord {
    fn run(self, call: &mut Call<'_>) -> Answer {
        check_line(&self.record_line, self.record_line_id.as_deref())?;
        let now = call.cloud.timing.now;
        let zone = zone(call, &self.domain, self.domain_id)?;
        let before = zone.records.get(&self.record_id).ok_or_else(|| no_such_record(self.record_id))?.clone();
        let record = Record {
            name: self.sub_domain.filter(|name| !name.is_empty()).unwrap_or_else(|| "@".into()),
            kind: self.record_type.to_uppercase(),
            value: self.value,
            ttl: ttl(self.ttl)?,
            mx: self.mx.unwrap_or(0),
            weight: self.weight,
            enabled: enabled(self.status.as_deref())?,
            remark: self.remark.unwrap_or(before.remark),
            updated: now,
            ..before
        };
        check_record(zone, &record)?;
        zone.records.insert(record.id, record);
        let name = zone.name.clone();
        call.cloud.publish_zone(&name);
        Ok(json!({ "RecordId": self.record_id }))
    }
}

/// Deletes a record.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct DeleteRecord {
    domain: String,
    record_id: u64,
    domain_id: Option<u64>,
}

impl Action for DeleteRecord {
    fn run(self, call: &mut Call<'_>) -> Answer {
        let zone = zone(call, &self.domain, self.domain_id)?;
        zone.records.remove(&self.record_id).ok_or_else(|| no_such_record(self.record_id))?;
        let name = zone.name.clone();
        call.cloud.publish_zone(&name);
        Ok(json!({}))
    }
}

/// The number of a line wins over its name.
fn check_line(name: &str, id: Option<&str>) -> Result<(), ApiError> {
    let known = id.map_or(name == DEFAULT_LINE.0, |id| id == DEFAULT_LINE.1);
    let message = "The simulator knows the default line only.";
    if known { Ok(()) } else { Err(ApiError::new("InvalidParameter.RecordLineInvalid", message)) }
}

fn ttl(given: Option<u64>) -> Result<u32, ApiError> {
    let ttl = given.unwrap_or(600);
    let in_range = u32::try_from(ttl).ok().filter(|ttl| (1..=604_800).contains(ttl));
    in_range.ok_or_else(|| ApiError::new("LimitExceeded.RecordTtlLimit", "`TTL` must be from 1 to 604800."))
}

fn enabled(status: Option<&str>) -> Result<bool, ApiError> {
    match status {
        None | Some("ENABLE") => Ok(true),
        Some("DISABLE") => Ok(false),
        Some(_) => Err(ApiError::new("InvalidParameter", "`Status` must be ENABLE or DISABLE.")),
    }
}

fn check_record(zone: &Zone, record: &Record) -> Result<(), ApiError> {
    if record.name != "@" && !record.name.split('.').all(is_label) {
        return Err(ApiError::new("InvalidParameter.SubdomainInvalid", format!("`{}` is no name.", record.name)));
    }
    if record.kind == "MX" && !(1..=50).contains(&record.mx) {
        return Err(ApiError::new("InvalidParameter.MxInvalid", "`MX` must be from 1 to 50."));
    }
    if !is_value(&record.kind, &record.value)? {
        let message = format!("`{}` is no value of a record {}.", record.value, record.kind);
        return Err(ApiError::new("InvalidParameter.RecordValueInvalid", message));
    }
    let twin = |other: &&Record| {
        other.id != record.id && (&other.name, &other.kind, &other.value) == (&record.name, &record.kind, &record.value)
    };
    match zone.records.values().find(twin) {
        Some(other) => {
            let message = format!("The record exists already as {}.", other.id);
            Err(ApiError::new("InvalidParameter.DomainRecordExist", message))
        }
        None => Ok(()),
    }
}

fn is_value(kind: &str, value: &str) -> Result<bool, ApiError> {
    let is_host = || value.trim_end_matches('.').split('.').all(is_label);
    match kind {
        "A" => Ok(value.parse::<Ipv4Addr>().is_ok()),
        "AAAA" => Ok(value.parse::<Ipv6Addr>().is_ok()),
        "CNAME" | "MX" | "NS" => Ok(is_host()),
        "TXT" => Ok((1..=512).contains(&value.len())),
        _ => {
            let message = format!("The simulator does not know records of type `{kind}`.");
            Err(ApiError::new("InvalidParameter.RecordTypeInvalid", message))
        }
    }
}

/// A part of a name between dots; `*` stands for any.
fn is_label(label: &str) -> bool {
    let good = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    label == "*"
        || (1..=63).contains(&label.len())
            && label.bytes().all(good)
            && !label.starts_with('-')
            && !label.ends_with('-')
}
