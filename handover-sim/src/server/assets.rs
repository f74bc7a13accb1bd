//! Web page and its assets, which are part of the binary.

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

/// The page runs and loads only its own files.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
     img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

pub(super) async fn page() -> impl IntoResponse {
    let policy = (header::CONTENT_SECURITY_POLICY, POLICY);
    let html = include_str!("../../assets/page.html");
    ([policy, of_type("text/html; charset=utf-8"), FRESH], html)
}

/// `GET /control/assets/{*file}`.
pub(super) async fn asset(Path(file): Path<String>) -> Response {
    match FILES.iter().find(|(name, _)| *name == file) {
        Some((name, content)) => ([of_type(type_of(name)), FRESH], *content).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Browsers request this path by default.
pub(super) async fn favicon() -> Response {
    asset(Path("icon.svg".to_owned())).await
}

macro_rules! files {
    ($($name:literal)*) => {
        &[$(($name, include_str!(concat!("../../assets/", $name)))),*]
    };
}

const FILES: &[(&str, &str)] = files! {
    "icon.svg" "main.js" "owner.js"
    "business/app.js" "business/inbox.js" "business/note.js" "business/panel.js"
    "controls/account.js" "controls/behavior.js" "controls/clock.js" "controls/drawer.js"
    "controls/fault_kinds.js" "controls/faults.js" "controls/links.js" "controls/rule_form.js"
    "controls/settings.js"
    "lib/copy.js" "lib/dom.js" "lib/follow.js" "lib/format.js" "lib/icon.js" "lib/json.js"
    "lib/listbox.js" "lib/modal.js" "lib/popover.js" "lib/reconcile.js"
    "message/attachment.js" "message/bubble.js" "message/bubbles.js" "message/button.js"
    "message/change.js" "message/media.js"
    "message/template/button.js" "message/template/card.js" "message/template/coupon.js"
    "message/template/feedback.js" "message/template/generic.js" "message/template/image_grid.js"
    "message/template/information.js" "message/template/opt_in.js" "message/template/product.js"
    "message/template/receipt.js"
    "people/feed.js" "people/list.js" "people/new_person.js" "people/waiting.js"
    "phone/composer.js" "phone/gestures.js" "phone/more.js" "phone/phone.js" "phone/presence.js"
    "phone/quick_replies.js" "phone/taps.js"
    "shell/connection.js" "shell/keys.js" "shell/theme.js" "shell/toast.js" "shell/views.js"
    "state/api.js" "state/live.js" "state/selection.js" "state/store.js"
    "style/base.css" "style/business.css" "style/control.css" "style/detail.css" "style/drawer.css"
    "style/layout.css" "style/message.css" "style/narrow.css" "style/overlay.css" "style/owner.css"
    "style/people.css" "style/phone.css" "style/template.css" "style/timeline.css"
    "style/tokens.css"
    "timeline/all_rows.js" "timeline/detail.js" "timeline/filter.js" "timeline/found_rows.js"
    "timeline/list.js" "timeline/row.js" "timeline/rows.js" "timeline/scenario.js"
};

fn type_of(name: &str) -> &'static str {
    match name.rsplit_once('.') {
        Some((_, "css")) => "text/css; charset=utf-8",
        Some((_, "js")) => "text/javascript; charset=utf-8",
        _ => "image/svg+xml",
    }
}

type Header = (header::HeaderName, &'static str);

/// Another version of the simulator may run at the same address later.
const FRESH: Header = (header::CACHE_CONTROL, "no-cache");

const fn of_type(kind: &'static str) -> Header {
    (header::CONTENT_TYPE, kind)
}
