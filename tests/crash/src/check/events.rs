//! A, B, C: every acknowledged event was stored and handled once, in order, and the sessions say
//! the same.

use std::collections::HashSet;

use super::database::EventRow;
use super::{Database, Violations};
use crate::memory::{Deed, Memory};
use crate::submit::{Kind, Submission};
use crate::world::{Channel, Delivery, State, Thread, id};

pub(super) fn check(database: &Database, state: &State, violations: &mut Violations) {
    for (at, thread) in state.threads.iter().enumerate() {
        let rows = database
            .events
            .get(&at)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let mut stored = HashSet::new();
        let mut last = 0;
        let of_platform = |row: &&EventRow| !row.id.is_empty() && Kind::of(&row.id).is_none();
        for row in rows.iter().filter(of_platform) {
            let Some(number) = number(&row.id, at, thread) else {
                violations.add(format!(
                    "B: thread {at} has {:?}, which nobody sent",
                    row.id
                ));
                continue;
            };
            if !stored.insert(number) {
                violations.add(format!("A: {} was stored twice", row.id));
            } else if number < last {
                violations.add(format!("C: {} was stored after {}", row.id, id(at, last)));
            }
            last = number;
        }
        for (index, fate) in thread.events.iter().enumerate() {
            if fate.delivery == Delivery::Acknowledged && !stored.contains(&(index + 1)) {
                let event = id(at, index + 1);
                violations.add(format!("A: {event} was acknowledged, and is lost"));
            }
        }
        let Some(links) = handled_as_remembered(at, database, violations) else {
            continue;
        };
        signals(at, database, thread, violations);
        timers(at, database, &links, violations);
        owners(at, thread, &links, violations);
    }
    for letter in database
        .dead_letters
        .iter()
        .filter(|letter| letter.kind != "call")
    {
        violations.add(format!("A: {} was given up: {}", letter.id, letter.cause));
    }
}

/// Compares what was handled, in the order received, with what the session says; returns its links.
pub(super) fn handled_as_remembered<'a>(
    at: usize,
    database: &'a Database,
    violations: &mut Violations,
) -> Option<Vec<(&'a str, Deed)>> {
    let links = match database.sessions.get(&at).map(Memory::links) {
        None => Vec::new(),
        Some(Some(links)) => links,
        Some(None) => {
            violations.add(format!("C: thread {at}: the session was changed unnoticed"));
            return None;
        }
    };
    let rows = database
        .events
        .get(&at)
        .map(Vec::as_slice)
        .unwrap_or_default();
    for are_held in [false, true] {
        in_order(at, rows, &links, are_held, violations);
    }
    Some(links)
}

/// The same, of signals that are held until the bot may speak, or of all other events: what is held lets the
/// others go on.
fn in_order(
    at: usize,
    rows: &[EventRow],
    links: &[(&str, Deed)],
    are_held: bool,
    violations: &mut Violations,
) {
    let is_one = |id: &str| (Kind::of(id) == Some(Kind::Tell)) == are_held;
    let rows = rows.iter().filter(|row| is_one(&row.id));
    let handled = rows.clone().filter(|row| row.is_settled);
    let handled: Vec<_> = handled.map(|row| row.id.as_str()).collect();
    let remembered = links.iter().map(|(event, deed)| match deed {
        Deed::Reminded => "",
        _ => event,
    });
    let remembered: Vec<_> = remembered.filter(|event| is_one(event)).collect();
    if handled != remembered {
        let same = handled.iter().zip(&remembered).take_while(|(a, b)| a == b);
        let first = same.count();
        violations.add(format!(
            "A, C: thread {at}: event {first} that was handled is {:?}, the session says {:?} (of {} and {})",
            handled.get(first),
            remembered.get(first),
            handled.len(),
            remembered.len(),
        ));
    }
    let mut waiting = rows.skip_while(|row| row.is_settled);
    if let Some(row) = waiting.find(|row| row.is_settled) {
        let event = &row.id;
        violations.add(format!(
            "C: {event:?} of thread {at} was handled before an earlier one"
        ));
    }
}

/// Each signal that the bot has said it has is stored once, in order; and whatever it has a receipt for.
fn signals(at: usize, database: &Database, thread: &Thread, violations: &mut Violations) {
    let rows = database.events.get(&at).into_iter().flatten();
    let stored = rows.map(|row| row.id.as_str());
    let stored: Vec<_> = stored.filter(|id| Kind::of(id).is_some()).collect();
    let mut numbers = Vec::new();
    for (index, submitted) in thread.submitted.iter().enumerate() {
        let submission = Submission {
            thread: at,
            number: index + 1,
            kind: submitted.kind,
        };
        let id = submission.id();
        let copies = stored.iter().filter(|it| **it == id).count();
        let is_signal = submitted.kind != Kind::Message;
        let has_receipt = database.receipts.contains_key(&id);
        if copies > 1 {
            violations.add(format!("A: {id} was stored twice"));
        } else if submitted.is_acknowledged && !has_receipt {
            violations.add(format!("A: {id} was acknowledged, and has no receipt"));
        } else if has_receipt && is_signal && copies == 0 {
            violations.add(format!("A: {id} has a receipt, and is lost"));
        }
        numbers.extend(stored.iter().position(|it| **it == id));
    }
    if numbers.len() != stored.len() {
        violations.add(format!(
            "B: thread {at} has signals that nobody sent: {stored:?}"
        ));
    }
    if !numbers.is_sorted() {
        violations.add(format!(
            "C: signals of thread {at} were stored as {stored:?}"
        ));
    }
}

fn number(event: &str, at: usize, thread: &Thread) -> Option<usize> {
    let number: usize = event.strip_prefix(&format!("t{at}."))?.parse().ok()?;
    (1..=thread.events.len())
        .contains(&number)
        .then_some(number)
}

/// Each timer that was set is still there or has run out, once.
fn timers(at: usize, database: &Database, links: &[(&str, Deed)], violations: &mut Violations) {
    let of = |deed| links.iter().filter(move |(_, it)| *it == deed);
    let asked: Vec<_> = of(Deed::Reminding).map(|(event, _)| *event).collect();
    let came: Vec<_> = of(Deed::Reminded).map(|(event, _)| *event).collect();
    let rows = database.events.get(&at).into_iter().flatten();
    let arrived = rows
        .filter(|row| row.id.is_empty() && !row.is_settled)
        .count();
    let set = database.timers.get(&at).copied().unwrap_or_default();
    if !asked.starts_with(&came) || asked.len() != came.len() + arrived + set {
        violations.add(format!("I2: thread {at}: {} timers were set, {} have run out, {arrived} are about to, {set} are left", asked.len(), came.len()));
    }
}

/// Messages to the inbox are not answered; messages to the bot while it owns the thread are.
fn owners(at: usize, thread: &Thread, links: &[(&str, Deed)], violations: &mut Violations) {
    let mut is_the_bots = true;
    for (event, deed) in links {
        let fate = number(event, at, thread).and_then(|number| thread.events.get(number - 1));
        let on_standby = fate.is_some_and(|fate| fate.channel == Channel::Standby);
        match deed {
            Deed::HandedOff => is_the_bots = false,
            Deed::Back => is_the_bots = true,
            Deed::Seen if is_the_bots && !on_standby && thread.crossings == 0 => {
                violations.add(format!("I4: {event} was for the bot, and was not answered"));
            }
            _ => {}
        }
        if on_standby && !matches!(deed, Deed::Seen | Deed::Reminded) {
            violations.add(format!("I4: {event} was for the inbox, and was answered"));
        }
    }
}
