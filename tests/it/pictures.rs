//! The guide's pictures that show a table of the code are drawn from that table.
//!
//! `UPDATE_GUIDE=1 cargo test -p handover-tests --test it pictures` draws them again.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use handover::HistoryLimits;
use handover::journal::Retention;
use handover_runtime::description::control_effects;

use crate::support::picture::{Picture, Tone};
use crate::support::root;

/// The picture in the guide is this one.
fn is_drawn(name: &str, picture: Picture) {
    let path = root().join("docs/guide/src/images").join(name);
    let svg = picture.into_svg();
    if std::env::var_os("UPDATE_GUIDE").is_some() {
        fs::write(&path, svg).unwrap();
        return;
    }
    let drawn = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        drawn == svg,
        "{name} is not as the code is: UPDATE_GUIDE=1 cargo test -p handover-tests --test it pictures"
    );
}

/// The tables of the journal: what the schema says of each, and whether its rows are of a person.
fn tables() -> BTreeMap<String, (String, bool)> {
    let schema = root().join("handover-runtime/src/journal/storage/sqlite/schema.sql");
    let schema = fs::read_to_string(schema).unwrap();
    let mut tables = BTreeMap::new();
    for part in schema.split("CREATE TABLE ").skip(1) {
        let (name, rest) = part.split_once(' ').unwrap();
        let columns = rest.split(") STRICT").next().unwrap();
        let before = schema
            .split(&format!("CREATE TABLE {name} "))
            .next()
            .unwrap();
        let lines = before.trim_end().lines().rev();
        let comment: Vec<_> = lines.take_while(|line| line.starts_with("--")).collect();
        let comment = comment
            .iter()
            .rev()
            .map(|line| line.trim_start_matches("-- "));
        let comment = comment.collect::<Vec<_>>().join(" ");
        let is_of_person = columns.contains("\n  person ");
        tables.insert(name.to_owned(), (comment, is_of_person));
    }
    tables
}

/// `pass_thread_control` as `pass`.
fn short(call: &str) -> &str {
    call.trim_end_matches("_thread_control")
}

#[test]
fn thread_control_shows_each_call_that_changes_the_owner() {
    let effects = control_effects();
    let of = |effect: &str| -> Vec<&str> {
        let calls = effects.iter().filter(|(_, found)| *found == effect);
        calls.map(|(call, _)| short(call)).collect()
    };
    let (gives, brings) = (of("gives"), of("brings"));
    let ([pass, release], [take, request]) = (&gives[..], &brings[..]) else {
        panic!(
            "the picture has two calls that give a thread away, and two that bring it back: {effects:?}"
        )
    };

    let mut picture = Picture::new("The states of a thread", 760, 330);
    picture.boxed(Tone::Platform, (310, 24, 140, 64), "idle", "nobody owns it");
    picture.boxed(
        Tone::Bot,
        (60, 200, 180, 76),
        "the bot owns it",
        "the bot may write",
    );
    picture.boxed(
        Tone::People,
        (520, 200, 180, 76),
        "the inbox owns it",
        "a colleague may write",
    );
    picture.arrow("M240 220 H516");
    picture.label(378, 211, "middle", &format!("{pass}: #[handoff]"));
    picture.arrow("M520 256 H244");
    picture.label(
        382,
        249,
        "middle",
        &format!("{pass} (Done); {take} or {request}: reclaim_after"),
    );
    picture.arrow("M340 88 C300 130 220 150 180 196");
    picture.label(300, 160, "start", "Ana writes: routing");
    picture.arrow("M140 200 C150 120 230 70 306 60");
    picture.label(150, 90, "middle", &format!("{release}, or 24 h"));
    picture.arrow("M600 200 C580 120 520 76 454 62");
    picture.label(570, 106, "start", "24 h without a word");
    picture.label(570, 123, "start", "of Ana");
    let said = "Only the owner may write. An app that loses or gets the thread by pass or take gets an event.";
    picture.label(380, 310, "middle", said);
    is_drawn("thread-control.svg", picture);
}

#[test]
fn the_journal_shows_its_tables() {
    let tables = tables();
    let named = |names: &[&str]| {
        for name in names {
            assert!(tables.contains_key(*name), "there is no table {name}");
        }
        let what = if names.len() == 1 { "table" } else { "tables" };
        format!("{what} {}", names.join(", "))
    };
    let mut picture = Picture::new("The way of an event through journal and outbox", 760, 360);
    picture.frame((420, 24, 320, 300), "one file: handover.db");
    picture.boxed(Tone::Platform, (20, 40, 110, 64), "platform", "webhook");
    picture.boxed(Tone::Step, (200, 40, 130, 64), "receive", "check signature");
    picture.boxed(
        Tone::Bot,
        (450, 64, 260, 64),
        "what has arrived",
        &named(&["event"]),
    );
    let state = named(&["thread", "timer", "turn"]);
    picture.boxed(
        Tone::Bot,
        (450, 156, 260, 64),
        "sessions, owners, timers",
        &state,
    );
    picture.boxed(
        Tone::Bot,
        (450, 248, 260, 60),
        "what is to be sent",
        &named(&["call"]),
    );
    picture.boxed(
        Tone::People,
        (200, 158, 130, 64),
        "your handler",
        "one per thread",
    );
    picture.boxed(Tone::Platform, (20, 248, 110, 60), "platform", "Graph API");
    picture.boxed(Tone::Step, (200, 248, 130, 60), "send", "in order");
    for (path, x, y, text) in [
        ("M130 62 H196", 163, 54, "event"),
        ("M330 72 H446", 374, 64, "1 write"),
        ("M200 90 H134", 166, 108, "1 then 200"),
        ("M446 110 C400 120 360 130 326 154", 362, 122, "2 handle"),
        ("M330 190 H446", 374, 182, "3 settle"),
        ("M450 284 H334", 376, 276, "4 send"),
        ("M200 278 H134", 166, 270, "call"),
    ] {
        picture.arrow(path);
        picture.label(x, y, "middle", text);
    }
    picture.arrow("M446 200 C420 210 420 250 446 268");
    let said = "Settling is one commit: session, timers, calls, and that the event is done.";
    picture.label(380, 346, "middle", said);
    is_drawn("journal.svg", picture);
}

/// How long rows of a table are kept.
enum KeptFor {
    Work(&'static str),
    Time(Duration),
    /// Until somebody forgets the person, unless a time is set.
    Forgotten(Option<Duration>),
}

#[test]
fn privacy_shows_what_is_kept_of_a_person_and_for_how_long() {
    let retention = Retention::default();
    let history = HistoryLimits::default().keep;
    let kept = [
        ("event", "events", KeptFor::Time(retention.settled)),
        ("call", "calls", KeptFor::Work("until it is sent")),
        ("timer", "timers", KeptFor::Work("until it runs out")),
        ("receipt", "receipts", KeptFor::Time(retention.seen)),
        ("turn", "history, if it is on", KeptFor::Time(history)),
        (
            "thread",
            "session and owner",
            KeptFor::Forgotten(retention.sessions),
        ),
        (
            "dead_letter",
            "dead letters",
            KeptFor::Forgotten(retention.dead_letters),
        ),
    ];
    let of_people = tables()
        .into_iter()
        .filter(|(_, (_, is_of_person))| *is_of_person);
    let mut known: Vec<_> = kept.iter().map(|(table, ..)| (*table).to_owned()).collect();
    known.sort();
    let of_people: Vec<_> = of_people.map(|(name, _)| name).collect();
    assert_eq!(
        of_people, known,
        "each table with rows of a person is in the picture"
    );

    let height = 80 + 36 * u32::try_from(kept.len()).unwrap();
    let mut picture = Picture::new("What is kept of a person, and for how long", 760, height);
    let (left, width) = (210, 400);
    let at = |days: u64| left + width * u32::try_from(days.min(30)).unwrap() / 30;
    for days in [3, 7, 30] {
        picture.line(&format!("M{} 40 V{}", at(days), height - 24));
        picture.label(at(days), 30, "middle", &format!("{days} days"));
    }
    for ((_, name, time), row) in kept.iter().zip(0..) {
        let y = 54 + 36 * row;
        picture.name(24, y + 14, name);
        let (length, text, is_endless) = match time {
            KeptFor::Work(until) => (14, (*until).to_owned(), false),
            KeptFor::Time(time) => {
                let days = time.as_secs() / (24 * 3600);
                let text = if days == 30 {
                    String::new()
                } else {
                    format!("{days} days")
                };
                (at(days) - left, text, false)
            }
            KeptFor::Forgotten(Some(time)) => {
                let days = time.as_secs() / (24 * 3600);
                (at(days) - left, format!("{days} days"), false)
            }
            KeptFor::Forgotten(None) => (width + 20, "until forgotten".to_owned(), true),
        };
        picture.bar((left, y, length), is_endless);
        picture.label(left + length + 10, y + 14, "start", &text);
    }
    is_drawn("privacy.svg", picture);
}
