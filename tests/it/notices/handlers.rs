//! `#[on_handoff]`: a handler instead of a notifier.

use std::sync::{Arc, Mutex};

use handover::BotState;

use super::*;

type Heard = Arc<Mutex<Vec<(&'static str, Notice)>>>;

#[derive(Clone, Default, BotState)]
struct Shared {
    heard: Heard,
}

impl Shared {
    async fn hears(&self, count: usize) -> Vec<(&'static str, Notice)> {
        until(&format!("{count} notices"), async || {
            let heard = self.heard.lock().unwrap().clone();
            match heard.len() >= count {
                true => Ok(heard),
                false => Err(format!("{heard:#?}")),
            }
        })
        .await
    }
}

#[on_handoff(kind = "handed_over")]
async fn handed_over(notice: Notice, mut times: Session<u32>, heard: State<Heard>) {
    *times += 1;
    heard.lock().unwrap().push(("handed_over", notice));
}

#[on_handoff(kind = ["unclaimed", "returned"], object = "page")]
async fn others(notice: Notice, heard: State<Heard>) {
    heard.lock().unwrap().push(("others", notice));
}

#[on_timer(name = "unclaimed")]
async fn nobody_came() -> &'static str {
    "Nobody is there."
}

fn bot(shared: &Shared) -> Bot {
    let routes = routes![to_agent, nobody_came, back, handed_over, others];
    Bot::with_state(shared.clone(), routes).retries(0)
}

#[tokio::test]
async fn a_handler_hears_what_becomes_of_a_thread() {
    let shared = Shared::default();
    let scenario = Scenario::with(bot(&shared)).await;
    let ana = scenario.person("Ana");
    ana.says("agent").await;
    scenario.inbox().sees(&ana).await;
    let heard = shared.hears(1).await;
    let (handler, notice) = &heard[0];
    assert_eq!(
        (*handler, notice.kind),
        ("handed_over", NoticeKind::HandedOver)
    );
    assert_eq!(notice.thread.person(), Some(ana.at_the_platform().id()));
    assert_eq!(notice.app, Some(PAGE_INBOX.into()));
    assert_eq!(notice.note.as_deref(), Some("asked for <!channel> & more"));
    assert_eq!(notice.notifier, "on_handoff");

    scenario.inbox().replies(&ana, "Hello!").await;
    scenario.inbox().done(&ana).await;
    ana.sees("I am back.").await;
    let (handler, notice) = shared.hears(2).await[1].clone();
    assert_eq!((handler, notice.kind), ("others", NoticeKind::Returned));

    ana.says("agent").await;
    scenario.inbox().sees(&ana).await;
    scenario.pass_time(11.minutes()).await;
    ana.sees("Nobody is there.").await;
    let heard = shared.hears(5).await;
    let kinds: Vec<_> = heard.iter().map(|(_, notice)| notice.kind).collect();
    assert_eq!(
        kinds[2..],
        [
            NoticeKind::HandedOver,
            NoticeKind::Unclaimed,
            NoticeKind::Returned
        ]
    );
    ana.sees_nothing_more().await;
}

/// It is an event like any other: stored with what it tells, tried again, and a dead letter at last.
#[tokio::test]
async fn one_that_fails_is_called_again_and_nothing_waits_for_it() {
    #[on_handoff]
    async fn fails(notice: Notice, heard: State<Heard>) -> Result<(), &'static str> {
        heard.lock().unwrap().push(("fails", notice));
        Err("the help desk does not answer")
    }

    let shared = Shared::default();
    let bot = Bot::with_state(shared.clone(), routes![to_agent, back, fails]);
    let scene = Scene::start(bot.retries(1)).await;
    scene.hands_over(PERSON).await;
    shared.hears(1).await;
    until("it is called again", async || {
        scene.clock.advance(Duration::from_secs(5));
        let heard = shared.heard.lock().unwrap().clone();
        match &heard[..] {
            [(_, first), (_, second)] if first.id == second.id => Ok(()),
            _ => Err(format!("{heard:#?}")),
        }
    })
    .await;
    let letters = scene.dead_letters(1).await;
    assert!(
        letters[0].to_string().contains("event `handoff`"),
        "{}",
        letters[0]
    );
    assert!(letters[0].cause.contains("help desk"), "{}", letters[0]);
    assert_eq!(scene.bot.graph.texts(), ["One moment."]);
}

/// The process ends between the handoff and its handler.
#[tokio::test]
async fn it_survives_a_restart() {
    #[on_handoff]
    async fn never() {
        std::future::pending::<()>().await;
    }

    let directory = Directory::new();
    let file = directory.path().join("handover.db");
    let shared = Shared::default();
    let bot_before = Bot::with_state(shared.clone(), routes![to_agent, never]);
    let journal = Journal::open(&file).unwrap();
    let before = bot_before.grace(Duration::ZERO);
    let before = Scene::start_on(before, journal, Clock::default()).await;
    before.hands_over(PERSON).await;
    before.bot.graph.wait_for_calls(2).await;
    until("the handler runs", async || {
        let backlog = before.journal.backlog().await.unwrap();
        match (backlog.events, backlog.calls) {
            (1, 0) => Ok(()),
            other => Err(format!("{other:?}")),
        }
    })
    .await;
    before.bot.handle.stop().await;

    let journal = Journal::open(&file).unwrap();
    let _after = Scene::start_on(bot(&shared), journal, Clock::default()).await;
    let heard = shared.hears(1).await;
    assert_eq!(heard[0].1.kind, NoticeKind::HandedOver);
}

#[tokio::test]
async fn a_unit_test_calls_it() {
    let thread = ThreadKey::new(PAGE, PERSON);
    let shared = Shared::default();
    let notice = Notice::new(NoticeKind::Unclaimed, thread);
    let _ = others(notice.clone(), State(shared.heard.clone())).await;
    assert_eq!(shared.hears(1).await, [("others", notice)]);
}
