//! Whatever arrives, reading copes, and what was read survives being written.

use handover_protocol::{
    AppId, Attachment, AttachmentPayload, Channel, Delivery, Envelope, Event, EventBody, Message,
    Optin, Party, PassThreadControl, Postback, QuickReplyChoice, Reaction, ReadError, Referral,
    ReferredProduct, ReplyTo, SendRequest, TakeThreadControl, ThreadOwners, Timestamp, read,
};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Map, Value, json};

/// Keys the reader looks for, so that arbitrary JSON gets into its corners.
const KEYS: &[&str] = &[
    "object",
    "entry",
    "id",
    "time",
    "messaging",
    "messaging:",
    "standby",
    "changes",
    "calls",
    "field",
    "value",
    "sender",
    "recipient",
    "timestamp",
    "message",
    "postback",
    "delivery",
    "read",
    "reaction",
    "referral",
    "optin",
    "account_linking",
    "pass_thread_control",
    "take_thread_control",
    "request_thread_control",
    "app_roles",
    "message_edit",
    "policy_enforcement",
    "policy-enforcement",
    "messaging_feedback",
    "feedback_screens",
    "questions",
    "order",
    "products",
    "template",
    "created_time",
    "comments",
    "hop_context",
    "from",
    "foo",
    "mid",
    "text",
    "is_echo",
    "attachments",
    "payload",
    "app_id",
    "previous_owner_app_id",
    "mids",
    "watermark",
    "quick_replies",
    "thread_control",
    "data",
    "",
];

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-1e6..1e6).prop_map(Value::from),
        select(vec![
            "page",
            "true",
            "5",
            "1458692752478",
            "feed",
            "foo",
            "group_feed",
            "marketing_message_reads",
            ""
        ])
        .prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ]
}

fn any_json() -> BoxedStrategy<Value> {
    let key = prop_oneof![9 => select(KEYS).prop_map(str::to_owned), 1 => any::<String>()];
    scalar()
        .prop_recursive(8, 96, 6, move |inner| {
            prop_oneof![
                vec(inner.clone(), 0..5).prop_map(Value::from),
                btree_map(key.clone(), inner, 0..6)
                    .prop_map(|entries| Value::Object(entries.into_iter().collect())),
            ]
        })
        .boxed()
}

fn text() -> impl Strategy<Value = Option<String>> {
    option::of(any::<String>())
}

fn app() -> impl Strategy<Value = Option<AppId>> {
    option::of(prop_oneof![
        any::<u64>().prop_map(AppId::from),
        any::<String>().prop_map(AppId::new)
    ])
}

fn time() -> impl Strategy<Value = Option<Timestamp>> {
    option::of(any::<i64>().prop_map(Timestamp::from_millis))
}

fn referral() -> impl Strategy<Value = Referral> {
    (text(), text(), text(), text()).prop_map(|(ref_, source, kind, ad_id)| Referral {
        ref_,
        source,
        kind,
        ad_id,
        product: Some(ReferredProduct {
            id: Some("P".into()),
            ..Default::default()
        }),
        ..Default::default()
    })
}

fn attachment() -> impl Strategy<Value = Attachment> {
    (any::<String>(), text(), option::of(any::<u64>()), text()).prop_map(
        |(kind, url, sticker_id, title)| Attachment {
            kind,
            title,
            payload: Some(AttachmentPayload {
                url,
                sticker_id,
                ..Default::default()
            }),
            ..Default::default()
        },
    )
}

fn message() -> BoxedStrategy<Message> {
    (
        text(),
        text(),
        option::of(text()),
        vec(attachment(), 0..3),
        option::of(referral()),
        app(),
        text(),
    )
        .prop_map(
            |(mid, text, choice, attachments, referral, app_id, metadata)| Message {
                reply_to: mid.clone().map(|mid| ReplyTo {
                    mid: Some(mid),
                    ..Default::default()
                }),
                quick_reply: choice.map(|payload| QuickReplyChoice {
                    payload,
                    ..Default::default()
                }),
                mid,
                text,
                attachments,
                referral,
                app_id,
                metadata,
                ..Default::default()
            },
        )
        .boxed()
}

fn body() -> BoxedStrategy<EventBody> {
    prop_oneof![
        message().prop_map(EventBody::Message),
        message().prop_map(|message| EventBody::Echo(Message {
            is_echo: true,
            ..message
        })),
        (text(), text(), option::of(referral())).prop_map(|(title, payload, referral)| {
            EventBody::Postback(Postback {
                title,
                payload,
                referral,
                ..Default::default()
            })
        }),
        (vec(any::<String>(), 0..3), time()).prop_map(|(mids, watermark)| {
            EventBody::Delivery(Delivery {
                mids,
                watermark,
                ..Default::default()
            })
        }),
        (text(), text(), text()).prop_map(|(emoji, action, mid)| {
            EventBody::Reaction(Reaction {
                emoji,
                action,
                mid,
                ..Default::default()
            })
        }),
        referral().prop_map(EventBody::Referral),
        (text(), text(), text()).prop_map(|(kind, ref_, payload)| {
            EventBody::Optin(Optin {
                kind,
                ref_,
                payload,
                ..Default::default()
            })
        }),
        (app(), app(), text()).prop_map(|(previous_owner_app_id, new_owner_app_id, metadata)| {
            EventBody::PassThreadControl(PassThreadControl {
                previous_owner_app_id,
                new_owner_app_id,
                metadata,
                ..Default::default()
            })
        }),
        (app(), app()).prop_map(|(previous_owner_app_id, new_owner_app_id)| {
            EventBody::TakeThreadControl(TakeThreadControl {
                previous_owner_app_id,
                new_owner_app_id,
                ..Default::default()
            })
        }),
        any_json().prop_map(|value| EventBody::Unknown {
            name: "balloon".into(),
            value
        }),
    ]
    .boxed()
}

fn event() -> BoxedStrategy<Event> {
    let party = || option::of(any::<u64>().prop_map(|id| Party::id(id.to_string())));
    (party(), party(), time(), body())
        .prop_map(|(sender, recipient, timestamp, body)| Event {
            sender,
            recipient,
            timestamp,
            body,
            extra: Map::from_iter([("hop_context".to_owned(), json!({"app_id": 5}))]),
        })
        .boxed()
}

/// Puts a value, or nothing, in the place of one that is somewhere in the JSON.
fn mutate(json: &mut Value, path: &[Index], replacement: Option<Value>) {
    match (json, path) {
        (Value::Object(entries), [step, rest @ ..]) if !entries.is_empty() => {
            let keys: Vec<String> = entries.keys().cloned().collect();
            let key = step.get(&keys);
            if rest.is_empty() && replacement.is_none() {
                entries.remove(key);
            } else {
                mutate(&mut entries[key], rest, replacement);
            }
        }
        (Value::Array(items), [step, rest @ ..]) if !items.is_empty() => {
            let at = step.index(items.len());
            mutate(&mut items[at], rest, replacement);
        }
        (json, _) => *json = replacement.unwrap_or_default(),
    }
}

fn entry(items: [&Value; 3]) -> Value {
    json!({"object": "page", "entry": [{"id": "7", "time": 1458692752500_i64, "messaging": items}]})
}

/// Whether the escapes of a JSON string are such.
fn is_grammatical(text: &str) -> bool {
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        let ok = char != '\\'
            || match chars.next() {
                Some('u') => {
                    (0..4).all(|_| chars.next().is_some_and(|digit| digit.is_ascii_hexdigit()))
                }
                escaped => escaped.is_some_and(|char| "\\/bfnrt".contains(char)),
            };
        if !ok {
            return false;
        }
    }
    true
}

proptest! {
    #[test]
    fn any_json_is_read(json in any_json()) {
        prop_assert!(read(json.to_string().as_bytes()).is_ok());
    }

    #[test]
    fn any_item_is_one_event(item in any_json()) {
        let body = entry([&item, &item, &item]);
        prop_assert_eq!(read(body.to_string().as_bytes()).unwrap().received.len(), 3);
    }

    #[test]
    fn any_bytes_are_read_or_refused(body in vec(any::<u8>(), 0..64)) {
        let refused_as_text = matches!(read(&body), Err(ReadError::NotUtf8 { .. }));
        prop_assert_eq!(refused_as_text, std::str::from_utf8(&body).is_err());
    }

    #[test]
    fn json_that_is_cut_off_is_refused(json in event(), cut in any::<Index>()) {
        let body = entry([&serde_json::to_value(json).unwrap(), &json!({}), &json!({})]).to_string();
        let cut = &body.as_bytes()[..1 + cut.index(body.len() - 1)];
        let refused = matches!(read(cut), Err(ReadError::NotJson { .. } | ReadError::NotUtf8 { .. }));
        prop_assert!(refused);
    }

    #[test]
    fn escapes_of_any_kind_are_read_or_refused(text in "(\\\\|u|d|D|[0-9a-f]|e|é|\\\\ud83d|\\\\ude00){0,24}") {
        let body = format!("\"{text}\"");
        prop_assert_eq!(read(body.as_bytes()).is_ok(), is_grammatical(&text), "{}", body);
    }

    #[test]
    fn an_odd_item_does_not_spoil_its_neighbours(
        first in event(),
        odd in event(),
        last in event(),
        path in vec(any::<Index>(), 1..4),
        replacement in option::of(any_json()),
    ) {
        let [first_json, mut odd_json, last_json] =
            [&first, &odd, &last].map(|event| serde_json::to_value(event).unwrap());
        mutate(&mut odd_json, &path, replacement);
        let body = entry([&first_json, &odd_json, &last_json]).to_string();
        let received = read(body.as_bytes()).unwrap().received;
        prop_assert_eq!(received.len(), 3);
        prop_assert!(received.iter().all(|received| received.channel == Channel::Messaging));
        prop_assert_eq!(&received[0].event, &first);
        prop_assert_eq!(&received[2].event, &last);
    }

    #[test]
    fn an_event_that_is_written_reads_the_same(event in event()) {
        let json = serde_json::to_string(&event).unwrap();
        prop_assert_eq!(serde_json::from_str::<Event>(&json).unwrap(), event);
    }

    #[test]
    fn an_item_that_is_read_is_written_to_read_the_same(item in any_json()) {
        let event = Event::from(item);
        let written = serde_json::to_value(&event).unwrap();
        prop_assert_eq!(Event::from(written), event);
    }

    #[test]
    fn nothing_of_an_item_is_lost(text in any::<String>(), item in any_json()) {
        let item = json!({"sender": {"id": "9", "new": text}, "new": item, "message":
            {"text": item, "new": item, "attachments": item}});
        let written = serde_json::to_value(Event::from(item.clone())).unwrap();
        prop_assert_eq!(&written["sender"], &item["sender"]);
        prop_assert_eq!(&written["new"], &item["new"]);
        prop_assert_eq!(&written["message"]["new"], &item["message"]["new"]);
    }

    #[test]
    fn any_object_is_a_request_and_an_answer(json in any_json()) {
        if json.is_object() {
            let request: SendRequest = serde_json::from_value(json.clone()).unwrap();
            let written = serde_json::to_value(&request).unwrap();
            prop_assert_eq!(serde_json::from_value::<SendRequest>(written).unwrap(), request);
            prop_assert!(serde_json::from_value::<ThreadOwners>(json.clone()).is_ok());
            prop_assert!(serde_json::from_value::<Envelope>(json).is_ok());
        }
    }
}
