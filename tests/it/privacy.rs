//! A person is forgotten, and can have what is kept of them.

use std::path::Path;
use std::time::Duration;

use handover::journal::{Forgotten, Journal};
use handover::prelude::*;
use handover::testing::{Clock, DurationExt, Scenario};
use handover::{HistoryLimits, ThreadKey};
use handover_testkit::http;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use crate::support::bot::RunningBot;
use crate::support::directory::Directory;
use crate::support::platform::{PAGE, PERSON, SECRET, item, message};
use crate::support::wait::until;

const OTHER: &str = "9988776655443322";

#[derive(Default, Serialize, Deserialize)]
struct Order {
    address: String,
}

#[on_message(text = "hang")]
async fn hang(mut order: Session<Order>) -> &'static str {
    order.address = "the address of the hanging handler".to_owned();
    GO_ON.acquire().await.unwrap().forget();
    "the answer of the hanging handler"
}

static GO_ON: Semaphore = Semaphore::const_new(0);

#[on_message(text = "fail")]
async fn fail() -> Result<(), &'static str> {
    Err("it always does")
}

#[on_message]
async fn remember(text: Text, mut order: Session<Order>, timers: Timers) -> String {
    order.address = format!("address {text}");
    timers.set("remind me", Duration::from_secs(3600));
    format!("heard {text}")
}

#[on_timer(name = "remind me")]
async fn remind() -> &'static str {
    "a reminder"
}

fn bot() -> Bot {
    let routes = routes![hang, fail, remember, remind];
    Bot::new(routes)
        .retries(0)
        .history(HistoryLimits::default())
}

/// A journal in a file of the directory, or in memory.
fn kept(directory: &Directory, durable: bool) -> Journal {
    match durable {
        true => Journal::open(directory.path().join("handover.db")).unwrap(),
        false => Journal::in_memory(Clock::default()),
    }
}

async fn started(bot: Bot, journal: &Journal) -> RunningBot {
    RunningBot::start_with(bot.journal(journal.clone())).await
}

async fn settled(journal: &Journal) {
    until("all is done", async || {
        let backlog = journal.backlog().await.unwrap();
        match (backlog.events, backlog.calls) {
            (0, 0) => Ok(()),
            left => Err(format!("{left:?}")),
        }
    })
    .await;
}

/// The files of the store in which this is written somewhere.
fn files_with(directory: &Path, text: &str) -> Vec<String> {
    let files = std::fs::read_dir(directory).unwrap().map(Result::unwrap);
    let found = files.filter(|file| {
        let bytes = std::fs::read(file.path()).unwrap();
        let mut windows = bytes.windows(text.len());
        windows.any(|window| window == text.as_bytes())
    });
    found
        .map(|file| file.file_name().into_string().unwrap())
        .collect()
}

#[tokio::test]
async fn nothing_of_a_person_is_in_any_file_afterwards() {
    let directory = Directory::new();
    let journal = kept(&directory, true);
    let bot = started(bot(), &journal).await;
    let (platform, threads) = (&bot.platform, bot.handle.threads());
    for round in 0..40 {
        platform.says(&format!("secret {round} of Ana")).await;
        platform
            .deliver([message(OTHER, &format!("word {round} of Ben"))])
            .await;
    }
    platform.says("fail").await;
    settled(&journal).await;
    bot.graph.next_answer(400, json!({ "error": { "message": "gone", "code": 100, "error_subcode": 2_018_001, "fbtrace_id": "A" } }));
    platform.says("the last secret of Ana").await;
    settled(&journal).await;
    let needles = [
        PERSON,
        "of Ana",
        "address secret",
        "heard secret",
        "remind me",
    ];
    for needle in needles {
        assert!(!files_with(directory.path(), needle).is_empty(), "{needle}");
    }

    let thread = threads.of(PAGE, PERSON);
    let forgotten = thread.forget().await.unwrap();
    assert_eq!(forgotten.events, 42, "{forgotten:?}");
    assert_eq!((forgotten.turns, forgotten.sessions), (50, 1));
    assert_eq!((forgotten.calls, forgotten.timers), (0, 1));
    assert_eq!(forgotten.dead_letters, 2);
    assert_eq!(journal.backlog().await.unwrap().dead_letters, 0);
    for needle in [PERSON, "of Ana", "address secret", "heard secret"] {
        let found = files_with(directory.path(), needle);
        assert!(found.is_empty(), "{needle}: {found:?}");
    }
    assert!(!files_with(directory.path(), "word 7 of Ben").is_empty());
    assert_eq!(thread.forget().await.unwrap(), Forgotten::default());

    // What comes afterwards starts from nothing.
    platform.says("hello again").await;
    settled(&journal).await;
    let export = thread.export().await.unwrap();
    let said: Vec<_> = export.history.iter().map(ToString::to_string).collect();
    assert_eq!(said, ["hello again", "heard hello again"]);
    assert_eq!(
        export.session,
        Some(json!({ "address": "address hello again" }))
    );
    bot.handle.stop().await;
    let journal = kept(&directory, true);
    let export = journal.export(ThreadKey::new(PAGE, PERSON)).await.unwrap();
    assert_eq!((export.history.len(), export.events.len()), (2, 1));
}

#[tokio::test]
async fn what_is_under_way_for_a_person_comes_to_nothing() {
    let directory = Directory::new();
    for durable in [true, false] {
        let journal = kept(&directory, durable);
        let bot = started(bot(), &journal).await;
        let thread = bot.handle.threads().of(PAGE, PERSON);
        // One event is being handled, two wait, and a call of another person is being made.
        bot.graph.hold();
        bot.platform.deliver([message(OTHER, "hello")]).await;
        for text in ["hang", "waits", "waits as well"] {
            bot.platform.says(text).await;
        }
        bot.graph.wait_for_calls(1).await;
        let waiting = journal.backlog().await.unwrap();
        assert_eq!((waiting.events, waiting.calls), (3, 1));
        let forgotten = thread.forget().await.unwrap();
        assert_eq!(
            (forgotten.events, forgotten.dead_letters),
            (3, 0),
            "{forgotten:?}"
        );
        let others = bot.handle.threads().of(PAGE, OTHER);
        let forgotten = others.forget().await.unwrap();
        assert_eq!(forgotten.calls, 1, "{forgotten:?}");
        // While they go on, messages come.
        for text in ["afterwards", "and more"] {
            bot.platform.says(text).await;
        }
        bot.platform.deliver([message(OTHER, "me too")]).await;
        GO_ON.add_permits(1);
        bot.graph.let_go();
        settled(&journal).await;
        until("all is sent", async || {
            let texts: Vec<_> = bot
                .graph
                .calls()
                .iter()
                .filter_map(|call| Some(call.text()?.to_owned()))
                .collect();
            if texts.len() == 4 {
                Ok(())
            } else {
                Err(format!("{texts:?}"))
            }
        })
        .await;
        let export = thread.export().await.unwrap();
        let said: Vec<_> = export.history.iter().map(ToString::to_string).collect();
        assert_eq!(said.len(), 4, "{said:?}");
        assert!(said.contains(&"heard afterwards".to_owned()), "{said:?}");
        assert_eq!(
            export.session,
            Some(json!({ "address": "address and more" }))
        );
        let sent: Vec<_> = bot
            .graph
            .calls()
            .iter()
            .filter_map(|call| Some(call.text()?.to_owned()))
            .collect();
        assert!(
            !sent.contains(&"the answer of the hanging handler".to_owned()),
            "{sent:?}"
        );
        let export = others.export().await.unwrap();
        let said: Vec<_> = export.history.iter().map(ToString::to_string).collect();
        assert_eq!(said, ["me too", "heard me too"]);
        assert!(export.calls.is_empty() && export.dead_letters.is_empty());
        bot.handle.stop().await;
    }
}

/// A comment is about the account as a whole, and says who wrote it.
#[tokio::test]
async fn what_waits_for_the_account_and_names_the_person_is_exported_and_forgotten() {
    #[on_event(name = "feed")]
    async fn busy() {
        std::future::pending::<()>().await;
    }

    let comment = |who: &str, text: &str| {
        let from = json!({ "id": who, "name": "A name" });
        let value = json!({ "item": "comment", "verb": "add", "from": from, "message": text });
        let changes = json!([{ "field": "feed", "value": value }]);
        json!({ "object": "page", "entry": [{ "id": PAGE, "time": 1, "changes": changes }] })
    };
    let directory = Directory::new();
    for durable in [true, false] {
        let journal = kept(&directory, durable);
        let bot = started(Bot::new(routes![busy]).grace(Duration::ZERO), &journal).await;
        // The first is being handled, the others wait.
        for (who, text) in [
            (PERSON, "the first of Ana"),
            (OTHER, "of Ben"),
            (PERSON, "the second of Ana"),
        ] {
            assert_eq!(
                bot.platform
                    .post_bytes(comment(who, text).to_string())
                    .await,
                200
            );
        }
        assert_eq!(journal.backlog().await.unwrap().events, 3);
        let thread = bot.handle.threads().of(PAGE, PERSON);
        let export = serde_json::to_string(&thread.export().await.unwrap()).unwrap();
        for (text, is_theirs) in [
            ("the first of Ana", true),
            ("the second of Ana", true),
            ("of Ben", false),
        ] {
            assert_eq!(export.contains(text), is_theirs, "{export}");
        }
        let forgotten = thread.forget().await.unwrap();
        assert_eq!(forgotten.events, 2, "{forgotten:?}");
        assert_eq!(journal.backlog().await.unwrap().events, 1);
        if durable {
            for needle in [PERSON, "of Ana"] {
                let found = files_with(directory.path(), needle);
                assert!(found.is_empty(), "{needle}: {found:?}");
            }
            assert!(!files_with(directory.path(), "of Ben").is_empty());
        }
        bot.handle.stop().await;
    }
}

/// Many are forgotten at once while messages come: nobody waits for one after the other.
#[tokio::test]
async fn forgetting_many_does_not_keep_the_others_waiting() {
    let directory = Directory::new();
    let journal = kept(&directory, true);
    let bot = started(bot(), &journal).await;
    let people: Vec<_> = (0..20)
        .map(|number| format!("77001122{number:04}"))
        .collect();
    for person in &people {
        bot.platform.deliver([message(person, "a secret")]).await;
    }
    settled(&journal).await;
    let threads = bot.handle.threads();
    let forgetting = people.iter().map(|person| {
        let thread = threads.of(PAGE, person.as_str());
        tokio::spawn(async move { thread.forget().await.unwrap().events })
    });
    let forgetting: Vec<_> = forgetting.collect();
    for _ in 0..20 {
        bot.platform.deliver([message(OTHER, "meanwhile")]).await;
    }
    for forgotten in forgetting {
        assert_eq!(forgotten.await.unwrap(), 1);
    }
    for person in &people {
        let found = files_with(directory.path(), person);
        assert!(found.is_empty(), "{person}: {found:?}");
    }
    settled(&journal).await;
    assert_eq!(
        bot.graph
            .texts()
            .iter()
            .filter(|text| *text == "heard meanwhile")
            .count(),
        20
    );
}

#[tokio::test]
async fn an_event_from_before_that_comes_again_stays_forgotten() {
    let journal = Journal::in_memory(Clock::default());
    let bot = started(bot(), &journal).await;
    let before = message(PERSON, "from before");
    bot.platform.deliver([before.clone()]).await;
    settled(&journal).await;
    let thread = bot.handle.threads().of(PAGE, PERSON);
    thread.forget().await.unwrap();
    bot.platform.deliver([before]).await;
    settled(&journal).await;
    let export = thread.export().await.unwrap();
    assert!(
        export.history.is_empty() && export.events.is_empty(),
        "{export:?}"
    );
}

#[tokio::test]
async fn a_forgotten_persons_timers_do_not_run_out() {
    let scenario = Scenario::builder();
    let handle = std::sync::Arc::new(std::sync::Mutex::new(None));
    let given = handle.clone();
    let embed = move |bot: Bot| {
        let (router, bot) = bot.into_parts()?;
        *given.lock().unwrap() = Some(bot);
        Ok(router)
    };
    let scenario = scenario.bot_in("bot", bot(), embed).start().await;
    let ana = scenario.person("Ana");
    ana.says("hello").await;
    ana.sees("heard hello").await;
    scenario.settles().await;
    let bot = handle.lock().unwrap().clone().unwrap();
    let thread = bot.threads().of(PAGE, ana.at_the_platform().id());
    let export = thread.export().await.unwrap();
    assert_eq!(export.timers.len(), 1);
    let forgotten = thread.forget().await.unwrap();
    assert_eq!((forgotten.timers, forgotten.sessions), (1, 1));
    scenario.pass_time(2.hours()).await;
    ana.sees_nothing_more().await;
}

#[tokio::test]
async fn an_export_is_what_was_said_and_kept() {
    let directory = Directory::new();
    for durable in [true, false] {
        let journal = kept(&directory, durable);
        let bot = started(bot(), &journal).await;
        bot.platform.deliver([message(OTHER, "hello")]).await;
        bot.platform.says("hello").await;
        settled(&journal).await;
        let edited = json!({ "mid": "unknown", "text": "new", "num_edit": 1 });
        bot.platform.deliver([item("message_edit", edited)]).await;
        bot.platform.says("fail").await;
        settled(&journal).await;
        let thread = bot.handle.threads().of(PAGE, PERSON);
        thread.send("shipped").id("order-42").await.unwrap();
        settled(&journal).await;
        let export = thread.export().await.unwrap();
        let json = serde_json::to_value(&export).unwrap();
        let receipt = &json["receipts"][0];
        assert_eq!(json["receipts"].as_array().unwrap().len(), 1);
        assert_eq!(
            (&receipt["name"], &receipt["content"]["id"]),
            (&json!("message"), &json!("order-42"))
        );
        assert_eq!(receipt["content"]["status"], "sent", "{receipt}");
        assert!(receipt["content"]["message_id"].is_string(), "{receipt}");
        assert_eq!(
            (&json["account"], &json["person"]),
            (&json!(PAGE), &json!(PERSON))
        );
        let said = json["history"].as_array().unwrap();
        let said: Vec<_> = said
            .iter()
            .map(|turn| (&turn["speaker"], &turn["text"]))
            .collect();
        let expected = [
            ("person", "hello"),
            ("bot", "heard hello"),
            ("person", "fail"),
            ("bot", "shipped"),
        ];
        let expected = expected.map(|(speaker, text)| (json!(speaker), json!(text)));
        assert_eq!(
            said,
            expected.each_ref().map(|(speaker, text)| (speaker, text))
        );
        assert_eq!(json["session"]["address"], "address hello");
        assert_eq!(json["timers"][0]["name"], "remind me");
        assert_eq!(json["dead_letters"][0]["cause"], "it always does");
        if durable {
            let events = json["events"].as_array().unwrap();
            let kinds: Vec<_> = events.iter().map(|event| &event["name"]).collect();
            assert_eq!(kinds, ["message", "message_edit", "message"]);
            assert_eq!(events[0]["content"]["event"]["message"]["text"], "hello");
        }
        bot.handle.stop().await;
    }
}

/// Asks the operators' port.
async fn ask(bot: &RunningBot, method: http::Method, what: &str, token: &str) -> (u16, Value) {
    let url = format!("{}/threads/{PAGE}/{PERSON}/{what}", bot.operations);
    let client = http::Client::new();
    let answer = client
        .request(method, url)
        .bearer_auth(token)
        .send()
        .await
        .unwrap();
    (
        answer.status().as_u16(),
        answer.json().await.unwrap_or_default(),
    )
}

#[tokio::test]
async fn operators_can_export_and_forget() {
    let journal = Journal::in_memory(Clock::default());
    let bot = started(bot(), &journal).await;
    bot.platform.says("hello").await;
    settled(&journal).await;
    let token = handover_runtime::operations_token(SECRET);
    for (method, what) in [
        (http::Method::POST, "forget"),
        (http::Method::GET, "export"),
    ] {
        assert_eq!(ask(&bot, method, what, "wrong").await.0, 401);
    }
    let (status, export) = ask(&bot, http::Method::GET, "export", &token).await;
    assert_eq!(
        (status, &export["history"][0]["text"]),
        (200, &json!("hello"))
    );
    let (status, forgotten) = ask(&bot, http::Method::POST, "forget", &token).await;
    assert_eq!(
        (status, &forgotten["turns"]),
        (200, &json!(2)),
        "{forgotten}"
    );
    let (_, export) = ask(&bot, http::Method::GET, "export", &token).await;
    assert_eq!(export["history"], json!([]));
}

#[cfg(unix)]
#[tokio::test]
async fn the_files_of_the_store_are_the_owners_alone() {
    use std::os::unix::fs::PermissionsExt;

    let directory = Directory::new();
    // A file that an earlier version, or a copy, has left open to others.
    let file = directory.path().join("handover.db");
    Journal::open(&file).unwrap().close().await.unwrap();
    for file in std::fs::read_dir(directory.path()).unwrap() {
        let open = std::fs::Permissions::from_mode(0o644);
        std::fs::set_permissions(file.unwrap().path(), open).unwrap();
    }
    let journal = Journal::open(&file).unwrap();
    let bot = started(bot(), &journal).await;
    bot.platform.says("hello").await;
    settled(&journal).await;
    let files: Vec<_> = std::fs::read_dir(directory.path()).unwrap().collect();
    assert!(files.len() >= 4, "{files:?}");
    for file in files {
        let file = file.unwrap();
        let mode = file.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{:?}", file.file_name());
    }
}
