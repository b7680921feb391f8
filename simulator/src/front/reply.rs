//! Answers in the API's envelope: always HTTP 200 and exactly `application/json` (API reference, "Responses").

use axum::body::Body;
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use super::ApiError;

/// What goes back to the client.
#[derive(Debug)]
pub(super) enum Reply {
    /// The members of `Response`.
    Answer(Value),
    /// An error of the API.
    Error(ApiError),
    /// An HTML page of something in front of the API, with this status.
    Http(u16),
    /// Nothing: the connection is closed.
    HangUp,
}

/// Marks a response in whose place the server closes the connection.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the connection is closed on purpose")]
pub(crate) struct HungUp;

impl Reply {
    /// What the journal notes: nothing where all went well.
    pub(super) fn code(&self) -> Option<String> {
        match self {
            Self::Answer(_) => None,
            Self::Error(error) => Some(error.code.to_string()),
            Self::Http(status) => Some(format!("HTTP {status}")),
            Self::HangUp => Some("connection closed".into()),
        }
    }

    /// The HTTP response to the request with this id.
    pub(super) fn into_response(self, request_id: &str) -> Response {
        match self {
            Self::Answer(Value::Object(mut members)) => {
                members.insert("RequestId".into(), request_id.into());
                envelope(&json!({ "Response": members }))
            }
            Self::Answer(_) => envelope(&json!({ "Response": { "RequestId": request_id } })),
            Self::Error(ApiError { code, message }) => {
                let error = json!({ "Code": code, "Message": message });
                envelope(&json!({ "Response": { "Error": error, "RequestId": request_id } }))
            }
            Self::Http(status) => page(StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY)),
            Self::HangUp => {
                let mut response = Response::new(Body::empty());
                response.extensions_mut().insert(HungUp);
                response
            }
        }
    }
}

fn envelope(body: &Value) -> Response {
    response(StatusCode::OK, "application/json", body.to_string())
}

fn page(status: StatusCode) -> Response {
    let body = format!("<html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>");
    response(status, "text/html", body)
}

fn response(status: StatusCode, content_type: &'static str, body: String) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}
