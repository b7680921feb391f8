//! Plans of the applied story that must change nothing.

use serde_json::{Value, json};

use super::{Story, everywhere, variables};
use crate::harness::workspace::unwrapped;
use crate::harness::world::QUICK;

#[test]
fn a_month_later_nothing_is_planned_and_nothing_was_written() {
    everywhere(QUICK, |story| {
        story.workspace.apply();
        story.world.control("clock", &json!({"advance": "720h"}));
        let calls = story.world.calls();
        story.workspace.is_settled();
        assert_eq!(story.world.writes_since(calls), [""; 0]);
        assert_eq!(story.statuses(), [200; 3]);
    });
}

/// Plans with other variables, which must fail with a message that names both accounts, and plan and write nothing.
fn is_refused(story: &Story<'_>, variables: &Value, expected: &str) {
    story.set(variables);
    let calls = story.world.calls();
    let told = unwrapped(&story.workspace.fails(&["plan", "-no-color"]));
    assert!(told.contains(expected), "{told}");
    for change in ["will be created", "will be destroyed", "must be replaced", "to add"] {
        assert!(!told.contains(change), "{told}");
    }
    assert_eq!(story.world.writes_since(calls), [""; 0]);
}

fn swapped(variables: &Value, parts: &[&str]) -> Value {
    let mut swapped = variables.clone();
    for part in parts {
        swapped["ingress_account"][part] = variables["member_account"][part].clone();
        swapped["member_account"][part] = variables["ingress_account"][part].clone();
    }
    swapped
}

#[test]
fn swapped_keys_are_refused_with_the_names_of_both_accounts() {
    const KEYS: &[&str] = &["secret_id", "secret_key"];
    const ALL: &[&str] = &["id", "secret_id", "secret_key"];
    everywhere(QUICK, |story| {
        let variables = variables(&story.world.ready());
        let not_allowed =
            "The keys of this provider block are of account 100000000002, but the block allows only 100000000001.";
        is_refused(story, &swapped(&variables, KEYS), not_allowed);
        story.set(&variables);
        story.workspace.apply();
        is_refused(story, &swapped(&variables, KEYS), not_allowed);
        let not_theirs = "The object belongs to account 100000000001, but the keys of this provider configuration are of \
                          account 100000000002.";
        is_refused(story, &swapped(&variables, ALL), not_theirs);
    });
}
