//! What operators see of a bot: health, metrics and logs; and that the dashboard, the alerts
//! and their documentation speak of metrics that there are.

use std::collections::BTreeSet;
use std::time::Duration;

use handover_testkit::http;

use crate::support::bot::{RunningBot, serve};
use crate::support::directory::Directory;
use crate::support::example::binary;
use crate::support::platform::{ACCESS_TOKEN, APP, PAGE, PERSON, SECRET, VERIFY_TOKEN, message};
use crate::support::program::Program;
use crate::support::prometheus::Scrape;
use crate::support::simulated::{self, CAFE, Simulated, token_of};
use crate::support::wait::until;
use crate::support::watched::Watched;
use handover::journal::Journal;
use handover::prelude::*;
use handover::testing::Clock;
use handover::{Account, Config, Error, Notifier, Store};
use handover_testkit::graph::GraphStub;
use serde_json::{Value, json};

const GUIDE: &str = include_str!("../../docs/operations.md");
const DASHBOARD: &str = include_str!("../../docs/operations/dashboard.json");
const ALERTS: &str = include_str!("../../docs/operations/alerts.yml");

#[on_message(text = "agent")]
#[handoff(to = "page_inbox", reclaim_after = "30m")]
async fn to_agent() -> &'static str {
    "One moment."
}

/// To an app that the Page does not know.
#[on_message(text = "specialist")]
#[handoff(to = 777777777777)]
async fn to_nobody() -> &'static str {
    "Let me ask."
}

#[on_message(text = "break")]
async fn broken() -> Result<&'static str, &'static str> {
    Err("it is broken")
}

#[on_timer(name = "reclaim")]
async fn nobody_came() -> &'static str {
    "Nobody is free."
}

#[on_message]
async fn echo(text: Text) -> String {
    format!("heard {text}")
}

fn bot() -> Bot {
    // Nobody is there; its notices wait.
    let notifier = Notifier::webhook("http://127.0.0.1:9/", "a secret");
    Bot::new(routes![to_agent, to_nobody, broken, nobody_came, echo])
        .notify(notifier)
        .retries(0)
}

/// A bot beside the simulator to which everything has happened that is counted.
async fn eventful() -> (Simulated, Scrape) {
    let clock = Clock::default();
    let config = simulated::config().account(Account::new(CAFE, token_of(CAFE)));
    let bot = Simulated::start(bot().clock(clock.clone()), config).await;
    let ana = bot.person(CAFE);
    ana.says("hello").await.unwrap();
    bot.reads(&ana, "heard hello").await;
    ana.says("break").await.unwrap();
    bot.dead_letters(1).await;
    ana.says("specialist").await.unwrap();
    bot.reads(
        &ana,
        "I could not reach a colleague just now, so I am staying with you.",
    )
    .await;
    ana.says("agent").await.unwrap();
    let operations = bot.operations.clone();
    let handed_off = [
        (
            "handover_handoffs_total{target=\"page_inbox\",result=\"passed\"}",
            1.0,
        ),
        ("handover_threads{owner=\"inbox\"}", 1.0),
        ("handover_threads{owner=\"bot\"}", 0.0),
    ];
    Scrape::shows(&operations, &handed_off).await;
    clock.advance(Duration::from_secs(31 * 60));
    bot.reads(&ana, "Nobody is free.").await;
    let idle = [
        ("handover_inbox_events", 0.0),
        ("handover_outbox_calls", 0.0),
        ("handover_threads{owner=\"bot\"}", 1.0),
        // One asks for the thread, the other runs the handler when it has come.
        ("handover_events_handled_total{kind=\"timer\"}", 2.0),
    ];
    let scrape = Scrape::shows(&operations, &idle).await;
    (bot, scrape)
}

#[tokio::test]
async fn what_happens_is_counted() {
    let (_bot, scrape) = eventful().await;
    let expected = [
        ("handover_events_received_total{kind=\"message\"}", 4.0),
        ("handover_events_duplicate_total{kind=\"message\"}", 0.0),
        ("handover_events_handled_total{kind=\"message\"}", 3.0),
        ("handover_events_failed_total{kind=\"message\"}", 1.0),
        ("handover_events_retried_total{kind=\"message\"}", 0.0),
        (
            "handover_events_handled_total{kind=\"handoff_failed\"}",
            1.0,
        ),
        (
            "handover_handler_duration_seconds_count{handler=\"echo\"}",
            1.0,
        ),
        (
            "handover_handler_duration_seconds_count{handler=\"broken\"}",
            1.0,
        ),
        (
            "handover_handler_duration_seconds_count{handler=\"nobody_came\"}",
            1.0,
        ),
        ("handover_handler_failures_total{handler=\"broken\"}", 1.0),
        ("handover_handler_failures_total{handler=\"echo\"}", 0.0),
        (
            "handover_handoffs_total{target=\"page_inbox\",result=\"passed\"}",
            1.0,
        ),
        (
            "handover_handoffs_total{target=\"page_inbox\",result=\"failed\"}",
            0.0,
        ),
        (
            "handover_handoffs_total{target=\"app\",result=\"failed\"}",
            1.0,
        ),
        ("handover_reclaims_total{timer=\"reclaim\"}", 1.0),
        ("handover_reclaims_total{timer=\"unclaimed\"}", 0.0),
        (
            "handover_outbox_attempts_total{call=\"take_thread_control\",result=\"sent\"}",
            1.0,
        ),
        (
            "handover_outbox_attempts_total{call=\"pass_thread_control\",result=\"dead\"}",
            1.0,
        ),
        (
            "handover_graph_requests_total{endpoint=\"messages\",outcome=\"ok\"}",
            5.0,
        ),
        (
            "handover_graph_requests_total{endpoint=\"pass_thread_control\",outcome=\"ok\"}",
            1.0,
        ),
        (
            "handover_graph_requests_total{endpoint=\"pass_thread_control\",outcome=\"refused\"}",
            1.0,
        ),
        (
            "handover_graph_request_duration_seconds_count{endpoint=\"messages\"}",
            5.0,
        ),
        ("handover_dead_letters", 2.0),
        (
            "handover_notices_total{notifier=\"webhook\",result=\"delivered\"}",
            0.0,
        ),
        ("handover_notices_waiting", 2.0),
        ("handover_accounts_paused{reason=\"token\"}", 0.0),
    ];
    for (series, value) in expected {
        assert_eq!(scrape.value(series), Some(value), "{series}");
    }
    let accepted = scrape.value("handover_webhook_requests_total{code=\"200\"}");
    let measured = scrape.value("handover_webhook_acknowledgement_seconds_count");
    assert!(accepted >= Some(4.0), "{accepted:?}");
    assert_eq!(measured, accepted);
}

#[tokio::test]
async fn what_is_refused_repeated_and_held_back_is_counted() {
    let watched = Watched::start_with(bot()).await;
    let RunningBot {
        platform,
        graph,
        operations,
        ..
    } = &watched.bot;
    let hello = message(PERSON, "hello");
    platform.deliver([hello.clone(), hello.clone()]).await;
    platform.deliver([hello]).await;
    assert_eq!(platform.post_signed(b"{}".into(), None).await, 403);
    graph.wait_for_calls(1).await;
    watched.settled().await;
    let refused = json!({ "error": { "message": "no", "type": "OAuthException", "code": 190, "fbtrace_id": "A" } });
    graph.next_answer(400, refused);
    platform.says("and now?").await;
    let expected = [
        ("handover_events_received_total{kind=\"message\"}", 4.0),
        ("handover_events_duplicate_total{kind=\"message\"}", 2.0),
        ("handover_events_handled_total{kind=\"message\"}", 2.0),
        ("handover_webhook_requests_total{code=\"403\"}", 1.0),
        ("handover_webhook_requests_total{code=\"200\"}", 3.0),
        ("handover_accounts_paused{reason=\"token\"}", 1.0),
        ("handover_outbox_calls", 1.0),
        (
            "handover_outbox_attempts_total{call=\"messages\",result=\"put_off\"}",
            1.0,
        ),
        (
            "handover_graph_requests_total{endpoint=\"messages\",outcome=\"token_refused\"}",
            1.0,
        ),
    ];
    Scrape::shows(operations, &expected).await;
    until("it has waited", async || {
        let scrape = Scrape::of(operations).await;
        let age = scrape.value("handover_outbox_oldest_call_age_seconds");
        (age > Some(0.0)).then_some(()).ok_or(format!("{age:?}"))
    })
    .await;
}

#[tokio::test]
async fn a_handler_of_errors_that_fails_is_counted_however_it_fails() {
    #[on_error]
    async fn sorry(why: Failure) -> Result<&'static str, &'static str> {
        match &*why.0 {
            "panic" => panic!("no apology"),
            "wait" => std::future::pending().await,
            "fail" => Err("no apology"),
            _ => Ok("Sorry."),
        }
    }

    #[on_message]
    async fn hopeless(text: Text) -> Result<&'static str, String> {
        Err(text.0)
    }

    let bot = Bot::new(routes![hopeless, sorry]).handler_timeout(Duration::from_millis(200));
    let watched = Watched::start_with(bot.retries(0)).await;
    for text in ["panic", "wait", "fail", "something else"] {
        watched.bot.platform.says(text).await;
    }
    watched.settled().await;
    assert_eq!(watched.called(), ["Sorry."]);
    let counted = [
        ("handover_handler_failures_total{handler=\"sorry\"}", 3.0),
        (
            "handover_handler_duration_seconds_count{handler=\"sorry\"}",
            4.0,
        ),
        ("handover_handler_failures_total{handler=\"hopeless\"}", 4.0),
    ];
    Scrape::shows(&watched.bot.operations, &counted).await;
    assert_eq!(watched.dead_letters().await.len(), 4);
}

#[tokio::test]
async fn no_label_names_a_person_an_account_or_an_app() {
    let watched = Watched::start_with(bot()).await;
    // A kind that is an id, and so must not become a label.
    let mut strange = message(PERSON, "hello");
    strange.as_object_mut().unwrap().remove("message");
    strange[PERSON] = json!({ "of": PAGE });
    watched.bot.platform.deliver([strange]).await;
    watched.bot.platform.says("hello").await;
    watched.bot.graph.wait_for_calls(1).await;
    let counted = [("handover_events_handled_total{kind=\"other\"}", 1.0)];
    let here = Scrape::shows(&watched.bot.operations, &counted).await;
    let (_bot, there) = eventful().await;
    for sample in here.samples().chain(there.samples()) {
        for (label, value) in &sample.labels {
            let digits = value.split(|of: char| !of.is_ascii_digit()).map(str::len);
            assert!(digits.max() < Some(5), "{}: {label}={value}", sample.name);
        }
    }
}

mod documents {
    use super::*;

    /// The series that a text speaks of: names of metrics, each with the labels it is asked by.
    fn series(text: &str) -> Vec<(&str, BTreeSet<&str>)> {
        let starts = text.match_indices("handover_").map(|(at, _)| &text[at..]);
        let series = starts.map(|rest| {
            let is_name = |of: char| of.is_ascii_alphanumeric() || of == '_';
            let end = rest.find(|of| !is_name(of)).unwrap_or(rest.len());
            let (name, rest) = rest.split_at(end);
            let selector = rest.strip_prefix('{').and_then(|rest| rest.split_once('}'));
            let labels = selector.map_or("", |(labels, _)| labels).split(',');
            let labels = labels.filter_map(|label| label.split(['=', '!']).next());
            // Prometheus itself adds it.
            let own = labels.filter(|label| !label.is_empty() && *label != "instance");
            (name, own.collect())
        });
        series.collect()
    }

    /// Everything in quotes that a panel asks.
    fn expressions(json: &Value, found: &mut Vec<String>) {
        match json {
            Value::Object(fields) => {
                found.extend(
                    fields
                        .get("expr")
                        .and_then(Value::as_str)
                        .map(str::to_owned),
                );
                found.extend(
                    fields
                        .get("query")
                        .and_then(Value::as_str)
                        .map(str::to_owned),
                );
                fields.values().for_each(|value| expressions(value, found));
            }
            Value::Array(items) => items.iter().for_each(|item| expressions(item, found)),
            _ => {}
        }
    }

    fn alert_lines(key: &str) -> Vec<&'static str> {
        let lines = ALERTS
            .lines()
            .map(|line| line.trim().trim_start_matches("- "));
        lines
            .filter_map(|line| line.strip_prefix(key)?.strip_prefix(": "))
            .collect()
    }

    async fn check(expressions: &[impl AsRef<str>]) {
        let (_bot, scrape) = eventful().await;
        let mut asked = BTreeSet::new();
        for expression in expressions.iter().map(AsRef::as_ref) {
            for (name, labels) in series(expression) {
                let metric = scrape.metric_of(name);
                let metric = metric.unwrap_or_else(|| panic!("{name} is no metric: {expression}"));
                let known = scrape.labels_of(metric);
                assert!(
                    labels.is_subset(&known),
                    "{labels:?} of {name}: {expression}"
                );
                asked.insert(metric.to_owned());
            }
        }
        assert!(asked.len() > 5, "{asked:?}");
    }

    #[tokio::test]
    async fn the_dashboard_asks_for_metrics_that_there_are() {
        let dashboard = serde_json::from_str(DASHBOARD).unwrap();
        let mut asked = Vec::new();
        expressions(&dashboard, &mut asked);
        assert!(asked.len() > 20, "{asked:?}");
        check(&asked).await;
    }

    #[tokio::test]
    async fn the_alerts_ask_for_metrics_that_there_are() {
        let asked = alert_lines("expr");
        assert_eq!(asked.len(), alert_lines("alert").len());
        check(&asked).await;
    }

    #[test]
    fn every_alert_is_explained() {
        let named: BTreeSet<_> = alert_lines("alert").into_iter().collect();
        assert_eq!(named, rows("Handover"));
    }

    /// The names in code at the beginning of the guide's rows.
    fn rows(prefix: &str) -> BTreeSet<&'static str> {
        let rows = GUIDE.lines().filter_map(|line| line.strip_prefix("| `"));
        let names = rows.filter_map(|row| row.split('`').next());
        names.filter(|name| name.starts_with(prefix)).collect()
    }

    #[tokio::test]
    async fn every_metric_is_explained_with_its_labels() {
        let (_bot, scrape) = eventful().await;
        let there: BTreeSet<_> = scrape.types.keys().map(String::as_str).collect();
        assert_eq!(there, rows("handover_"));
        for metric in there {
            let row = GUIDE
                .lines()
                .find(|line| line.starts_with(&format!("| `{metric}` |")));
            let said = row.unwrap().split('|').nth(2).unwrap().split('`');
            let said: BTreeSet<_> = said.skip(1).step_by(2).collect();
            assert_eq!(said, scrape.labels_of(metric), "{metric}");
        }
    }

    #[tokio::test]
    async fn names_follow_the_convention() {
        let (_bot, scrape) = eventful().await;
        for (name, kind) in &scrape.types {
            assert_eq!(kind == "counter", name.ends_with("_total"), "{name}");
            assert!(kind != "histogram" || name.ends_with("_seconds"), "{name}");
        }
    }
}

mod readiness {
    use super::*;

    async fn ready(at: &str) -> (u16, Value) {
        let answer = http::get(format!("{at}/readyz")).await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    #[tokio::test]
    async fn a_long_backlog_is_reported_to_operators_only() {
        let graph = GraphStub::start().await;
        let config = crate::support::bot::config(&graph).backlog_limit(2);
        let (public, bot) = bot().config(config).into_parts().unwrap();
        let public = format!("http://{}", serve(public).await);
        let operations = format!("http://{}", serve(bot.operations()).await);
        assert_eq!(ready(&operations).await.0, 200);
        graph.hold();
        let platform = crate::support::platform::Platform::new(format!("{public}/webhook"));
        for person in ["a", "b", "c"] {
            platform.deliver([message(person, "hello")]).await;
        }
        let problem = until("it is reported", async || {
            let (status, body) = ready(&operations).await;
            let problem = body["problems"][0].as_str().map(str::to_owned);
            problem.filter(|_| status == 503).ok_or(body.to_string())
        })
        .await;
        assert!(problem.contains("HANDOVER_BACKLOG_LIMIT is 2"), "{problem}");
        graph.let_go();
        until("it is ready again", async || {
            let (status, body) = ready(&operations).await;
            (status == 200).then_some(()).ok_or(body.to_string())
        })
        .await;
        for path in ["readyz", "metrics"] {
            let answer = http::get(format!("{public}/{path}")).await.unwrap();
            assert_eq!(answer.status(), 404, "not for everybody");
        }
        let alive = http::get(format!("{operations}/livez")).await.unwrap();
        assert_eq!(alive.status(), 200);
    }

    #[tokio::test]
    async fn the_contents_of_an_sqlite_file_are_reported() {
        let directory = Directory::new();
        let graph = GraphStub::start().await;
        let path = directory.path().join("handover.db");
        let config = crate::support::bot::config(&graph).store(Store::Sqlite(path));
        let (public, bot) = bot().config(config).into_parts().unwrap();
        let webhook = format!("http://{}/webhook", serve(public).await);
        let operations = format!("http://{}", serve(bot.operations()).await);
        assert_eq!(ready(&operations).await.0, 200);
        let platform = crate::support::platform::Platform::new(webhook);
        platform.says("hello").await;
        platform.deliver([message("another", "agent")]).await;
        graph.wait_for_calls(3).await;
        graph.hold();
        platform.deliver([message("a third", "hello")]).await;
        let expected = [
            ("handover_threads{owner=\"bot\"}", 2.0),
            ("handover_threads{owner=\"inbox\"}", 1.0),
            ("handover_outbox_calls", 1.0),
            ("handover_inbox_events", 0.0),
            ("handover_inbox_oldest_event_age_seconds", 0.0),
        ];
        let scrape = Scrape::shows(&operations, &expected).await;
        let commits = scrape.value("handover_journal_commit_duration_seconds_count");
        assert!(commits > Some(3.0), "{commits:?}");
        until("it has waited", async || {
            let scrape = Scrape::of(&operations).await;
            let age = scrape.value("handover_outbox_oldest_call_age_seconds");
            (age > Some(0.0)).then_some(()).ok_or(format!("{age:?}"))
        })
        .await;
        graph.let_go();
    }

    #[tokio::test]
    async fn a_journal_that_cannot_be_written_is_reported() {
        let directory = Directory::new();
        let graph = GraphStub::start().await;
        let journal = Journal::open(directory.path().join("handover.db")).unwrap();
        let bot = bot()
            .config(crate::support::bot::config(&graph))
            .journal(journal.clone());
        let (_public, bot) = bot.into_parts().unwrap();
        let operations = format!("http://{}", serve(bot.operations()).await);
        assert_eq!(ready(&operations).await.0, 200);
        journal.close().await.unwrap();
        until("it is reported", async || {
            let (status, body) = ready(&operations).await;
            (status == 503).then_some(()).ok_or(body.to_string())
        })
        .await;
        let scrape = Scrape::of(&operations).await;
        assert_eq!(scrape.value("handover_outbox_calls"), None, "nobody knows");
        assert!(
            scrape
                .value("handover_build_info{version=\"0.1.0\"}")
                .is_some()
        );
    }
}

mod port {
    use super::*;

    fn config() -> Config {
        Config::new(PAGE, APP)
            .access_token(ACCESS_TOKEN)
            .app_secret(SECRET)
            .verify_token(VERIFY_TOKEN)
            .store(Store::Memory)
    }

    #[tokio::test]
    async fn one_that_was_chosen_has_to_be_free() {
        let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = taken.local_addr().unwrap();
        let bot = bot().config(config().operations(Some(address)));
        let error = bot.into_parts().unwrap_err();
        assert!(matches!(error, Error::Operations { address: at, .. } if at == address));
        let text = error.to_string();
        assert!(text.contains("HANDOVER_OPERATIONS"), "{text}");
    }

    fn minimal(directory: &Directory, operations: &str) -> Program {
        let mut command = std::process::Command::new(binary("minimal"));
        command
            .current_dir(directory.path())
            .env_remove("RUST_LOG")
            .envs([
                ("MESSENGER_PAGE_ID", PAGE),
                ("MESSENGER_ACCESS_TOKEN", ACCESS_TOKEN),
                ("MESSENGER_APP_ID", &APP.to_string()),
                ("MESSENGER_APP_SECRET", SECRET),
                ("MESSENGER_VERIFY_TOKEN", VERIFY_TOKEN),
                // Nobody listens there.
                ("GRAPH_API_URL", "http://127.0.0.1:9"),
                ("HANDOVER_STORE", "memory:"),
                ("HANDOVER_OPERATIONS", operations),
                ("HANDOVER_LOG", "json"),
                ("HOST", "127.0.0.1"),
                ("PORT", "0"),
            ]);
        Program::start(&mut command).unwrap()
    }

    /// The first line of the log whose message has this in it, after that.
    fn logged(program: &mut Program, text: &str) -> (Value, String) {
        program.wait_for(text, |line| {
            let line: Value = serde_json::from_str(line).expect("every line is JSON");
            let message = line["message"].as_str().expect("it says something");
            let (_, rest) = message.split_once(text)?;
            let rest = rest.to_owned();
            Some((line, rest))
        })
    }

    #[tokio::test]
    async fn a_bot_that_runs_serves_it_and_logs_json() {
        let directory = Directory::new();
        let mut bot = minimal(&directory, "127.0.0.1:0");
        let (_, metrics) = logged(&mut bot, "metrics are at ");
        let (_, webhook) = logged(&mut bot, "the bot listens on ");
        let operations = metrics.strip_suffix("/metrics").unwrap();
        let platform = crate::support::platform::Platform::new(webhook);
        platform.says("hello").await;
        let handled = [("handover_events_handled_total{kind=\"message\"}", 1.0)];
        Scrape::shows(operations, &handled).await;
        let (line, _) = logged(&mut bot, "handled");
        let span = &line["span"];
        assert_eq!(span["name"], "event", "{line}");
        assert_eq!(span["thread"], format!("{PAGE}/{PERSON}"), "{line}");
        assert_eq!(span["kind"], "message", "{line}");
        let key = span["key"].as_str().unwrap();
        assert!(
            key.starts_with(&format!("{PAGE}/messaging/message/m_")),
            "{line}"
        );
        assert_eq!(line["handler"], "echo", "{line}");
    }

    #[test]
    fn it_can_be_switched_off() {
        let directory = Directory::new();
        let mut bot = minimal(&directory, "off");
        bot.wait_for("the webhook's address, and no other", |line| {
            assert!(!line.contains("/metrics"), "{line}");
            line.contains("the bot listens on").then_some(())
        });
    }
}
