//! The Send API, from both sides.

#![allow(clippy::unwrap_used)]

mod support;

use handover_protocol::{
    AppId, ControlType, MessagingType, OutgoingAttachment, OutgoingMessage, QuickReply, Recipient,
    SendRequest, SendResponse, SendThreadControl, SenderAction,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use support::shape;

/// Writes it, reads that back, and returns what was written.
fn written<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: &T) -> Value {
    let json = serde_json::to_value(value).unwrap();
    assert_eq!(&serde_json::from_value::<T>(json.clone()).unwrap(), value);
    json
}

fn request(json: Value) -> SendRequest {
    serde_json::from_value(json).unwrap()
}

#[test]
fn a_message_that_hands_the_thread_over() {
    let request = SendRequest {
        recipient: Recipient::id("9"),
        messaging_type: Some(MessagingType::Response),
        message: Some(OutgoingMessage::text("Let me hand you to a colleague")),
        thread_control: Some(SendThreadControl {
            control_type: Some(ControlType::Pass),
            app_id: Some(AppId::PAGE_INBOX),
            ..Default::default()
        }),
        ..Default::default()
    };
    assert_eq!(
        written(&request),
        json!({"recipient": {"id": "9"}, "messaging_type": "RESPONSE",
        "message": {"text": "Let me hand you to a colleague"},
        "thread_control": {"control_type": "pass", "app_id": "263902037430900"}})
    );
}

#[test]
fn quick_replies() {
    let message = OutgoingMessage {
        quick_replies: vec![
            QuickReply::text("Red", "PICK_RED"),
            QuickReply::Text {
                title: "Blue".into(),
                payload: "PICK_BLUE".into(),
                image_url: Some("https://example.com/b.png".into()),
            },
            QuickReply::UserPhoneNumber,
            QuickReply::UserEmail,
        ],
        metadata: Some("call 7".into()),
        ..OutgoingMessage::text("Pick")
    };
    assert_eq!(
        written(&message),
        json!({"text": "Pick", "metadata": "call 7", "quick_replies": [
            {"content_type": "text", "title": "Red", "payload": "PICK_RED"},
            {"content_type": "text", "title": "Blue", "payload": "PICK_BLUE",
             "image_url": "https://example.com/b.png"},
            {"content_type": "user_phone_number"},
            {"content_type": "user_email"},
        ]})
    );
}

#[test]
fn attachments_by_address() {
    for (attachment, kind) in [
        (OutgoingAttachment::image("https://example.com/x"), "image"),
        (OutgoingAttachment::audio("https://example.com/x"), "audio"),
        (OutgoingAttachment::video("https://example.com/x"), "video"),
        (OutgoingAttachment::file("https://example.com/x"), "file"),
    ] {
        assert_eq!(
            written(&OutgoingMessage::attachment(attachment)),
            json!({"attachment": {"type": kind, "payload": {"url": "https://example.com/x"}}}),
        );
    }
}

#[test]
fn attachments_of_other_kinds() {
    for json in [
        json!({"type": "image", "payload": {"url": "https://example.com/x", "is_reusable": true}}),
        json!({"type": "file", "payload": {"attachment_id": "1857777774821032"}}),
        json!({"type": "like_heart"}),
        json!({"type": "template", "payload": {"template_type": "button", "text": "T", "buttons": []}}),
    ] {
        let attachment: OutgoingAttachment = serde_json::from_value(json.clone()).unwrap();
        assert_eq!(written(&attachment), json);
    }
    let json = json!({"type": "file", "payload": {"attachment_id": 1857777774821032_u64}});
    let attachment: OutgoingAttachment = serde_json::from_value(json).unwrap();
    assert_eq!(
        attachment.payload.attachment_id.as_deref(),
        Some("1857777774821032")
    );
}

#[test]
fn sender_actions_in_either_case() {
    for (action, lower) in [
        (SenderAction::TypingOn, "typing_on"),
        (SenderAction::TypingOff, "typing_off"),
        (SenderAction::MarkSeen, "mark_seen"),
        (SenderAction::React, "react"),
        (SenderAction::Unreact, "unreact"),
    ] {
        let request = SendRequest {
            recipient: Recipient::id("9"),
            sender_action: Some(action),
            ..Default::default()
        };
        assert_eq!(
            written(&request),
            json!({"recipient": {"id": "9"}, "sender_action": lower})
        );
        let upper = json!({"sender_action": lower.to_uppercase()});
        assert_eq!(self::request(upper).sender_action, Some(action));
    }
}

#[test]
fn messaging_types_and_tags() {
    for (messaging_type, name) in [
        (MessagingType::Response, "RESPONSE"),
        (MessagingType::Update, "UPDATE"),
        (MessagingType::MessageTag, "MESSAGE_TAG"),
        (MessagingType::Utility, "UTILITY"),
    ] {
        assert_eq!(written(&messaging_type), json!(name));
    }
    let request = SendRequest {
        messaging_type: Some(MessagingType::MessageTag),
        tag: Some("HUMAN_AGENT".into()),
        ..Default::default()
    };
    assert_eq!(
        written(&request),
        json!({"recipient": {}, "messaging_type": "MESSAGE_TAG",
        "tag": "HUMAN_AGENT"})
    );
}

#[test]
fn ids_in_requests_may_be_numbers() {
    let request = request(json!({"recipient": {"id": 9}, "thread_control":
        {"control_type": "release", "app_id": 263902037430900_u64}}));
    assert_eq!(request.recipient, Recipient::id("9"));
    let control = request.thread_control.unwrap();
    assert_eq!(control.control_type, Some(ControlType::Release));
    assert_eq!(control.app_id, Some(AppId::PAGE_INBOX));
}

#[test]
fn what_a_request_says_wrong_is_not_lost() {
    let odd = json!({"recipient": "9", "messaging_type": "GOSSIP", "sender_action": "dance",
        "message": {"text": {}, "quick_replies": [{"content_type": "location"}]},
        "thread_control": {"control_type": "keep"}, "persona_id": "5"});
    let request = request(odd.clone());
    assert_eq!(request.recipient, Recipient::default());
    assert_eq!(
        (request.messaging_type, request.sender_action),
        (None, None)
    );
    assert_eq!(request.extra["sender_action"], "dance");
    assert_eq!(request.extra["persona_id"], "5");
    let control = request.thread_control.as_ref().unwrap();
    assert_eq!(
        (control.control_type, &control.extra["control_type"]),
        (None, &json!("keep"))
    );
    assert_eq!(written(&request), odd);
}

#[test]
fn a_quick_reply_without_a_title_is_still_one() {
    let json = json!({"quick_replies": [{"content_type": "text", "payload": "P"}]});
    let message: OutgoingMessage = serde_json::from_value(json).unwrap();
    assert_eq!(message.quick_replies, [QuickReply::text("", "P")]);
}

#[test]
fn other_ways_to_address_someone() {
    for (recipient, key) in [
        (Recipient::id("X"), "id"),
        (Recipient::user_ref("X"), "user_ref"),
        (Recipient::post("X"), "post_id"),
        (Recipient::comment("X"), "comment_id"),
        (Recipient::phone_number("X"), "phone_number"),
        (
            Recipient::one_time_notification("X"),
            "one_time_notif_token",
        ),
        (
            Recipient::notification_messages("X"),
            "notification_messages_token",
        ),
    ] {
        assert_eq!(written(&recipient), json!({key: "X"}));
    }
    shape::<Recipient>(json!({"phone_number": "+1(212)555-2368",
        "name": {"first_name": "Ana", "last_name": "Lopez"}}));
    let old = Recipient {
        extra: Map::from_iter([("follow_id".into(), json!("F"))]),
        ..Default::default()
    };
    assert_eq!(written(&old), json!({"follow_id": "F"}));
}

#[test]
fn answers() {
    let sent: SendResponse = serde_json::from_value(json!({"recipient_id": 9, "message_id": "m_1",
        "attachment_id": 687799999980546_u64}))
    .unwrap();
    assert_eq!(sent.recipient_id.as_ref().unwrap(), &"9");
    assert_eq!(
        written(&sent),
        json!({"recipient_id": "9", "message_id": "m_1",
        "attachment_id": "687799999980546"})
    );
    assert_eq!(written(&SendResponse::default()), json!({}));
}
