//! What is too long, too many or empty for the platform.

use handover::Limits;
use handover::journal::DeadLetterContent;
use handover::prelude::*;
use handover::protocol::OutgoingMessage;
use serde_json::Value;

use crate::support::logs::Logs;
use crate::support::platform::PAGE;
use crate::support::watched::Watched;
use handover_testkit::graph::Call;

/// What is sent when a person says "go" to a bot with this one handler.
async fn calls_of(routes: Routes) -> (Vec<Call>, Watched) {
    calls_with(Bot::new(routes).retries(0)).await
}

async fn calls_with(bot: Bot) -> (Vec<Call>, Watched) {
    let watched = Watched::start_with(bot).await;
    watched.bot.platform.says("go").await;
    watched.settled().await;
    (watched.bot.graph.calls(), watched)
}

fn names(calls: &[Call]) -> Vec<&str> {
    calls
        .iter()
        .map(|call| call.text().unwrap_or(call.name()))
        .collect()
}

fn payload(call: &Call) -> &Value {
    &call.body["message"]["attachment"]["payload"]
}

mod empty {
    use super::*;

    #[tokio::test]
    async fn an_empty_text_is_left_out_and_the_log_names_the_handler() {
        #[on_message]
        async fn blank() -> Vec<&'static str> {
            vec!["one", "", "two", " \n\u{200b}", "three"]
        }

        let logs = Logs::capture();
        let (calls, watched) = calls_of(routes![blank]).await;
        assert_eq!(names(&calls), ["one", "two", "three"]);
        assert_eq!(
            logs.with(&["WARN", "handler=\"blank\"", "empty text"])
                .len(),
            2
        );
        assert!(watched.dead_letters().await.is_empty());
    }

    #[tokio::test]
    async fn nothing_else_of_the_outcome_is_lost() {
        #[on_message]
        async fn mixed() -> (String, Message, Message, Message, Image, Outcome) {
            (
                String::new(),
                "".with_quick_replies(["Red"]),
                "Which?".with_quick_replies(["Red", "", " "]),
                "  ".with_buttons([Button::postback("Buy", "BUY")]),
                Image::by_url("https://example.com/a.png"),
                Message::text("end").into(),
            )
        }

        let (calls, _) = calls_of(routes![mixed]).await;
        assert_eq!(names(&calls), ["Which?", "messages", "end"]);
        let offered = calls[0].body["message"]["quick_replies"]
            .as_array()
            .unwrap();
        assert_eq!(offered.len(), 1);
    }

    #[tokio::test]
    async fn a_farewell_without_words_is_no_reason_to_keep_the_thread() {
        #[on_message]
        #[handoff(to = "page_inbox", say = " ")]
        async fn agent() -> &'static str {
            ""
        }

        let (calls, watched) = calls_of(routes![agent]).await;
        assert_eq!(names(&calls), ["pass_thread_control"]);
        assert!(watched.dead_letters().await.is_empty());
    }

    #[tokio::test]
    async fn empty_texts_of_templates_are_left_out() {
        #[on_message]
        async fn hats() -> Carousel {
            Carousel::new()
                .card(
                    Card::new("Red hat")
                        .subtitle("")
                        .image("https://example.com/red.png"),
                )
                .card(Card::new("").subtitle("no title"))
                .card(Card::new("Blue hat").subtitle(" "))
                .card(
                    Card::new("Green hat")
                        .button(Button::postback("", "NOTHING"))
                        .button(Button::postback("Buy", "BUY")),
                )
        }

        let (calls, _) = calls_of(routes![hats]).await;
        let cards = payload(&calls[0])["elements"].as_array().unwrap();
        let titles: Vec<_> = cards
            .iter()
            .map(|card| card["title"].as_str().unwrap())
            .collect();
        assert_eq!(titles, ["Red hat", "Blue hat", "Green hat"]);
        assert!(cards[0].get("subtitle").is_none());
        assert_eq!(
            cards[1]["subtitle"], "Blue hat",
            "a card needs more than a title"
        );
        assert_eq!(cards[2]["buttons"].as_array().unwrap().len(), 1);
    }

    #[tokio::test]
    async fn a_search_that_found_nothing_is_no_error() {
        #[on_message]
        async fn search() -> (Carousel, Message, &'static str) {
            let nothing = Carousel::from_iter(Vec::<Card>::new());
            (nothing, "No shops near you.".with_buttons([]), "Try again!")
        }

        let (calls, _) = calls_of(routes![search]).await;
        assert_eq!(names(&calls), ["No shops near you.", "Try again!"]);
    }
}

mod fit {
    use super::*;

    const LONG: &str = "Ein sehr langer Titel für einen kleinen Knopf";

    #[tokio::test]
    async fn a_note_that_is_too_long_does_not_keep_the_handoff_from_happening() {
        #[on_message]
        async fn agent() -> Handoff<String> {
            Handoff::saying("One moment.").metadata("é".repeat(2001))
        }

        let logs = Logs::capture();
        let (calls, watched) = calls_of(routes![agent]).await;
        assert_eq!(names(&calls), ["One moment.", "pass_thread_control"]);
        assert_eq!(calls[1].body["metadata"], "é".repeat(2000));
        assert_eq!(
            logs.with(&["WARN", "handler=\"agent\"", "2001", "2000"])
                .len(),
            1
        );
        assert!(watched.dead_letters().await.is_empty());
    }

    #[tokio::test]
    async fn a_note_of_an_attribute_stays_json_that_can_be_read() {
        fn ticket() -> Value {
            serde_json::json!({ "said": "gogo".repeat(3000), "order": 42 })
        }

        #[on_message]
        #[handoff(to = "page_inbox", metadata = ticket())]
        async fn agent() -> &'static str {
            "One moment."
        }

        let (calls, _) = calls_of(routes![agent]).await;
        assert_eq!(names(&calls), ["One moment.", "pass_thread_control"]);
        let note = calls[1].body["metadata"].as_str().unwrap();
        assert!(note.chars().count() <= 2000);
        let note: Value = serde_json::from_str(note).unwrap();
        assert_eq!(note["order"], 42);
        assert!(note["said"].as_str().unwrap().starts_with("gogo"));
    }

    #[tokio::test]
    async fn a_note_that_has_no_json_form_does_not_keep_the_thread() {
        #[on_message]
        async fn agent() -> Handoff<std::collections::HashMap<(u8, u8), u8>> {
            Handoff::saying("One moment.").metadata([((1, 2), 3)].into())
        }

        let logs = Logs::capture();
        let (calls, _) = calls_of(routes![agent]).await;
        assert_eq!(names(&calls), ["One moment.", "pass_thread_control"]);
        assert_eq!(logs.with(&["ERROR", "handler `agent`", "JSON"]).len(), 1);
    }

    #[tokio::test]
    async fn titles_are_cut_and_what_is_too_many_is_left_out() {
        #[on_message]
        async fn pick() -> (Message, Message) {
            let flags = "🇩🇪".repeat(30);
            let many = (0..20).map(|n| n.to_string());
            let replies = [LONG.to_owned(), flags].into_iter().chain(many);
            let buttons = (0..5).map(|n| Button::postback(LONG, n.to_string()));
            (
                "Pick one".with_quick_replies(replies),
                "What next?".with_buttons(buttons),
            )
        }

        let logs = Logs::capture();
        let (calls, _) = calls_of(routes![pick]).await;
        let replies = calls[0].body["message"]["quick_replies"]
            .as_array()
            .unwrap();
        assert_eq!(replies.len(), 13);
        assert_eq!(replies[0]["title"], "Ein sehr langer Tite");
        assert_eq!(replies[0]["payload"], LONG, "the bot still gets all of it");
        assert_eq!(replies[1]["title"], "🇩🇪".repeat(10));
        assert_eq!(replies[2]["title"], "0");
        let buttons = payload(&calls[1])["buttons"].as_array().unwrap();
        assert_eq!(buttons.len(), 3);
        assert_eq!(buttons[2]["title"], "Ein sehr langer Tite");
        assert!(
            logs.with(&["handler=\"pick\"", "quick_replies[0].title"])
                .len()
                == 1
        );
    }

    fn story() -> String {
        ["The ship sails at eight."; 40].join(" ")
    }

    #[tokio::test]
    async fn nothing_is_lost_that_has_room_in_another_message() {
        #[on_message]
        async fn much() -> (Carousel, Message, Message) {
            let cards = (0..12).map(|n| Card::new(format!("Hat {n}")).subtitle(LONG.repeat(2)));

            let picture = OutgoingMessage {
                text: Some("Look!".to_owned()),
                ..Message::from(Image::by_url("https://example.com/a.png")).into()
            };
            (
                cards.collect(),
                story().with_buttons([Button::postback("Yes", "YES")]),
                picture.into(),
            )
        }

        let (calls, _) = calls_of(routes![much]).await;
        assert_eq!(calls.len(), 2 + 2 + 2);
        let counts = [0, 1].map(|at| payload(&calls[at])["elements"].as_array().unwrap().len());
        assert_eq!(counts, [10, 2]);
        let subtitle = payload(&calls[0])["elements"][0]["subtitle"]
            .as_str()
            .unwrap();
        assert_eq!(subtitle.chars().count(), 80);
        let (text, rest) = (
            calls[2].text().unwrap(),
            payload(&calls[3])["text"].as_str().unwrap(),
        );
        assert_eq!(format!("{text} {rest}"), story());
        assert_eq!(payload(&calls[3])["buttons"][0]["title"], "Yes");
        assert_eq!(calls[4].text(), Some("Look!"));
        assert_eq!(payload(&calls[5])["url"], "https://example.com/a.png");
    }

    #[tokio::test]
    async fn metadata_of_a_message_is_cut() {
        #[on_message]
        async fn noted() -> Message {
            "Hi".with_metadata("x".repeat(1500))
        }

        let (calls, _) = calls_of(routes![noted]).await;
        assert_eq!(calls[0].body["message"]["metadata"], "x".repeat(999));
    }
}

mod refused {
    use super::*;

    #[on_message]
    async fn buy() -> (&'static str, Message) {
        let button = Button::postback("Buy", "x".repeat(1001));
        ("Look:", "A hat".with_buttons([button]))
    }

    #[tokio::test]
    async fn what_cannot_be_shortened_is_an_error_that_names_handler_field_and_limit() {
        let (calls, watched) = calls_of(routes![buy]).await;
        assert!(calls.is_empty());
        let dead = watched.dead_letters().await;
        assert!(matches!(dead[0].content, DeadLetterContent::Event(_)));
        for named in [
            "`buy`",
            "message.attachment.payload.buttons[0].payload",
            "1000",
        ] {
            assert!(dead[0].cause.contains(named), "{}", dead[0].cause);
        }
    }

    #[tokio::test]
    async fn a_handoff_is_made_all_the_same() {
        #[on_message]
        #[handoff(to = "page_inbox", say = "One moment.")]
        async fn agent() -> (&'static str, Message) {
            buy().await
        }

        let (calls, watched) = calls_of(routes![agent]).await;
        assert_eq!(
            names(&calls),
            ["Look:", "One moment.", "pass_thread_control"]
        );
        let dead = watched.dead_letters().await;
        assert!(dead[0].cause.contains("`agent`"), "{}", dead[0].cause);
        assert_eq!(dead[0].thread.account.as_str(), PAGE);
    }

    #[tokio::test]
    async fn a_bot_may_have_refused_what_could_be_made_to_fit() {
        #[on_message]
        async fn pick() -> (&'static str, Message) {
            (
                "one",
                "Pick".with_quick_replies(["a title of many characters"]),
            )
        }
        #[on_error]
        async fn sorry(failure: Failure) -> String {
            failure.to_string()
        }

        let bot = Bot::new(routes![pick, sorry])
            .retries(0)
            .limits(Limits::Refuse);
        let (calls, _) = calls_with(bot).await;
        let said = names(&calls);
        assert_eq!(said.len(), 1);
        assert!(
            said[0].contains("message.quick_replies[0].title"),
            "{said:?}"
        );
    }

    #[tokio::test]
    async fn a_refused_note_is_left_out_of_the_handoff() {
        #[on_message]
        async fn agent() -> Handoff<String> {
            Handoff::saying("One moment.").metadata("n".repeat(2001))
        }

        let bot = Bot::new(routes![agent]).retries(0).limits(Limits::Refuse);
        let (calls, watched) = calls_with(bot).await;
        assert_eq!(names(&calls), ["One moment.", "pass_thread_control"]);
        assert!(calls[1].body.get("metadata").is_none());
        assert!(watched.dead_letters().await[0].cause.contains("2000"));
    }
}
