//! Every template of the Send API, with its limits.

use crate::graph_api::ask::{PARAMETER, Refused, long, with};
use crate::support::rules::Rules;
use serde_json::{Value, json};

/// A place in a template, and what does not belong there.
type Mistake = (&'static str, fn() -> Value);

/// A template that is good, what makes it bad, and why.
struct Case {
    good: Value,
    bad: &'static [Mistake],
}

impl Case {
    fn check(&self) {
        let mut rules = Rules::with_bot_as_owner();
        assert_eq!(rules.template(self.good.clone()), Ok(()), "{}", self.good);
        for (pointer, change) in self.bad {
            let bad = with(self.good.clone(), pointer, change());
            assert_eq!(
                rules.template(bad),
                Err(PARAMETER),
                "{pointer}: {}",
                change()
            );
        }
    }
}

fn buttons(count: usize) -> Value {
    json!(vec![
        json!({"type": "postback", "title": "Yes", "payload": "YES"});
        count
    ])
}

fn card() -> Value {
    json!({"title": long(80), "subtitle": long(80), "image_url": "https://cdn.example/1.png",
           "default_action": {"type": "web_url", "url": "https://x.example", "webview_height_ratio": "tall"},
           "buttons": buttons(3)})
}

#[test]
fn button_templates_have_a_text_of_640_and_1_to_3_buttons() {
    Case {
        good: json!({"template_type": "button", "text": long(640), "buttons": buttons(3)}),
        bad: &[
            ("/text", || json!(long(641))),
            ("/text", || json!("")),
            ("/text", || Value::Null),
            ("/buttons", || buttons(4)),
            ("/buttons", || buttons(0)),
            ("/buttons", || Value::Null),
            ("/buttons", || json!("none")),
            ("/template_type", || json!("list")),
            ("/template_type", || Value::Null),
        ],
    }
    .check();
}

#[test]
fn generic_templates_have_1_to_10_cards_with_a_title_and_something_else() {
    Case {
        good: json!({"template_type": "generic", "sharable": true, "image_aspect_ratio": "square",
                     "elements": vec![card(); 10]}),
        bad: &[
            ("/elements", || json!(vec![card(); 11])),
            ("/elements", || json!([])),
            ("/elements/0/title", || json!(long(81))),
            ("/elements/0/title", || Value::Null),
            ("/elements/0/subtitle", || json!(long(81))),
            ("/elements/0/image_url", || json!("1.png")),
            ("/elements/0/buttons", || buttons(4)),
            ("/elements/0/default_action/title", || json!("go")),
            ("/elements/0/default_action/type", || json!("postback")),
            ("/elements/0/default_action/url", || json!("nowhere")),
            ("/elements/0", || json!({"title": "alone"})),
            ("/elements/0", || json!({"title": "alone", "subtitle": " "})),
            ("/image_aspect_ratio", || json!("round")),
        ],
    }
    .check();
}

#[test]
fn buttons_have_the_limits_of_their_kind() {
    let mut rules = Rules::with_bot_as_owner();
    let mut send = |button: Value| {
        rules.template(json!({"template_type": "button", "text": "?", "buttons": [button]}))
    };
    for good in [
        json!({"type": "web_url", "url": "https://x.example", "title": long(20),
               "webview_height_ratio": "compact", "messenger_extensions": true,
               "fallback_url": "https://y.example", "webview_share_button": "hide"}),
        json!({"type": "postback", "title": long(20), "payload": long(1000)}),
        json!({"type": "phone_number", "title": long(20), "payload": "+16505551234"}),
        json!({"type": "account_link", "url": "https://x.example/login"}),
        json!({"type": "account_unlink"}),
        json!({"type": "game_play", "title": "Play", "payload": "{}", "game_metadata": {"player_id": "1"}}),
        json!({"type": "audio_call", "title": "Call us"}),
    ] {
        assert_eq!(send(good.clone()), Ok(()), "{good}");
    }
    for bad in [
        json!({}),
        json!({"type": "element_share"}),
        json!({"type": "web_url", "url": "https://x.example", "title": long(21)}),
        json!({"type": "web_url", "url": "x.example", "title": "go"}),
        json!({"type": "web_url", "title": "go"}),
        json!({"type": "web_url", "url": "https://x.example", "title": "go", "webview_height_ratio": "huge"}),
        json!({"type": "web_url", "url": "http://x.example", "title": "go", "messenger_extensions": true}),
        json!({"type": "postback", "title": long(21), "payload": "P"}),
        json!({"type": "postback", "title": "", "payload": "P"}),
        json!({"type": "postback", "title": "Yes"}),
        json!({"type": "postback", "title": "Yes", "payload": long(1001)}),
        json!({"type": "phone_number", "title": "Call", "payload": "6505551234"}),
        json!({"type": "phone_number", "title": "Call", "payload": "+one"}),
        json!({"type": "account_link"}),
    ] {
        assert_eq!(send(bad.clone()), Err(PARAMETER), "{bad}");
    }
}

#[test]
fn media_templates_show_one_thing_from_facebook_or_uploaded_before() {
    let good = json!({"template_type": "media", "elements": [
        {"media_type": "video", "url": "https://www.facebook.com/watch/1", "buttons": buttons(3)}]});
    Case {
        good: good.clone(),
        bad: &[
            ("/elements", || json!([])),
            ("/elements/0/media_type", || json!("audio")),
            ("/elements/0/url", || json!("https://x.example/1.mp4")),
            ("/elements/0/url", || json!("https://notfacebook.com/1.mp4")),
            ("/elements/0/url", || Value::Null),
            ("/elements/0/attachment_id", || json!("5")),
            ("/elements/0/buttons", || buttons(4)),
        ],
    }
    .check();
    let mut rules = Rules::with_bot_as_owner();
    let two = json!([good["elements"][0], good["elements"][0]]);
    assert_eq!(rules.template(with(good, "/elements", two)), Err(PARAMETER));

    let image = json!({"url": "https://cdn.example/1.png", "is_reusable": true});
    let id = rules.attach("image", image).unwrap()["attachment_id"].clone();
    let saved = |kind: &str, id: &Value| json!({"template_type": "media", "elements": [{"media_type": kind, "attachment_id": id}]});
    assert_eq!(rules.template(saved("image", &id)), Ok(()));
    assert_eq!(
        rules.template(saved("video", &id)),
        Err((100, Some(2_018_047)))
    );
    assert_eq!(
        rules.template(saved("image", &json!("5"))),
        Err((100, Some(2_018_074)))
    );
}

#[test]
fn image_grids_have_one_title_of_45_and_2_to_6_images() {
    fn images(count: usize) -> Value {
        json!(vec![
            json!({"url": "https://cdn.example/1.png", "is_hero_image": false,
                   "action": {"type": "postback", "payload": "P", "text": "this one"}});
            count
        ])
    }
    Case {
        good: json!({"template_type": "image_grid", "elements": [
            {"title": long(45), "subtitle": long(80), "images": images(6), "buttons": buttons(3)}]}),
        bad: &[
            ("/elements/0/title", || json!(long(46))),
            ("/elements/0/subtitle", || json!(long(81))),
            ("/elements/0/images", || images(1)),
            ("/elements/0/images", || images(7)),
            ("/elements/0/images/0/url", || json!("1.png")),
            ("/elements/0/images/0/action", || json!({"type": "web_url"})),
            ("/elements/0/images/0/action", || json!({"type": "postback", "payload": "P"})),
            ("/elements/0/buttons", || buttons(4)),
        ],
    }
    .check();
}

#[test]
fn receipts_need_who_what_how_and_how_much_and_list_at_most_100_things() {
    fn things(count: usize) -> Value {
        json!(vec![
            json!({"title": "Hat", "quantity": 1, "price": 40.5, "currency": "EUR",
                          "image_url": "https://cdn.example/1.png"});
            count
        ])
    }
    Case {
        good: json!({"template_type": "receipt", "recipient_name": "Ana", "order_number": "1",
                     "currency": "EUR", "payment_method": "Visa 2345", "order_url": "https://x.example",
                     "timestamp": "1428444852", "merchant_name": "Hats",
                     "address": {"street_1": "1 Way", "city": "Wien", "postal_code": "1010",
                                 "state": "W", "country": "AT"},
                     "summary": {"subtotal": 40, "shipping_cost": 0, "total_tax": "4.5", "total_cost": 44.5},
                     "adjustments": [{"name": "coupon", "amount": 5}], "elements": things(100)}),
        bad: &[
            ("/recipient_name", || Value::Null),
            ("/order_number", || Value::Null),
            ("/currency", || json!("euros")),
            ("/payment_method", || json!("")),
            ("/summary", || Value::Null),
            ("/summary/total_cost", || Value::Null),
            ("/summary/total_cost", || json!("much")),
            ("/timestamp", || json!("yesterday")),
            ("/address/city", || Value::Null),
            ("/adjustments/0/amount", || json!("little")),
            ("/elements", || things(101)),
            ("/elements/0/price", || Value::Null),
            ("/elements/0/title", || Value::Null),
        ],
    }
    .check();
}

#[test]
fn coupons_have_a_title_of_80_and_a_code_or_an_address() {
    Case {
        good: json!({"template_type": "coupon", "title": long(80), "subtitle": long(80),
                     "coupon_code": "10PERCENT", "coupon_url_button_title": long(20),
                     "image_url": "https://cdn.example/1.png", "payload": "P"}),
        bad: &[
            ("/title", || json!(long(81))),
            ("/title", || Value::Null),
            ("/subtitle", || json!(long(81))),
            ("/coupon_code", || Value::Null),
            ("/coupon_url", || json!("nowhere")),
            ("/coupon_url_button_title", || json!(long(21))),
        ],
    }
    .check();
}

#[test]
fn product_templates_show_1_to_10_products_of_a_catalogue() {
    let mut rules = Rules::with_bot_as_owner();
    let mut send =
        |elements: Value| rules.template(json!({"template_type": "product", "elements": elements}));
    assert_eq!(send(json!(vec![json!({"id": "17"}); 10])), Ok(()));
    assert_eq!(send(json!(vec![json!({"id": "17"}); 11])), Err(PARAMETER));
    assert_eq!(send(json!([])), Err(PARAMETER));
    assert_eq!(send(json!([{"id": "hat"}])), Err((100, Some(2_018_320))));
}

#[test]
fn customer_feedback_asks_one_question_of_5_to_85_characters_within_a_week() {
    Case {
        good: json!({"template_type": "customer_feedback", "title": long(65), "subtitle": long(80),
                     "button_title": long(20), "expires_in_days": 7,
                     "business_privacy": {"url": "https://x.example/privacy"},
                     "feedback_screens": [{"questions": [
                         {"id": "q_1", "type": "csat", "title": long(85), "score_label": "neg_pos",
                          "score_option": "five_stars",
                          "follow_up": {"type": "free_form", "placeholder": "Why?"}}]}]}),
        bad: &[
            ("/title", || json!(long(66))),
            ("/subtitle", || json!(long(81))),
            ("/button_title", || json!(long(21))),
            ("/expires_in_days", || json!(0)),
            ("/expires_in_days", || json!(8)),
            ("/business_privacy", || Value::Null),
            ("/business_privacy/url", || json!("privacy")),
            ("/feedback_screens", || json!([])),
            ("/feedback_screens/0/questions", || json!([])),
            ("/feedback_screens/0/questions/0/id", || json!("q-1")),
            ("/feedback_screens/0/questions/0/id", || {
                json!("q".repeat(81))
            }),
            ("/feedback_screens/0/questions/0/type", || json!("stars")),
            ("/feedback_screens/0/questions/0/title", || json!(long(86))),
            ("/feedback_screens/0/questions/0/title", || json!(long(4))),
            ("/feedback_screens/0/questions/0/follow_up/type", || {
                json!("csat")
            }),
        ],
    }
    .check();
}

#[test]
fn structured_information_is_asked_for_on_screens_within_a_week() {
    Case {
        good: json!({"template_type": "customer_information", "expires_in_days": 1, "screens": [
            {"screen_id": "s1", "questions": [{"type": "address"}]}]}),
        bad: &[
            ("/expires_in_days", || json!(8)),
            ("/screens", || json!([])),
            ("/screens/0/questions", || json!([])),
            ("/screens/0/questions/0/type", || Value::Null),
        ],
    }
    .check();
}

#[test]
fn instant_forms_have_to_be_eligible() {
    let mut rules = Rules::with_bot_as_owner();
    let mut send =
        |id: &str| rules.template(json!({"template_type": "instant_form", "form_id": id}));
    assert_eq!(send("17"), Ok(()));
    assert_eq!(send("a form"), Err((1, Some(2_018_382))));
}

#[test]
fn requests_to_write_later_have_a_title_and_a_payload() {
    Case {
        good: json!({"template_type": "one_time_notif_req", "title": long(65), "payload": "P"}),
        bad: &[
            ("/title", || json!(long(66))),
            ("/title", || Value::Null),
            ("/payload", || Value::Null),
        ],
    }
    .check();
    Case {
        good: json!({"template_type": "notification_messages", "title": "Offers", "payload": "P",
                     "image_url": "https://cdn.example/1.png",
                     "notification_messages_frequency": "WEEKLY", "notification_messages_timezone": "UTC"}),
        bad: &[
            ("/payload", || Value::Null),
            ("/notification_messages_frequency", || json!("HOURLY")),
            ("/image_url", || json!("1.png")),
        ],
    }
    .check();
}

#[test]
fn instagram_has_three_templates_and_two_kinds_of_buttons() {
    let mut rules = Rules::instagram();
    rules.ana_says("hello");
    let button =
        |button: Value| json!({"template_type": "button", "text": "?", "buttons": [button]});
    let verdicts: [(Value, Result<(), Refused>); 6] = [
        (
            button(json!({"type": "postback", "title": "Yes", "payload": "YES"})),
            Ok(()),
        ),
        (
            json!({"template_type": "generic", "elements": [card()]}),
            Ok(()),
        ),
        (
            json!({"template_type": "product", "elements": [{"id": "17"}]}),
            Ok(()),
        ),
        (
            button(json!({"type": "phone_number", "title": "Call", "payload": "+16505551234"})),
            Err(PARAMETER),
        ),
        (
            json!({"template_type": "coupon", "title": "Ten", "coupon_code": "10"}),
            Err(PARAMETER),
        ),
        (
            json!({"template_type": "one_time_notif_req", "title": "Soon", "payload": "P"}),
            Err(PARAMETER),
        ),
    ];
    for (template, verdict) in verdicts {
        assert_eq!(rules.template(template.clone()), verdict, "{template}");
    }
}
