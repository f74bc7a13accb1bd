//! Web page and its assets, which are part of the binary.

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use handover_protocol::pages;

pub(super) async fn page() -> impl IntoResponse {
    let policy = (header::CONTENT_SECURITY_POLICY, pages::POLICY);
    let html = include_str!("../../assets/page.html");
    ([policy, of_type("page.html"), FRESH], html)
}

/// `GET /control/assets/{*file}`.
pub(super) async fn asset(Path(file): Path<String>) -> Response {
    let own = FILES.iter().find(|(name, _)| *name == file);
    let content = own.map(|(_, content)| *content);
    match content.or_else(|| pages::shared_file(&file)) {
        Some(content) => ([of_type(&file), FRESH], content).into_response(),
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

/// Those of this page alone.
const FILES: &[(&str, &str)] = files! {
    "main.js" "owner.js"
    "business/app.js" "business/inbox.js" "business/note.js" "business/panel.js"
    "controls/account.js" "controls/behavior.js" "controls/clock.js" "controls/drawer.js"
    "controls/fault_kinds.js" "controls/faults.js" "controls/links.js" "controls/rule_form.js"
    "controls/settings.js"
    "lib/follow.js" "lib/listbox.js"
    "message/attachment.js" "message/bubble.js" "message/bubbles.js" "message/button.js"
    "message/change.js" "message/media.js"
    "message/template/button.js" "message/template/card.js" "message/template/coupon.js"
    "message/template/feedback.js" "message/template/generic.js" "message/template/image_grid.js"
    "message/template/information.js" "message/template/opt_in.js" "message/template/product.js"
    "message/template/receipt.js"
    "people/feed.js" "people/list.js" "people/new_person.js" "people/waiting.js"
    "phone/composer.js" "phone/gestures.js" "phone/more.js" "phone/phone.js" "phone/presence.js"
    "phone/quick_replies.js" "phone/taps.js"
    "shell/connection.js" "shell/keys.js" "shell/tour.js" "shell/views.js"
    "state/api.js" "state/live.js" "state/selection.js" "state/shared.js" "state/store.js"
    "style/business.css" "style/detail.css" "style/drawer.css" "style/layout.css"
    "style/message.css" "style/narrow.css" "style/owner.css" "style/people.css" "style/phone.css"
    "style/template.css" "style/timeline.css" "style/tour.css"
    "timeline/all_rows.js" "timeline/detail.js" "timeline/filter.js" "timeline/found_rows.js"
    "timeline/list.js" "timeline/row.js" "timeline/rows.js" "timeline/scenario.js" "timeline/share.js"
};

type Header = (header::HeaderName, &'static str);

/// Another version of the simulator may run at the same address later.
const FRESH: Header = (header::CACHE_CONTROL, "no-cache");

fn of_type(name: &str) -> Header {
    (header::CONTENT_TYPE, pages::content_type(name))
}
