//! The platform's limits: what is exactly as large as allowed passes, one more does not.
use std::time::Duration;

use crate::client::Client;
use handover_protocol::{
    Object, OutgoingAttachment, OutgoingMessage, PassThreadControlRequest, PersonId, QuickReply,
    Recipient, ReleaseThreadControlRequest, RequestThreadControlRequest, SendRequest, SenderAction,
    TakeThreadControlRequest,
};
use handover_runtime::graph::{Call, GraphError, Limit};
use handover_testkit::graph::GraphStub;

fn send(message: OutgoingMessage) -> Call {
    Call::Messages(SendRequest {
        recipient: Recipient::id("7"),
        message: Some(message),
        ..Default::default()
    })
}

fn text(text: String) -> Call {
    send(OutgoingMessage::text(text))
}

fn exceeds(call: &Call, product: &Object, limit: Limit, found: u64) {
    let call_name = call.name();
    match call.check(product) {
        Err(exceeded) => assert_eq!(
            (exceeded.call, exceeded.limit, exceeded.found),
            (call_name, limit, found)
        ),
        Ok(()) => panic!("{limit:?} is not exceeded"),
    }
}

#[test]
fn text_on_messenger_is_counted_in_characters() {
    assert_eq!(text("é".repeat(1999)).check(&Object::Page), Ok(()));
    exceeds(
        &text("é".repeat(2000)),
        &Object::Page,
        Limit::MessengerText,
        2000,
    );
}

#[test]
fn text_on_instagram_is_counted_in_bytes() {
    assert_eq!(text("é".repeat(500)).check(&Object::Instagram), Ok(()));
    let one_over = text("é".repeat(500) + "e");
    exceeds(&one_over, &Object::Instagram, Limit::InstagramText, 1001);
    assert_eq!(one_over.check(&Object::Page), Ok(()));
}

#[test]
fn quick_replies() {
    let with = |quick_replies| {
        send(OutgoingMessage {
            quick_replies,
            ..OutgoingMessage::text("Pick")
        })
    };
    let many = |count| with(vec![QuickReply::text("Red", "RED"); count]);
    assert_eq!(many(13).check(&Object::Page), Ok(()));
    exceeds(&many(14), &Object::Page, Limit::QuickReplies, 14);

    let titled = |length| {
        let other = QuickReply::user_email();
        with(vec![other, QuickReply::text("ü".repeat(length), "RED")])
    };
    assert_eq!(titled(20).check(&Object::Page), Ok(()));
    exceeds(&titled(21), &Object::Page, Limit::QuickReplyTitle, 21);

    let carrying = |length| with(vec![QuickReply::text("Red", "ü".repeat(length))]);
    assert_eq!(carrying(1000).check(&Object::Page), Ok(()));
    exceeds(
        &carrying(1001),
        &Object::Page,
        Limit::QuickReplyPayload,
        1001,
    );
}

#[test]
fn message_metadata() {
    let noted = |length| {
        send(OutgoingMessage {
            metadata: Some("ü".repeat(length)),
            ..OutgoingMessage::text("Hi")
        })
    };
    assert_eq!(noted(999).check(&Object::Page), Ok(()));
    exceeds(&noted(1000), &Object::Page, Limit::MessageMetadata, 1000);
}

#[test]
fn handover_metadata() {
    macro_rules! noted {
        ($request:ident, $length:expr) => {
            Call::from($request {
                recipient: Recipient::id("7"),
                metadata: Some("ü".repeat($length)),
                ..Default::default()
            })
        };
    }
    let calls = |length| {
        [
            noted!(PassThreadControlRequest, length),
            noted!(TakeThreadControlRequest, length),
            noted!(RequestThreadControlRequest, length),
            noted!(ReleaseThreadControlRequest, length),
        ]
    };
    for call in calls(2000) {
        assert_eq!(call.check(&Object::Page), Ok(()), "{}", call.name());
    }
    for call in calls(2001) {
        exceeds(&call, &Object::Instagram, Limit::HandoverMetadata, 2001);
    }
}

#[test]
fn a_message_is_text_or_attachment() {
    let attachment = || Some(OutgoingAttachment::image("https://example.com/hat.png"));
    let picture = OutgoingMessage {
        attachment: attachment(),
        ..Default::default()
    };
    assert_eq!(send(picture).check(&Object::Page), Ok(()));
    let both = OutgoingMessage {
        attachment: attachment(),
        ..OutgoingMessage::text("A hat")
    };
    exceeds(&send(both), &Object::Page, Limit::MessageContent, 2);
}

#[test]
fn a_request_is_message_or_sender_action() {
    let both = Call::Messages(SendRequest {
        recipient: Recipient::id("7"),
        message: Some(OutgoingMessage::text("Hi")),
        sender_action: Some(SenderAction::TypingOff),
        ..Default::default()
    });
    exceeds(&both, &Object::Page, Limit::RequestContent, 2);
}

#[tokio::test]
async fn limits_are_checked_before_the_call() {
    let stub = GraphStub::answering("{}").await;
    let graph = stub.graph();
    let person = PersonId::from("7");
    let week = Duration::from_secs(7 * 24 * 60 * 60);

    let allowed = graph.extend_thread_control(&person, week).await;
    assert!(allowed.is_ok(), "{allowed:?}");
    assert_eq!(stub.take_requests().len(), 1);

    let too_long = week + Duration::from_secs(1);
    let refused = graph.extend_thread_control(&person, too_long).await;
    match refused {
        Err(GraphError::Limit(exceeded)) => {
            assert_eq!(exceeded.limit, Limit::ExtendDuration);
            assert_eq!(exceeded.found, 604_801);
        }
        other => panic!("{other:?}"),
    }

    let long = "e".repeat(1001);
    let on_instagram = graph.for_product(Object::Instagram);
    let refused = on_instagram.send(&person).text(&*long).await;
    assert!(matches!(refused, Err(GraphError::Limit(_))), "{refused:?}");
    assert_eq!(stub.take_requests().len(), 0, "what is refused is not sent");

    let allowed = graph.send(&person).text(&*long).await;
    assert!(allowed.is_ok(), "{allowed:?}");
    assert_eq!(stub.take_requests().len(), 1);
}

#[test]
fn the_error_names_limit_value_and_remedy() {
    let error = text("e".repeat(2000)).check(&Object::Page).unwrap_err();
    assert_eq!(
        error.to_string(),
        "messages: message.text is limited to 1999 characters, and this has 2000; \
         split it into several messages"
    );
    assert_eq!(error.limit.allowed(), 1999);
    assert_eq!(error.field, "message.text");
}
