//! D: each call was made once, in order, but for those under way when the bot died; and none to a
//! thread that somebody else had.

use std::collections::HashSet;
use std::time::Duration;

use super::database::DeadLetter;
use super::{Database, Violations};
use crate::memory::{Deed, Memory};
use crate::submit::{Kind, Submission};
use crate::world::{Accepted, State, Thread};

/// The bot waits this long for the echo of a text that may have been sent, 10 s but for the way there.
const WAITS_FOR_ECHO: Duration = Duration::from_millis(9500);
/// An echo that comes later than the bot waits for it may be accepted while the call is being repeated: it is looked
/// for in a commit, which takes as long as those of webhooks do, and then the call is made.
const MAKES_A_CALL_WITHIN: Duration = Duration::from_secs(1);
/// Webhooks that are answered so shortly before or after a call say how long a commit took then.
const AS_LONG_AS_WITHIN: Duration = Duration::from_secs(5);
/// Until the bot has taken notice of the first echo.
const NOTICE_MS: i64 = 2000;

pub(super) fn check(database: &Database, state: &State, violations: &mut Violations) {
    for (at, thread) in state.threads.iter().enumerate() {
        for id in &thread.talked_over {
            violations.add(format!("I4: {id} was sent while the inbox had the thread"));
        }
        let links = database.sessions.get(&at).and_then(Memory::links);
        let links = links.unwrap_or_default();
        let due = due(&links);
        let waits = database
            .calls
            .get(&at)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let dead = database
            .dead_letters
            .iter()
            .filter(|letter| letter.thread == at);
        let dead: Vec<_> = dead.filter(|letter| letter.kind == "call").collect();
        for letter in &dead {
            if !is_excused(letter, thread, &links, state.echoed_at) {
                violations.add(format!("D: {} was given up: {}", letter.id, letter.cause));
            }
        }
        for reason in database.failed_handoffs.get(&at).into_iter().flatten() {
            if thread.crossings == 0 && !thread.told_it_is_the_bots {
                violations.add(format!("D: a handoff of thread {at} failed: {reason}"));
            }
        }
        for call in &due {
            let made = thread.accepted.iter().any(|accepted| accepted.id == *call);
            let is_dead = dead.iter().any(|letter| letter.id == *call);
            if !made && !is_dead && !waits.contains(call) {
                violations.add(format!("D: {call} was never made"));
            }
        }
        order(thread, &due, violations);
        messages(at, thread, waits, &dead, violations);
        for window in thread.accepted.iter().enumerate() {
            copies(window, thread, state, violations);
        }
    }
}

/// The calls that what was done asks for.
fn due(links: &[(&str, Deed)]) -> Vec<String> {
    let calls = links.iter().flat_map(|(event, deed)| {
        let is_silent = matches!(deed, Deed::Seen | Deed::Reminded | Deed::Noted);
        let message = (!is_silent).then(|| (*event).to_owned());
        let pass = (*deed == Deed::HandedOff).then(|| format!("pass {event}"));
        message.into_iter().chain(pass)
    });
    calls.collect()
}

fn order(thread: &Thread, due: &[String], violations: &mut Violations) {
    let mut seen = HashSet::new();
    let firsts = thread.accepted.iter().filter(|call| seen.insert(&call.id));
    let firsts = firsts.filter(|call| Kind::of(&call.id) != Some(Kind::Message));
    let mut due = due.iter();
    for call in firsts {
        if !due.any(|it| *it == call.id) {
            violations.add(format!(
                "D: {} was made out of order, or nobody asked for it",
                call.id
            ));
            return;
        }
    }
}

/// Messages from outside a handler: each that the bot has said it has is made, once and in order, or waits.
fn messages(
    at: usize,
    thread: &Thread,
    waits: &[String],
    dead: &[&DeadLetter],
    violations: &mut Violations,
) {
    let mut seen = HashSet::new();
    let firsts = thread.accepted.iter().filter(|call| seen.insert(&call.id));
    let firsts = firsts.filter(|call| Kind::of(&call.id) == Some(Kind::Message));
    let made: Vec<_> = firsts.map(|call| call.id.as_str()).collect();
    let mut expected = Vec::new();
    for (index, submitted) in thread.submitted.iter().enumerate() {
        let submission = Submission {
            thread: at,
            number: index + 1,
            kind: submitted.kind,
        };
        let id = submission.id();
        if submitted.kind != Kind::Message {
            continue;
        }
        let is_made = made.contains(&&*id);
        let is_dead = dead.iter().any(|letter| letter.id == id);
        if submitted.is_acknowledged && !is_made && !is_dead && !waits.contains(&id) {
            violations.add(format!("D: {id} was acknowledged, and is lost"));
        }
        if is_made {
            expected.push(id);
        }
    }
    if made != expected {
        violations.add(format!(
            "D: messages of thread {at} were made as {made:?}, and sent as {expected:?}"
        ));
    }
}

/// A message is sent again only if its echo did not come for a while. A pass may be repeated.
fn copies(
    (index, call): (usize, &Accepted),
    thread: &Thread,
    state: &State,
    violations: &mut Violations,
) {
    let earlier = thread.accepted[..index].iter().rfind(|it| it.id == call.id);
    let Some(earlier) = earlier.filter(|_| !call.id.starts_with("pass ")) else {
        return;
    };
    // What a node was about to send when it was frozen arrives when it goes on, and counts from before.
    let frozen = state.frozen.iter().find(|frozen| {
        let since = earlier.at.checked_duration_since(frozen.until);
        frozen.node == earlier.node && since.is_some_and(|since| since < MAKES_A_CALL_WITHIN)
    });
    let begun = frozen.map_or(earlier.at, |frozen| frozen.from);
    let waited = call.at.duration_since(begun);
    let echo = earlier.echoed_at.filter(|at| *at < call.at);
    let is_known = echo.is_some_and(|at| {
        let in_time = at.duration_since(begun) < WAITS_FOR_ECHO;
        in_time || call.at.duration_since(at) > commit_at(call, state) + MAKES_A_CALL_WITHIN
    });
    if is_known || waited < WAITS_FOR_ECHO {
        // With another reference, its event was handled twice; with the same, the call was repeated.
        let reference = |call: &Accepted| call.reference.clone().unwrap_or_default();
        let echo = echo.map_or("before its echo".to_owned(), |at| {
            format!(
                "{} ms after its echo",
                call.at.duration_since(at).as_millis()
            )
        });
        violations.add(format!(
            "D: {} was sent again after {} ms, {echo}, as {} and {}",
            call.id,
            waited.as_millis(),
            reference(earlier),
            reference(call),
        ));
    }
}

/// How long a commit of its node took when the call was made.
fn commit_at(call: &Accepted, state: &State) -> Duration {
    let near = state.answered.iter().filter(|answered| {
        let apart = answered.at.max(call.at) - answered.at.min(call.at);
        answered.node == call.node && apart < AS_LONG_AS_WITHIN
    });
    let took = near.map(|answered| answered.took).max();
    took.unwrap_or_default()
}

/// What the documentation says about calls under way at a crash, and about handoffs that cross.
fn is_excused(
    letter: &DeadLetter,
    thread: &Thread,
    links: &[(&str, Deed)],
    echoed_at: Option<i64>,
) -> bool {
    if letter.cause.contains("may have been delivered") {
        return echoed_at.is_none_or(|at| letter.at < at + NOTICE_MS);
    }
    let another_owner = letter.cause.contains("blocked:") || letter.cause.contains("2018300");
    let was_asked_about = || thread.told_it_is_the_bots && is_before_back(&letter.id, links);
    another_owner && (thread.crossings > 0 || was_asked_about())
}

/// Whether the event came before the one that gave control back, and was answered all the same: so it
/// is where the platform said, when asked, that the bot had the thread. Older events may then say
/// otherwise.
fn is_before_back(call: &str, links: &[(&str, Deed)]) -> bool {
    let event = call.strip_prefix("pass ").unwrap_or(call);
    let before = links.iter().take_while(|(id, _)| *id != event);
    let last_change = before.filter(|(_, deed)| matches!(deed, Deed::HandedOff | Deed::Back));
    last_change
        .last()
        .is_some_and(|(_, deed)| *deed == Deed::HandedOff)
}
