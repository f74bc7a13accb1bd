//! Items of each kind are read into its type, and the unknown ones are kept whole.

use handover_protocol::{
    AccountId, AppId, Coordinates, Event, EventBody, Party, PersonId, Timestamp,
};
use serde_json::{Map, Value, json};

fn event(item: Value) -> Event {
    Event::from(item)
}

macro_rules! body {
    ($kind:ident, $item:tt) => {
        match event(json!($item)).body {
            EventBody::$kind(body) => body,
            other => panic!("{other:?}"),
        }
    };
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[test]
fn messages_with_text_and_what_goes_with_it() {
    let message = body!(Message, {"message": {"mid": "m_1", "text": "Red",
        "quick_reply": {"payload": "PICK_RED"}, "reply_to": {"mid": "m_0", "is_self_reply": false},
        "commands": [{"name": "flights"}], "nlp": {"entities": {}}, "seq": 36}});
    assert_eq!(message.mid, some("m_1"));
    assert_eq!(message.text, some("Red"));
    assert_eq!(message.quick_reply.unwrap().payload, some("PICK_RED"));
    let reply_to = message.reply_to.unwrap();
    assert_eq!(
        (reply_to.mid, reply_to.is_self_reply),
        (some("m_0"), Some(false))
    );
    assert_eq!(message.commands[0].name, some("flights"));
    assert_eq!(message.nlp.unwrap().entities, Some(Map::new()));
    let kept: Vec<_> = message.extra.keys().map(String::as_str).collect();
    assert_eq!(kept, ["seq"]);
}

#[test]
fn replies_to_stories() {
    let message = body!(Message, {"message": {"text": "nice",
        "reply_to": {"story": {"url": "https://cdn.example/s", "id": 17895}}}});
    let story = message.reply_to.unwrap().story.unwrap();
    assert_eq!(
        (story.url, story.id),
        (some("https://cdn.example/s"), some("17895"))
    );
}

#[test]
fn messages_without_content() {
    assert!(body!(Message, {"message": {"mid": "m_4", "is_deleted": true}}).is_deleted);
    assert!(body!(Message, {"message": {"mid": "m_5", "is_unsupported": true}}).is_unsupported);
    let given_up = body!(Message, {"message": {"admin_text": "…"}});
    assert_eq!((given_up.mid, given_up.text), (None, None));
    assert_eq!(given_up.admin_text, some("…"));
}

#[test]
fn messages_from_products_and_ads() {
    let message = body!(Message, {"message": {"referral": {"product": {"id": "P"}}}});
    assert_eq!(message.referral.unwrap().product.unwrap().id, some("P"));

    let message = body!(Message, {"message": {"referral": {"ref": "R", "ad_id": 6045246247433_u64,
        "source": "ADS", "type": "OPEN_THREAD", "ads_context_data": {"ad_title": "T"}}}});
    let referral = message.referral.unwrap();
    assert_eq!(referral.ref_, some("R"));
    assert_eq!(referral.ad_id, some("6045246247433"));
    assert_eq!(
        (referral.source, referral.kind),
        (some("ADS"), some("OPEN_THREAD"))
    );
    assert_eq!(referral.ads_context_data.unwrap().ad_title, some("T"));
}

#[test]
fn attachments_of_every_kind() {
    let message = body!(Message, {"message": {"mid": "m_1", "attachments": [
        {"type": "image", "payload": {"url": "https://cdn.example/1.jpg"}},
        {"type": "sticker", "payload": {"url": "https://cdn.example/s", "sticker_id": 369239263222822_u64}},
        {"type": "location", "title": "Pinned", "url": "https://l.example",
         "payload": {"coordinates": {"lat": 37.48, "long": -122}}},
        {"type": "fallback", "payload": {"url": "https://x.example", "title": "X"}},
        {"type": "fallback", "title": "Shared", "url": "https://x.example", "payload": null},
        {"type": "reel", "payload": {"url": "https://r.example", "title": "T", "reel_video_id": 1}},
        {"type": "template", "payload": {"product": {"elements": [{"id": "1"}]}}},
        {"type": "ephemeral"},
        {"type": "unsupported_type", "payload": {}},
    ]}});
    let [
        image,
        sticker,
        location,
        link,
        shared,
        reel,
        template,
        ephemeral,
        unsupported,
    ] = &message.attachments[..]
    else {
        panic!("{message:?}")
    };
    let payload = |attachment: &handover_protocol::Attachment| attachment.payload.clone().unwrap();
    assert_eq!(image.kind, "image");
    assert_eq!(payload(image).url, some("https://cdn.example/1.jpg"));
    assert_eq!(payload(sticker).sticker_id, Some(369239263222822));
    let place = Coordinates {
        lat: Some(37.48),
        long: Some(-122.0),
        ..Default::default()
    };
    assert_eq!(payload(location).coordinates, Some(place));
    assert_eq!(location.title, some("Pinned"));
    assert_eq!(payload(link).title, some("X"));
    assert_eq!((&shared.title, &shared.payload), (&some("Shared"), &None));
    assert_eq!(payload(reel).reel_video_id, some("1"));
    assert_eq!(payload(template).product.unwrap().elements[0].id, some("1"));
    assert_eq!(ephemeral.payload, None);
    assert_eq!(payload(unsupported), Default::default());
}

#[test]
fn one_attachment_counts_as_a_list_of_one() {
    let message = body!(Message, {"message": {"attachments": {"type": "image"}}});
    assert_eq!(message.attachments.len(), 1);
    assert_eq!(message.attachments[0].kind, "image");
}

#[test]
fn echoes_are_messages_of_the_account() {
    let echo = body!(Echo, {"sender": {"id": "7"}, "recipient": {"id": "9"}, "message":
        {"is_echo": true, "app_id": 263902037430900_u64, "metadata": "M", "mid": "m_1", "text": "Hi",
         "ai_generated": true}});
    assert_eq!(echo.app_id, Some(AppId::PAGE_INBOX));
    assert_eq!(echo.metadata, some("M"));
    assert!(echo.ai_generated);

    assert_eq!(
        body!(Echo, {"message": {"is_echo": "true", "app_id": "5"}})
            .app_id
            .unwrap(),
        "5"
    );
    body!(Message, {"message": {"is_echo": false, "text": "hi"}});
    body!(Message, {"message": {"is_echo": null, "text": "hi"}});
}

#[test]
fn postbacks_with_and_without_their_payload() {
    let postback = body!(Postback, {"sender": {"user_ref": "UR"}, "postback": {"mid": "m_1",
        "title": "Start", "payload": "GET_STARTED", "referral": {"ref": "R", "source": "SHORTLINK",
        "type": "OPEN_THREAD", "referer_uri": "https://x.example", "is_guest_user": true}}});
    assert_eq!(postback.payload, some("GET_STARTED"));
    let referral = postback.referral.unwrap();
    assert_eq!(referral.referer_uri, some("https://x.example"));
    assert_eq!(referral.is_guest_user, Some(true));

    assert_eq!(body!(Postback, {"postback": {}}), Default::default());
    assert_eq!(body!(Postback, {"postback": {"title": "T"}}).payload, None);
}

#[test]
fn deliveries_and_reads() {
    let watermark = Some(Timestamp::from_millis(1458668856253));
    let delivery = body!(Delivery, {"delivery": {"mids": ["m_1"], "watermark": 1458668856253_i64}});
    assert_eq!(
        (delivery.mids, delivery.watermark),
        (vec!["m_1".to_owned()], watermark)
    );
    assert!(
        body!(Delivery, {"delivery": {"watermark": 1458668856253_i64}})
            .mids
            .is_empty()
    );
    assert_eq!(
        body!(Read, {"read": {"watermark": "1458668856253"}}).watermark,
        watermark
    );
    assert_eq!(body!(Read, {"read": {"mid": "MID"}}).mid, some("MID"));
}

#[test]
fn reactions() {
    let reaction = body!(Reaction, {"reaction":
        {"reaction": "love", "emoji": "❤️", "action": "react", "mid": "m_1"}});
    assert_eq!(
        (reaction.reaction, reaction.emoji),
        (some("love"), some("❤️"))
    );
    let taken_back = body!(Reaction, {"reaction": {"action": "unreact", "mid": "m_1"}});
    assert_eq!(
        (taken_back.action, taken_back.reaction),
        (some("unreact"), None)
    );
}

#[test]
fn optins_of_each_product() {
    let plugin = body!(Optin, {"recipient": {"id": "7"}, "optin": {"ref": "P", "user_ref": "U"}});
    assert_eq!(
        (plugin.ref_, plugin.user_ref, plugin.kind),
        (some("P"), some("U"), None)
    );
    let marketing = body!(Optin, {"optin": {"type": "notification_messages", "payload": "P",
        "title": "Offers", "notification_messages_status": "STOP NOTIFICATIONS"}});
    assert!(marketing.is_stop() && !marketing.is_resume());
    assert_eq!(marketing.kind, some("notification_messages"));
    assert_eq!(
        (marketing.payload, marketing.title),
        (some("P"), some("Offers"))
    );
}

#[test]
fn referrals_and_leads() {
    let lead = event(
        json!({"timestamp": 1665424533, "referral": {"type": "LEAD_COMPLETE"},
        "lead": {"data": [{"question": "Q", "answer": "A"}]}}),
    );
    assert_eq!(lead.timestamp, Some(Timestamp::from_secs(1665424533)));
    assert_eq!(lead.body.kind(), "referral");
    assert_eq!(lead.lead().unwrap().data[0].answer, some("A"));
}

#[test]
fn account_linking() {
    let linked = body!(AccountLinking, {"account_linking":
        {"status": "linked", "authorization_code": "CODE"}});
    assert_eq!(
        (linked.status, linked.authorization_code),
        (some("linked"), some("CODE"))
    );
    let unlinked = body!(AccountLinking, {"account_linking": {"status": "unlinked"}});
    assert_eq!(unlinked.authorization_code, None);
}

#[test]
fn control_of_the_thread_was_passed() {
    let pass = body!(PassThreadControl, {"pass_thread_control": {
        "previous_owner_app_id": 413038776280800_u64, "new_owner_app_id": "2262510160704936",
        "metadata": "messenger_lead_gen_complete"}});
    assert_eq!(pass.previous_owner_app_id, Some(AppId::LEADGEN));
    assert_eq!(pass.new_owner_app_id.unwrap(), "2262510160704936");
    assert_eq!(pass.metadata, some("messenger_lead_gen_complete"));

    let from_idle = body!(PassThreadControl, {"pass_thread_control":
        {"previous_owner_app_id": null, "new_owner_app_id": 5, "metadata": null}});
    let old = body!(PassThreadControl, {"pass_thread_control": {"new_owner_app_id": "5"}});
    assert_eq!(from_idle, old);
    assert_eq!((old.previous_owner_app_id, old.metadata), (None, None));
}

#[test]
fn control_of_the_thread_was_taken() {
    let take = body!(TakeThreadControl, {"take_thread_control": {"previous_owner_app_id": "123456789",
        "new_owner_app_id": "263902037430900", "metadata": null,
        "thread_control_metadata": {"text": "T"}}});
    assert_eq!(take.previous_owner_app_id.unwrap(), "123456789");
    assert_eq!(take.new_owner_app_id, Some(AppId::PAGE_INBOX));
    assert_eq!(take.extra["thread_control_metadata"]["text"], "T");
    let old = body!(TakeThreadControl, {"take_thread_control": {"previous_owner_app_id": 123}});
    assert_eq!(old.new_owner_app_id, None);
}

#[test]
fn control_of_the_thread_was_requested() {
    for id in [json!(123456789), json!("123456789")] {
        let item =
            json!({"request_thread_control": {"requested_owner_app_id": id, "metadata": "please"}});
        let EventBody::RequestThreadControl(request) = event(item).body else {
            panic!()
        };
        assert_eq!(request.requested_owner_app_id.unwrap(), "123456789");
        assert_eq!(request.metadata, some("please"));
    }
}

#[test]
fn roles_of_apps() {
    let roles = body!(AppRoles, {"recipient": {"id": "7"},
        "app_roles": {"123456789": ["primary_receiver"], "5": ["secondary_receiver", "automation"]}});
    assert_eq!(roles.roles[&AppId::from(123456789)], ["primary_receiver"]);
    assert_eq!(
        roles.roles[&AppId::from(5)],
        ["secondary_receiver", "automation"]
    );
}

#[test]
fn every_known_kind_has_its_name() {
    for kind in [
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
        "messaging_feedback",
        "messaging_customer_information",
        "response_feedback",
        "order",
        "template",
        "form",
        "policy_enforcement",
        "game_play",
        "payment",
        "pre_checkout",
        "checkout_update",
        "feed",
        "leadgen",
        "inbox_labels",
        "comments",
        "live_comments",
        "mentions",
        "calls",
    ] {
        let event = event(json!({kind: {}}));
        assert_eq!(event.body.kind(), kind);
        assert!(!matches!(event.body, EventBody::Unknown { .. }), "{kind}");
    }
    assert_eq!(
        event(json!({"message": {"is_echo": true}})).body.kind(),
        "echo"
    );
}

#[test]
fn other_kinds_are_kept_whole_under_their_key() {
    for (name, value) in [
        ("message_context", json!({"mid": "m_1"})),
        ("optout", json!({"reason": "R"})),
        ("zebra", json!("a string")),
        ("zebra", json!(null)),
    ] {
        let item = json!({"sender": {"id": "9"}, "recipient": {"id": "7"}, name: value,
            "timestamp": 1458692752478_i64, "hop_context": {"app_id": 5}, "seq": 3, "is_self": true,
            "prior_message": {"source": "checkbox_plugin"}, "from": {"id": "9"}, "lead": {}});
        let event = event(item);
        assert_eq!(
            event.body,
            EventBody::Unknown {
                name: name.into(),
                value
            }
        );
        assert_eq!(event.sender, Some(Party::id("9")));
        let kept: Vec<_> = event.extra.keys().map(String::as_str).collect();
        assert_eq!(
            kept,
            [
                "from",
                "hop_context",
                "is_self",
                "lead",
                "prior_message",
                "seq"
            ]
        );
    }
}

#[test]
fn the_name_of_an_unknown_kind_does_not_depend_on_the_order_of_keys() {
    for (item, name) in [
        (json!({"aaa": 1, "mmm": {"x": 1}, "zzz": "z"}), "mmm"),
        (json!({"aaa": 1, "message": "TEST"}), "message"),
        (json!({"message": "TEST", "zebra": {}}), "zebra"),
        (json!({"bbb": {}, "aaa": {}}), "aaa"),
        (json!({"aaa": null, "bbb": 1}), "bbb"),
        (json!({"message": null, "aaa": null}), "aaa"),
        (
            json!({"field": "feed", "message": "hi", "other": {}}),
            "feed",
        ),
        (json!({"field": "", "other": {}}), "other"),
        (json!({"field": 5, "aaa": {}}), "aaa"),
    ] {
        assert_eq!(event(item.clone()).body.kind(), name, "{item}");
    }
}

#[test]
fn an_item_without_a_kind_is_empty() {
    for item in [
        json!({}),
        json!(null),
        json!({"message": null}),
        json!({"": {"a": 1}}),
        json!({"sender": {"id": "9"}, "hop_context": {"app_id": 5}}),
    ] {
        assert_eq!(event(item.clone()).body, EventBody::default(), "{item}");
    }
    assert_eq!(
        event(json!({"hop_context": {"app_id": 5}})).extra["hop_context"]["app_id"],
        5
    );
}

#[test]
fn an_item_that_is_no_object_is_kept() {
    for item in [
        json!(5),
        json!("text"),
        json!([{"message": {}}]),
        json!(true),
    ] {
        let unknown = EventBody::Unknown {
            name: String::new(),
            value: item.clone(),
        };
        assert_eq!(event(item).body, unknown);
    }
}

#[test]
fn of_several_kinds_the_first_with_the_right_shape_counts() {
    let both = event(json!({"postback": {"payload": "P"}, "referral": {"ref": "R"}}));
    assert_eq!(both.body.kind(), "postback");
    assert_eq!(both.extra["referral"]["ref"], "R");

    let odd = event(json!({"message": "text", "postback": {"payload": "P"}}));
    assert_eq!(odd.body.kind(), "postback");
    assert_eq!(odd.extra["message"], "text");

    let with_field = event(json!({"field": "messages", "message": {"text": "hi"}}));
    assert_eq!(with_field.body.kind(), "message");
    assert_eq!(with_field.extra["field"], "messages");
}

#[test]
fn a_known_kind_of_unknown_shape_is_kept() {
    for item in [
        json!({"message": "TEST_MESSAGE"}),
        json!({"postback": ["a"]}),
        json!({"read": true}),
        json!({"app_roles": {"5": "primary_receiver"}}),
    ] {
        let (name, value) = item.as_object().unwrap().iter().next().unwrap();
        let unknown = EventBody::Unknown {
            name: name.clone(),
            value: value.clone(),
        };
        assert_eq!(event(item.clone()).body, unknown);
    }
}

#[test]
fn a_value_that_does_not_fit_its_field_stays_in_extra() {
    let message = body!(Message, {"message": {"mid": "m_1", "text": ["odd"], "attachments": ["odd"],
        "quick_reply": "odd", "app_id": {"odd": 1}, "is_deleted": "perhaps"}});
    assert_eq!(message.mid, some("m_1"));
    assert_eq!(
        (message.text, message.quick_reply, message.app_id),
        (None, None, None)
    );
    assert!(message.attachments.is_empty() && !message.is_deleted);
    let kept: Vec<_> = message.extra.keys().map(String::as_str).collect();
    assert_eq!(
        kept,
        ["app_id", "attachments", "is_deleted", "quick_reply", "text"]
    );

    let event = event(json!({"sender": "9", "timestamp": "<TIME>", "message": {}}));
    assert_eq!((event.sender, event.timestamp), (None, None));
    assert_eq!(event.extra["sender"], "9");
    assert_eq!(event.extra["timestamp"], "<TIME>");
}

#[test]
fn null_is_the_same_as_absent() {
    let item = json!({"sender": null, "recipient": {"id": null}, "timestamp": null, "message":
        {"mid": null, "text": null, "attachments": null, "quick_reply": null, "is_echo": null}});
    assert_eq!(event(item), event(json!({"recipient": {}, "message": {}})));
}

#[test]
fn the_person_is_the_one_who_is_not_the_account() {
    let account = AccountId::from("7");
    let person = |item: Value| event(item).person(&account).map(PersonId::to_string);
    let between = |sender: &str, recipient: &str, kind: Value| json!({"sender": {"id": sender}, "recipient": {"id": recipient}, "message": kind});
    assert_eq!(person(between("9", "7", json!({"text": "hi"}))), some("9"));
    assert_eq!(
        person(between("7", "9", json!({"is_echo": true}))),
        some("9")
    );
    assert_eq!(
        person(between("another id of 7", "9", json!({"is_echo": true}))),
        some("9")
    );
    assert_eq!(
        person(json!({"sender": {"id": 7}, "recipient": {"id": 9}, "postback": {}})),
        some("9")
    );
    assert_eq!(
        person(json!({"recipient": {"id": "7"}, "app_roles": {}})),
        None
    );
    assert_eq!(
        person(json!({"sender": {"user_ref": "U"}, "recipient": {"id": "7"}, "optin": {}})),
        None
    );
}

#[test]
fn the_message_an_event_is_about() {
    for (item, mid) in [
        (json!({"message": {"mid": "m_1"}}), Some("m_1")),
        (
            json!({"message": {"mid": "m_1", "is_echo": true}}),
            Some("m_1"),
        ),
        (json!({"postback": {"mid": "m_1"}}), Some("m_1")),
        (json!({"reaction": {"mid": "m_1"}}), Some("m_1")),
        (json!({"read": {"mid": "m_1"}}), Some("m_1")),
        (json!({"message_edit": {"mid": "m_1"}}), Some("m_1")),
        (json!({"read": {"watermark": 1458668856253_i64}}), None),
        (json!({"delivery": {"mids": ["m_1", "m_2"]}}), None),
        (json!({"pass_thread_control": {}}), None),
        (json!({"zebra": {"mid": 5}}), None),
    ] {
        assert_eq!(event(item.clone()).mid(), mid, "{item}");
    }
}
