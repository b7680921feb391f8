//! A client whose credential a program prints: when the API server takes it no more, the program is asked for another one.

use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::BodyExt;
use kube::client::Body;
use tokio::sync::Mutex;

use super::Connection;

/// A client that makes itself anew, by its connection, when it is refused. `client` is the first one.
pub(super) fn client(connection: Connection, client: kube::Client) -> kube::Client {
    let namespace = client.default_namespace().to_owned();
    let renewing = Arc::new(Renewing { connection, current: Mutex::new(Current { client, number: 0 }) });
    let service = tower::service_fn(move |request| {
        let renewing = Arc::clone(&renewing);
        async move { renewing.send(request).await }
    });
    kube::Client::new(service, namespace)
}

struct Renewing {
    connection: Connection,
    current: Mutex<Current>,
}

/// A client, and how many there were before it.
#[derive(Clone)]
struct Current {
    client: kube::Client,
    number: u64,
}

impl Renewing {
    /// Sends a request, and once more with another credential where the first one is refused: a server that does so has
    /// carried out nothing.
    async fn send(&self, request: Request<Body>) -> kube::Result<Response<Body>> {
        let (head, body) = request.into_parts();
        let body = body.collect().await.map_err(|error| kube::Error::Service(error.into()))?.to_bytes();
        let current = self.current.lock().await.clone();
        let answer = current.client.send(rebuilt(&head, &body)).await?;
        if answer.status() != StatusCode::UNAUTHORIZED {
            return Ok(answer);
        }
        match self.renewed(current.number).await {
            Some(client) => client.send(rebuilt(&head, &body)).await,
            // The refusal says more than that there is no other credential.
            None => Ok(answer),
        }
    }

    /// A newer client than the one with this number. Whoever comes while it is made waits for it.
    async fn renewed(&self, number: u64) -> Option<kube::Client> {
        let mut current = self.current.lock().await;
        if current.number == number {
            let client = self.connection.client_once().await.ok()?;
            *current = Current { client, number: number + 1 };
        }
        Some(current.client.clone())
    }
}

fn rebuilt(head: &http::request::Parts, body: &Bytes) -> Request<Body> {
    Request::from_parts(head.clone(), Body::from(body.clone()))
}
