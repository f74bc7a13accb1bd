//! The page and what it is made of. Everything is in the binary; nothing comes from elsewhere.

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

/// Nothing but the page's own files may run or load, whatever a message says.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
     img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

pub(super) async fn page() -> impl IntoResponse {
    let policy = (header::CONTENT_SECURITY_POLICY, POLICY);
    let html = include_str!("../../assets/page.html");
    ([policy, of_type("text/html; charset=utf-8"), FRESH], html)
}

/// `GET /desk/assets/{file}`.
pub(super) async fn asset(Path(file): Path<String>) -> Response {
    match FILES.iter().find(|(name, _)| *name == file) {
        Some((name, content)) => ([of_type(type_of(name)), FRESH], *content).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Browsers ask for it on their own account.
pub(super) async fn favicon() -> Response {
    asset(Path("icon.svg".to_owned())).await
}

macro_rules! files {
    ($($name:literal)*) => {
        &[$(($name, include_str!(concat!("../../assets/", $name)))),*]
    };
}

const FILES: &[(&str, &str)] = files! {
    "attachment.js" "base.css" "chat.css" "chat.js" "desk.js" "dom.js" "icon.svg" "inbox.css"
    "inbox.js" "json.js" "main.js" "owner.js" "timeline.css" "timeline.js"
};

fn type_of(name: &str) -> &'static str {
    match name.rsplit_once('.') {
        Some((_, "css")) => "text/css; charset=utf-8",
        Some((_, "js")) => "text/javascript; charset=utf-8",
        _ => "image/svg+xml",
    }
}

type Header = (header::HeaderName, &'static str);

/// Another version of the simulator may answer at the same address tomorrow.
const FRESH: Header = (header::CACHE_CONTROL, "no-cache");

const fn of_type(kind: &'static str) -> Header {
    (header::CONTENT_TYPE, kind)
}
