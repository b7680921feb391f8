//! Temporary keys, through the client that signs with them.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use super::{
    Arguments, AssumeRole, AssumeRoleWithSaml, AssumeRoleWithWebIdentity, Environment, MfaCertification, resolve,
};
use crate::cloud::api::vpc::{CreateCcn, DescribeCcns};
use crate::cloud::client::Client;
use crate::cloud::error::Error;
use crate::cloud::script::{Script, Step, accept, after, refuse};
use crate::scope::Scope;

const ROLE: &str = "qcs::cam::uin/100000000001:roleName/terraform";

fn scope() -> Scope {
    Scope::unstopped(Duration::from_secs(86_400))
}

/// Temporary keys that carry `name` and live for two hours.
fn issued(name: &str) -> Step {
    accept(json!({"Credentials": keys(name), "ExpiredTime": in_two_hours()}))
}

fn keys(name: &str) -> Value {
    json!({"Token": format!("{name}-token"), "TmpSecretId": format!("{name}-id"), "TmpSecretKey": format!("{name}-key")})
}

fn in_two_hours() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("it is after 1970").as_secs() + 7_200
}

fn no_ccns() -> Step {
    accept(json!({"TotalCount": 0}))
}

/// A client with keys as arguments and environment say.
fn client(script: &Arc<Script>, arguments: &Arguments, environment: &Environment) -> Client {
    script.client_of(resolve(arguments, environment).expect("the arguments are complete"))
}

fn assume_role() -> Arguments {
    let block = AssumeRole {
        role_arn: Some(ROLE.into()),
        session_name: Some("apply".into()),
        session_duration: Some(7_200),
        policy: Some("{}".into()),
        external_id: Some("agreed".into()),
        ..AssumeRole::default()
    };
    let (secret_id, secret_key) = (Some("base-id".into()), Some("base-key".into()));
    Arguments { secret_id, secret_key, assume_role: Some(block), ..Arguments::default() }
}

/// The secret ID that each request was signed with, or `SKIP`, by its action.
fn signers(script: &Script) -> Vec<(String, String)> {
    let signer = |authorization: &str| match authorization.split_once("Credential=") {
        Some((_, rest)) => rest.split('/').next().unwrap_or_default().to_owned(),
        None => authorization.to_owned(),
    };
    script.seen().iter().map(|seen| (seen.action().to_owned(), signer(seen.header("Authorization")))).collect()
}

fn pairs<const N: usize>(pairs: [(&str, &str); N]) -> Vec<(String, String)> {
    pairs.map(|(action, signer)| (action.to_owned(), signer.to_owned())).into()
}

/// A directory of this test that is removed with it.
struct Directory(PathBuf);

impl Directory {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("tcmesh-{}-{name}", std::process::id()));
        fs::create_dir_all(&path).expect("the temporary directory can be written");
        Self(path)
    }

    fn write(&self, name: &str, text: &str) -> String {
        let path = self.0.join(name);
        fs::write(&path, text).expect("the directory can be written");
        path.display().to_string()
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        // What is left behind in the temporary directory does not change what the test found.
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_role_is_taken_once_and_its_keys_sign_from_then_on() {
    let script = Script::new([issued("role"), no_ccns(), no_ccns()]);
    let client = client(&script, &assume_role(), &Environment::default());
    for _ in 0..2 {
        client.send(&scope(), &DescribeCcns::default()).await.expect("an answer");
    }
    let expected = [("AssumeRole", "base-id"), ("DescribeCcns", "role-id"), ("DescribeCcns", "role-id")];
    assert_eq!(signers(&script), pairs(expected));
    assert_eq!(script.seen()[1].header("X-TC-Token"), "role-token");
    let expected = json!({
        "RoleArn": ROLE, "RoleSessionName": "apply", "DurationSeconds": 7_200, "Policy": "%7B%7D", "ExternalId": "agreed",
    });
    assert_eq!(script.seen()[0].body(), expected);
}

#[tokio::test(start_paused = true)]
async fn callers_at_the_same_time_share_one_call_for_keys() {
    let script = Script::new([after(Duration::from_secs(1), issued("role")), no_ccns(), no_ccns()]);
    let client = client(&script, &assume_role(), &Environment::default());
    let (scope, list) = (scope(), DescribeCcns::default());
    let (one, other) = tokio::join!(client.send(&scope, &list), client.send(&scope, &list));
    assert!(one.is_ok() && other.is_ok());
}

#[tokio::test(start_paused = true)]
async fn keys_are_renewed_before_they_expire() {
    let script = Script::new([issued("first"), no_ccns(), no_ccns(), issued("second"), no_ccns()]);
    let client = client(&script, &assume_role(), &Environment::default());
    client.send(&scope(), &DescribeCcns::default()).await.expect("an answer");
    tokio::time::advance(Duration::from_secs(7_200 - 310)).await;
    client.send(&scope(), &DescribeCcns::default()).await.expect("an answer");
    tokio::time::advance(Duration::from_secs(15)).await;
    client.send(&scope(), &DescribeCcns::default()).await.expect("an answer");
    let signers: Vec<String> = signers(&script).into_iter().map(|(_, signer)| signer).collect();
    assert_eq!(signers, ["base-id", "first-id", "first-id", "base-id", "second-id"]);
}

#[tokio::test(start_paused = true)]
async fn keys_that_the_api_no_longer_takes_are_renewed_once() {
    let refused = || refuse("AuthFailure.TokenFailure");
    let created = json!({"Ccn": {"CcnId": "ccn-1", "CcnName": "hub", "State": "AVAILABLE"}});
    let script = Script::new([issued("old"), refused(), issued("new"), accept(created)]);
    let client = client(&script, &assume_role(), &Environment::default());
    client.send(&scope(), &CreateCcn::default()).await.expect("the new keys are taken");
    let expected =
        [("AssumeRole", "base-id"), ("CreateCcn", "old-id"), ("AssumeRole", "base-id"), ("CreateCcn", "new-id")];
    assert_eq!(signers(&script), pairs(expected));
}

#[tokio::test(start_paused = true)]
async fn a_role_that_may_not_be_taken_is_named_and_the_request_was_not_sent() {
    let script = Script::new([refuse("UnauthorizedOperation")]);
    let client = client(&script, &assume_role(), &Environment::default());
    let error = client.send(&scope(), &CreateCcn::default()).await.expect_err("there are no keys");
    assert!(matches!(error, Error::Credentials(_)) && !error.may_have_happened());
    assert_eq!(error.to_string(), format!("assume_role of {ROLE} gave no credentials"));
    let source = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
    assert!(source.starts_with("sts AssumeRole in ap-guangzhou: UnauthorizedOperation"), "{source}");
}

#[tokio::test(start_paused = true)]
async fn a_role_of_the_environment_is_taken_and_then_the_role_of_the_block_with_it() {
    let script = Script::new([issued("outer"), issued("inner"), no_ccns()]);
    let environment = Environment::from([
        ("TENCENTCLOUD_ASSUME_ROLE_ARN", "qcs::cam::uin/100000000001:roleName/outer"),
        ("TENCENTCLOUD_ASSUME_ROLE_SESSION_NAME", "environment"),
        ("TENCENTCLOUD_ASSUME_ROLE_SESSION_DURATION", "900"),
    ]);
    let client = client(&script, &assume_role(), &environment);
    client.send(&scope(), &DescribeCcns::default()).await.expect("an answer");
    let expected = [("AssumeRole", "base-id"), ("AssumeRole", "outer-id"), ("DescribeCcns", "inner-id")];
    assert_eq!(signers(&script), pairs(expected));
    assert_eq!(script.seen()[0].body()["DurationSeconds"], 900);
}

#[tokio::test(start_paused = true)]
async fn a_web_identity_needs_no_other_keys_and_its_file_is_read_for_every_renewal() {
    let directory = Directory::new("web-identity");
    let file = directory.write("token.json", r#"{"web_identity_token": "first"}"#);
    let block = AssumeRoleWithWebIdentity {
        web_identity_token_file: Some(file),
        role_arn: Some(ROLE.into()),
        session_name: Some("apply".into()),
        ..AssumeRoleWithWebIdentity::default()
    };
    let script = Script::new([issued("one"), no_ccns(), issued("two"), no_ccns()]);
    let arguments = Arguments { assume_role_with_web_identity: Some(block), ..Arguments::default() };
    let client = client(&script, &arguments, &Environment::default());
    client.send(&scope(), &DescribeCcns::default()).await.expect("an answer");
    directory.write("token.json", r#"{"web_identity_token": "second"}"#);
    tokio::time::advance(Duration::from_secs(7_200)).await;
    client.send(&scope(), &DescribeCcns::default()).await.expect("an answer");
    let web_identity = "AssumeRoleWithWebIdentity";
    let expected =
        [(web_identity, "SKIP"), ("DescribeCcns", "one-id"), (web_identity, "SKIP"), ("DescribeCcns", "two-id")];
    assert_eq!(signers(&script), pairs(expected));
    let seen = script.seen();
    assert_eq!((&seen[0].body()["WebIdentityToken"], &seen[0].body()["ProviderId"]), (&json!("first"), &json!("OIDC")));
    assert_eq!(seen[2].body()["WebIdentityToken"], "second");
}

#[tokio::test(start_paused = true)]
async fn a_saml_assertion_needs_no_other_keys() {
    let block = AssumeRoleWithSaml {
        saml_assertion: Some("assertion".into()),
        session_duration: Some(900),
        ..AssumeRoleWithSaml::default()
    };
    let environment = Environment::from([
        ("TENCENTCLOUD_ASSUME_ROLE_ARN", ROLE),
        ("TENCENTCLOUD_ASSUME_ROLE_PRINCIPAL_ARN", "qcs::cam::uin/100000000001:saml-provider/corporate"),
        ("TENCENTCLOUD_ASSUME_ROLE_SESSION_NAME", "apply"),
    ]);
    let script = Script::new([issued("saml"), no_ccns()]);
    let arguments = Arguments { assume_role_with_saml: Some(block), ..Arguments::default() };
    client(&script, &arguments, &environment).send(&scope(), &DescribeCcns::default()).await.expect("an answer");
    assert_eq!(signers(&script), pairs([("AssumeRoleWithSAML", "SKIP"), ("DescribeCcns", "saml-id")]));
    let expected = json!({
        "SAMLAssertion": "assertion", "PrincipalArn": "qcs::cam::uin/100000000001:saml-provider/corporate",
        "RoleArn": ROLE, "RoleSessionName": "apply", "DurationSeconds": 900,
    });
    assert_eq!(script.seen()[0].body(), expected);
}

#[tokio::test(start_paused = true)]
async fn a_saml_assertion_of_the_environment_is_taken_before_the_keys_there() {
    let environment = Environment::from([
        ("TENCENTCLOUD_SECRET_ID", "base-id"),
        ("TENCENTCLOUD_SECRET_KEY", "base-key"),
        ("TENCENTCLOUD_ASSUME_ROLE_ARN", ROLE),
        ("TENCENTCLOUD_ASSUME_ROLE_SESSION_NAME", "apply"),
        ("TENCENTCLOUD_ASSUME_ROLE_SAML_ASSERTION", "assertion"),
        ("TENCENTCLOUD_ASSUME_ROLE_PRINCIPAL_ARN", "qcs::cam::uin/100000000001:saml-provider/corporate"),
    ]);
    let script = Script::new([issued("saml"), no_ccns()]);
    let client = client(&script, &Arguments::default(), &environment);
    client.send(&scope(), &DescribeCcns::default()).await.expect("an answer");
    assert_eq!(signers(&script), pairs([("AssumeRoleWithSAML", "SKIP"), ("DescribeCcns", "saml-id")]));
}

#[tokio::test(start_paused = true)]
async fn a_role_that_asks_for_a_code_gets_it() {
    let environment = Environment::from([
        ("TENCENTCLOUD_ASSUME_ROLE_SERIAL_NUMBER", "device"),
        ("TENCENTCLOUD_ASSUME_ROLE_TOKEN_CODE", "123456"),
    ]);
    let script = Script::new([issued("role"), no_ccns()]);
    let client = client(&script, &assume_role(), &environment);
    client.send(&scope(), &DescribeCcns::default()).await.expect("an answer");
    let body = script.seen()[0].body();
    assert_eq!((&body["SerialNumber"], &body["TokenCode"]), (&json!("device"), &json!("123456")));
}

#[tokio::test(start_paused = true)]
async fn a_code_is_used_once_and_its_keys_to_their_end() {
    let environment = Environment::from([
        ("TENCENTCLOUD_SECRET_ID", "base-id"),
        ("TENCENTCLOUD_SECRET_KEY", "base-key"),
        ("TENCENTCLOUD_MFA_CERTIFICATION_SERIAL_NUMBER", "device"),
        ("TENCENTCLOUD_MFA_CERTIFICATION_DURATION_SECONDS", "3600"),
    ]);
    let block = MfaCertification { token_code: Some("123456".into()), ..MfaCertification::default() };
    let script = Script::new([issued("mfa"), no_ccns(), no_ccns()]);
    let arguments = Arguments { mfa_certification: Some(block), ..Arguments::default() };
    let client = client(&script, &arguments, &environment);
    client.send(&scope(), &DescribeCcns::default()).await.expect("an answer");
    tokio::time::advance(Duration::from_secs(7_200 - 10)).await;
    client.send(&scope(), &DescribeCcns::default()).await.expect("the keys still live");
    tokio::time::advance(Duration::from_secs(10)).await;
    let ended = client.send(&scope(), &DescribeCcns::default()).await.expect_err("the keys have ended");
    assert!(ended.to_string().starts_with("the keys of mfa_certification have ended"), "{ended}");
    let expected = [("GetSessionToken", "base-id"), ("DescribeCcns", "mfa-id"), ("DescribeCcns", "mfa-id")];
    assert_eq!(signers(&script), pairs(expected));
    let expected = json!({"SerialNumber": "device", "TokenCode": "123456", "DurationSeconds": 3_600});
    assert_eq!(script.seen()[0].body(), expected);
}

#[tokio::test(start_paused = true)]
async fn a_pods_token_is_a_file_that_holds_nothing_else() {
    let directory = Directory::new("pod");
    let file = directory.write("token", "raw-token\n");
    let environment = Environment::from([
        ("TKE_REGION", "ap-guangzhou"),
        ("TKE_PROVIDER_ID", "cls-1"),
        ("TKE_WEB_IDENTITY_TOKEN_FILE", &file),
        ("TKE_ROLE_ARN", ROLE),
    ]);
    let script = Script::new([issued("pod"), no_ccns()]);
    let arguments = Arguments { enable_pod_oidc: true, ..Arguments::default() };
    client(&script, &arguments, &environment).send(&scope(), &DescribeCcns::default()).await.expect("an answer");
    let body = script.seen()[0].body();
    assert_eq!((&body["WebIdentityToken"], &body["ProviderId"]), (&json!("raw-token"), &json!("cls-1")));
}

#[tokio::test(start_paused = true)]
async fn the_role_of_an_instance_comes_from_its_metadata() {
    let mut document = keys("instance");
    document["ExpiredTime"] = json!(in_two_hours());
    let script = Script::new([Step::Answer(200, document.to_string()), no_ccns()]);
    let arguments = Arguments { cam_role_name: Some("builder".into()), ..Arguments::default() };
    let client = client(&script, &arguments, &Environment::default());
    client.send(&scope(), &DescribeCcns::default()).await.expect("an answer");
    let url = "http://metadata.tencentyun.com/latest/meta-data/cam/security-credentials/builder";
    assert_eq!(script.seen()[0].request.uri(), url);
    assert_eq!(script.seen()[1].header("X-TC-Token"), "instance-token");
}

#[tokio::test(start_paused = true)]
async fn an_instance_without_the_role_says_so_and_a_garbled_answer_is_not_quoted() {
    let arguments = Arguments { cam_role_name: Some("builder".into()), ..Arguments::default() };
    let script =
        Script::new([Step::Answer(404, "<html>".into()), Step::Answer(200, r#"{"TmpSecretId": "hunter2"}"#.into())]);
    let client = client(&script, &arguments, &Environment::default());
    let absent = client.send(&scope(), &DescribeCcns::default()).await.expect_err("there is no role");
    assert_eq!(absent.to_string(), "cam_role_name builder gave no credentials");
    let garbled = client.send(&scope(), &DescribeCcns::default()).await.expect_err("there is no key");
    assert!(!format!("{garbled:?}").contains("hunter2"), "{garbled:?}");
}
