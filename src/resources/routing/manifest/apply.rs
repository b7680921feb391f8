//! Applying the documents of a manifest, and deleting objects that are in none.

use std::time::Duration;

use crate::framework::Error;
use crate::kubernetes::{self, Cluster, Document, Force, ObjectReference, has_condition, own_fields};
use crate::resources::errors::Doing;
use crate::scope::Scope;
use crate::wait::{self, Probe};

/// What defines new kinds.
const DEFINITION: &str = "CustomResourceDefinition";

/// How long a cluster may take to serve a kind that was just defined.
const APPEARANCE: Duration = Duration::from_secs(60);

/// The objects that are there already and that somebody else made, for people.
///
/// # Errors
/// Any of a read.
pub(super) async fn made_by_others(
    scope: &Scope,
    cluster: &Cluster,
    documents: &[Document],
) -> Result<Vec<String>, Error> {
    let mut found = Vec::new();
    for Document { object, .. } in documents {
        let live = cluster.get(scope, object).await.doing(|| format!("look for the {}", object.title()))?;
        if live.is_some_and(|live| own_fields(&live).is_null()) {
            found.push(object.title());
        }
    }
    Ok(found)
}

/// Applies documents in their order.
///
/// # Errors
/// A conflict that names managers and fields; any of a call. What stands before the document concerned is applied.
pub(super) async fn all(scope: &Scope, cluster: &Cluster, documents: &[Document], force: Force) -> Result<(), Error> {
    let defines_kinds = documents.iter().any(|document| document.object.kind == DEFINITION);
    for document in documents {
        let doing = || format!("apply the {}", document.object.title());
        let applied = if defines_kinds && document.object.kind != DEFINITION {
            when_served(scope, cluster, document, force).await
        } else {
            cluster.apply(scope, document, force).await.map(drop)
        };
        applied.doing(doing)?;
        if document.object.kind == DEFINITION {
            established(scope, cluster, &document.object).await.doing(doing)?;
        }
    }
    Ok(())
}

/// Applies a document whose kind another one may just have defined.
async fn when_served(
    scope: &Scope,
    cluster: &Cluster,
    document: &Document,
    force: Force,
) -> Result<(), kubernetes::Error> {
    let limit = scope.within(APPEARANCE);
    wait::until(&limit, wait::SOON, &format!("the kind of {} to be served", document.object.title()), || async {
        match cluster.apply(&limit, document, force).await {
            Err(error) if error.is_unserved() => Ok(Probe::Pending(error.to_string())),
            applied => applied.map(|_| Probe::Done(())),
        }
    })
    .await
}

async fn established(scope: &Scope, cluster: &Cluster, definition: &ObjectReference) -> Result<(), kubernetes::Error> {
    let what = format!("{} to be established", definition.title());
    wait::until(scope, wait::SOON, &what, || async {
        let live = cluster.get(scope, definition).await?.unwrap_or_default();
        Ok(has_condition(&live, "Established", "True"))
    })
    .await
}

/// Deletes objects, what needs others before what it needs, and waits until each is gone.
///
/// # Errors
/// A wait that names what holds the object; any of a call.
pub(super) async fn delete(scope: &Scope, cluster: &Cluster, mut objects: Vec<ObjectReference>) -> Result<(), Error> {
    objects.sort_by_key(ObjectReference::rank);
    for object in objects.iter().rev() {
        let deleted = cluster.delete(scope, object).await;
        deleted.doing(|| format!("delete the {}", object.title()))?;
    }
    Ok(())
}
