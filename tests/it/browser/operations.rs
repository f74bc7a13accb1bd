//! The operations page beside a bot with much to do, with nothing to do, and with trouble.

use std::time::Duration;

use handover::prelude::*;
use handover::testing::Clock;
use handover::{Account, Bot, HistoryLimits};
use handover_runtime::operations_token;
use handover_sim::Person;
use tokio::net::TcpListener;

use crate::support::browser::play;
use crate::support::platform::SECRET;
use crate::support::simulated::{self, CAFE, CAFE_ON_INSTAGRAM, SHOP, Simulated, token_of};
use crate::support::simulator_page::SimulatorPage;

#[on_message(words = ["agent", "human"])]
#[handoff(to = "page_inbox", reclaim_after = "2h")]
async fn to_agent() -> &'static str {
    "One moment, a colleague is taking over."
}

#[on_message(words = ["order"])]
async fn order(text: Text) -> Result<&'static str, String> {
    Err(format!(
        "the shop's server answered 502 for {} characters",
        text.len()
    ))
}

#[on_message]
async fn echo(text: Text) -> String {
    format!("You said: {text}")
}

#[on_pass_thread_control(from = "page_inbox")]
async fn back() -> &'static str {
    "I am back. Anything else?"
}

fn bot(clock: &Clock) -> Bot {
    Bot::new(routes![to_agent, order, echo, back])
        .retries(0)
        .history(HistoryLimits::default())
        .clock(clock.clone())
}

/// A bot for two Pages beside the simulator.
async fn simulated(clock: &Clock) -> Simulated {
    let config = simulated::config()
        .account(Account::new(CAFE, token_of(CAFE)).instagram(CAFE_ON_INSTAGRAM))
        .account(Account::new(SHOP, token_of(SHOP)));
    Simulated::start(bot(clock), config).await
}

/// Buttons, links and fields that stick out at the sides.
const OUTSIDE: &str = "return [...document.querySelectorAll('button, input, a, .panel')]
    .filter(one => one.offsetParent)
    .filter(one => one.getBoundingClientRect().right > innerWidth + 0.5 && !one.closest('.views'))
    .map(one => one.outerHTML)";

async fn fits(page: &SimulatorPage) {
    for (width, height) in [(1440, 900), (1024, 768), (400, 800)] {
        page.resize(width, height).await;
        page.gives("return innerWidth", width).await;
        page.gives(
            "return document.documentElement.scrollWidth <= innerWidth",
            true,
        )
        .await;
        page.gives(OUTSIDE, Vec::<String>::new()).await;
    }
}

#[tokio::test]
async fn a_fresh_bot_says_that_everything_works() {
    let clock = Clock::default();
    let bot = simulated(&clock).await;
    play("operations_empty", async |client| {
        let page = SimulatorPage::open(client, &format!("{}/", bot.operations)).await;
        page.shows("status-title", "Everything works").await;
        page.shows("tile-letters", "0").await;
        page.shows("people-now", "").await;
        page.picture("operations_fresh").await;
        fits(&page).await;
        page.picture("operations_fresh_400").await;
        page.resize(1440, 900).await;
        page.click("view-dead-letters").await;
        page.shows("no-dead-letters", "No dead letters").await;
        page.click("view-threads").await;
        page.shows("view", "Nobody has written to the bot yet")
            .await;
        page.click("view-accounts").await;
        page.shows("accounts", CAFE).await;
        page.shows("accounts", "not used yet").await;
        fits(&page).await;
    })
    .await;
}

/// Several people talk with the bot; two of them wait for a colleague.
async fn busy(bot: &Simulated, clock: &Clock) -> Vec<Person> {
    let names = ["Ana", "Ben", "Cem", "Dora", "Emil"];
    let people: Vec<_> = names
        .iter()
        .zip([CAFE, CAFE, SHOP, CAFE, SHOP])
        .map(|(name, account)| bot.sim.person_on(account, name).unwrap())
        .collect();
    for person in &people {
        person.says("Hello").await.unwrap();
        bot.reads(person, "You said: Hello").await;
    }
    people[0].says("a human please").await.unwrap();
    bot.hands_over(&people[0]).await;
    bot.sim
        .inbox()
        .reply(&people[0], "This is Ina. How can I help?")
        .await
        .unwrap();
    clock.advance(Duration::from_secs(17 * 60));
    people[1].says("agent").await.unwrap();
    bot.hands_over(&people[1]).await;
    people[2].says("my order is late").await.unwrap();
    people[3].says("where is my order").await.unwrap();
    bot.dead_letters(2).await;
    bot.refuses_messages(551).await;
    people[4].says("still there?").await.unwrap();
    bot.dead_letters(3).await;
    people
}

#[tokio::test]
async fn an_operator_sees_what_happens_and_repairs_what_was_given_up() {
    let clock = Clock::default();
    let bot = simulated(&clock).await;
    let people = busy(&bot, &clock).await;
    let ana = people[0].id().to_string();
    play("operations", async |client| {
        let token = operations_token(SECRET);
        let address = format!("{}/#token={token}", bot.operations);
        let page = SimulatorPage::open(client, &address).await;
        page.shows("token-open", "Token set").await;
        assert!(!page.address().await.contains(&token));
        page.shows("status-title", "The bot works; 1 thing needs attention").await;
        page.shows("todo", "3 dead letters").await;
        page.shows("tile-letters", "3").await;
        page.shows("tile-people", "2").await;
        page.shows("handovers-handed", "2").await;
        page.shows("people-now", &ana).await;
        page.shows("people-now", "no answer yet").await;
        page.shows("handover-targets", "Page Inbox: 2").await;
        // Two samples of five seconds make a line.
        page.gives("return document.querySelectorAll('[data-testid=chart-messages] .chart-line')[1].getAttribute('d').length > 20", true).await;
        page.picture("operations_now").await;
        page.click("theme-switch").await;
        page.picture("operations_now_dark").await;
        fits(&page).await;
        page.picture("operations_now_400").await;
        page.resize(1440, 900).await;
        page.click("theme-switch").await;

        page.click("view-threads").await;
        page.shows("threads", &ana).await;
        page.press("/").await;
        page.gives("return document.activeElement.dataset.testid ?? null", Some("thread-search".to_owned())).await;
        page.press(&ana).await;
        page.gives("return document.querySelectorAll('[data-testid=threads-row]').length", 1).await;
        page.picture("operations_threads").await;
        page.click("threads-row").await;
        page.shows("thread-owner", "Page Inbox").await;
        page.shows("turns", "characters)").await;
        page.gives("return document.body.textContent.includes('This is Ina')", false).await;
        page.click("thread-texts").await;
        page.shows("turns", "This is Ina. How can I help?").await;
        page.picture("operations_thread").await;
        fits(&page).await;
        page.picture("operations_thread_400").await;
        page.resize(1440, 900).await;
        page.click("thread-pause").await;
        page.shows("toast", "paused in this thread").await;
        page.click("thread-resume").await;
        page.shows("toast", "answers in this thread again").await;

        page.press("3").await;
        page.gives("return document.querySelectorAll('[data-testid=cause]').length", 2).await;
        page.shows("causes", "The person cannot be reached").await;
        page.shows("causes", "A handler failed").await;
        // Without a mouse: the next row, chosen and not.
        page.press("j").await;
        page.press(" ").await;
        page.shows("retry", "Retry 1").await;
        page.press(" ").await;
        page.gives("return document.querySelector('[data-testid=retry]').textContent", "Retry…".to_owned()).await;
        page.picture("operations_dead_letters").await;
        fits(&page).await;
        page.picture("operations_dead_letters_400").await;
        page.resize(1440, 900).await;
        bot.sim.set_faults(1, []).await.unwrap();
        // The newest cause is first: the refused call.
        page.click("retry").await;
        page.shows("preview", "Send call messages").await;
        page.gives("return document.querySelector('[data-testid=preview]').textContent.includes('still there')", false).await;
        page.click("preview-texts").await;
        page.shows("preview", "You said: still there?").await;
        page.picture("operations_retry").await;
        page.click("retry-now").await;
        page.shows("toast", "1 dead letter queued again").await;
        bot.reads(&people[4], "You said: still there?").await;
        page.gives("return document.querySelectorAll('[data-testid=cause]').length", 1).await;
        page.click("choose").await;
        page.shows("discard", "Discard 1").await;
        page.click("discard").await;
        page.click("discard-now").await;
        page.shows("toast", "1 dead letter discarded").await;
        bot.dead_letters(1).await;
        page.gives("return document.querySelectorAll('[data-testid=letter]').length", 1).await;

        page.press("4").await;
        page.shows("accounts", "works").await;
        page.picture("operations_accounts").await;
        page.press("?").await;
        page.shows("keys", "Search threads").await;
    })
    .await;
}

#[tokio::test]
async fn a_wrong_token_is_asked_for_again() {
    let clock = Clock::default();
    let bot = simulated(&clock).await;
    busy(&bot, &clock).await;
    play("operations_token", async |client| {
        let page = SimulatorPage::open(client, &format!("{}/#/dead-letters", bot.operations)).await;
        page.shows("token-open", "Read-only").await;
        page.click("discard").await;
        page.click("discard-now").await;
        page.fill("token-input", "wrong").await;
        page.click("token-save").await;
        page.shows("token-refused", "The bot refuses this token")
            .await;
        page.forget_console().await;
        page.picture("operations_token_window").await;
        page.fill("token-input", &operations_token(SECRET)).await;
        page.click("token-save").await;
        page.shows("toast", "discarded").await;
        page.forget_console().await;
    })
    .await;
}

#[tokio::test]
async fn trouble_is_seen_first() {
    let clock = Clock::default();
    let bot = simulated(&clock).await;
    // A port that the test can close.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let operations = bot.operations_router.clone();
    let serving = tokio::spawn(async move { axum::serve(listener, operations).await });
    play("operations_trouble", async |client| {
        let page = SimulatorPage::open(client, &format!("http://{address}/")).await;
        page.shows("status-title", "Everything works").await;
        bot.refuses_messages(190).await;
        let ana = bot.person(CAFE);
        ana.says("Hello").await.unwrap();
        page.shows("status-title", "The bot works, with 1 problem")
            .await;
        page.shows("problems", "until it has another access token")
            .await;
        page.shows("tile-waiting", "1").await;
        page.picture("operations_problem").await;
        page.click("view-accounts").await;
        page.shows("accounts", "refused").await;
        page.click("view-now").await;
        page.shows("status-title", "The bot works, with 1 problem")
            .await;
        bot.refuses_messages(190).await;
        bot.person(SHOP).says("Hello").await.unwrap();
        page.shows("status-title", "The bot stores events, but sends nothing")
            .await;
        serving.abort();
        page.shows("connection", "No answer").await;
        page.shows("status", "The bot does not answer").await;
        page.picture("operations_outage").await;
        page.forget_console().await;
    })
    .await;
}
