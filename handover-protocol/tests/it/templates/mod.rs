//! Templates as the documentation prints them, their builders, and their limits.

mod buttons;
mod commerce;
mod elements;
mod questions;

use crate::support::shape;
use handover_protocol::{
    Attachment, AttachmentPayload, Button, ButtonTemplate, CouponTemplate,
    CustomerFeedbackTemplate, CustomerInformationTemplate, Element, FeedbackQuestion, GameMetadata,
    GenericTemplate, GridAction, GridElement, GridImage, ImageGridTemplate, InstantFormTemplate,
    Limit, LimitExceeded, MediaElement, MediaTemplate, NotificationMessagesTemplate, Object,
    OneTimeNotificationTemplate, OutgoingAttachment, OutgoingMessage, ProductTemplate,
    ReceiptElement, ReceiptTemplate, Recipient, SendRequest, Template, limits,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// Checks the shape of a template, that it is sent like this, and that it is found in what is sent.
fn template<T>(kind: &str, json: Value) -> T
where
    T: Serialize + DeserializeOwned + std::fmt::Debug + PartialEq + Into<Template> + Clone,
{
    let with_news: T = shape(json.clone());
    assert!(!with_news.clone().into().kind().is_empty());
    let typed: T = serde_json::from_value(json.clone()).unwrap();
    let template: Template = typed.clone().into();
    assert_eq!(template.check(), Ok(()));
    let message = OutgoingMessage::template(typed.clone());
    let mut payload = json;
    payload["template_type"] = kind.into();
    assert_eq!(
        serde_json::to_value(&message).unwrap(),
        json!({"attachment": {"type": "template", "payload": payload}})
    );
    let sent: OutgoingAttachment =
        serde_json::from_value(json!({"type": "template", "payload": payload})).unwrap();
    assert_eq!(sent.payload.template(), Some(template.clone()));
    let echoed: AttachmentPayload = serde_json::from_value(payload.clone()).unwrap();
    assert_eq!(echoed.template(), Some(template.clone()));
    keyed(kind, &payload, &template);
    assert_eq!(serde_json::to_value(&template).unwrap(), payload);
    assert_eq!(
        serde_json::from_value::<Template>(payload).unwrap(),
        template
    );
    typed
}

/// Instagram puts a template under its type as a key, in place of `template_type`.
fn keyed(kind: &str, payload: &Value, template: &Template) {
    let mut content = payload.clone();
    content.as_object_mut().unwrap().remove("template_type");
    let json = json!({"type": "template", "payload": {kind: content}});
    let attachment: Attachment = serde_json::from_value(json.clone()).unwrap();
    assert_eq!(serde_json::to_value(&attachment).unwrap(), json);
    assert_eq!(
        attachment.payload.unwrap().template(),
        Some(template.clone())
    );
}

#[test]
fn a_template_under_its_type_may_be_empty_or_unknown() {
    for (payload, kind) in [
        (json!({"generic": {"elements": []}}), "generic"),
        (json!({"generic": {}}), "generic"),
        (json!({"generic": []}), "generic"),
        (json!({"generic": null}), "generic"),
        (json!({"button": {"text": "Hi!"}}), "button"),
        (
            json!({"media": {"elements": [{"media_type": "image", "url": "u"}]}}),
            "media",
        ),
        (json!({"product": {"elements": []}}), "product"),
        (
            json!({"generic": {"elements": []}, "title": "T", "is_new": true}),
            "generic",
        ),
        (
            json!({"airline_update": {"locale": "en_US"}}),
            "airline_update",
        ),
        (
            json!({"template_type": "generic", "elements": []}),
            "generic",
        ),
    ] {
        let json = json!({"type": "template", "payload": payload});
        let attachment: Attachment = serde_json::from_value(json.clone()).unwrap();
        let template = attachment.payload.clone().unwrap().template().unwrap();
        assert_eq!(template.kind(), kind, "{payload}");
        assert_eq!(serde_json::to_value(&attachment).unwrap(), json);
    }
    for payload in [
        json!({"url": "https://x.example", "title": "T"}),
        json!({"url": "https://x.example", "preview": {"width": 1}}),
        json!({"coordinates": {"lat": 1, "long": 2}}),
        json!({"generic": "odd"}),
        json!({"sticker_id": 1}),
        json!({}),
    ] {
        let payload: AttachmentPayload = serde_json::from_value(payload).unwrap();
        assert_eq!(payload.template(), None);
    }
}

fn exceeds(result: Result<(), LimitExceeded>, limit: Limit, field: &str, found: u64) {
    let exceeded = result.unwrap_err();
    assert_eq!(
        (exceeded.limit, &*exceeded.field, exceeded.found),
        (limit, field, found)
    );
}

/// As many characters, of two bytes each.
fn long(length: usize) -> String {
    "ü".repeat(length)
}

fn buttons(count: usize) -> Vec<Button> {
    vec![Button::postback("Buy", "BUY"); count]
}

#[test]
fn retired_templates_are_kept_whole() {
    for json in [
        json!({"template_type": "airline_checkin", "intro_message": "I", "pnr_number": "P"}),
        json!({"template_type": "list", "elements": []}),
        json!({"no": "type"}),
    ] {
        let template: Template = serde_json::from_value(json.clone()).unwrap();
        assert_eq!(
            template.kind(),
            json["template_type"].as_str().unwrap_or("")
        );
        assert_eq!(template.check(), Ok(()));
        assert!(matches!(template, Template::Other(_)));
        assert_eq!(serde_json::to_value(template).unwrap(), json);
    }
}

#[test]
fn a_request_checks_the_template_in_it() {
    let request = SendRequest {
        recipient: Recipient::id("9"),
        message: Some(OutgoingMessage::template(ButtonTemplate::new(
            "T",
            buttons(4),
        ))),
        ..Default::default()
    };
    let exceeded = request.check(&Object::Page).unwrap_err();
    assert_eq!(
        exceeded.to_string(),
        "messages: message.attachment.payload.buttons is limited to 3 buttons, and this has 4; \
         offer fewer, or use quick replies"
    );
    let none = OutgoingMessage::template(ButtonTemplate::new("T", []));
    let exceeded = none.check(&Object::Instagram).unwrap_err();
    assert_eq!(
        exceeded.to_string(),
        "messages: attachment.payload.buttons needs 1 buttons or more, and this has 0"
    );
    assert_eq!(
        (exceeded.limit.least(), exceeded.limit.allowed()),
        (1, limits::BUTTONS as u64)
    );
}
