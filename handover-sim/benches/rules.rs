//! How many messages the rules take per second.
//!
//! `cargo bench -p handover-sim --bench rules` plays conversations of 10 000 persons on one core, in a
//! few seconds, and says whether the bound is held.

#![expect(
    clippy::unwrap_used,
    reason = "what goes wrong here ends the benchmark"
)]

use std::time::{Duration, Instant};

use handover_protocol::{
    AccountId, AppId, OutgoingMessage, PassThreadControlRequest, PersonId, Recipient, SendRequest,
    Timestamp,
};
use handover_sim::platform::{Account, App, CallContext, Platform, Post, WebhookDelivery};

/// Messages per second and core (issue 5: what a simulator on a desk has to bear).
const BOUND: f64 = 5_000.0;

const PERSONS: usize = 10_000;

/// How many messages each person writes in a round.
const MESSAGES: usize = 10;

/// How often each is measured; the best counts, for others use the machine, too.
const ROUNDS: usize = 3;

const PAGE: AccountId = AccountId::from_static("1744550565845823");
const BOT: AppId = AppId::from_static("1517776481860111");
const SHOP: AppId = AppId::from_static("2262510160704936");

fn main() {
    println!("Messages through the rules, one core, {PERSONS} threads (best of {ROUNDS})");
    let scenes: [(&str, Scene); 3] = [
        ("heard", heard),
        ("heard and answered", answered),
        ("heard, passed, answered by people", passed),
    ];
    let mut held = 0;
    for (name, scene) in scenes {
        let spans = (0..ROUNDS).map(|_| measure(scene));
        let best = spans.min().unwrap_or(Duration::MAX);
        let per_second = (PERSONS * MESSAGES) as f64 / best.as_secs_f64();
        let verdict = if per_second >= BOUND {
            held += 1;
            "held    "
        } else {
            "NOT HELD"
        };
        println!("{verdict} {per_second:>9.0} /s {name} (bound {BOUND} /s)");
    }
    println!("\n{held} of {} bounds held", scenes.len());
}

/// What a message leads to, with everything that is delivered of it.
type Scene = fn(&mut Platform, &PersonId, Timestamp) -> Vec<WebhookDelivery>;

fn measure(scene: Scene) -> Duration {
    let mut platform = Platform::new(1);
    platform.add_account(Account::page(PAGE, "Kaffeehaus").default_app(BOT));
    platform.connect(App::new(BOT, "Bot"));
    platform.connect(App::new(SHOP, "Shop"));
    let persons: Vec<_> = (0..PERSONS)
        .map(|number| platform.add_person(&PAGE, &format!("Person {number}")))
        .collect();
    let behavior = platform.behavior();
    let mut now = 1_790_000_000_000;
    let mut bytes = 0;
    let began = Instant::now();
    for _ in 0..MESSAGES {
        for person in &persons {
            now += 1;
            let deliveries = scene(&mut platform, person, Timestamp::from_millis(now));
            for post in Post::batched(deliveries, behavior.batching) {
                bytes += serde_json::to_vec(&post.envelope()).unwrap().len();
            }
        }
    }
    let took = began.elapsed();
    assert!(bytes > PERSONS * MESSAGES * 100, "webhooks have bodies");
    took
}

fn heard(platform: &mut Platform, person: &PersonId, now: Timestamp) -> Vec<WebhookDelivery> {
    platform.say(person, "hello", now).unwrap().deliveries
}

fn answered(platform: &mut Platform, person: &PersonId, now: Timestamp) -> Vec<WebhookDelivery> {
    let mut deliveries = heard(platform, person, now);
    let request = SendRequest {
        recipient: Recipient::id(person.clone()),
        message: Some(OutgoingMessage::text("hello to you, too")),
        ..SendRequest::default()
    };
    let sent = platform.send(&by_the_bot(now), &request).unwrap();
    deliveries.extend(sent.deliveries);
    deliveries
}

fn passed(platform: &mut Platform, person: &PersonId, now: Timestamp) -> Vec<WebhookDelivery> {
    let mut deliveries = heard(platform, person, now);
    let request = PassThreadControlRequest {
        recipient: Recipient::id(person.clone()),
        target_app_id: Some(AppId::PAGE_INBOX),
        ..PassThreadControlRequest::default()
    };
    let call = by_the_bot(now);
    let passed = platform.pass_thread_control(&call, &request).unwrap();
    let replied = platform.inbox_reply(person, "this is Ben", now).unwrap();
    let done = platform.inbox_done(person, now).unwrap();
    for caused in [passed.deliveries, replied.deliveries, done.deliveries] {
        deliveries.extend(caused);
    }
    deliveries
}

fn by_the_bot(now: Timestamp) -> CallContext<'static> {
    static APP: AppId = BOT;
    static ACCOUNT: AccountId = PAGE;
    CallContext {
        app: &APP,
        account: &ACCOUNT,
        now,
    }
}
