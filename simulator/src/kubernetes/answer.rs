//! What a server answers with.

use axum::body::Body;
use http::{Response, StatusCode, header};
use serde::Serialize;

use super::errors::ApiError;

/// An answer.
pub(crate) struct Answer {
    code: StatusCode,
    content_type: &'static str,
    body: Body,
}

impl Answer {
    /// An answer in JSON.
    pub(crate) fn json(code: StatusCode, value: &impl Serialize) -> Self {
        match serde_json::to_vec(value) {
            Ok(bytes) => Self { code, content_type: "application/json", body: bytes.into() },
            Err(error) => Self::error(&ApiError::internal(error)),
        }
    }

    /// An answer in JSON, with status 200.
    pub(crate) fn ok(value: &impl Serialize) -> Self {
        Self::json(StatusCode::OK, value)
    }

    /// A short text.
    pub(crate) fn text(text: &'static str) -> Self {
        Self { code: StatusCode::OK, content_type: "text/plain; charset=utf-8", body: text.into() }
    }

    /// A path that does not exist at all; the API answers this one without a `Status`.
    pub(crate) fn no_page() -> Self {
        Self { code: StatusCode::NOT_FOUND, ..Self::text("404 page not found\n") }
    }

    /// An HTML page of something in front of the server.
    pub(crate) fn page(status: u16) -> Self {
        let code = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
        let body = format!("<html><head><title>{code}</title></head><body><h1>{code}</h1></body></html>");
        Self { code, content_type: "text/html", body: body.into() }
    }

    /// A stream of JSON documents, which may go on and on.
    pub(crate) fn stream(body: Body) -> Self {
        Self { code: StatusCode::OK, content_type: "application/json", body }
    }

    /// A refusal.
    pub(crate) fn error(error: &ApiError) -> Self {
        let code = StatusCode::from_u16(error.code()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self { code, content_type: "application/json", body: error.to_status().to_string().into() }
    }

    /// The HTTP status.
    pub(crate) fn code(&self) -> u16 {
        self.code.as_u16()
    }

    /// The answer as a response.
    pub(crate) fn into_response(self) -> Response<Body> {
        let mut response = Response::new(self.body);
        *response.status_mut() = self.code;
        response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static(self.content_type));
        response
    }
}
