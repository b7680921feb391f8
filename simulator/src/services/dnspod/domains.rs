//! Domains.

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::list;
use crate::clock::beijing;
use crate::front::{Action, Answer, Call};
use crate::state::{NAME_SERVERS, Zone};

/// Describes a domain.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct DescribeDomain {
    domain: String,
    domain_id: Option<u64>,
}

impl Action for DescribeDomain {
    fn run(self, call: &mut Call<'_>) -> Answer {
        let zone = super::zone(call, &self.domain, self.domain_id)?;
        let mut info = common(zone);
        info["Domain"] = json!(zone.name);
        info["DnspodNsList"] = json!(NAME_SERVERS);
        info["ActualNsList"] = json!(NAME_SERVERS);
        info["Uin"] = json!(zone.owner);
        info["IsMark"] = json!("no");
        info["IsSubDomain"] = json!(false);
        Ok(json!({ "DomainInfo": info }))
    }
}

/// Lists the account's domains.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct DescribeDomainList {
    keyword: Option<String>,
    offset: Option<u64>,
    limit: Option<u64>,
}

impl Action for DescribeDomainList {
    fn run(self, call: &mut Call<'_>) -> Answer {
        let owner = call.uin()?;
        let has = |zone: &&Zone| self.keyword.as_ref().is_none_or(|part| zone.name.contains(part));
        let own = call.cloud.zones.zones.values().filter(|zone| zone.owner == owner);
        let page = list::page_within(own.filter(has).collect(), self.offset, self.limit, 20, 3000)?;
        let set: Value = page.items.into_iter().map(list_item).collect();
        let count = json!({ "DomainTotal": page.total, "AllTotal": page.total, "MineTotal": page.total });
        Ok(json!({ "DomainCountInfo": count, "DomainList": set }))
    }
}

fn list_item(zone: &Zone) -> Value {
    let mut item = common(zone);
    item["Name"] = json!(zone.name);
    item["EffectiveDNS"] = json!(NAME_SERVERS);
    item
}

fn common(zone: &Zone) -> Value {
    json!({
        "DomainId": zone.id,
        "Status": "ENABLE",
        "TTL": 600,
        "CNAMESpeedup": "DISABLE",
        "DNSStatus": "",
        "Grade": "DP_FREE",
        "GroupId": 1,
        "SearchEnginePush": "NO",
        "Remark": "",
        "Punycode": zone.name,
        "GradeLevel": 2,
        "GradeTitle": "",
        "IsVip": "NO",
        "RecordCount": zone.records.len(),
        "CreatedOn": beijing(zone.created),
        "UpdatedOn": beijing(zone.created),
        "Owner": zone.owner,
        "TagList": [],
    })
}
