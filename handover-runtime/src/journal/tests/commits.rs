//! Two commands in one commit. A database writes the rows of a commit table by table: it has to keep the same as a
//! file, which writes them one by one, and as if each command had its own commit.

use std::collections::BTreeMap;
use std::time::Duration;

use handover_protocol::Timestamp;
use serde_json::{Value, json};

use super::fixture::{
    Fixture, NOW, due, in_one_commit, name_of, says, send, signal, text_of, thread, timer,
};
use crate::clock;
use crate::journal::{
    CallResult, DedupeKey, Due, EventResult, FinishedCall, HistoryLimits, NewEvent, PauseChange,
    Settlement, Speaker, Submission, Submitted, ThreadChange, TimerChange, Turn,
};

/// What is asked of a journal for a thread.
#[derive(Clone, Copy, Debug)]
enum Command {
    /// An event arrives.
    Append,
    /// An event is handled: with a session, turns, a call, and a timer that is set.
    Handle,
    /// An event is given up, and the timer cancelled.
    GiveUp,
    /// The call was sent.
    Sent,
    /// It is tried again.
    Retry,
    /// It is given up.
    Dead,
    Pause,
    /// A message is deleted.
    Delete,
    Signal,
    Message,
    Forget,
}

const COMMANDS: [Command; 11] = [
    Command::Append,
    Command::Handle,
    Command::GiveUp,
    Command::Sent,
    Command::Retry,
    Command::Dead,
    Command::Pause,
    Command::Delete,
    Command::Signal,
    Command::Message,
    Command::Forget,
];

/// What of a thread is handed out: two events, and a call.
struct HandedOut {
    events: [u64; 2],
    call: u64,
}

struct Scene {
    fixture: Fixture,
    threads: BTreeMap<usize, HandedOut>,
}

impl Scene {
    /// The threads of so many people have a session, a turn, a timer, a call that is begun, and two events that are
    /// being handled.
    async fn of(fixture: Fixture, people: usize) -> Self {
        let journal = &fixture.journal;
        journal.keep_history(HistoryLimits::default().into());
        let texts = ["answered", "first", "second"];
        let events = (1..=people).flat_map(|person| texts.map(|text| now_says(person, text)));
        journal.append(events.collect(), 0).await.unwrap();
        let claims = journal.claim(NOW, people).await.unwrap().items;
        let (mut events, mut settlements) = (BTreeMap::new(), Vec::new());
        for claim in claims {
            let person: usize = claim.thread.party.to_string().parse().unwrap();
            let sequences: Vec<_> = claim.events.iter().map(|it| it.sequence).collect();
            events.insert(person, [sequences[1], sequences[2]]);
            settlements.push(Settlement {
                change: ThreadChange {
                    session: Some(json!("before")),
                    said: vec![turn("m_0")],
                    ..ThreadChange::default()
                },
                calls: vec![send(person, "begun")],
                timers: vec![timer_set("before")],
                ..Settlement::of(claim.thread, vec![sequences[0]])
            });
        }
        journal.settle(settlements, Vec::new()).await.unwrap();
        let calls = journal.start_calls(due(people)).await.unwrap().items;
        let threads = calls.into_iter().map(|call| {
            let person: usize = call.thread.party.to_string().parse().unwrap();
            let events = events[&person];
            let call = call.id;
            (person, HandedOut { events, call })
        });
        let threads: BTreeMap<_, _> = threads.collect();
        assert_eq!(threads.len(), people);
        Self { fixture, threads }
    }

    /// The first of two commands, or the second: they handle other events.
    async fn carry_out(&self, command: Command, person: usize, place: usize) {
        let journal = &self.fixture.journal;
        let HandedOut { events, call } = &self.threads[&person];
        let name = format!("{command:?} {place}");
        let event = events[place];
        let finish = async |result: CallResult| {
            let finished = FinishedCall::new(*call, thread(person), result, clock::now());
            journal.finish_calls(vec![finished]).await.unwrap();
        };
        let change = async |change: ThreadChange| {
            let changed = journal.change_thread(thread(person), change);
            changed.await.unwrap();
        };
        let settle = async |settlement: Settlement| {
            let settled = journal.settle(vec![settlement], Vec::new());
            settled.await.unwrap();
        };
        let submit = async |content: Submitted| {
            let submission = Submission {
                thread: thread(person),
                id: name.clone(),
                digest: DedupeKey::of(&name),
                content,
            };
            journal.submit(submission).await.unwrap();
        };
        match command {
            Command::Append => {
                let arrived = vec![now_says(person, &name)];
                journal.append(arrived, 0).await.unwrap();
            }
            Command::Handle => {
                settle(Settlement {
                    change: ThreadChange {
                        session: Some(json!(name)),
                        said: vec![turn(&name)],
                        edited: vec![("m_0".to_owned(), name.clone())],
                        ..ThreadChange::default()
                    },
                    calls: vec![send(person, &name)],
                    timers: vec![timer_set(&name)],
                    ..Settlement::of(thread(person), vec![event])
                })
                .await;
            }
            Command::GiveUp => {
                settle(Settlement {
                    result: EventResult::Failed(name.clone()),
                    timers: vec![TimerChange::cancel("timer")],
                    ..Settlement::of(thread(person), vec![event])
                })
                .await;
            }
            Command::Sent => finish(CallResult::Sent).await,
            Command::Retry => finish(CallResult::RetryAt(NOW)).await,
            Command::Dead => finish(CallResult::Dead(name.clone())).await,
            Command::Pause => {
                let pause = PauseChange::Begins {
                    until: Timestamp::MAX,
                    echo: None,
                    spares: None,
                };
                change(ThreadChange::of_pause(pause)).await;
            }
            Command::Delete => {
                change(ThreadChange {
                    deleted: vec!["m_0".to_owned()],
                    ..ThreadChange::default()
                })
                .await;
            }
            Command::Signal => submit(Submitted::Signal(signal(&name), None)).await,
            Command::Message => submit(Submitted::Calls(vec![send(person, &name)])).await,
            Command::Forget => {
                journal.forget(thread(person)).await.unwrap();
            }
        }
    }

    /// What is kept of a thread.
    async fn kept(&self, person: usize) -> Value {
        let export = self.fixture.journal.export(thread(person)).await.unwrap();
        comparable(serde_json::to_value(export).unwrap())
    }
}

/// What was settled long ago is deleted soon.
fn now_says(person: usize, text: &str) -> NewEvent {
    NewEvent {
        received_at: clock::now(),
        ..says(person, text)
    }
}

fn turn(mid: &str) -> Turn {
    Turn {
        mid: Some(mid.to_owned()),
        at: clock::now(),
        ..Turn::new(Speaker::Person, mid)
    }
}

/// The timer becomes an event of this name, after the test.
fn timer_set(event: &str) -> TimerChange {
    let due = clock::now() + Duration::from_secs(24 * 60 * 60);
    TimerChange {
        name: "timer".to_owned(),
        set: Some((due, timer(event))),
    }
}

/// Without times, and without names and numbers that each journal gives.
fn comparable(mut value: Value) -> Value {
    const OF_A_JOURNAL: [&str; 3] = ["at", "metadata", "receipt"];
    match &mut value {
        Value::Object(fields) => {
            fields.retain(|name, value| !value.is_null() && !OF_A_JOURNAL.contains(&&**name));
            for field in fields.values_mut() {
                *field = comparable(field.take());
            }
        }
        Value::Array(items) => {
            for item in items {
                *item = comparable(item.take());
            }
        }
        _ => {}
    }
    value
}

/// What a journal keeps of all pairs of commands, for one thread and for two, and what it hands out when it is opened
/// again.
async fn kept_of_pairs(fixture: Fixture, together: bool) -> BTreeMap<String, Value> {
    let pairs = COMMANDS
        .into_iter()
        .flat_map(|first| COMMANDS.map(|second| (first, second)));
    let pairs: Vec<_> = pairs.collect();
    let mut scene = Scene::of(fixture, 3 * pairs.len()).await;
    let mut kept = BTreeMap::new();
    for (at, (first, second)) in pairs.into_iter().enumerate() {
        for (of, other) in [(3 * at + 1, 3 * at + 1), (3 * at + 2, 3 * at + 3)] {
            let begin = scene.carry_out(first, of, 0);
            let end = scene.carry_out(second, other, 1);
            if together {
                in_one_commit(&scene.fixture.journal, begin, end).await;
            } else {
                begin.await;
                end.await;
            }
            for person in [of, other] {
                let name = format!("{first:?} of {of}, {second:?} of {other}: {person}");
                kept.insert(name, scene.kept(person).await);
            }
        }
    }
    scene.fixture.reopen().await;
    let journal = &scene.fixture.journal;
    for person in scene.threads.keys() {
        let state = journal.thread(thread(*person)).await.unwrap();
        let is_paused = state.paused_until().is_some();
        kept.insert(format!("{person} is paused"), json!(is_paused));
    }
    let all = scene.threads.len();
    for claim in journal.claim(NOW, all).await.unwrap().items {
        let texts: Vec<_> = claim.events.iter().map(|it| text_of(&it.event)).collect();
        kept.insert(format!("events of {}", claim.thread), json!(texts));
    }
    let asked = Due {
        now: Timestamp::MAX,
        ..due(all)
    };
    for call in journal.start_calls(asked).await.unwrap().items {
        let next = (name_of(&call), call.attempts, call.uncertain);
        kept.insert(format!("call of {}", call.thread), json!(next));
    }
    kept
}

#[tokio::test]
async fn two_commands_in_one_commit_are_kept_as_if_each_had_its_own() {
    let expected = kept_of_pairs(Fixture::sqlite(), false).await;
    for (fixture, together) in [
        (Fixture::sqlite(), true),
        (Fixture::postgres(), false),
        (Fixture::postgres(), true),
    ] {
        let storage = fixture.name();
        let kept = kept_of_pairs(fixture, together).await;
        for (name, expected) in &expected {
            let found = kept.get(name);
            assert_eq!(found, Some(expected), "{storage}, {together}: {name}");
        }
        assert_eq!(kept.len(), expected.len(), "{storage}, {together}");
    }
}
