//! Signals that a handler sends to its own thread.

use super::*;

#[derive(Signal, Serialize, Deserialize)]
struct LookUp {
    order: u64,
}

#[on_message(text = "where")]
async fn where_is_it() -> Outcome {
    "One moment, I am looking.".then(&LookUp { order: 7 })
}

#[on_signal]
async fn look_up(signal: Signal<LookUp>) -> String {
    assert_eq!(signal.id(), None);
    format!("Order {} is in Hamburg.", signal.order)
}

#[on_message(text = "remind me")]
async fn remind() -> Outcome {
    let minute = Duration::from_secs(60);
    Outcome::from("Twice.")
        .then_after(minute, &LookUp { order: 1 })
        .then_after(minute * 2, &LookUp { order: 2 })
}

#[tokio::test]
async fn a_word_goes_out_before_the_slow_part() {
    for store in STORES {
        let on = On::Messenger;
        let scene = Scene::start(store, Bot::new(routes![where_is_it, look_up])).await;
        scene.deliver(on, [on.message("where")]).await;
        scene
            .calls_become(&["One moment, I am looking.", "Order 7 is in Hamburg."])
            .await;
    }
}

#[tokio::test]
async fn a_thread_waits_for_any_number_of_them() {
    for store in STORES {
        let on = On::Messenger;
        let scene = Scene::start(store, Bot::new(routes![remind, look_up])).await;
        scene.says(on, "remind me").await;
        scene.minutes(1);
        scene
            .calls_become(&["Twice.", "Order 1 is in Hamburg."])
            .await;
        scene.minutes(1);
        let all = ["Twice.", "Order 1 is in Hamburg.", "Order 2 is in Hamburg."];
        scene.calls_become(&all).await;
    }
}

#[tokio::test]
async fn the_outcome_is_a_value() {
    let outcome = remind().await;
    let orders: Vec<_> = outcome.signals::<LookUp>().map(|it| it.order).collect();
    assert_eq!(orders, [1, 2]);
    assert_eq!(LookUp::NAME, "look_up");
    let answer = handover::testing::dispatch(
        routes![look_up],
        handover::testing::event::signal(&LookUp { order: 3 }),
    );
    let answer = answer.await.unwrap();
    assert_eq!(answer.handler(), Some("look_up"));
}
