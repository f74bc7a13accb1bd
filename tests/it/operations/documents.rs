//! The documentation, the dashboard and the alerts speak of metrics that there are.

use std::collections::BTreeSet;

use super::*;

const GUIDE: &str = include_str!("../../../docs/operations.md");
const DASHBOARD: &str = include_str!("../../../docs/operations/dashboard.json");
const ALERTS: &str = include_str!("../../../docs/operations/alerts.yml");

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
