//! Access policies: whether one allows an action on a resource (CAM documents, syntax logic).

use crate::world::{Policy, PolicyEffect, Statement};

/// Whether every set of policies allows `action`, a `service:Action`, on `resource`, a six-segment name.
/// An action without a resource of its own is allowed by statements about `*` only.
pub(super) fn allows(sets: &[Vec<&Policy>], action: &str, resource: Option<&str>) -> bool {
    sets.iter().all(|set| set_allows(set, action, resource))
}

/// In a set, one statement must allow it and none may deny it.
fn set_allows(set: &[&Policy], action: &str, resource: Option<&str>) -> bool {
    let matching = || {
        let statements = set.iter().flat_map(|policy| &policy.statement);
        statements.filter(|statement| applies(statement, action, resource))
    };
    matching().any(|it| it.effect == PolicyEffect::Allow) && matching().all(|it| it.effect == PolicyEffect::Allow)
}

fn applies(statement: &Statement, action: &str, resource: Option<&str>) -> bool {
    let action = action.to_ascii_lowercase();
    let names = |pattern: &String| {
        let pattern = pattern.to_ascii_lowercase();
        // The documents write both `name/vpc:CreateVpc` and `vpc:CreateVpc`.
        matches(pattern.strip_prefix("name/").unwrap_or(&pattern), &action)
    };
    let covers = |pattern: &String| pattern == "*" || resource.is_some_and(|name| matches(pattern, name));
    statement.action.iter().any(names) && statement.resource.iter().any(covers)
}

/// Whether `text` has the form of `pattern`, in which `*` stands for any text.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((start, rest)) => text.strip_prefix(start).is_some_and(|text| {
            let ends = text.char_indices().map(|(index, _)| index).chain([text.len()]);
            ends.into_iter().any(|index| matches(rest, &text[index..]))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(effect: PolicyEffect, action: &str, resource: &str) -> Policy {
        let statement = Statement { effect, action: vec![action.into()], resource: vec![resource.into()] };
        Policy { version: "2.0".into(), statement: vec![statement] }
    }

    #[test]
    fn a_star_stands_for_any_text() {
        for (pattern, text) in [("*", ""), ("vpc:*", "vpc:DescribeCcns"), ("*:Describe*s", "vpc:DescribeCcns")] {
            assert!(matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [("vpc:*", "tke:DescribeClusters"), ("vpc:Describe", "vpc:DescribeCcns"), ("", "x")] {
            assert!(!matches(pattern, text), "{pattern} {text}");
        }
    }

    #[test]
    fn what_no_statement_allows_is_denied() {
        let read = policy(PolicyEffect::Allow, "name/vpc:Describe*", "*");
        assert!(allows(&[vec![&read]], "vpc:DescribeCcns", None));
        assert!(!allows(&[vec![&read]], "vpc:CreateCcn", None));
        assert!(!allows(&[vec![]], "vpc:DescribeCcns", None));
    }

    #[test]
    fn a_denial_wins() {
        let all = policy(PolicyEffect::Allow, "*", "*");
        let no = policy(PolicyEffect::Deny, "vpc:DeleteCcn", "*");
        assert!(!allows(&[vec![&all, &no]], "vpc:DeleteCcn", None));
        assert!(allows(&[vec![&all, &no]], "vpc:CreateCcn", None));
    }

    #[test]
    fn a_statement_about_one_resource_covers_no_other() {
        let one = policy(PolicyEffect::Allow, "tdcc:*", "qcs::tdcc::uin/1:cluster/cls-aaaaaaaa");
        let name = |id: &str| format!("qcs::tdcc::uin/1:cluster/{id}");
        assert!(allows(&[vec![&one]], "tdcc:DeleteExternalCluster", Some(&name("cls-aaaaaaaa"))));
        assert!(!allows(&[vec![&one]], "tdcc:DeleteExternalCluster", Some(&name("cls-bbbbbbbb"))));
        assert!(!allows(&[vec![&one]], "tdcc:CreateExternalCluster", None));
    }

    #[test]
    fn every_set_must_allow_it() {
        let all = policy(PolicyEffect::Allow, "*", "*");
        let narrow = policy(PolicyEffect::Allow, "tdcc:*", "*");
        assert!(!allows(&[vec![&all], vec![&narrow]], "vpc:DescribeCcns", None));
    }
}
