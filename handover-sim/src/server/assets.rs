//! The page and what it is made of. Everything is in the binary; nothing comes from elsewhere.

use axum::http::header;
use axum::response::IntoResponse;

/// Nothing but the page's own files may run or load, whatever a message says.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
     img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

pub(super) async fn page() -> impl IntoResponse {
    let policy = (header::CONTENT_SECURITY_POLICY, POLICY);
    (
        [policy, of_type("text/html; charset=utf-8"), FRESH],
        include_str!("../../assets/page.html"),
    )
}

pub(super) async fn style() -> impl IntoResponse {
    (
        [of_type("text/css; charset=utf-8"), FRESH],
        include_str!("../../assets/page.css"),
    )
}

pub(super) async fn script() -> impl IntoResponse {
    (
        [of_type("text/javascript; charset=utf-8"), FRESH],
        include_str!("../../assets/page.js"),
    )
}

pub(super) async fn icon() -> impl IntoResponse {
    (
        [of_type("image/svg+xml"), FRESH],
        include_str!("../../assets/icon.svg"),
    )
}

type Header = (header::HeaderName, &'static str);

/// Another version of the simulator may answer at the same address tomorrow.
const FRESH: Header = (header::CACHE_CONTROL, "no-cache");

const fn of_type(kind: &'static str) -> Header {
    (header::CONTENT_TYPE, kind)
}
