//! The Send API, from both sides.

use std::fmt::Debug;

use crate::support::shape;
use handover_protocol::{
    AppId, ControlType, Limit, LimitExceeded, MessageTag, MessagingType, NotificationType, Object,
    OutgoingAttachment, OutgoingMessage, QuickReply, ReactionTarget, Recipient, ReplyTarget,
    SendRequest, SendResponse, SendThreadControl, SenderAction, UtilityTemplate, check_upload,
    limits,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

/// Writes it, reads that back, and returns what was written.
fn written<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) -> Value {
    let json = serde_json::to_value(value).unwrap();
    assert_eq!(&serde_json::from_value::<T>(json.clone()).unwrap(), value);
    shape::<T>(json.clone());
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
            QuickReply::text("Blue", "PICK_BLUE").image_url("https://example.com/b.png"),
            QuickReply::user_phone_number(),
            QuickReply::user_email(),
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
        assert_eq!(serde_json::to_value(&attachment).unwrap(), json);
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
        tag: Some(MessageTag::HumanAgent),
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
        "thread_control": {"control_type": "keep"}, "folder": "5"});
    let request = request(odd.clone());
    assert_eq!(request.recipient, Recipient::default());
    assert_eq!(
        (request.messaging_type, request.sender_action),
        (None, None)
    );
    assert_eq!(request.extra["sender_action"], "dance");
    assert_eq!(request.extra["folder"], "5");
    let control = request.thread_control.as_ref().unwrap();
    assert_eq!(
        (control.control_type, &control.extra["control_type"]),
        (None, &json!("keep"))
    );
    assert_eq!(serde_json::to_value(&request).unwrap(), odd);
}

#[test]
fn a_quick_reply_without_a_title_is_still_one() {
    let json = json!({"quick_replies": [{"content_type": "text", "payload": "P"}]});
    let message: OutgoingMessage = serde_json::from_value(json).unwrap();
    let reply = &message.quick_replies[0];
    assert_eq!((&reply.title, reply.payload.as_deref()), (&None, Some("P")));
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
    assert_eq!(
        serde_json::to_value(&old).unwrap(),
        json!({"follow_id": "F"})
    );
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

#[test]
fn tags() {
    for (name, retired) in [
        ("HUMAN_AGENT", false),
        ("CUSTOMER_FEEDBACK", false),
        ("CONFIRMED_EVENT_UPDATE", true),
        ("POST_PURCHASE_UPDATE", true),
        ("ACCOUNT_UPDATE", true),
        ("NON_PROMOTIONAL_SUBSCRIPTION", false),
    ] {
        let tag = MessageTag::from(name);
        assert!(!matches!(tag, MessageTag::Other(_)), "{name}");
        assert_eq!((written(&tag), tag.is_retired()), (json!(name), retired));
    }
    let new = request(json!({"tag": "NEW_TAG"})).tag.unwrap();
    assert_eq!(new, MessageTag::Other("NEW_TAG".into()));
    assert_eq!(
        (new.to_string(), written(&new)),
        ("NEW_TAG".into(), json!("NEW_TAG"))
    );
}

#[test]
fn notification_types() {
    for (notification_type, name) in [
        (NotificationType::Regular, "REGULAR"),
        (NotificationType::SilentPush, "SILENT_PUSH"),
        (NotificationType::NoPush, "NO_PUSH"),
    ] {
        assert_eq!(written(&notification_type), json!(name));
    }
}

#[test]
fn everything_beside_a_message() {
    let request: SendRequest = shape(
        json!({"recipient": {"id": "9"}, "messaging_type": "RESPONSE",
        "message": {"text": "Hi"}, "tag": "HUMAN_AGENT", "notification_type": "NO_PUSH",
        "persona_id": "P", "reply_to": {"mid": "m_1"},
        "thread_control": {"control_type": "pass", "app_id": "263902037430900"}}),
    );
    assert_eq!(request.persona_id.as_deref(), Some("P"));
    assert_eq!(request.reply_to.unwrap().mid, ReplyTarget::new("m_1").mid);
}

#[test]
fn reactions_of_the_bot() {
    let react = SendRequest {
        recipient: Recipient::id("9"),
        sender_action: Some(SenderAction::React),
        payload: Some(ReactionTarget::new("m_1", "❤️")),
        ..Default::default()
    };
    let json = json!({"recipient": {"id": "9"}, "sender_action": "react",
        "payload": {"message_id": "m_1", "reaction": "❤️"}});
    assert_eq!(written(&react), json);
    shape::<SendRequest>(json);
    shape::<SendRequest>(json!({"recipient": {"id": "9"}, "sender_action": "unreact",
        "payload": {"message_id": "m_1"}}));
}

#[test]
fn utility_messages() {
    let json = json!({"name": "order_shipped", "language": {"code": "en_US"}, "components":
        [{"type": "body", "parameters": [{"type": "text", "text": "12345"}]}]});
    let built = UtilityTemplate::new("order_shipped", "en_US").body(["12345"]);
    assert_eq!(written(&built), json);
    let request: SendRequest = shape(
        json!({"recipient": {"id": "9"}, "messaging_type": "UTILITY",
        "template": json}),
    );
    assert_eq!(request.template.unwrap().name, "order_shipped");
}

#[test]
fn attachments_to_keep_and_to_send_again() {
    let picture = OutgoingAttachment::image("https://example.com/x").reusable();
    let json =
        json!({"type": "image", "payload": {"url": "https://example.com/x", "is_reusable": true}});
    assert_eq!(written(&picture), json);
    shape::<OutgoingAttachment>(json);
    assert_eq!(
        written(&OutgoingAttachment::by_id("file", "1857777774821032")),
        json!({"type": "file", "payload": {"attachment_id": "1857777774821032"}})
    );
}

#[test]
fn attachments_of_instagram() {
    let heart = json!({"type": "like_heart"});
    assert_eq!(written(&OutgoingAttachment::like_heart()), heart);
    let post = json!({"type": "MEDIA_SHARE", "payload": {"id": "POST_ID"}});
    assert_eq!(written(&OutgoingAttachment::media_share("POST_ID")), post);
    shape::<OutgoingAttachment>(post);
}

#[test]
fn images_and_stickers() {
    let message: OutgoingMessage = shape(json!({"attachments": [
        {"type": "image", "payload": {"url": "https://example.com/1"}},
        {"type": "image", "payload": {"attachment_id": "A"}}]}));
    assert_eq!(message.attachments.len(), 2);
    let thumb: OutgoingMessage = shape(json!({"sticker_id": 369239263222822_u64}));
    assert_eq!(thumb.sticker_id, Some(369239263222822));
}

fn exceeds(result: Result<(), LimitExceeded>, limit: Limit, field: &str, found: u64) {
    let exceeded = result.unwrap_err();
    assert_eq!(
        (exceeded.limit, &*exceeded.field, exceeded.found),
        (limit, field, found)
    );
}

#[test]
fn limits_of_texts() {
    let says = |text: String, product| OutgoingMessage::text(text).check(product);
    let (page, instagram) = (&Object::Page, &Object::Instagram);
    assert_eq!(says("é".repeat(1999), page), Ok(()));
    exceeds(
        says("é".repeat(2000), page),
        Limit::MessengerText,
        "text",
        2000,
    );
    assert_eq!(says("é".repeat(500), instagram), Ok(()));
    exceeds(
        says("é".repeat(500) + "e", instagram),
        Limit::InstagramText,
        "text",
        1001,
    );
}

#[test]
fn limits_of_images() {
    let shows = |count, product| {
        let message = OutgoingMessage {
            attachments: vec![OutgoingAttachment::image("https://example.com/x"); count],
            ..Default::default()
        };
        message.check(product)
    };
    let (page, instagram) = (&Object::Page, &Object::Instagram);
    assert_eq!((shows(30, page), shows(10, instagram)), (Ok(()), Ok(())));
    exceeds(shows(31, page), Limit::MessengerImages, "attachments", 31);
    exceeds(
        shows(11, instagram),
        Limit::InstagramImages,
        "attachments",
        11,
    );
}

#[test]
fn limits_of_quick_replies_and_metadata() {
    let offers = |quick_replies| {
        let message = OutgoingMessage {
            quick_replies,
            ..OutgoingMessage::text("Pick")
        };
        message.check(&Object::Page)
    };
    let long = |length| "ü".repeat(length);
    assert_eq!(
        offers(vec![QuickReply::text(long(20), long(1000)); 13]),
        Ok(())
    );
    exceeds(
        offers(vec![QuickReply::user_email(); 14]),
        Limit::QuickReplies,
        "quick_replies",
        14,
    );
    let second = |reply| vec![QuickReply::user_phone_number(), reply];
    let title = offers(second(QuickReply::text(long(21), "P")));
    exceeds(title, Limit::QuickReplyTitle, "quick_replies[1].title", 21);
    let payload = offers(second(QuickReply::text("T", long(1001))));
    exceeds(
        payload,
        Limit::QuickReplyPayload,
        "quick_replies[1].payload",
        1001,
    );
    let notes = |length| {
        let message = OutgoingMessage {
            metadata: Some(long(length)),
            ..OutgoingMessage::text("Hi")
        };
        message.check(&Object::Page)
    };
    assert_eq!(notes(999), Ok(()));
    exceeds(notes(1000), Limit::MessageMetadata, "metadata", 1000);
}

#[test]
fn a_request_holds_one_thing_for_one_person() {
    let check = |request: &SendRequest| request.check(&Object::Page);
    let one = SendRequest {
        recipient: Recipient::id("9"),
        message: Some(OutgoingMessage::text("Hi")),
        ..Default::default()
    };
    assert_eq!(check(&one), Ok(()));
    let and_action = SendRequest {
        sender_action: Some(SenderAction::TypingOn),
        ..one.clone()
    };
    exceeds(check(&and_action), Limit::RequestContent, "content", 2);
    let named_twice = SendRequest {
        recipient: Recipient {
            user_ref: Some("U".into()),
            ..Recipient::id("9")
        },
        ..one.clone()
    };
    exceeds(
        check(&named_twice),
        Limit::RecipientContent,
        "recipient.content",
        2,
    );
    let text_and_picture = SendRequest {
        message: Some(OutgoingMessage {
            attachment: Some(OutgoingAttachment::image("https://example.com/x")),
            ..OutgoingMessage::text("Hi")
        }),
        ..one
    };
    exceeds(
        check(&text_and_picture),
        Limit::MessageContent,
        "message.content",
        2,
    );
}

#[test]
fn limits_of_uploads() {
    assert_eq!(check_upload(limits::ATTACHMENT_BYTES), Ok(()));
    let one_over = check_upload(limits::ATTACHMENT_BYTES + 1);
    exceeds(one_over, Limit::AttachmentBytes, "filedata", 25_000_001);
}
