//! The story's network: CCNs of one account and of two.

use std::net::Ipv4Addr;

use serde_json::{Value, json};
use tcmesh_simulator::network::{Address, path};
use tcmesh_simulator::world::DetachRight;

use crate::client::Client;
use crate::world::{HUB, MEMBER, REGION, Running, start, start_with};

const A: &str = "100000000001";

async fn create_ccn(client: &Client) -> String {
    let answer = client.ok("vpc", "CreateCcn", json!({"CcnName": "ccn"})).await;
    answer["Ccn"]["CcnId"].as_str().unwrap().to_owned()
}

fn instance(vpc_id: &str) -> Value {
    json!({"InstanceId": vpc_id, "InstanceRegion": REGION, "InstanceType": "VPC"})
}

fn rows(ccn_id: &str, vpc_id: &str) -> Value {
    json!({"CcnId": ccn_id, "Instances": [instance(vpc_id)]})
}

async fn attach(client: &Client, ccn_id: &str, vpc_id: &str, ccn_uin: &str) {
    let mut request = rows(ccn_id, vpc_id);
    request["CcnUin"] = json!(ccn_uin);
    client.ok("vpc", "AttachCcnInstances", request).await;
}

/// The state of the one attachment that a client sees, or `none`.
async fn state(client: &Client, ccn_id: &str) -> String {
    let answer = client.ok("vpc", "DescribeCcnAttachedInstances", json!({"CcnId": ccn_id})).await;
    answer["InstanceSet"][0]["State"].as_str().unwrap_or("none").to_owned()
}

/// A CCN of account a with a request of account b.
async fn requested(running: &Running) -> String {
    let ccn_id = create_ccn(&running.a).await;
    attach(&running.b, &ccn_id, MEMBER, A).await;
    ccn_id
}

/// The same, accepted.
async fn connected(running: &Running) -> String {
    let ccn_id = requested(running).await;
    running.a.ok("vpc", "AcceptAttachCcnInstances", rows(&ccn_id, MEMBER)).await;
    running.advance("2s").await;
    ccn_id
}

#[tokio::test]
async fn an_own_network_is_attached_after_its_wait() {
    let running = start().await;
    let ccn_id = create_ccn(&running.a).await;
    attach(&running.a, &ccn_id, HUB, "").await;
    assert_eq!(state(&running.a, &ccn_id).await, "ATTACHING");
    running.advance("1999ms").await;
    assert_eq!(state(&running.a, &ccn_id).await, "ATTACHING");
    running.advance("1ms").await;
    assert_eq!(state(&running.a, &ccn_id).await, "ACTIVE");
    let routes = running.a.ok("vpc", "DescribeCcnRoutes", json!({"CcnId": ccn_id})).await;
    assert_eq!(routes["RouteSet"][0]["DestinationCidrBlock"], "10.0.1.0/24");
    assert_eq!(routes["RouteSet"][0]["Enabled"], true);
    assert_eq!(
        running.a.code("vpc", "AttachCcnInstances", rows(&ccn_id, HUB)).await,
        "UnsupportedOperation.CcnAttached"
    );
}

#[tokio::test]
async fn another_accounts_network_waits_for_the_owner_and_both_see_it() {
    let running = start().await;
    let ccn_id = requested(&running).await;
    for client in [&running.a, &running.b] {
        let answer = client.ok("vpc", "DescribeCcnAttachedInstances", json!({"CcnId": ccn_id})).await;
        assert_eq!(answer["InstanceSet"][0]["State"], "PENDING");
        assert_eq!(answer["InstanceSet"][0]["InstanceUin"], "100000000002");
        assert_eq!(answer["InstanceSet"][0]["CcnUin"], A);
    }
    let ccns = running.b.ok("vpc", "DescribeCcns", json!({"CcnIds": [ccn_id]})).await;
    assert_eq!(ccns["TotalCount"], 0);
    running.a.ok("vpc", "AcceptAttachCcnInstances", rows(&ccn_id, MEMBER)).await;
    assert_eq!(state(&running.b, &ccn_id).await, "ATTACHING");
    running.advance("2s").await;
    assert_eq!(state(&running.b, &ccn_id).await, "ACTIVE");
}

#[tokio::test]
async fn nobody_accepts_or_rejects_an_own_request() {
    let running = start().await;
    let ccn_id = requested(&running).await;
    for action in ["AcceptAttachCcnInstances", "RejectAttachCcnInstances"] {
        assert_eq!(running.b.code("vpc", action, rows(&ccn_id, MEMBER)).await, "ResourceNotFound");
    }
    assert_eq!(state(&running.b, &ccn_id).await, "PENDING");
}

#[tokio::test]
async fn a_request_is_answered_once() {
    let running = start().await;
    let ccn_id = connected(&running).await;
    for action in ["AcceptAttachCcnInstances", "RejectAttachCcnInstances"] {
        let code = running.a.code("vpc", action, rows(&ccn_id, MEMBER)).await;
        assert_eq!(code, "UnsupportedOperation.NotPendingCcnInstance");
        let code = running.a.code("vpc", action, rows(&ccn_id, HUB)).await;
        assert_eq!(code, "UnsupportedOperation.CcnNotAttached");
    }
}

#[tokio::test]
async fn a_request_that_nobody_answers_expires_and_can_be_made_again() {
    let running = start().await;
    let ccn_id = requested(&running).await;
    let mut reset = rows(&ccn_id, MEMBER);
    reset["CcnUin"] = json!(A);
    assert_eq!(running.b.code("vpc", "ResetAttachCcnInstances", reset.clone()).await, "UnsupportedOperation");
    running.advance("168h").await;
    assert_eq!(state(&running.b, &ccn_id).await, "EXPIRED");
    let code = running.a.code("vpc", "AcceptAttachCcnInstances", rows(&ccn_id, MEMBER)).await;
    assert_eq!(code, "UnsupportedOperation.NotPendingCcnInstance");
    running.b.ok("vpc", "ResetAttachCcnInstances", reset).await;
    assert_eq!(state(&running.a, &ccn_id).await, "PENDING");
}

#[tokio::test]
async fn a_refused_request_can_be_made_again() {
    let running = start().await;
    let ccn_id = requested(&running).await;
    running.a.ok("vpc", "RejectAttachCcnInstances", rows(&ccn_id, MEMBER)).await;
    assert_eq!(state(&running.b, &ccn_id).await, "REJECTED");
    attach(&running.b, &ccn_id, MEMBER, A).await;
    assert_eq!(state(&running.b, &ccn_id).await, "PENDING");
}

#[tokio::test]
async fn who_may_detach_is_a_setting_of_the_world() {
    for (right, a_may, b_may) in [
        (DetachRight::Both, true, true),
        (DetachRight::CcnOwner, true, false),
        (DetachRight::InstanceOwner, false, true),
    ] {
        for (by_a, may) in [(true, a_may), (false, b_may)] {
            let running = start_with(|world| world.settings.detach = right).await;
            let ccn_id = connected(&running).await;
            let client = if by_a { &running.a } else { &running.b };
            let answer = client.call("vpc", "DetachCcnInstances", rows(&ccn_id, MEMBER)).await;
            let expected = if may { "DETACHING" } else { "ACTIVE" };
            assert_eq!(state(&running.a, &ccn_id).await, expected, "{right:?} {by_a}");
            if !may {
                assert_eq!(answer.unwrap_err(), "UnsupportedOperation.AppIdMismatch");
            }
        }
    }
}

#[tokio::test]
async fn a_detached_network_takes_its_routes_along_and_the_ccn_can_go() {
    let running = start().await;
    let ccn_id = connected(&running).await;
    let code = running.a.code("vpc", "DeleteCcn", json!({"CcnId": ccn_id})).await;
    assert_eq!(code, "UnsupportedOperation.ExistCcnInstancesNotSupportDeleteCcn");
    running.b.ok("vpc", "DetachCcnInstances", rows(&ccn_id, MEMBER)).await;
    let code = running.b.code("vpc", "DetachCcnInstances", rows(&ccn_id, MEMBER)).await;
    assert_eq!(code, "UnsupportedOperation.MutexOperationTaskRunning");
    running.advance("2s").await;
    assert_eq!(state(&running.a, &ccn_id).await, "none");
    let code = running.a.code("vpc", "DetachCcnInstances", rows(&ccn_id, MEMBER)).await;
    assert_eq!(code, "UnsupportedOperation.CcnNotAttached");
    let routes = running.a.ok("vpc", "DescribeCcnRoutes", json!({"CcnId": ccn_id})).await;
    assert_eq!(routes["TotalCount"], 0);
    running.a.ok("vpc", "DeleteCcn", json!({"CcnId": ccn_id})).await;
    assert_eq!(running.a.code("vpc", "DeleteCcn", json!({"CcnId": ccn_id})).await, "ResourceNotFound");
}

#[tokio::test]
async fn a_failed_attachment_is_taken_away_after_two_hours() {
    let running = start_with(|world| world.settings.deleted_rows = "1h".parse().unwrap()).await;
    let ccn_id = create_ccn(&running.a).await;
    running.fault(json!({"match": {"action": "AttachCcnInstances"}, "fault": "fail_state"})).await;
    attach(&running.a, &ccn_id, HUB, "").await;
    for (span, expected) in [("2s", "FAILED"), ("7199s", "FAILED"), ("1s", "DELETED"), ("1h", "none")] {
        running.advance(span).await;
        assert_eq!(state(&running.a, &ccn_id).await, expected, "{span}");
    }
}

#[tokio::test]
async fn a_failed_detachment_is_forced_after_two_hours() {
    let running = start().await;
    let ccn_id = connected(&running).await;
    running.fault(json!({"match": {"action": "DetachCcnInstances"}, "fault": "fail_state"})).await;
    running.b.ok("vpc", "DetachCcnInstances", rows(&ccn_id, MEMBER)).await;
    for (span, expected) in [("2s", "DETACHFAILED"), ("2h", "none")] {
        running.advance(span).await;
        assert_eq!(state(&running.a, &ccn_id).await, expected, "{span}");
    }
}

#[tokio::test]
async fn a_withdrawn_request_is_gone_at_once() {
    let running = start().await;
    let ccn_id = requested(&running).await;
    running.b.ok("vpc", "DetachCcnInstances", rows(&ccn_id, MEMBER)).await;
    assert_eq!(state(&running.a, &ccn_id).await, "none");
}

#[tokio::test]
async fn what_is_not_ones_own_cannot_be_attached() {
    let running = start().await;
    let ccn_id = create_ccn(&running.a).await;
    let foreign_ccn = rows(&ccn_id, MEMBER);
    assert_eq!(running.b.code("vpc", "AttachCcnInstances", foreign_ccn.clone()).await, "ResourceNotFound");
    assert_eq!(running.a.code("vpc", "AttachCcnInstances", foreign_ccn.clone()).await, "ResourceNotFound");
    let mut nobody = foreign_ccn;
    nobody["CcnUin"] = json!("100000000009");
    assert_eq!(running.b.code("vpc", "AttachCcnInstances", nobody).await, "UnsupportedOperation.UinNotFound");
    let malformed = json!({"CcnId": "ccn", "Instances": [instance(HUB)]});
    assert_eq!(running.a.code("vpc", "AttachCcnInstances", malformed).await, "InvalidParameterValue.Malformed");
}

#[tokio::test]
async fn only_an_attached_account_sees_the_routes_and_only_the_owner_switches_them() {
    let running = start().await;
    let ccn_id = create_ccn(&running.a).await;
    let all = json!({"CcnId": ccn_id});
    assert_eq!(running.b.code("vpc", "DescribeCcnRoutes", all.clone()).await, "ResourceNotFound");
    attach(&running.a, &ccn_id, HUB, "").await;
    attach(&running.b, &ccn_id, MEMBER, A).await;
    running.advance("2s").await;
    assert_eq!(running.b.ok("vpc", "DescribeCcnRoutes", all.clone()).await["TotalCount"], 0);
    running.a.ok("vpc", "AcceptAttachCcnInstances", rows(&ccn_id, MEMBER)).await;
    running.advance("2s").await;
    let routes = running.b.ok("vpc", "DescribeCcnRoutes", all.clone()).await;
    assert_eq!(routes["TotalCount"], 2);
    let first = json!({"CcnId": ccn_id, "RouteIds": [routes["RouteSet"][0]["RouteId"]]});
    assert_eq!(running.b.code("vpc", "DisableCcnRoutes", first.clone()).await, "ResourceNotFound");
    running.a.ok("vpc", "DisableCcnRoutes", first.clone()).await;
    let disabled = running.a.ok("vpc", "DescribeCcnRoutes", all).await;
    assert_eq!(disabled["RouteSet"][0]["Enabled"], false);
    running.a.ok("vpc", "EnableCcnRoutes", first).await;
}

#[tokio::test]
async fn an_overlapping_route_stays_disabled_until_the_conflict_is_gone() {
    let running = start().await;
    let ccn_id = create_ccn(&running.a).await;
    let vpc = running.a.ok("vpc", "CreateVpc", json!({"VpcName": "twin", "CidrBlock": "10.0.0.0/16"})).await;
    let twin = vpc["Vpc"]["VpcId"].as_str().unwrap();
    let subnet = json!({"VpcId": twin, "SubnetName": "s", "Zone": "ap-guangzhou-3", "CidrBlock": "10.0.1.0/24"});
    running.a.ok("vpc", "CreateSubnet", subnet).await;
    for vpc_id in [HUB, twin] {
        attach(&running.a, &ccn_id, vpc_id, "").await;
        running.advance("2s").await;
    }
    let routes = running.a.ok("vpc", "DescribeCcnRoutes", json!({"CcnId": ccn_id})).await;
    assert_eq!(routes["RouteSet"][1]["Enabled"], false);
    let enable = json!({"CcnId": ccn_id, "RouteIds": [routes["RouteSet"][1]["RouteId"]]});
    let code = running.a.code("vpc", "EnableCcnRoutes", enable.clone()).await;
    assert_eq!(code, "UnsupportedOperation.CcnRouteCidrOverlap");
    let disable = json!({"CcnId": ccn_id, "RouteIds": [routes["RouteSet"][0]["RouteId"]]});
    running.a.ok("vpc", "DisableCcnRoutes", disable).await;
    running.a.ok("vpc", "EnableCcnRoutes", enable).await;
}

#[tokio::test]
async fn a_new_subnet_of_an_attached_network_is_published_and_withdrawn_with_it() {
    let running = start().await;
    let ccn_id = create_ccn(&running.a).await;
    attach(&running.a, &ccn_id, HUB, "").await;
    running.advance("2s").await;
    let subnet = json!({"VpcId": HUB, "SubnetName": "s", "Zone": "ap-guangzhou-3", "CidrBlock": "10.0.2.0/24"});
    let subnet = running.a.ok("vpc", "CreateSubnet", subnet).await;
    let filter = json!([{"Name": "cidr-block", "Values": ["10.0.2.0/24"]}]);
    let query = json!({"CcnId": ccn_id, "Filters": filter});
    assert_eq!(running.a.ok("vpc", "DescribeCcnRoutes", query.clone()).await["TotalCount"], 1);
    running.a.ok("vpc", "DeleteSubnet", json!({"SubnetId": subnet["Subnet"]["SubnetId"]})).await;
    assert_eq!(running.a.ok("vpc", "DescribeCcnRoutes", query).await["TotalCount"], 0);
}

#[tokio::test]
async fn only_the_way_back_is_broken_by_the_members_own_route_table() {
    let running = start().await;
    let ccn_id = connected(&running).await;
    attach(&running.a, &ccn_id, HUB, "").await;
    running.advance("2s").await;
    let hub = Address { vpc_id: HUB.into(), ip: Ipv4Addr::new(10, 0, 1, 9) };
    let member = Ipv4Addr::new(10, 2, 1, 9);
    running.look(|cloud| path(cloud, &hub, member)).unwrap();
    let switch = json!({"vpc_route": {"vpc_id": MEMBER, "destination": "10.0.1.0/24", "enabled": false}});
    assert_eq!(running.control("POST", "console", switch).await.0, 200);
    let broken = running.look(|cloud| path(cloud, &hub, member)).unwrap_err();
    let expected = "on the way back, at vpc-mem00003, to 10.0.1.9: the route to 10.0.1.0/24 is disabled in the route \
                    table of vpc-mem00003";
    assert_eq!(broken.to_string(), expected);
    let tables = running.b.ok("vpc", "DescribeRouteTables", json!({})).await;
    let routes = tables["RouteTableSet"][0]["RouteSet"].as_array().unwrap().clone();
    let to_hub = routes.iter().find(|route| route["DestinationCidrBlock"] == "10.0.1.0/24").unwrap();
    assert_eq!((&to_hub["Enabled"], &to_hub["RouteType"]), (&json!(false), &json!("CCN")));
}

#[tokio::test]
async fn ccns_are_found_by_their_tags() {
    let running = start().await;
    create_ccn(&running.a).await;
    let tags = json!([{"Key": "tcmesh-create", "Value": "nonce"}]);
    let made = running.a.ok("vpc", "CreateCcn", json!({"CcnName": "marked", "Tags": tags})).await;
    let ccn_id = made["Ccn"]["CcnId"].as_str().unwrap();
    let query = json!({"Filters": [{"Name": "tag:tcmesh-create", "Values": ["nonce"]}]});
    let found = running.a.ok("vpc", "DescribeCcns", query.clone()).await;
    assert_eq!((&found["TotalCount"], &found["CcnSet"][0]["CcnId"]), (&json!(1), &json!(ccn_id)));

    let resource = format!("qcs::vpc:{REGION}:uin/:ccn/{ccn_id}");
    let change = json!({
        "Resource": resource,
        "ReplaceTags": [{"TagKey": "owner", "TagValue": "me"}],
        "DeleteTags": [{"TagKey": "tcmesh-create"}],
    });
    running.a.ok("tag", "ModifyResourceTags", change).await;
    assert_eq!(running.a.ok("vpc", "DescribeCcns", query).await["TotalCount"], 0);
    let read = json!({
        "ServiceType": "vpc", "ResourcePrefix": "ccn", "ResourceIds": [ccn_id], "ResourceRegion": REGION,
        "Limit": 20, "Offset": 0,
    });
    let tags = running.a.ok("tag", "DescribeResourceTagsByResourceIds", read.clone()).await;
    assert_eq!((&tags["Tags"][0]["TagKey"], &tags["TotalCount"]), (&json!("owner"), &json!(1)));
    assert_eq!(running.b.ok("tag", "DescribeResourceTagsByResourceIds", read).await["TotalCount"], 0);
}

#[tokio::test]
async fn what_is_in_use_is_not_deleted() {
    let running = start().await;
    assert_eq!(running.a.code("vpc", "DeleteVpc", json!({"VpcId": HUB})).await, "ResourceInUse");
    let subnet = json!({"SubnetId": "subnet-hub00001"});
    assert_eq!(running.a.code("vpc", "DeleteSubnet", subnet).await, "ResourceInUse", "a cluster is in it");
    assert_eq!(running.b.code("vpc", "DeleteVpc", json!({"VpcId": HUB})).await, "ResourceNotFound");
    let vpc = running.a.ok("vpc", "CreateVpc", json!({"VpcName": "v", "CidrBlock": "10.9.0.0/16"})).await;
    let vpc_id = &vpc["Vpc"]["VpcId"];
    let subnet = json!({"VpcId": vpc_id, "SubnetName": "s", "Zone": "ap-guangzhou-3", "CidrBlock": "10.9.1.0/24"});
    let subnet = running.a.ok("vpc", "CreateSubnet", subnet).await;
    running.a.ok("vpc", "DeleteSubnet", json!({"SubnetId": subnet["Subnet"]["SubnetId"]})).await;
    running.a.ok("vpc", "DeleteVpc", json!({"VpcId": vpc_id})).await;
    assert_eq!(running.a.ok("vpc", "DescribeVpcs", json!({"VpcIds": [vpc_id]})).await["TotalCount"], 0);
}

#[tokio::test]
async fn the_sixth_ccn_is_one_too_many() {
    let running = start().await;
    for _ in 0..5 {
        create_ccn(&running.a).await;
    }
    assert_eq!(running.a.code("vpc", "CreateCcn", json!({"CcnName": "six"})).await, "LimitExceeded");
}
