//! What the person does, and who hears of it.

use crate::stage::{BOT, DAY, INBOX, PAGE, SHOP, Stage, tells, told};
use handover_protocol::Channel::{Messaging, Standby};
use handover_protocol::{EventBody, OutgoingMessage, QuickReply, SendRequest};
use handover_sim::platform::{ActError, Delivery};
use serde_json::json;

/// The postback payload each app sees, in the order of delivery.
fn payloads(deliveries: &[Delivery]) -> Vec<Option<String>> {
    deliveries
        .iter()
        .map(|one| match &one.event.body {
            EventBody::Postback(postback) => postback.payload.clone(),
            other => panic!("not a postback: {}", other.kind()),
        })
        .collect()
}

fn some(payload: &str) -> Option<String> {
    Some(payload.to_owned())
}

impl Stage {
    /// The bot asks with a template of two buttons and a link between them.
    fn bot_asks(&mut self) -> String {
        let attachment = json!({"type": "template", "payload": {"template_type": "generic",
        "elements": [
            {"title": "A", "buttons": [{"type": "postback", "title": "Buy", "payload": "A"},
                                       {"type": "web_url", "title": "See", "url": "https://a.example"}]},
            {"title": "B", "buttons": [{"type": "postback", "title": "Buy", "payload": "B"}]},
        ]}});
        let request = SendRequest {
            message: Some(OutgoingMessage::attachment(
                serde_json::from_value(attachment).unwrap(),
            )),
            ..self.text("")
        };
        self.send(&BOT, &request).unwrap().value.message_id.unwrap()
    }

    fn bot_offers(&mut self, titles: &[&str]) {
        let mut request = self.text("which?");
        let replies = titles
            .iter()
            .map(|title| QuickReply::text(*title, title.to_uppercase()));
        request.message.as_mut().unwrap().quick_replies = replies.collect();
        self.send(&BOT, &request).unwrap();
    }
}

#[test]
fn with_conversation_routing_the_owner_gets_messaging_and_the_others_standby() {
    let mut stage = Stage::routed();
    let said = stage.ana_says("hello");
    assert_eq!(
        told(&said),
        tells([(BOT, Messaging, "message"), (SHOP, Standby, "message")])
    );
    stage.pass(&BOT, Some(&SHOP)).unwrap();
    let said = stage.ana_says("hello");
    assert_eq!(
        told(&said),
        tells([(BOT, Standby, "message"), (SHOP, Messaging, "message")])
    );
    stage.pass(&SHOP, Some(&INBOX)).unwrap();
    let said = stage.ana_says("hello");
    assert_eq!(
        told(&said),
        tells([(BOT, Standby, "message"), (SHOP, Standby, "message")])
    );
}

#[test]
fn without_conversation_routing_everybody_gets_messaging() {
    let mut stage = Stage::zero_config();
    let everybody = tells([(BOT, Messaging, "message"), (SHOP, Messaging, "message")]);
    assert_eq!(told(&stage.ana_says("hello")), everybody);
    stage.pass(&SHOP, Some(&SHOP)).unwrap();
    assert_eq!(told(&stage.ana_says("hello")), everybody);
}

#[test]
fn a_message_has_the_platforms_shape() {
    let mut stage = Stage::routed();
    let said = stage
        .platform
        .say(&stage.ana, "Grüß Gott", stage.now)
        .unwrap();
    let at = stage.now.as_millis();
    assert_eq!(
        serde_json::to_value(said.deliveries[0].envelope()).unwrap(),
        json!({"object": "page", "entry": [{"id": PAGE, "time": at, "messaging": [{
            "sender": {"id": stage.ana}, "recipient": {"id": PAGE}, "timestamp": at,
            "message": {"mid": said.value, "text": "Grüß Gott"},
        }]}]})
    );
}

#[test]
fn nothing_is_not_a_message() {
    let mut stage = Stage::routed();
    assert_eq!(
        stage.platform.say(&stage.ana, " \n", stage.now),
        Err(ActError::Empty)
    );
    assert_eq!(stage.owner(), None);
}

#[test]
fn get_started_is_for_empty_threads_and_carries_its_payload_to_the_routed_app() {
    let mut stage = Stage::routed();
    let started = stage.platform.get_started(&stage.ana, stage.now).unwrap();
    assert_eq!(stage.owner(), Some(BOT));
    let both = tells([(BOT, Messaging, "postback"), (SHOP, Standby, "postback")]);
    assert_eq!(told(&started.deliveries), both);
    assert_eq!(payloads(&started.deliveries), [some("GET_STARTED"), None]);
    assert_eq!(
        stage.platform.get_started(&stage.ana, stage.now),
        Err(ActError::AlreadyStarted)
    );
}

#[test]
fn a_quick_reply_is_a_message_with_its_payload() {
    let mut stage = Stage::with_bot_as_owner();
    stage.bot_offers(&["Red", "Blue"]);
    let tapped = stage
        .platform
        .tap_quick_reply(&stage.ana, "Blue", stage.now)
        .unwrap();
    let EventBody::Message(message) = &tapped.deliveries[0].event.body else {
        panic!("not a message");
    };
    assert_eq!(message.text.as_deref(), Some("Blue"));
    assert_eq!(message.quick_reply.as_ref().unwrap().payload, some("BLUE"));
}

#[test]
fn quick_replies_are_gone_with_the_next_message() {
    let mut stage = Stage::with_bot_as_owner();
    stage.bot_offers(&["Red"]);
    let green = stage
        .platform
        .tap_quick_reply(&stage.ana, "Green", stage.now);
    let offered = |offered: &[&str]| ActError::NoSuchQuickReply {
        title: "Green".to_owned(),
        offered: offered.iter().map(|title| (*title).to_owned()).collect(),
    };
    assert_eq!(green, Err(offered(&["Red"])));
    stage.ana_says("never mind");
    let green = stage
        .platform
        .tap_quick_reply(&stage.ana, "Green", stage.now);
    assert_eq!(green, Err(offered(&[])));
}

#[test]
fn a_buttons_payload_goes_to_the_app_that_sent_it_whoever_owns_the_thread() {
    let mut stage = Stage::with_bot_as_owner();
    let mid = stage.bot_asks();
    let tapped = stage
        .platform
        .tap_button(&stage.ana, &mid, 2, stage.now)
        .unwrap();
    assert_eq!(payloads(&tapped.deliveries), [some("B"), None]);

    stage.pass(&BOT, Some(&SHOP)).unwrap();
    let tapped = stage
        .platform
        .tap_button(&stage.ana, &mid, 0, stage.now)
        .unwrap();
    let both = tells([(BOT, Messaging, "postback"), (SHOP, Messaging, "postback")]);
    assert_eq!(told(&tapped.deliveries), both);
    assert_eq!(payloads(&tapped.deliveries), [some("A"), None]);
}

#[test]
fn a_button_is_a_postback_of_a_message_that_is_there() {
    let mut stage = Stage::with_bot_as_owner();
    let mid = stage.bot_asks();
    for (mid, index) in [(mid.as_str(), 1), (mid.as_str(), 3), ("m_none", 0)] {
        let tapped = stage.platform.tap_button(&stage.ana, mid, index, stage.now);
        assert!(
            matches!(tapped, Err(ActError::NoSuchButton { .. })),
            "{mid} {index}"
        );
    }
}

#[test]
fn a_tap_counts_as_writing() {
    let mut stage = Stage::with_bot_as_owner();
    let mid = stage.bot_asks();
    stage.later(DAY);
    assert_eq!(stage.owner(), None);
    let before = stage.clone().text("hello");
    assert!(stage.send(&BOT, &before).is_err(), "the window is closed");
    stage
        .platform
        .tap_button(&stage.ana, &mid, 0, stage.now)
        .unwrap();
    assert_eq!(stage.owner(), Some(BOT));
    assert!(stage.send(&BOT, &before).is_ok());
}

#[test]
fn reading_is_told_once_and_opens_nothing() {
    let mut stage = Stage::with_bot_as_owner();
    assert!(
        !stage.platform.read(&stage.ana, stage.now).unwrap().value,
        "nothing to read yet"
    );
    let hello = stage.text("hello");
    stage.send(&BOT, &hello).unwrap();
    stage.later(DAY - 1);
    let read = stage.platform.read(&stage.ana, stage.now).unwrap();
    assert!(read.value);
    let both = tells([(BOT, Messaging, "read"), (SHOP, Standby, "read")]);
    assert_eq!(told(&read.deliveries), both);
    let item = serde_json::to_value(&read.deliveries[0].event).unwrap();
    assert_eq!(item["read"], json!({"watermark": stage.now.as_millis()}));
    assert_eq!(
        stage
            .platform
            .read(&stage.ana, stage.now)
            .unwrap()
            .deliveries,
        []
    );
    stage.later(1);
    assert!(
        stage.send(&BOT, &hello).is_err(),
        "reading does not open the window"
    );
}

#[test]
fn nobody_acts_on_a_thread_that_is_gone() {
    let mut stage = Stage::routed();
    stage.platform.forget_persons();
    let gone = ActError::NoSuchThread(stage.ana.clone());
    assert_eq!(
        stage.platform.say(&stage.ana, "hello", stage.now),
        Err(gone)
    );
}
