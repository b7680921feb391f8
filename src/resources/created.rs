//! Creates whose answer was lost.

use crate::cloud::Error;

/// The outcome of a create. Where it may have been carried out in spite of an error, the object is looked for before
/// anything else: it must neither be lost nor made twice.
///
/// # Errors
/// The error of the create when the object is not found.
///
/// # Cancellation
/// The lookup only reads.
pub async fn or_found<T>(
    sent: Result<T, Error>,
    lookup: impl AsyncFnOnce() -> Result<Option<T>, Error>,
) -> Result<T, Error> {
    match sent {
        Err(error) if error.may_have_happened() => match lookup().await {
            Ok(Some(found)) => Ok(found),
            // What became of the create is the news, not that the lookup failed too.
            Ok(None) | Err(_) => Err(error),
        },
        sent => sent,
    }
}
