//! The bot that is killed.

use std::io::Read;
use std::process::ExitCode;
use std::time::Duration;

use handover::prelude::*;
use handover::protocol::EventBody;
use handover::{HistoryLimits, SendRate};
use serde::{Deserialize, Serialize};

use crate::memory::{Deed, Memory};

/// How many messages it sends in a second.
pub(crate) const SEND_RATE: &str = "CRASH_SEND_RATE";

/// Runs until it is stopped or killed, or nobody is there any more to do so.
pub(crate) async fn run() -> ExitCode {
    std::thread::spawn(|| {
        // The harness says nothing; its end closes the pipe.
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(1);
    });
    let routes = routes![hand_off, remind, answer, reminded, back, seen, noted, told];
    let rate = std::env::var(SEND_RATE).ok();
    let rate = rate.and_then(|rate| rate.parse().ok()).unwrap_or(100_000);
    let rate = SendRate::default().messages(rate);
    let bot = Bot::new(routes)
        .send_rate(rate)
        .handoff_failed_text(None)
        .history(HistoryLimits::default());
    match handover::run(bot).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

#[on_message(text = "agent")]
#[handoff(to = "page_inbox")]
async fn hand_off(event: Event, mut memory: Session<Memory>) -> Handoff<String> {
    let id = id(&event);
    memory.note(&id, Deed::HandedOff);
    Handoff::saying(id.clone()).metadata(id)
}

#[on_message(text = "remind")]
async fn remind(event: Event, mut memory: Session<Memory>) -> (String, Option<Timer>) {
    let id = id(&event);
    if memory.reminder.is_some() {
        memory.note(&id, Deed::Answered);
        return (id, None);
    }
    memory.note(&id, Deed::Reminding);
    memory.reminder = Some(id.clone());
    let soon = Duration::from_millis(fastrand::u64(100..3000));
    (id, Some(Timer::after("reminder", soon)))
}

#[on_timer(name = "reminder")]
async fn reminded(mut memory: Session<Memory>) {
    let asked = memory.reminder.take();
    memory.note(asked.as_deref().unwrap_or("nobody"), Deed::Reminded);
}

#[on_message]
async fn answer(event: Event, mut memory: Session<Memory>) -> Result<String, std::io::Error> {
    let id = id(&event);
    memory.note(&id, Deed::Answered);
    hiccup().await?;
    Ok(id)
}

#[on_pass_thread_control]
async fn back(event: Event, mut memory: Session<Memory>) -> String {
    let id = id(&event);
    memory.note(&id, Deed::Back);
    id
}

#[on_standby(kind = "message")]
async fn seen(event: Event, mut memory: Session<Memory>) {
    memory.note(&id(&event), Deed::Seen);
}

/// A signal that changes what the bot remembers, and nothing else.
#[derive(Signal, Serialize, Deserialize)]
struct Noted {
    id: String,
    content: u8,
}

/// A signal that is answered.
#[derive(Signal, Serialize, Deserialize)]
struct Told {
    id: String,
    content: u8,
}

#[on_signal]
async fn noted(signal: Signal<Noted>, mut memory: Session<Memory>) -> Result<(), std::io::Error> {
    memory.note(&signal.id, Deed::Noted);
    hiccup().await
}

#[on_signal]
async fn told(signal: Signal<Told>, mut memory: Session<Memory>) -> Result<String, std::io::Error> {
    memory.note(&signal.id, Deed::Told);
    hiccup().await?;
    Ok(signal.id.clone())
}

/// What the harness calls the event.
fn id(event: &Event) -> String {
    let id = match &event.event.body {
        EventBody::Message(message) => message.mid.clone(),
        EventBody::PassThreadControl(pass) => pass.metadata.clone(),
        _ => None,
    };
    id.unwrap_or_default()
}

/// Sometimes a handler takes its time, fails or panics: what it has changed is then forgotten.
#[expect(clippy::panic, reason = "handlers do")]
async fn hiccup() -> std::io::Result<()> {
    match fastrand::u32(..1000) {
        0..5 => Err(std::io::Error::other("a hiccup")),
        5..8 => panic!("a hiccup"),
        8..100 => {
            tokio::time::sleep(Duration::from_millis(fastrand::u64(1..30))).await;
            Ok(())
        }
        _ => Ok(()),
    }
}
