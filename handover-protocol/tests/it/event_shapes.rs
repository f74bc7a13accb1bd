//! Each event of the platform is typed to the last key, and is written as it was read.

use crate::support::shape;
use handover_protocol::{
    Entry, Envelope, Event, EventBody, HopContext, Lead, PriorMessage, Received, Timestamp, read,
};
use serde_json::{Value, json};

/// The item with the sides and the time that go with it.
fn item(event: &Value) -> Value {
    let mut item = json!({"sender": {"id": "9"}, "recipient": {"id": "7"},
        "timestamp": 1458692752478_i64});
    item.as_object_mut()
        .unwrap()
        .append(&mut event.as_object().unwrap().clone());
    item
}

macro_rules! body {
    ($kind:ident, $item:tt) => {
        match shape::<Event>(item(&json!($item))).body {
            EventBody::$kind(body) => body,
            other => panic!("{other:?}"),
        }
    };
}

/// A change is read as its field says, and is taken up again as the same.
fn change(object: &str, field: &str, value: &Value) -> EventBody {
    let body = json!({"object": object, "entry": [{"id": "7", "time": 1520383571,
        "changes": [{"field": field, "value": value}]}]});
    let received = read(body.to_string().as_bytes())
        .unwrap()
        .received
        .remove(0);
    let kept = serde_json::to_value(&received).unwrap();
    assert_eq!(kept["event"], json!({field: value}));
    assert_eq!(serde_json::from_value::<Received>(kept).unwrap(), received);
    assert_eq!(received.event.body.kind(), field);
    shape::<Event>(json!({field: value}));
    received.event.body
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[test]
fn messages() {
    for message in [
        json!({"mid": "m_abc", "text": "hello"}),
        json!({"mid": "m_abc", "text": "Red", "quick_reply": {"payload": "PICK_RED"}}),
        json!({"mid": "m_abc", "text": "yes", "reply_to": {"mid": "m_prev", "is_self_reply": false}}),
        json!({"mid": "m_abc", "text": "nice",
            "reply_to": {"story": {"url": "https://cdn.example/s", "id": "17895"}}}),
        json!({"mid": "m_1", "text": "in stock?", "referral": {"product": {"id": "P"}}}),
        json!({"mid": "m_2", "text": "hi", "referral": {"ref": "REF", "ad_id": "6045246247433",
            "source": "ADS", "type": "OPEN_THREAD", "ads_context_data": {"ad_title": "T",
            "photo_url": "https://p", "video_url": "https://v", "post_id": "1_2",
            "product_id": "3", "flow_id": "4"}}}),
        json!({"mid": "m_3", "text": "find flights", "commands": [{"name": "flights"}]}),
        json!({"mid": "m_4", "is_deleted": true}),
        json!({"mid": "m_5", "is_unsupported": true}),
        json!({"mid": "m_6", "text": "hi", "nlp": {"entities": {}, "traits": {},
            "detected_locales": [{"locale": "en_XX", "confidence": 0.9},
                {"locale": "de_XX", "confidence": 0}]}}),
        json!({"admin_text": "The assistant has left"}),
        json!({"mid": "m_7", "text": "note to myself", "is_self": true}),
    ] {
        body!(Message, {"message": message});
    }
}

#[test]
fn attachments() {
    for attachment in [
        json!({"type": "image", "payload": {"url": "https://cdn.example/1.jpg"}}),
        json!({"type": "audio", "payload": {"url": "https://cdn.example/1.mp4"}}),
        json!({"type": "video", "payload": {"url": "https://cdn.example/1.mp4"}}),
        json!({"type": "file", "payload": {"url": "https://cdn.example/1.pdf"}}),
        json!({"type": "image", "payload": {"url": "https://cdn.example/s.png",
            "sticker_id": 369239263222822_u64}}),
        json!({"type": "sticker", "payload": {"url": "https://cdn.example/s.png",
            "sticker_id": 369239263222822_u64}}),
        json!({"type": "location", "title": "Pinned", "url": "https://l.example",
            "payload": {"coordinates": {"lat": 37.48, "long": -122.15}}}),
        json!({"type": "location", "payload": {"coordinates": {"lat": 0, "long": -122}}}),
        json!({"type": "fallback", "payload": {"url": "https://x.example", "title": "X"}}),
        json!({"type": "fallback", "title": "Shared", "url": "https://x.example"}),
        json!({"type": "reel", "payload": {"url": "https://r", "title": "T", "reel_video_id": 123456}}),
        json!({"type": "ig_reel", "payload": {"url": "https://r", "reel_video_id": 123456}}),
        json!({"type": "post", "payload": {"url": "https://p", "title": "T", "id": 123456}}),
        json!({"type": "ig_post", "payload": {"url": "https://p", "id": 123456}}),
        json!({"type": "share", "payload": {"url": "https://p"}}),
        json!({"type": "template", "payload": {"product": {"elements": [{"id": "1",
            "retailer_id": "sku", "image_url": "https://i", "title": "Hat", "subtitle": "$40"}]}}}),
        json!({"type": "appointment_booking", "payload": {"booking_id": "b", "status": "requested",
            "start_time": 1739612400, "end_time": 1739616000, "timezone": "America/Los_Angeles"}}),
        json!({"type": "story_mention", "payload": {"url": "https://cdn.example/st"}}),
        json!({"type": "ephemeral"}),
        json!({"type": "like_heart"}),
        json!({"type": "unsupported_type", "payload": {}}),
    ] {
        let message = body!(Message, {"message": {"mid": "m_1", "attachments": [attachment]}});
        assert_eq!(message.attachments[0].kind, attachment["type"]);
    }
}

#[test]
fn an_appointment_has_its_times() {
    let message = body!(Message, {"message": {"attachments": [{"type": "appointment_booking",
        "payload": {"booking_id": "b", "start_time": 1739612400, "end_time": 1739616000}}]}});
    let booking = message.attachments[0].payload.as_ref().unwrap();
    assert_eq!(booking.start_time, Some(Timestamp::from_secs(1739612400)));
    assert_eq!(booking.end_time, Some(Timestamp::from_secs(1739616000)));
}

#[test]
fn echoes() {
    body!(Echo, {"message": {"is_echo": true, "app_id": 1517776481860111_u64,
        "metadata": "DEV_STRING", "mid": "m_1", "text": "hello"}});
    body!(Echo, {"message": {"is_echo": true, "app_id": 263902037430900_u64, "ai_generated": true,
        "metadata": "{\"source\":\"axon\"}", "mid": "m_1", "text": "hello"}});
    body!(Echo, {"message": {"is_echo": true, "mid": "m_1", "attachments":
        [{"type": "image", "payload": {"attachment_id": 1857777774821032_u64}}]}});
}

#[test]
fn message_edits() {
    let edit =
        body!(MessageEdit, {"message_edit": {"mid": "m_1", "text": "new text", "num_edit": 1}});
    assert_eq!((edit.text, edit.num_edit), (some("new text"), Some(1)));
    let quoted = Event::from(json!({"message_edit": {"mid": "m_1", "num_edit": "5"}}));
    let EventBody::MessageEdit(edit) = &quoted.body else {
        panic!("{quoted:?}")
    };
    assert_eq!((edit.num_edit, quoted.mid()), (Some(5), Some("m_1")));
}

#[test]
fn reactions() {
    body!(Reaction, {"reaction": {"reaction": "love", "emoji": "❤️", "action": "react", "mid": "m_1"}});
    body!(Reaction, {"reaction": {"action": "unreact", "mid": "m_1"}});
}

#[test]
fn reads_of_both_products() {
    body!(Read, {"read": {"watermark": 1458668856253_i64}});
    assert_eq!(body!(Read, {"read": {"mid": "MID"}}).mid, some("MID"));
}

#[test]
fn deliveries() {
    body!(Delivery, {"delivery": {"mids": ["m_1"], "watermark": 1458668856253_i64}});
    body!(Delivery, {"delivery": {"watermark": 1458668856253_i64}});
}

#[test]
fn postbacks() {
    body!(Postback, {"postback": {"mid": "m_1", "title": "Start", "payload": "GET_STARTED",
        "referral": {"ref": "R", "source": "SHORTLINK", "type": "OPEN_THREAD"}}});
    body!(Postback, {"sender": {"user_ref": "UR"}, "postback": {"title": "T", "payload": "P",
        "referral": {"ref": "R", "source": "CUSTOMER_CHAT_PLUGIN", "type": "OPEN_THREAD",
        "referer_uri": "https://x.example", "is_guest_user": true}}});
    body!(Postback, {"postback": {}});
}

#[test]
fn optins_of_plugins() {
    body!(Optin, {"optin": {"ref": "PASS_THROUGH", "user_ref": "UNIQUE_REF"}});
    body!(Optin, {"optin": {"ref": "PASS_THROUGH"}});
}

#[test]
fn optins_for_one_message() {
    let optin = body!(Optin, {"optin":
        {"type": "one_time_notif_req", "payload": "P", "one_time_notif_token": "TOKEN"}});
    assert_eq!(optin.one_time_notif_token, some("TOKEN"));
}

#[test]
fn optins_for_marketing_messages() {
    let optin = body!(Optin, {"optin": {"type": "notification_messages", "payload": "P",
        "title": "Offers", "ref": "R", "source": "S", "notification_messages_token": "TOKEN",
        "notification_messages_frequency": "WEEKLY", "notification_messages_timezone": "UTC",
        "notification_messages_topic": "T", "token_expiry_timestamp": 2145916800000_i64,
        "user_token_status": "REFRESHED"}});
    let expiry = Timestamp::from_millis(2145916800000);
    assert_eq!(optin.token_expiry_timestamp, Some(expiry));
    assert!(!optin.is_stop() && !optin.is_resume());
}

#[test]
fn a_person_stops_marketing_messages_and_resumes_them() {
    for (status, stop, resume) in [
        ("STOP NOTIFICATIONS", true, false),
        ("STOP", true, false),
        ("RESUME NOTIFICATIONS", false, true),
        ("ELSE", false, false),
    ] {
        let optin = body!(Optin, {"optin": {"type": "notification_messages",
            "notification_messages_token": "TOKEN", "notification_messages_status": status}});
        assert_eq!(
            (optin.is_stop(), optin.is_resume()),
            (stop, resume),
            "{status}"
        );
    }
}

#[test]
fn referrals() {
    body!(Referral, {"referral": {"ref": "R", "source": "SHORTLINK", "type": "OPEN_THREAD",
        "referer_uri": "https://x.example"}});
    let ad = body!(Referral, {"referral": {"ref": "R", "source": "ADS", "type": "OPEN_THREAD",
        "ad_id": "6045246247433", "ads_context_data": {"ad_title": "T", "post_id": "1_2"}}});
    assert_eq!(ad.ads_context_data.unwrap().post_id, some("1_2"));
}

#[test]
fn leads_in_a_referral() {
    let event = Event::from(
        json!({"timestamp": 1665424533, "referral": {"type": "LEAD_COMPLETE"},
        "lead": {"data": [{"question": "Q", "answer": "A"}]}}),
    );
    let answer = &event.lead().unwrap().data[0];
    assert_eq!((&answer.question, &answer.answer), (&some("Q"), &some("A")));
    shape::<Lead>(json!({"data": [{"question": "Q", "answer": "A"}]}));
    assert_eq!(Event::default().lead(), None);
}

#[test]
fn account_linking() {
    body!(AccountLinking, {"account_linking": {"status": "linked", "authorization_code": "CODE"}});
    body!(AccountLinking, {"account_linking": {"status": "unlinked"}});
}

#[test]
fn policy_enforcement_in_both_spellings() {
    body!(PolicyEnforcement, {"policy_enforcement": {"action": "block", "reason": "R"}});
    let old = Event::from(json!({"policy-enforcement": {"action": "warning", "reason": "R"}}));
    let EventBody::PolicyEnforcement(enforcement) = &old.body else {
        panic!("{old:?}")
    };
    assert_eq!(enforcement.action, some("warning"));
    assert_eq!(old.body.kind(), "policy_enforcement");
}

#[test]
fn game_plays() {
    let play = body!(GamePlay, {"game_play": {"game_id": "G", "player_id": "P", "locale": "en_US",
        "context_type": "SOLO", "context_id": "C", "score": 55, "payload": "{}"}});
    assert_eq!(play.score, Some(55));
}

#[test]
fn payments() {
    let payment = body!(Payment, {"payment": {"payload": "P", "requested_user_info": {
        "shipping_address": {"street_1": "1 Hacker Way", "street_2": "", "city": "MENLO PARK",
            "state": "CA", "country": "US", "postal_code": "94025"}, "contact_name": "Peter Chang"},
        "payment_credential": {"provider_type": "stripe", "charge_id": "ch_1", "fb_payment_id": "123"},
        "amount": {"currency": "USD", "amount": "29.62"}, "shipping_option_id": "123"}});
    assert_eq!(payment.amount.unwrap().amount, some("29.62"));
}

#[test]
fn pre_checkouts() {
    body!(PreCheckout, {"pre_checkout": {"payload": "P", "requested_user_info":
        {"contact_name": "Peter Chang"}, "amount": {"currency": "USD", "amount": "2.70"}}});
}

#[test]
fn checkout_updates() {
    let update = body!(CheckoutUpdate, {"checkout_update": {"payload": "P", "shipping_address":
        {"id": 10105655000959552_u64, "country": "US", "city": "MENLO PARK",
         "street1": "1 Hacker Way", "street2": "", "state": "CA", "postal_code": "94025"}}});
    assert_eq!(
        update.shipping_address.unwrap().id,
        some("10105655000959552")
    );
}

#[test]
fn customer_feedback() {
    let feedback = body!(Feedback, {"messaging_feedback": {"feedback_screens": [{"screen_id": 0,
        "questions": {"hauydmns8": {"type": "csat", "payload": "4",
            "follow_up": {"type": "free_form", "payload": "Great"}}}}]}});
    let answer = feedback.answer("hauydmns8").unwrap();
    assert_eq!((&answer.kind, &answer.payload), (&some("csat"), &some("4")));
    assert_eq!(answer.follow_up.as_ref().unwrap().payload, some("Great"));
    assert_eq!(feedback.answer("another"), None);
}

#[test]
fn customer_information() {
    let form = body!(CustomerInformation, {"messaging_customer_information": {"screens":
        [{"screen_id": "s1", "responses": [{"key": "street", "value": "1 Hacker Way"}]}]}});
    assert_eq!(form.response("street"), Some("1 Hacker Way"));
    assert_eq!(form.response("city"), None);
}

#[test]
fn thumbs() {
    for (feedback, good) in [
        ("Good response", Some(true)),
        ("Bad response", Some(false)),
        ("Odd response", None),
    ] {
        let judged =
            body!(ResponseFeedback, {"response_feedback": {"feedback": feedback, "mid": "m_1"}});
        assert_eq!(judged.is_good(), good);
    }
}

#[test]
fn carts() {
    let order = body!(Order, {"order": {"products": [{"id": 123, "retailer_id": "sku", "name": "Hat",
        "unit_price": 10.5, "currency": "USD", "quantity": 2}], "note": "gift"}});
    assert_eq!(order.products[0].unit_price, Some(10.5));
    assert_eq!(order.products[0].id, some("123"));
    body!(Order, {"order": {"products": [{"id": 123, "unit_price": 10, "quantity": 2}]}});
}

#[test]
fn clicks_on_coupons() {
    let click = body!(CouponClick, {"template":
        {"type": "coupon", "payload": "P", "coupon_code": "10PERCENT"}});
    assert_eq!(click.coupon_code, some("10PERCENT"));
}

#[test]
fn lead_forms_in_the_thread() {
    assert_eq!(
        body!(LeadForm, {"form": {"id": "FORM_ID"}}).id,
        some("FORM_ID")
    );
    let misspelt =
        json!({"object": "page", "entry": [{"id": "7", "messaging:": [{"form": {"id": "F"}}]}]});
    let received = read(misspelt.to_string().as_bytes()).unwrap().received;
    assert_eq!(received[0].event.body.kind(), "form");
}

#[test]
fn group_feed() {
    let posted = json!({"recipient": {"id": "7"}, "from": {"id": "U", "name": "N"}, "group_id": "G",
        "comment_id": "C", "parent_id": "P", "post_id": "PO", "created_time": 1680575789,
        "item": "comment", "verb": "add", "message": "text", "field": "group_feed"});
    let event: Event = shape(posted);
    assert_eq!(event.body.kind(), "group_feed");
    let EventBody::GroupFeed(post) = event.body else {
        panic!("{event:?}")
    };
    assert_eq!(post.created_time, Some(Timestamp::from_secs(1680575789)));
    assert_eq!(post.from.unwrap().name, some("N"));
}

#[test]
fn marketing_messages() {
    for field in [
        "marketing_message_deliveries",
        "marketing_message_delivery_failed",
        "marketing_message_echoes",
        "marketing_message_reads",
        "marketing_message_clicks",
    ] {
        let flat = json!({"field": field, "recipient_id": 123, "page_id": 140, "app_id": 12,
            "timestamp": 1758692752478_i64, "mid": "mid.$c1", "message_id": "124",
            "marketing_message_tracking_id": "98ecd977", "messenger_subscription_token": "123"});
        let event: Event = shape(flat.clone());
        assert_eq!((event.body.kind(), event.mid()), (field, Some("mid.$c1")));
        assert!(
            matches!(event.body, EventBody::MarketingMessage(_)),
            "{field}"
        );
        assert_eq!(read(flat.to_string().as_bytes()).unwrap().received.len(), 1);
    }
}

#[test]
fn thread_control_events() {
    let pass = body!(PassThreadControl, {"pass_thread_control": {
        "previous_owner_app_id": 413038776280800_u64, "new_owner_app_id": 2262510160704936_u64,
        "metadata": "messenger_lead_gen_complete"}});
    assert_eq!(pass.metadata, some("messenger_lead_gen_complete"));
    body!(TakeThreadControl, {"take_thread_control":
        {"previous_owner_app_id": 123456789, "new_owner_app_id": 263902037430900_u64}});
    body!(RequestThreadControl, {"request_thread_control":
        {"requested_owner_app_id": 123456789, "metadata": "please"}});
    let roles = json!({"recipient": {"id": "7"}, "app_roles": {"123456789": ["primary_receiver"]}});
    assert_eq!(
        serde_json::to_value(Event::from(roles.clone())).unwrap(),
        roles
    );
}

#[test]
fn hop_contexts_of_items_and_entries() {
    let hop = |id: u64, metadata: &str| HopContext {
        app_id: Some(id.into()),
        metadata: some(metadata),
        ..Default::default()
    };
    let body = json!({"object": "page", "entry": [{"id": "7", "messaging": [{"message": {},
        "hop_context": {"app_id": 5, "metadata": "messenger_lead_gen_complete"}}],
        "hop_context": [{"app_id": 6, "metadata": "messenger_lead_gen_incomplete"}]}]});
    let webhook = read(body.to_string().as_bytes()).unwrap();
    assert_eq!(
        webhook.received[0].hop_context(),
        [
            hop(5, "messenger_lead_gen_complete"),
            hop(6, "messenger_lead_gen_incomplete")
        ],
    );
    let null = json!({"entry": [{"messaging": [{"message": {}}], "hop_context": null}]});
    let webhook = read(null.to_string().as_bytes()).unwrap();
    assert_eq!(webhook.received[0].hop_context(), []);
    shape::<HopContext>(json!({"app_id": 5, "metadata": "M"}));
}

#[test]
fn prior_messages() {
    let event = Event::from(json!({"message": {},
        "prior_message": {"source": "checkbox_plugin", "identifier": "visitor-17"}}));
    let prior = event.prior_message().unwrap();
    assert_eq!(
        (prior.source, prior.identifier),
        (some("checkbox_plugin"), some("visitor-17"))
    );
    shape::<PriorMessage>(json!({"source": "checkbox_plugin", "identifier": "visitor-17"}));
}

#[test]
fn feeds() {
    let body = change(
        "page",
        "feed",
        &json!({"item": "comment", "verb": "add", "comment_id": "1_2",
        "post_id": "1_1", "parent_id": "1_1", "from": {"id": "9", "name": "N"}, "message": "hi",
        "created_time": 1520383571}),
    );
    let EventBody::Feed(feed) = body else {
        panic!("{body:?}")
    };
    assert_eq!(feed.created_time, Some(Timestamp::from_secs(1520383571)));
}

#[test]
fn leads_outside_of_the_thread() {
    let body = change(
        "page",
        "leadgen",
        &json!({"leadgen_id": 1, "page_id": 2, "form_id": 3,
        "adgroup_id": 4, "ad_id": 5, "created_time": 1520383571}),
    );
    let EventBody::Leadgen(lead) = body else {
        panic!("{body:?}")
    };
    assert_eq!(lead.leadgen_id, some("1"));
}

#[test]
fn labels_in_the_inbox() {
    let body = change(
        "page",
        "inbox_labels",
        &json!({"user": {"id": "9"}, "action": "add",
        "label": {"id": "L", "page_label_name": "vip"}}),
    );
    let EventBody::InboxLabels(label) = body else {
        panic!("{body:?}")
    };
    assert_eq!(label.user.unwrap().id.unwrap(), "9");
}

#[test]
fn comments_on_instagram() {
    for field in ["comments", "live_comments"] {
        let body = change(
            "instagram",
            field,
            &json!({"id": "C", "text": "hi", "parent_id": "P",
            "from": {"id": "U", "username": "u"},
            "media": {"id": "M", "media_product_type": "FEED"}}),
        );
        let (EventBody::Comments(comment) | EventBody::LiveComments(comment)) = body else {
            panic!("{body:?}")
        };
        assert_eq!(comment.from.unwrap().username, some("u"));
    }
}

#[test]
fn mentions_on_instagram() {
    let body = change(
        "instagram",
        "mentions",
        &json!({"media_id": "M", "comment_id": "C"}),
    );
    assert!(matches!(body, EventBody::Mentions(_)));
}

#[test]
fn changes_of_unknown_shape_are_kept_whole() {
    for field in [
        "mention",
        "story_insights",
        "message_template_status_update",
        "messenger_template_status_update",
        "marketing_messages_subscriber_upload_status",
        "business_integrity",
        "user_action",
    ] {
        let value = json!({"whatever": [1, {"it": "is"}]});
        let expected = EventBody::Unknown {
            name: field.into(),
            value: value.clone(),
        };
        assert_eq!(change("page", field, &value), expected);
    }
}

#[test]
fn items_of_unknown_kind_are_kept_whole() {
    for name in ["message_context", "optout", "integrity", "direct_send"] {
        let value = json!({"whatever": [1, {"it": "is"}]});
        let whole = item(&json!({name: value}));
        let event = Event::from(whole.clone());
        let expected = EventBody::Unknown {
            name: name.into(),
            value,
        };
        assert_eq!(event.body, expected);
        assert_eq!(serde_json::to_value(event).unwrap(), whole);
    }
}

#[test]
fn voice_calls() {
    let calls = json!([
        {"id": "c_1", "to": "7", "from": "9", "event": "connect", "timestamp": 1671644824,
         "call_direction": "user_initiated"},
        {"id": "c_1", "event": "call_status", "timestamp": 1671644824, "recipient_id": "9",
         "call_status": "ringing"},
        {"id": "c_1", "event": "media_update", "timestamp": 1671644824, "session":
            {"version": 1, "sdp_renegotiation": {"sdp_type": "offer", "sdp": "v=0"}}},
        {"id": "c_1", "event": "terminate", "timestamp": 1671644944, "status": "Completed",
         "start_time": 1671644824, "end_time": 1671644944, "duration": 120},
    ]);
    let entry: Entry = shape(json!({"id": "7", "calls": calls}));
    assert_eq!(entry.calls[3].duration, Some(120));
    let envelope = Envelope {
        entry: vec![entry],
        ..Default::default()
    };
    let body = serde_json::to_vec(&envelope).unwrap();
    for (received, sent) in read(&body)
        .unwrap()
        .received
        .iter()
        .zip(&envelope.entry[0].calls)
    {
        assert_eq!(received.event.body, EventBody::Call(sent.clone()));
    }
    for call in calls.as_array().unwrap() {
        shape::<Event>(json!({"calls": call}));
    }
}
