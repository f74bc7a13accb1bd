//! Messages that no event called for: what is sent, what waits, and who hears that it was not.

use super::*;
use handover::extract::FailureKind;
use handover::journal::ReceiptStatus;
use handover::protocol::{MessageTag, UtilityTemplate};
use handover::{Message, Receipt, ThreadHandle};

const HOUR: Duration = Duration::from_secs(60 * 60);

impl Scene {
    fn talk(&self) -> ThreadHandle {
        self.bot.handle.threads().of(PAGE, PERSON)
    }

    async fn sends(&self, message: impl Into<Message>) -> Receipt {
        let receipt = self.talk().send(message).await.unwrap();
        receipt.wait().await.unwrap()
    }
}

#[track_caller]
fn is_sent(receipt: &Receipt) {
    let status = receipt.status();
    assert!(
        matches!(
            status,
            ReceiptStatus::Sent {
                message_id: Some(_)
            }
        ),
        "{receipt:?}"
    );
}

#[track_caller]
fn is_refused(receipt: &Receipt, expected: FailureKind) {
    let ReceiptStatus::Failed { kind, .. } = receipt.status() else {
        panic!("{receipt:?}");
    };
    assert_eq!(*kind, expected, "{receipt:?}");
}

#[on_message(text = "agent")]
#[handoff(to = "page_inbox")]
async fn to_agent() -> &'static str {
    "One moment."
}

#[on_send_failed]
async fn not_sent(failed: FailedSend, mut kinds: Session<Vec<FailureKind>>) {
    kinds.push(failed.kind);
}

fn bot() -> Bot {
    Bot::new(routes![to_agent, echo, not_sent])
}

async fn failures(scene: &Scene) -> Value {
    scene
        .thread(On::Messenger)
        .await
        .session
        .unwrap_or_default()
}

#[tokio::test]
async fn a_message_needs_no_handler_and_is_sent_once() {
    for store in STORES {
        let scene = Scene::start(store, bot()).await;
        let sent = scene.talk().send("Your table is ready.").id("table-7");
        let sent = sent.await.unwrap().wait().await.unwrap();
        is_sent(&sent);
        assert_eq!(sent.signal(), None);
        let again = scene
            .talk()
            .send("Your table is ready.")
            .id("table-7")
            .await
            .unwrap();
        assert!(!again.is_new() && again.status() == sent.status());
        let other = scene
            .talk()
            .send("Your table is taken.")
            .id("table-7")
            .await;
        assert!(other.unwrap_err().to_string().contains("table-7"));
        let long = "A sentence. ".repeat(400);
        is_sent(&scene.sends(long).await);
        let calls = scene.bot.graph.calls();
        assert_eq!(calls.len(), 4, "one, and three for the long one");
        assert_eq!(calls[0].body["messaging_type"], "RESPONSE");
        assert_eq!(calls[0].body["recipient"], json!({ "id": PERSON }));
    }
}

#[tokio::test]
async fn while_a_human_has_the_thread_it_is_refused_or_waits() {
    for store in STORES {
        let scene = Scene::start(store, bot()).await;
        scene.says(On::Messenger, "agent").await;
        is_refused(&scene.sends("hello").await, FailureKind::ThreadOwned);
        let held = scene.sends(Message::text("one").hold_until_back()).await;
        assert_eq!(*held.status(), ReceiptStatus::Held);
        let soon = Message::text("two")
            .hold_until_back()
            .expires_after(HOUR / 2);
        let soon = scene.talk().send(soon).await.unwrap();
        until("a handler has heard of it", async || {
            let failures = failures(&scene).await;
            (failures == json!(["thread_owned"]))
                .then_some(())
                .ok_or(failures.to_string())
        })
        .await;
        scene
            .deliver(On::Messenger, [On::Messenger.passes_back()])
            .await;
        is_sent(&held.wait_until_final().await.unwrap());
        is_sent(&soon.wait_until_final().await.unwrap());
        assert_eq!(scene.called()[2..], ["one", "two"]);
    }
}

/// A human answers, so what is held waits; what was said before is still sent, and what does not wait is
/// refused at once.
#[tokio::test]
async fn what_waits_keeps_nothing_else_waiting() {
    for store in STORES {
        let on = On::Messenger;
        let scene = Scene::start(store, bot()).await;
        scene.says(on, "agent").await;
        let one = scene.sends(Message::text("one").hold_until_back()).await;
        let long = Message::text("A sentence. ".repeat(400)).hold_until_back();
        let long = scene.sends(long).await;
        for held in [&one, &long] {
            assert_eq!(*held.status(), ReceiptStatus::Held, "{store:?}");
        }
        is_refused(&scene.sends("at once").await, FailureKind::ThreadOwned);
        let backlog = scene.journal.backlog().await.unwrap();
        assert_eq!(backlog.calls, 4, "{store:?}: one, and three parts");
        let before = scene.called().len();
        scene.deliver(on, [on.passes_back()]).await;
        let three = scene.talk().send("three").await.unwrap();
        for sent in [&one, &long, &three] {
            is_sent(&sent.wait_until_final().await.unwrap());
        }
        let called = scene.called();
        let said: Vec<_> = called[before..].iter().map(String::as_str).collect();
        assert_eq!(said.len(), 5, "{said:?}");
        assert_eq!((said[0], said[4]), ("one", "three"), "{said:?}");
        assert!(
            said[1..4]
                .iter()
                .all(|text| text.starts_with("A sentence."))
        );
        assert_eq!(scene.dead().await.len(), 1, "{store:?}");
    }
}

/// A handler takes the thread back while a message waits for that.
#[tokio::test]
async fn what_waits_does_not_keep_the_bot_from_taking_the_thread_back() {
    #[on_standby(kind = "message")]
    async fn takes() -> Take {
        Take::saying("Here I am.")
    }

    for store in STORES {
        let on = On::Messenger;
        let scene = Scene::start(store, Bot::new(routes![takes, to_agent])).await;
        scene.says(on, "agent").await;
        let held = scene.sends(Message::text("one").hold_until_back()).await;
        assert_eq!(*held.status(), ReceiptStatus::Held);
        scene
            .bot
            .platform
            .deliver_on_standby([on.message("bot")])
            .await;
        is_sent(&held.wait_until_final().await.unwrap());
        scene
            .calls_become(&[
                "One moment.",
                "pass_thread_control",
                "take_thread_control",
                "one",
                "Here I am.",
            ])
            .await;
    }
}

#[tokio::test]
async fn what_waits_expires() {
    for store in STORES {
        let scene = Scene::start(store, bot()).await;
        scene.says(On::Messenger, "agent").await;
        let held = Message::text("one").hold_until_back().expires_after(HOUR);
        let held = scene.sends(held).await;
        assert_eq!(*held.status(), ReceiptStatus::Held);
        scene.minutes(61);
        is_refused(
            &held.wait_until_final().await.unwrap(),
            FailureKind::Expired,
        );
        scene.settled().await;
        assert_eq!(failures(&scene).await, json!(["expired"]));
        let dead = scene.dead().await;
        assert_eq!(dead.len(), 1);
        // As people write a time.
        let cause = &dead[0].cause;
        assert!(
            cause.contains("expired at 20") && cause.ends_with('Z'),
            "{cause}"
        );
    }
}

#[tokio::test]
async fn what_the_platform_refuses_for_the_owner_waits_as_well() {
    for store in STORES {
        let scene = Scene::start(store, bot()).await;
        let owned = refusal(
            10,
            Some(2_018_300),
            "another app is controlling this thread",
        );
        scene.bot.graph.next_answer(400, owned);
        let held = scene.sends(Message::text("one").hold_until_back()).await;
        assert_eq!(*held.status(), ReceiptStatus::Held);
        scene
            .deliver(On::Messenger, [On::Messenger.passes_back()])
            .await;
        is_sent(&held.wait_until_final().await.unwrap());
        assert_eq!(scene.called(), ["one", "one"]);
    }
}

#[tokio::test]
async fn a_pause_holds_it_too() {
    for store in STORES {
        let scene = Scene::start(store, bot()).await;
        scene.talk().pause(HOUR).await.unwrap();
        is_refused(&scene.sends("hello").await, FailureKind::Paused);
        let held = scene.sends(Message::text("one").hold_until_back()).await;
        assert_eq!(*held.status(), ReceiptStatus::Held);
        scene.talk().resume().await.unwrap();
        is_sent(&held.wait_until_final().await.unwrap());
    }
}

fn template() -> UtilityTemplate {
    UtilityTemplate::new("order_shipped", "en_US").body(["12345"])
}

#[tokio::test]
async fn when_the_window_is_closed_something_else_is_sent() {
    for store in STORES {
        let scene = Scene::start(store, bot()).await;
        scene.says(On::Messenger, "hello").await;
        let shipped = || Message::text("It is on its way.").outside_window(template());
        is_sent(&scene.sends(shipped()).await);
        scene.hours(25);
        is_refused(&scene.sends("too late").await, FailureKind::OutsideWindow);
        is_sent(&scene.sends(shipped()).await);
        let feedback = Message::text("How was it?").tag(MessageTag::CustomerFeedback);
        is_sent(
            &scene
                .sends(Message::text("How is it?").outside_window(feedback))
                .await,
        );
        let news = Message::text("News!").to_token("TOKEN");
        is_sent(
            &scene
                .sends(Message::text("News").outside_window(news))
                .await,
        );
        let calls = scene.bot.graph.calls();
        let bodies: Vec<_> = calls.iter().map(|call| &call.body).collect();
        assert_eq!(bodies.len(), 5, "{bodies:?}");
        assert_eq!(bodies[1]["message"]["text"], "It is on its way.");
        assert_eq!(bodies[2]["template"]["name"], "order_shipped");
        assert_eq!(bodies[2]["messaging_type"], "UTILITY");
        assert_eq!(bodies[3]["tag"], "CUSTOMER_FEEDBACK");
        assert_eq!(
            bodies[4]["recipient"],
            json!({ "notification_messages_token": "TOKEN" })
        );
        scene.settled().await;
        assert_eq!(failures(&scene).await, json!(["outside_window"]));
    }
}

/// The bot has never heard of the person, so only the platform knows.
#[tokio::test]
async fn where_the_bot_cannot_know_the_platform_decides() {
    for store in STORES {
        let scene = Scene::start(store, bot()).await;
        let outside = || refusal(10, Some(2_018_278), "outside of allowed window");
        scene.bot.graph.next_answer(400, outside());
        let long = Message::text("A sentence. ".repeat(400)).outside_window(template());
        is_sent(&scene.sends(long).await);
        let calls = scene.bot.graph.calls();
        assert_eq!(calls.len(), 2, "its other parts are not sent");
        assert_eq!(calls[1].body["template"]["name"], "order_shipped");
        scene.bot.graph.next_answer(400, outside());
        is_refused(&scene.sends("hello").await, FailureKind::OutsideWindow);
        scene.settled().await;
        assert_eq!(scene.dead().await.len(), 1);
    }
}

/// The pause begins with the answer, and spares it as a whole.
#[tokio::test]
async fn what_is_sent_instead_belongs_to_an_answer_before_its_pause() {
    #[on_message]
    async fn call_me() -> (Message, &'static str, Pause) {
        let instead = Message::text("We have called.").tag(MessageTag::CustomerFeedback);
        let soon = Message::text("We call you.").outside_window(instead);
        (soon, "Bye.", Pause::for_(HOUR))
    }

    for store in STORES {
        let scene = Scene::start(store, Bot::new(routes![call_me])).await;
        let outside = refusal(10, Some(2_018_278), "outside of allowed window");
        scene.bot.graph.next_answer(400, outside);
        scene.says(On::Messenger, "call me").await;
        let all = ["We call you.", "We have called.", "Bye."];
        assert_eq!(scene.called(), all, "{store:?}");
        assert!(scene.dead().await.is_empty(), "{store:?}");
    }
}

/// Held while the human has the thread, and the window closes meanwhile.
#[tokio::test]
async fn held_until_the_window_is_closed() {
    for store in STORES {
        let on = On::Messenger;
        let scene = Scene::start(store, bot()).await;
        scene.says(on, "agent").await;
        let held = Message::text("It is on its way.").hold_until_back();
        let held = held.expires_after(HOUR * 72).outside_window(template());
        let held = scene.sends(held).await;
        assert_eq!(*held.status(), ReceiptStatus::Held);
        // Standby tells that the person is silent, and the bot hears all.
        let heard = json!({ "sender": { "id": PERSON }, "recipient": { "id": PAGE }, "read": { "watermark": 1 } });
        scene
            .bot
            .platform
            .deliver_on_standby([heard, on.message("thanks")])
            .await;
        scene.hours(23);
        scene
            .bot
            .platform
            .deliver_on_standby([on.inbox_says("Bye")])
            .await;
        scene.hours(2);
        scene.deliver(on, [on.passes_back()]).await;
        is_sent(&held.wait_until_final().await.unwrap());
        let calls = scene.bot.graph.calls();
        assert_eq!(
            calls.last().unwrap().body["template"]["name"],
            "order_shipped"
        );
    }
}

/// A handler says the same of its messages.
#[tokio::test]
async fn a_handlers_message_waits_as_well() {
    #[on_timer(name = "later")]
    async fn later() -> (Message, Message) {
        (
            Message::text("one").hold_until_back(),
            Message::text("two").hold_until_back(),
        )
    }

    #[on_message(text = "agent, later")]
    #[handoff(to = "page_inbox")]
    async fn agent_later() -> Timer {
        Timer::after("later", HOUR)
    }

    for store in STORES {
        let on = On::Messenger;
        let scene = Scene::start(store, Bot::new(routes![agent_later, later])).await;
        scene.says(on, "agent, later").await;
        scene.minutes(61);
        until("it waits", async || {
            let backlog = scene.journal.backlog().await.unwrap();
            (backlog.calls == 2)
                .then_some(())
                .ok_or(format!("{backlog:?}"))
        })
        .await;
        scene.deliver(on, [on.passes_back()]).await;
        scene
            .calls_become(&["pass_thread_control", "one", "two"])
            .await;
        assert!(scene.dead().await.is_empty());
    }
}
