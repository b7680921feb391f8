//! Who may do what: sub-users, roles and temporary keys.

use serde_json::{Value, json};
use tcmesh_simulator::world::{IdentityProvider, Secret};

use crate::client::{Client, decode};
use crate::registration::{open_hub, register};
use crate::world::{HUB, Running, start, start_with, user};

const READER: &str = "qcs::cam::uin/100000000001:roleName/tdcc-manifest-reader";

/// A client that signs with the temporary key in an answer of sts.
fn session(running: &Running, answer: &Value) -> Client {
    let text = |name: &str| answer["Credentials"][name].as_str().unwrap();
    let mut client = Client::new(&running.handle.endpoint(), text("TmpSecretId"), text("TmpSecretKey"));
    client.token = Some(text("Token").to_owned());
    client
}

async fn assume(running: &Running, client: &Client, more: Value) -> Result<Client, String> {
    let mut request = json!({"RoleArn": READER, "RoleSessionName": "member", "DurationSeconds": 900});
    request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    client.call("sts", "AssumeRole", request).await.map(|answer| session(running, &answer))
}

#[tokio::test]
async fn a_sub_user_may_do_what_its_policy_allows() {
    let (described, client_of) = user("a", "reader", &["name/vpc:Describe*"]);
    let running = start_with(|world| world.users.push(described)).await;
    let reader = client_of(&running);
    assert_eq!(reader.ok("vpc", "DescribeVpcs", json!({})).await["TotalCount"], 2);
    assert_eq!(reader.code("vpc", "CreateCcn", json!({"CcnName": "ccn"})).await, "UnauthorizedOperation");
    assert_eq!(reader.code("tke", "DescribeClusters", json!({})).await, "UnauthorizedOperation.CamNoAuth");
}

#[tokio::test]
async fn the_members_account_fetches_the_manifest_through_a_narrow_role() {
    let running = start().await;
    open_hub(&running).await;
    let id = register(&running).await;
    let reader = assume(&running, &running.b, json!({})).await.unwrap();
    let identity = reader.ok("sts", "GetCallerIdentity", json!({})).await;
    assert_eq!((&identity["AccountId"], &identity["Type"]), (&json!("100000000001"), &json!("CAMRole")));
    reader.ok("tdcc", "DescribeExternalClusterSpec", json!({"ClusterId": id})).await;
    assert_eq!(reader.code("tdcc", "DeleteExternalCluster", json!({"ClusterId": id})).await, "UnauthorizedOperation");
    assert_eq!(reader.code("vpc", "DescribeVpcs", json!({})).await, "UnauthorizedOperation");
}

#[tokio::test]
async fn only_who_is_trusted_assumes_a_role() {
    let running = start().await;
    assert_eq!(assume(&running, &running.a, json!({})).await.unwrap_err(), "UnauthorizedOperation");
    let unknown = json!({"RoleArn": "qcs::cam::uin/100000000001:roleName/nobody"});
    assert_eq!(assume(&running, &running.b, unknown).await.unwrap_err(), "ResourceNotFound.RoleNotFound");
    let too_long = json!({"DurationSeconds": 50_000});
    assert_eq!(assume(&running, &running.b, too_long).await.unwrap_err(), "InvalidParameter.OverTimeError");
}

#[tokio::test]
async fn a_role_can_ask_for_an_external_id() {
    let running = start_with(|world| world.roles[0].external_id = Some("shared".into())).await;
    assert_eq!(assume(&running, &running.b, json!({})).await.unwrap_err(), "UnauthorizedOperation");
    assume(&running, &running.b, json!({"ExternalId": "shared"})).await.unwrap();
}

#[tokio::test]
async fn a_session_ends_when_its_time_is_over_in_the_world() {
    let running = start().await;
    open_hub(&running).await;
    let request = json!({"ClusterId": register(&running).await});
    let reader = assume(&running, &running.b, json!({})).await.unwrap();
    running.advance("899s").await;
    reader.ok("tdcc", "DescribeExternalClusterSpec", request.clone()).await;
    running.advance("1s").await;
    assert_eq!(reader.code("tdcc", "DescribeExternalClusterSpec", request).await, "AuthFailure.TokenFailure");
    let mut bare = assume(&running, &running.b, json!({})).await.unwrap();
    bare.token = None;
    assert_eq!(bare.code("tdcc", "DescribeHubClusters", json!({})).await, "AuthFailure.TokenFailure");
}

#[tokio::test]
async fn a_session_can_be_narrowed_further() {
    let running = start().await;
    open_hub(&running).await;
    let id = register(&running).await;
    let resource = format!("qcs::tdcc::uin/100000000001:cluster/{id}");
    let statement = json!([{"effect": "allow", "action": ["tdcc:*"], "resource": [resource]}]);
    let policy = json!({"version": "2.0", "statement": statement}).to_string();
    let encoded: String = policy.bytes().map(|byte| format!("%{byte:02X}")).collect();
    for text in [policy, encoded] {
        let reader = assume(&running, &running.b, json!({"Policy": text})).await.unwrap();
        reader.ok("tdcc", "DescribeExternalClusterSpec", json!({"ClusterId": id})).await;
        let other = json!({"ClusterId": "cls-00000000"});
        assert_eq!(reader.code("tdcc", "DescribeExternalClusterSpec", other).await, "UnauthorizedOperation");
    }
}

#[tokio::test]
async fn a_web_identity_opens_a_session_without_a_signature() {
    let running = start_with(|world| {
        let provider = IdentityProvider { account: "a".into(), name: "OIDC".into(), tokens: vec![Secret::new("jwt")] };
        world.identity_providers.push(provider);
        world.roles[0].trusted.push("OIDC".into());
    });
    let running = running.await;
    let request = |token: &str, provider: &str| {
        let parameters = json!({
            "ProviderId": provider, "WebIdentityToken": token, "RoleArn": READER, "RoleSessionName": "pod",
        });
        let mut request = running.a.request("sts", "AssumeRoleWithWebIdentity", &parameters);
        request.authorization = Some("SKIP".into());
        request
    };
    let answer = decode(&running.a.send(&request("jwt", "OIDC")).await.unwrap()).unwrap();
    let identity = session(&running, &answer);
    assert_eq!(identity.code("vpc", "DescribeVpcs", json!({})).await, "UnauthorizedOperation");
    for (token, provider) in [("forged", "OIDC"), ("jwt", "other")] {
        let answer = running.a.send(&request(token, provider)).await.unwrap();
        assert_eq!(decode(&answer).unwrap_err(), "InvalidParameter.WebIdentityTokenError");
    }
    assert!(!running.control("GET", "journal", Value::Null).await.1.to_string().contains("jwt"));
}

#[tokio::test]
async fn roles_are_made_described_and_deleted() {
    let running = start().await;
    let document = json!({"version": "2.0", "statement": [{
        "effect": "allow", "action": ["name/sts:AssumeRole"], "principal": {"qcs": ["qcs::cam::uin/100000000002:root"]},
    }]});
    let create = json!({"RoleName": "operator", "PolicyDocument": document.to_string(), "Description": "d"});
    let made = running.a.ok("cam", "CreateRole", create.clone()).await;
    assert_eq!(running.a.code("cam", "CreateRole", create).await, "InvalidParameter.RoleNameInUse");
    let name = json!({"RoleName": "operator"});
    let role = running.a.ok("cam", "GetRole", name.clone()).await["RoleInfo"].clone();
    assert_eq!((&role["RoleId"], &role["Description"]), (&made["RoleId"], &json!("d")));
    assert_eq!(running.b.code("cam", "GetRole", name.clone()).await, "InvalidParameter.RoleNotExist");

    let policy = json!({"PolicyName": "QcloudVPCFullAccess", "AttachRoleName": "operator"});
    running.a.ok("cam", "AttachRolePolicy", policy).await;
    let list = json!({"Page": 1, "Rp": 20, "RoleName": "operator"});
    assert_eq!(running.a.ok("cam", "ListAttachedRolePolicies", list.clone()).await["TotalNum"], 1);
    let arn = "qcs::cam::uin/100000000001:roleName/operator";
    let operator = assume(&running, &running.b, json!({"RoleArn": arn})).await.unwrap();
    assert_eq!(operator.ok("vpc", "DescribeVpcs", json!({"VpcIds": [HUB]})).await["TotalCount"], 1);
    let detach = json!({"PolicyName": "QcloudVPCFullAccess", "DetachRoleName": "operator"});
    running.a.ok("cam", "DetachRolePolicy", detach).await;
    assert_eq!(operator.code("vpc", "DescribeVpcs", json!({})).await, "UnauthorizedOperation");
    running.a.ok("cam", "DeleteRole", name.clone()).await;
    assert_eq!(running.a.code("cam", "GetRole", name).await, "InvalidParameter.RoleNotExist");
}

#[tokio::test]
async fn the_numbers_of_the_caller_are_told() {
    let (described, client_of) = user("a", "user", &["*"]);
    let running = start_with(|world| world.users.push(described)).await;
    let ids = client_of(&running).ok("cam", "GetUserAppId", json!({})).await;
    assert_eq!((&ids["Uin"], &ids["OwnerUin"]), (&json!("200000000001"), &json!("100000000001")));
    assert_eq!(ids["AppId"], 1_250_000_001);
    let identity = client_of(&running).ok("sts", "GetCallerIdentity", json!({})).await;
    assert_eq!((&identity["UserId"], &identity["AccountId"]), (&json!("200000000001"), &json!("100000000001")));
}
