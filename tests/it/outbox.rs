//! What becomes of calls: sent once, in order, and only where the bot may speak.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use handover_testkit::http;
use tokio::sync::watch;

use crate::support::bot::RunningBot;
use crate::support::directory::Directory;
use crate::support::platform::{ACCESS_TOKEN, APP, PAGE, PAGE_INBOX, PERSON, fresh, item, message};
use crate::support::wait::until;
use crate::support::watched::Watched;
use handover::journal::Journal;
use handover::prelude::*;
use handover::protocol::AccountId;
use handover::testing::Clock;
use handover::{Account, Blocked, Owner, SendRate, TokenFuture, TokenStore};
use serde_json::{Value, json};

#[on_message]
async fn echo(text: Text) -> String {
    text.0
}

#[on_message(text = "agent")]
#[handoff(to = "page_inbox")]
async fn to_agent() {}

#[on_optin]
async fn welcome() -> &'static str {
    "welcome"
}

fn error(code: i64, subcode: Option<i64>) -> Value {
    json!({ "error": { "message": "as the test wants it", "type": "OAuthException", "code": code, "error_subcode": subcode, "fbtrace_id": "A" } })
}

/// The platform's echo of what the bot said.
fn own_echo(reference: &str) -> Value {
    let mut echo = item(
        "message",
        json!({ "mid": format!("m_{}", fresh()), "is_echo": true, "app_id": APP, "metadata": reference, "text": "…" }),
    );
    let (sender, recipient) = (echo["sender"].take(), echo["recipient"].take());
    (echo["sender"], echo["recipient"]) = (recipient, sender);
    echo
}

async fn ready(watched: &Watched) -> (u16, Value) {
    let answer = http::get(format!("{}/readyz", watched.bot.operations)).await;
    let answer = answer.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

mod uncertain {
    use super::*;

    /// The bot learns that its messages have echoes on this account.
    async fn an_echo_comes(bot: &RunningBot) {
        bot.platform.says("before").await;
        bot.graph.wait_for_calls(1).await;
        let reference = bot.graph.references().remove(0);
        bot.platform.deliver([own_echo(&reference)]).await;
    }

    #[tokio::test]
    async fn the_echo_of_a_message_confirms_its_delivery() {
        let watched = Watched::start(routes![echo]).await;
        let bot = &watched.bot;
        bot.graph.next_answer(502, json!("no Graph answer"));
        for text in ["one", "two"] {
            bot.platform.says(text).await;
        }
        bot.graph.wait_for_calls(1).await;
        let reference = bot.graph.references().remove(0);
        bot.platform.deliver([own_echo(&reference)]).await;
        watched.settled().await;
        assert_eq!(watched.called(), ["one", "two"], "neither twice nor lost");
        assert!(watched.dead_letters().await.is_empty());
    }

    #[tokio::test]
    async fn without_echoes_it_is_not_repeated() {
        let watched = Watched::start(routes![echo]).await;
        let bot = &watched.bot;
        bot.graph.next_answer(502, json!("no Graph answer"));
        bot.platform.says("one").await;
        until("it is given up", async || {
            let dead = watched.dead_letters().await;
            let cause = dead.first().map(|dead| dead.cause.clone());
            cause.ok_or_else(|| "no dead letter".to_owned())
        })
        .await;
        assert_eq!(watched.called(), ["one"]);
        let cause = &watched.dead_letters().await[0].cause;
        assert!(cause.contains("may have been delivered"), "{cause}");
    }

    /// Its echo is in another thread: that of the person, whose id only the platform knows.
    #[tokio::test]
    async fn what_a_visitor_of_a_website_is_sent_is_not_repeated() {
        let watched = Watched::start(routes![welcome, echo]).await;
        let bot = &watched.bot;
        an_echo_comes(bot).await;
        bot.graph.next_answer(502, json!("no Graph answer"));
        let mut ticked = item("optin", json!({"ref": "shop", "user_ref": "visitor-9"}));
        ticked.as_object_mut().unwrap().remove("sender");
        bot.platform.deliver([ticked]).await;
        until("it is given up", async || {
            let dead = watched.dead_letters().await;
            (dead.len() == 1)
                .then_some(())
                .ok_or_else(|| format!("{dead:?}"))
        })
        .await;
        assert_eq!(watched.called(), ["before", "welcome"]);
        let cause = &watched.dead_letters().await[0].cause;
        assert!(cause.contains("may have been delivered"), "{cause}");
    }

    #[tokio::test]
    async fn a_missing_echo_shows_that_the_message_was_lost() {
        let watched = Watched::start(routes![echo]).await;
        let bot = &watched.bot;
        an_echo_comes(bot).await;
        bot.graph.next_answer(502, json!("no Graph answer"));
        bot.platform.says("lost").await;
        until("it is sent again", async || {
            let called = watched.called();
            (called.len() == 3)
                .then_some(())
                .ok_or_else(|| format!("{called:?}"))
        })
        .await;
        watched.settled().await;
        assert_eq!(watched.called(), ["before", "lost", "lost"]);
    }

    #[on_message(text = "video")]
    async fn show() -> Video {
        Video::by_url("https://example.com/hat.mp4")
    }

    /// A gateway gives up on the response, and the platform goes on.
    #[tokio::test]
    async fn a_video_is_not_repeated_while_the_platform_may_be_fetching_it() {
        let clock = Clock::default();
        let bot = Bot::new(routes![show, echo]).clock(clock.clone());
        let bot = bot.journal(Journal::in_memory(clock.clone()));
        let bot = RunningBot::start_with(bot).await;
        an_echo_comes(&bot).await;
        bot.graph.next_answer(502, json!("no Graph answer"));
        bot.platform.says("video").await;
        bot.graph.wait_for_calls(2).await;
        let mut waited = 0;
        until("it is sent again", async || {
            if bot.graph.calls().len() == 3 {
                return Ok(());
            }
            clock.advance(Duration::from_secs(5));
            waited += 5;
            Err(format!("not after {waited} s"))
        })
        .await;
        assert!(waited > 75, "after {waited} s, it may still be fetching it");
    }

    /// A token store that answers while it is open.
    #[derive(Debug, Default)]
    struct ClosableTokens {
        is_closed: watch::Sender<bool>,
        waiting: AtomicUsize,
    }

    impl TokenStore for ClosableTokens {
        fn account<'a>(&'a self, id: &'a AccountId) -> TokenFuture<'a, Option<Account>> {
            Box::pin(async move {
                self.waiting.fetch_add(1, Ordering::SeqCst);
                let mut is_closed = self.is_closed.subscribe();
                is_closed.wait_for(|is_closed| !is_closed).await?;
                self.waiting.fetch_sub(1, Ordering::SeqCst);
                Ok(Some(Account::new(id.clone(), "a token")))
            })
        }

        fn accounts(&self) -> TokenFuture<'_, Vec<Account>> {
            Box::pin(async { Ok(vec![Account::new(PAGE, "a token")]) })
        }
    }

    #[tokio::test]
    async fn an_echo_that_comes_just_before_it_is_repeated_is_not_too_late() {
        let (clock, tokens) = (Clock::default(), Arc::new(ClosableTokens::default()));
        let journal = Journal::in_memory(clock.clone());
        let bot = Bot::new(routes![echo]).clock(clock.clone());
        let bot = bot.token_store(tokens.clone()).journal(journal.clone());
        let bot = RunningBot::start_with(bot).await;
        an_echo_comes(&bot).await;
        bot.graph.next_answer(502, json!("no Graph answer"));
        bot.platform.says("one").await;
        bot.graph.wait_for_calls(2).await;
        let reference = bot.graph.references().remove(1);
        tokens.is_closed.send_replace(true);
        until("it is to be sent again", async || {
            // Once more than it takes, for the loss of the answer may not be stored yet.
            clock.advance(Duration::from_secs(11));
            let waiting = tokens.waiting.load(Ordering::SeqCst);
            (waiting > 0)
                .then_some(())
                .ok_or_else(|| "nothing waits".to_owned())
        })
        .await;
        bot.platform.deliver([own_echo(&reference)]).await;
        tokens.is_closed.send_replace(false);
        until("nothing waits", async || {
            let backlog = journal.backlog().await.unwrap();
            let waiting = backlog.events + backlog.calls;
            (waiting == 0).then_some(()).ok_or(waiting.to_string())
        })
        .await;
        assert_eq!(bot.graph.references().len(), 2, "not sent a third time");
        assert!(journal.dead_letters().await.unwrap().is_empty());
    }
}

mod not_now {
    use super::*;

    const DAY_AND_HOUR: Duration = Duration::from_secs(25 * 60 * 60);

    #[tokio::test]
    async fn what_the_person_wrote_too_long_ago_is_not_answered() {
        let hello = message(PERSON, "hello?");
        let watched = Watched::start_after(DAY_AND_HOUR, hello, routes![echo]).await;
        watched.bot.platform.deliver([message("other", "hi")]).await;
        watched.settled().await;
        assert_eq!(watched.called(), ["hi"]);
        let cause = &watched.dead_letters().await[0].cause;
        assert!(cause.contains("24-hour messaging window"), "{cause}");
        watched.bot.platform.says("still here").await;
        watched.settled().await;
        assert_eq!(watched.called(), ["hi", "still here"]);
    }

    #[tokio::test]
    async fn a_message_can_wait_for_control() {
        #[on_message(text = "ask")]
        async fn asks_later() -> (&'static str, Timer) {
            ("Later.", Timer::after("later", Duration::from_millis(100)))
        }

        #[on_timer(name = "later")]
        async fn later() -> &'static str {
            "Is it a better time now?"
        }

        let bot = Bot::new(routes![asks_later, later, to_agent]).blocked(Blocked::Wait);
        let watched = Watched::start_with(bot).await;
        let bot = &watched.bot;
        for text in ["ask", "agent"] {
            bot.platform.says(text).await;
        }
        bot.graph.wait_for_calls(2).await;
        until("the timer's message waits", async || {
            let away = matches!(watched.thread().await.ownership().owner, Owner::Other(_));
            let calls = watched.journal.backlog().await.unwrap().calls;
            (away && calls == 1)
                .then_some(())
                .ok_or_else(|| format!("{calls} calls"))
        })
        .await;
        assert_eq!(watched.called(), ["Later.", "pass_thread_control"]);
        bot.platform.passes_back(None).await;
        watched.settled().await;
        assert_eq!(watched.called()[2..], ["Is it a better time now?"]);
        assert!(watched.dead_letters().await.is_empty());
    }

    #[tokio::test]
    async fn nothing_is_sent_faster_than_allowed() {
        let rate = SendRate::default().messages(2);
        let watched = Watched::start_with(Bot::new(routes![echo]).send_rate(rate)).await;
        let begun = tokio::time::Instant::now();
        for person in ["a", "b", "c", "d"] {
            watched
                .bot
                .platform
                .deliver([message(person, person)])
                .await;
        }
        watched.settled().await;
        assert_eq!(watched.called().len(), 4);
        // Two at once, and then one every half second.
        assert!(begun.elapsed() >= Duration::from_millis(950));
    }
}

mod pauses {
    use super::*;

    #[tokio::test]
    async fn an_invalid_token_stops_sending_and_loses_nothing() {
        let watched = Watched::start(routes![echo]).await;
        assert_eq!(ready(&watched).await.0, 200);
        watched.bot.graph.next_answer(400, error(190, Some(463)));
        for person in ["a", "b", "c"] {
            watched
                .bot
                .platform
                .deliver([message(person, person)])
                .await;
        }
        let (status, answer) = until("it shows", async || {
            let (status, answer) = ready(&watched).await;
            let problems = answer["problems"].as_array();
            problems
                .is_some_and(|all| !all.is_empty())
                .then(|| (status, answer.clone()))
                .ok_or_else(|| answer.to_string())
        })
        .await;
        assert_eq!(status, 200, "events are still received");
        let problem = answer["problems"][0].as_str().unwrap();
        assert!(
            problem.contains("another access token") && problem.contains("190"),
            "{problem}"
        );
        assert!(!problem.contains(ACCESS_TOKEN));
        until("the others wait, too", async || {
            let backlog = watched.journal.backlog().await.unwrap();
            (backlog.events == 0)
                .then_some(())
                .ok_or_else(|| format!("{backlog:?}"))
        })
        .await;
        let backlog = watched.journal.backlog().await.unwrap();
        assert_eq!(backlog.calls, 3, "none is lost");
        assert!(watched.dead_letters().await.is_empty());
    }

    /// Such as a marketing message too soon after the last one.
    #[tokio::test]
    async fn what_one_message_has_to_wait_for_does_not_stop_its_thread_for_ever() {
        let clock = Clock::default();
        let journal = Journal::in_memory(clock.clone());
        let bot = Bot::new(routes![echo]).clock(clock.clone());
        let bot = RunningBot::start_with(bot.journal(journal.clone())).await;
        for _ in 0..6 {
            bot.graph.next_answer(400, error(4, Some(2_018_354)));
        }
        for text in ["too soon", "and now?"] {
            bot.platform.says(text).await;
        }
        until("the next message is sent", async || {
            clock.advance(Duration::from_secs(60));
            match bot.graph.texts().last() {
                Some(text) if text == "and now?" => Ok(()),
                last => Err(format!("{last:?}")),
            }
        })
        .await;
        assert_eq!(bot.graph.texts()[..6], ["too soon"; 6]);
        let dead = journal.dead_letters().await.unwrap();
        assert!(dead[0].cause.ends_with("tried 6 times"), "{dead:?}");
    }

    #[tokio::test]
    async fn a_limit_whose_code_is_unknown_is_waited_for_as_well() {
        let clock = Clock::default();
        let journal = Journal::in_memory(clock.clone());
        let bot = Bot::new(routes![echo]).clock(clock.clone());
        let bot = RunningBot::start_with(bot.journal(journal.clone())).await;
        for number in 0..8 {
            let mut limit = error(77_777, None);
            limit["error"]["is_transient"] = (number % 2 == 0).into();
            bot.graph
                .next_answer_after(Duration::from_secs(1), 429, limit);
        }
        bot.platform.says("hello").await;
        until("it is sent", async || {
            clock.advance(Duration::from_secs(1));
            let backlog = journal.backlog().await.unwrap();
            match (bot.graph.texts().len(), backlog.calls) {
                (9, 0) => Ok(()),
                other => Err(format!("{other:?}")),
            }
        })
        .await;
        assert!(journal.dead_letters().await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_limit_of_the_platform_pauses_the_account_as_long_as_it_says() {
        let watched = Watched::start(routes![echo]).await;
        let graph = &watched.bot.graph;
        graph.next_answer_after(Duration::from_secs(1), 400, error(613, None));
        let begun = tokio::time::Instant::now();
        for person in ["a", "b"] {
            watched
                .bot
                .platform
                .deliver([message(person, person)])
                .await;
        }
        watched.settled().await;
        assert!(begun.elapsed() >= Duration::from_secs(1));
        assert_eq!(
            watched.called().len(),
            3,
            "the first twice: {:?}",
            watched.called()
        );
    }

    #[tokio::test]
    async fn a_restart_does_not_end_a_pause_of_the_account() {
        let directory = Directory::new();
        let file = directory.path().join("handover.db");
        let start = async || {
            let journal = Journal::open(&file).unwrap();
            let bot = Bot::new(routes![echo]).grace(Duration::ZERO);
            let bot = RunningBot::start_with(bot.journal(journal.clone())).await;
            (bot, journal)
        };
        let (bot, _) = start().await;
        bot.graph.next_answer(400, error(613, None));
        bot.platform.says("one").await;
        until("the pause is stored", async || {
            let reader = rusqlite::Connection::open(&file).unwrap();
            let count = "SELECT count(*) FROM pause";
            let count = reader.query_row(count, [], |row| row.get::<_, u64>(0));
            match count.unwrap() {
                1 => Ok(()),
                count => Err(count.to_string()),
            }
        })
        .await;
        bot.handle.stop().await;

        let (bot, journal) = start().await;
        let ready = http::get(format!("{}/readyz", bot.operations)).await;
        let ready: Value = ready.unwrap().json().await.unwrap();
        let problem = ready["problems"][0].to_string();
        assert!(problem.contains("613"), "{ready}");
        bot.platform.deliver([message("other", "two")]).await;
        until("both wait", async || {
            let backlog = journal.backlog().await.unwrap();
            match (backlog.events, backlog.calls) {
                (0, 2) => Ok(()),
                left => Err(format!("{left:?}")),
            }
        })
        .await;
        assert!(bot.graph.calls().is_empty());
    }
}

mod humans {
    use super::*;

    /// What a person at the inbox said.
    fn reply(text: &str) -> Value {
        let mut echo = own_echo("");
        echo["message"] = json!({ "mid": format!("m_{}", fresh()), "is_echo": true, "app_id": PAGE_INBOX, "text": text });
        echo
    }

    #[tokio::test]
    async fn who_answers_beside_the_bot_is_not_talked_over() {
        let pause = Duration::from_millis(1500);
        let bot = Bot::new(routes![echo]).pause_on_human_reply(pause);
        let watched = Watched::start_with(bot).await;
        let bot = &watched.bot;
        // In a running conversation: right after its first message it would be the instant reply.
        for text in ["good morning", "hello"] {
            bot.platform.says(text).await;
        }
        watched.settled().await;
        bot.platform
            .deliver([reply("Ana here, how can I help?")])
            .await;
        watched.settled().await;
        let paused = tokio::time::Instant::now();
        bot.platform.says("thank you").await;
        bot.platform.deliver([message("other", "elsewhere")]).await;
        watched.settled().await;
        assert_eq!(watched.called()[1..], ["hello", "elsewhere"]);
        tokio::time::sleep_until(paused + pause).await;
        bot.platform.says("and now?").await;
        watched.settled().await;
        assert_eq!(watched.called()[3..], ["and now?"]);
    }

    #[tokio::test]
    async fn the_bots_own_words_on_instagram_are_no_humans() {
        let watched = Watched::start(routes![echo]).await;
        let bot = &watched.bot;
        bot.graph.next_answer(
            200,
            json!({ "recipient_id": PERSON, "message_id": "m_own" }),
        );
        let deliver = async |item: Value| {
            let entry = json!({ "id": PAGE, "messaging": [item] });
            let body = json!({ "object": "instagram", "entry": [entry] });
            assert_eq!(bot.platform.post_bytes(body.to_string()).await, 200);
        };
        deliver(message(PERSON, "hello")).await;
        bot.graph.wait_for_calls(1).await;
        let mut echo = reply("hello");
        echo["message"] = json!({ "mid": "m_own", "is_echo": true, "text": "hello" });
        deliver(echo).await;
        watched.settled().await;
        deliver(message(PERSON, "more")).await;
        watched.settled().await;
        assert_eq!(watched.called(), ["hello", "more"]);
    }
}
