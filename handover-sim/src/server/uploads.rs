//! Uploaded files, which the page and bots can download.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;

use super::parameters::File;
use super::shared_state::SharedState;

/// Maximum size in bytes. The oldest files are removed first.
const KEPT: usize = 128 * 1024 * 1024;

#[derive(Default)]
pub(super) struct Uploads(Mutex<Files>);

#[derive(Default)]
struct Files {
    last: u64,
    all: VecDeque<(u64, String, Bytes)>,
}

impl Uploads {
    /// Saves a file. Returns its path for downloads.
    pub(super) fn keep(&self, file: &File) -> String {
        let mut files = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        files.last += 1;
        let id = files.last;
        let kept = (id, file.content_type.clone(), file.body.clone());
        files.all.push_back(kept);
        while files.all.iter().map(|(.., body)| body.len()).sum::<usize>() > KEPT {
            files.all.pop_front();
        }
        format!("/control/uploads/{id}")
    }

    fn get(&self, id: u64) -> Option<(String, Bytes)> {
        let files = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let file = files.all.iter().find(|(known, ..)| *known == id);
        file.map(|(_, kind, body)| (kind.clone(), body.clone()))
    }
}

pub(super) async fn upload(
    State(shared): State<Arc<SharedState>>,
    Path(id): Path<String>,
) -> Response {
    let found = id.parse().ok().and_then(|id| shared.uploads.get(id));
    let Some((kind, body)) = found else {
        return StatusCode::NOT_FOUND.into_response();
    };
    // An uploaded file must not run as a page of this site.
    let kind = match kind.split('/').next() {
        Some("image" | "audio" | "video") if !kind.contains("svg") => kind,
        _ => "application/octet-stream".to_owned(),
    };
    let kind = HeaderValue::from_str(&kind)
        .unwrap_or(HeaderValue::from_static("application/octet-stream"));
    let nosniff = HeaderValue::from_static("nosniff");
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::X_CONTENT_TYPE_OPTIONS, nosniff),
    ];
    (headers, body).into_response()
}
