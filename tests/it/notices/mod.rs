//! What colleagues hear outside the inbox, and what happens where nobody takes it.

mod handlers;

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use handover::journal::{DeadLetter, DeadLetterContent, Journal, Retention};
use handover::prelude::*;
use handover::testing::{Clock, DurationExt, Scenario};
use handover::{Notice, NoticeKind, Notifier, ThreadKey};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha2::Sha256;

use crate::support::bot::RunningBot;
use crate::support::directory::Directory;
use crate::support::logs::Logs;
use crate::support::platform::{PAGE, PAGE_INBOX, PERSON, message};
use crate::support::receiver::{Received, Receiver};
use crate::support::wait::until;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
/// What is secret in the address.
const PATH: &str = "/services/T0/B0/secret-of-the-address";
const OTHER: &str = "2000000000000002";

#[on_message(text = "agent")]
#[handoff(
    to = "page_inbox",
    metadata = "asked for <!channel> & more",
    unclaimed_after = "10m"
)]
async fn to_agent() -> &'static str {
    "One moment."
}

#[on_message(text = "billing")]
#[handoff(to = 123456789)]
async fn to_billing() {}

#[on_pass_thread_control]
async fn back() -> &'static str {
    "I am back."
}

#[on_message]
async fn echo(text: Text) -> String {
    text.0
}

fn bot() -> Bot {
    Bot::new(routes![to_agent, to_billing, back, echo]).retries(0)
}

fn webhook(receiver: &Receiver) -> Notifier {
    Notifier::webhook(receiver.url(PATH), SECRET)
}

struct Scene {
    bot: RunningBot,
    journal: Journal,
    clock: Clock,
}

impl Scene {
    async fn start(bot: Bot) -> Self {
        let clock = Clock::default();
        let journal = Journal::in_memory(clock.clone());
        Self::start_on(bot, journal, clock).await
    }

    async fn start_on(bot: Bot, journal: Journal, clock: Clock) -> Self {
        let bot = bot.journal(journal.clone()).clock(clock.clone());
        Self {
            bot: RunningBot::start_with(bot).await,
            journal,
            clock,
        }
    }

    async fn hands_over(&self, person: &str) {
        self.bot.platform.deliver([message(person, "agent")]).await;
    }

    async fn dead_letters(&self, count: usize) -> Vec<DeadLetter> {
        until(&format!("{count} dead letters"), async || {
            let letters = self.journal.dead_letters().await.unwrap();
            match letters.len() == count {
                true => Ok(letters),
                false => Err(format!("{letters:#?}")),
            }
        })
        .await
    }

    async fn has_no_notices(&self) {
        until("no notice waits", async || {
            let backlog = self.journal.backlog().await.unwrap();
            match backlog.notices == 0 {
                true => Ok(()),
                false => Err(format!("{backlog:?}")),
            }
        })
        .await;
    }
}

/// As a library for Standard Webhooks checks it.
fn is_signed(request: &Received) -> bool {
    let key = STANDARD.decode(SECRET.strip_prefix("whsec_").unwrap());
    let mac = Hmac::<Sha256>::new_from_slice(&key.unwrap()).unwrap();
    let (id, time) = (
        request.header("webhook-id"),
        request.header("webhook-timestamp"),
    );
    let content = format!("{id}.{time}.{}", request.text);
    let signature = STANDARD.encode(mac.chain_update(content).finalize().into_bytes());
    let age = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs() - time.parse::<u64>().unwrap();
    request.header("webhook-signature") == format!("v1,{signature}") && age < 60
}

#[tokio::test]
async fn a_webhook_hears_signed_of_a_handoff_and_of_the_return() {
    let receiver = Receiver::start().await;
    let scene = Scene::start(bot().notify(webhook(&receiver))).await;
    scene.hands_over(PERSON).await;
    receiver.received(1).await;
    scene.bot.platform.passes_back(Some("solved")).await;
    let [over, back] = receiver.received(2).await.try_into().unwrap();
    assert!(is_signed(&over) && is_signed(&back), "{over:#?}");
    assert_eq!(over.path, PATH);
    assert_eq!(over.header("content-type"), "application/json");
    assert_ne!(over.header("webhook-id"), back.header("webhook-id"));

    let body = over.body();
    assert_eq!(body["type"], "thread.handed_over");
    assert!(
        body["timestamp"].as_str().unwrap().ends_with('Z'),
        "{body:#}"
    );
    assert_eq!(body["data"]["account"], PAGE);
    assert_eq!(body["data"]["person"], PERSON);
    assert_eq!(body["data"]["app"], PAGE_INBOX.to_string());
    assert_eq!(body["data"]["note"], "asked for <!channel> & more");
    let returned = back.body();
    assert_eq!(returned["type"], "thread.returned");
    assert_eq!(returned["data"]["app"], PAGE_INBOX.to_string());
    assert_eq!(returned["data"]["note"], "solved");
    assert_eq!(returned["data"]["since"], body["data"]["since"]);
    scene.has_no_notices().await;
}

#[tokio::test]
async fn what_follows_a_release_is_no_return() {
    #[on_message(text = "bye")]
    async fn bye() -> Release {
        Release
    }

    let receiver = Receiver::start().await;
    let bot = Bot::new(routes![to_agent, back, bye, echo]).retries(0);
    let scene = Scene::start(bot.notify(webhook(&receiver))).await;
    scene.hands_over(PERSON).await;
    receiver.received(1).await;
    // No handler takes what was said meanwhile.
    scene.bot.platform.passes_back(None).await;
    receiver.received(2).await;
    for text in ["bye", "hello"] {
        scene.bot.platform.says(text).await;
        until("all is done", async || {
            let backlog = scene.journal.backlog().await.unwrap();
            match (backlog.events, backlog.calls) {
                (0, 0) => Ok(()),
                left => Err(format!("{left:?}")),
            }
        })
        .await;
    }
    scene.has_no_notices().await;
    let kinds: Vec<_> = receiver.all().iter().map(Received::kind).collect();
    assert_eq!(kinds, ["thread.handed_over", "thread.returned"]);
}

#[tokio::test]
async fn a_chat_hears_in_words_that_mention_nobody() {
    let receiver = Receiver::start().await;
    let slack = Notifier::slack(receiver.url(PATH));
    let scene = Scene::start(bot().notify(slack)).await;
    scene.hands_over(PERSON).await;
    let request = receiver.received(1).await.remove(0);
    let body = request.body();
    let text = body["text"].as_str().unwrap();
    assert_eq!(body, json!({ "text": text }));
    for part in [
        "Handed over",
        "the Page Inbox",
        PERSON,
        PAGE,
        "&lt;!channel&gt; &amp; more",
    ] {
        assert!(text.contains(part), "{text}");
    }
    assert_eq!(request.header("webhook-signature"), "");
}

#[tokio::test]
async fn words_and_kinds_can_be_chosen() {
    let receiver = Receiver::start().await;
    let german = Notifier::slack(receiver.url("/german"))
        .name("german")
        .only([NoticeKind::Returned])
        .signed(SECRET)
        .text(|notice: &Notice| format!("{} ist zurück", notice.thread));
    let scene = Scene::start(bot().notify(german).notify(webhook(&receiver))).await;
    scene.hands_over(PERSON).await;
    receiver.received(1).await;
    scene.bot.platform.passes_back(None).await;
    let all = receiver.received(3).await;
    let german: Vec<_> = all.iter().filter(|one| one.path == "/german").collect();
    let [german] = german[..] else {
        panic!("{all:#?}")
    };
    assert_eq!(
        german.body(),
        json!({ "text": format!("{PAGE}/{PERSON} ist zurück") })
    );
    assert!(is_signed(german), "{german:#?}");
}

#[tokio::test]
async fn words_that_panic_leave_a_dead_letter_and_delay_nothing() {
    let receiver = Receiver::start().await;
    let moody = Notifier::slack(receiver.url(PATH)).text(|notice: &Notice| {
        assert_eq!(notice.kind, NoticeKind::Returned, "no words for this");
        "returned".to_owned()
    });
    let scene = Scene::start(bot().notify(moody)).await;
    scene.hands_over(PERSON).await;
    let letter = scene.dead_letters(1).await.remove(0);
    assert!(letter.cause.contains("no words for this"), "{letter}");
    scene.bot.platform.passes_back(None).await;
    let request = receiver.received(1).await.remove(0);
    assert_eq!(request.body(), json!({ "text": "returned" }));
    scene.has_no_notices().await;
}

#[tokio::test]
async fn colleagues_hear_that_nobody_has_answered() {
    let receiver = Receiver::start().await;
    let scenario = Scenario::with(bot().notify(webhook(&receiver))).await;
    let ana = scenario.person("Ana");
    ana.says("agent").await;
    scenario.inbox().sees(&ana).await;
    scenario.pass_time(11.minutes()).await;
    scenario.bot_owns(&ana).await;
    scenario.settles().await;
    let kinds: Vec<_> = receiver.all().iter().map(Received::kind).collect();
    assert_eq!(
        kinds,
        ["thread.handed_over", "thread.unclaimed", "thread.returned"]
    );
}

#[tokio::test]
async fn a_handoff_that_is_refused_is_none() {
    let receiver = Receiver::start().await;
    let scene = Scene::start(bot().notify(webhook(&receiver))).await;
    let refusal = json!({ "error": { "message": "no", "code": 100, "error_subcode": 2018108 } });
    scene.bot.graph.next_answer(400, refusal);
    scene
        .bot
        .platform
        .deliver([message(PERSON, "billing")])
        .await;
    scene.dead_letters(1).await;
    scene.bot.platform.says("hello").await;
    scene.bot.graph.wait_for_calls(3).await;
    assert_eq!(receiver.all().len(), 0);
}

#[tokio::test]
async fn what_is_not_accepted_is_tried_again_in_order_and_with_its_id() {
    let receiver = Receiver::start().await;
    let scene = Scene::start(bot().notify(webhook(&receiver))).await;
    receiver.next_answer(500);
    receiver.next_answer_with(429, vec![("retry-after", "2".into())], "slow down");
    scene.hands_over(PERSON).await;
    receiver.received(1).await;
    scene.bot.platform.passes_back(None).await;
    scene.clock.advance(1.seconds());
    receiver.received(2).await;
    // It asked for two seconds.
    scene.clock.advance(2.seconds());
    let requests = receiver.received(4).await;
    let kinds: Vec<_> = requests.iter().map(Received::kind).collect();
    let over = "thread.handed_over";
    assert_eq!(kinds, [over, over, over, "thread.returned"]);
    let ids = requests[..3].iter().map(|one| one.header("webhook-id"));
    assert!(ids.clone().all(|id| id == requests[0].header("webhook-id")));
    assert!(requests.iter().all(is_signed));
    scene.has_no_notices().await;
    scene.dead_letters(0).await;
}

#[tokio::test]
async fn a_receiver_that_hangs_delays_nobody() {
    let receiver = Receiver::start().await;
    let scene = Scene::start(bot().notify(webhook(&receiver))).await;
    receiver.hold();
    for person in [PERSON, OTHER] {
        scene.hands_over(person).await;
    }
    receiver.received(2).await;
    scene.bot.platform.passes_back(None).await;
    scene.bot.platform.says("hello").await;
    until("the bot answers", async || {
        let texts = scene.bot.graph.texts();
        let answered = texts.ends_with(&["I am back.".into(), "hello".into()]);
        answered.then_some(()).ok_or(format!("{texts:?}"))
    })
    .await;
    // The return of the one thread waits for its handoff.
    assert_eq!(receiver.all().len(), 2);
    // Until they are delivered, they are stored as well.
    let thread = ThreadKey::new(PAGE, PERSON);
    let export = scene.journal.export(thread).await.unwrap();
    let waiting: Vec<_> = export.calls.iter().map(|it| &*it.name).collect();
    assert_eq!(waiting.iter().filter(|it| **it == "notice").count(), 2);
    receiver.let_go();
    receiver.received(3).await;
    scene.has_no_notices().await;
}

#[tokio::test]
async fn what_is_refused_for_good_is_a_dead_letter_without_the_address() {
    let logs = Logs::capture();
    let receiver = Receiver::start().await;
    let scene = Scene::start(bot().notify(Notifier::slack(receiver.url(PATH)))).await;
    let quotes = format!("no_service at {PATH}");
    receiver.next_answer_with(404, Vec::new(), &quotes);
    scene.hands_over(PERSON).await;
    let letter = scene.dead_letters(1).await.remove(0);
    assert_eq!(letter.thread, ThreadKey::new(PAGE, PERSON));
    let DeadLetterContent::Notice(notice) = &letter.content else {
        panic!("{letter:#?}");
    };
    assert_eq!(notice.kind, NoticeKind::HandedOver);
    assert!(letter.cause.contains("404"), "{letter}");
    assert!(letter.to_string().contains("to `slack`"), "{letter}");

    let location = receiver.url("/elsewhere");
    receiver.next_answer_with(302, vec![("location", location)], "");
    scene.hands_over(OTHER).await;
    let letter = scene.dead_letters(2).await.remove(1);
    assert!(letter.cause.contains("redirects are not"), "{letter}");
    assert!(receiver.all().iter().all(|one| one.path == PATH));
    let written = format!("{letter:?} {letter} {:?}", logs.all());
    assert!(!written.contains("secret-of-the-address"), "{written}");
}

#[tokio::test]
async fn after_a_day_it_is_given_up() {
    let receiver = Receiver::start().await;
    let scene = Scene::start(bot().notify(webhook(&receiver))).await;
    receiver.answers(503);
    // Without a timer, so that nothing else happens in the day.
    scene.bot.platform.says("billing").await;
    receiver.received(1).await;
    let mut tried = 1;
    while scene.journal.backlog().await.unwrap().notices > 0 {
        scene.clock.advance(Duration::from_secs(3600));
        tried += 1;
        let before = receiver.all().len();
        until("it is tried again, or not at all", async || {
            let waits = scene.journal.backlog().await.unwrap().notices;
            let goes_on = receiver.all().len() > before || waits == 0;
            goes_on.then_some(()).ok_or(String::new())
        })
        .await;
    }
    assert!((23..=26).contains(&tried), "{tried}");
    let letter = scene.dead_letters(1).await.remove(0);
    assert!(letter.cause.contains("tried for 24 hours"), "{letter}");
    receiver.answers(200);
    scene
        .bot
        .platform
        .deliver([message(OTHER, "billing")])
        .await;
    scene.clock.advance(Duration::from_secs(60));
    scene.has_no_notices().await;
    scene.dead_letters(1).await;
}

#[tokio::test]
async fn a_bot_that_is_killed_delivers_it_afterwards() {
    let (directory, receiver) = (Directory::new(), Receiver::start().await);
    let file = directory.path().join("handover.db");
    let clock = Clock::default();
    receiver.hold();
    {
        let (file, clock, receiver) = (file.clone(), clock.clone(), receiver.clone());
        let killed = tokio::task::spawn_blocking(move || {
            let runtime = tokio::runtime::Runtime::new().unwrap();
            runtime.block_on(async {
                let journal = Journal::open(&file).unwrap();
                let bot = bot().notify(webhook(&receiver));
                let scene = Scene::start_on(bot, journal, clock).await;
                scene.hands_over(PERSON).await;
                receiver.received(1).await;
            });
            // With all tasks of the bot as they are: it does not know whether the notice arrived.
            runtime.shutdown_background();
        });
        killed.await.unwrap();
    }
    let journal = until("the journal is free", async || {
        Journal::open_with_retention(&file, Retention::default(), clock.clone())
            .map_err(|it| it.to_string())
    });
    let journal = journal.await;
    receiver.let_go();
    let bot = bot().notify(webhook(&receiver));
    let scene = Scene::start_on(bot, journal, clock).await;
    let requests = receiver.received(2).await;
    assert_eq!(requests[0].text, requests[1].text);
    assert_eq!(
        requests[0].header("webhook-id"),
        requests[1].header("webhook-id")
    );
    scene.has_no_notices().await;
}

#[tokio::test]
async fn one_that_is_gone_at_the_next_start_leaves_dead_letters() {
    let (directory, receiver) = (Directory::new(), Receiver::start().await);
    let file = directory.path().join("handover.db");
    let clock = Clock::default();
    let open = || Journal::open_with_retention(&file, Retention::default(), clock.clone());
    receiver.answers(503);
    let scene = {
        let bot = bot().notify(webhook(&receiver));
        Scene::start_on(bot, open().unwrap(), clock.clone()).await
    };
    scene.hands_over(PERSON).await;
    receiver.received(1).await;
    scene.bot.handle.stop().await;
    drop(scene);
    clock.advance(Duration::from_secs(60));
    let scene = Scene::start_on(bot(), open().unwrap(), clock.clone()).await;
    let letter = scene.dead_letters(1).await.remove(0);
    assert!(letter.cause.contains("no notifier `webhook`"), "{letter}");
}

#[tokio::test]
async fn what_cannot_be_a_notifier_is_said_without_its_address() {
    let problem = |notifiers: Vec<Notifier>| {
        let bot = notifiers.into_iter().fold(bot(), Bot::notify);
        let config = handover::Config::new(PAGE, "1")
            .access_token("EAAB")
            .app_secret("s")
            .verify_token("v")
            .store(handover::Store::Memory);
        bot.config(config)
            .into_parts()
            .map(drop)
            .unwrap_err()
            .to_string()
    };
    for address in [
        "hooks.example.com/secret",
        "ftp://example.com/secret",
        " ",
        "http://",
    ] {
        let text = problem(vec![Notifier::slack(address)]);
        assert!(
            text.contains("`slack`") && text.contains("https://"),
            "{text}"
        );
        assert!(!text.contains("secret"), "{text}");
    }
    let text = problem(vec![Notifier::webhook("https://example.com", "")]);
    assert!(text.contains("`webhook` is empty"), "{text}");
    let slack = Notifier::slack("https://example.com");
    let text = problem(vec![slack.clone(), slack]);
    assert!(text.contains("two notifiers are called `slack`"), "{text}");
}
