//! Every way to come by keys, against the simulated STS, with the account checked before anything else is asked.

use serde_json::{Value as Json, json};
use tcmesh::provider::{self, Tcmesh};
use tcmesh::scope::StopSwitch;

use crate::harness::client::{Stored, Terraform};
use crate::harness::world::World;

const WORLD: &str = r#"
accounts:
  a: { uin: "100000000001", app_id: 1250000001 }
  b: { uin: "100000000002", app_id: 1250000002 }
identity_providers:
  - { account: a, name: OIDC, tokens: [web-token] }
  - { account: a, name: corporate, tokens: [assertion] }
mfa_devices:
  - { account: a, serial_number: device, codes: ["123456", "654321"] }
roles:
  - account: a
    name: terraform
    trusted: ["100000000001", "100000000002", OIDC, corporate]
    policy: { statement: [{ effect: allow, action: ["*"], resource: ["*"] }] }
"#;
const ROLE: &str = "qcs::cam::uin/100000000001:roleName/terraform";

/// What each mode adds to a block without keys, and the STS actions by which it comes by them.
fn modes(world: &World) -> Vec<(&'static str, Json, &'static [&'static str])> {
    let keys = |account: &str, more: Json| {
        let (id, key) = world.keys(account);
        let mut block = json!({"secret_id": id, "secret_key": key});
        block.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
        block
    };
    let role = json!({"role_arn": ROLE, "session_name": "apply"});
    let with = |more: Json| {
        let mut role = role.clone();
        role.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
        role
    };
    let principal = "qcs::cam::uin/100000000001:saml-provider/corporate";
    let saml = with(json!({"saml_assertion": "assertion", "principal_arn": principal}));
    let mfa = json!({"serial_number": "device", "token_code": "654321"});
    vec![
        ("keys", keys("a", json!({})), &[]),
        ("role", keys("b", json!({"assume_role": role})), &["AssumeRole"]),
        (
            "role with a code",
            keys("a", json!({"assume_role": with(json!({"serial_number": "device", "token_code": "123456"}))})),
            &["AssumeRole"],
        ),
        ("SAML", json!({"assume_role_with_saml": saml}), &["AssumeRoleWithSAML"]),
        (
            "web identity",
            json!({"assume_role_with_web_identity": with(json!({"web_identity_token": "web-token"}))}),
            &["AssumeRoleWithWebIdentity"],
        ),
        ("MFA", keys("a", json!({"mfa_certification": mfa})), &["GetSessionToken"]),
    ]
}

async fn configured(world: &World, block: &Json, account: &str) -> (Terraform<Tcmesh>, Vec<String>) {
    let terraform = Terraform::of(|| provider::server(StopSwitch::default()));
    let mut block = block.clone();
    block["endpoint"] = world.endpoint().into();
    block["region"] = "ap-guangzhou".into();
    block["allowed_account_ids"] = json!([account]);
    let told = terraform.configure(&terraform.provider(block)).await;
    (terraform, told)
}

#[test]
fn every_mode_makes_a_ccn_in_the_account_that_is_allowed() {
    let world = World::with(WORLD);
    for (mode, block, expected) in modes(&world) {
        let calls = world.calls();
        world.block_on(async {
            let (terraform, told) = configured(&world, &block, "100000000001").await;
            assert_eq!(told, [""; 0], "{mode}");
            let config = terraform.config("tcmesh_ccn", json!({"name": mode}));
            let (made, told) = terraform.apply("tcmesh_ccn", &config, &Stored::nothing()).await;
            assert_eq!(told, [""; 0], "{mode}");
            let (_, told) = terraform.destroy("tcmesh_ccn", &made).await;
            assert_eq!(told, [""; 0], "{mode}");
        });
        let journal = world.look("journal");
        let asked = journal.as_array().unwrap().iter().skip(calls).filter(|call| call["service"] == "sts");
        let asked: Vec<_> = asked.map(|call| call["action"].as_str().unwrap().to_owned()).collect();
        assert_eq!(asked, [expected, &["GetCallerIdentity"]].concat(), "{mode}");
    }
}

#[test]
fn in_every_mode_the_wrong_account_is_refused_before_anything_is_asked_of_it() {
    let world = World::with(WORLD);
    for (mode, block, _) in modes(&world) {
        let calls = world.calls();
        let (_, told) = world.block_on(configured(&world, &block, "100000000002"));
        assert_eq!(told, ["error: Keys of another account @allowed_account_ids"], "{mode}");
        let journal = world.look("journal");
        let beyond = journal.as_array().unwrap().iter().skip(calls).filter(|call| call["service"] != "sts");
        assert_eq!(beyond.count(), 0, "{mode}");
    }
}

#[test]
fn a_code_that_was_used_is_refused_and_the_mode_is_named() {
    let world = World::with(WORLD);
    let (_, block, _) = modes(&world).pop().unwrap();
    world.block_on(async {
        assert_eq!(configured(&world, &block, "100000000001").await.1, [""; 0]);
        let (terraform, told) = configured(&world, &block, "100000000001").await;
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(terraform.details().contains("mfa_certification gave no credentials"), "{}", terraform.details());
    });
}
