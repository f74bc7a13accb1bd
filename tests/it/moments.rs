//! What handlers get about the moment: the time, the window, and the owner of the thread.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use handover::Owner;
use handover::prelude::*;
use handover::testing::{Clock, Dispatcher, DurationExt, Scenario, event};

use crate::support::platform::PAGE_INBOX;

type Moments = Arc<Mutex<Vec<(Now, Window, Ownership)>>>;

/// What handlers were given.
#[derive(Clone, Default, BotState)]
struct SeenMoments {
    moments: Moments,
}

impl SeenMoments {
    fn last(&self) -> (Now, Window, Ownership) {
        self.moments.lock().unwrap().last().cloned().unwrap()
    }
}

#[on_message(text = "agent")]
#[handoff(to = "page_inbox")]
async fn agent() {}

#[on_message]
#[on_timer(name = "later")]
#[on_standby(kind = "message")]
#[on_pass_thread_control]
async fn recorded(
    now: Now,
    window: Window,
    ownership: Ownership,
    moments: State<Moments>,
    timers: Timers,
) {
    moments.lock().unwrap().push((now, window, ownership));
    timers.set("later", Duration::from_secs(25 * 60 * 60));
}

fn bot() -> (Bot, SeenMoments) {
    let seen = SeenMoments::default();
    let bot = Bot::with_state(seen.clone(), routes![agent, recorded]);
    (bot, seen)
}

#[tokio::test]
async fn time_that_passes_moves_handlers_and_closes_the_window() {
    let (bot, recorded) = bot();
    let scenario = Scenario::with(bot).await;
    let ana = scenario.person("Ana");
    ana.says("hello").await;
    scenario.settles().await;
    let (wrote_at, window, ownership) = recorded.last();
    assert_eq!(ownership.owner, Owner::Bot);
    assert!(ownership.since.is_some_and(|since| since <= *wrote_at));
    assert!(window.is_open() && window.is_open_to_humans());
    let day = 24.hours();
    assert!(
        window
            .left()
            .is_some_and(|left| left <= day && left > day - 1.minutes())
    );

    scenario.pass_time(26.hours()).await;
    let (now, window, _) = recorded.last();
    let passed = now.duration_since(*wrote_at);
    assert!(passed >= 25.hours() && passed < 27.hours(), "{passed:?}");
    assert!(
        !window.is_open() && window.is_open_to_humans(),
        "{window:?}"
    );
    assert!(window.open_until.is_some_and(|until| until < *now));
    assert_eq!(window.left(), Some(Duration::ZERO));

    scenario.pass_time((7 * 24).hours()).await;
    let (_, window, _) = recorded.last();
    assert!(!window.is_open_to_humans(), "{window:?}");

    ana.says("hello again").await;
    scenario.settles().await;
    assert!(recorded.last().1.is_open());
}

#[tokio::test]
async fn a_handler_is_told_who_owns_the_thread_and_of_a_pause() {
    let (bot, recorded) = bot();
    let scenario = Scenario::with(bot).await;
    let ana = scenario.person("Ana");
    ana.says("agent").await;
    scenario.inbox().sees(&ana).await;
    scenario.settles().await;
    ana.says("are you there?").await;
    scenario.settles().await;
    let (now, _, ownership) = recorded.last();
    assert_eq!(ownership.owner, Owner::Other(Some(PAGE_INBOX.into())));
    assert!(ownership.since.is_some_and(|since| since <= *now));
    scenario.inbox().done(&ana).await;
    scenario.settles().await;
    assert_eq!(recorded.last().2.owner, Owner::Bot);

    let (bot, recorded) = self::bot();
    let builder = Scenario::builder().platform(handover_sim::SimulatorBuilder::zero_config);
    let scenario = builder.bot("bot", bot).start().await;
    let cleo = scenario.person("Cleo");
    cleo.says("hello").await;
    scenario.pass_time(1.minutes()).await;
    assert_eq!(recorded.last().2.paused_until, None);
    scenario.inbox().says(&cleo, "Ben here.").await;
    scenario.settles().await;
    cleo.says("hello Ben").await;
    scenario.settles().await;
    let (now, _, ownership) = recorded.last();
    assert!(
        ownership.paused_until.is_some_and(|until| until > *now),
        "{ownership:?}"
    );
    scenario.pass_time(31.minutes()).await;
    cleo.says("hello").await;
    scenario.settles().await;
    assert_eq!(recorded.last().2.paused_until, None);
}

#[tokio::test]
async fn events_without_a_scenario_have_the_time_of_the_bots_clock() {
    let clock = Clock::default();
    let (bot, recorded) = bot();
    let mut bot = Dispatcher::new(bot.clock(clock.clone())).unwrap();
    let _ = bot.dispatch(event::message("hello")).await;
    let (before, window, ownership) = recorded.last();
    assert!(window.is_open() && window.open_until.is_none());
    assert_eq!(ownership, Ownership::new(Owner::Unknown));
    clock.advance(3.hours());
    let _ = bot.dispatch(event::message("hello")).await;
    assert!(recorded.last().0.duration_since(*before) >= 3.hours());
}
