//! How a thread comes back: taken, asked for, given, and what the handlers hear of it.

use super::*;

#[on_message(text = "agent")]
#[handoff(to = "page_inbox", reclaim_after = "30m")]
async fn to_agent() {}

fn said(handback: &Handback) -> String {
    let lines = handback.history.iter().map(|turn| turn.text.as_str());
    lines.collect::<Vec<_>>().join(", ")
}

#[on_timer(name = "reclaim")]
async fn reclaimed(handback: Handback) -> String {
    format!("It is me again ({}).", said(&handback))
}

/// Speaks at once, past the outbox: the platform says whose the thread is.
#[on_timer(name = "reclaim")]
async fn reclaimed_at_once(
    graph: Graph,
    sender: Sender,
) -> Result<(), handover::graph::GraphError> {
    graph.send(&sender).text("It is me again.").await?;
    Ok(())
}

async fn handed_over(scene: &Scene) {
    let on = On::Messenger;
    scene.says(on, "hello").await;
    scene.says(on, "agent").await;
    let overheard = [on.message("my order is late"), on.inbox_says("I see")];
    scene.bot.platform.deliver_on_standby(overheard).await;
    scene.settled().await;
}

/// Nobody answers the first time, and the handler for that has not taken the transcript.
#[tokio::test]
async fn each_time_with_another_owner_has_its_transcript() {
    #[on_message(text = "agent")]
    #[handoff(to = "page_inbox", unclaimed_after = "5m", reclaim_after = "30m")]
    async fn to_anybody() {}

    #[on_timer(name = "unclaimed")]
    async fn nobody_came() -> &'static str {
        "Nobody is there."
    }

    for store in STORES {
        let routes = routes![to_anybody, nobody_came, reclaimed, echo];
        let scene = Scene::start(store, Bot::new(routes)).await;
        let on = On::Messenger;
        scene.says(on, "agent").await;
        let overheard = [on.message("hello?"), on.message("anybody?")];
        scene.bot.platform.deliver_on_standby(overheard).await;
        scene.settled().await;
        scene.minutes(6);
        let nobody = [
            "pass_thread_control",
            "take_thread_control",
            "Nobody is there.",
        ];
        scene.calls_become(&nobody).await;
        scene.says(on, "agent").await;
        for text in ["This is Ana.", "It is on its way."] {
            let answer = [on.inbox_says(text)];
            scene.bot.platform.deliver_on_standby(answer).await;
            scene.settled().await;
        }
        scene.minutes(31);
        until("the bot has it back", async || {
            let called = scene.called();
            match called
                .last()
                .is_some_and(|last| last.starts_with("It is me"))
            {
                true => Ok(()),
                false => Err(format!("{called:?}")),
            }
        })
        .await;
        let last = scene.called().pop().unwrap();
        assert_eq!(last, "It is me again (This is Ana., It is on its way.).");
    }
}

/// The time of an agent begins when the agent has the thread.
#[tokio::test]
async fn a_handoff_that_was_made_late_gives_the_agent_all_of_the_time() {
    for store in STORES {
        let scene = Scene::start(store, Bot::new(routes![to_agent, reclaimed, echo])).await;
        let on = On::Messenger;
        scene.says(on, "hello").await;
        scene.bot.graph.hold();
        scene.deliver(on, [on.message("agent")]).await;
        scene.bot.graph.wait_for_calls(2).await;
        scene.minutes(20);
        scene.bot.graph.let_go();
        scene.settled().await;
        scene.minutes(29);
        let answer = [on.inbox_says("This is Ana.")];
        scene.bot.platform.deliver_on_standby(answer).await;
        scene.settled().await;
        assert_eq!(scene.called(), ["hello", "pass_thread_control"]);
        scene.minutes(2);
        scene
            .calls_become(&[
                "hello",
                "pass_thread_control",
                "take_thread_control",
                "It is me again (This is Ana.).",
            ])
            .await;
    }
}

#[tokio::test]
async fn the_handler_runs_when_the_thread_is_the_bots() {
    for store in STORES {
        let scene = Scene::start(store, Bot::new(routes![to_agent, reclaimed_at_once, echo])).await;
        handed_over(&scene).await;
        scene.bot.graph.hold();
        scene.minutes(31);
        scene.bot.graph.wait_for_calls(3).await;
        tokio::task::yield_now().await;
        assert_eq!(scene.called()[2..], ["take_thread_control"]);
        assert_eq!(
            scene.journal.backlog().await.unwrap().events,
            0,
            "the handler has not begun"
        );
        scene.bot.graph.let_go();
        scene
            .calls_become(&[
                "hello",
                "pass_thread_control",
                "take_thread_control",
                "It is me again.",
            ])
            .await;
    }
}

#[tokio::test]
async fn a_permanently_refused_take_is_reported_with_its_reason() {
    #[on_handoff_failed]
    async fn failed(failed: FailedHandoff, timers: Timers) {
        assert!(
            failed.is_reclaim && failed.reason.contains("2018001"),
            "{failed:?}"
        );
        timers.set("reported", Duration::from_secs(1_000_000));
    }
    for (store, reported) in STORES
        .into_iter()
        .flat_map(|s| [true, false].map(|reported| (s, reported)))
    {
        let routes = if reported {
            routes![to_agent, reclaimed, failed, echo]
        } else {
            routes![to_agent, reclaimed, echo]
        };
        let scene = Scene::start(store, Bot::new(routes)).await;
        handed_over(&scene).await;
        scene
            .bot
            .graph
            .next_answer(400, refusal(100, Some(2_018_001), "no matching user"));
        scene.minutes(31);
        scene.bot.graph.wait_for_calls(3).await;
        scene.settled().await;
        let dead = scene.dead().await;
        assert_eq!(
            dead.len(),
            1,
            "the take itself, and nothing that was said to nobody: {dead:#?}"
        );
        assert_eq!(scene.called()[2..], ["take_thread_control"]);
        assert!(dead[0].cause.contains("2018001"));
    }
}

#[tokio::test]
async fn a_thread_that_was_asked_for_comes_back_with_what_was_said_and_the_reclaim_text() {
    #[on_pass_thread_control]
    async fn back(handback: Option<Handback>) -> String {
        format!(
            "Back ({}).",
            handback.map(|it| said(&it)).unwrap_or_default()
        )
    }
    #[on_pass_thread_control]
    async fn back_without_a_word() {}

    for store in STORES {
        for listens in [true, false] {
            let routes = if listens {
                routes![to_agent, reclaimed_text, back, echo]
            } else {
                routes![to_agent, reclaimed, back_without_a_word, echo]
            };
            let scene = Scene::start(store, Bot::new(routes)).await;
            handed_over(&scene).await;
            let no_routing = refusal(
                27,
                Some(2_534_118),
                "(#27) Take thread control is not supported",
            );
            scene.bot.graph.next_answer(400, no_routing);
            scene.minutes(31);
            scene
                .calls_become(&[
                    "hello",
                    "pass_thread_control",
                    "take_thread_control",
                    "request_thread_control",
                ])
                .await;
            scene.settled().await;
            scene
                .deliver(On::Messenger, [On::Messenger.passes_back()])
                .await;
            let expected: &[_] = if listens {
                &["Back (my order is late, I see).", "It is me again."]
            } else {
                &["It is me again (my order is late, I see)."]
            };
            until("the handlers have spoken", async || {
                let called = scene.called();
                (called[4..] == *expected)
                    .then_some(())
                    .ok_or(format!("{called:?}"))
            })
            .await;
            scene.settled().await;
            assert!(scene.dead().await.is_empty());
        }
    }

    #[on_timer(name = "reclaim")]
    async fn reclaimed_text() -> &'static str {
        "It is me again."
    }
}

#[tokio::test]
async fn a_take_overtakes_what_waits_for_control() {
    #[on_message(text = "later")]
    async fn later() -> Timer {
        Timer::after("later", Duration::from_secs(10 * 60))
    }
    #[on_timer(name = "later")]
    async fn it_is_later() -> &'static str {
        "It is later."
    }
    for store in STORES {
        let bot =
            Bot::new(routes![later, to_agent, it_is_later, reclaimed, echo]).blocked(Blocked::Wait);
        let scene = Scene::start(store, bot).await;
        scene.says(On::Messenger, "later").await;
        scene.says(On::Messenger, "agent").await;
        scene.minutes(11);
        until("the timer's message waits", async || {
            let backlog = scene.journal.backlog().await.unwrap();
            (backlog.calls == 1 && backlog.events == 0)
                .then_some(())
                .ok_or(format!("{backlog:?}"))
        })
        .await;
        scene.minutes(20);
        scene
            .calls_become(&[
                "pass_thread_control",
                "take_thread_control",
                "It is later.",
                "It is me again ().",
            ])
            .await;
    }
}

mod idle {
    use super::*;

    #[on_message(text = "agent")]
    #[handoff(to = "page_inbox", idle_after = "30m")]
    async fn to_agent() {}

    #[on_message(text = "boss")]
    async fn to_boss() -> Handoff {
        Handoff::silently().idle_after(Duration::from_secs(30 * 60))
    }

    #[on_timer(name = "idle")]
    async fn idle() -> &'static str {
        "Anything else?"
    }

    #[tokio::test]
    async fn it_counts_from_the_agents_last_word() {
        for store in STORES {
            for word in ["agent", "boss"] {
                let on = On::Messenger;
                let scene =
                    Scene::start(store, Bot::new(routes![to_agent, to_boss, idle, echo])).await;
                scene.says(on, "hello").await;
                scene.says(on, word).await;
                for _ in 0..3 {
                    scene.minutes(20);
                    let talk = [on.message("and then?"), on.inbox_says("then this")];
                    scene.bot.platform.deliver_on_standby(talk).await;
                    scene.settled().await;
                    assert_eq!(
                        scene.called()[1..],
                        ["pass_thread_control"],
                        "{store:?} {:?}",
                        scene.thread(on).await
                    );
                }
                // What is automatic is no word of theirs, and the person's own is not either.
                scene.minutes(20);
                let mut by_ai = on.inbox_says("hi");
                by_ai["message"]["ai_generated"] = true.into();
                scene
                    .bot
                    .platform
                    .deliver_on_standby([by_ai, on.message("hello?")])
                    .await;
                scene.settled().await;
                assert_eq!(scene.called()[1..], ["pass_thread_control"], "{store:?}");
                scene.minutes(11);
                scene
                    .calls_become(&[
                        "hello",
                        "pass_thread_control",
                        "take_thread_control",
                        "Anything else?",
                    ])
                    .await;
            }
        }
    }

    #[tokio::test]
    async fn an_agent_who_never_spoke_is_idle_since_the_handoff() {
        let scene = Scene::start(Store::Memory, Bot::new(routes![to_agent, idle, echo])).await;
        scene.says(On::Messenger, "agent").await;
        scene.minutes(31);
        scene
            .calls_become(&[
                "pass_thread_control",
                "take_thread_control",
                "Anything else?",
            ])
            .await;
    }

    #[tokio::test]
    async fn it_survives_a_restart() {
        let on = On::Messenger;
        let file = fresh_file();
        let clock = Clock::default();
        let start = async || {
            let journal = Journal::open(&file).unwrap();
            let bot = Bot::new(routes![to_agent, idle, echo]).clock(clock.clone());
            Scene::with(bot.journal(journal.clone()), journal, clock.clone()).await
        };
        let scene = start().await;
        scene.says(on, "agent").await;
        scene.bot.handle.stop().await;
        let scene = start().await;
        scene.minutes(20);
        scene
            .bot
            .platform
            .deliver_on_standby([on.inbox_says("This is Ana")])
            .await;
        scene.settled().await;
        scene.minutes(20);
        scene.settled().await;
        assert!(scene.called().is_empty());
        scene.minutes(11);
        scene
            .calls_become(&["take_thread_control", "Anything else?"])
            .await;
    }
}

mod window {
    use super::*;

    #[on_message(text = "agent")]
    #[handoff(to = "page_inbox")]
    async fn to_agent() {}

    #[on_pass_thread_control]
    async fn back(handback: Option<Handback>) -> &'static str {
        drop(handback);
        "I am back."
    }

    /// Where the bot hears nothing of the person, it cannot know when they wrote.
    #[tokio::test]
    async fn what_nobody_heard_is_for_the_platform_to_decide() {
        for store in STORES {
            let on = On::Messenger;
            let scene = Scene::start(store, Bot::new(routes![to_agent, back, echo])).await;
            scene.says(on, "agent").await;
            // They write to the inbox after 20 hours.
            scene.hours(26);
            scene.deliver(on, [on.passes_back()]).await;
            scene.settled().await;
            assert_eq!(
                scene.called(),
                ["pass_thread_control", "I am back."],
                "{store:?}"
            );
            assert!(scene.dead().await.is_empty());
        }
    }

    #[tokio::test]
    async fn what_was_heard_is_certain() {
        for store in STORES {
            let on = On::Messenger;
            let scene = Scene::start(store, Bot::new(routes![to_agent, back, echo])).await;
            scene.says(on, "agent").await;
            scene
                .bot
                .platform
                .deliver_on_standby([on.inbox_says("This is Ana")])
                .await;
            scene.settled().await;
            scene.hours(26);
            scene.deliver(on, [on.passes_back()]).await;
            scene.settled().await;
            assert_eq!(scene.called(), ["pass_thread_control"], "{store:?}");
            let cause = &scene.dead().await[0].cause;
            assert!(cause.contains("24-hour messaging window"), "{cause}");
        }
    }
}

mod taking {
    use super::*;

    #[on_message(text = "agent")]
    #[handoff(to = "page_inbox")]
    async fn to_agent() {}

    #[on_standby(kind = "message")]
    async fn wants_the_bot(text: Text) -> Option<Take> {
        (&*text == "bot please").then(|| Take::saying("Here I am.").then("What is it?"))
    }

    #[tokio::test]
    async fn a_handler_on_standby_takes_the_thread_back() {
        for store in STORES {
            let on = On::Messenger;
            let scene = Scene::start(store, Bot::new(routes![to_agent, wants_the_bot, echo])).await;
            scene.says(on, "agent").await;
            scene
                .bot
                .platform
                .deliver_on_standby([on.message("hello?"), on.message("bot please")])
                .await;
            scene.settled().await;
            scene.says(on, "nothing").await;
            let called = [
                "pass_thread_control",
                "take_thread_control",
                "Here I am.",
                "What is it?",
                "nothing",
            ];
            assert_eq!(scene.called(), called, "{store:?}");
        }
    }

    #[tokio::test]
    async fn what_follows_a_take_that_is_refused_is_not_said() {
        #[on_handoff_failed]
        async fn failed(failed: FailedHandoff) {
            assert!(failed.is_reclaim, "{failed:?}");
        }
        for store in STORES {
            let on = On::Messenger;
            let bot = Bot::new(routes![to_agent, wants_the_bot, failed, echo]);
            let scene = Scene::start(store, bot).await;
            scene.says(on, "agent").await;
            scene
                .bot
                .graph
                .next_answer(400, refusal(100, Some(2_018_001), "no matching user"));
            scene
                .bot
                .platform
                .deliver_on_standby([on.message("bot please")])
                .await;
            scene.settled().await;
            assert_eq!(
                scene.called(),
                ["pass_thread_control", "take_thread_control"],
                "{store:?}"
            );
            let causes: Vec<_> = scene
                .dead()
                .await
                .into_iter()
                .map(|dead| dead.cause)
                .collect();
            assert_eq!(causes.len(), 3, "{causes:?}");
        }
    }
}

/// A button of the bot, tapped while a colleague has the thread.
mod buttons {
    use super::*;

    #[on_message(text = "agent")]
    #[handoff(to = "page_inbox")]
    async fn to_agent() {}

    #[on_postback(payload = "ORDER:{id}")]
    async fn order(id: Payload<u32>) -> String {
        format!("Order {}", *id)
    }

    #[on_standby(kind = "postback", payload = "ORDER:{id}")]
    async fn order_meanwhile(id: Payload<u32>) -> Take {
        Take::saying(format!("Order {}, taken back", *id))
    }

    #[tokio::test]
    async fn it_brings_the_thread_back() {
        for store in STORES {
            let on = On::Messenger;
            let scene = Scene::start(
                store,
                Bot::new(routes![to_agent, order, order_meanwhile, echo]),
            )
            .await;
            scene.says(on, "agent").await;
            scene.bot.graph.owned_by(PAGE_INBOX);
            // The platform tells it twice: without payload on standby, and to whoever sent the button.
            let mid = format!("m_{}", fresh());
            let bare = item("postback", json!({ "mid": mid, "title": "Order" }));
            scene.bot.platform.deliver_on_standby([bare]).await;
            let tapped = item(
                "postback",
                json!({ "mid": mid, "title": "Order", "payload": "ORDER:7" }),
            );
            scene.deliver(on, [tapped]).await;
            scene.settled().await;
            let called = [
                "pass_thread_control",
                "take_thread_control",
                "Order 7, taken back",
            ];
            assert_eq!(scene.called(), called, "{store:?}");
            let tapped = item(
                "postback",
                json!({ "mid": "m_later", "payload": "ORDER:8" }),
            );
            scene.deliver(on, [tapped]).await;
            scene.settled().await;
            assert_eq!(scene.called()[3..], ["Order 8"], "{store:?}");
        }
    }
}
