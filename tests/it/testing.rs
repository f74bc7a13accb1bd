//! Testing a bot without a server: the events that can be built, and what the answer shows.

#![allow(
    clippy::needless_pass_by_value,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what goes wrong here fails a test"
)]

use std::sync::Arc;

use handover::extract::{FailedHandoff, Failure};
use handover::graph::{Call, GraphError};
use handover::prelude::*;
use handover::protocol::{AppId, EventBody, Received, Recipient, SendRequest};
use handover::testing::{APP, Dispatcher, PAGE, PERSON, dispatch, event};
use handover::{Config, Target, TargetApp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

mod answers {
    use super::*;

    #[on_message(text = "hi")]
    async fn hello(sender: Sender) -> Vec<String> {
        vec!["hello".into(), sender.to_string()]
    }

    #[on_message(text = "agent")]
    #[handoff(to = "page_inbox", metadata = "asked for a person")]
    async fn agent() -> &'static str {
        "One moment."
    }

    #[on_message(text = "fail")]
    #[handoff(to = "page_inbox")]
    async fn fails() -> Result<&'static str, std::num::ParseIntError> {
        "no number".parse::<u8>()?;
        Ok("never said")
    }

    fn routes() -> Routes {
        routes![hello, agent, fails]
    }

    #[tokio::test]
    async fn the_handler_and_its_answer_are_printed() -> handover::Result {
        let answer = dispatch(routes(), event::message("hi").from("42")).await?;
        assert_eq!(answer.handler(), Some("hello"));
        assert_eq!(answer.texts(), ["hello", "42"]);
        assert_eq!(answer.handoff(), None);
        assert_eq!(answer.error(), None);
        Ok(())
    }

    #[tokio::test]
    async fn a_handoff_is_printed() -> handover::Result {
        let answer = dispatch(routes(), event::message("agent")).await?;
        assert_eq!(answer.handler(), Some("agent"));
        assert_eq!(answer.texts(), ["One moment."]);
        assert_eq!(answer.handoff(), Some(TargetApp::Inbox));
        assert_eq!(answer.handoff_metadata(), Some("asked for a person"));
        assert_eq!(answer.outcome().unwrap().handoff(), Some(TargetApp::Inbox));
        Ok(())
    }

    #[tokio::test]
    async fn a_failure_is_reported_and_nothing_is_sent() -> handover::Result {
        let answer = dispatch(routes(), event::message("fail")).await?;
        assert_eq!(answer.handler(), Some("fails"));
        assert_eq!(
            answer.error().as_deref(),
            Some("invalid digit found in string")
        );
        assert!(
            answer
                .outcome()
                .unwrap_err()
                .is::<std::num::ParseIntError>()
        );
        assert!(answer.texts().is_empty());
        assert_eq!(answer.handoff(), None);
        Ok(())
    }

    #[tokio::test]
    async fn a_missing_answer_is_reported() -> handover::Result {
        let answer = dispatch(routes(), event::message("what?")).await?;
        assert_eq!(answer.handler(), None);
        assert_eq!(answer.outcome().unwrap(), &Outcome::nothing());
        Ok(())
    }
}

mod events {
    use super::*;

    /// The item as the platform would write it, with its object and channel.
    fn written(event: impl Into<Received>) -> (Value, String, String) {
        let received = event.into();
        let mut item = serde_json::to_value(&received.event).unwrap();
        let object = item.as_object_mut().unwrap();
        assert!(object.remove("timestamp").is_some());
        let channel = received.channel.to_string();
        (item, received.object.as_str().to_owned(), channel)
    }

    fn item(event: impl Into<Received>) -> Value {
        written(event).0
    }

    fn from_person(kind: &str, content: Value) -> Value {
        json!({ "sender": { "id": PERSON }, "recipient": { "id": PAGE }, kind: content })
    }

    fn number(app: &AppId) -> Value {
        app.to_number().unwrap().into()
    }

    #[test]
    fn messages_and_postbacks_come_from_the_person() {
        let mid = "m_test";
        assert_eq!(
            item(event::message("hi")),
            from_person("message", json!({ "mid": mid, "text": "hi" }))
        );
        assert_eq!(
            item(event::quick_reply("Red", "PICK_RED")),
            from_person(
                "message",
                json!({ "mid": mid, "text": "Red", "quick_reply": { "payload": "PICK_RED" } })
            )
        );
        let url = "https://cdn.example/cat.jpg";
        assert_eq!(
            item(event::attachment("image", url)),
            from_person(
                "message",
                json!({ "mid": mid, "attachments": [{ "type": "image", "payload": { "url": url } }] })
            )
        );
        assert_eq!(
            item(event::postback("GET_STARTED")),
            from_person(
                "postback",
                json!({ "mid": mid, "title": "a button", "payload": "GET_STARTED" })
            )
        );
    }

    #[test]
    fn control_goes_between_the_bot_and_the_inbox_by_default() {
        let (bot, inbox) = (number(&APP), number(&AppId::PAGE_INBOX));
        assert_eq!(
            item(event::pass_thread_control().metadata("solved")),
            from_person(
                "pass_thread_control",
                json!({ "previous_owner_app_id": inbox, "new_owner_app_id": bot, "metadata": "solved" })
            )
        );
        assert_eq!(
            item(event::take_thread_control()),
            from_person(
                "take_thread_control",
                json!({ "previous_owner_app_id": bot, "new_owner_app_id": inbox })
            )
        );
        assert_eq!(
            item(event::request_thread_control()),
            from_person(
                "request_thread_control",
                json!({ "requested_owner_app_id": inbox })
            )
        );
        assert_eq!(
            item(
                event::pass_thread_control()
                    .previous_owner(1)
                    .new_owner("2")
            ),
            from_person(
                "pass_thread_control",
                json!({ "previous_owner_app_id": 1, "new_owner_app_id": 2 })
            )
        );
        assert_eq!(
            item(
                event::take_thread_control()
                    .previous_owner(1)
                    .new_owner(2)
                    .metadata("mine")
            ),
            from_person(
                "take_thread_control",
                json!({ "previous_owner_app_id": 1, "new_owner_app_id": 2, "metadata": "mine" })
            )
        );
        assert_eq!(
            item(event::request_thread_control().by_app(1).metadata("please")),
            from_person(
                "request_thread_control",
                json!({ "requested_owner_app_id": 1, "metadata": "please" })
            )
        );
    }

    #[test]
    fn an_echo_goes_to_the_person_and_roles_name_nobody() {
        assert_eq!(
            item(event::echo("Hi, this is Ana").from("42").metadata("m")),
            json!({
                "sender": { "id": PAGE },
                "recipient": { "id": "42" },
                "message": { "mid": "m_test", "text": "Hi, this is Ana", "is_echo": true, "app_id": number(&AppId::PAGE_INBOX), "metadata": "m" },
            })
        );
        assert_eq!(
            item(event::app_roles().role(4711, "primary_receiver")),
            json!({ "recipient": { "id": PAGE }, "app_roles": { "4711": ["primary_receiver"] } })
        );
    }

    #[test]
    fn any_other_kind_is_what_it_is_on_the_wire() {
        let reaction = json!({ "reaction": "love", "action": "react", "mid": "m_1" });
        let received = Received::from(event::other("reaction", reaction.clone()));
        assert!(matches!(received.event.body, EventBody::Reaction(_)));
        assert_eq!(item(received), from_person("reaction", reaction));
        let played = json!({ "game_id": "4711" });
        assert_eq!(
            item(event::other("game_play", played.clone())),
            from_person("game_play", played)
        );
    }

    #[test]
    fn page_product_and_channel_can_be_chosen() {
        let event = event::message("hi").page("7").on_instagram().on_standby();
        let (item, object, channel) = written(event.clone());
        assert_eq!(item["recipient"]["id"], "7");
        assert_eq!((&*object, &*channel), ("instagram", "standby"));
        assert_eq!(Received::from(event).account, "7");
        let (_, object, channel) = written(event::message("hi"));
        assert_eq!((&*object, &*channel), ("page", "messaging"));
    }

    #[test]
    fn on_instagram_the_inbox_is_the_instagram_inbox() {
        let inbox = number(&AppId::INSTAGRAM_INBOX);
        let pass = item(event::pass_thread_control().on_instagram());
        assert_eq!(pass["pass_thread_control"]["previous_owner_app_id"], inbox);
        let take = item(event::take_thread_control().on_instagram());
        assert_eq!(take["take_thread_control"]["new_owner_app_id"], inbox);
        let request = item(event::request_thread_control().on_instagram());
        assert_eq!(
            request["request_thread_control"]["requested_owner_app_id"],
            inbox
        );
        let echo = item(event::echo("Hi").on_instagram());
        assert_eq!(echo["message"]["app_id"], inbox);
        let other = item(event::echo("Hi").by_app(4711).on_instagram());
        assert_eq!(other["message"]["app_id"], 4711);
    }

    #[test]
    fn a_postback_on_standby_has_no_payload() {
        let tapped = item(event::postback("GET_STARTED").on_standby());
        assert_eq!(
            tapped["postback"],
            json!({ "mid": "m_test", "title": "a button" })
        );
    }
}

mod routed {
    use super::*;

    #[on_pass_thread_control(from = "page_inbox")]
    async fn back(note: Metadata, owner: NewOwner) -> String {
        format!("{} for {}", *note, *owner)
    }

    #[on_take_thread_control]
    async fn taken(_owner: NewOwner) {}

    #[on_request_thread_control]
    #[handoff(to = "requester")]
    async fn wanted(app: RequestingApp) -> String {
        app.to_string()
    }

    #[on_app_roles]
    async fn roles(_roles: AppRoles) {}

    #[on_standby]
    async fn overheard(_text: Text) {}

    #[on_event(name = ["game_play", "echo"])]
    async fn played() {}

    #[on_postback]
    async fn tapped(payload: Payload) -> String {
        payload.0
    }

    #[on_message]
    async fn picture(attachments: Attachments, thread: Thread) -> String {
        format!("{} in {}", attachments[0].kind, *thread)
    }

    fn bot() -> handover::Result<Dispatcher> {
        Dispatcher::new(Bot::new(routes![
            back, taken, wanted, roles, overheard, played, tapped, picture
        ]))
    }

    #[tokio::test]
    async fn every_event_finds_its_handler() -> handover::Result {
        let mut bot = bot()?;
        let pass = event::pass_thread_control().metadata("solved");
        let answer = bot.dispatch(pass.clone()).await;
        assert_eq!(answer.handler(), Some("back"));
        assert_eq!(answer.texts(), [format!("solved for {APP}")]);
        let answer = bot.dispatch(pass.on_instagram()).await;
        assert_eq!(answer.handler(), Some("back"));

        let answer = bot.dispatch(event::take_thread_control()).await;
        assert_eq!(answer.handler(), Some("taken"));
        let answer = bot
            .dispatch(event::request_thread_control().by_app(4711))
            .await;
        assert_eq!(answer.texts(), ["4711"]);
        assert_eq!(answer.handoff(), Some(TargetApp::Requester));
        let answer = bot.dispatch(event::app_roles()).await;
        assert_eq!(answer.handler(), Some("roles"));
        let answer = bot.dispatch(event::echo("Hi").on_standby()).await;
        assert_eq!(answer.handler(), Some("overheard"));
        let answer = bot.dispatch(event::other("game_play", json!({}))).await;
        assert_eq!(answer.handler(), Some("played"));
        let answer = bot.dispatch(event::postback("START")).await;
        assert_eq!(answer.texts(), ["START"]);
        let answer = bot.dispatch(event::attachment("image", "https://x")).await;
        assert_eq!(answer.texts(), [format!("image in {PAGE}/{PERSON}")]);
        let answer = bot.dispatch(event::message("no picture")).await;
        assert_eq!(answer.handler(), None);
        Ok(())
    }

    #[tokio::test]
    async fn a_bot_does_not_answer_what_it_said_itself() -> handover::Result {
        let own = || event::echo("Hi").by_app(APP);
        assert_eq!(bot()?.dispatch(own()).await.handler(), None);
        let other = event::echo("Hi").by_app(4711);
        assert_eq!(bot()?.dispatch(other).await.handler(), Some("played"));

        let elsewhere = Bot::new(routes![played]).config(Config::new("1", "4711"));
        let mut elsewhere = Dispatcher::new(elsewhere)?;
        assert_eq!(elsewhere.dispatch(own()).await.handler(), Some("played"));
        Ok(())
    }
}

mod own_events {
    use super::*;

    #[on_timer(name = "reminder")]
    async fn reminder(sender: Sender) -> String {
        format!("Now, {sender}?")
    }

    #[on_handoff_failed]
    async fn stay(failed: FailedHandoff) -> String {
        format!("{} of {:?}", failed.reason, failed.target)
    }

    #[tokio::test]
    async fn timers_and_failed_handoffs_can_be_made() -> handover::Result {
        let mut bot = Dispatcher::new(Bot::new(routes![reminder, stay]))?;
        let answer = bot.dispatch(event::timer("reminder").from("42")).await;
        assert_eq!(answer.texts(), ["Now, 42?"]);
        let answer = bot.dispatch(event::timer("another")).await;
        assert_eq!(answer.handler(), None);
        let answer = bot.dispatch(event::handoff_failed("closed")).await;
        let target = Some(AppId::PAGE_INBOX);
        assert_eq!(answer.texts(), [format!("closed of {target:?}")]);
        Ok(())
    }

    #[on_message(text = "fail")]
    async fn fails(mut failures: Session<u32>) -> Result<(), &'static str> {
        *failures += 10;
        Err("on purpose")
    }

    #[on_message(text = "fail twice")]
    async fn fails_twice() -> Result<(), &'static str> {
        Err("twice")
    }

    #[on_error(when = once)]
    async fn sorry(failure: Failure, mut failures: Session<u32>) -> String {
        *failures += 1;
        format!("Sorry: {failure}")
    }

    #[on_error]
    async fn sorry_fails(failure: Failure) -> Result<String, String> {
        Err(format!("{failure}, and again"))
    }

    fn once(context: &handover::extract::Context) -> bool {
        match &context.received().event.body {
            EventBody::Message(message) => message.text.as_deref() == Some("fail"),
            _ => false,
        }
    }

    #[on_standby]
    async fn overhears_badly(_text: Text) -> Result<(), &'static str> {
        Err("not heard")
    }

    #[tokio::test]
    async fn a_failure_is_offered_to_the_handlers_of_errors() -> handover::Result {
        let routes = routes![fails, fails_twice, sorry, sorry_fails, overhears_badly];
        let mut bot = Dispatcher::new(Bot::new(routes))?;
        let answer = bot.dispatch(event::message("fail")).await;
        assert_eq!(answer.handler(), Some("fails"));
        assert_eq!(answer.error().as_deref(), Some("on purpose"));
        assert!(answer.texts().is_empty());
        assert_eq!(answer.session(), Some(1));
        let sorry = answer.on_error().unwrap();
        assert_eq!(sorry.handler(), Some("sorry"));
        assert_eq!(sorry.texts(), ["Sorry: on purpose"]);
        assert_eq!(sorry.session(), Some(1));

        let answer = bot.dispatch(event::message("fail twice")).await;
        let sorry = answer.on_error().unwrap();
        assert_eq!(sorry.handler(), Some("sorry_fails"));
        assert_eq!(sorry.error().as_deref(), Some("twice, and again"));
        assert!(sorry.on_error().is_none());

        let answer = bot.dispatch(event::message("psst").on_standby()).await;
        assert_eq!(answer.handler(), Some("overhears_badly"));
        assert!(answer.error().is_some());
        assert!(answer.on_error().is_none());
        Ok(())
    }
}

mod conversations {
    use super::*;

    #[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
    struct Order {
        drinks: Vec<String>,
    }

    #[on_message(text = "that's all")]
    async fn done(order: Session<Order>) -> String {
        order.drinks.join(" and ")
    }

    #[on_message(text = "whisky")]
    async fn refused(mut order: Session<Order>) -> Result<(), &'static str> {
        order.drinks.push("whisky".into());
        Err("no licence")
    }

    #[on_message]
    async fn drink(text: Text, mut order: Session<Order>) {
        order.drinks.push(text.0);
    }

    #[tokio::test]
    async fn each_thread_keeps_its_session_and_a_failure_changes_nothing() -> handover::Result {
        let mut bot = Dispatcher::new(Bot::new(routes![done, refused, drink]))?;
        let answer = bot.dispatch(event::message("that's all")).await;
        assert_eq!(answer.session::<Order>(), None);
        bot.dispatch(event::message("tea")).await.outcome().unwrap();
        let answer = bot.dispatch(event::message("whisky")).await;
        assert_eq!(answer.error().as_deref(), Some("no licence"));
        let drinks = |drinks: &[&str]| {
            let drinks = drinks.iter().map(|&drink| drink.into()).collect();
            Some(Order { drinks })
        };
        assert_eq!(answer.session(), drinks(&["tea"]));
        assert_eq!(answer.session(), Some(json!({ "drinks": ["tea"] })));
        assert_eq!(answer.session::<u32>(), None);

        let answer = bot.dispatch(event::message("milk").from("42")).await;
        assert_eq!(answer.session(), drinks(&["milk"]));
        let answer = bot.dispatch(event::message("juice")).await;
        assert_eq!(answer.session(), drinks(&["tea", "juice"]));
        let answer = bot.dispatch(event::message("That's all")).await;
        assert_eq!(answer.texts(), ["tea and juice"]);
        let elsewhere = event::message("that's all").page("7");
        assert_eq!(bot.dispatch(elsewhere).await.texts(), [""]);
        Ok(())
    }
}

mod bots {
    use super::*;

    struct Billing;

    impl Target for Billing {
        const APP: TargetApp = TargetApp::Named("testing-billing");
    }

    #[derive(BotState)]
    struct Shop {
        prices: Arc<Vec<u32>>,
    }

    #[on_message]
    #[handoff(to = Billing)]
    async fn price(prices: State<Arc<Vec<u32>>>) -> String {
        prices[0].to_string()
    }

    fn bot() -> Bot {
        let prices = Arc::new(vec![250]);
        Bot::with_state(Shop { prices }, routes![price])
    }

    #[tokio::test]
    async fn state_and_named_apps_are_those_of_the_bot() -> handover::Result {
        let mut bot = Dispatcher::new(bot().app("testing-billing", 815_u64))?;
        let answer = bot.dispatch(event::message("how much?")).await;
        assert_eq!(answer.texts(), ["250"]);
        assert_eq!(answer.handoff(), Some(Billing::APP));
        Ok(())
    }

    #[test]
    fn a_bot_that_could_not_start_cannot_be_tested() {
        let error = Dispatcher::new(bot()).unwrap_err().to_string();
        assert!(
            error.contains("MESSENGER_APP_ID_TESTING_BILLING"),
            "{error}"
        );
    }

    #[on_message]
    async fn calls(graph: Graph, sender: Sender) -> Result<(), GraphError> {
        let call = Call::from(SendRequest {
            recipient: Recipient::id(sender.0),
            ..SendRequest::default()
        });
        graph.execute(&call).await.map(|_| ())
    }

    #[tokio::test]
    async fn calls_of_the_handler_itself_reach_nobody() -> handover::Result {
        let answer = dispatch(routes![calls], event::message("hi")).await?;
        let error = answer.outcome().unwrap_err().downcast_ref();
        assert!(
            matches!(error, Some(GraphError::Unreachable { .. })),
            "{answer:?}"
        );
        Ok(())
    }
}
