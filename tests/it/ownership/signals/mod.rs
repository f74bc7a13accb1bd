//! Signals from outside a handler and by one: once, in order, with a receipt.

mod held;
mod to_itself;

use super::*;
use crate::support::gate::{Gate, Gated};
use handover::extract::FailureKind;
use handover::journal::ReceiptStatus;
use handover::{Outcome, SignalData, SubmitError, ThreadHandle};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Signal, Serialize, Deserialize)]
struct Shipped {
    order: u64,
}

#[derive(Signal, Serialize, Deserialize)]
#[handover(name = "order.cancelled")]
struct Cancelled;

#[derive(Default, Serialize, Deserialize)]
struct Orders {
    shipped: Vec<u64>,
}

#[on_signal]
async fn shipped(signal: Signal<Shipped>, mut orders: Session<Orders>) -> String {
    orders.shipped.push(signal.order);
    format!("Order {} ({:?}) is on its way.", signal.order, signal.id())
}

#[on_signal]
async fn shipped_quietly(signal: Signal<Shipped>, mut orders: Session<Orders>) {
    orders.shipped.push(signal.order);
}

impl Scene {
    fn at(&self, on: On) -> ThreadHandle {
        self.bot.handle.threads().of(on.account(), PERSON)
    }

    /// The orders that the session knows.
    async fn orders(&self, on: On) -> Vec<u64> {
        let session = self.thread(on).await.session.unwrap_or_default();
        serde_json::from_value(session["shipped"].clone()).unwrap_or_default()
    }
}

fn failed(status: &ReceiptStatus) -> Option<(FailureKind, &str)> {
    match status {
        ReceiptStatus::Failed { kind, reason, .. } => Some((*kind, reason)),
        _ => None,
    }
}

#[tokio::test]
async fn a_signal_is_handled_with_session_and_answered() {
    for store in STORES {
        for on in On::BOTH {
            let scene = Scene::start(store, Bot::new(routes![shipped, echo])).await;
            scene.says(on, "hello").await;
            let sent = scene.at(on).signal(&Shipped { order: 42 }).id("shipped-42");
            let receipt = sent.await.unwrap();
            assert!(receipt.is_new() && receipt.id() == "shipped-42");
            assert_eq!(receipt.signal(), Some("shipped"));
            let receipt = receipt.wait().await.unwrap();
            let ReceiptStatus::Sent { message_id } = receipt.status() else {
                panic!("{receipt:?}");
            };
            assert!(message_id.is_some());
            let text = "Order 42 (Some(\"shipped-42\")) is on its way.";
            assert_eq!(scene.called()[1..], [text], "{store:?} {on:?}");
            assert_eq!(scene.orders(on).await, [42]);
            let later = scene.at(on).receipt("shipped-42").await.unwrap().unwrap();
            assert_eq!(later.status(), receipt.status());
            assert!(scene.at(on).receipt("other").await.unwrap().is_none());
        }
    }
}

#[tokio::test]
async fn an_id_is_used_once_in_a_thread() {
    for store in STORES {
        let on = On::Messenger;
        let scene = Scene::start(store, Bot::new(routes![shipped_quietly])).await;
        let thread = scene.at(on);
        let first = thread.signal(&Shipped { order: 1 }).id("a").await.unwrap();
        let first = first.wait().await.unwrap();
        assert_eq!(*first.status(), ReceiptStatus::Handled);
        let again = thread.signal(&Shipped { order: 1 }).id("a").await.unwrap();
        assert!(!again.is_new());
        assert_eq!(
            (again.status(), again.created_at()),
            (first.status(), first.created_at())
        );
        for other in [
            thread
                .signal(&Shipped { order: 2 })
                .id("a")
                .await
                .unwrap_err(),
            thread.signal(&Cancelled).id("a").await.unwrap_err(),
            thread.send("hello").id("a").await.unwrap_err(),
        ] {
            let SubmitError::IdConflict { id, first } = &other else {
                panic!("{other:?}");
            };
            assert_eq!(
                (id.as_str(), first.as_str()),
                ("a", "another signal `shipped`")
            );
        }
        let elsewhere = scene.bot.handle.threads().of(PAGE, "4711");
        let elsewhere = elsewhere
            .signal(&Shipped { order: 2 })
            .id("a")
            .await
            .unwrap();
        assert!(elsewhere.is_new());
        for _ in 0..2 {
            thread.signal(&Shipped { order: 3 }).await.unwrap();
        }
        scene.settled().await;
        assert_eq!(
            scene.orders(on).await,
            [1, 3, 3],
            "without an id each counts"
        );
        assert!(scene.called().is_empty());
    }
}

#[tokio::test]
async fn many_at_once_with_one_id_are_one() {
    for store in STORES {
        let on = On::Messenger;
        let scene = Scene::start(store, Bot::new(routes![shipped_quietly])).await;
        let tasks = (0..50).map(|number| {
            let thread = scene.at(on);
            tokio::spawn(async move {
                let signal = Shipped { order: number % 5 };
                let id = format!("order-{}", number % 5);
                thread.signal(&signal).id(id).await.unwrap().is_new()
            })
        });
        let mut new = 0;
        for task in tasks.collect::<Vec<_>>() {
            new += usize::from(task.await.unwrap());
        }
        assert_eq!(new, 5);
        scene.settled().await;
        let mut orders = scene.orders(on).await;
        orders.sort_unstable();
        assert_eq!(orders, [0, 1, 2, 3, 4]);
    }
}

#[tokio::test]
async fn what_cannot_be_is_refused_at_once() {
    let scene = Scene::start(Store::Memory, Bot::new(routes![shipped])).await;
    let threads = scene.bot.handle.threads();
    let signal = Shipped { order: 42 };
    let nobody = threads.of(PAGE, "").signal(&signal).await;
    assert!(matches!(nobody, Err(SubmitError::NoPerson)), "{nobody:?}");
    let unknown = threads.of("4711", PERSON).signal(&signal).await;
    let unknown = unknown.unwrap_err();
    assert!(
        matches!(unknown, SubmitError::UnknownAccount { .. }),
        "{unknown}"
    );
    assert!(unknown.to_string().contains("4711"));
    let unknown = threads.of("4711", PERSON).send("hello").await;
    assert!(matches!(unknown, Err(SubmitError::UnknownAccount { .. })));
    let thread = scene.at(On::Messenger);
    for id in [String::new(), "x".repeat(201), "a\nb".to_owned()] {
        let refused = thread.signal(&signal).id(&id).await;
        assert!(matches!(refused, Err(SubmitError::InvalidId)), "{id:?}");
    }
    for empty in ["", " \n"] {
        let refused = thread.send(empty).await;
        assert!(
            matches!(refused, Err(SubmitError::EmptyMessage)),
            "{empty:?}"
        );
    }

    #[derive(Signal, Serialize, Deserialize)]
    struct Long(String);
    let refused = thread.signal(&Long("x".repeat(300_000))).await;
    assert!(
        matches!(refused, Err(SubmitError::TooLong { .. })),
        "{refused:?}"
    );
    scene.settled().await;
    assert!(scene.called().is_empty() && scene.dead().await.is_empty());
}

#[tokio::test]
async fn a_signal_that_nobody_takes_is_kept() {
    for store in STORES {
        let scene = Scene::start(store, Bot::new(routes![shipped, echo])).await;
        let receipt = scene.at(On::Messenger).signal(&Cancelled).await.unwrap();
        let receipt = receipt.wait().await.unwrap();
        let (kind, reason) = failed(receipt.status()).unwrap();
        assert_eq!(kind, FailureKind::NoHandler);
        assert!(reason.contains("`order.cancelled`"), "{reason}");
        let dead = scene.dead().await;
        assert_eq!(dead.len(), 1);
        assert!(dead[0].to_string().contains("signal"), "{}", dead[0]);
        scene.says(On::Messenger, "go on").await;
        assert_eq!(scene.called(), ["go on"]);
    }
}

#[tokio::test]
async fn the_receipt_tells_why_an_answer_was_not_given() {
    #[on_signal]
    async fn fails(_: Signal<Shipped>) -> Result<(), &'static str> {
        Err("the warehouse is closed")
    }

    for store in STORES {
        let on = On::Messenger;
        let scene = Scene::start(store, Bot::new(routes![fails])).await;
        let receipt = scene.at(on).signal(&Shipped { order: 1 }).await.unwrap();
        let receipt = receipt.wait().await.unwrap();
        let said = (FailureKind::HandlerFailed, "the warehouse is closed");
        assert_eq!(failed(receipt.status()), Some(said));

        let scene = Scene::start(store, Bot::new(routes![shipped])).await;
        let unavailable = refusal(
            551,
            Some(1_545_041),
            "This person isn't available right now.",
        );
        scene.bot.graph.next_answer(400, unavailable);
        let receipt = scene.at(on).signal(&Shipped { order: 1 }).await.unwrap();
        let receipt = receipt.wait().await.unwrap();
        let ReceiptStatus::Failed {
            kind,
            code,
            subcode,
            ..
        } = receipt.status()
        else {
            panic!("{receipt:?}");
        };
        assert_eq!(
            (*kind, *code, *subcode),
            (FailureKind::Refused, Some(551), Some(1_545_041))
        );
    }
}

#[on_signal]
async fn waits(signal: Signal<Shipped>, gate: State<Gate>) -> String {
    gate.passed().await;
    format!("Order {}", signal.order)
}

#[tokio::test]
async fn signals_come_in_the_order_of_the_thread() {
    for store in STORES {
        let on = On::Messenger;
        let gate = Gate::default();
        let state = Gated { gate: gate.clone() };
        let scene = Scene::start(store, Bot::with_state(state, routes![waits, echo])).await;
        let receipt = scene.at(on).signal(&Shipped { order: 1 }).await.unwrap();
        scene.deliver(on, [on.message("between")]).await;
        scene.at(on).signal(&Shipped { order: 2 }).await.unwrap();
        assert_eq!(*receipt.status(), ReceiptStatus::Waiting);
        gate.open_for(2);
        scene.calls_become(&["Order 1", "between", "Order 2"]).await;
    }
}

#[tokio::test]
async fn a_signal_outlives_the_process() {
    let on = On::Messenger;
    let file = fresh_file();
    let start = async |permits| {
        let clock = Clock::default();
        let journal = Journal::open(&file).unwrap();
        let gate = Gate::default();
        gate.open_for(permits);
        let bot = Bot::with_state(Gated { gate }, routes![waits]).grace(Duration::ZERO);
        Scene::with(bot.journal(journal.clone()), journal, clock).await
    };
    let before = start(0).await;
    let later = Duration::from_secs(1);
    before
        .at(on)
        .signal(&Shipped { order: 1 })
        .id("one")
        .await
        .unwrap();
    let two = before
        .at(on)
        .signal(&Shipped { order: 2 })
        .id("two")
        .after(later);
    two.await.unwrap();
    before.bot.handle.stop().await;

    let after = start(9).await;
    let again = after
        .at(on)
        .signal(&Shipped { order: 1 })
        .id("one")
        .await
        .unwrap();
    assert!(!again.is_new());
    let receipt = again.wait().await.unwrap();
    assert!(matches!(receipt.status(), ReceiptStatus::Sent { .. }));
    let receipt = after.at(on).receipt("two").await.unwrap().unwrap();
    receipt.wait().await.unwrap();
    assert_eq!(after.called(), ["Order 1", "Order 2"]);
}

/// First nobody takes it, and it expires long before somebody does.
#[tokio::test]
async fn a_signal_is_replayed_once_there_is_a_handler() {
    use handover_runtime::journal_file::Replay;

    let on = On::Messenger;
    let file = fresh_file();
    let start = async |routes: Routes, late: Duration| {
        let clock = Clock::default();
        clock.advance(late);
        let retention = handover::journal::Retention::default();
        let journal = Journal::open_with_retention(&file, retention, clock.clone()).unwrap();
        let bot = Bot::new(routes).retries(0).clock(clock.clone());
        Scene::with(bot.journal(journal.clone()), journal, clock).await
    };
    let before = start(routes![echo], Duration::ZERO).await;
    let sent = before.at(on).signal(&Shipped { order: 1 }).id("one");
    let sent = sent.expires_after(Duration::from_secs(60)).await.unwrap();
    let given_up = sent.wait().await.unwrap();
    assert_eq!(failed(given_up.status()).unwrap().0, FailureKind::NoHandler);
    before.bot.handle.stop().await;
    let replayed = Replay::dead_letters().apply(&file).unwrap();
    assert_eq!(replayed.len(), 1);

    let after = start(routes![shipped, echo], Duration::from_secs(3600)).await;
    let receipt = after.at(on).receipt("one").await.unwrap().unwrap();
    let receipt = receipt.wait().await.unwrap();
    assert!(
        matches!(receipt.status(), ReceiptStatus::Sent { .. }),
        "{receipt:?}"
    );
    assert!(after.dead().await.is_empty());
}

#[tokio::test]
async fn who_waits_hears_that_the_bot_stops() {
    for store in STORES {
        let gate = Gate::default();
        let bot = Bot::with_state(Gated { gate }, routes![waits]).grace(Duration::ZERO);
        let scene = Scene::start(store, bot).await;
        let receipt = scene
            .at(On::Messenger)
            .signal(&Shipped { order: 1 })
            .await
            .unwrap();
        let waiting = tokio::spawn(async move { receipt.wait().await });
        scene.bot.handle.stop().await;
        assert!(waiting.await.unwrap().is_err(), "{store:?}");
    }
}

#[tokio::test]
async fn a_signal_waits_for_its_time() {
    for store in STORES {
        let on = On::Messenger;
        let scene = Scene::start(store, Bot::new(routes![shipped, echo])).await;
        let thread = scene.at(on);
        let hours = |hours| Duration::from_secs(hours * 60 * 60);
        for order in [3, 1, 2] {
            let signal = Shipped { order };
            let later = thread
                .signal(&signal)
                .id(order.to_string())
                .after(hours(order));
            later.await.unwrap();
        }
        scene.says(on, "hello").await;
        assert_eq!(scene.called(), ["hello"], "{store:?}");
        scene.clock.advance(hours(2));
        scene
            .calls_become(&[
                "hello",
                "Order 1 (Some(\"1\")) is on its way.",
                "Order 2 (Some(\"2\")) is on its way.",
            ])
            .await;
    }
}
