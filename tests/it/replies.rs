//! What bots say: quick replies, buttons, carousels, attachments, templates, long texts, and the
//! signs that an answer is coming.

use handover::Limits;
use handover::prelude::*;
use handover::protocol::{OutgoingMessage, QuickReply, Template};
use handover::testing::Scenario;
use serde_json::{Value, json};

fn template_of(message: &OutgoingMessage) -> Template {
    let attachment = message.attachment.as_ref().expect("an attachment");
    attachment.payload.template().expect("a template")
}

mod composed {
    use std::borrow::Cow;
    use std::time::Duration;

    use handover::TargetApp;
    use handover::protocol::{
        ButtonTemplate, CouponTemplate, MediaElement, MediaTemplate, ProductTemplate,
        ReceiptSummary, ReceiptTemplate,
    };
    use handover::testing::{Answer, dispatch, event};

    use super::*;

    #[on_message(text = "colour")]
    async fn colour() -> Message {
        "Pick one".with_quick_replies(["Red", "Blue"])
    }

    #[on_message(text = "contact")]
    async fn contact() -> Message {
        Cow::from("How can we reach you?").with_quick_replies([
            QuickReply::user_phone_number(),
            QuickReply::user_email(),
            ("Not at all", "NEVER").into(),
        ])
    }

    #[on_message(text = "next")]
    async fn next() -> Message {
        String::from("What next?")
            .with_buttons([Button::postback("Menu", "MENU")])
            .with_quick_replies([("Nothing", "STOP")])
            .with_metadata("asked")
    }

    #[on_message(text = "hats")]
    async fn hats() -> (&'static str, Carousel, Vec<Image>, Timer) {
        let hat = Card::new("Hat")
            .subtitle("$40")
            .image("https://example.com/hat.png")
            .link("https://example.com/hat")
            .button(Button::postback("Buy", "BUY:hat"));
        let cap = Card::new("Cap").subtitle("$20");
        (
            "Look:",
            Carousel::new().card(hat).card(cap).square_images(),
            vec![
                Image::by_url("https://example.com/1.png").reusable(),
                Image::by_id("4711"),
            ],
            Timer::after("reminder", Duration::from_secs(60)),
        )
    }

    #[on_message(text = "media")]
    async fn media() -> (Audio, Video, File, Message) {
        (
            Audio::by_url("https://example.com/a.mp3"),
            Video::by_id("4712"),
            File::by_url("https://example.com/f.pdf"),
            Video::by_id("4713").with_buttons([Button::postback("Again", "AGAIN")]),
        )
    }

    fn receipt() -> ReceiptTemplate {
        ReceiptTemplate {
            recipient_name: "Ana".into(),
            order_number: "1".into(),
            currency: "EUR".into(),
            payment_method: "cash".into(),
            summary: ReceiptSummary {
                total_cost: 40.0,
                ..Default::default()
            },
            ..Default::default()
        }
    }

    #[on_message(text = "bought")]
    async fn bought() -> (
        ReceiptTemplate,
        CouponTemplate,
        Result<ProductTemplate, String>,
    ) {
        let coupon = CouponTemplate::new("10% off").coupon_code("TEN");
        (receipt(), coupon, Ok(ProductTemplate::new(["4711"])))
    }

    #[on_message(text = "agent")]
    #[handoff(to = "page_inbox")]
    async fn agent() -> Handoff {
        Handoff::after("A colleague is coming.".with_quick_replies(["Thanks"]))
    }

    async fn answer(text: &str) -> Answer {
        let routes = routes![colour, contact, next, hats, media, bought].routes(routes![agent]);
        dispatch(routes, event::message(text)).await.unwrap()
    }

    #[tokio::test]
    async fn the_payload_of_a_quick_reply_is_its_title_unless_it_has_one() {
        let colour = answer("colour").await;
        let [message] = colour.messages()[..] else {
            panic!("{colour:?}")
        };
        let replies = ["Red", "Blue"].map(|title| QuickReply::text(title, title));
        assert_eq!(message.text.as_deref(), Some("Pick one"));
        assert_eq!(message.quick_replies, replies);

        let contact = answer("contact").await;
        let replies = [
            QuickReply::user_phone_number(),
            QuickReply::user_email(),
            QuickReply::text("Not at all", "NEVER"),
        ];
        assert_eq!(contact.messages()[0].quick_replies, replies);
    }

    #[tokio::test]
    async fn quick_replies_go_with_anything() {
        let next = answer("next").await;
        let message = next.messages()[0];
        let buttons = ButtonTemplate::new("What next?", [Button::postback("Menu", "MENU")]);
        assert_eq!(template_of(message), Template::Button(buttons));
        assert_eq!(message.quick_replies, [QuickReply::text("Nothing", "STOP")]);
        assert_eq!(message.metadata.as_deref(), Some("asked"));

        let agent = answer("agent").await;
        assert_eq!(agent.messages()[0].quick_replies.len(), 1);
        assert_eq!(agent.handoff(), Some(TargetApp::Inbox));
    }

    #[tokio::test]
    async fn several_stay_in_order() {
        let hats = answer("hats").await;
        let sent: Vec<_> = hats.messages().into_iter().map(|m| json!(m)).collect();
        let cards = json!([
            {
                "title": "Hat", "subtitle": "$40", "image_url": "https://example.com/hat.png",
                "default_action": { "type": "web_url", "url": "https://example.com/hat" },
                "buttons": [{ "type": "postback", "title": "Buy", "payload": "BUY:hat" }],
            },
            { "title": "Cap", "subtitle": "$20" },
        ]);
        let carousel = json!({ "template_type": "generic", "elements": cards, "image_aspect_ratio": "square" });
        let image =
            |payload: Value| json!({ "attachment": { "type": "image", "payload": payload } });
        assert_eq!(
            sent,
            [
                json!({ "text": "Look:" }),
                json!({ "attachment": { "type": "template", "payload": carousel } }),
                image(json!({ "url": "https://example.com/1.png", "is_reusable": true })),
                image(json!({ "attachment_id": "4711" })),
            ]
        );
    }

    #[tokio::test]
    async fn media_and_templates_are_answers_by_themselves() {
        let media = answer("media").await;
        let messages = media.messages();
        let kinds = messages
            .iter()
            .map(|m| m.attachment.as_ref().unwrap().kind.as_str());
        assert_eq!(
            Vec::from_iter(kinds),
            ["audio", "video", "file", "template"]
        );
        let again = MediaElement::by_id("video", "4713").button(Button::postback("Again", "AGAIN"));
        assert_eq!(
            template_of(messages[3]),
            Template::Media(MediaTemplate::new(again))
        );

        let bought = answer("bought").await;
        let templates = bought.messages().into_iter().map(template_of);
        let expected = [
            Template::from(receipt()),
            CouponTemplate::new("10% off").coupon_code("TEN").into(),
            ProductTemplate::new(["4711"]).into(),
        ];
        assert_eq!(Vec::from_iter(templates), expected);
    }
}

mod on_stage {
    use super::*;

    #[on_message(text = "colour")]
    async fn colour() -> Message {
        "Pick one".with_quick_replies(["Red", "Blue"])
    }

    #[on_message(quick_reply = "Red")]
    async fn red() -> Message {
        "Red it is. What next?".with_buttons([Button::postback("Hats", "HATS")])
    }

    #[on_postback(payload = "HATS")]
    async fn hats() -> (Carousel, Image) {
        let hat = Card::new("Red hat").button(Button::postback("Buy", "BUY:1"));
        (
            [hat].into_iter().collect(),
            Image::by_url("https://example.com/hat.png"),
        )
    }

    #[on_postback(payload = "BUY:{id}")]
    async fn buy(id: Payload<u32>) -> String {
        format!("You bought hat {}.", *id)
    }

    fn long_story() -> String {
        ["The hat fell into the river."; 150].join(" ")
    }

    #[on_message(text = "story")]
    async fn story() -> (Message, &'static str) {
        (long_story().with_quick_replies(["More"]), "The end.")
    }

    #[tokio::test]
    async fn a_person_taps_through_what_is_offered() {
        let scenario = Scenario::with(Bot::new(routes![colour, red, hats, buy]).typing(true)).await;
        let ana = scenario.person("Ana");
        ana.says("colour").await;
        ana.sees("Pick one").await;
        ana.taps_quick_reply("Red").await;
        let next = ana.sees_something("a button", |message| message.attachment.is_some());
        next.await;
        ana.taps_button("Hats").await;
        let is_image = |kind: &str| kind == "image";
        ana.sees_something("a picture", |message| {
            message
                .attachment
                .as_ref()
                .is_some_and(|a| is_image(&a.kind))
        })
        .await;
        ana.taps_button("Buy").await;
        ana.sees("You bought hat 1.").await;
        ana.sees_nothing_more().await;
    }

    #[tokio::test]
    async fn a_long_text_comes_in_whole_sentences_and_in_order() {
        let scenario = Scenario::with(Bot::new(routes![story])).await;
        let ana = scenario.person("Ana");
        ana.says("story").await;
        ana.sees("The end.").await;
        let messages = ana.messages();
        let [_, parts @ .., _] = messages.as_slice() else {
            panic!("{messages:#?}")
        };
        assert_eq!(parts.len(), 3);
        let texts: Vec<_> = parts
            .iter()
            .map(|part| part.text.as_deref().unwrap())
            .collect();
        assert!(
            texts.iter().all(|text| text.ends_with("river.")),
            "{texts:#?}"
        );
        assert_eq!(texts.join(" "), long_story());
        let offered = parts.iter().map(|part| part.quick_replies.len());
        assert_eq!(Vec::from_iter(offered), [0, 0, 1]);
    }
}

mod limits {
    use super::*;

    /// The number that the text names.
    fn count(captures: &Captures) -> usize {
        captures.get(1).and_then(|n| n.parse().ok()).unwrap()
    }

    #[on_message(regex = r"^(\d+) quick replies$")]
    async fn quick_replies(captures: Captures) -> Message {
        "Which?".with_quick_replies((0..count(&captures)).map(|n| n.to_string()))
    }

    #[on_message(regex = r"^(\d+) buttons$")]
    async fn buttons(captures: Captures) -> Message {
        let button = |n: usize| Button::postback(n.to_string(), "P");
        "Which?".with_buttons((0..count(&captures)).map(button))
    }

    #[on_message(regex = r"^(\d+) cards$")]
    async fn cards(captures: Captures) -> Carousel {
        let card = |n: usize| Card::new(n.to_string()).subtitle("…");
        (0..count(&captures)).map(card).collect()
    }

    #[on_message(regex = r"^(\d+) letters above a button$")]
    async fn letters(captures: Captures) -> Message {
        let text = "x".repeat(count(&captures));
        text.with_buttons([Button::postback("Yes", "YES")])
    }

    #[on_error]
    async fn failed(failure: Failure) -> String {
        format!("Failed: {failure}")
    }

    #[tokio::test]
    async fn what_is_too_much_ends_at_on_error_and_is_named() {
        let routes = routes![quick_replies, buttons, cards, letters, failed];
        let bot = Bot::new(routes).retries(0).limits(Limits::Refuse);
        let scenario = Scenario::with(bot).await;
        let ana = scenario.person("Ana");
        for (most, one_more, named) in [
            (
                "13 quick replies",
                "14 quick replies",
                "message.quick_replies",
            ),
            ("3 buttons", "4 buttons", "buttons"),
            ("10 cards", "11 cards", "elements"),
            ("1 cards", "0 cards", "elements"),
            (
                "640 letters above a button",
                "641 letters above a button",
                "text",
            ),
        ] {
            ana.says(most).await;
            ana.sees_something(most, |message| {
                message.attachment.is_some() || !message.quick_replies.is_empty()
            })
            .await;
            ana.says(one_more).await;
            ana.sees_in_a_text(named).await;
            ana.sees_nothing_more().await;
            assert_eq!(scenario.dead_letters().await.len(), 1);
        }
    }
}

mod on_instagram {
    use super::*;
    use crate::support::bot::RunningBot;
    use crate::support::platform::{PAGE, message};

    #[fallback]
    async fn story() -> String {
        ["Der Hut fiel in den Fluß."; 100].join(" ")
    }

    #[tokio::test]
    async fn a_text_is_split_by_its_bytes() {
        let bot = RunningBot::start_with(Bot::new(routes![story]).typing(true)).await;
        let item = message("1254477777772919", "story");
        let body = json!({ "object": "instagram", "entry": [{ "id": PAGE, "time": 1_458_692_752_478_i64, "messaging": [item] }] });
        assert_eq!(bot.platform.post_bytes(body.to_string()).await, 200);
        let calls = bot.graph.wait_for_calls(4).await;
        assert_eq!(calls[0].body["sender_action"], "mark_seen");
        let texts: Vec<_> = calls[1..].iter().map(|call| call.text().unwrap()).collect();
        assert!(texts.iter().all(|text| text.len() <= 1000), "{texts:#?}");
        assert_eq!(texts.join(" "), story().await);
    }
}

mod typing {
    use std::sync::Arc;

    use handover::protocol::SenderAction;
    use tokio::sync::Semaphore;

    use super::*;
    use crate::support::platform::PAGE_INBOX;
    use crate::support::watched::Watched;

    /// What a slow handler waits for.
    #[derive(BotState)]
    struct Thoughts {
        thoughts: Arc<Semaphore>,
    }

    #[on_message(text = "think")]
    async fn think(thoughts: State<Arc<Semaphore>>) -> Result<&'static str, String> {
        let thought = thoughts
            .acquire()
            .await
            .map_err(|closed| closed.to_string())?;
        thought.forget();
        Ok("42")
    }

    #[on_message(text = "think in silence")]
    async fn in_silence(thoughts: State<Arc<Semaphore>>) {
        if let Ok(thought) = thoughts.acquire().await {
            thought.forget();
        }
    }

    #[on_message(text = "quick")]
    async fn quick() -> &'static str {
        "At once."
    }

    #[on_message(text = "fail")]
    async fn fail(thoughts: State<Arc<Semaphore>>) -> Result<(), &'static str> {
        if let Ok(thought) = thoughts.acquire().await {
            thought.forget();
        }
        Err("on purpose")
    }

    #[on_message(text = "agent")]
    #[handoff(to = "page_inbox")]
    async fn agent() {}

    #[on_message(text = "wave")]
    async fn wave() -> (SenderAction, &'static str) {
        (SenderAction::TypingOn, "Hi!")
    }

    #[on_standby]
    async fn overheard() {}

    async fn start(typing: bool) -> (Watched, Arc<Semaphore>) {
        let thoughts = Arc::new(Semaphore::new(0));
        let state = Thoughts {
            thoughts: thoughts.clone(),
        };
        let routes = routes![think, in_silence, quick, fail, agent, wave, overheard];
        let bot = Bot::with_state(state, routes).retries(0).typing(typing);
        (Watched::start_with(bot).await, thoughts)
    }

    fn said(watched: &Watched) -> Vec<String> {
        let calls = watched.bot.graph.calls();
        let said = calls.iter().map(|call| {
            let sign = call.body["sender_action"].as_str();
            sign.or(call.text()).unwrap_or(call.name()).to_owned()
        });
        said.collect()
    }

    #[tokio::test]
    async fn the_person_sees_that_an_answer_is_coming() {
        let (watched, thoughts) = start(true).await;
        watched.bot.platform.says("think").await;
        watched.bot.graph.wait_for_calls(2).await;
        thoughts.add_permits(1);
        watched.bot.graph.wait_for_calls(3).await;
        watched.settled().await;
        assert_eq!(said(&watched), ["mark_seen", "typing_on", "42"]);
    }

    #[tokio::test]
    async fn a_handler_can_say_otherwise_than_the_bot() {
        #[on_message(text = "aloud", typing = true)]
        async fn aloud() -> &'static str {
            "Read."
        }

        #[on_message(text = "quietly", typing = false)]
        async fn quietly() -> &'static str {
            "Answered."
        }

        #[fallback]
        async fn usual() -> &'static str {
            "As usual."
        }

        for (typing, usually) in [
            (true, ["mark_seen", "As usual."].as_slice()),
            (false, &["As usual."]),
        ] {
            let bot = Bot::new(routes![aloud, quietly, usual]).typing(typing);
            let watched = Watched::start_with(bot).await;
            let mut expected = vec!["mark_seen", "Read.", "Answered."];
            expected.extend(usually);
            for text in ["aloud", "quietly", "hm"] {
                watched.bot.platform.says(text).await;
                watched.settled().await;
            }
            assert_eq!(said(&watched), expected);
        }
    }

    #[tokio::test]
    async fn it_ends_where_no_answer_comes() {
        for text in ["think in silence", "fail"] {
            let (watched, thoughts) = start(true).await;
            watched.bot.platform.says(text).await;
            watched.bot.graph.wait_for_calls(2).await;
            thoughts.add_permits(1);
            watched.bot.graph.wait_for_calls(3).await;
            watched.settled().await;
            assert_eq!(said(&watched), ["mark_seen", "typing_on", "typing_off"]);
        }
    }

    #[tokio::test]
    async fn nothing_is_shown_before_an_answer_that_is_there_already() {
        let (watched, _) = start(true).await;
        watched.bot.platform.says("quick").await;
        watched.bot.graph.wait_for_calls(2).await;
        watched.settled().await;
        assert_eq!(said(&watched), ["mark_seen", "At once."]);
    }

    #[tokio::test]
    async fn by_default_and_where_no_handler_answers_nothing_is_shown() {
        for (typing, texts, expected) in [
            (
                false,
                ["quick", "unheard of"].as_slice(),
                ["At once."].as_slice(),
            ),
            (true, &["unheard of"], &[]),
        ] {
            let (watched, _) = start(typing).await;
            for text in texts {
                watched.bot.platform.says(text).await;
            }
            watched.settled().await;
            assert_eq!(said(&watched), expected);
        }
    }

    #[tokio::test]
    async fn what_cannot_be_shown_is_left_out() {
        let error = json!({ "error": { "message": "as the test wants it", "type": "OAuthException", "code": 2, "fbtrace_id": "A" } });
        let (watched, _) = start(true).await;
        watched.bot.graph.next_answer(500, error.clone());
        watched.bot.platform.says("quick").await;
        watched.bot.graph.wait_for_calls(2).await;
        watched.settled().await;
        assert_eq!(
            said(&watched),
            ["mark_seen", "At once."],
            "it is not repeated"
        );
        assert!(watched.dead_letters().await.is_empty());

        let (watched, _) = start(false).await;
        watched.bot.graph.next_answer(500, error);
        watched.bot.platform.says("wave").await;
        watched.bot.graph.wait_for_calls(2).await;
        watched.settled().await;
        assert_eq!(
            said(&watched),
            ["typing_on", "Hi!"],
            "nor is one that was returned"
        );
        assert!(watched.dead_letters().await.is_empty());
    }

    #[tokio::test]
    async fn nothing_is_shown_while_somebody_else_has_the_thread() {
        let (watched, _) = start(true).await;
        watched.bot.platform.says("agent").await;
        watched.bot.graph.wait_for_calls(2).await;
        watched.settled().await;
        watched.bot.graph.owned_by(PAGE_INBOX);
        let overheard =
            crate::support::platform::message(crate::support::platform::PERSON, "quick");
        watched.bot.platform.deliver_on_standby([overheard]).await;
        watched.bot.platform.says("quick").await;
        watched.settled().await;
        assert_eq!(said(&watched), ["mark_seen", "pass_thread_control"]);
    }
}
