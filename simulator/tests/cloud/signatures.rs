//! What is refused before it reaches an action, and what the envelope looks like.

use serde_json::json;

use crate::client::{Request, decode, exchange};
use crate::world::{Running, start};

/// The code that a request bent by `bend` is refused with.
async fn refused(running: &Running, bend: impl FnOnce(&mut Request)) -> String {
    let mut request = running.a.request("vpc", "DescribeCcns", &json!({"Limit": 20}));
    bend(&mut request);
    decode(&running.a.send(&request).await.unwrap()).unwrap_err()
}

#[tokio::test]
async fn each_account_is_known_by_its_key() {
    let running = start().await;
    for (client, uin) in [(&running.a, "100000000001"), (&running.b, "100000000002")] {
        let identity = client.ok("sts", "GetCallerIdentity", json!({})).await;
        assert_eq!(identity["AccountId"], uin);
        assert_eq!(identity["Arn"], format!("qcs::cam:{uin}:uin/{uin}"));
        assert_eq!(identity["Type"], "CAMUser");
    }
}

#[tokio::test]
async fn a_wrong_key_is_refused() {
    let running = start().await;
    let mut wrong = running.a.clone();
    wrong.secret_id = "AKIDnobody".into();
    assert_eq!(wrong.code("vpc", "DescribeCcns", json!({})).await, "AuthFailure.SecretIdNotFound");
    let mut wrong = running.a.clone();
    wrong.secret_key.clone_from(&running.b.secret_key);
    assert_eq!(wrong.code("vpc", "DescribeCcns", json!({})).await, "AuthFailure.SignatureFailure");
}

#[tokio::test]
async fn a_skewed_clock_and_an_expired_signature_are_refused() {
    let running = start().await;
    for seconds in [-301, 301, -86_400] {
        assert_eq!(refused(&running, |it| it.timestamp += seconds).await, "AuthFailure.SignatureExpire", "{seconds}");
    }
    for seconds in [-290, 290] {
        let mut request = running.a.request("vpc", "DescribeCcns", &json!({}));
        request.timestamp += seconds;
        decode(&running.a.send(&request).await.unwrap()).unwrap();
    }
}

#[tokio::test]
async fn signatures_are_checked_against_real_time_wherever_the_worlds_clock_is() {
    let running = start().await;
    running.advance("720h").await;
    running.a.ok("vpc", "DescribeCcns", json!({})).await;
}

#[tokio::test]
async fn a_tampered_request_is_refused() {
    let running = start().await;
    assert_eq!(
        refused(&running, |it| it.sent_body = json!({"Limit": 99}).to_string()).await,
        "AuthFailure.SignatureFailure"
    );
    let token = Some("TC3-HMAC-SHA256 Credential=x".to_owned());
    assert_eq!(refused(&running, |it| it.authorization = token).await, "AuthFailure.InvalidAuthorization");
}

#[tokio::test]
async fn a_timestamp_has_one_spelling() {
    let running = start().await;
    let request = running.a.request("vpc", "DescribeCcns", &json!({}));
    let (now, address) = (request.timestamp, running.handle.endpoint().trim_start_matches("http://").to_owned());
    for spelled in [format!("0{now}"), format!("+{now}")] {
        let request = format!(
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nAuthorization: TC3-HMAC-SHA256 \
             Credential=a/2026-01-01/vpc/tc3_request, SignedHeaders=content-type;host, Signature=a\r\n\
             X-TC-Timestamp: {spelled}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        );
        let code = decode(&exchange(&address, &request).await.unwrap()).unwrap_err();
        assert_eq!(code, "InvalidParameterValue", "{spelled}");
    }
}

#[tokio::test]
async fn a_token_beside_a_permanent_key_is_refused() {
    let running = start().await;
    let mut client = running.a.clone();
    client.token = Some("token".into());
    assert_eq!(client.code("vpc", "DescribeCcns", json!({})).await, "AuthFailure.TokenFailure");
}

#[tokio::test]
async fn only_the_federated_sts_actions_go_unsigned() {
    let running = start().await;
    assert_eq!(
        refused(&running, |it| it.authorization = Some("SKIP".into())).await,
        "AuthFailure.InvalidAuthorization"
    );
    let code = refused(&running, |it| {
        it.authorization = Some("SKIP".into());
        it.action = "AssumeRoleWithWebIdentity".into();
        it.version = "2018-08-13".into();
        it.sent_body = "{}".into();
    });
    assert_eq!(code.await, "MissingParameter");
}

#[tokio::test]
async fn what_does_not_exist_is_named_by_the_codes_of_the_api() {
    let running = start().await;
    assert_eq!(refused(&running, |it| it.action = "DescribeNothing".into()).await, "InvalidAction");
    assert_eq!(refused(&running, |it| it.version = "2020-01-01".into()).await, "NoSuchVersion");
    assert_eq!(refused(&running, |it| it.service = "cvm").await, "NoSuchProduct");
    assert_eq!(running.a.code("vpc", "DescribeCcns", json!({"Ccn": 1})).await, "UnknownParameter");
    assert_eq!(running.a.code("vpc", "DeleteCcn", json!({})).await, "MissingParameter");
}

#[tokio::test]
async fn regions_must_be_given_where_things_are_in_regions_and_exist() {
    let running = start().await;
    let mut client = running.a.clone();
    client.region.clear();
    assert_eq!(client.code("vpc", "DescribeVpcs", json!({})).await, "MissingParameter");
    client.ok("vpc", "DescribeCcns", json!({})).await;
    client.ok("sts", "GetCallerIdentity", json!({})).await;
    client.region = "ap-nowhere".into();
    assert_eq!(client.code("vpc", "DescribeVpcs", json!({})).await, "UnsupportedRegion");
}

#[tokio::test]
async fn the_host_and_the_form_of_the_target_do_not_matter() {
    let running = start().await;
    for (host, target) in [
        ("vpc.tencentcloudapi.com", "/"),
        ("vpc.tencentcloudapi.com", "http://vpc.tencentcloudapi.com/"),
        ("vpc.ap-guangzhou.tencentcloudapi.com:8080", "/a/path"),
    ] {
        let mut request = running.a.request("vpc", "DescribeVpcs", &json!({}));
        request.host = host.into();
        request.target = target.into();
        let answer = decode(&running.a.send(&request).await.unwrap()).unwrap();
        assert_eq!(answer["TotalCount"], 2, "{host} {target}");
    }
}

#[tokio::test]
async fn no_tunnel_is_opened() {
    let running = start().await;
    let address = running.handle.endpoint().trim_start_matches("http://").to_owned();
    let host = "vpc.tencentcloudapi.com:443";
    let request = format!("CONNECT {host} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    assert_eq!(exchange(&address, &request).await.unwrap().status, 405);
}

#[tokio::test]
async fn a_get_request_and_a_charset_are_taken() {
    let running = start().await;
    let mut request = running.a.request("vpc", "DescribeVpcs", &json!({}));
    request.method = "GET";
    request.target = "/?Filters.0.Name=vpc-id&Filters.0.Values.0=vpc-hub00001&Limit=10".into();
    request.content_type = "application/x-www-form-urlencoded";
    (request.signed_body, request.sent_body) = (String::new(), String::new());
    let answer = decode(&running.a.send(&request).await.unwrap()).unwrap();
    assert_eq!(answer["VpcSet"][0]["VpcId"], "vpc-hub00001");

    let mut request = running.a.request("vpc", "DescribeVpcs", &json!({}));
    request.content_type = "application/json; charset=utf-8";
    decode(&running.a.send(&request).await.unwrap()).unwrap();
}
