//! What a cluster is: the words of configurations and those of the API.

use crate::resources::context::Context;

/// Stands for the API's word for a registered cluster, which is not documented.
pub(super) const REGISTERED: &str = "REGISTERED";

/// The API's own words, both documented.
const OWN: [&str; 2] = ["TKE", "EKS"];

/// The API's word for a kind.
pub(super) fn to_api(kind: &str, context: &Context) -> String {
    if kind == REGISTERED { context.registered_cluster_type.clone() } else { kind.to_owned() }
}

/// The kind for the API's word, where the state says `prior`, which is empty for an imported cluster. A registered cluster
/// stays one when the provider's word for it changes.
pub(super) fn of_api(word: Option<String>, prior: &str, context: &Context) -> String {
    let Some(word) = word.filter(|word| !word.is_empty()) else { return prior.into() };
    let is_own = OWN.iter().any(|own| own.eq_ignore_ascii_case(&word));
    let is_registered = word.eq_ignore_ascii_case(&context.registered_cluster_type);
    match prior {
        REGISTERED if !is_own => REGISTERED.into(),
        "" if is_registered => REGISTERED.into(),
        prior if prior.eq_ignore_ascii_case(&word) => prior.into(),
        _ => word,
    }
}

/// Whether clusters of a kind are registered ones.
pub(super) fn is_registered(kind: &str, context: &Context) -> bool {
    kind == REGISTERED || kind == context.registered_cluster_type
}

/// Whether it can be looked up where clusters of a kind are.
pub(super) fn can_be_located(kind: &str, context: &Context) -> bool {
    OWN.contains(&kind) || (is_registered(kind, context) && context.tdcc_enabled)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloud::script::Script;
    use crate::resources::context::ClusterSettings;

    fn context(word: &str) -> Context {
        let cloud = Script::new([]).client();
        Context { registered_cluster_type: word.into(), ..Context::new(cloud, ClusterSettings::default()) }
    }

    #[test]
    fn a_registered_cluster_has_the_word_of_the_provider_block() {
        let context = context("EXTERNAL");
        assert_eq!((to_api(REGISTERED, &context), to_api("EKS", &context)), ("EXTERNAL".into(), "EKS".into()));
        let read = |word: &str, prior: &str| of_api(Some(word.into()), prior, &context);
        assert_eq!((read("EXTERNAL", ""), read("external", REGISTERED)), (REGISTERED.into(), REGISTERED.into()));
        assert_eq!(read("EXTERNAL", "EXTERNAL"), "EXTERNAL", "the word itself may be configured");
        assert_eq!(read("TDCC", REGISTERED), REGISTERED, "it was linked under another word");
    }

    #[test]
    fn another_kind_than_before_is_told() {
        let read = |word: Option<&str>, prior: &str| of_api(word.map(Into::into), prior, &context("TDCC"));
        assert_eq!((read(Some("TKE"), REGISTERED), read(Some("eks"), "EKS")), ("TKE".into(), "EKS".into()));
        assert_eq!(
            (read(Some("EKS"), "TKE"), read(None, "TKE"), read(Some(""), "TKE")),
            ("EKS".into(), "TKE".into(), "TKE".into())
        );
    }

    #[test]
    fn a_registered_cluster_is_located_by_the_adapter_only() {
        let on = context("TDCC");
        for kind in ["TKE", "EKS", REGISTERED, "TDCC"] {
            assert!(can_be_located(kind, &on), "{kind}");
        }
        assert!(!can_be_located("OTHER", &on));
        let off = Context { tdcc_enabled: false, ..on };
        assert!(can_be_located("TKE", &off) && !can_be_located(REGISTERED, &off) && !can_be_located("TDCC", &off));
    }
}
