//! What is in a server, by names.

use std::collections::BTreeMap;

use super::server::Server;

impl Server {
    /// The objects of every served kind, by kind: each as `namespace/name`, or its name where it is in no namespace.
    /// Events are left out.
    pub(crate) fn inventory(&self) -> BTreeMap<String, Vec<String>> {
        let kinds = self.registry.all().into_iter().filter(|served| served.kind.kind != "Event");
        let listed = kinds.map(|served| {
            let (objects, _) = served.store.list(&served.resource(), None);
            let names = objects.iter().map(|object| match object.namespace() {
                "" => object.name().to_owned(),
                namespace => format!("{namespace}/{}", object.name()),
            });
            (served.kind.qualified_kind(), names.collect::<Vec<_>>())
        });
        listed.filter(|(_, names)| !names.is_empty()).collect()
    }
}
