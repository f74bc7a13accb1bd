//! Timers that take a thread back end with the absence that they were set for.

use super::*;
use crate::support::gate::{Gate, Gated};

#[on_message(text = "agent")]
#[handoff(to = "page_inbox", reclaim_after = "30m")]
async fn to_agent() {}

#[on_timer(name = "reclaim")]
async fn reclaimed() -> &'static str {
    "Sorry for the wait."
}

/// This app takes the thread from the bot.
fn taken_by(on: On, app: u64) -> Value {
    let owners = json!({ "previous_owner_app_id": APP, "new_owner_app_id": app });
    let mut take = item("take_thread_control", owners);
    take["recipient"]["id"] = on.account().into();
    take
}

/// The person wants the bot, and later an agent takes the thread.
#[tokio::test]
async fn a_thread_that_a_handler_took_back_is_not_taken_from_the_next_agent() {
    #[on_standby(kind = "message")]
    async fn wants_the_bot(text: Text) -> Option<Take> {
        (&*text == "bot please").then(|| Take::saying("Here I am."))
    }

    for store in STORES {
        let on = On::Messenger;
        let routes = routes![to_agent, wants_the_bot, reclaimed, echo];
        let scene = Scene::start(store, Bot::new(routes)).await;
        scene.says(on, "agent").await;
        let wish = [on.message("bot please")];
        scene.bot.platform.deliver_on_standby(wish).await;
        scene.settled().await;
        scene.says(on, "thanks").await;
        scene.minutes(29);
        scene.deliver(on, [taken_by(on, PAGE_INBOX)]).await;
        scene.settled().await;
        scene.minutes(2);
        let answer = [on.inbox_says("This is Ana")];
        scene.bot.platform.deliver_on_standby(answer).await;
        scene.settled().await;
        let called = [
            "pass_thread_control",
            "take_thread_control",
            "Here I am.",
            "thanks",
        ];
        assert_eq!(scene.called(), called, "{store:?}");
    }
}

/// On Instagram, no message of the person shows that the bot has the thread.
#[tokio::test]
async fn a_handoff_that_failed_takes_nothing_from_an_agent_who_comes_later() {
    #[on_handoff_failed]
    async fn failed() -> &'static str {
        "I could not reach anybody."
    }

    for store in STORES {
        for on in On::BOTH {
            let routes = routes![to_agent, failed, reclaimed, echo];
            let scene = Scene::start(store, Bot::new(routes)).await;
            let no_such_app = refusal(100, Some(2_018_001), "no matching user");
            scene.bot.graph.next_answer(400, no_such_app);
            scene.says(on, "agent").await;
            scene.minutes(29);
            let inbox = match on {
                On::Messenger => PAGE_INBOX,
                On::Instagram => INSTAGRAM_INBOX,
            };
            scene.deliver(on, [taken_by(on, inbox)]).await;
            scene.settled().await;
            scene.minutes(2);
            scene.deliver(on, [on.inbox_says("This is Ana")]).await;
            scene.settled().await;
            let called = ["pass_thread_control", "I could not reach anybody."];
            assert_eq!(scene.called(), called, "{store:?} {on:?}");
        }
    }
}

/// An agent who never answers is idle at the same moment.
#[tokio::test]
async fn two_timers_of_the_same_moment_take_a_thread_once() {
    #[on_message(text = "agent")]
    #[handoff(to = "page_inbox", unclaimed_after = "10m", idle_after = "10m")]
    async fn to_anybody() {}

    #[on_timer(name = "unclaimed")]
    async fn nobody_came() -> &'static str {
        "Everybody is busy."
    }

    #[on_timer(name = "idle")]
    async fn idle() -> &'static str {
        "Anything else?"
    }

    for store in STORES {
        let routes = routes![to_anybody, nobody_came, idle, echo];
        let scene = Scene::start(store, Bot::new(routes)).await;
        scene.says(On::Messenger, "agent").await;
        scene.bot.graph.hold();
        scene.minutes(11);
        until("both timers want the thread", async || {
            let backlog = scene.journal.backlog().await.unwrap();
            (backlog.events == 0 && backlog.calls == 2)
                .then_some(())
                .ok_or(format!("{backlog:?}"))
        })
        .await;
        scene.bot.graph.owned_by(APP);
        scene.bot.graph.let_go();
        let called = [
            "pass_thread_control",
            "take_thread_control",
            "Anything else?",
        ];
        scene.calls_become(&called).await;
        scene.settled().await;
        assert_eq!(scene.called(), called, "{store:?}");
        assert!(scene.dead().await.is_empty());
    }
}

/// Another handoff is tried meanwhile, for which the bot does not have the thread.
#[tokio::test]
async fn a_handoff_that_is_refused_does_not_end_the_time_of_the_agent() {
    #[on_message(text = "agent")]
    #[handoff(to = "page_inbox", reclaim_after = "30m")]
    async fn to_agent_first() -> Timer {
        Timer::after("escalate", Duration::from_secs(10 * 60))
    }

    #[on_timer(name = "escalate")]
    async fn escalate() -> Handoff {
        Handoff::silently().to(DESK)
    }

    #[on_handoff_failed]
    async fn failed() {}

    for store in STORES {
        let routes = routes![to_agent_first, escalate, failed, reclaimed, echo];
        let scene = Scene::start(store, Bot::new(routes)).await;
        scene.says(On::Messenger, "agent").await;
        scene.minutes(11);
        until("the other handoff is refused", async || {
            let dead = scene.dead().await;
            let is_refused = dead.len() == 1;
            is_refused.then_some(()).ok_or(format!("{dead:?}"))
        })
        .await;
        scene.settled().await;
        scene.minutes(20);
        let called = [
            "pass_thread_control",
            "take_thread_control",
            "Sorry for the wait.",
        ];
        scene.calls_become(&called).await;
    }
}

/// It is returned, while the handoff is that of the attribute.
#[tokio::test]
async fn a_timer_that_is_returned_beside_a_handoff_is_its_own() {
    #[on_message(text = "agent")]
    #[handoff(to = "page_inbox")]
    async fn to_agent_for() -> Timer {
        Timer::after("reclaim", Duration::from_secs(10 * 60))
    }

    for store in STORES {
        let scene = Scene::start(store, Bot::new(routes![to_agent_for, reclaimed, echo])).await;
        scene.says(On::Messenger, "agent").await;
        scene.minutes(11);
        let called = [
            "pass_thread_control",
            "take_thread_control",
            "Sorry for the wait.",
        ];
        scene.calls_become(&called).await;
    }
}

/// The handler decides how long.
#[tokio::test]
async fn a_timer_that_is_set_with_a_handoff_begins_with_it() {
    #[on_message(text = "agent")]
    async fn to_agent_for(timers: Timers) -> Handoff {
        timers.set("reclaim", Duration::from_secs(10 * 60));
        Handoff::silently()
    }

    for store in STORES {
        let on = On::Messenger;
        let routes = routes![to_agent_for, reclaimed, echo];
        let scene = Scene::start(store, Bot::new(routes)).await;
        scene.bot.graph.hold();
        scene.deliver(on, [on.message("agent")]).await;
        scene.bot.graph.wait_for_calls(1).await;
        scene.minutes(11);
        scene.bot.graph.let_go();
        scene.settled().await;
        assert_eq!(scene.called(), ["pass_thread_control"], "{store:?}");
        scene.minutes(11);
        let called = [
            "pass_thread_control",
            "take_thread_control",
            "Sorry for the wait.",
        ];
        scene.calls_become(&called).await;
    }
}

/// The person writes on while the handler works that answers them.
mod starts_over {
    use super::*;

    #[on_message(pace = "restart")]
    async fn thinks(burst: Burst, gate: State<Gate>) -> String {
        gate.passed().await;
        format!("{} messages", burst.len())
    }

    async fn start(store: Store, gate: &Gate) -> Scene {
        let state = Gated { gate: gate.clone() };
        let routes = routes![to_agent, reclaimed, thinks];
        let scene = Scene::start(store, Bot::with_state(state, routes)).await;
        scene.says(On::Messenger, "agent").await;
        scene
    }

    async fn comes_back(scene: &Scene, gate: &Gate) {
        let on = On::Messenger;
        for text in ["hello?", "are you there?"] {
            scene.deliver(on, [on.message(text)]).await;
            gate.reached().await;
        }
        gate.open_for(1);
    }

    #[tokio::test]
    async fn the_timers_are_cancelled() {
        for store in STORES {
            let on = On::Messenger;
            let gate = Gate::default();
            let scene = start(store, &gate).await;
            comes_back(&scene, &gate).await;
            scene.settled().await;
            scene.minutes(29);
            scene.deliver(on, [taken_by(on, PAGE_INBOX)]).await;
            scene.settled().await;
            scene.minutes(2);
            let answer = [on.inbox_says("This is Ana")];
            scene.bot.platform.deliver_on_standby(answer).await;
            scene.settled().await;
            let called = ["pass_thread_control", "2 messages"];
            assert_eq!(scene.called(), called, "{store:?}");
        }
    }

    #[tokio::test]
    async fn the_handler_of_the_timer_that_asked_for_the_thread_runs() {
        for store in STORES {
            let gate = Gate::default();
            let scene = start(store, &gate).await;
            let no_routing = refusal(
                27,
                Some(2_534_118),
                "(#27) Take thread control is not supported",
            );
            scene.bot.graph.next_answer(400, no_routing);
            scene.minutes(31);
            let called = [
                "pass_thread_control",
                "take_thread_control",
                "request_thread_control",
                "2 messages",
                "Sorry for the wait.",
            ];
            scene.calls_become(&called[..3]).await;
            scene.settled().await;
            comes_back(&scene, &gate).await;
            scene.calls_become(&called).await;
        }
    }
}

/// The take of a timer is put off, and an agent answers meanwhile.
mod answers {
    use super::*;

    #[on_message(text = "anybody")]
    #[handoff(to = "page_inbox", unclaimed_after = "30m")]
    async fn to_anybody() {}

    #[on_message(text = "somebody")]
    #[handoff(to = "page_inbox", idle_after = "30m")]
    async fn to_somebody() {}

    #[on_standby(kind = "message")]
    async fn listens(text: Text, gate: State<Gate>) -> Option<Take> {
        if &*text == "bot please" {
            return Some(Take::saying("Here I am."));
        }
        gate.passed().await;
        None
    }

    async fn start(store: Store, gate: &Gate) -> Scene {
        let state = Gated { gate: gate.clone() };
        let routes = routes![to_agent, to_anybody, to_somebody, listens, reclaimed, echo];
        Scene::start(store, Bot::with_state(state, routes)).await
    }

    /// The platform puts the next call off.
    fn throttle(scene: &Scene) {
        let limit = refusal(
            613,
            None,
            "(#613) Calls to this api have exceeded the rate limit",
        );
        scene.bot.graph.next_answer(400, limit);
    }

    async fn waits(scene: &Scene) {
        let called = ["pass_thread_control", "take_thread_control"];
        scene.calls_become(&called).await;
        becomes(scene, 0, 1).await;
    }

    async fn becomes(scene: &Scene, events: usize, calls: usize) {
        until(
            &format!("{events} events and {calls} calls wait"),
            async || {
                let backlog = scene.journal.backlog().await.unwrap();
                (backlog.events == events && backlog.calls == calls)
                    .then_some(())
                    .ok_or_else(|| format!("{backlog:?}"))
            },
        )
        .await;
    }

    async fn ana_answers(scene: &Scene) {
        let answer = [On::Messenger.inbox_says("This is Ana")];
        scene.bot.platform.deliver_on_standby(answer).await;
    }

    #[tokio::test]
    async fn what_a_timer_of_silence_wants_is_over() {
        for store in STORES {
            for word in ["anybody", "somebody"] {
                let scene = start(store, &Gate::default()).await;
                scene.says(On::Messenger, word).await;
                throttle(&scene);
                scene.minutes(31);
                waits(&scene).await;
                ana_answers(&scene).await;
                scene.settled().await;
                scene.minutes(5);
                scene.settled().await;
                let called = ["pass_thread_control", "take_thread_control"];
                assert_eq!(scene.called(), called, "{store:?} {word}");
                let owner = scene.thread(On::Messenger).await.ownership().owner;
                assert_eq!(owner, handover::Owner::Other(Some(PAGE_INBOX.into())));
            }
        }
    }

    #[tokio::test]
    async fn what_is_not_handled_yet_counts() {
        for store in STORES {
            let gate = Gate::default();
            let scene = start(store, &gate).await;
            scene.says(On::Messenger, "anybody").await;
            throttle(&scene);
            scene.minutes(31);
            waits(&scene).await;
            let overheard = [On::Messenger.message("hello?")];
            scene.bot.platform.deliver_on_standby(overheard).await;
            gate.reached().await;
            ana_answers(&scene).await;
            scene.minutes(5);
            becomes(&scene, 2, 0).await;
            gate.open_for(1);
            scene.settled().await;
            let called = ["pass_thread_control", "take_thread_control"];
            assert_eq!(scene.called(), called, "{store:?}");
        }
    }

    /// The time of `reclaim_after` is over, whatever was written.
    #[tokio::test]
    async fn what_any_other_timer_wants_stays() {
        for store in STORES {
            let scene = start(store, &Gate::default()).await;
            scene.says(On::Messenger, "agent").await;
            throttle(&scene);
            scene.minutes(31);
            waits(&scene).await;
            ana_answers(&scene).await;
            becomes(&scene, 0, 1).await;
            scene.minutes(5);
            let called = [
                "pass_thread_control",
                "take_thread_control",
                "take_thread_control",
                "Sorry for the wait.",
            ];
            scene.calls_become(&called).await;
        }
    }

    #[tokio::test]
    async fn what_a_handler_wants_stays() {
        for store in STORES {
            let scene = start(store, &Gate::default()).await;
            scene.says(On::Messenger, "anybody").await;
            throttle(&scene);
            let wish = [On::Messenger.message("bot please")];
            scene.bot.platform.deliver_on_standby(wish).await;
            becomes(&scene, 0, 2).await;
            ana_answers(&scene).await;
            becomes(&scene, 0, 2).await;
            scene.minutes(5);
            let called = [
                "pass_thread_control",
                "take_thread_control",
                "take_thread_control",
                "Here I am.",
            ];
            scene.calls_become(&called).await;
        }
    }
}

/// The person writes, and nobody can say whose the thread is.
mod unknown_owner {
    use super::*;

    #[on_message(text = "anybody")]
    #[handoff(to = "page_inbox", unclaimed_after = "30m")]
    async fn to_anybody() {}

    #[on_message]
    async fn says_nothing() {}

    /// A fault that passes, and a permission that is missing.
    fn refusals() -> [Value; 2] {
        [
            refusal(2, None, "(#2) Service temporarily unavailable"),
            refusal(100, None, "(#100) Unsupported get request"),
        ]
    }

    #[tokio::test]
    async fn the_timers_stay_whether_or_not_the_bot_answers() {
        for (store, cannot_ask) in STORES
            .into_iter()
            .flat_map(|store| refusals().map(|refusal| (store, refusal)))
        {
            for answers in [true, false] {
                let on = On::Messenger;
                let routes = match answers {
                    true => routes![to_agent, reclaimed, echo],
                    false => routes![to_agent, reclaimed, says_nothing],
                };
                let scene = Scene::start(store, Bot::new(routes)).await;
                scene.says(on, "agent").await;
                scene.bot.graph.refuses_owners(cannot_ask.clone());
                for text in ["hello?", "are you there?"] {
                    if answers {
                        let not_owner = refusal(10, Some(2_018_300), "another app has control");
                        scene.bot.graph.next_answer(400, not_owner);
                    }
                    scene.says(on, text).await;
                }
                scene.minutes(31);
                let mut called = vec!["pass_thread_control"];
                if answers {
                    called.extend(["hello?", "are you there?"]);
                }
                called.extend(["take_thread_control", "Sorry for the wait."]);
                scene.calls_become(&called).await;
            }
        }
    }

    #[tokio::test]
    async fn an_agent_who_answers_keeps_the_thread() {
        for store in STORES {
            for cannot_ask in refusals() {
                let on = On::Messenger;
                let bot = Bot::new(routes![to_anybody, says_nothing]);
                let scene = Scene::start(store, bot).await;
                scene.says(on, "anybody").await;
                scene.bot.graph.refuses_owners(cannot_ask);
                scene.says(on, "hello?").await;
                scene.deliver(on, [on.inbox_says("This is Ana")]).await;
                scene.settled().await;
                scene.minutes(31);
                scene.says(on, "and now?").await;
                assert_eq!(scene.called(), ["pass_thread_control"], "{store:?}");
                assert!(scene.dead().await.is_empty(), "{:?}", scene.dead().await);
            }
        }
    }

    /// The platform accepts what only the owner may send.
    #[tokio::test]
    async fn it_is_the_bot_once_the_platform_accepts_its_answer() {
        for store in STORES {
            let on = On::Messenger;
            let scene = Scene::start(store, Bot::new(routes![to_agent, reclaimed, echo])).await;
            scene.says(on, "agent").await;
            let [passes, _] = refusals();
            scene.bot.graph.refuses_owners(passes);
            scene.says(on, "hello?").await;
            let owner = scene.thread(on).await.ownership().owner;
            assert_eq!(owner, handover::Owner::Bot, "{store:?}");
        }
    }

    /// It was asked while nobody could say, and is asked again.
    #[tokio::test]
    async fn it_is_known_as_soon_as_the_platform_can_say() {
        for store in STORES {
            let on = On::Messenger;
            let bot = Bot::new(routes![to_agent, says_nothing]);
            let scene = Scene::start(store, bot).await;
            scene.says(on, "agent").await;
            let [passes, _] = refusals();
            scene.bot.graph.refuses_owners(passes);
            scene.says(on, "hello?").await;
            let owner = scene.thread(on).await.ownership().owner;
            assert_eq!(owner, handover::Owner::Unknown, "{store:?}");
            scene.bot.graph.owned_by(PAGE_INBOX);
            scene.bot.graph.shows_owners();
            scene.says(on, "are you there?").await;
            let owner = scene.thread(on).await.ownership().owner;
            assert_eq!(owner, handover::Owner::Other(Some(PAGE_INBOX.into())));
        }
    }
}
