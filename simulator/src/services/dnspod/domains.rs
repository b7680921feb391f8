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
        // DNSPod's users have numbers and nicknames of their own, which are not modelled: the account's number stands in.
        info["UserId"] = json!(zone.owner.as_str().parse::<u64>().unwrap_or_default());
        info["OwnerNick"] = json!("");
        info["IsGracePeriod"] = json!("no");
        info["VipBuffered"] = json!("no");
        info["SlaveDNS"] = json!("no");
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
        Ok(json!({ "DomainCountInfo": counts(page.total), "DomainList": set }))
    }
}

/// How many domains there are of which kind: all are the account's own, free of charge and in service.
fn counts(total: usize) -> Value {
    json!({
        "DomainTotal": total,
        "AllTotal": total,
        "MineTotal": total,
        "ShareTotal": 0,
        "VipTotal": 0,
        "PauseTotal": 0,
        "ErrorTotal": 0,
        "LockTotal": 0,
        "SpamTotal": 0,
        "VipExpire": 0,
        "ShareOutTotal": 0,
        "GroupTotal": total,
    })
}

fn list_item(zone: &Zone) -> Value {
    let mut item = common(zone);
    item["Name"] = json!(zone.name);
    item["EffectiveDNS"] = json!(NAME_SERVERS);
    item["VipStartAt"] = json!("");
    item["VipEndAt"] = json!("");
    item["VipAutoRenew"] = json!("DEFAULT");
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
