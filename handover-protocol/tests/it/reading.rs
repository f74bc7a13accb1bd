//! Bodies of every shape are read; only what is not JSON is refused.

use handover_protocol::{
    AccountId, Channel, EventBody, Object, ReadError, Received, Timestamp, Webhook, read,
};
use serde_json::{Value, json};

fn webhook(body: &Value) -> Webhook {
    read(body.to_string().as_bytes()).unwrap()
}

fn received(body: &Value) -> Vec<Received> {
    webhook(body).received
}

/// Channel, kind and account of every event.
fn summary(body: &Value) -> Vec<String> {
    let line = |r: &Received| format!("{}/{} {}", r.channel, r.event.body.kind(), r.account);
    received(body).iter().map(line).collect()
}

fn hello() -> Value {
    json!({"sender": {"id": "9"}, "recipient": {"id": "7"}, "timestamp": 1458692752478_i64,
           "message": {"mid": "m_1", "text": "hello"}})
}

fn page(entries: &Value) -> Value {
    json!({"object": "page", "entry": entries})
}

#[test]
fn an_envelope_gives_its_events_with_what_it_said_about_them() {
    let body = page(
        &json!([{"id": "7", "time": 1458692752500_i64, "messaging": [hello()],
                            "hop_context": [{"app_id": 5, "metadata": "m"}]}]),
    );
    let webhook = webhook(&body);
    assert_eq!(webhook.objects, [Object::Page]);
    let [received] = &webhook.received[..] else {
        panic!("{webhook:?}")
    };
    assert_eq!(received.object, Object::Page);
    assert_eq!(received.account, "7");
    assert_eq!(received.channel, Channel::Messaging);
    assert_eq!(received.time, Some(Timestamp::from_millis(1458692752500)));
    assert_eq!(
        received.extra["hop_context"],
        json!([{"app_id": 5, "metadata": "m"}])
    );
    assert_eq!(received.extra.len(), 1);
    assert_eq!(
        received.event.timestamp,
        Some(Timestamp::from_millis(1458692752478))
    );
    let EventBody::Message(message) = &received.event.body else {
        panic!("{received:?}")
    };
    assert_eq!(message.text.as_deref(), Some("hello"));
}

#[test]
fn many_entries_and_items_come_in_order() {
    let text = |text: &str| json!({"sender": {"id": "9"}, "message": {"text": text}});
    let body = page(&json!([
        {"id": "1", "messaging": [text("a"), text("b")]},
        {"id": "2", "messaging": []},
        {"id": "3", "standby": [text("c")]},
    ]));
    let texts: Vec<_> = received(&body)
        .into_iter()
        .map(|received| match received.event.body {
            EventBody::Message(message) => (received.account, message.text.unwrap()),
            other => panic!("{other:?}"),
        })
        .collect();
    let expected = [("1", "a"), ("1", "b"), ("3", "c")];
    assert_eq!(
        texts,
        expected.map(|(account, text)| (account.into(), text.to_owned()))
    );
}

#[test]
fn messaging_comes_before_standby_when_an_entry_has_both() {
    let body = page(&json!([{"id": "7", "standby": [{"postback": {}}], "messaging": [hello()]}]));
    assert_eq!(
        summary(&body),
        ["messaging/message 7", "standby/postback 7"]
    );
}

#[test]
fn an_account_may_be_a_number_and_the_time_a_string() {
    let body = page(&json!([{"id": 7, "time": "1458692752478", "messaging": [hello()]}]));
    assert_eq!(received(&body)[0].account, "7");
    assert_eq!(
        received(&body)[0].time,
        Some(Timestamp::from_millis(1458692752478))
    );
}

#[test]
fn a_time_that_is_none_is_kept_as_it_was() {
    let body = page(&json!([{"id": "7", "time": "<TIME>", "messaging": [hello()]}]));
    assert_eq!(received(&body)[0].time, None);
    assert_eq!(received(&body)[0].extra["time"], "<TIME>");
}

#[test]
fn the_account_is_empty_if_the_entry_names_none() {
    let body = page(&json!([{"messaging": [{"message": "TEST_MESSAGE"}]}]));
    let received = &received(&body)[0];
    assert_eq!(received.account, AccountId::from(""));
    let unknown = EventBody::Unknown {
        name: "message".into(),
        value: json!("TEST_MESSAGE"),
    };
    assert_eq!(received.event.body, unknown);
}

#[test]
fn an_unknown_object_is_read_like_any_other() {
    let body = json!({"object": "horse", "entry": [{"id": "7", "messaging": [hello()]}]});
    assert_eq!(webhook(&body).objects, [Object::Other("horse".into())]);
    assert_eq!(received(&body)[0].object.as_str(), "horse");
    assert_eq!(summary(&body), ["messaging/message 7"]);
}

#[test]
fn an_array_of_envelopes_is_read_one_by_one() {
    let instagram = json!({"object": "instagram", "entry": [{"id": "8", "messaging": [hello()]}]});
    let body = json!([
        page(&json!([{"id": "7", "messaging": [hello()]}])),
        null,
        5,
        instagram
    ]);
    assert_eq!(webhook(&body).objects, [Object::Page, Object::Instagram]);
    assert_eq!(
        summary(&body),
        ["messaging/message 7", "messaging/message 8"]
    );
}

#[test]
fn group_feed_is_an_array_of_items_that_name_their_field() {
    let item = json!({"recipient": {"id": "7"}, "from": {"id": "9", "name": "N"}, "item": "comment",
        "verb": "add", "message": "in blue?", "created_time": 1680575789, "field": "group_feed"});
    let body = json!([page(&json!([
        {"id": "7", "time": 1680575902263_i64, "messaging": [item], "hop_context": null}
    ]))]);
    assert_eq!(summary(&body), ["messaging/group_feed 7"]);
    let received = &received(&body)[0];
    assert_eq!(received.extra["hop_context"], Value::Null);
    let EventBody::GroupFeed(post) = &received.event.body else {
        panic!("{received:?}")
    };
    assert_eq!(post.message.as_deref(), Some("in blue?"));
}

#[test]
fn the_test_button_wraps_an_item_in_a_change() {
    let item = json!({"sender": {"id": "12334"}, "recipient": {"id": "23245"},
        "timestamp": "1527459824", "message": {"mid": "test_message_id", "text": "test_message"}});
    let body = page(&json!([
        {"id": "0", "time": 1527459824, "changes": [{"field": "messages", "value": item}]}
    ]));
    assert_eq!(summary(&body), ["changes/message 0"]);
    let event = &received(&body)[0].event;
    assert_eq!(event.timestamp, Some(Timestamp::from_secs(1527459824)));
    assert_eq!(event.mid(), Some("test_message_id"));
}

#[test]
fn the_test_button_may_wrap_any_kind() {
    let item = json!({"sender": {"id": "1"}, "recipient": {"id": "2"},
        "message_edit": {"mid": "m_1", "text": "new", "num_edit": "1"}});
    let body = page(&json!([{"id": "0", "changes": [{"field": "message_edits", "value": item}]}]));
    assert_eq!(summary(&body), ["changes/message_edit 0"]);
    assert_eq!(
        received(&body)[0]
            .event
            .sender
            .as_ref()
            .unwrap()
            .id
            .as_ref()
            .unwrap(),
        &"1"
    );
}

/// A journal keeps what was read in the form in which it is written.
#[test]
fn what_looks_like_a_change_or_a_call_is_written_and_read_as_the_same() {
    let odd = ["", "field", "sender", "timestamp", "hop_context", "feed"];
    let mut changes = Vec::new();
    for field in EventBody::KINDS.iter().chain(&odd) {
        for value in [
            json!(null),
            json!(5),
            json!({}),
            json!({"message": {"mid": "m"}}),
        ] {
            changes.push(json!({"field": field, "value": value}));
            changes.push(json!({"field": field, "value": value, "sender": {"id": "9"}}));
            changes.push(json!({"field": field, "value": value, "message": {"mid": "m"}}));
            changes.push(json!({"field": field, "value": value, "feed": {"item": "comment"}}));
            changes.push(json!({"field": field, "value": value, "id": "x"}));
        }
    }
    let expected = 3 + changes.len();
    let entry = json!({"id": "7", "calls": [null, 5, {"id": "c_1"}], "changes": changes});
    let received = received(&page(&json!([entry])));
    assert_eq!(received.len(), expected);
    for received in &received {
        let written = serde_json::to_string(received).unwrap();
        let again: Received = serde_json::from_str(&written).unwrap();
        assert_eq!(*received, again, "{written}");
    }
}

#[test]
fn other_changes_are_kept_under_the_name_of_their_field() {
    let values = [
        (
            "messages",
            json!({"messaging_product": "whatsapp", "messages": [{"from": "1"}]}),
        ),
        ("about", json!("a string")),
        (
            "empty",
            json!({"sender": {"id": "9"}, "recipient": {"id": "7"}}),
        ),
    ];
    for (field, value) in values {
        let change = json!({"field": field, "value": value, "id": "x"});
        let body = page(&json!([{"id": "7", "time": 1520383571, "changes": [change]}]));
        let received = &received(&body)[0];
        assert_eq!(received.channel, Channel::Changes);
        assert_eq!(received.time, Some(Timestamp::from_secs(1520383571)));
        assert_eq!(
            received.event.body,
            EventBody::Unknown {
                name: field.into(),
                value
            }
        );
        assert_eq!(received.event.extra["id"], "x");
    }
}

#[test]
fn one_thing_counts_as_a_list_of_one() {
    let body = json!({"object": "page", "entry": {"id": "7", "messaging": hello()}});
    assert_eq!(summary(&body), ["messaging/message 7"]);
    let body =
        page(&json!([{"id": "7", "standby": hello(), "changes": {"field": "f", "value": 1}}]));
    assert_eq!(summary(&body), ["standby/message 7", "changes/f 7"]);
}

#[test]
fn an_entry_may_stand_alone() {
    let body = json!({"id": "7", "time": 1518479195594_i64, "messaging": [hello()]});
    assert_eq!(webhook(&body).objects, []);
    assert_eq!(summary(&body), ["messaging/message 7"]);
    assert_eq!(received(&body)[0].object, Object::Other(String::new()));
    assert_eq!(
        summary(&json!({"object": "page", "id": "7", "standby": [hello()]})),
        ["standby/message 7"]
    );
}

#[test]
fn an_item_may_stand_alone() {
    assert_eq!(summary(&hello()), ["messaging/message 7"]);
    assert_eq!(summary(&json!([hello(), hello()])).len(), 2);
    assert_eq!(
        summary(&json!({"reaction": {"mid": "m_1"}})),
        ["messaging/reaction "]
    );
    let echo =
        json!({"sender": {"id": "7"}, "recipient": {"id": "9"}, "message": {"is_echo": true}});
    assert_eq!(summary(&echo), ["messaging/echo 7"]);
    assert_eq!(summary(&json!({"sender": {"id": "9"}})), ["messaging/ "]);
    let roles = json!({"recipient": {"id": "7"}, "app_roles": {"5": ["primary_receiver"]}});
    assert_eq!(summary(&roles), ["messaging/app_roles 7"]);
}

#[test]
fn a_change_may_stand_alone() {
    let body = json!({"field": "messages", "value": hello()});
    assert_eq!(summary(&body), ["changes/message 7"]);
    let body = json!({"field": "feed", "value": {"item": "post"}});
    assert_eq!(summary(&body), ["changes/feed "]);
}

#[test]
fn a_flat_item_is_named_by_its_field() {
    let body = json!({"field": "marketing_message_deliveries", "recipient_id": 123, "page_id": 140,
        "timestamp": 1412414141, "mid": "mid.$c1"});
    assert_eq!(summary(&body), ["messaging/marketing_message_deliveries "]);
    let event = &received(&body)[0].event;
    assert_eq!(event.timestamp, Some(Timestamp::from_secs(1412414141)));
    assert_eq!(event.mid(), Some("mid.$c1"));
}

#[test]
fn the_misspelt_list_of_the_lead_form_sample_is_messaging() {
    let item = json!({"sender": {"id": "9"}, "recipient": {"id": "7"}, "form": {"id": "F"}});
    assert_eq!(
        summary(&page(&json!([{"id": "7", "messaging:": [item]}]))),
        ["messaging/form 7"]
    );
}

#[test]
fn a_list_nobody_knows_is_kept() {
    let body = page(&json!([{"id": "7", "carrier_pigeons": [{"coo": 1}], "hop_context": [1]}]));
    let received = received(&body);
    assert_eq!(received.len(), 1);
    let unknown = EventBody::Unknown {
        name: "carrier_pigeons".into(),
        value: json!({"coo": 1}),
    };
    assert_eq!(received[0].event.body, unknown);
    assert_eq!(received[0].extra["hop_context"], json!([1]));

    let beside =
        page(&json!([{"id": "7", "messaging": [hello()], "carrier_pigeons": [{"coo": 1}]}]));
    assert_eq!(summary(&beside), ["messaging/message 7"]);
}

#[test]
fn odd_items_do_not_spoil_their_neighbours() {
    let body = page(&json!([
        "what",
        {"id": "7", "messaging": [5, hello(), null, {}, "x", [hello()], {"message": 7}, hello()],
         "standby": "nothing", "changes": [3, {"field": 4}, {"field": 4, "value": {}}]},
        7,
        {"id": "8", "messaging": [hello()]},
    ]));
    assert_eq!(
        summary(&body),
        [
            "changes/entry ",
            "messaging/ 7",
            "messaging/message 7",
            "messaging/ 7",
            "messaging/ 7",
            "messaging/ 7",
            "messaging/ 7",
            "messaging/message 7",
            "messaging/message 7",
            "standby/ 7",
            "changes/ 7",
            "changes/field 7",
            "changes/value 7",
            "changes/entry ",
            "messaging/message 8",
        ]
    );
}

#[test]
fn json_in_which_nothing_happened_gives_no_events() {
    for body in [
        json!(null),
        json!(5),
        json!("hello"),
        json!(true),
        json!([]),
        json!({}),
        json!([[], {}]),
        json!({"object": "page"}),
        page(&json!([])),
        page(&json!(null)),
        page(&json!({})),
        page(&json!([{"id": "7", "time": 1, "messaging": []}])),
        page(&json!([{"id": "7", "hop_context": [{"app_id": 5}]}])),
        json!({"timestamp": 1458692752478_i64}),
    ] {
        assert_eq!(received(&body), [], "{body}");
    }
}

#[test]
fn fifty_events_in_one_body_are_fifty_events() {
    let body = page(&json!([{"id": "7", "messaging": vec![hello(); 50]}]));
    assert_eq!(received(&body).len(), 50);
}

#[test]
fn of_two_keys_of_the_same_name_the_last_counts() {
    let body = br#"{"object":"user","object":"page","entry":[{"id":"6","id":"7","messaging":[
        {"sender":{"id":"8"},"sender":{"id":"9"},"message":"x",
         "message":{"text":"a","text":"b","mid":"m_1"}}]}]}"#;
    let webhook = read(body).unwrap();
    assert_eq!(webhook.objects, [Object::Page]);
    assert_eq!(webhook.received[0].account, "7");
    let event = &webhook.received[0].event;
    assert_eq!(event.sender.as_ref().unwrap().id.as_ref().unwrap(), &"9");
    let EventBody::Message(message) = &event.body else {
        panic!("{event:?}")
    };
    assert_eq!(message.text.as_deref(), Some("b"));
}

#[test]
fn escapes_as_the_platform_writes_them_are_understood() {
    let body = br#"{"message":{"text":"caf\u00e9 \ud83d\ude00 https:\/\/x.example"}}"#;
    let EventBody::Message(message) = &read(body).unwrap().received[0].event.body else {
        panic!()
    };
    assert_eq!(message.text.as_deref(), Some("café 😀 https://x.example"));
}

#[test]
fn half_a_character_does_not_cost_the_body() {
    for (escaped, text) in [
        (r"cut \ud83d", "cut \u{fffd}"),
        (r"\ude00 cut", "\u{fffd} cut"),
        (r"\ud83d\ud83d\ude00", "\u{fffd}😀"),
        (r"\ud83d\u0041 \\ud83d", "\u{fffd}A \\ud83d"),
        (r"\uD83D \/ é", "\u{fffd} / é"),
    ] {
        let body = format!(r#"{{"message":{{"text":"{escaped}"}}}}"#);
        let received = read(body.as_bytes()).unwrap().received;
        let EventBody::Message(message) = &received[0].event.body else {
            panic!()
        };
        assert_eq!(message.text.as_deref(), Some(text), "{escaped}");
    }
}

#[test]
fn a_byte_order_mark_is_not_part_of_the_body() {
    let body = format!("\u{feff}{}", hello());
    assert_eq!(read(body.as_bytes()).unwrap().received.len(), 1);
}

#[test]
fn an_empty_body_is_refused() {
    for body in ["", " ", "\r\n\t", "\u{feff}"] {
        assert_eq!(read(body.as_bytes()), Err(ReadError::Empty), "{body:?}");
    }
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    let refused = read(b"{\"a\":\"\xff\"}").unwrap_err();
    assert_eq!(refused, ReadError::NotUtf8 { valid_up_to: 6 });
    assert!(refused.to_string().contains("byte 6"));
}

#[test]
fn text_that_is_not_json_is_refused_with_its_place() {
    let refused = read(b"{\"object\":\"page\",\n  entry}").unwrap_err();
    let ReadError::NotJson {
        line: 2,
        column: 3,
        what,
    } = &refused
    else {
        panic!("{refused:?}")
    };
    assert_eq!(what, "key must be a string");
    assert_eq!(
        refused.to_string(),
        "the body of the webhook is not JSON, at line 2, column 3: key must be a string",
    );
    for body in [
        "nope",
        "{",
        "{}{}",
        "[1,]",
        r#"{"a":"\ud83d"#,
        r#"{"a":"\uZZZZ"}"#,
        "object=page",
    ] {
        let refused = read(body.as_bytes());
        assert!(
            matches!(refused, Err(ReadError::NotJson { .. })),
            "{body}: {refused:?}"
        );
    }
}

#[test]
fn a_tower_of_brackets_is_refused() {
    for tower in ["[".repeat(10_000), "{\"a\":".repeat(10_000)] {
        assert!(matches!(
            read(tower.as_bytes()),
            Err(ReadError::NotJson { .. })
        ));
    }
    let closed = "[".repeat(10_000) + &"]".repeat(10_000);
    let ReadError::NotJson { what, .. } = read(closed.as_bytes()).unwrap_err() else {
        panic!()
    };
    assert_eq!(what, "recursion limit exceeded");
}

/// What is kept of an event is read again after a restart, and is the same then.
#[test]
fn a_list_that_is_named_like_a_kind_holds_events_of_that_kind() {
    let mut entry =
        json!({"id": "7", "game_play": [{"game_id": "G"}, null], "balloons": [{"colour": "red"}]});
    // An event of such a name would be read as one with a recipient, as another kind, or as its content.
    entry["recipient"] = json!([{"id": "9"}]);
    entry["field"] = json!(["group_feed"]);
    entry[""] = json!([{"message": {}}]);
    let body = json!({"object": "page", "entry": [entry]});
    let webhook = read(body.to_string().as_bytes()).unwrap();
    let kinds: Vec<_> = webhook
        .received
        .iter()
        .map(|received| received.event.body.kind())
        .collect();
    assert_eq!(kinds, ["balloons", "game_play"]);
    for received in webhook.received {
        let kept = serde_json::to_string(&received).unwrap();
        assert_eq!(
            serde_json::from_str::<Received>(&kept).unwrap(),
            received,
            "{kept}"
        );
    }
}
