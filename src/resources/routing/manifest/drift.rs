//! Where a cluster is not as a manifest says.

use serde_json::Value;

use crate::kubernetes::{self, Cluster, Difference, Document, ObjectReference, differences};
use crate::scope::Scope;

/// What a look at the objects of a manifest told.
pub(super) struct Found {
    /// The objects of the manifest, and those that it does not hold any more and that are still there.
    pub(super) objects: Vec<ObjectReference>,
    /// The differences, one line each.
    pub(super) drift: Vec<String>,
    /// Whether none of the objects is there.
    pub(super) all_gone: bool,
}

/// Looks at the objects of a manifest and at those that were its objects before.
///
/// # Errors
/// Any of a read.
pub(super) async fn look(
    scope: &Scope,
    cluster: &Cluster,
    documents: &[Document],
    known: Vec<ObjectReference>,
) -> Result<Found, kubernetes::Error> {
    let mut found = Found { objects: Vec::new(), drift: Vec::new(), all_gone: true };
    for document in documents {
        let live = cluster.get(scope, &document.object).await?;
        found.all_gone &= live.is_none();
        found.objects.push(in_its_namespace(&document.object, live.as_ref()));
        let lines = match &live {
            Some(live) => of_document(scope, cluster, document, live).await?,
            None => vec![format!("{}: absent", document.object.title())],
        };
        found.drift.extend(lines);
    }
    for object in known.into_iter().filter(|object| !documents.iter().any(|d| d.object.is_same(object))) {
        let Some(live) = cluster.get(scope, &object).await? else { continue };
        found.all_gone = false;
        if !documents.is_empty() {
            found.drift.push(format!("{}: not in the manifest", object.title()));
        }
        found.objects.push(in_its_namespace(&object, Some(&live)));
    }
    Ok(found)
}

/// The reference of an object whose kind only the cluster knows: it may be in a namespace that the manifest does not name.
fn in_its_namespace(object: &ObjectReference, live: Option<&Value>) -> ObjectReference {
    let namespace = live.and_then(|live| live["metadata"]["namespace"].as_str()).map(Into::into);
    ObjectReference { namespace: namespace.or_else(|| object.namespace.clone()), ..object.clone() }
}

/// The differences of one object. Where there seem to be some, the server is asked what an apply would change: what it would leave as
/// it is, as a value that it or a webhook writes in another way, is none.
async fn of_document(
    scope: &Scope,
    cluster: &Cluster,
    document: &Document,
    live: &Value,
) -> Result<Vec<String>, kubernetes::Error> {
    let mut found = differences(&document.body, live);
    if !found.is_empty() {
        match cluster.dry_run(scope, document).await {
            Ok(applied) => {
                let left = differences(&document.body, &applied);
                found.retain(|difference| !left.contains(difference));
            }
            // Who may only read, or a webhook that knows no dry runs, leaves the differences as they seem.
            Err(kubernetes::Error::Refused { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    let title = document.object.title();
    Ok(found.into_iter().map(|Difference { path, found }| format!("{title}: {path} = {found}")).collect())
}
