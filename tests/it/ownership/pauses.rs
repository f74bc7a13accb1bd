//! The bot's own silence beside a human.

use super::*;
use crate::support::gate::{Gate, Gated};
use crate::support::platform::SECRET;
use handover::journal::DeadLetterContent;
use handover_testkit::http;

#[on_message(text = "later")]
async fn later() -> Timer {
    Timer::after("later", Duration::from_secs(60 * 60))
}

#[on_timer(name = "later")]
async fn it_is_later() -> &'static str {
    "It is later."
}

#[on_message(text = "think")]
async fn thinks(gate: State<Gate>) -> Vec<&'static str> {
    gate.passed().await;
    vec!["I think so.", "Yes."]
}

#[tokio::test]
async fn a_pause_says_nothing_of_the_owner() {
    for (store, on) in STORES.into_iter().flat_map(|s| On::BOTH.map(|on| (s, on))) {
        for can_ask in [true, false] {
            let scene = Scene::start(store, Bot::new(routes![later, it_is_later, echo])).await;
            if !can_ask {
                scene.bot.graph.refuses_owners(refusal(
                    100,
                    None,
                    "(#100) Unsupported get request",
                ));
            }
            scene.says(on, "hello").await;
            scene.says(on, "later").await;
            scene.deliver(on, [on.inbox_says("This is Ana")]).await;
            for text in ["one", "two", "three"] {
                scene.says(on, text).await;
            }
            assert_eq!(scene.called(), ["hello"], "{store:?} {on:?}");
            scene.minutes(61);
            scene.calls_become(&["hello", "It is later."]).await;
            scene.says(on, "and now?").await;
            assert_eq!(scene.called()[2..], ["and now?"], "{store:?} {on:?}");
            assert!(scene.dead().await.is_empty());
            assert_eq!(
                scene.bot.graph.owner_questions(),
                0,
                "nothing was to be asked"
            );
        }
    }
}

/// After a refusal nobody knows who the owner is, and the platform does not say.
#[tokio::test]
async fn without_known_owners_the_bots_silence_ends() {
    for (store, on) in STORES.into_iter().flat_map(|s| On::BOTH.map(|on| (s, on))) {
        let scene = Scene::start(store, Bot::new(routes![echo])).await;
        scene
            .bot
            .graph
            .refuses_owners(refusal(100, None, "(#100) Unsupported get request"));
        scene.says(on, "hello").await;
        let not_owner = match on {
            On::Messenger => refusal(
                10,
                Some(2_018_300),
                "another app is controlling this thread",
            ),
            On::Instagram => refusal(100, Some(2_534_037), "not the thread owner"),
        };
        for _ in 0..3 {
            scene.bot.graph.next_answer(400, not_owner.clone());
            scene.says(on, "not now").await;
        }
        scene.says(on, "and now?").await;
        assert_eq!(
            scene.called().last().unwrap(),
            "and now?",
            "{store:?} {on:?}"
        );
        assert_eq!(scene.bot.graph.owner_questions(), 1, "it was answered once");
    }
}

#[tokio::test]
async fn a_human_who_is_quicker_than_the_handler_is_not_talked_over() {
    for (store, on) in STORES.into_iter().flat_map(|s| On::BOTH.map(|on| (s, on))) {
        let gate = Gate::default();
        let state = Gated { gate: gate.clone() };
        let scene = Scene::start(store, Bot::with_state(state, routes![thinks, echo])).await;
        scene.has_begun(on).await;
        scene.deliver(on, [on.message("think")]).await;
        scene.deliver(on, [on.inbox_says("This is Ana")]).await;
        gate.open_for(1);
        scene.settled().await;
        assert_eq!(scene.called().len(), 2, "{store:?} {on:?}");
        let dead = scene.dead().await;
        assert!(!dead.is_empty());
        for letter in dead {
            let cause = &letter.cause;
            assert!(
                cause.contains("blocked: a human is answering in this thread"),
                "{cause}"
            );
            assert!(matches!(letter.content, DeadLetterContent::Call(_)));
        }
    }
}

#[tokio::test]
async fn a_human_between_two_messages_of_one_answer_ends_it() {
    for store in STORES {
        let on = On::Messenger;
        let gate = Gate::default();
        gate.open_for(1);
        let state = Gated { gate };
        let scene = Scene::start(store, Bot::with_state(state, routes![thinks, echo])).await;
        scene.has_begun(on).await;
        scene.bot.graph.hold();
        scene.deliver(on, [on.message("think")]).await;
        scene.bot.graph.wait_for_calls(3).await;
        scene.deliver(on, [on.inbox_says("This is Ana")]).await;
        scene.bot.graph.let_go();
        scene.settled().await;
        assert_eq!(scene.called()[2..], ["I think so."], "{store:?}");
        assert_eq!(scene.dead().await.len(), 1);
    }
}

#[tokio::test]
async fn an_instant_reply_while_the_handler_thinks_does_not_stop_it() {
    for store in STORES {
        let on = On::Messenger;
        let gate = Gate::default();
        let state = Gated { gate: gate.clone() };
        let scene = Scene::start(store, Bot::with_state(state, routes![thinks, echo])).await;
        scene.deliver(on, [on.message("think")]).await;
        scene.deliver(on, [on.inbox_says("Thanks!")]).await;
        gate.open_for(1);
        scene.settled().await;
        assert_eq!(scene.called(), ["I think so.", "Yes."], "{store:?}");
    }
}

#[tokio::test]
async fn a_take_that_waits_behind_the_handler_silences_it() {
    for store in STORES {
        let on = On::Messenger;
        let gate = Gate::default();
        let state = Gated { gate: gate.clone() };
        let scene = Scene::start(store, Bot::with_state(state, routes![thinks, echo])).await;
        scene.deliver(on, [on.message("think")]).await;
        let take = json!({ "previous_owner_app_id": APP, "new_owner_app_id": PAGE_INBOX });
        scene.deliver(on, [item("take_thread_control", take)]).await;
        gate.open_for(1);
        scene.settled().await;
        assert!(scene.called().is_empty(), "{store:?}");
    }
}

mod by_hand {
    use super::*;

    #[on_message(text = "call me")]
    async fn call_me() -> (&'static str, Pause, &'static str) {
        let pause = Pause::for_(Duration::from_secs(60 * 60));
        ("We call you.", pause, "This is not said.")
    }

    #[on_message(text = "stop")]
    async fn stop() -> Pause {
        Pause::for_(Duration::from_secs(60 * 60))
    }

    #[on_standby(kind = "message")]
    async fn resumes(text: Text) -> Option<Resume> {
        (&*text == "bot please").then_some(Resume)
    }

    #[tokio::test]
    async fn a_handler_pauses_and_ends_it() {
        for store in STORES {
            let on = On::Messenger;
            let bot = Bot::new(routes![call_me, stop, resumes, echo]);
            let scene = Scene::start(store, bot).await;
            scene.says(on, "call me").await;
            scene.says(on, "hello?").await;
            assert_eq!(scene.called(), ["We call you."], "{store:?}");
            assert_eq!(scene.dead().await.len(), 1);
            scene.says(on, "bot please").await;
            scene.says(on, "hello?").await;
            assert_eq!(scene.called()[1..], ["hello?"], "{store:?}");
            scene.says(on, "stop").await;
            scene.says(on, "hello?").await;
            scene.minutes(61);
            scene.says(on, "now?").await;
            assert_eq!(scene.called()[2..], ["now?"], "{store:?}");
        }
    }

    #[tokio::test]
    async fn a_handle_pauses_and_ends_it_while_the_bot_works() {
        for (store, on) in STORES.into_iter().flat_map(|s| On::BOTH.map(|on| (s, on))) {
            let gate = Gate::default();
            let state = Gated { gate: gate.clone() };
            let bot = Bot::with_state(state, routes![thinks, echo]);
            let scene = Scene::start(store, bot).await;
            let thread = scene.bot.handle.threads().of(on.account(), PERSON);
            // Also of a thread that nobody knows yet.
            thread.pause(Duration::from_secs(60 * 60)).await.unwrap();
            scene.says(on, "hello?").await;
            thread.resume().await.unwrap();
            scene.says(on, "hello").await;
            assert_eq!(scene.called(), ["hello"], "{store:?} {on:?}");

            // What the worker holds of the thread is not what counts.
            scene
                .deliver(on, [on.message("think"), on.message("next")])
                .await;
            until("the handler runs", async || {
                let events = scene.journal.backlog().await.unwrap().events;
                (events == 2).then_some(()).ok_or(format!("{events}"))
            })
            .await;
            thread.pause(Duration::from_secs(60 * 60)).await.unwrap();
            gate.open_for(1);
            scene.settled().await;
            assert_eq!(scene.called(), ["hello"], "{store:?} {on:?}");
            thread.resume().await.unwrap();
            scene.says(on, "and now?").await;
            assert_eq!(scene.called()[1..], ["and now?"], "{store:?} {on:?}");
        }
    }

    #[tokio::test]
    async fn operators_pause_and_end_it_with_a_token() {
        use handover_runtime::operations_token;

        let on = On::Messenger;
        let scene = Scene::start(Store::Sqlite, Bot::new(routes![echo])).await;
        let asks = async |what: &str, secret: &str| {
            let url = format!("{}/threads/{PAGE}/{PERSON}/{what}", scene.bot.operations);
            let request = http::Client::new().post(url);
            let answer = request.bearer_auth(operations_token(secret)).send().await;
            answer.unwrap().status().as_u16()
        };
        assert_eq!(asks("pause/3600", "another secret").await, 401);
        scene.says(on, "hello").await;
        assert_eq!(asks("pause/3600", SECRET).await, 200);
        scene.says(on, "hello?").await;
        assert_eq!(asks("resume", SECRET).await, 200);
        scene.says(on, "and now?").await;
        assert_eq!(scene.called(), ["hello", "and now?"]);
        assert_eq!(asks("pause/soon", SECRET).await, 400);
    }

    #[tokio::test]
    async fn what_waits_is_sent_when_the_pause_ends() {
        for store in STORES {
            let on = On::Messenger;
            let bot = Bot::new(routes![later, it_is_later, echo]).blocked(Blocked::Wait);
            let scene = Scene::start(store, bot).await;
            scene.says(on, "later").await;
            let thread = scene.bot.handle.threads().of(on.account(), PERSON);
            thread
                .pause(Duration::from_secs(24 * 60 * 60))
                .await
                .unwrap();
            scene.minutes(61);
            until("the timer's message waits", async || {
                let calls = scene.journal.backlog().await.unwrap().calls;
                (calls == 1).then_some(()).ok_or(format!("{calls}"))
            })
            .await;
            assert!(scene.called().is_empty());
            thread.resume().await.unwrap();
            scene.settled().await;
            assert_eq!(scene.called(), ["It is later."], "{store:?}");
        }
    }

    #[tokio::test]
    async fn an_agent_types_a_word() {
        for (store, on) in STORES.into_iter().flat_map(|s| On::BOTH.map(|on| (s, on))) {
            let bot = Bot::new(routes![echo])
                .pause_on_human_reply(Duration::ZERO)
                .pause_word("#human", Duration::from_secs(60 * 60))
                .resume_word("#bot");
            let scene = Scene::start(store, bot).await;
            scene.has_begun(on).await;
            scene.deliver(on, [on.inbox_says("just a remark")]).await;
            scene.says(on, "one").await;
            scene.deliver(on, [on.inbox_says(" #HUMAN ")]).await;
            scene.says(on, "two").await;
            scene.deliver(on, [on.inbox_says("#bot")]).await;
            scene.says(on, "three").await;
            assert_eq!(scene.called()[2..], ["one", "three"], "{store:?} {on:?}");
        }
    }

    #[tokio::test]
    async fn the_word_takes_the_thread_from_its_owner() {
        #[on_message(text = "agent")]
        #[handoff(to = "page_inbox")]
        async fn to_agent() {}

        let on = On::Messenger;
        let bot = Bot::new(routes![to_agent, echo]).resume_word("#bot");
        let scene = Scene::start(Store::Memory, bot).await;
        scene.has_begun(on).await;
        scene.says(on, "agent").await;
        scene
            .bot
            .platform
            .deliver_on_standby([on.inbox_says("#bot")])
            .await;
        scene.settled().await;
        scene.says(on, "hello").await;
        let called = ["pass_thread_control", "take_thread_control", "hello"];
        assert_eq!(scene.called()[2..], called);
    }

    #[tokio::test]
    async fn a_human_does_not_shorten_a_pause() {
        let on = On::Messenger;
        let scene = Scene::start(Store::Memory, Bot::new(routes![echo])).await;
        scene.has_begun(on).await;
        let thread = scene.bot.handle.threads().of(PAGE, PERSON);
        thread
            .pause(Duration::from_secs(2 * 60 * 60))
            .await
            .unwrap();
        scene.deliver(on, [on.inbox_says("This is Ana")]).await;
        scene.settled().await;
        scene.minutes(60);
        scene.says(on, "hello?").await;
        assert_eq!(scene.called().len(), 2);
    }

    #[tokio::test]
    async fn a_thread_that_is_passed_to_the_bot_is_not_paused_any_more() {
        for store in STORES {
            let on = On::Messenger;
            let scene = Scene::start(store, Bot::new(routes![echo])).await;
            scene.has_begun(on).await;
            scene.deliver(on, [on.inbox_says("This is Ana")]).await;
            scene.deliver(on, [on.passes_back()]).await;
            scene.says(on, "thank you").await;
            assert_eq!(scene.called()[2..], ["thank you"], "{store:?}");
        }
    }
}
