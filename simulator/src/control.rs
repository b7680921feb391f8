//! The simulator's own endpoints under `/_sim/`: look inside, move the clock, put faults in force, begin again.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, delete, get, post};
use axum::{Json, Router};
use http::StatusCode;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::clock::Span;
use crate::console;
use crate::faults::FaultRule;
use crate::front::Front;
use crate::journal::Numbered;

type Shared = State<Arc<Front>>;

/// The routes of the control endpoints.
pub(crate) fn router(front: Arc<Front>) -> Router {
    Router::new()
        .route("/_sim/state", get(state))
        .route("/_sim/journal", get(journal))
        .route("/_sim/gateways", get(gateways))
        .route("/_sim/reset", post(reset))
        .route("/_sim/clock", get(clock).post(advance))
        .route("/_sim/faults", get(faults).post(add_fault).delete(clear_faults))
        .route("/_sim/faults/{id}", delete(remove_fault))
        .route("/_sim/console", post(switch))
        .route("/_sim/{*other}", any(unknown))
        .method_not_allowed_fallback(wrong_method)
        .with_state(front)
}

/// A refusal with its reason.
struct Refusal(StatusCode, String);

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.0, Json(json!({ "error": self.1 }))).into_response()
    }
}

type Reply = Result<Json<Value>, Refusal>;

/// Everything that exists, without secrets: the cloud, and the objects of its clusters by their names.
async fn state(State(front): Shared) -> Reply {
    front.access.caught_up().await;
    let state = front.cloud.read(|cloud| serde_json::to_value(cloud));
    let mut state = state.map_err(|error| Refusal(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))?;
    state["kubernetes"] = json!(front.access.objects());
    Ok(Json(state))
}

/// Which journal entries are wanted; what is left out wants all.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct JournalQuery {
    /// Only entries with a greater number.
    since: Option<u64>,
    service: Option<String>,
    action: Option<String>,
    account: Option<String>,
    write: Option<bool>,
}

impl JournalQuery {
    fn wants(&self, Numbered { number, request }: &Numbered) -> bool {
        let action = request.as_action();
        self.since.is_none_or(|since| *number > since)
            && self.service.as_ref().is_none_or(|service| service == request.service())
            && self.action.as_ref().is_none_or(|it| action.is_some_and(|action| action.action == *it))
            && self.account.as_ref().is_none_or(|it| action.is_some_and(|action| action.account.as_ref() == Some(it)))
            && self.write.is_none_or(|write| write == request.writes())
    }
}

/// The requests so far, as a list.
async fn journal(State(front): Shared, query: Result<Query<JournalQuery>, QueryRejection>) -> Reply {
    let Query(query) = query.map_err(|error| Refusal(StatusCode::BAD_REQUEST, error.body_text()))?;
    Ok(Json(json!(front.journal.entries(|entry| query.wants(entry)))))
}

/// The addresses of load balancers and what listens behind their ports.
async fn gateways(State(front): Shared) -> Reply {
    Ok(Json(front.cloud.read(|cloud| json!(cloud.gateways))))
}

/// Puts everything back to how the world began; journal and faults are empty then.
async fn reset(State(front): Shared) -> Reply {
    front.access.reset(&front.cloud).await;
    front.journal.clear();
    front.faults.clear();
    Ok(Json(json!({})))
}

/// World time.
async fn clock(State(front): Shared) -> Reply {
    Ok(Json(json!({ "now": front.cloud.now() })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance: Span,
}

/// Moves the clock forward.
async fn advance(State(front): Shared, body: String) -> Reply {
    let Advance { advance } = read(&body, r#"{"advance": "720h"}"#)?;
    let now = front.cloud.advance(advance).map_err(|error| Refusal(StatusCode::BAD_REQUEST, error.to_string()))?;
    front.access.caught_up().await;
    Ok(Json(json!({ "now": now })))
}

/// The faults in force.
async fn faults(State(front): Shared) -> Reply {
    Ok(Json(json!(front.faults.all())))
}

/// Puts a fault in force.
async fn add_fault(State(front): Shared, body: String) -> Reply {
    let rule: FaultRule = read(&body, r#"{"match": {"action": "CreateCcn", "nth": 1}, "fault": "drop_reply"}"#)?;
    rule.check().map_err(|error| Refusal(StatusCode::BAD_REQUEST, error.to_string()))?;
    Ok(Json(json!({ "id": front.faults.add(rule) })))
}

/// Ends one fault.
async fn remove_fault(State(front): Shared, Path(id): Path<String>) -> Reply {
    match id.parse().is_ok_and(|id| front.faults.remove(id)) {
        true => Ok(Json(json!({}))),
        false => Err(Refusal(StatusCode::NOT_FOUND, format!("no fault in force has the id {id}"))),
    }
}

/// Ends all faults.
async fn clear_faults(State(front): Shared) -> Reply {
    front.faults.clear();
    Ok(Json(json!({})))
}

/// Does what people do in the cloud's console.
async fn switch(State(front): Shared, body: String) -> Reply {
    let switch = read(&body, r#"{"publish_container_cidr": {"cluster_id": "cls-…", "published": true}}"#)?;
    let switched = front.cloud.write(|cloud| console::switch(cloud, switch));
    switched.map_err(|error| Refusal(StatusCode::UNPROCESSABLE_ENTITY, error.to_string()))?;
    front.access.caught_up().await;
    Ok(Json(json!({})))
}

async fn unknown() -> Refusal {
    let known = "there are state, journal, gateways, reset, clock, faults and console";
    Refusal(StatusCode::NOT_FOUND, known.into())
}

async fn wrong_method() -> Refusal {
    Refusal(StatusCode::METHOD_NOT_ALLOWED, "this endpoint has no such method".into())
}

fn read<T: DeserializeOwned>(body: &str, example: &str) -> Result<T, Refusal> {
    serde_json::from_str(body)
        .map_err(|error| Refusal(StatusCode::BAD_REQUEST, format!("{error}; the body must be JSON such as {example}")))
}
