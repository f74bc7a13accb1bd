//! `message`: what it may consist of, and its limits.

use crate::graph_api::ask::{PARAMETER, long};
use crate::support::rules::{BOT, Rules, SHOP};
use handover_sim::platform::{Behavior, SendChecks};
use serde_json::{Value, json};

fn instagram() -> Rules {
    let mut rules = Rules::instagram();
    rules.ana_says("hello");
    rules
}

#[test]
fn a_text_has_at_most_2000_characters_on_messenger() {
    let mut rules = Rules::with_bot_as_owner();
    assert!(rules.message(json!({"text": long(2000)})).is_ok());
    assert_eq!(rules.message(json!({"text": long(2001)})), Err(PARAMETER));
}

#[test]
fn a_text_has_at_most_1000_bytes_on_instagram() {
    let mut rules = instagram();
    assert!(rules.message(json!({"text": long(500)})).is_ok());
    assert_eq!(rules.message(json!({"text": long(501)})), Err(PARAMETER));
}

#[test]
fn a_message_is_either_text_or_attachment_or_pictures_or_sticker() {
    let mut rules = Rules::with_bot_as_owner();
    let image = json!({"type": "image", "payload": {"url": "https://cdn.example/1.png"}});
    for message in [
        json!({}),
        json!({"text": " "}),
        json!({"text": "a", "attachment": image}),
        json!({"text": "a", "attachments": [image]}),
        json!({"attachment": image, "sticker_id": 369_239_263_222_822_u64}),
    ] {
        assert_eq!(rules.message(message.clone()), Err(PARAMETER), "{message}");
    }
}

#[test]
fn there_are_at_most_13_quick_replies_with_titles_of_20_and_payloads_of_1000() {
    let mut rules = Rules::with_bot_as_owner();
    let mut send = |count, title: String, payload: String| {
        let reply = json!({"content_type": "text", "title": title, "payload": payload});
        let replies = vec![reply; count];
        rules
            .message(json!({"text": "which?", "quick_replies": replies}))
            .map(drop)
    };
    assert_eq!(send(13, long(20), long(1000)), Ok(()));
    assert_eq!(send(14, long(20), long(1000)), Err(PARAMETER));
    assert_eq!(send(1, long(21), long(1000)), Err(PARAMETER));
    assert_eq!(send(1, long(20), long(1001)), Err(PARAMETER));
    assert_eq!(send(1, " ".to_owned(), long(1)), Err(PARAMETER));
}

#[test]
fn quick_replies_ask_for_phone_number_and_mail_address_on_messenger_alone() {
    for (mut rules, verdict) in [
        (Rules::with_bot_as_owner(), Ok(())),
        (instagram(), Err(PARAMETER)),
    ] {
        for kind in ["user_phone_number", "user_email"] {
            let message = json!({"text": "may I?", "quick_replies": [{"content_type": kind}]});
            assert_eq!(rules.message(message).map(drop), verdict, "{kind}");
        }
        let odd = json!({"text": "may I?", "quick_replies": [{"content_type": "location"}]});
        assert_eq!(rules.message(odd), Err(PARAMETER));
    }
}

#[test]
fn instagram_cuts_titles_of_quick_replies_off_and_wants_a_text_with_them() {
    let mut rules = instagram();
    let replies = json!([{"content_type": "text", "title": long(25), "payload": "P"}]);
    rules
        .message(json!({"text": "which?", "quick_replies": replies}))
        .unwrap();
    rules
        .platform
        .tap_quick_reply(&rules.ana.clone(), &long(20), rules.now)
        .unwrap();
    let image = json!({"type": "image", "payload": {"url": "https://cdn.example/1.png"}});
    let message = json!({"attachment": image, "quick_replies": replies});
    assert_eq!(rules.message(message), Err(PARAMETER));
}

#[test]
fn metadata_has_at_most_1000_characters() {
    let mut rules = Rules::with_bot_as_owner();
    assert!(
        rules
            .message(json!({"text": "a", "metadata": long(1000)}))
            .is_ok()
    );
    let message = json!({"text": "a", "metadata": long(1001)});
    assert_eq!(rules.message(message), Err(PARAMETER));
}

#[test]
fn a_message_has_at_most_30_pictures_and_10_on_instagram() {
    let pictures = |count| {
        let image = json!({"type": "image", "payload": {"url": "https://cdn.example/1.png"}});
        json!({"attachments": vec![image; count]})
    };
    for (mut rules, most) in [(Rules::with_bot_as_owner(), 30), (instagram(), 10)] {
        assert_eq!(rules.message(pictures(most + 1)), Err(PARAMETER));
        assert!(rules.message(pictures(most)).is_ok());
        let newest = rules.thread().messages().next_back().unwrap();
        assert_eq!(newest.album.len(), most - 1);
    }
    let mut rules = Rules::with_bot_as_owner();
    let video = json!({"type": "video", "payload": {"url": "https://cdn.example/1.mp4"}});
    assert_eq!(
        rules.message(json!({"attachments": [video]})),
        Err(PARAMETER)
    );
}

#[test]
fn the_echo_shows_every_picture() {
    let mut rules = Rules::with_bot_as_owner();
    let image = json!({"type": "image", "payload": {"url": "https://cdn.example/1.png"}});
    let body = json!({"recipient": {"id": rules.ana}, "message": {"attachments": [image, image]}});
    let Value::Object(body) = body else { panic!() };
    let sent = rules
        .call(&BOT, |platform, call| platform.send_with(call, &body, None))
        .unwrap();
    let echo = serde_json::to_value(&sent.deliveries[0].event).unwrap();
    assert_eq!(echo["message"]["attachments"], json!([image, image]));
}

#[test]
fn stickers_are_messengers_alone() {
    let thumb = json!({"sticker_id": 369_239_263_222_822_u64});
    assert!(Rules::with_bot_as_owner().message(thumb.clone()).is_ok());
    assert_eq!(instagram().message(thumb), Err(PARAMETER));
    let unknown = json!({"sticker_id": 5});
    assert_eq!(Rules::with_bot_as_owner().message(unknown), Err(PARAMETER));
}

#[test]
fn hearts_and_shared_posts_are_instagrams_alone() {
    for attachment in [
        json!({"type": "like_heart"}),
        json!({"type": "MEDIA_SHARE", "payload": {"id": "17895"}}),
    ] {
        let message = json!({"attachment": attachment});
        assert!(instagram().message(message.clone()).is_ok(), "{attachment}");
        assert_eq!(Rules::with_bot_as_owner().message(message), Err(PARAMETER));
    }
    let nothing = json!({"attachment": {"type": "MEDIA_SHARE", "payload": {}}});
    assert_eq!(instagram().message(nothing), Err(PARAMETER));
}

#[test]
fn a_reply_answers_a_message_of_the_thread() {
    let mut rules = Rules::with_bot_as_owner();
    let mid = rules.thread().messages().next().unwrap().mid.clone();
    let mut reply = |mid: &str| {
        rules.post(
            json!({"recipient": {"id": rules.ana}, "message": {"text": "yes"},
                          "reply_to": {"mid": mid}}),
        )
    };
    assert_eq!(reply("m_elsewhere"), Err(PARAMETER));
    assert!(reply(&mid).is_ok());
    let newest = rules.thread().messages().next_back().unwrap();
    assert_eq!(newest.reply_to, Some(mid));
}

#[test]
fn ids_are_numbers_as_well() {
    let mut rules = Rules::with_bot_as_owner();
    let id: u64 = rules.ana.as_str().parse().unwrap();
    let body = json!({"recipient": {"id": id}, "message": {"text": "hi"}});
    assert!(rules.post(body).is_ok());
}

#[test]
fn unknown_parameters_are_passed_over() {
    let mut rules = Rules::with_bot_as_owner();
    let body = json!({"recipient": {"id": rules.ana}, "message": {"text": "hi", "mood": 1},
                      "suggestion_action": "ACCEPT", "whatever": [1]});
    assert!(rules.post(body).is_ok());
}

#[test]
fn words_of_a_fixed_list_are_checked() {
    let mut rules = Rules::with_bot_as_owner();
    for (name, value) in [
        ("messaging_type", "REPLY"),
        ("notification_type", "LOUD"),
        ("sender_action", "dance"),
    ] {
        let mut body = json!({"recipient": {"id": rules.ana}, "message": {"text": "hi"}});
        body[name] = json!(value);
        assert_eq!(rules.post(body), Err(PARAMETER), "{name}");
    }
}

#[test]
fn what_is_refused_first_is_a_choice() {
    const NOT_OWNER: (i64, Option<i64>) = (10, Some(2_018_300));
    const WINDOW: (i64, Option<i64>) = (10, Some(2_018_278));
    for (send_checks, bad, good) in [
        (SendChecks::OwnerFirst, PARAMETER, NOT_OWNER),
        (SendChecks::WindowFirst, PARAMETER, WINDOW),
        (SendChecks::ParametersLast, NOT_OWNER, NOT_OWNER),
    ] {
        let mut rules = Rules::with_bot_as_owner().with_behavior(Behavior {
            send_checks,
            ..Behavior::default()
        });
        rules.later(crate::support::rules::DAY - 1);
        rules.pass(&BOT, Some(&SHOP)).unwrap();
        rules.later(1);
        assert_eq!(rules.message(json!({})), Err(bad));
        assert_eq!(rules.message(json!({"text": "hi"})), Err(good));
    }
}
