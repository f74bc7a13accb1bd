//! `handover inspect` and `handover replay`, on the journal of a real bot.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use handover::ThreadKey;
use handover::journal::{Claim, Ending, Journal, NewCall, NewEvent, Settlement, TimerChange};
use handover::protocol::{AppId, Channel, Event, EventBody, Message, Object, Party, Received};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::time::timeout;

use crate::support::{Answer, Folder, handover};

const NOW: i64 = 1_700_000_000_000;
const PAGE: &str = "1744550565845823";

pub(crate) struct Desk {
    pub(crate) folder: Folder,
    pub(crate) journal: Journal,
}

pub(crate) fn says(person: &str, text: &str) -> NewEvent {
    let thread = ThreadKey::new(PAGE, person);
    let message = Message {
        text: Some(text.to_owned()),
        ..Message::default()
    };
    let received = Received {
        object: Object::Page,
        account: thread.account.clone(),
        channel: Channel::Messaging,
        time: None,
        extra: serde_json::Map::new(),
        event: Event {
            sender: Some(Party::id(person)),
            body: EventBody::Message(message),
            ..Event::default()
        },
    };
    NewEvent {
        also_known_as: None,
        dedupe_key: format!("{person}/{text}"),
        received: Arc::new(received),
        thread,
        received_at: NOW,
        confirms: None,
    }
}

/// An item as it comes in a webhook.
fn arrives(mut item: Value) -> NewEvent {
    item["sender"] = json!({"id": "1"});
    let body = json!({"object": "page", "entry": [{"id": PAGE, "messaging": [item]}]});
    let received = handover::protocol::read(body.to_string().as_bytes());
    let received = received.unwrap().received.remove(0);
    NewEvent {
        also_known_as: None,
        dedupe_key: body.to_string(),
        thread: ThreadKey::of(&received),
        received: Arc::new(received),
        received_at: NOW,
        confirms: None,
    }
}

impl Desk {
    pub(crate) fn new() -> Self {
        let folder = Folder::new("journal");
        let journal = Journal::open(folder.path().join("handover.db")).unwrap();
        Self { folder, journal }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("handover.db")
    }

    pub(crate) async fn receive(&self, events: impl IntoIterator<Item = NewEvent>) {
        self.journal
            .append(events.into_iter().collect(), 0)
            .await
            .unwrap();
    }

    async fn claim(&self) -> Vec<Claim> {
        self.journal.claim(NOW, 10).await.unwrap().claims
    }

    /// Everything that waits comes to this end.
    async fn settle(&self, ending: Ending) {
        for claim in self.claim().await {
            let settlement = Settlement {
                ending: ending.clone(),
                ..Settlement::of(
                    claim.thread.clone(),
                    claim.events.iter().map(|it| it.sequence).collect(),
                )
            };
            let release = handover::journal::Release {
                thread: claim.thread,
                until: None,
            };
            self.journal
                .settle(vec![settlement], vec![release])
                .await
                .unwrap();
        }
    }

    pub(crate) async fn run(&self, arguments: &[&str]) -> Answer {
        handover(arguments).within(self.folder.path()).run().await
    }

    async fn rows(&self, arguments: &[&str]) -> Vec<Value> {
        let mut all = vec!["inspect", "--json"];
        all.extend(arguments);
        let answer = self.run(&all).await;
        answer.good();
        answer.json()
    }
}

#[tokio::test]
async fn a_bot_at_work_can_be_looked_at() {
    let desk = Desk::new();
    desk.receive([says("1", "one"), says("1", "two"), says("2", "hello")])
        .await;
    let claim = desk.claim().await.remove(0);
    let timer = TimerChange {
        name: "reminder".to_owned(),
        set: Some((NOW + 3_600_000, claim.events[0].received.clone())),
    };
    let text = handover::protocol::OutgoingMessage::text("An answer");
    let call = handover::protocol::SendRequest {
        recipient: handover::protocol::Recipient::id("1"),
        message: Some(text),
        ..Default::default()
    };
    let settlement = Settlement {
        calls: vec![NewCall::new(call.into(), Object::Page)],
        timers: vec![timer],
        ..Settlement::of(claim.thread.clone(), vec![claim.events[0].sequence])
    };
    desk.journal
        .settle(vec![settlement], Vec::new())
        .await
        .unwrap();

    let overview = desk.rows(&[]).await.remove(0);
    assert_eq!(overview["events"], 2);
    assert_eq!(overview["calls"], 1);
    assert_eq!(overview["timers"], 1);
    assert_eq!(overview["dead_letters"], 0);

    let events = desk.rows(&["events", "--thread", "1"]).await;
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["content"]["event"]["message"]["text"], "two");
    let handled = desk.rows(&["handled"]).await;
    assert_eq!(handled[0]["outcome"], "handled");
    let calls = desk.rows(&["calls"]).await;
    assert_eq!(calls[0]["name"], "messages");
    assert_eq!(calls[0]["state"], "waiting");
    assert_eq!(desk.rows(&["timers"]).await[0]["name"], "reminder");
    let threads = desk.rows(&["threads"]).await;
    let one = threads
        .iter()
        .find(|row| row["person"] == "1")
        .expect("the thread");
    assert_eq!((&one["events"], &one["calls"]), (&1.into(), &1.into()));

    let handled = desk.run(&["inspect", "handled"]).await;
    let said: Vec<_> = handled.good().lines().map(str::trim_end).collect();
    assert!(said[0].ends_with("outcome  said"), "{}", handled.stdout);
    assert!(said[1].contains("message"), "{}", handled.stdout);
    assert!(said[1].ends_with("handled  \"one\""), "{}", handled.stdout);
    assert_eq!(handled.stderr, "", "progress is for terminals");
    let calls = desk.run(&["inspect", "calls"]).await;
    assert!(calls.good().contains("\"An answer\""), "{}", calls.stdout);

    let table = desk.run(&["inspect"]).await;
    assert!(
        table
            .good()
            .contains("waiting: 2 events, 1 calls, 1 timers"),
        "{}",
        table.stdout
    );
    let whole = desk.run(&["inspect", "--thread", "1"]).await;
    assert!(whole.good().contains("reminder"), "{}", whole.stdout);
    let nothing = desk.run(&["inspect", "dead-letters"]).await;
    assert_eq!(nothing.good(), "there are no dead letters\n");
}

#[tokio::test]
async fn the_table_says_what_events_say() {
    let desk = Desk::new();
    let events = [
        json!({"message": {"mid": "1", "text": "Yes", "quick_reply": {"payload": "ORDER:1"}}}),
        json!({"message": {"mid": "2", "attachments": [{"type": "image", "payload": {}}]}}),
        json!({"message": {"mid": "3", "text": "a\nb ".repeat(500)}}),
        json!({"postback": {"mid": "4", "title": "Menu", "payload": "MENU"}}),
        json!({"reaction": {"mid": "3", "action": "react", "emoji": "❤"}}),
        json!({"pass_thread_control": {"previous_owner_app_id": AppId::PAGE_INBOX, "metadata": "done"}}),
        json!({"read": {"watermark": 17}}),
    ];
    desk.receive(events.into_iter().map(arrives)).await;
    let table = desk.run(&["inspect", "events"]).await;
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
    let whole = desk.rows(&["events"]).await;
    assert_eq!(whole[3]["content"]["event"]["postback"]["payload"], "MENU");
}

#[tokio::test]
async fn what_happens_is_printed_as_it_happens() {
    let desk = Desk::new();
    let mut follower = tokio::process::Command::new(env!("CARGO_BIN_EXE_handover"))
        .args(["inspect", "--follow", "--json"])
        .current_dir(desk.folder.path())
        .stdout(std::process::Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(follower.stdout.take().unwrap()).lines();
    // Whatever comes before it looks the first time is not news to it: something comes until it is.
    let mut number = 0;
    let first = loop {
        number += 1;
        desk.receive([says("7", &number.to_string())]).await;
        if let Ok(line) = timeout(Duration::from_millis(300), lines.next_line()).await {
            break line.unwrap().expect("it goes on");
        }
        assert!(number < 100, "it prints nothing");
    };
    let first: Value = serde_json::from_str(&first).unwrap();
    assert_eq!(
        (&first["what"], &first["became"]),
        (&"event".into(), &"arrived".into())
    );
    assert_eq!(first["thread"], format!("{PAGE}/7"));

    desk.settle(Ending::Failed("no database".to_owned())).await;
    let told = async {
        loop {
            let line = lines.next_line().await.unwrap().expect("it goes on");
            let row: Value = serde_json::from_str(&line).unwrap();
            if row["what"] == "dead letter" {
                return row;
            }
        }
    };
    let row = timeout(Duration::from_secs(10), told)
        .await
        .expect("a dead letter");
    assert_eq!(row["detail"], "no database");
}

#[tokio::test]
async fn dead_letters_are_replayed_when_that_is_confirmed_and_no_bot_is_at_work() {
    let desk = Desk::new();
    desk.receive([says("1", "one"), says("2", "two")]).await;
    desk.settle(Ending::Failed("no database".to_owned())).await;

    let dry = desk.run(&["replay", "dead-letters"]).await;
    assert!(dry.good().contains("no database"), "{}", dry.stdout);
    assert!(dry.stdout.contains("nothing is done yet"), "{}", dry.stdout);
    let busy = desk.run(&["replay", "dead-letters", "--yes"]).await;
    assert!(busy.fault().contains("a bot is at work"), "{}", busy.stderr);
    assert_eq!(desk.journal.dead_letters().await.unwrap().len(), 2);

    desk.journal.close().await.unwrap();
    let one = desk
        .run(&["replay", "dead-letters", "--thread", "1", "--yes", "--json"])
        .await;
    one.good();
    let one = one.json();
    assert_eq!(one.len(), 1);
    assert_eq!(
        (&one[0]["person"], &one[0]["replayed"]),
        (&"1".into(), &true.into())
    );

    let journal = Journal::open(desk.file()).unwrap();
    let claimed = journal.claim(NOW, 10).await.unwrap().claims;
    assert_eq!(claimed.len(), 1);
    assert_eq!(claimed[0].thread, ThreadKey::new(PAGE, "1"));
    assert_eq!(journal.dead_letters().await.unwrap().len(), 1);
}

#[tokio::test]
async fn handled_events_are_replayed_by_number_and_time() {
    let desk = Desk::new();
    desk.receive([says("1", "one"), says("2", "two")]).await;
    desk.settle(Ending::Handled).await;
    desk.journal.close().await.unwrap();

    let everything = desk.run(&["replay", "events", "--yes"]).await;
    assert!(
        everything.misuse().contains("say which events"),
        "{}",
        everything.stderr
    );
    let before = desk
        .run(&[
            "replay",
            "events",
            "--since",
            "2023-11-14T22:13:21Z",
            "--json",
        ])
        .await;
    assert_eq!(before.good(), "", "NOW is a second earlier");
    let after = desk
        .run(&[
            "replay",
            "events",
            "--since",
            "2023-11-14T22:13:20Z",
            "--json",
        ])
        .await;
    after.good();
    assert_eq!(after.json().len(), 2);
    let unknown = desk.run(&["replay", "events", "99"]).await;
    assert!(
        unknown.fault().contains("no event with the number 99"),
        "{}",
        unknown.stderr
    );
    desk.run(&["replay", "events", "2", "--yes"]).await.good();
    let waiting = desk.rows(&["events"]).await;
    assert_eq!(waiting.len(), 1);
    assert_eq!(waiting[0]["person"], "2");
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
