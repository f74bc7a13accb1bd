//! What a thread remembers: the session, shared by a handler and its extractors, and named parts of it.

use handover::extract::{Context, FromEvent, Rejection, SessionPartData};
use handover::journal::Journal;
use handover::prelude::*;
use handover::testing::{Clock, Dispatcher, event};
use handover::trigger::OnMessage;
use handover::{NoState, ThreadKey};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::support::bot::{config, serve};
use crate::support::platform::{PAGE, PERSON, Platform};
use crate::support::wait::until;
use handover_testkit::graph::GraphStub;

#[derive(Default, Serialize, Deserialize, Debug, PartialEq)]
struct Visit {
    /// Of a guard.
    seen: u32,
    /// Of a handler.
    answered: u32,
    last: String,
}

/// Counts what a person writes, before any handler does anything.
struct Counted;

impl FromEvent<OnMessage> for Counted {
    type State = NoState;

    async fn from_event(context: &Context, state: &NoState) -> Result<Self, Rejection> {
        let visit = <Session<Visit> as FromEvent<OnMessage>>::from_event(context, state);
        let mut visit = visit.await?;
        visit.seen += 1;
        visit.last = "the guard".into();
        Ok(Self)
    }
}

/// The same, but it keeps the session while the handler runs.
struct Keeping(Session<Visit>);

impl FromEvent<OnMessage> for Keeping {
    type State = NoState;

    async fn from_event(context: &Context, state: &NoState) -> Result<Self, Rejection> {
        let visit = <Session<Visit> as FromEvent<OnMessage>>::from_event(context, state);
        let mut visit = visit.await?;
        visit.seen += 1;
        visit.last = "the guard".into();
        Ok(Self(visit))
    }
}

/// Changes the session, and then refuses.
struct Refusing;

impl FromEvent<OnMessage> for Refusing {
    type State = NoState;

    async fn from_event(context: &Context, state: &NoState) -> Result<Self, Rejection> {
        let visit = <Session<Visit> as FromEvent<OnMessage>>::from_event(context, state);
        visit.await?.seen += 100;
        Err(Rejection::new("Refusing", "never"))
    }
}

#[on_message(text = "guarded")]
async fn guarded(_counted: Counted, mut visit: Session<Visit>) -> String {
    let read = visit.seen;
    visit.answered += 1;
    visit.last = "the handler".into();
    format!("seen {read}")
}

#[on_message(text = "guarded after")]
async fn guarded_after(mut visit: Session<Visit>, _counted: Counted) -> &'static str {
    visit.answered += 1;
    "ok"
}

#[on_message(text = "kept")]
async fn kept(guard: Keeping, mut visit: Session<Visit>) -> String {
    visit.answered += 1;
    visit.last = format!("the handler, {}", visit.answered);
    format!("seen {}", guard.0.seen)
}

#[on_message(text = "only the guard")]
async fn only_the_guard(_counted: Counted, visit: Session<Visit>) -> String {
    format!("seen {}", visit.seen)
}

#[on_message]
async fn refused(_never: Refusing) {}

#[on_message(text = "refused")]
async fn passed_on(visit: Session<Visit>) -> String {
    format!("seen {}", visit.seen)
}

fn visit(seen: u32, answered: u32, last: &str) -> Option<Visit> {
    Some(Visit {
        seen,
        answered,
        last: last.into(),
    })
}

#[tokio::test]
async fn a_guard_and_its_handler_share_the_session() {
    let mut bot = Dispatcher::new(Bot::new(routes![guarded, only_the_guard])).unwrap();
    for turn in 1..=3 {
        let answer = bot.dispatch(event::message("guarded")).await;
        assert_eq!(answer.texts(), [format!("seen {turn}")]);
        assert_eq!(answer.session(), visit(turn, turn, "the handler"));
    }
    let answer = bot.dispatch(event::message("only the guard")).await;
    assert_eq!(answer.texts(), ["seen 4"]);
    assert_eq!(answer.session(), visit(4, 3, "the guard"));
}

#[tokio::test]
async fn who_took_it_later_has_the_last_word_and_no_change_is_lost() {
    let mut bot = Dispatcher::new(Bot::new(routes![guarded_after, kept])).unwrap();
    for turn in 1..=2 {
        let answer = bot.dispatch(event::message("guarded after")).await;
        assert_eq!(answer.session(), visit(turn, turn, "the guard"));
    }
    // A guard that keeps its session to the end of the call.
    for turn in 3..=4 {
        let answer = bot.dispatch(event::message("kept")).await;
        assert_eq!(answer.texts(), [format!("seen {turn}")]);
        let last = format!("the handler, {turn}");
        assert_eq!(answer.session(), visit(turn, turn, &last));
    }
}

#[tokio::test]
async fn a_handler_that_is_passed_over_leaves_no_trace() {
    let mut bot = Dispatcher::new(Bot::new(routes![refused, passed_on])).unwrap();
    let answer = bot.dispatch(event::message("refused")).await;
    assert_eq!(answer.texts(), ["seen 0"]);
    assert_eq!(answer.session::<Value>(), None);
}

/// A module that any bot can use.
mod cart {
    use super::*;

    #[derive(Default, Serialize, Deserialize, Debug, PartialEq)]
    pub(super) struct Cart(pub(super) Vec<String>);

    impl SessionPartData for Cart {
        const NAME: &str = "cart";
    }

    #[on_message(regex = "buy (?<what>.+)")]
    async fn buy(what: Captures, mut cart: SessionPart<Cart>) -> String {
        cart.0.push(what.name("what").unwrap().to_owned());
        format!("{} in the cart", cart.0.len())
    }

    pub(super) fn routes() -> Routes {
        routes![buy]
    }
}

/// Another.
mod survey {
    use super::*;

    #[derive(Default, Serialize, Deserialize)]
    struct Survey {
        stars: u8,
    }

    impl SessionPartData for Survey {
        const NAME: &str = "survey";
    }

    #[on_message(text = ["1", "2", "3"])]
    async fn rate(text: Text, mut survey: SessionPart<Survey>) -> String {
        let before = std::mem::replace(&mut survey.stars, text.parse().unwrap());
        format!("{before} before")
    }

    pub(super) fn routes() -> Routes {
        routes![rate]
    }
}

#[on_message]
async fn count(mut count: Session<u32>, cart: SessionPart<cart::Cart>) -> String {
    *count += 1;
    format!("message {}, {} in the cart", *count, cart.0.len())
}

async fn say(graph: &GraphStub, platform: &Platform, text: &str) -> String {
    let before = graph.calls().len();
    platform.says(text).await;
    graph.wait_for_calls(before + 1).await;
    graph.texts().pop().unwrap()
}

#[tokio::test]
async fn parts_of_modules_live_beside_the_session() {
    let graph = GraphStub::start().await;
    let journal = Journal::in_memory(Clock::default());
    let thread = ThreadKey::new(PAGE, PERSON);
    let start = async |routes: Routes| {
        let bot = Bot::new(routes)
            .config(config(&graph))
            .journal(journal.clone());
        let (router, handle) = bot.into_parts().unwrap();
        let webhook = format!("http://{}/webhook", serve(router).await);
        (Platform::new(webhook), handle)
    };
    // A bot as it was before it had parts.
    #[on_message]
    async fn before(mut count: Session<u32>) -> String {
        *count += 1;
        count.to_string()
    }
    let (platform, old) = start(routes![before]).await;
    assert_eq!(say(&graph, &platform, "hello").await, "1");
    let stored = async || journal.thread(thread.clone()).await.unwrap().session;
    assert_eq!(stored().await, Some(json!(1)));
    old.stop().await;

    let all = cart::routes()
        .routes(survey::routes())
        .routes(routes![count]);
    let (platform, _bot) = start(all).await;
    for (said, answer) in [
        ("hello", "message 2, 0 in the cart"),
        ("buy tea", "1 in the cart"),
        ("3", "0 before"),
        ("hello", "message 3, 1 in the cart"),
        ("buy milk", "2 in the cart"),
        ("2", "3 before"),
        ("hello", "message 4, 2 in the cart"),
    ] {
        assert_eq!(say(&graph, &platform, said).await, answer, "{said}");
    }
    let whole = json!({
        "handover.session": 4,
        "handover.parts": { "cart": ["tea", "milk"], "survey": { "stars": 2 } },
    });
    until("it is stored", async || match stored().await {
        Some(it) if it == whole => Ok(()),
        other => Err(format!("{other:?}")),
    })
    .await;
}

#[tokio::test]
async fn a_part_keeps_its_name_when_its_type_is_renamed() {
    #[derive(Default, Serialize, Deserialize)]
    struct Basket(Vec<String>);

    impl SessionPartData for Basket {
        const NAME: &str = "cart";
    }

    #[on_message]
    async fn show(basket: SessionPart<Basket>) -> String {
        basket.0.join(", ")
    }

    let graph = GraphStub::start().await;
    let journal = Journal::in_memory(Clock::default());
    for (routes, said, answer) in [
        (cart::routes(), "buy tea", "1 in the cart"),
        (routes![show], "show", "tea"),
    ] {
        let bot = Bot::new(routes)
            .config(config(&graph))
            .journal(journal.clone());
        let (router, bot) = bot.into_parts().unwrap();
        let platform = Platform::new(format!("http://{}/webhook", serve(router).await));
        assert_eq!(say(&graph, &platform, said).await, answer);
        bot.stop().await;
    }
}

#[tokio::test]
async fn tests_see_parts() {
    let routes = cart::routes().routes(routes![count]);
    let mut bot = Dispatcher::new(Bot::new(routes)).unwrap();
    let _ = bot.dispatch(event::message("buy tea")).await;
    let answer = bot.dispatch(event::message("hello")).await;
    assert_eq!(answer.session_part(), Some(cart::Cart(vec!["tea".into()])));
    assert_eq!(answer.session(), Some(1));
    assert_eq!(SessionPart::new(cart::Cart::default()).0.len(), 0);
}

/// A list can be looked at by the compiler; what comes together later is looked at when the bot starts.
#[tokio::test]
async fn two_types_for_one_memory_are_an_error_when_the_bot_starts() {
    #[on_message(text = "name")]
    async fn name(mut name: Session<String>) -> String {
        name.push('a');
        name.clone()
    }
    #[derive(Default, Serialize, Deserialize)]
    struct Shopping(u32);
    impl SessionPartData for Shopping {
        const NAME: &str = "cart";
    }
    #[on_message(text = "shopping")]
    async fn shopping(mut one: SessionPart<Shopping>) {
        one.0 += 1;
    }
    let error_of = |routes: Routes| Dispatcher::new(Bot::new(routes)).unwrap_err().to_string();
    let error = error_of(routes![name].routes(routes![count]));
    for part in [
        "`count`",
        "`name`",
        "the session",
        "u32",
        "String",
        "SessionPart",
    ] {
        assert!(error.contains(part), "{error}");
    }
    let error = error_of(routes![shopping].routes(cart::routes()));
    for part in ["`buy`", "`shopping`", "part `cart`"] {
        assert!(error.contains(part), "{error}");
    }
}

mod surviving_failure {
    use super::*;
    use crate::support::watched::Watched;

    #[derive(Default, serde::Serialize, serde::Deserialize)]
    struct Budget {
        calls: u32,
    }

    impl SessionPartData for Budget {
        const NAME: &str = "budget";
    }

    #[derive(Default, serde::Serialize, serde::Deserialize)]
    struct Talk {
        words: u32,
    }

    fn spend(budget: &mut SessionPart<Budget>) {
        budget.store_on_failure();
        budget.calls += 1;
    }

    #[on_message(text = "fail")]
    async fn fails(
        mut budget: SessionPart<Budget>,
        mut talk: Session<Talk>,
    ) -> Result<(), &'static str> {
        spend(&mut budget);
        talk.words += 1;
        Err("the model is down")
    }

    #[on_message(text = "panic")]
    async fn panics(mut budget: SessionPart<Budget>) {
        spend(&mut budget);
        panic!("on purpose");
    }

    #[on_message(text = "hang")]
    async fn hangs(mut budget: SessionPart<Budget>) {
        spend(&mut budget);
        std::future::pending::<()>().await;
    }

    #[on_error]
    async fn sorry(mut budget: SessionPart<Budget>) -> String {
        budget.calls += 100;
        format!("{} used", budget.calls % 100)
    }

    #[on_message]
    async fn tell(budget: SessionPart<Budget>, talk: Session<Talk>) -> String {
        format!("{} used, {} words", budget.calls, talk.words)
    }

    #[tokio::test]
    async fn what_was_used_up_is_stored_and_nothing_else() {
        let routes = routes![fails, panics, hangs, tell];
        let bot = Bot::new(routes)
            .retries(0)
            .handler_timeout(std::time::Duration::from_millis(50));
        let watched = Watched::start_with(bot).await;
        for (text, used) in [("fail", 1), ("panic", 2), ("hang", 3)] {
            watched.bot.platform.says(text).await;
            watched.bot.platform.says("how much?").await;
            watched.settled().await;
            let latest = watched.called().pop().unwrap();
            assert_eq!(latest, format!("{used} used, 0 words"));
        }
    }

    #[tokio::test]
    async fn each_attempt_counts_and_on_error_goes_on_from_there() {
        let bot = Bot::new(routes![fails, sorry, tell]).retries(1);
        let watched = Watched::start_with(bot).await;
        watched.bot.platform.says("fail").await;
        watched.dead_letter_count_becomes(1).await;
        watched.bot.platform.says("how much?").await;
        watched.settled().await;
        assert_eq!(watched.called(), ["1 used", "102 used, 0 words"]);
    }
}
