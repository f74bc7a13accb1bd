//! The Send API: who may send, when, what, and who hears of it.

use crate::support::rules::{BOT, DAY, INBOX, PAGE, Rules, SHOP, delivered, refused, tells};
use handover_protocol::Channel::{Messaging, Standby};
use handover_protocol::{
    AppId, ControlType, EventBody, OutgoingAttachment, OutgoingMessage, QuickReply, Recipient,
    SendRequest, SendThreadControl, SenderAction, limits,
};
use handover_sim::platform::{Account, Connection, MessageAuthor};
use serde_json::json;

const NOT_OWNER: (i64, Option<i64>) = (10, Some(2_018_300));
const OUTSIDE_WINDOW: (i64, Option<i64>) = (10, Some(2_018_278));
const PARAMETER: (i64, Option<i64>) = (100, None);

impl Rules {
    fn human_agent(&self, text: &str) -> SendRequest {
        SendRequest {
            tag: Some("HUMAN_AGENT".into()),
            ..self.text(text)
        }
    }

    fn passing(&self, control_type: Option<ControlType>, app: Option<AppId>) -> SendRequest {
        SendRequest {
            thread_control: Some(SendThreadControl {
                control_type,
                app_id: app,
                ..SendThreadControl::default()
            }),
            ..self.text("goodbye")
        }
    }
}

#[test]
fn only_the_owner_sends() {
    let mut rules = Rules::with_shop_as_owner();
    assert_eq!(rules.says(&SHOP, "hello"), Ok(()));
    assert_eq!(rules.says(&BOT, "hello"), Err(NOT_OWNER));
}

#[test]
fn on_an_idle_thread_only_the_default_app_sends_and_it_stays_idle() {
    let mut rules = Rules::with_bot_as_owner();
    rules
        .call(&BOT, |platform, call| {
            let recipient = Recipient::id(platform.threads()[0].person.clone());
            let request = handover_protocol::ReleaseThreadControlRequest {
                recipient,
                ..Default::default()
            };
            platform.release_thread_control(call, &request)
        })
        .unwrap();
    assert_eq!(rules.says(&SHOP, "hello"), Err(NOT_OWNER));
    assert_eq!(rules.says(&BOT, "hello"), Ok(()));
    assert_eq!(rules.owner(), None);
}

#[test]
fn without_conversation_routing_everybody_sends_until_somebody_claims_the_thread() {
    let mut rules = Rules::zero_config();
    rules.ana_says("hello");
    assert_eq!(rules.says(&BOT, "hello"), Ok(()));
    assert_eq!(rules.says(&SHOP, "hello"), Ok(()));
    rules.pass(&SHOP, Some(&SHOP)).unwrap();
    assert_eq!(rules.says(&BOT, "hello"), Err(NOT_OWNER));
    assert_eq!(rules.says(&SHOP, "hello"), Ok(()));
}

#[test]
fn the_window_is_open_for_a_day_after_the_last_message() {
    let mut rules = Rules::routed();
    assert_eq!(
        rules.says(&BOT, "buy!"),
        Err(OUTSIDE_WINDOW),
        "nobody has written yet"
    );
    rules.ana_says("hello");
    rules.later(DAY - 1);
    assert_eq!(rules.says(&BOT, "hello"), Ok(()));
    rules.later(1);
    assert_eq!(rules.says(&BOT, "hello"), Err(OUTSIDE_WINDOW));
}

#[test]
fn having_control_does_not_open_the_window_nor_the_other_way_round() {
    let mut rules = Rules::with_bot_as_owner();
    rules.later(DAY - 1);
    rules.pass(&BOT, Some(&SHOP)).unwrap();
    rules.later(1);
    assert_eq!(rules.owner(), Some(SHOP));
    assert_eq!(rules.says(&SHOP, "hello"), Err(OUTSIDE_WINDOW));
    rules.ana_says("hello");
    assert_eq!(rules.says(&BOT, "hello"), Err(NOT_OWNER));
}

#[test]
fn a_human_agent_takes_control_by_sending_within_seven_days() {
    let mut rules = Rules::with_bot_as_owner();
    let request = rules.human_agent("this is Ben");
    let sent = rules.send(&SHOP, &request).unwrap();
    assert_eq!(rules.owner(), Some(SHOP));
    assert_eq!(
        delivered(&sent.deliveries),
        tells([
            (BOT, Messaging, "take_thread_control"),
            (BOT, Standby, "echo"),
            (SHOP, Messaging, "echo"),
            (BOT, Standby, "delivery"),
            (SHOP, Messaging, "delivery"),
        ])
    );
    rules.later(7 * DAY - 1);
    let request = rules.human_agent("sorry for the wait");
    rules.send(&SHOP, &request).unwrap();
    rules.later(1);
    assert_eq!(refused(rules.send(&SHOP, &request)), OUTSIDE_WINDOW);
}

#[test]
fn a_human_agent_without_the_switch_takes_nothing() {
    let mut shop = Connection::new(SHOP);
    shop.can_take = false;
    let mut rules = Rules::with(Account::page(PAGE, "Kaffeehaus").default_app(BOT), shop);
    rules.ana_says("hello");
    let request = rules.human_agent("this is Ben");
    assert_eq!(refused(rules.send(&SHOP, &request)), NOT_OWNER);
    assert_eq!(rules.owner(), Some(BOT));
}

#[test]
fn retired_tags_are_refused() {
    let mut rules = Rules::with_bot_as_owner();
    for tag in [
        "CONFIRMED_EVENT_UPDATE",
        "POST_PURCHASE_UPDATE",
        "ACCOUNT_UPDATE",
    ] {
        let request = SendRequest {
            tag: Some(tag.into()),
            ..rules.text("hello")
        };
        assert_eq!(refused(rules.send(&BOT, &request)), PARAMETER);
    }
}

#[test]
fn a_message_is_echoed_to_every_app_and_its_delivery_reported() {
    let mut rules = Rules::with_bot_as_owner();
    let mut request = rules.text("hello");
    request.message.as_mut().unwrap().metadata = Some("mine".to_owned());
    let sent = rules.send(&BOT, &request).unwrap();
    assert_eq!(sent.value.recipient_id, Some(rules.ana.clone()));
    let mid = sent.value.message_id.unwrap();
    assert_eq!(
        delivered(&sent.deliveries),
        tells([
            (BOT, Messaging, "echo"),
            (SHOP, Standby, "echo"),
            (BOT, Messaging, "delivery"),
            (SHOP, Standby, "delivery"),
        ])
    );
    let at = rules.now.as_millis();
    assert_eq!(
        serde_json::to_value(sent.deliveries[0].envelope()).unwrap(),
        json!({"object": "page", "entry": [{"id": PAGE, "time": at, "messaging": [{
            "sender": {"id": PAGE}, "recipient": {"id": rules.ana}, "timestamp": at,
            "message": {"mid": mid, "is_echo": true, "app_id": 1_517_776_481_860_111_u64,
                        "text": "hello", "metadata": "mine"},
        }]}]})
    );
    assert_eq!(
        serde_json::to_value(sent.deliveries[3].envelope()).unwrap(),
        json!({"object": "page", "entry": [{"id": PAGE, "time": at, "standby": [{
            "sender": {"id": rules.ana}, "recipient": {"id": PAGE}, "timestamp": at,
            "delivery": {"mids": [mid], "watermark": at},
        }]}]})
    );
}

#[test]
fn a_template_is_echoed_as_it_was_sent() {
    let mut rules = Rules::with_bot_as_owner();
    let attachment = json!({"type": "template", "payload": {"template_type": "button",
        "text": "Sure?", "buttons": [{"type": "postback", "title": "Yes", "payload": "YES"}]}});
    let request = SendRequest {
        message: Some(OutgoingMessage::attachment(
            serde_json::from_value(attachment.clone()).unwrap(),
        )),
        ..rules.text("")
    };
    let sent = rules.send(&BOT, &request).unwrap();
    let echo = serde_json::to_value(&sent.deliveries[0].event).unwrap();
    assert_eq!(echo["message"]["attachments"], json!([attachment]));
}

#[test]
fn thread_control_passes_after_sending_and_the_echo_comes_on_standby() {
    let mut rules = Rules::with_bot_as_owner();
    let request = rules.passing(Some(ControlType::Pass), Some(SHOP));
    let sent = rules.send(&BOT, &request).unwrap();
    assert_eq!(rules.owner(), Some(SHOP));
    assert_eq!(
        delivered(&sent.deliveries),
        tells([
            (SHOP, Messaging, "pass_thread_control"),
            (BOT, Standby, "echo"),
            (SHOP, Messaging, "echo"),
            (BOT, Standby, "delivery"),
            (SHOP, Messaging, "delivery"),
        ])
    );
    let request = rules.passing(Some(ControlType::Pass), None);
    rules.send(&SHOP, &request).unwrap();
    assert_eq!(
        rules.owner(),
        Some(BOT),
        "without an app it goes to the default one"
    );
}

#[test]
fn thread_control_releases_unless_it_says_pass_and_sends_no_event() {
    for control in [None, Some(ControlType::Release)] {
        let mut rules = Rules::with_shop_as_owner();
        let request = rules.passing(control, None);
        let sent = rules.send(&SHOP, &request).unwrap();
        assert_eq!(rules.owner(), None);
        assert!(
            sent.deliveries
                .iter()
                .all(|one| one.event.body.kind() != "pass_thread_control")
        );
    }
}

#[test]
fn thread_control_that_cannot_be_carried_out_sends_nothing() {
    let mut rules = Rules::with_bot_as_owner();
    for (app, refusal) in [(BOT, PARAMETER), ("1".into(), (100, Some(2_018_164)))] {
        let request = rules.passing(Some(ControlType::Pass), Some(app));
        assert_eq!(refused(rules.send(&BOT, &request)), refusal);
    }
    let mut zero = Rules::zero_config();
    zero.ana_says("hello");
    let request = zero.passing(Some(ControlType::Pass), Some(SHOP));
    assert_eq!(refused(zero.send(&BOT, &request)), PARAMETER);
    for rules in [rules, zero] {
        assert_eq!(
            rules.platform.threads()[0].messages().count(),
            1,
            "only Ana's own"
        );
    }
}

#[test]
fn parameters_are_checked_before_the_owner() {
    let mut rules = Rules::with_shop_as_owner();
    let message = |message: OutgoingMessage| SendRequest {
        message: Some(message),
        ..SendRequest::default()
    };
    let replies = |count: usize, title: &str, payload: &str| OutgoingMessage {
        quick_replies: vec![QuickReply::text(title, payload); count],
        ..OutgoingMessage::text("which?")
    };
    let long = |length: usize| "x".repeat(length);
    let mut both = OutgoingMessage::attachment(OutgoingAttachment::image("https://cdn.example/1"));
    both.text = Some("and".to_owned());
    let mut by_id = OutgoingAttachment::image("");
    by_id.payload.url = None;
    by_id.payload.attachment_id = Some("5".to_owned());
    let template = OutgoingAttachment {
        kind: "template".to_owned(),
        ..OutgoingAttachment::default()
    };
    let unknown = OutgoingAttachment {
        kind: "hologram".to_owned(),
        ..OutgoingAttachment::default()
    };
    let noted = OutgoingMessage {
        metadata: Some(long(limits::MESSAGE_METADATA + 1)),
        ..OutgoingMessage::text("hello")
    };
    let with_action = SendRequest {
        sender_action: Some(SenderAction::TypingOn),
        ..message(OutgoingMessage::text("hello"))
    };
    let misfit = serde_json::from_value(json!({"message": "hello"})).unwrap();
    for (what, request, refusal) in [
        ("nothing to send", SendRequest::default(), PARAMETER),
        ("a message that is a string", misfit, PARAMETER),
        ("message and action", with_action, (100, Some(2_018_014))),
        ("empty text", message(OutgoingMessage::text(" ")), PARAMETER),
        (
            "empty message",
            message(OutgoingMessage::default()),
            PARAMETER,
        ),
        ("text and attachment", message(both), PARAMETER),
        (
            "long text",
            message(OutgoingMessage::text(long(2001))),
            PARAMETER,
        ),
        ("long metadata", message(noted), PARAMETER),
        (
            "14 quick replies",
            message(replies(14, "a", "b")),
            PARAMETER,
        ),
        ("no title", message(replies(1, "", "b")), PARAMETER),
        ("long title", message(replies(1, &long(21), "b")), PARAMETER),
        (
            "long payload",
            message(replies(1, "a", &long(1001))),
            PARAMETER,
        ),
        (
            "unknown id",
            message(OutgoingMessage::attachment(by_id)),
            (100, Some(2_018_074)),
        ),
        (
            "no template",
            message(OutgoingMessage::attachment(template)),
            PARAMETER,
        ),
        (
            "unknown kind",
            message(OutgoingMessage::attachment(unknown)),
            PARAMETER,
        ),
    ] {
        let request = SendRequest {
            recipient: rules.to_ana(),
            ..request
        };
        assert_eq!(refused(rules.send(&BOT, &request)), refusal, "{what}");
    }
    let nobody = SendRequest {
        recipient: Recipient::default(),
        ..rules.text("hello")
    };
    assert_eq!(refused(rules.send(&SHOP, &nobody)), PARAMETER);
    let stranger = SendRequest {
        recipient: Recipient::id("42"),
        ..rules.text("hello")
    };
    assert_eq!(refused(rules.send(&BOT, &stranger)), (100, Some(2_018_001)));

    let most = message(OutgoingMessage {
        metadata: Some(long(limits::MESSAGE_METADATA)),
        text: Some("ä".repeat(limits::TEXT_CHARS_MESSENGER)),
        ..replies(13, &long(20), &long(1000))
    });
    let most = SendRequest {
        recipient: rules.to_ana(),
        ..most
    };
    assert!(rules.send(&SHOP, &most).is_ok(), "limits are in reach");
}

#[test]
fn sender_actions_show_on_the_phone_and_cause_no_webhooks() {
    let mut rules = Rules::with_bot_as_owner();
    let action = |rules: &mut Rules, action, payload: serde_json::Value| {
        let mut request = SendRequest {
            recipient: rules.to_ana(),
            sender_action: Some(action),
            ..SendRequest::default()
        };
        request.extra.insert("payload".to_owned(), payload);
        rules.send(&BOT, &request)
    };
    let thread = |rules: &Rules| rules.platform.threads()[0].clone();

    let typed = action(&mut rules, SenderAction::TypingOn, json!(null)).unwrap();
    assert_eq!(typed.deliveries, []);
    assert_eq!(typed.value.message_id, None);
    assert_eq!(typed.value.recipient_id, Some(rules.ana.clone()));
    assert!(thread(&rules).typing_until(rules.now).is_some());
    rules.later(20_000);
    assert_eq!(
        thread(&rules).typing_until(rules.now),
        None,
        "it ends by itself"
    );
    action(&mut rules, SenderAction::TypingOn, json!(null)).unwrap();
    action(&mut rules, SenderAction::TypingOff, json!(null)).unwrap();
    assert_eq!(thread(&rules).typing_until(rules.now), None);

    action(&mut rules, SenderAction::MarkSeen, json!(null)).unwrap();
    assert_eq!(thread(&rules).seen_until, Some(rules.now));

    let mid = thread(&rules).messages().next().unwrap().mid.clone();
    let heart = json!({"message_id": mid, "reaction": "❤️"});
    action(&mut rules, SenderAction::React, heart.clone()).unwrap();
    assert_eq!(
        thread(&rules)
            .messages()
            .next()
            .unwrap()
            .reaction
            .as_deref(),
        Some("❤️")
    );
    action(&mut rules, SenderAction::Unreact, heart).unwrap();
    assert_eq!(thread(&rules).messages().next().unwrap().reaction, None);
    assert_eq!(
        refused(action(&mut rules, SenderAction::React, json!({}))),
        PARAMETER
    );
}

#[test]
fn sender_actions_are_the_owners_alone() {
    let mut rules = Rules::with_bot_as_owner();
    let request = SendRequest {
        recipient: rules.to_ana(),
        sender_action: Some(SenderAction::TypingOn),
        ..SendRequest::default()
    };
    assert_eq!(refused(rules.send(&SHOP, &request)), NOT_OWNER);
}

#[test]
fn the_phone_shows_who_wrote_what() {
    let mut rules = Rules::with_bot_as_owner();
    rules.says(&BOT, "one moment").unwrap();
    rules.pass(&BOT, Some(&INBOX)).unwrap();
    rules
        .platform
        .inbox_reply(&rules.ana, "this is Ben", rules.now)
        .unwrap();
    let thread = &rules.platform.threads()[0];
    let said: Vec<_> = thread
        .messages()
        .map(|message| (message.author.clone(), message.text.as_deref().unwrap()))
        .collect();
    assert_eq!(
        said,
        [
            (MessageAuthor::Person, "hello"),
            (MessageAuthor::App(BOT), "one moment"),
            (MessageAuthor::App(INBOX), "this is Ben"),
        ]
    );
}

#[test]
fn every_echo_of_the_inbox_carries_its_id() {
    let mut rules = Rules::with_bot_as_owner();
    let said = rules
        .platform
        .inbox_reply(&rules.ana, "this is Ben", rules.now)
        .unwrap();
    let echoes = said
        .deliveries
        .iter()
        .filter_map(|one| match &one.event.body {
            EventBody::Echo(echo) => Some((one.app.clone(), echo.app_id.clone().unwrap())),
            _ => None,
        });
    assert_eq!(echoes.collect::<Vec<_>>(), [(BOT, INBOX), (SHOP, INBOX)]);
}
