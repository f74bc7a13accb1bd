//! What the person does, and who hears of it.

use crate::support::rules::{BOT, DAY, PAGE, Rules, SHOP, delivered, item, tells};
use handover_protocol::Channel::{Messaging, Standby};
use handover_protocol::{EventBody, OutgoingMessage, QuickReply, SendRequest};
use handover_sim::platform::{ActionError, Parameters, WebhookDelivery};
use serde_json::{Value, json};

/// The postback payload each app sees, in the order of delivery.
fn payloads(deliveries: &[WebhookDelivery]) -> Vec<Option<String>> {
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

impl Rules {
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
fn a_message_has_the_platforms_shape() {
    let mut rules = Rules::routed();
    let said = rules
        .platform
        .say(&rules.ana, "Grüß Gott", rules.now)
        .unwrap();
    let at = rules.now.as_millis();
    assert_eq!(
        serde_json::to_value(said.deliveries[0].envelope()).unwrap(),
        json!({"object": "page", "entry": [{"id": PAGE, "time": at, "messaging": [{
            "sender": {"id": rules.ana}, "recipient": {"id": PAGE}, "timestamp": at,
            "message": {"mid": said.value, "text": "Grüß Gott"},
        }]}]})
    );
}

#[test]
fn nothing_is_not_a_message() {
    let mut rules = Rules::routed();
    assert_eq!(
        rules.platform.say(&rules.ana, " \n", rules.now),
        Err(ActionError::Empty)
    );
    assert_eq!(rules.owner(), None);
}

#[test]
fn get_started_is_for_empty_threads_and_carries_its_payload_to_the_routed_app() {
    let mut rules = Rules::routed();
    let started = rules.platform.get_started(&rules.ana, rules.now).unwrap();
    assert_eq!(rules.owner(), Some(BOT));
    let both = tells([(BOT, Messaging, "postback"), (SHOP, Standby, "postback")]);
    assert_eq!(delivered(&started.deliveries), both);
    assert_eq!(payloads(&started.deliveries), [some("GET_STARTED"), None]);
    assert_eq!(
        rules.platform.get_started(&rules.ana, rules.now),
        Err(ActionError::AlreadyStarted)
    );
}

#[test]
fn a_quick_reply_is_a_message_with_its_payload() {
    let mut rules = Rules::with_bot_as_owner();
    rules.bot_offers(&["Red", "Blue"]);
    let tapped = rules
        .platform
        .tap_quick_reply(&rules.ana, "Blue", rules.now)
        .unwrap();
    let EventBody::Message(message) = &tapped.deliveries[0].event.body else {
        panic!("not a message");
    };
    assert_eq!(message.text.as_deref(), Some("Blue"));
    assert_eq!(message.quick_reply.as_ref().unwrap().payload, some("BLUE"));
}

#[test]
fn quick_replies_are_gone_with_the_next_message() {
    let mut rules = Rules::with_bot_as_owner();
    rules.bot_offers(&["Red"]);
    let green = rules
        .platform
        .tap_quick_reply(&rules.ana, "Green", rules.now);
    let offered = |offered: &[&str]| ActionError::NoSuchQuickReply {
        title: "Green".to_owned(),
        offered: offered.iter().map(|title| (*title).to_owned()).collect(),
    };
    assert_eq!(green, Err(offered(&["Red"])));
    rules.ana_says("never mind");
    let green = rules
        .platform
        .tap_quick_reply(&rules.ana, "Green", rules.now);
    assert_eq!(green, Err(offered(&[])));
}

#[test]
fn a_buttons_payload_goes_to_the_app_that_sent_it_whichever_app_owns_the_thread() {
    let mut rules = Rules::with_bot_as_owner();
    let mid = rules.bot_asks();
    let tapped = rules
        .platform
        .tap_button(&rules.ana, &mid, 2, rules.now)
        .unwrap();
    assert_eq!(payloads(&tapped.deliveries), [some("B"), None]);

    rules.pass(&BOT, Some(&SHOP)).unwrap();
    let tapped = rules
        .platform
        .tap_button(&rules.ana, &mid, 0, rules.now)
        .unwrap();
    let both = tells([(BOT, Messaging, "postback"), (SHOP, Messaging, "postback")]);
    assert_eq!(delivered(&tapped.deliveries), both);
    assert_eq!(payloads(&tapped.deliveries), [some("A"), None]);
}

#[test]
fn a_button_is_a_postback_of_a_message_that_is_there() {
    let mut rules = Rules::with_bot_as_owner();
    let mid = rules.bot_asks();
    for (mid, index) in [(mid.as_str(), 1), (mid.as_str(), 3), ("m_none", 0)] {
        let tapped = rules.platform.tap_button(&rules.ana, mid, index, rules.now);
        assert!(
            matches!(tapped, Err(ActionError::NoSuchButton { .. })),
            "{mid} {index}"
        );
    }
}

#[test]
fn a_tap_counts_as_writing() {
    let mut rules = Rules::with_bot_as_owner();
    let mid = rules.bot_asks();
    rules.later(DAY);
    assert_eq!(rules.owner(), None);
    let before = rules.clone().text("hello");
    assert!(rules.send(&BOT, &before).is_err(), "the window is closed");
    rules
        .platform
        .tap_button(&rules.ana, &mid, 0, rules.now)
        .unwrap();
    assert_eq!(rules.owner(), Some(BOT));
    assert!(rules.send(&BOT, &before).is_ok());
}

#[test]
fn a_read_event_is_sent_once_and_opens_no_window() {
    let mut rules = Rules::with_bot_as_owner();
    assert!(
        !rules.platform.read(&rules.ana, rules.now).unwrap().value,
        "nothing to read yet"
    );
    let hello = rules.text("hello");
    rules.send(&BOT, &hello).unwrap();
    rules.later(DAY - 1);
    let read = rules.platform.read(&rules.ana, rules.now).unwrap();
    assert!(read.value);
    let both = tells([(BOT, Messaging, "read"), (SHOP, Standby, "read")]);
    assert_eq!(delivered(&read.deliveries), both);
    let item = serde_json::to_value(&read.deliveries[0].event).unwrap();
    assert_eq!(item["read"], json!({"watermark": rules.now.as_millis()}));
    assert_eq!(
        rules
            .platform
            .read(&rules.ana, rules.now)
            .unwrap()
            .deliveries,
        []
    );
    rules.later(1);
    assert!(
        rules.send(&BOT, &hello).is_err(),
        "reading does not open the window"
    );
}

#[test]
fn nobody_acts_on_a_thread_that_is_gone() {
    let mut rules = Rules::routed();
    rules.platform.remove_persons();
    let gone = ActionError::NoSuchThread(rules.ana.clone());
    assert_eq!(
        rules.platform.say(&rules.ana, "hello", rules.now),
        Err(gone)
    );
}

#[test]
fn a_reply_names_the_message_it_answers() {
    let mut rules = Rules::with_bot_as_owner();
    let own = rules.thread().messages().next().unwrap().mid.clone();
    let hello = rules.text("hello");
    let mid = rules.send(&BOT, &hello).unwrap().value.message_id.unwrap();
    for (mid, is_self_reply) in [(mid, false), (own, true)] {
        let replied = rules
            .act(|platform, ana, now| platform.reply(ana, &mid, "yes", now))
            .unwrap();
        assert_eq!(
            item(&replied.deliveries[0])["message"],
            json!({"mid": replied.value, "text": "yes",
                   "reply_to": {"mid": mid, "is_self_reply": is_self_reply}})
        );
    }
    let nowhere = rules.act(|platform, ana, now| platform.reply(ana, "m_none", "yes", now));
    assert_eq!(
        nowhere,
        Err(ActionError::NoSuchMessage("m_none".to_owned()))
    );
}

#[test]
fn a_reply_to_a_story_names_the_story() {
    let story = "https://stories.example/1";
    let mut rules = Rules::instagram();
    let replied = rules
        .act(|platform, ana, now| platform.reply_to_story(ana, story, "nice", now))
        .unwrap();
    let message = item(&replied.deliveries[0])["message"].clone();
    assert_eq!(message["text"], "nice");
    assert_eq!(message["reply_to"]["story"]["url"], story);
    assert!(message["reply_to"].get("mid").is_none(), "{message}");

    let mut messenger = Rules::routed();
    let refused =
        messenger.act(|platform, ana, now| platform.reply_to_story(ana, story, "nice", now));
    assert_eq!(refused, Err(ActionError::NoStories));
}

/// What the message with an attachment of this kind consists of.
fn attached(rules: &mut Rules, kind: &str) -> Value {
    let sent = rules
        .act(|platform, ana, now| platform.attach(ana, kind, "https://cats.example/1", now))
        .unwrap();
    item(&sent.deliveries[0])["message"]["attachments"].clone()
}

#[test]
fn media_have_a_url() {
    for mut rules in [Rules::routed(), Rules::instagram()] {
        for kind in ["image", "audio", "video", "file"] {
            assert_eq!(
                attached(&mut rules, kind),
                json!([{"type": kind, "payload": {"url": "https://cats.example/1"}}])
            );
        }
        let nothing = rules.act(|platform, ana, now| platform.attach(ana, "image", " ", now));
        assert_eq!(nothing, Err(ActionError::NoUrl("image".to_owned())));
    }
}

#[test]
fn every_kind_of_attachment_of_a_product_has_its_shape() {
    let kinds = |rules: &mut Rules| {
        let none = rules.act(|platform, ana, now| platform.attach(ana, "smell", "", now));
        match none {
            Err(ActionError::NoSuchAttachment { known, .. }) => known,
            other => panic!("{other:?}"),
        }
    };
    let mut messenger = Rules::routed();
    let known = kinds(&mut messenger);
    assert!(known.contains(&"location") && !known.contains(&"story_mention"));
    for kind in known {
        let attachment = attached(&mut messenger, kind)[0].clone();
        assert_eq!(attachment["type"], kind);
        let payload = &attachment["payload"];
        let has = match kind {
            "sticker" => payload["sticker_id"].is_u64() && payload["url"].is_string(),
            "reel" | "ig_reel" => payload["reel_video_id"].is_u64(),
            "post" | "ig_post" => payload["id"].is_u64(),
            "fallback" => payload["title"].is_string(),
            "location" => payload["coordinates"]["lat"].is_number(),
            "template" => payload["product"]["elements"][0]["id"].is_string(),
            "appointment_booking" => payload["start_time"].is_u64(),
            _ => payload["url"] == "https://cats.example/1",
        };
        assert!(has, "{kind}: {attachment}");
    }

    let mut instagram = Rules::instagram();
    for kind in kinds(&mut instagram) {
        if kind == "sticker" {
            continue;
        }
        let attachment = attached(&mut instagram, kind)[0].clone();
        assert_eq!(attachment["type"], kind);
        if matches!(kind, "ephemeral" | "like_heart") {
            assert_eq!(attachment, json!({ "type": kind }));
        }
    }
}

#[test]
fn a_phone_number_or_mail_address_comes_from_the_profile() {
    let mut rules = Rules::with_bot_as_owner();
    let mut request = rules.text("where do we reach you?");
    request.message.as_mut().unwrap().quick_replies =
        vec![QuickReply::user_email(), QuickReply::user_phone_number()];
    rules.send(&BOT, &request).unwrap();
    let tapped = rules
        .act(|platform, ana, now| platform.tap_quick_reply(ana, "user_email", now))
        .unwrap();
    let message = &item(&tapped.deliveries[0])["message"];
    assert_eq!(message["text"], "ana@example.com");
    assert_eq!(message["quick_reply"]["payload"], "ana@example.com");
}

#[test]
fn a_reaction_has_a_name_an_emoji_and_its_message() {
    let mut rules = Rules::with_bot_as_owner();
    let mid = rules.thread().messages().next().unwrap().mid.clone();
    let reacted = rules
        .act(|platform, ana, now| platform.react(ana, &mid, "love", None, now))
        .unwrap();
    assert_eq!(
        item(&reacted.deliveries[0])["reaction"],
        json!({"reaction": "love", "emoji": "❤️", "action": "react", "mid": mid})
    );
    rules
        .act(|platform, ana, now| platform.react(ana, &mid, "other", Some("🦀"), now))
        .unwrap();
    let shown = rules.thread().messages().next().unwrap();
    assert_eq!(shown.person_reaction.as_deref(), Some("🦀"));

    let back = rules
        .act(|platform, ana, now| platform.unreact(ana, &mid, now))
        .unwrap();
    assert_eq!(
        item(&back.deliveries[0])["reaction"],
        json!({"action": "unreact", "mid": mid})
    );
    let again = rules.act(|platform, ana, now| platform.unreact(ana, &mid, now));
    assert_eq!(again, Err(ActionError::NoReaction(mid)));
}

#[test]
fn every_product_has_its_own_reactions() {
    for (mut rules, its_own, not) in [
        (Rules::with_bot_as_owner(), "dislike", "laugh"),
        (Rules::instagram(), "laugh", "dislike"),
    ] {
        rules.ana_says("hello");
        let mid = rules.thread().messages().next().unwrap().mid.clone();
        assert!(
            rules
                .act(|platform, ana, now| platform.react(ana, &mid, its_own, None, now))
                .is_ok()
        );
        let refused = rules.act(|platform, ana, now| platform.react(ana, &mid, not, None, now));
        assert!(matches!(refused, Err(ActionError::NoSuchReaction { .. })));
    }
}

#[test]
fn a_person_edits_a_text_five_times_at_most() {
    let mut rules = Rules::with_bot_as_owner();
    let mid = rules.thread().messages().next().unwrap().mid.clone();
    let edit = |rules: &mut Rules, mid: &str| {
        rules.act(|platform, ana, now| platform.edit(ana, mid, "hullo", now))
    };
    for number in 1..=5 {
        let edited = edit(&mut rules, &mid).unwrap();
        assert_eq!(
            item(&edited.deliveries[0])["message_edit"],
            json!({"mid": mid, "text": "hullo", "num_edit": number})
        );
    }
    assert_eq!(edit(&mut rules, &mid), Err(ActionError::NotEditable(mid)));

    let hello = rules.text("hello");
    let mid = rules.send(&BOT, &hello).unwrap().value.message_id.unwrap();
    assert_eq!(edit(&mut rules, &mid), Err(ActionError::NotTheirs(mid)));
}

#[test]
fn what_was_taken_back_is_gone() {
    let mut rules = Rules::with_bot_as_owner();
    let mid = rules.thread().messages().next().unwrap().mid.clone();
    rules
        .act(|platform, ana, now| platform.unsend(ana, &mid, now))
        .unwrap();
    let gone = ActionError::NoSuchMessage(mid.clone());
    let again = rules.act(|platform, ana, now| platform.unsend(ana, &mid, now));
    assert_eq!(again, Err(gone.clone()));
    let reacted = rules.act(|platform, ana, now| platform.react(ana, &mid, "love", None, now));
    assert_eq!(reacted, Err(gone.clone()));
    let replied = rules.act(|platform, ana, now| platform.reply(ana, &mid, "yes", now));
    assert_eq!(replied, Err(gone));

    let refusal = Err((9_000_001, None));
    let to_ana = json!({"id": rules.ana});
    for body in [
        json!({"message": {"text": "yes"}, "reply_to": {"mid": mid}}),
        json!({"sender_action": "react", "payload": {"message_id": mid, "reaction": "❤️"}}),
        json!({"sender_action": "unreact", "payload": {"message_id": mid}}),
    ] {
        let mut request = body.clone();
        request["recipient"] = to_ana.clone();
        assert_eq!(rules.post(request), refusal, "{body}");
    }
    let fields = Parameters::new();
    let read = rules.ask_of(|platform, call| platform.message(call, &mid, &fields));
    assert_eq!(read, refusal);
    // It does not count among the 20 newest, either.
    let kept = rules.bot_asks();
    for _ in 1..20 {
        rules.says(&BOT, "hi").unwrap();
    }
    let deleted = rules.thread().messages().next_back().unwrap().mid.clone();
    rules
        .act(|platform, ana, now| platform.account_deletes(ana, Some(&deleted), now))
        .unwrap();
    rules.says(&BOT, "hi").unwrap();
    let id = format!("t_{}", rules.ana);
    let list = rules
        .ask_of(|platform, call| platform.messages(call, &id, &fields))
        .unwrap();
    let listed = list["data"].as_array().unwrap().iter();
    let listed: Vec<_> = listed.map(|one| one["id"].as_str().unwrap()).collect();
    assert_eq!((listed.len(), listed.last()), (20, Some(&&*kept)));
    assert!(!listed.contains(&&*mid) && !listed.contains(&&*deleted));
    assert!(
        rules
            .ask_of(|platform, call| platform.message(call, &kept, &fields))
            .is_ok()
    );
    let count = Parameters::from_iter([("fields".to_owned(), json!("message_count"))]);
    let shown = rules.ask_of(|platform, call| platform.conversation(call, &id, &count));
    assert_eq!(shown.unwrap()["message_count"], 20);
}

#[test]
fn nothing_of_an_unsent_message_can_be_tapped() {
    let mut rules = Rules::with_bot_as_owner();
    let deleted = |rules: &mut Rules| {
        let mid = rules.thread().messages().next_back().unwrap().mid.clone();
        rules
            .act(|platform, ana, now| platform.account_deletes(ana, Some(&mid), now))
            .unwrap();
        mid
    };
    rules.bot_offers(&["Red"]);
    rules.bot_offers(&["Blue"]);
    deleted(&mut rules);
    for title in ["Red", "Blue"] {
        let tapped = rules.act(|platform, ana, now| platform.tap_quick_reply(ana, title, now));
        let none = ActionError::NoSuchQuickReply {
            title: title.to_owned(),
            offered: Vec::new(),
        };
        assert_eq!(tapped, Err(none));
    }
    rules.bot_asks();
    let mid = deleted(&mut rules);
    let tapped = rules.act(|platform, ana, now| platform.tap_button(ana, &mid, 0, now));
    assert!(matches!(tapped, Err(ActionError::NoSuchButton { .. })));
    let template = json!({"template_type": "one_time_notif_req", "title": "When it is back?", "payload": "HAT"});
    rules.template(template).unwrap();
    let mid = deleted(&mut rules);
    let agreed = rules.act(|platform, ana, now| platform.agree_to_notifications(ana, &mid, now));
    assert!(matches!(agreed, Err(ActionError::NoSuchButton { .. })));
}
