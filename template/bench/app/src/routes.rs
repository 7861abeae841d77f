//! What the service answers.

use std::sync::{Arc, RwLock};

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tower_http::services::ServeDir;
use tower_http::trace::TraceLayer;
use uuid::Uuid;

use crate::settings::Settings;
use crate::text::{self, Word};

#[derive(Clone, Serialize)]
struct Note {
    id: Uuid,
    written: DateTime<Utc>,
    text: String,
    words: Vec<Word>,
}

#[derive(Deserialize)]
struct NewNote {
    text: String,
}

#[derive(Deserialize)]
struct Search {
    pattern: Option<String>,
    limit: Option<usize>,
}

#[derive(Clone)]
struct Shared {
    notes: Arc<RwLock<Vec<Note>>>,
    settings: Arc<Settings>,
}

pub fn all(settings: Settings) -> Router {
    let files = ServeDir::new(&settings.files);
    Router::new()
        .route("/health", get(|| async { "well" }))
        .route(
            "/settings",
            get(|State(shared): State<Shared>| async move { Json((*shared.settings).clone()) }),
        )
        .route("/notes", post(write).get(search))
        .route("/notes/{id}", get(read).delete(remove))
        .fallback_service(files)
        .layer(TraceLayer::new_for_http())
        .with_state(Shared { notes: Arc::default(), settings: Arc::new(settings) })
}

async fn write(
    State(shared): State<Shared>,
    Json(new): Json<NewNote>,
) -> Result<Json<Note>, StatusCode> {
    if new.text.len() > shared.settings.longest {
        return Err(StatusCode::PAYLOAD_TOO_LARGE);
    }
    let words = text::words(r"\w+", &new.text).map_err(|_| StatusCode::BAD_REQUEST)?;
    let note = Note { id: Uuid::new_v4(), written: Utc::now(), text: new.text, words };
    tracing::debug!(id = %note.id, "written");
    shared.notes.write().unwrap().push(note.clone());
    Ok(Json(note))
}

async fn search(
    State(shared): State<Shared>,
    Query(search): Query<Search>,
) -> Result<Json<Vec<Note>>, StatusCode> {
    let pattern = search.pattern.unwrap_or_else(|| ".*".into());
    let pattern = regex::Regex::new(&pattern).map_err(|_| StatusCode::BAD_REQUEST)?;
    let notes = shared.notes.read().unwrap();
    let found = notes.iter().filter(|note| pattern.is_match(&note.text));
    Ok(Json(found.take(search.limit.unwrap_or(10)).cloned().collect()))
}

async fn read(
    State(shared): State<Shared>,
    Path(id): Path<Uuid>,
) -> Result<Json<Note>, StatusCode> {
    let notes = shared.notes.read().unwrap();
    let note = notes.iter().find(|note| note.id == id);
    note.cloned().map(Json).ok_or(StatusCode::NOT_FOUND)
}

async fn remove(State(shared): State<Shared>, Path(id): Path<Uuid>) -> StatusCode {
    shared.notes.write().unwrap().retain(|note| note.id != id);
    StatusCode::NO_CONTENT
}
