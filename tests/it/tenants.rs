//! Accounts with settings of their own, which come, change and go while the bot runs.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use handover::journal::{DeadLetterContent, Journal, Retention};
use handover::prelude::*;
use handover::protocol::AccountId;
use handover::testing::Clock;
use handover::{
    Account, AccountSettings, NoticeKind, Notifier, OfficeHours, Profile, TokenFile, TokenFuture,
    TokenStore,
};
use handover_testkit::graph::GraphStub;
use handover_testkit::http;
use serde_json::{Value, json};

use crate::support::bot::RunningBot;
use crate::support::directory::Directory;
use crate::support::platform::{PAGE, SECRET, item};
use crate::support::receiver::Receiver;
use crate::support::simulated::{CAFE, SHOP, Simulated, config, token_of};
use crate::support::wait::until;

/// The help desk of one client.
const DESK: u64 = 123_456_789;

#[on_message(text = "agent")]
#[handoff(to = "page_inbox")]
async fn to_agent() {}

#[on_pass_thread_control(from = "page_inbox")]
async fn back() -> &'static str {
    "I am back."
}

#[on_pass_thread_control]
async fn from_elsewhere() -> &'static str {
    "From somewhere else."
}

#[on_message(text = "hours")]
async fn hours(hours: OfficeHours) -> String {
    format!("We answer {hours}.")
}

#[on_message(text = "slowly")]
async fn slowly(graph: Graph, sender: Sender, errors: State<SeenErrors>) -> &'static str {
    loop {
        if let Err(error) = graph.send(&sender).text("past the outbox").await {
            errors.0.0.lock().unwrap().push(error.to_string());
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    "An answer."
}

#[on_message]
async fn echo(text: Text) -> String {
    format!("Heard: {text}")
}

#[derive(Clone, Default)]
struct SeenErrors(Arc<Mutex<Vec<String>>>);

#[derive(BotState)]
struct Memory {
    errors: SeenErrors,
}

/// As a database whose rows change.
#[derive(Default)]
struct Database {
    rows: Mutex<Vec<Account>>,
    /// How often all of them were read.
    reads: AtomicUsize,
}

impl Database {
    fn set(&self, rows: impl IntoIterator<Item = Account>) {
        *self.rows.lock().unwrap() = rows.into_iter().collect();
    }

    /// Waits until the bot knows the rows: who asks again has looked at the answer before. Two parts of it ask.
    async fn is_known(&self) {
        let before = self.reads.load(Ordering::SeqCst);
        until("all accounts are read a few times more", async || {
            let reads = self.reads.load(Ordering::SeqCst) - before;
            (reads >= 3).then_some(()).ok_or(reads.to_string())
        })
        .await;
    }
}

impl TokenStore for Database {
    fn account<'a>(&'a self, id: &'a AccountId) -> TokenFuture<'a, Option<Account>> {
        let all = self.rows.lock().unwrap();
        let found = all.iter().find(|one| one.is(id)).cloned();
        Box::pin(async move { Ok(found) })
    }

    fn accounts(&self) -> TokenFuture<'_, Vec<Account>> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        let all = self.rows.lock().unwrap().clone();
        Box::pin(async move { Ok(all) })
    }
}

fn cafe(settings: AccountSettings) -> Account {
    Account::new(CAFE, token_of(CAFE)).settings(settings)
}

fn shop(settings: AccountSettings) -> Account {
    Account::new(SHOP, token_of(SHOP)).settings(settings)
}

fn usual() -> AccountSettings {
    AccountSettings::new()
}

fn bot(errors: SeenErrors) -> Bot {
    let routes = routes![to_agent, back, from_elsewhere, hours, slowly, echo];
    Bot::with_state(Memory { errors }, routes).retries(0)
}

async fn started(
    rows: impl IntoIterator<Item = Account>,
) -> (Simulated, Arc<Database>, SeenErrors) {
    let (database, errors) = (Arc::new(Database::default()), SeenErrors::default());
    database.set(rows);
    let bot = bot(errors.clone()).token_store(database.clone());
    (Simulated::start(bot, config()).await, database, errors)
}

async fn get(url: &str) -> (u16, String) {
    let answer = http::Client::new().get(url).send().await.unwrap();
    let status = answer.status().as_u16();
    (status, answer.text().await.unwrap())
}

/// The greeting that an account shows.
async fn greeting_becomes(bot: &Simulated, account: &str, wanted: Option<&str>) {
    until(&format!("{account} shows {wanted:?}"), async || {
        let path = "me/messenger_profile?fields=greeting";
        let url = format!("{}/v26.0/{path}", bot.sim.graph_url());
        let request = http::Client::new().get(url).bearer_auth(token_of(account));
        let body: Value = request.send().await.unwrap().json().await.unwrap();
        let shown = body["data"][0]["greeting"][0]["text"].as_str();
        match shown == wanted {
            true => Ok(()),
            false => Err(body.to_string()),
        }
    })
    .await;
}

fn greets(text: &str) -> AccountSettings {
    usual().profile(Profile::new().greeting(text))
}

#[tokio::test]
async fn an_account_that_appears_or_changes_is_set_up_and_others_are_left_alone() {
    let (bot, database, _) = started([cafe(greets("Coffee."))]).await;
    greeting_becomes(&bot, CAFE, Some("Coffee.")).await;
    greeting_becomes(&bot, SHOP, None).await;
    let posts = |bot: &Simulated| {
        let rows = bot.calls().into_iter();
        rows.filter(|row| row.method == "POST" && row.title == "messenger_profile")
            .count()
    };
    assert_eq!(posts(&bot), 1);

    database.set([cafe(greets("Coffee.")), shop(greets("Shoes."))]);
    greeting_becomes(&bot, SHOP, Some("Shoes.")).await;
    assert_eq!(posts(&bot), 2, "the café has its profile already");

    database.set([cafe(greets("Tea.")), shop(greets("Shoes."))]);
    greeting_becomes(&bot, CAFE, Some("Tea.")).await;
    assert_eq!(posts(&bot), 3);
}

#[tokio::test]
async fn each_account_has_its_own_hours_and_a_change_holds_at_once() {
    let morning = || "Mon-Sun 05:00-12:00".parse::<OfficeHours>().unwrap();
    let evening = || "Mon-Sun 18:00-23:00".parse::<OfficeHours>().unwrap();
    let (bot, database, _) = started([cafe(usual()), shop(usual().office_hours(morning()))]).await;
    let (ana, ben) = (bot.person(CAFE), bot.person(SHOP));
    ana.says("hours").await.unwrap();
    bot.reads(&ana, "We answer at any time.").await;
    ben.says("hours").await.unwrap();
    bot.reads(&ben, "We answer Mon-Sun 05:00-12:00.").await;
    database.set([cafe(usual()), shop(usual().office_hours(evening()))]);
    until("the new hours hold", async || {
        ben.says("hours").await.unwrap();
        tokio::time::sleep(Duration::from_millis(100)).await;
        let messages = ben.messages();
        let last = messages.last().and_then(|one| one.text.clone());
        let is_new = last.as_deref() == Some("We answer Mon-Sun 18:00-23:00.");
        is_new.then_some(()).ok_or(format!("{last:?}"))
    })
    .await;
}

#[tokio::test]
async fn the_people_of_an_account_may_use_another_app() {
    let bot = bot(SeenErrors::default()).settings_of(|account: &Account| {
        assert_eq!(*account.page(), *PAGE);
        AccountSettings::new().handoff_to(DESK)
    });
    let bot = RunningBot::start_with(bot).await;
    bot.platform.says("agent").await;
    let call = bot.graph.wait_for_calls(1).await.remove(0);
    assert_eq!(call.name(), "pass_thread_control");
    assert_eq!(
        call.body["target_app_id"].to_string().trim_matches('"'),
        DESK.to_string()
    );
    let pass =
        json!({ "previous_owner_app_id": DESK, "new_owner_app_id": crate::support::platform::APP });
    bot.platform
        .deliver([item("pass_thread_control", pass)])
        .await;
    bot.graph.wait_for_calls(2).await;
    assert_eq!(bot.graph.texts(), ["I am back."]);
}

#[tokio::test]
async fn nothing_is_sent_with_a_token_that_is_gone() {
    let (bot, database, errors) = started([cafe(usual()), shop(usual())]).await;
    let (ana, ben) = (bot.person(CAFE), bot.person(SHOP));
    ben.says("slowly").await.unwrap();
    until("the handler runs", async || {
        let sent = ben
            .messages()
            .iter()
            .any(|one| one.text.as_deref() == Some("past the outbox"));
        sent.then_some(()).ok_or(String::new())
    })
    .await;
    database.set([cafe(usual())]);
    // Beside it there are the echoes of what was sent before.
    let letter = until("the answer is a dead letter", async || {
        let letters = bot.journal.dead_letters().await.unwrap();
        let mut calls = letters.iter();
        let call = calls.find(|one| matches!(one.content, DeadLetterContent::Call(_)));
        call.cloned().ok_or(format!("{letters:#?}"))
    })
    .await;
    assert!(letter.cause.contains("was removed"), "{letter}");
    assert_eq!(letter.thread.account, SHOP);
    let errors = errors.0.lock().unwrap().clone();
    assert!(errors[0].contains("was removed"), "{errors:?}");
    assert!(
        ben.messages()
            .iter()
            .all(|one| one.text.as_deref() != Some("An answer."))
    );
    ana.says("hello").await.unwrap();
    bot.reads(&ana, "Heard: hello").await;
}

#[tokio::test]
async fn each_account_tells_its_own_colleagues() {
    let receiver = Receiver::start().await;
    let own = |path: &str| {
        let notifier = Notifier::webhook(receiver.url(path), "a secret");
        usual().notify(notifier.only([NoticeKind::HandedOver]))
    };
    let (database, clock) = (Arc::new(Database::default()), Clock::default());
    database.set([cafe(own("/cafe")), shop(own("/shop"))]);
    let tenants = bot(SeenErrors::default()).token_store(database.clone());
    let bot = Simulated::start(tenants.clock(clock.clone()), config()).await;
    bot.person(SHOP).says("agent").await.unwrap();
    let first = receiver.received(1).await.remove(0);
    assert_eq!(first.path, "/shop");
    assert_eq!(first.body()["data"]["account"], SHOP);
    // Under another address from now on.
    database.set([cafe(own("/cafe")), shop(own("/moved"))]);
    // What was known of the account is believed for a second.
    clock.advance(Duration::from_secs(1));
    bot.sim
        .person_on(SHOP, "Ben")
        .unwrap()
        .says("agent")
        .await
        .unwrap();
    bot.person(CAFE).says("agent").await.unwrap();
    let mut paths: Vec<_> = receiver
        .received(3)
        .await
        .into_iter()
        .map(|one| one.path)
        .collect();
    paths.sort_unstable();
    assert_eq!(paths, ["/cafe", "/moved", "/shop"]);
}

#[tokio::test]
async fn operators_ask_about_one_account() {
    let (bot, database, _) = started([cafe(usual()), shop(usual())]).await;
    let shop_person = bot.person(SHOP);
    for text in ["one", "two"] {
        shop_person.says(text).await.unwrap();
        bot.reads(&shop_person, &format!("Heard: {text}")).await;
    }
    let ready = async |account: &str| {
        let (status, body) = get(&format!("{}/readyz?account={account}", bot.operations)).await;
        (status, serde_json::from_str::<Value>(&body).unwrap())
    };
    assert_eq!(
        ready(SHOP).await,
        (200, json!({ "ready": true, "problems": [] }))
    );
    assert_eq!(ready("42").await.0, 404);
    let metrics = async || {
        get(&format!("{}/metrics?by=account", bot.operations))
            .await
            .1
    };
    let line = format!("handover_account_messages_total{{account=\"{SHOP}\",result=\"sent\"}} 2");
    until("the messages are counted", async || {
        let text = metrics().await;
        text.contains(&line).then_some(()).ok_or(text)
    })
    .await;
    let (_, plain) = get(&format!("{}/metrics", bot.operations)).await;
    assert!(!plain.contains(SHOP), "only who asks for it");

    database.set([cafe(usual())]);
    until("the shop is not counted any more", async || {
        let text = metrics().await;
        (!text.contains(SHOP)).then_some(()).ok_or(text)
    })
    .await;
    assert_eq!(ready(SHOP).await.0, 404);
}

/// A thread is with the people when the account goes, and with it the timer that takes it back.
#[tokio::test]
async fn a_thread_is_taken_back_when_its_account_returns() {
    #[on_message(text = "agent")]
    #[handoff(to = "page_inbox", reclaim_after = "30m")]
    async fn to_agent() -> Timer {
        Timer::after("reminder", Duration::from_secs(60 * 60))
    }

    #[on_timer(name = "reclaim")]
    async fn here_again() -> &'static str {
        "I am back."
    }

    let directory = Directory::new();
    for durable in [true, false] {
        let clock = Clock::default();
        let file = directory.path().join("handover.db");
        let journal = match durable {
            true => Journal::open_with_retention(&file, Retention::default(), clock.clone()),
            false => Ok(Journal::in_memory(clock.clone())),
        };
        returns(journal.unwrap(), clock, routes![to_agent, here_again]).await;
    }
}

async fn returns(journal: Journal, clock: Clock, routes: Routes) {
    let database = Arc::new(Database::default());
    let page = || Account::new(PAGE, "EAAB-the-access-token");
    database.set([page()]);
    let bot = Bot::new(routes)
        .token_store(database.clone())
        .journal(journal.clone())
        .clock(clock.clone());
    let bot = RunningBot::start_with(bot).await;
    bot.platform.says("agent").await;
    bot.graph.wait_for_calls(1).await;
    // It is noticed that the account is gone only if it was noticed that it was there.
    database.is_known().await;
    database.set([]);
    let letters = until("the timers have ended", async || {
        let letters = journal.dead_letters().await.unwrap();
        match letters.len() == 2 {
            true => Ok(letters),
            false => Err(format!("{letters:?}")),
        }
    })
    .await;
    for letter in &letters {
        assert!(letter.cause.contains("was removed"), "{letter}");
    }

    database.set([page()]);
    let calls = bot.graph.wait_for_calls(2).await;
    assert_eq!(calls[1].name(), "take_thread_control");
    let take = json!({ "previous_owner_app_id": crate::support::platform::PAGE_INBOX, "new_owner_app_id": crate::support::platform::APP });
    bot.platform
        .deliver([item("take_thread_control", take)])
        .await;
    bot.graph.wait_for_calls(3).await;
    assert_eq!(bot.graph.texts(), ["I am back."]);
    // What is not about the people stays ended until it is asked for.
    let letters = journal.dead_letters().await.unwrap();
    assert_eq!(letters.len(), 1, "{letters:?}");

    let replay = async |token: &str, body: Value| {
        let url = format!("{}/replay", bot.operations);
        let request = http::Client::new().post(url).bearer_auth(token);
        let answer = request.body(body.to_string()).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    let id = letters[0].id;
    let body = json!({ "source": "dead_letters", "ids": [id] });
    assert_eq!(replay("wrong", body.clone()).await.0, 401);
    let token = handover_runtime::operations_token(SECRET);
    assert_eq!(replay(&token, json!({ "typo": 1 })).await.0, 400);
    assert_eq!(replay(&token, body.clone()).await, (200, format!("[{id}]")));
    assert!(journal.dead_letters().await.unwrap().is_empty());
    assert_eq!(replay(&token, body).await, (200, "[]".to_owned()));
}

/// What belongs to an account is in the bot's state.
#[tokio::test]
async fn settings_come_from_the_bots_state() {
    #[derive(BotState)]
    struct Agency {
        desk: u64,
    }

    let agency = Agency { desk: DESK };
    let bot = Bot::with_state(agency, routes![to_agent])
        .settings_of(|_: &Account, agency: &Agency| AccountSettings::new().handoff_to(agency.desk));
    let bot = RunningBot::start_with(bot).await;
    bot.platform.says("agent").await;
    let call = bot.graph.wait_for_calls(1).await.remove(0);
    let target = call.body["target_app_id"].to_string();
    assert_eq!(target.trim_matches('"'), DESK.to_string());

    let other = |_: &Account, _: &Agency| AccountSettings::new();
    let graph = GraphStub::start().await;
    let bot = Bot::new(routes![to_agent]).config(crate::support::bot::config(&graph));
    let error = bot.settings_of(other).into_parts().unwrap_err().to_string();
    assert!(
        error.contains("Agency") && error.contains("Bot::with_state"),
        "{error}"
    );
}

#[test]
fn settings_in_a_file_are_read_and_what_is_wrong_is_not() {
    let directory = Directory::new();
    let path = directory.path().join("accounts.json");
    let open = |settings: Value| {
        let account = json!({ "page": "1", "access_token": "EAAB-secret", "settings": settings });
        std::fs::write(&path, json!([account]).to_string()).unwrap();
        TokenFile::open(&path)
            .map(drop)
            .map_err(|it| it.to_string())
    };
    open(json!({
        "pace": "debounce(2s)", "handler_timeout": "20s", "retries": 1, "pause_on_human_reply": "2h",
        "human_apps": ["1234"], "pause_word": { "word": "#quiet", "time": "1d" },
        "resume_word": "#bot", "typing": true,
        "handoff_failed_text": "Nobody is there.", "blocked": "wait", "limits": "refuse",
        "send_rate": { "messages": 10 }, "handoff_to": "1234", "subscribe": true,
        "office_hours": { "hours": "Mon-Fri 09:00-17:00", "closed": ["2026-12-25"] },
        "profile": { "get_started": { "payload": "GO" } },
        "notify": { "slack": "https://hooks.example.com/x",
                    "webhook": { "url": "https://desk.example.com", "secret": "s" } },
    }))
    .unwrap();
    for wrong in [
        json!({ "typo": true }),
        json!({ "pace": "sometimes" }),
        json!({ "pause_on_human_reply": "soon" }),
        json!({ "office_hours": "whenever" }),
        json!({ "notify": { "pager": "https://x.example" } }),
    ] {
        let error = open(wrong.clone()).unwrap_err();
        assert!(error.contains("line 1"), "{wrong}: {error}");
        assert!(!error.contains("EAAB-secret"), "{error}");
    }
}
