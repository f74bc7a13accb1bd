//! Templates as the documentation prints them, their builders, and their limits.

use crate::support::shape;
use handover_protocol::{
    Attachment, AttachmentPayload, Button, ButtonTemplate, CouponTemplate,
    CustomerFeedbackTemplate, CustomerInformationTemplate, Element, FeedbackQuestion, GameMetadata,
    GenericTemplate, GridAction, GridElement, GridImage, ImageGridTemplate, InstantFormTemplate,
    Limit, LimitExceeded, MediaElement, MediaTemplate, NotificationMessagesTemplate, Object,
    OneTimeNotificationTemplate, OutgoingAttachment, OutgoingMessage, ProductTemplate,
    ReceiptElement, ReceiptTemplate, Recipient, SendRequest, Template, limits,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// Checks the shape of a template, that it is sent like this, and that it is found in what is sent.
fn template<T>(kind: &str, json: Value) -> T
where
    T: Serialize + DeserializeOwned + std::fmt::Debug + PartialEq + Into<Template> + Clone,
{
    let with_news: T = shape(json.clone());
    assert!(!with_news.clone().into().kind().is_empty());
    let typed: T = serde_json::from_value(json.clone()).unwrap();
    let template: Template = typed.clone().into();
    assert_eq!(template.check(), Ok(()));
    let message = OutgoingMessage::template(typed.clone());
    let mut payload = json;
    payload["template_type"] = kind.into();
    assert_eq!(
        serde_json::to_value(&message).unwrap(),
        json!({"attachment": {"type": "template", "payload": payload}})
    );
    let sent: OutgoingAttachment =
        serde_json::from_value(json!({"type": "template", "payload": payload})).unwrap();
    assert_eq!(sent.payload.template(), Some(template.clone()));
    let echoed: AttachmentPayload = serde_json::from_value(payload.clone()).unwrap();
    assert_eq!(echoed.template(), Some(template.clone()));
    keyed(kind, &payload, &template);
    assert_eq!(serde_json::to_value(&template).unwrap(), payload);
    assert_eq!(
        serde_json::from_value::<Template>(payload).unwrap(),
        template
    );
    typed
}

/// Instagram puts a template under its type as a key, in place of `template_type`.
fn keyed(kind: &str, payload: &Value, template: &Template) {
    let mut content = payload.clone();
    content.as_object_mut().unwrap().remove("template_type");
    let json = json!({"type": "template", "payload": {kind: content}});
    let attachment: Attachment = serde_json::from_value(json.clone()).unwrap();
    assert_eq!(serde_json::to_value(&attachment).unwrap(), json);
    assert_eq!(
        attachment.payload.unwrap().template(),
        Some(template.clone())
    );
}

#[test]
fn a_template_under_its_type_may_be_empty_or_unknown() {
    for (payload, kind) in [
        (json!({"generic": {"elements": []}}), "generic"),
        (json!({"generic": {}}), "generic"),
        (json!({"generic": []}), "generic"),
        (json!({"generic": null}), "generic"),
        (json!({"button": {"text": "Hi!"}}), "button"),
        (
            json!({"media": {"elements": [{"media_type": "image", "url": "u"}]}}),
            "media",
        ),
        (json!({"product": {"elements": []}}), "product"),
        (
            json!({"generic": {"elements": []}, "title": "T", "is_new": true}),
            "generic",
        ),
        (
            json!({"airline_update": {"locale": "en_US"}}),
            "airline_update",
        ),
        (
            json!({"template_type": "generic", "elements": []}),
            "generic",
        ),
    ] {
        let json = json!({"type": "template", "payload": payload});
        let attachment: Attachment = serde_json::from_value(json.clone()).unwrap();
        let template = attachment.payload.clone().unwrap().template().unwrap();
        assert_eq!(template.kind(), kind, "{payload}");
        assert_eq!(serde_json::to_value(&attachment).unwrap(), json);
    }
    for payload in [
        json!({"url": "https://x.example", "title": "T"}),
        json!({"url": "https://x.example", "preview": {"width": 1}}),
        json!({"coordinates": {"lat": 1, "long": 2}}),
        json!({"generic": "odd"}),
        json!({"sticker_id": 1}),
        json!({}),
    ] {
        let payload: AttachmentPayload = serde_json::from_value(payload).unwrap();
        assert_eq!(payload.template(), None);
    }
}

fn exceeds(result: Result<(), LimitExceeded>, limit: Limit, field: &str, found: u64) {
    let exceeded = result.unwrap_err();
    assert_eq!(
        (exceeded.limit, &*exceeded.field, exceeded.found),
        (limit, field, found)
    );
}

/// As many characters, of two bytes each.
fn long(length: usize) -> String {
    "ü".repeat(length)
}

fn buttons(count: usize) -> Vec<Button> {
    vec![Button::postback("Buy", "BUY"); count]
}

#[test]
fn button_templates() {
    let json =
        json!({"text": "Hi!", "buttons": [{"type": "postback", "title": "A", "payload": "P"}]});
    let read: ButtonTemplate = template("button", json);
    assert_eq!(
        read,
        ButtonTemplate::new("Hi!", [Button::postback("A", "P")])
    );
}

#[test]
fn buttons_of_every_kind() {
    for (button, json) in [
        (
            Button::url("Shop", "https://example.com")
                .webview_height_ratio("tall")
                .messenger_extensions(true)
                .fallback_url("https://example.com/f")
                .webview_share_button("hide"),
            json!({"type": "web_url", "title": "Shop", "url": "https://example.com",
                "webview_height_ratio": "tall", "messenger_extensions": true,
                "fallback_url": "https://example.com/f", "webview_share_button": "hide"}),
        ),
        (
            Button::action("https://example.com"),
            json!({"type": "web_url", "url": "https://example.com"}),
        ),
        (
            Button::postback("Start", "START"),
            json!({"type": "postback", "title": "Start", "payload": "START"}),
        ),
        (
            Button::phone_number("Call", "+12125552368"),
            json!({"type": "phone_number", "title": "Call", "payload": "+12125552368"}),
        ),
        (
            Button::account_link("https://example.com/login"),
            json!({"type": "account_link", "url": "https://example.com/login"}),
        ),
        (Button::account_unlink(), json!({"type": "account_unlink"})),
        (
            Button::game_play("Play", "{}").game_metadata(GameMetadata {
                player_id: Some("P".into()),
                ..Default::default()
            }),
            json!({"type": "game_play", "title": "Play", "payload": "{}",
                "game_metadata": {"player_id": "P"}}),
        ),
        (
            Button::audio_call("Call us"),
            json!({"type": "audio_call", "title": "Call us"}),
        ),
    ] {
        shape::<Button>(json.clone());
        assert_eq!(serde_json::to_value(&button).unwrap(), json);
        assert_eq!(button.check(), Ok(()));
    }
    shape::<GameMetadata>(json!({"context_id": "C"}));
}

#[test]
fn limits_of_buttons() {
    let titled = |length| Button::postback(long(length), "P").check();
    assert_eq!(titled(20), Ok(()));
    exceeds(titled(21), Limit::ButtonTitle, "title", 21);
    let carrying = |length| Button::postback("T", long(length)).check();
    assert_eq!(carrying(1000), Ok(()));
    exceeds(carrying(1001), Limit::ButtonPayload, "payload", 1001);
}

#[test]
fn limits_of_button_templates() {
    let saying = |length| ButtonTemplate::new(long(length), buttons(1)).check();
    assert_eq!(saying(640), Ok(()));
    exceeds(saying(641), Limit::ButtonTemplateText, "text", 641);
    let with = |count| ButtonTemplate::new("T", buttons(count)).check();
    assert_eq!((with(1), with(3)), (Ok(()), Ok(())));
    exceeds(with(0), Limit::Buttons, "buttons", 0);
    exceeds(with(4), Limit::Buttons, "buttons", 4);
    let one_long = ButtonTemplate::new("T", [Button::url("T", "U"), Button::url(long(21), "U")]);
    exceeds(one_long.check(), Limit::ButtonTitle, "buttons[1].title", 21);
}

#[test]
fn generic_templates() {
    let json = json!({"elements": [{"title": "Hat", "subtitle": "$40", "image_url": "https://i",
        "default_action": {"type": "web_url", "url": "https://h"},
        "buttons": [{"type": "postback", "title": "Buy", "payload": "BUY"}]}],
        "sharable": false, "image_aspect_ratio": "square"});
    let hat = Element::new("Hat")
        .subtitle("$40")
        .image_url("https://i")
        .default_action(Button::action("https://h"))
        .button(Button::postback("Buy", "BUY"));
    let hats = GenericTemplate::new([hat])
        .sharable(false)
        .image_aspect_ratio("square");
    assert_eq!(template::<GenericTemplate>("generic", json), hats);
}

#[test]
fn limits_of_generic_templates() {
    let with = |count| GenericTemplate::new(vec![Element::new("T").subtitle("S"); count]).check();
    assert_eq!((with(1), with(10)), (Ok(()), Ok(())));
    exceeds(with(0), Limit::Elements, "elements", 0);
    exceeds(with(11), Limit::Elements, "elements", 11);
    let titled = |length| Element::new(long(length)).subtitle("S").check();
    assert_eq!((titled(1), titled(80)), (Ok(()), Ok(())));
    exceeds(titled(0), Limit::ElementTitle, "title", 0);
    exceeds(titled(81), Limit::ElementTitle, "title", 81);
    let subtitled = |length| Element::new("T").subtitle(long(length)).check();
    assert_eq!(subtitled(80), Ok(()));
    exceeds(subtitled(81), Limit::ElementSubtitle, "subtitle", 81);
    let offering = |count| {
        let element = buttons(count)
            .into_iter()
            .fold(Element::new("T"), Element::button);
        element.check()
    };
    assert_eq!(offering(3), Ok(()));
    exceeds(offering(4), Limit::ElementButtons, "buttons", 4);
    exceeds(offering(0), Limit::ElementContent, "content", 0);
    let nested = GenericTemplate::new([
        Element::new("T").subtitle("S"),
        Element::new("T").button(Button::postback("T", long(1001))),
    ]);
    let field = "elements[1].buttons[0].payload";
    exceeds(nested.check(), Limit::ButtonPayload, field, 1001);
}

#[test]
fn media_templates() {
    let json = json!({"elements": [{"media_type": "image", "attachment_id": "1857777774821032",
        "buttons": [{"type": "postback", "title": "Buy", "payload": "BUY"}]}], "sharable": true});
    let picture = MediaElement::by_id("image", "1857777774821032").button(buttons(1).remove(0));
    let read: MediaTemplate = template("media", json);
    assert_eq!(read, MediaTemplate::new(picture).sharable(true));
    let json = json!({"elements": [{"media_type": "video", "url": "https://facebook.example/1"}]});
    let film = MediaElement::by_url("video", "https://facebook.example/1");
    assert_eq!(
        template::<MediaTemplate>("media", json),
        MediaTemplate::new(film)
    );
}

#[test]
fn limits_of_media_templates() {
    let with = |count| {
        let template = MediaTemplate {
            elements: vec![MediaElement::by_id("image", "A"); count],
            ..Default::default()
        };
        template.check()
    };
    assert_eq!(with(1), Ok(()));
    exceeds(with(0), Limit::MediaElements, "elements", 0);
    exceeds(with(2), Limit::MediaElements, "elements", 2);
    let offering = |count| {
        let film = MediaElement::by_id("video", "A");
        MediaTemplate::new(buttons(count).into_iter().fold(film, MediaElement::button)).check()
    };
    assert_eq!(offering(3), Ok(()));
    exceeds(offering(4), Limit::ElementButtons, "elements[0].buttons", 4);
}

#[test]
fn receipts() {
    let receipt: ReceiptTemplate = template(
        "receipt",
        json!({"recipient_name": "Ana Lopez",
        "merchant_name": "Hats", "order_number": "12345678902", "currency": "USD",
        "payment_method": "Visa 2345", "order_url": "https://example.com/o",
        "timestamp": "1428444852", "sharable": true,
        "address": {"street_1": "1 Hacker Way", "street_2": "", "city": "Menlo Park",
            "postal_code": "94025", "state": "CA", "country": "US"},
        "summary": {"subtotal": 75, "shipping_cost": 4.95, "total_tax": 6.19, "total_cost": 56.14},
        "adjustments": [{"name": "New customer", "amount": 20.5}],
        "elements": [{"title": "Hat", "subtitle": "Soft", "quantity": 2, "price": 50.5,
            "currency": "USD", "image_url": "https://i"}]}),
    );
    assert_eq!(receipt.summary.total_cost, 56.14);
    let hat = ReceiptElement::new("Hat", 50.5)
        .subtitle("Soft")
        .quantity(2_u32)
        .currency("USD")
        .image_url("https://i");
    assert_eq!(receipt.elements, [hat]);
}

#[test]
fn limits_of_receipts() {
    let with = |count| {
        let receipt = ReceiptTemplate {
            elements: vec![ReceiptElement::new("Hat", 1.0); count],
            ..Default::default()
        };
        receipt.check()
    };
    assert_eq!((with(0), with(100)), (Ok(()), Ok(())));
    exceeds(with(101), Limit::ReceiptElements, "elements", 101);
}

#[test]
fn product_templates() {
    let json = json!({"elements": [{"id": "4711"}, {"id": "4712"}]});
    let read: ProductTemplate = template("product", json);
    assert_eq!(read, ProductTemplate::new(["4711", "4712"]));
    let with = |count| ProductTemplate::new(vec!["4711"; count]).check();
    assert_eq!((with(1), with(10)), (Ok(()), Ok(())));
    exceeds(with(0), Limit::Products, "elements", 0);
    exceeds(with(11), Limit::Products, "elements", 11);
}

#[test]
fn coupons() {
    let read: CouponTemplate = template(
        "coupon",
        json!({"title": "10% off", "subtitle": "Today",
        "coupon_code": "10PERCENT", "coupon_url": "https://c", "coupon_url_button_title": "Shop",
        "coupon_pre_message": "For you", "image_url": "https://i", "payload": "P"}),
    );
    let built = CouponTemplate::new("10% off")
        .subtitle("Today")
        .coupon_code("10PERCENT")
        .coupon_url("https://c")
        .coupon_url_button_title("Shop")
        .coupon_pre_message("For you")
        .image_url("https://i")
        .payload("P");
    assert_eq!(read, built);
}

#[test]
fn limits_of_coupons() {
    let titled = |length| CouponTemplate::new(long(length)).coupon_code("C").check();
    assert_eq!((titled(1), titled(80)), (Ok(()), Ok(())));
    exceeds(titled(0), Limit::CouponTitle, "title", 0);
    exceeds(titled(81), Limit::CouponTitle, "title", 81);
    let subtitled = |length| {
        let coupon = CouponTemplate::new("T")
            .coupon_url("U")
            .subtitle(long(length));
        coupon.check()
    };
    assert_eq!(subtitled(80), Ok(()));
    exceeds(subtitled(81), Limit::CouponSubtitle, "subtitle", 81);
    exceeds(
        CouponTemplate::new("T").check(),
        Limit::CouponContent,
        "content",
        0,
    );
    let both = CouponTemplate::new("T").coupon_url("U").coupon_code("C");
    assert_eq!(both.check(), Ok(()));
}

#[test]
fn customer_feedback_templates() {
    let read: CustomerFeedbackTemplate = template(
        "customer_feedback",
        json!({"title": "How was it?",
        "subtitle": "Tell us", "button_title": "Rate", "feedback_screens": [{"questions":
        [{"id": "hauydmns8", "type": "csat", "title": "How content are you?",
          "score_label": "neg_pos", "score_option": "five_stars",
          "follow_up": {"type": "free_form", "placeholder": "Tell us more"}}]}],
        "business_privacy": {"url": "https://example.com/privacy"}, "expires_in_days": 3}),
    );
    let question = FeedbackQuestion::new("hauydmns8", "csat", "How content are you?");
    let mut built =
        CustomerFeedbackTemplate::new("How was it?", question, "https://example.com/privacy");
    assert_eq!(built.check(), Ok(()));
    built.subtitle = Some("Tell us".into());
    built.button_title = Some("Rate".into());
    built.expires_in_days = Some(3);
    let extra = &mut built.feedback_screens[0].questions[0];
    extra.score_label = Some("neg_pos".into());
    extra.score_option = Some("five_stars".into());
    extra.follow_up = read.feedback_screens[0].questions[0].follow_up.clone();
    assert_eq!(read, built);
}

fn feedback(change: impl Fn(&mut CustomerFeedbackTemplate)) -> Result<(), LimitExceeded> {
    let question = FeedbackQuestion::new("q_1", "csat", "How content are you?");
    let mut template = CustomerFeedbackTemplate::new("T", question, "https://example.com/privacy");
    change(&mut template);
    template.check()
}

#[test]
fn limits_of_customer_feedback_templates() {
    let titled = |length| feedback(|template| template.title = long(length));
    assert_eq!((titled(1), titled(65)), (Ok(()), Ok(())));
    exceeds(titled(0), Limit::FeedbackTitle, "title", 0);
    exceeds(titled(66), Limit::FeedbackTitle, "title", 66);
    let subtitled = |length| feedback(|template| template.subtitle = Some(long(length)));
    assert_eq!(subtitled(80), Ok(()));
    exceeds(subtitled(81), Limit::FeedbackSubtitle, "subtitle", 81);
    let button = |length| feedback(|template| template.button_title = Some(long(length)));
    assert_eq!(button(20), Ok(()));
    exceeds(button(21), Limit::FeedbackButtonTitle, "button_title", 21);
    let expiring = |days| feedback(|template| template.expires_in_days = Some(days));
    assert_eq!((expiring(1), expiring(7)), (Ok(()), Ok(())));
    exceeds(expiring(0), Limit::ExpiresInDays, "expires_in_days", 0);
    exceeds(expiring(8), Limit::ExpiresInDays, "expires_in_days", 8);
}

#[test]
fn limits_of_feedback_questions() {
    let screens = |count: usize| {
        feedback(|template| {
            template.feedback_screens = vec![template.feedback_screens[0].clone(); count];
        })
    };
    assert_eq!(screens(1), Ok(()));
    exceeds(screens(0), Limit::FeedbackScreens, "feedback_screens", 0);
    exceeds(screens(2), Limit::FeedbackScreens, "feedback_screens", 2);
    let questions = |count: usize| {
        feedback(|template| {
            let screen = &mut template.feedback_screens[0];
            screen.questions = vec![screen.questions[0].clone(); count];
        })
    };
    let field = "feedback_screens[0].questions";
    exceeds(questions(0), Limit::FeedbackQuestions, field, 0);
    exceeds(questions(2), Limit::FeedbackQuestions, field, 2);
    let with_id =
        |id: String| feedback(|template| template.feedback_screens[0].questions[0].id = id.clone());
    let field = "feedback_screens[0].questions[0].id";
    assert_eq!(
        (with_id("a".into()), with_id("a".repeat(80))),
        (Ok(()), Ok(()))
    );
    exceeds(with_id(String::new()), Limit::FeedbackQuestionId, field, 0);
    exceeds(
        with_id("a".repeat(81)),
        Limit::FeedbackQuestionId,
        field,
        81,
    );
    exceeds(
        with_id("a-b c".into()),
        Limit::FeedbackQuestionIdOdd,
        field,
        2,
    );
    let titled = |length| {
        feedback(|template| template.feedback_screens[0].questions[0].title = long(length))
    };
    let field = "feedback_screens[0].questions[0].title";
    assert_eq!((titled(5), titled(85)), (Ok(()), Ok(())));
    exceeds(titled(4), Limit::FeedbackQuestionTitle, field, 4);
    exceeds(titled(86), Limit::FeedbackQuestionTitle, field, 86);
}

#[test]
fn customer_information_templates() {
    let json = json!({"screens": [{"screen_id": "s1"}], "expires_in_days": 3});
    let form: CustomerInformationTemplate = template("customer_information", json);
    let expiring = |days| {
        let form = CustomerInformationTemplate {
            expires_in_days: Some(days),
            ..form.clone()
        };
        form.check()
    };
    assert_eq!((expiring(1), expiring(7)), (Ok(()), Ok(())));
    exceeds(expiring(0), Limit::ExpiresInDays, "expires_in_days", 0);
    exceeds(expiring(8), Limit::ExpiresInDays, "expires_in_days", 8);
}

#[test]
fn instant_forms() {
    let read: InstantFormTemplate = template("instant_form", json!({"form_id": "F"}));
    assert_eq!(read, InstantFormTemplate::new("F"));
}

#[test]
fn image_grids() {
    let json = json!({"elements": [{"title": "Hats", "subtitle": "$40", "images": [
        {"url": "https://1", "is_hero_image": true, "action": {"type": "web_url", "url": "https://h"}},
        {"url": "https://2", "action": {"type": "postback", "payload": "P", "text": "Hat"}}],
        "buttons": [{"type": "postback", "title": "Buy", "payload": "BUY"}]}]});
    let images = [
        GridImage::new("https://1")
            .is_hero_image(true)
            .action(GridAction::url("https://h")),
        GridImage::new("https://2").action(GridAction::postback("Hat", "P")),
    ];
    let hats = GridElement::new(images)
        .title("Hats")
        .subtitle("$40")
        .button(Button::postback("Buy", "BUY"));
    let read: ImageGridTemplate = template("image_grid", json);
    assert_eq!(read, ImageGridTemplate::new(hats));
}

#[test]
fn limits_of_image_grids() {
    let pictures = |count: usize| GridElement::new(vec![GridImage::new("https://1"); count]);
    let check = |element| ImageGridTemplate::new(element).check();
    assert_eq!((check(pictures(2)), check(pictures(6))), (Ok(()), Ok(())));
    exceeds(
        check(pictures(1)),
        Limit::GridImages,
        "elements[0].images",
        1,
    );
    exceeds(
        check(pictures(7)),
        Limit::GridImages,
        "elements[0].images",
        7,
    );
    assert_eq!(check(pictures(2).title(long(45))), Ok(()));
    exceeds(
        check(pictures(2).title(long(46))),
        Limit::GridTitle,
        "elements[0].title",
        46,
    );
    assert_eq!(check(pictures(2).subtitle(long(80))), Ok(()));
    let long_subtitle = check(pictures(2).subtitle(long(81)));
    exceeds(
        long_subtitle,
        Limit::GridSubtitle,
        "elements[0].subtitle",
        81,
    );
    let offering = |count| {
        check(
            buttons(count)
                .into_iter()
                .fold(pictures(2), GridElement::button),
        )
    };
    assert_eq!(offering(3), Ok(()));
    exceeds(offering(4), Limit::ElementButtons, "elements[0].buttons", 4);
    let with = |count| {
        let template = ImageGridTemplate {
            elements: vec![pictures(2); count],
            ..Default::default()
        };
        template.check()
    };
    exceeds(with(0), Limit::GridElements, "elements", 0);
    exceeds(with(2), Limit::GridElements, "elements", 2);
}

#[test]
fn requests_for_one_notification() {
    let json = json!({"title": "When it is back", "payload": "HAT"});
    let read: OneTimeNotificationTemplate = template("one_time_notif_req", json);
    assert_eq!(
        read,
        OneTimeNotificationTemplate::new("When it is back", "HAT")
    );
    let titled = |length| OneTimeNotificationTemplate::new(long(length), "P").check();
    assert_eq!(titled(65), Ok(()));
    exceeds(titled(66), Limit::OneTimeTitle, "title", 66);
}

#[test]
fn requests_for_marketing_messages() {
    let read: NotificationMessagesTemplate = template(
        "notification_messages",
        json!({
        "title": "Offers", "image_url": "https://i", "payload": "P",
        "notification_messages_frequency": "WEEKLY", "notification_messages_timezone": "UTC",
        "notification_messages_cta_text": "SIGN_UP"}),
    );
    let built = NotificationMessagesTemplate::new("P")
        .title("Offers")
        .image_url("https://i")
        .notification_messages_frequency("WEEKLY")
        .notification_messages_timezone("UTC")
        .notification_messages_cta_text("SIGN_UP");
    assert_eq!(read, built);
}

#[test]
fn retired_templates_are_kept_whole() {
    for json in [
        json!({"template_type": "airline_checkin", "intro_message": "I", "pnr_number": "P"}),
        json!({"template_type": "list", "elements": []}),
        json!({"no": "type"}),
    ] {
        let template: Template = serde_json::from_value(json.clone()).unwrap();
        assert_eq!(
            template.kind(),
            json["template_type"].as_str().unwrap_or("")
        );
        assert_eq!(template.check(), Ok(()));
        assert!(matches!(template, Template::Other(_)));
        assert_eq!(serde_json::to_value(template).unwrap(), json);
    }
}

#[test]
fn a_request_checks_the_template_in_it() {
    let request = SendRequest {
        recipient: Recipient::id("9"),
        message: Some(OutgoingMessage::template(ButtonTemplate::new(
            "T",
            buttons(4),
        ))),
        ..Default::default()
    };
    let exceeded = request.check(&Object::Page).unwrap_err();
    assert_eq!(
        exceeded.to_string(),
        "messages: message.attachment.payload.buttons is limited to 3 buttons, and this has 4; \
         offer fewer, or use quick replies"
    );
    let none = OutgoingMessage::template(ButtonTemplate::new("T", []));
    let exceeded = none.check(&Object::Instagram).unwrap_err();
    assert_eq!(
        exceeded.to_string(),
        "messages: attachment.payload.buttons needs 1 buttons or more, and this has 0"
    );
    assert_eq!(
        (exceeded.limit.least(), exceeded.limit.allowed()),
        (1, limits::BUTTONS as u64)
    );
}
