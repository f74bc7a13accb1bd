//! `handover inspect` and `handover replay`, on the journal of a real bot.

use std::time::Duration;

use handover::prelude::*;
use handover::protocol::AppId;
use handover::{Account, Store};
use handover_testkit::PATIENCE;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::time::timeout;

use crate::support::{
    Answer, Folder, PAGE, SECRET, ServedBot, config, follow, handover, says, serve, until,
};

#[on_message(text = "ask")]
async fn answers() -> (&'static str, Timer) {
    let reminder = Timer::after("reminder", Duration::from_secs(3600));
    ("An answer", reminder)
}

#[on_message(text = "fail")]
async fn fails() -> Result<(), &'static str> {
    Err("no database")
}

#[on_message(text = "read")]
async fn reads() {}

#[on_message]
async fn never_ends() {
    std::future::pending::<()>().await;
}

/// A bot with its journal in a folder. The platform cannot be reached, so its calls wait.
pub(crate) struct RunningBot {
    pub(crate) folder: Folder,
    bot: ServedBot,
}

impl RunningBot {
    pub(crate) async fn start() -> Self {
        let folder = Folder::new("journal");
        let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let graph = format!("http://{}", closed.local_addr().unwrap());
        drop(closed);
        let store = Store::Sqlite(folder.path().join("handover.db"));
        let mut config = config(&graph, store);
        for instagram in ["7", "8"] {
            let page = format!("{instagram}0");
            config = config.account(Account::new(page, "token").instagram(instagram));
        }
        let bot = Bot::new(routes![answers, fails, reads, never_ends])
            .config(config)
            .retries(0)
            .grace(Duration::ZERO);
        let bot = ServedBot::start(bot).await;
        Self { folder, bot }
    }

    pub(crate) async fn receive(&self, items: impl IntoIterator<Item = Value>) {
        self.bot.receive(items).await;
    }

    pub(crate) async fn receive_body(&self, body: &Value) {
        assert_eq!(self.bot.post_body(body).await, 200);
    }

    /// Ends it. What is not handled waits for the next start.
    pub(crate) async fn stop(&self) {
        self.bot.handle.stop().await;
    }

    pub(crate) async fn run(&self, arguments: &[&str]) -> Answer {
        handover(arguments).within(self.folder.path()).run().await
    }

    /// The same, where a bot is asked at this address.
    async fn run_with(&self, operations: &str, arguments: &[&str]) -> Answer {
        let command = handover(arguments).within(self.folder.path());
        let command = command
            .env("MESSENGER_PAGE_ID", PAGE)
            .env("MESSENGER_APP_SECRET", SECRET)
            .env("HANDOVER_OPERATIONS", operations);
        command.run().await
    }

    /// Its store, as errors name it.
    fn store(&self) -> String {
        let path = self.folder.path().join("handover.db").canonicalize();
        path.unwrap().display().to_string()
    }

    async fn rows(&self, arguments: &[&str]) -> Vec<Value> {
        let mut all = vec!["inspect", "--json"];
        all.extend(arguments);
        let answer = self.run(&all).await;
        answer.good();
        answer.json()
    }

    /// Waits until a view has this many rows.
    pub(crate) async fn has(&self, view: &str, count: usize) {
        until(async || self.rows(&[view]).await.len() == count).await;
    }
}

#[tokio::test]
async fn a_bot_at_work_can_be_looked_at() {
    let bot = RunningBot::start().await;
    bot.receive([says("1", "ask"), says("1", "two"), says("2", "hello")])
        .await;
    bot.has("handled", 1).await;
    until(async || bot.rows(&["calls"]).await[0]["state"] == "waiting").await;

    let overview = bot.rows(&[]).await.remove(0);
    assert_eq!(overview["events"], 2);
    assert_eq!(overview["calls"], 1);
    assert_eq!(overview["timers"], 1);
    assert_eq!(overview["dead_letters"], 0);

    let events = bot.rows(&["events", "--thread", "1"]).await;
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["content"]["event"]["message"]["text"], "two");
    let handled = bot.rows(&["handled"]).await;
    assert_eq!(handled[0]["outcome"], "handled");
    let calls = bot.rows(&["calls"]).await;
    assert_eq!(calls[0]["name"], "messages");
    assert_eq!(bot.rows(&["timers"]).await[0]["name"], "reminder");
    let threads = bot.rows(&["threads"]).await;
    let one = threads
        .iter()
        .find(|row| row["person"] == "1")
        .expect("the thread");
    assert_eq!((&one["events"], &one["calls"]), (&1.into(), &1.into()));

    let handled = bot.run(&["inspect", "handled"]).await;
    let said: Vec<_> = handled.good().lines().map(str::trim_end).collect();
    assert!(said[0].ends_with("outcome  said"), "{}", handled.stdout);
    assert!(said[1].contains("message"), "{}", handled.stdout);
    assert!(said[1].ends_with("handled  \"ask\""), "{}", handled.stdout);
    assert_eq!(handled.stderr, "", "progress is for terminals");
    let calls = bot.run(&["inspect", "calls"]).await;
    assert!(calls.good().contains("\"An answer\""), "{}", calls.stdout);

    let table = bot.run(&["inspect"]).await;
    assert!(
        table.good().contains("waiting: 2 events, 1 call, 1 timer"),
        "{}",
        table.stdout
    );
    let whole = bot.run(&["inspect", "--thread", "1"]).await;
    assert!(whole.good().contains("reminder"), "{}", whole.stdout);
    let nothing = bot.run(&["inspect", "dead-letters"]).await;
    assert_eq!(nothing.good(), "there are no dead letters\n");
}

/// The same person writes to two accounts, and another one to one of them.
#[tokio::test]
async fn one_account_is_looked_at_alone() {
    let bot = RunningBot::start().await;
    bot.receive([says("1", "ask"), says("1", "two"), says("2", "fail")])
        .await;
    let items = [says("1", "fail"), says("1", "ask"), says("3", "read")];
    bot.receive_body(&json!({"object": "page", "entry": [{"id": "70", "messaging": items}]}))
        .await;
    bot.has("handled", 5).await;
    let views = [
        "threads",
        "events",
        "handled",
        "calls",
        "timers",
        "dead-letters",
    ];
    for (account, rows) in [(PAGE, [2, 1, 2, 1, 1, 1]), ("70", [2, 0, 3, 1, 1, 1])] {
        for (view, count) in views.iter().zip(rows) {
            let found = bot.rows(&[view, "--account", account]).await;
            assert_eq!(found.len(), count, "{account} {view}: {found:?}");
            assert!(
                found.iter().all(|row| row["account"] == account),
                "{found:?}"
            );
        }
        let overview = bot.rows(&["--account", account]).await.remove(0);
        let counts =
            ["events", "calls", "timers", "dead_letters"].map(|kind| overview[kind].clone());
        let [_, events, _, calls, timers, dead_letters] = rows;
        assert_eq!(
            counts,
            [events, calls, timers, dead_letters].map(Value::from),
            "{overview}"
        );
    }
    // Together with a person, both have to fit.
    let both = ["handled", "--account", "70", "--thread", "1"];
    assert_eq!(bot.rows(&both).await.len(), 2);
    assert!(bot.rows(&["events", "--account", "80"]).await.is_empty());
    let overview = bot.run(&["inspect", "--account", "70"]).await;
    assert!(
        overview
            .good()
            .contains("waiting: 0 events, 1 call, 1 timer"),
        "{}",
        overview.stdout
    );
}

/// What went wrong last is what an operator wants to see, and how much more there is.
#[tokio::test]
async fn a_list_begins_with_the_newest_and_says_how_many_there_are() {
    let bot = RunningBot::start().await;
    for (before, person) in ["1", "2", "3"].into_iter().enumerate() {
        bot.receive([says(person, "fail")]).await;
        bot.has("dead-letters", before + 1).await;
    }
    let list = ["inspect", "dead-letters", "--limit", "2"];
    let rest = "the newest 2 of 3: `--limit 3` shows all";
    let table = bot.run(&list).await;
    assert_eq!(table.good().lines().last(), Some(rest), "{}", table.stdout);
    let rows = bot.run(&[&list[..], &["--json"]].concat()).await;
    rows.good();
    let rows_of: Vec<_> = rows
        .json()
        .iter()
        .map(|row| row["person"].clone())
        .collect();
    assert_eq!(rows_of, ["3", "2"]);
    assert!(rows.stderr.contains(rest), "{}", rows.stderr);
    let all = bot.run(&["inspect", "dead-letters"]).await;
    assert!(!all.good().contains("of 3"), "{}", all.stdout);

    let overview = bot.rows(&["--limit", "1"]).await.remove(0);
    assert_eq!(overview["threads"].as_array().unwrap().len(), 1);
    assert_eq!(overview["known_threads"], 3);
    let overview = bot.run(&["inspect", "--limit", "1"]).await;
    let rest = "the first 1 of 3: `--limit 3` shows all";
    assert!(overview.good().contains(rest), "{}", overview.stdout);
    let none = bot.run(&["inspect", "events", "--limit", "0"]).await;
    assert!(none.misuse().contains("--limit"), "{}", none.stderr);
}

#[tokio::test]
async fn the_table_says_what_events_say() {
    let bot = RunningBot::start().await;
    let events = [
        json!({"message": {"mid": "1", "text": "Yes", "quick_reply": {"payload": "ORDER:1"}}}),
        json!({"message": {"mid": "2", "attachments": [{"type": "image", "payload": {}}]}}),
        json!({"message": {"mid": "3", "text": "a\nb ".repeat(500)}}),
        json!({"postback": {"mid": "4", "title": "Menu", "payload": "MENU"}}),
        json!({"reaction": {"mid": "3", "action": "react", "emoji": "❤"}}),
        json!({"pass_thread_control": {"previous_owner_app_id": AppId::PAGE_INBOX, "metadata": "done"}}),
        json!({"read": {"watermark": 17}}),
    ];
    let of_one_person = events.into_iter().map(|mut item| {
        item["sender"] = json!({"id": "1"});
        item
    });
    bot.receive(of_one_person).await;
    let table = bot.run(&["inspect", "events"]).await;
    let lines: Vec<_> = table.good().lines().skip(1).map(str::trim_end).collect();
    let ends = [
        r#""Yes" payload ORDER:1"#,
        "image",
        "…\"",
        r#""Menu" payload MENU"#,
        "react ❤",
        "from the Page Inbox (263902037430900) metadata done",
        r#"{"watermark":17}"#,
    ];
    assert_eq!(lines.len(), ends.len(), "{}", table.stdout);
    for (line, end) in lines.iter().zip(ends) {
        assert!(line.ends_with(end), "{end} is not the end of {line}");
        assert!(line.chars().count() < 200, "{line}");
    }
    let whole = bot.rows(&["events"]).await;
    assert_eq!(whole[3]["content"]["event"]["postback"]["payload"], "MENU");
}

#[tokio::test]
async fn what_happens_is_printed_as_it_happens() {
    let bot = RunningBot::start().await;
    let command = handover(&["inspect", "--follow", "--json"]).within(bot.folder.path());
    let news = async |number: usize| bot.receive([says("7", &number.to_string())]).await;
    let (first, mut following) = follow(command, news).await;
    let first: Value = serde_json::from_str(&first).unwrap();
    assert_eq!(
        (&first["what"], &first["became"]),
        (&"event".into(), &"arrived".into())
    );
    assert_eq!(first["thread"], format!("{PAGE}/7"));

    bot.receive([says("8", "fail")]).await;
    let output = async {
        loop {
            let row: Value = serde_json::from_str(&following.line().await).unwrap();
            if row["what"] == "dead letter" {
                return row;
            }
        }
    };
    let row = timeout(PATIENCE, output).await.expect("a dead letter");
    assert_eq!(row["detail"], "no database");
}

#[tokio::test]
async fn dead_letters_are_replayed_when_that_is_confirmed_and_no_bot_is_at_work() {
    let bot = RunningBot::start().await;
    bot.receive([says("1", "fail"), says("2", "fail")]).await;
    bot.has("dead-letters", 2).await;

    let dry = bot.run(&["replay", "dead-letters"]).await;
    assert!(dry.good().contains("no database"), "{}", dry.stdout);
    assert!(
        dry.stdout.contains("nothing is replayed yet"),
        "{}",
        dry.stdout
    );
    let busy = bot.run(&["replay", "dead-letters", "--yes"]).await;
    assert!(
        busy.fault().contains("a running bot has"),
        "{}",
        busy.stderr
    );
    bot.has("dead-letters", 2).await;

    bot.stop().await;
    let one = bot
        .run(&["replay", "dead-letters", "--thread", "1", "--yes", "--json"])
        .await;
    one.good();
    let one = one.json();
    assert_eq!(one.len(), 1);
    assert_eq!(
        (&one[0]["person"], &one[0]["replayed"]),
        (&"1".into(), &true.into())
    );

    let waiting = bot.rows(&["events"]).await;
    assert_eq!(waiting.len(), 1);
    assert_eq!(waiting[0]["person"], "1");
    assert_eq!(bot.rows(&["dead-letters"]).await.len(), 1);
}

#[tokio::test]
async fn handled_events_are_replayed_by_number_and_time() {
    let bot = RunningBot::start().await;
    bot.receive([says("1", "read"), says("2", "read")]).await;
    bot.has("handled", 2).await;
    bot.stop().await;

    let everything = bot.run(&["replay", "events", "--yes"]).await;
    assert!(
        everything.misuse().contains("select events"),
        "{}",
        everything.stderr
    );
    let until_now = bot
        .run(&[
            "replay",
            "events",
            "--since",
            "2100-01-01T00:00:00Z",
            "--json",
        ])
        .await;
    assert_eq!(until_now.good(), "", "nothing is as new as that");
    let after = bot
        .run(&["replay", "events", "--since", "1h", "--json"])
        .await;
    after.good();
    assert_eq!(after.json().len(), 2);
    let unknown = bot.run(&["replay", "events", "99"]).await;
    assert!(
        unknown.fault().contains("no event with the number 99"),
        "{}",
        unknown.stderr
    );
    let second = &after.json()[1];
    let number = second["id"].to_string();
    bot.run(&["replay", "events", &number, "--yes"])
        .await
        .good();
    let waiting = bot.rows(&["events"]).await;
    assert_eq!(waiting.len(), 1);
    assert_eq!(waiting[0]["person"], second["person"]);
}

#[tokio::test]
async fn mistakes_are_answered_with_what_to_do() {
    let folder = Folder::new("journal");
    let run = |arguments: &[&str]| handover(arguments).within(folder.path()).run();
    let none = run(&["inspect"]).await;
    assert!(
        none.fault().contains("there is no journal at handover.db"),
        "{}",
        none.stderr
    );
    let none = run(&["replay", "dead-letters", "--yes"]).await;
    assert!(
        none.fault().contains("there is no journal at"),
        "{}",
        none.stderr
    );
    assert!(!folder.path().join("handover.db").exists());

    folder.write(
        "text.db",
        "not a database, but a text that is long enough to look like one, more or less",
    );
    let text = run(&["inspect", "--store", "sqlite:text.db"]).await;
    assert!(text.fault().contains("is not a journal"), "{}", text.stderr);
    let memory = run(&["inspect", "--store", "memory:"]).await;
    assert!(memory.misuse().contains("in memory"), "{}", memory.stderr);
    let store = run(&["inspect", "--store", "redis://localhost"]).await;
    assert!(
        store.misuse().contains("write sqlite:PATH"),
        "{}",
        store.stderr
    );
    let view = run(&["inspect", "dead-leters"]).await;
    assert!(view.misuse().contains("'dead-letters'"), "{}", view.stderr);
    let time = run(&["replay", "events", "--since", "yesterday"]).await;
    assert!(time.misuse().contains("2h or 3d"), "{}", time.stderr);
}

#[tokio::test]
async fn a_person_is_exported_and_forgotten() {
    let bot = RunningBot::start().await;
    bot.receive([
        says("1111111", "ask"),
        says("1111111", "fail"),
        says("2222222", "ask"),
    ])
    .await;
    bot.has("handled", 3).await;
    // No bot answers there, and this one has the store.
    let run = async |arguments: &[&str]| bot.run_with("127.0.0.1:9", arguments).await;
    let busy = run(&["forget", "1111111", "--yes"]).await;
    assert_eq!(busy.code, Some(1));
    assert!(
        busy.stderr.contains("HANDOVER_OPERATIONS"),
        "{}",
        busy.stderr
    );
    bot.stop().await;

    let export = run(&["export", "1111111"]).await;
    let export: Value = serde_json::from_str(export.good()).unwrap();
    assert_eq!(export["events"].as_array().unwrap().len(), 2);
    assert_eq!(
        export["calls"][0]["content"]["messages"]["message"]["text"],
        "An answer"
    );
    let shown = run(&["forget", "1111111"]).await;
    assert!(
        shown.good().contains("2 events, 1 session,"),
        "{}",
        shown.stdout
    );
    assert!(shown.good().contains("--yes"), "{}", shown.stdout);
    let done = run(&["forget", "1111111", "--yes", "--json"]).await;
    let done = done.json().remove(0);
    let expected = json!({
        "events": 2, "turns": 0, "sessions": 1, "calls": 1, "timers": 1, "dead_letters": 1,
        "receipts": 0, "psid": "1111111", "deleted": true,
    });
    assert_eq!(done, expected);
    let again = run(&["forget", "1111111", "--yes"]).await;
    assert_eq!(again.good(), "nothing is stored about this person\n");
    for file in std::fs::read_dir(bot.folder.path()).unwrap() {
        let file = file.unwrap().path();
        let bytes = std::fs::read(&file).unwrap();
        let found = bytes.windows(7).any(|it| it == b"1111111");
        assert!(!found, "{}", file.display());
    }
    let other = run(&["export", "2222222"]).await;
    assert!(other.good().contains("An answer"), "{}", other.stdout);
}

#[tokio::test]
async fn a_store_that_is_named_comes_before_the_bot_that_answers() {
    let (bot, stopped) = (RunningBot::start().await, RunningBot::start().await);
    for bot in [&bot, &stopped] {
        bot.receive([says("1111111", "ask")]).await;
        bot.has("handled", 1).await;
    }
    stopped.receive([says("1111111", "read")]).await;
    stopped.has("handled", 2).await;
    stopped.stop().await;
    let operations = serve(bot.bot.handle.operations()).await.to_string();

    let stores = [&bot, &stopped].map(|bot| format!("sqlite:{}", bot.store()));
    let run = async |command: &[&str], store: &str| {
        let all = [command, &["1111111", "--store", store]].concat();
        bot.run_with(&operations, &all).await
    };
    let events = async |store: &str| {
        let export = run(&["export"], store).await;
        let export: Value = serde_json::from_str(export.good()).unwrap();
        export["events"].as_array().unwrap().len()
    };
    // The bot is asked for the one that it has open.
    assert_eq!(events(&stores[0]).await, 1);
    assert_eq!(events(&stores[1]).await, 2);
    let done = run(&["forget", "--yes"], &stores[1]).await;
    assert!(done.good().contains("2 events"), "{}", done.stdout);
    assert_eq!(events(&stores[1]).await, 0);
    assert_eq!(events(&stores[0]).await, 1);
}

/// Two bots with one app secret, such as those that are tried on one machine.
#[tokio::test]
async fn a_bot_does_not_do_what_is_meant_for_the_store_of_another() {
    let (meant, other) = (RunningBot::start().await, RunningBot::start().await);
    for bot in [&meant, &other] {
        bot.receive([says("1111111", "fail")]).await;
        bot.has("dead-letters", 1).await;
    }
    let operations = serve(other.bot.handle.operations()).await.to_string();
    let store = format!("sqlite:{}", meant.store());
    let commands: [&[&str]; 6] = [
        &["replay", "dead-letters", "--yes"],
        &["export", "1111111"],
        &["forget", "1111111", "--yes"],
        &["thread", "pause", "1111111", "--for", "1h"],
        &["thread", "resume", "1111111"],
        &["signal", "shipped", "1111111"],
    ];
    let named = commands.map(|command| [command, &["--store", store.as_str()]].concat());
    // The numbers of dead letters are those of the store of the folder.
    for all in named.into_iter().chain([commands[0].to_vec()]) {
        let fault = meant.run_with(&operations, &all).await.fault();
        for bot in [&meant, &other] {
            assert!(fault.contains(&bot.store()), "{all:?}: {fault}");
        }
    }
    for bot in [&meant, &other] {
        assert_eq!(bot.rows(&["dead-letters"]).await.len(), 1);
    }

    let operations = serve(meant.bot.handle.operations()).await.to_string();
    let replayed = meant.run_with(&operations, commands[0]).await;
    assert!(
        replayed.good().contains("1 replayed"),
        "{}",
        replayed.stdout
    );
    let asking = format!("asking the bot at {operations}");
    for command in &commands[3..5] {
        let named = [*command, &["--store", store.as_str()]].concat();
        let done = meant.run_with(&operations, &named).await;
        done.good();
        assert!(done.stderr.contains(&asking), "{}", done.stderr);
    }
    let forgotten = meant.run_with(&operations, commands[2]).await;
    assert!(
        forgotten.good().contains("deleted: "),
        "{}",
        forgotten.stdout
    );
    assert_eq!(other.rows(&["dead-letters"]).await.len(), 1);
}
