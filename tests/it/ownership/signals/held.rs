//! Signals that are held while the bot may not speak.

use super::*;

#[on_message(text = "agent")]
#[handoff(to = "page_inbox")]
async fn to_agent() -> &'static str {
    "One moment."
}

#[on_pass_thread_control]
async fn back() -> &'static str {
    "I am back."
}

#[on_standby]
async fn overheard() {}

async fn handed_off(store: Store, on: On) -> Scene {
    let routes = routes![to_agent, back, overheard, shipped, echo];
    let scene = Scene::start(store, Bot::new(routes)).await;
    scene.says(on, "agent").await;
    scene
}

#[tokio::test]
async fn a_held_signal_waits_for_the_human_and_delays_nothing() {
    for store in STORES {
        for on in On::BOTH {
            let scene = handed_off(store, on).await;
            let mut receipts = Vec::new();
            for order in [1, 2] {
                let held = scene.at(on).signal(&Shipped { order }).hold_until_back();
                receipts.push(held.await.unwrap().wait().await.unwrap());
            }
            assert!(
                receipts
                    .iter()
                    .all(|it| *it.status() == ReceiptStatus::Held)
            );
            // Without the hold it is handled, and what it says is refused.
            let at_once = scene.at(on).signal(&Shipped { order: 3 }).await.unwrap();
            let at_once = at_once.wait().await.unwrap();
            let (kind, _) = failed(at_once.status()).unwrap();
            assert_eq!(kind, FailureKind::ThreadOwned, "{store:?} {on:?}");
            assert_eq!(scene.orders(on).await, [3]);
            scene.deliver(on, [on.passes_back()]).await;
            for receipt in &receipts {
                let receipt = receipt.wait_until_final().await.unwrap();
                assert!(
                    matches!(receipt.status(), ReceiptStatus::Sent { .. }),
                    "{receipt:?}"
                );
            }
            assert_eq!(scene.orders(on).await, [3, 1, 2]);
            let called = scene.called();
            assert_eq!(called.len(), 5, "{called:?}");
            assert_eq!(called[1], "pass_thread_control");
            assert!(called[4].starts_with("Order 2"), "{called:?}");
        }
    }
}

/// The thread comes back and another signal comes while the bot is busy in it.
#[tokio::test]
async fn held_signals_stay_in_order() {
    #[on_standby]
    async fn overheard_slowly(gate: State<Gate>) {
        gate.passed().await;
    }

    for store in STORES {
        let on = On::Messenger;
        let gate = Gate::default();
        let state = Gated { gate: gate.clone() };
        let routes = routes![to_agent, back, overheard_slowly, shipped_quietly];
        let scene = Scene::start(store, Bot::with_state(state, routes)).await;
        scene.says(on, "agent").await;
        let signal = async |order| {
            let signal = Shipped { order };
            scene
                .at(on)
                .signal(&signal)
                .hold_until_back()
                .await
                .unwrap()
        };
        for order in [1, 2] {
            signal(order).await.wait().await.unwrap();
        }
        let busy = on.message("hello?");
        scene.bot.platform.deliver_on_standby([busy]).await;
        scene.deliver(on, [on.passes_back()]).await;
        let last = signal(3).await;
        gate.open_for(1);
        last.wait_until_final().await.unwrap();
        scene.settled().await;
        assert_eq!(scene.orders(on).await, [1, 2, 3], "{store:?}");
    }
}

#[tokio::test]
async fn a_held_signal_expires() {
    for store in STORES {
        let on = On::Messenger;
        let scene = handed_off(store, on).await;
        let held = scene.at(on).signal(&Shipped { order: 1 }).hold_until_back();
        let held = held.expires_after(Duration::from_secs(3600)).await.unwrap();
        assert_eq!(*held.wait().await.unwrap().status(), ReceiptStatus::Held);
        scene.minutes(59);
        let forever = scene.at(on).signal(&Shipped { order: 2 }).hold_until_back();
        forever.id("2").await.unwrap().wait().await.unwrap();
        assert_eq!(*held.wait().await.unwrap().status(), ReceiptStatus::Held);
        scene.minutes(2);
        let gone = held.wait_until_final().await.unwrap();
        let (kind, reason) = failed(gone.status()).unwrap();
        assert_eq!(kind, FailureKind::Expired, "{reason}");
        assert_eq!(scene.dead().await.len(), 1);
        assert!(scene.orders(on).await.is_empty());
        let other = scene.at(on).receipt("2").await.unwrap().unwrap();
        assert_eq!(*other.status(), ReceiptStatus::Held);
        // Control ends by itself after a day, and no event says so.
        scene.hours(23);
        let other = other.wait_until_final().await.unwrap();
        assert!(
            matches!(other.status(), ReceiptStatus::Sent { .. }),
            "{store:?} {other:?}"
        );
    }
}

#[tokio::test]
async fn a_held_signal_waits_for_the_end_of_a_pause() {
    for store in STORES {
        let on = On::Messenger;
        let scene = Scene::start(store, Bot::new(routes![shipped])).await;
        scene.at(on).pause(Duration::from_secs(600)).await.unwrap();
        let held = scene.at(on).signal(&Shipped { order: 1 }).hold_until_back();
        let held = held.await.unwrap().wait().await.unwrap();
        assert_eq!(*held.status(), ReceiptStatus::Held);
        scene.minutes(11);
        let sent = held.wait_until_final().await.unwrap();
        assert!(
            matches!(sent.status(), ReceiptStatus::Sent { .. }),
            "{sent:?}"
        );
        scene.at(on).pause(Duration::from_secs(600)).await.unwrap();
        let held = scene.at(on).signal(&Shipped { order: 2 }).hold_until_back();
        let held = held.await.unwrap().wait().await.unwrap();
        scene.at(on).resume().await.unwrap();
        let sent = held.wait_until_final().await.unwrap();
        assert!(
            matches!(sent.status(), ReceiptStatus::Sent { .. }),
            "{sent:?}"
        );
    }
}

#[tokio::test]
async fn a_held_signal_outlives_the_process() {
    let on = On::Messenger;
    let file = fresh_file();
    let start = async || {
        let clock = Clock::default();
        let journal = Journal::open(&file).unwrap();
        let bot = Bot::new(routes![to_agent, back, shipped]);
        let bot = bot.grace(Duration::ZERO).clock(clock.clone());
        Scene::with(bot.journal(journal.clone()), journal, clock).await
    };
    let before = start().await;
    before.deliver(on, [on.message("agent")]).await;
    before
        .calls_become(&["One moment.", "pass_thread_control"])
        .await;
    before.settled().await;
    let held = before.at(on).signal(&Shipped { order: 1 }).id("one");
    held.hold_until_back().await.unwrap().wait().await.unwrap();
    before.bot.handle.stop().await;

    let after = start().await;
    let held = after.at(on).receipt("one").await.unwrap().unwrap();
    assert_eq!(*held.status(), ReceiptStatus::Held);
    after.deliver(on, [on.passes_back()]).await;
    let sent = held.wait_until_final().await.unwrap();
    assert!(
        matches!(sent.status(), ReceiptStatus::Sent { .. }),
        "{sent:?}"
    );
    let shipped = "Order 1 (Some(\"one\")) is on its way.";
    after.calls_become(&["I am back.", shipped]).await;
}
