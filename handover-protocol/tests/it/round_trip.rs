//! What is written reads the same, and is written as the platform writes it.

use std::collections::{BTreeMap, BTreeSet};

use crate::support::{add_news, shape};
use handover_protocol::{
    AppId, AppRoles, Change, Channel, Delivery, Entry, Envelope, Event, EventBody, Message, Object,
    Party, PassThreadControl, Postback, Received, RequestThreadControl, TakeThreadControl,
    Timestamp, read,
};
use serde_json::{Map, Value, json};

fn from_person(body: EventBody) -> Event {
    Event {
        sender: Some(Party::id("9")),
        recipient: Some(Party::id("7")),
        timestamp: Some(Timestamp::from_millis(1458692752478)),
        body,
        extra: Map::new(),
    }
}

/// What an event of a person is written as, beside its sides and its time.
fn written(body: EventBody) -> Value {
    let event = from_person(body);
    let json = serde_json::to_value(&event).unwrap();
    assert_eq!(
        serde_json::from_value::<Event>(json.clone()).unwrap(),
        event
    );
    let Value::Object(mut item) = json else {
        panic!("{json}")
    };
    assert_eq!(item.remove("sender"), Some(json!({"id": "9"})));
    assert_eq!(item.remove("recipient"), Some(json!({"id": "7"})));
    assert_eq!(item.remove("timestamp"), Some(json!(1458692752478_i64)));
    Value::Object(item)
}

#[test]
fn app_ids_in_events_are_numbers() {
    let metadata = Some("ticket 7".to_owned());
    assert_eq!(
        written(EventBody::PassThreadControl(PassThreadControl {
            previous_owner_app_id: Some(AppId::LEADGEN),
            new_owner_app_id: Some(AppId::from("5")),
            metadata: metadata.clone(),
            ..Default::default()
        })),
        json!({"pass_thread_control": {"previous_owner_app_id": 413038776280800_u64,
            "new_owner_app_id": 5, "metadata": "ticket 7"}}),
    );
    assert_eq!(
        written(EventBody::TakeThreadControl(TakeThreadControl {
            previous_owner_app_id: Some(AppId::from("5")),
            new_owner_app_id: Some(AppId::PAGE_INBOX),
            ..Default::default()
        })),
        json!({"take_thread_control":
            {"previous_owner_app_id": 5, "new_owner_app_id": 263902037430900_u64}}),
    );
    assert_eq!(
        written(EventBody::RequestThreadControl(RequestThreadControl {
            requested_owner_app_id: Some(AppId::from("5")),
            metadata,
            ..Default::default()
        })),
        json!({"request_thread_control": {"requested_owner_app_id": 5, "metadata": "ticket 7"}}),
    );
    let app_id = Some(AppId::from("no number"));
    assert_eq!(
        written(EventBody::Echo(Message {
            is_echo: true,
            app_id,
            ..Default::default()
        })),
        json!({"message": {"is_echo": true, "app_id": "no number"}}),
    );
}

#[test]
fn passing_an_idle_thread_says_that_nobody_had_it() {
    assert_eq!(
        written(EventBody::PassThreadControl(PassThreadControl::default())),
        json!({"pass_thread_control": {"previous_owner_app_id": null}}),
    );
    assert_eq!(
        written(EventBody::TakeThreadControl(TakeThreadControl::default())),
        json!({"take_thread_control": {}}),
    );
}

#[test]
fn what_is_absent_is_not_written() {
    assert_eq!(
        written(EventBody::Message(Message::default())),
        json!({"message": {}})
    );
    assert_eq!(
        written(EventBody::Postback(Postback::default())),
        json!({"postback": {}})
    );
    assert_eq!(
        written(EventBody::Delivery(Delivery::default())),
        json!({"delivery": {}})
    );
    assert_eq!(written(EventBody::default()), json!({}));
    assert_eq!(serde_json::to_value(Event::default()).unwrap(), json!({}));
}

#[test]
fn an_echo_is_written_as_one() {
    let forgetful = Event {
        body: EventBody::Echo(Message {
            text: Some("hi".into()),
            ..Default::default()
        }),
        ..Default::default()
    };
    let json = serde_json::to_value(&forgetful).unwrap();
    assert_eq!(json, json!({"message": {"is_echo": true, "text": "hi"}}));
}

#[test]
fn roles_and_unknown_kinds_are_written_under_their_key() {
    let roles = BTreeMap::from([(AppId::from(5), vec!["primary_receiver".to_owned()])]);
    assert_eq!(
        written(EventBody::AppRoles(AppRoles { roles })),
        json!({"app_roles": {"5": ["primary_receiver"]}}),
    );
    let balloon = EventBody::Unknown {
        name: "balloon".into(),
        value: json!({"colour": "red"}),
    };
    assert_eq!(written(balloon), json!({"balloon": {"colour": "red"}}));
}

#[test]
fn an_item_that_names_its_field_is_written_flat() {
    let item = json!({"recipient": {"id": "7"}, "field": "group_feed", "item": "comment",
        "message": "in blue?", "from": {"id": "9"}});
    let event: Event = serde_json::from_value(item.clone()).unwrap();
    assert_eq!(event.body.kind(), "group_feed");
    assert_eq!(serde_json::to_value(event).unwrap(), item);
}

#[test]
fn keys_come_in_the_order_the_documentation_prints_them() {
    let mut event = from_person(EventBody::Message(Message {
        text: Some("hi".into()),
        mid: Some("m_1".into()),
        extra: Map::from_iter([("zebra".to_owned(), json!({}))]),
        ..Default::default()
    }));
    event.extra.insert("hop_context".into(), json!(null));
    assert_eq!(
        serde_json::to_string(&event).unwrap(),
        r#"{"sender":{"id":"9"},"recipient":{"id":"7"},"timestamp":1458692752478,"message":{"mid":"m_1","text":"hi","zebra":{}},"hop_context":null}"#,
    );
}

#[test]
fn everything_the_platform_says_survives() {
    for item in [
        json!({"sender": {"id": "9", "name": "N"}, "recipient": {"id": "7"}, "message": {"mid": "m_1",
            "attachments": [{"type": "location", "title": "T", "url": "U", "payload": {"coordinates":
                {"lat": 0, "long": -122.5, "alt": 3}, "sticker_id": 5, "more": [1]}, "extra": {}}],
            "reply_to": {"story": {"url": "U", "id": "I", "x": 1}, "is_self_reply": false},
            "referral": {"product": {"id": "P"}, "ref": "R", "type": "OPEN_THREAD", "x": null},
            "quick_reply": {"payload": "P", "x": 1}, "is_deleted": true, "zebra": []}}),
        json!({"sender": {"user_ref": "U"}, "postback": {"mid": "m", "title": "T", "payload": "P"}}),
        json!({"optin": {"type": "one_time_notif_req", "ref": "R", "user_ref": "U", "payload": "P",
            "title": "T", "one_time_notif_token": "TOKEN"}, "prior_message": {"source": "s"}}),
        json!({"delivery": {"mids": ["m_1", "m_2"], "watermark": 1458668856253_i64, "seq": 37}}),
        json!({"reaction": {"reaction": "love", "emoji": "❤️", "action": "react", "mid": "m_1"}}),
        json!({"account_linking": {"status": "linked", "authorization_code": "CODE"}}),
        json!({"sender": "odd", "timestamp": "odd", "message": {"text": {"odd": 1}, "is_echo": 1}}),
        json!({"pass_thread_control": {"previous_owner_app_id": {"odd": 1}, "metadata": {"odd": 1}}}),
        json!({"postback": {}, "referral": {"ref": "R"}, "message": "odd"}),
        json!({"foo": {"watermark": 1}, "bar": 2}),
        json!({"policy_enforcement": null, "policy-enforcement": {"action": "block"}}),
        json!({"foo": {"field": "foo"}, "bar": 2}),
        json!("no object"),
        json!(["no", "object"]),
    ] {
        let event: Event = serde_json::from_value(item.clone()).unwrap();
        assert_eq!(serde_json::to_value(event).unwrap(), item);
    }
}

/// What the platform prints in several ways is written in one: an id that is quoted or not, `null` for
/// what is not there. All else is written as it was.
fn says_the_same(written: &Value, read: &Value) -> bool {
    let is_nothing = |value: &Value| value.is_null();
    match (written, read) {
        (Value::Object(written), Value::Object(read)) => {
            let keys = written.keys().chain(read.keys());
            keys.collect::<BTreeSet<_>>().into_iter().all(|key| {
                let [written, read] = [written, read].map(|map| map.get(key));
                match (written, read) {
                    (Some(written), Some(read)) => says_the_same(written, read),
                    (one, other) => one.or(other).is_some_and(is_nothing),
                }
            })
        }
        (Value::Array(written), Value::Array(read)) => {
            written.len() == read.len()
                && written
                    .iter()
                    .zip(read)
                    .all(|(written, read)| says_the_same(written, read))
        }
        (Value::Number(number), Value::String(text))
        | (Value::String(text), Value::Number(number)) => number.to_string() == *text,
        (written, read) => written == read,
    }
}

#[test]
fn however_it_is_spelt_nothing_is_lost() {
    for mut item in [
        json!({"take_thread_control": {"previous_owner_app_id": "123456789",
            "new_owner_app_id": "263902037430900", "metadata": null}}),
        json!({"pass_thread_control": {"previous_owner_app_id": null, "new_owner_app_id": 5,
            "thread_control_metadata": {"text": "T"}}}),
        json!({"pass_thread_control": {"metadata": "messenger_lead_gen_complete"}}),
        json!({"request_thread_control": {"requested_owner_app_id": "5", "metadata": ""}}),
        json!({"recipient": {"id": 7}, "sender": {"id": 9}, "timestamp": "1458692752478", "message":
            {"is_echo": true, "app_id": "5", "seq": 3, "attachments": [{"type": "fallback",
            "payload": null, "title": "T", "url": "U"}]}}),
        json!({"recipient": {"id": "7"}, "timestamp": 1234567890, "optin": {"user_ref": "U",
            "notification_messages_timezone": "UTC", "token_expiry_timestamp": "2145916800000"}}),
        json!({"timestamp": 1665424533, "referral": {"ref": "R", "type": "LEAD_COMPLETE"},
            "lead": {"data": [{"question": "Q", "answer": "A"}]}}),
        json!({"timestamp": 1665424533, "message": {"text": "Lead summary: …"},
            "hop_context": {"app_id": 498721317747541_u64, "metadata": "M"}}),
        json!({"message_edit": {"mid": "m_1", "text": "T", "num_edit": "1"}}),
        json!({"delivery": {"watermark": 1458668856, "seq": 37}}),
        json!({"order": {"products": [{"id": "123", "unit_price": 10, "quantity": "2"}]}}),
        json!({"postback": {"title": "T"}, "sender": {"user_ref": "U"}}),
        json!({"field": "marketing_message_clicks", "recipient_id": "123", "page_id": 140,
            "timestamp": 41412414141_u64, "message_id": 124}),
    ] {
        for news in [false, true] {
            if news {
                add_news(&mut item);
            }
            let written = serde_json::to_value(Event::from(item.clone())).unwrap();
            assert!(says_the_same(&written, &item), "{item} became {written}");
        }
    }
}

#[test]
fn entries_of_every_kind_keep_their_times() {
    for envelope in [
        json!({"object": "page", "entry": [{"id": "7", "time": 1520383571, "changes":
            [{"field": "feed", "value": {"item": "comment", "created_time": 1520383571}}]}]}),
        json!({"object": "page", "entry": [{"id": "7", "time": 1671644824, "calls":
            [{"id": "c_1", "event": "connect", "timestamp": 1671644824}]}]}),
        json!({"object": "page", "entry": [{"id": "7", "time": 1574175286359_i64, "standby":
            [{"sender": {"id": "9"}, "recipient": {"id": "7"}, "postback": {}}]}]}),
        json!({"object": "page", "entry": [
            {"id": "7", "messaging": [{"sender": {"id": "9"}, "message": {"mid": "m"}}]},
            {"id": "8", "messaging": [{"sender": {"id": "9"}, "timestamp": 1665424533,
                "read": {"mid": "m"}}]}]}),
    ] {
        shape::<Envelope>(envelope);
    }
}

#[test]
fn a_new_value_takes_the_place_of_the_odd_one() {
    let mut message: Message = serde_json::from_value(json!({"text": {"odd": 1}})).unwrap();
    message.text = Some("new".into());
    assert_eq!(
        serde_json::to_string(&message).unwrap(),
        r#"{"text":"new"}"#
    );
}

#[test]
fn an_envelope_that_is_written_is_read() {
    let message = from_person(EventBody::Message(Message::default()));
    let postback = from_person(EventBody::Postback(Postback::default()));
    let envelope = Envelope {
        object: Object::Instagram,
        entry: vec![
            Entry {
                id: "7".into(),
                time: Some(Timestamp::from_millis(1458692752500)),
                messaging: vec![message.clone()],
                standby: vec![postback.clone()],
                changes: vec![Change {
                    field: "feed".into(),
                    value: json!(1),
                    ..Default::default()
                }],
                extra: Map::from_iter([("hop_context".to_owned(), Value::Null)]),
                ..Default::default()
            },
            Entry {
                id: "8".into(),
                ..Default::default()
            },
        ],
        ..Default::default()
    };
    let json = serde_json::to_value(&envelope).unwrap();
    assert_eq!(json["entry"][1], json!({"id": "8"}));
    assert_eq!(
        serde_json::from_value::<Envelope>(json.clone()).unwrap(),
        envelope
    );

    let received = |channel, event| Received {
        object: Object::Instagram,
        account: "7".into(),
        channel,
        time: Some(Timestamp::from_millis(1458692752500)),
        extra: Map::from_iter([("hop_context".to_owned(), Value::Null)]),
        event,
    };
    let odd_feed = EventBody::Unknown {
        name: "feed".into(),
        value: json!(1),
    };
    assert_eq!(
        read(json.to_string().as_bytes()).unwrap().received,
        [
            received(Channel::Messaging, message),
            received(Channel::Standby, postback),
            received(
                Channel::Changes,
                Event {
                    body: odd_feed,
                    ..Default::default()
                }
            ),
        ]
    );
}

#[test]
fn a_received_event_can_be_put_aside_and_taken_up_again() {
    let body = br#"[{"object":"page","entry":[{"id":"7","time":1458692752500,"hop_context":null,
        "standby":[{"sender":{"id":"9"},"message":{"mid":"m_1"}}],
        "changes":[{"field":"feed","value":{"item":"post"}}],"calls":[{"id":"c_1"}]}]}]"#;
    for received in read(body).unwrap().received {
        let json = serde_json::to_string(&received).unwrap();
        assert_eq!(serde_json::from_str::<Received>(&json).unwrap(), received);
    }
}
