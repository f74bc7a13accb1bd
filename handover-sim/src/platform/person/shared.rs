//! Attachments of a person.

use handover_protocol::{Attachment, OutgoingAttachment};
use serde_json::{Value, json};

use super::super::Product;

/// Kinds of attachments and their products.
const KINDS: &[(&str, &[Product])] = &[
    ("image", BOTH),
    ("audio", BOTH),
    ("video", BOTH),
    ("file", BOTH),
    ("sticker", BOTH),
    ("reel", BOTH),
    ("ig_reel", BOTH),
    ("post", BOTH),
    ("ig_post", BOTH),
    ("fallback", MESSENGER),
    ("location", MESSENGER),
    ("template", MESSENGER),
    ("appointment_booking", MESSENGER),
    ("share", INSTAGRAM),
    ("story_mention", INSTAGRAM),
    ("ephemeral", INSTAGRAM),
    ("like_heart", INSTAGRAM),
    ("unsupported_type", INSTAGRAM),
];

const BOTH: &[Product] = &[Product::Messenger, Product::Instagram];
const MESSENGER: &[Product] = &[Product::Messenger];
const INSTAGRAM: &[Product] = &[Product::Instagram];

/// The "Like" sticker, which every client has.
const STICKER: u64 = 369_239_263_222_822;

pub(super) fn kinds(product: Product) -> impl Iterator<Item = &'static str> {
    KINDS
        .iter()
        .filter(move |(_, products)| products.contains(&product))
        .map(|(kind, _)| *kind)
}

/// Whether the attachment requires a URL.
pub(super) fn needs_url(kind: &str) -> bool {
    !matches!(
        kind,
        "ephemeral" | "like_heart" | "unsupported_type" | "appointment_booking"
    )
}

/// Instagram sends no webhook for stickers.
pub(super) fn is_silent(product: Product, kind: &str) -> bool {
    product == Product::Instagram && kind == "sticker"
}

/// Returns the attachment in the form of webhooks. `None` if the product does not support the kind.
pub(super) fn attachment(product: Product, kind: &str, url: &str) -> Option<Attachment> {
    if !kinds(product).any(|known| known == kind) {
        return None;
    }
    let content = match kind {
        "sticker" => json!({"payload": {"url": url, "sticker_id": STICKER}}),
        "reel" | "ig_reel" => {
            json!({"payload": {"url": url, "title": "A reel", "reel_video_id": 4711}})
        }
        "post" | "ig_post" => json!({"payload": {"url": url, "title": "A post", "id": 4712}}),
        "fallback" => json!({"payload": {"url": url, "title": url}}),
        "location" => json!({
            "title": "Pinned location",
            "url": url,
            "payload": {"coordinates": {"lat": 48.2082, "long": 16.3738}},
        }),
        "template" => json!({"payload": {"product": {"elements": [
            {"id": "4713", "retailer_id": "sku", "image_url": url, "title": "Hat", "subtitle": "$40"},
        ]}}}),
        "appointment_booking" => json!({"payload": {
            "booking_id": "4714",
            "status": "requested",
            "start_time": 1_790_000_000,
            "end_time": 1_790_003_600,
            "timezone": "Europe/Vienna",
        }}),
        "ephemeral" | "like_heart" => json!({}),
        "unsupported_type" => json!({"payload": {}}),
        _ => json!({"payload": {"url": url}}),
    };
    let mut content = content;
    content["type"] = Value::from(kind);
    serde_json::from_value(content).ok()
}

/// Returns the attachment in the form of the Send API, which the chat stores.
pub(super) fn as_shown(attachment: &Attachment) -> Option<OutgoingAttachment> {
    serde_json::from_value(serde_json::to_value(attachment).ok()?).ok()
}
