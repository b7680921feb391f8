//! A stream of messages that never come.

use std::pin::Pin;
use std::task::{Context, Poll};

use tokio_stream::Stream;
use tokio_util::sync::CancellationToken;
use tonic::Status;

/// The messages of one streaming answer.
pub(super) type Messages<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

/// A stream that stays open without a message until `end`. Hosts open such streams when they connect, and complain in
/// their log when one ends before the plugin does.
pub(super) fn until<T: 'static>(end: CancellationToken) -> Messages<T> {
    let ended = Box::pin(async move {
        end.cancelled().await;
        None
    });
    Box::pin(Held { ended })
}

struct Held<F> {
    ended: Pin<Box<F>>,
}

impl<T, F: Future<Output = Option<T>>> Stream for Held<F> {
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        self.ended.as_mut().poll(context)
    }
}
