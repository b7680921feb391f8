//! `exportTo`: which namespaces see an object.

/// How an object is seen from a namespace. Gateways follow objects of their own namespace before those that are
/// exported to it by name, and these before public ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Visibility {
    /// For its own namespace.
    Own,
    /// For namespaces that it names.
    Named,
    /// For all.
    Public,
}

/// How an object of `namespace` with such an `exportTo` is seen from the namespace `viewer`, if at all.
/// An empty list means everybody.
pub(super) fn visibility(export_to: &[String], namespace: &str, viewer: &str) -> Option<Visibility> {
    let names = |wanted: &str| export_to.iter().any(|name| name == wanted);
    if export_to.is_empty() || names("*") {
        return Some(Visibility::Public);
    }
    if names("~") {
        return None;
    }
    if namespace == viewer {
        return (names(".") || names(viewer)).then_some(Visibility::Own);
    }
    names(viewer).then_some(Visibility::Named)
}

#[cfg(test)]
mod tests {
    use super::{Visibility, visibility};

    fn seen(export_to: &[&str], viewer: &str) -> Option<Visibility> {
        let export_to: Vec<_> = export_to.iter().map(ToString::to_string).collect();
        visibility(&export_to, "test", viewer)
    }

    #[test]
    fn nothing_said_means_everybody() {
        assert_eq!(seen(&[], "istio-system"), Some(Visibility::Public));
    }

    #[test]
    fn a_dot_means_the_own_namespace() {
        assert_eq!(seen(&["."], "test"), Some(Visibility::Own));
        assert_eq!(seen(&["."], "istio-system"), None);
    }

    #[test]
    fn a_name_means_that_namespace() {
        assert_eq!(seen(&["istio-system"], "istio-system"), Some(Visibility::Named));
        assert_eq!(seen(&["istio-system"], "test"), None);
    }

    #[test]
    fn a_tilde_hides_from_all_but_a_star_wins() {
        assert_eq!(seen(&["~", "."], "test"), None);
        assert_eq!(seen(&["~", "*"], "test"), Some(Visibility::Public));
    }
}
