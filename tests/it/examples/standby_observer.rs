use handover_testkit::http;
use handover::sim::TimelineKind;
use handover::testing::{Person, Scenario};
use serde_json::Value;

use super::transcript;

#[path = "../../../examples/standby_observer.rs"]
#[allow(dead_code, reason = "the scenario runs the bot")]
mod example;

/// The labels on the person, as the inbox shows them.
async fn labels(scenario: &Scenario, person: &Person) -> Vec<String> {
    scenario.settles().await;
    let url = format!(
        "{}/v26.0/{}/custom_labels?fields=page_label_name",
        scenario.simulator().graph_url(),
        person.at_the_platform().id()
    );
    let call = http::Client::new()
        .get(url)
        .bearer_auth("local-token");
    let answer: Value = call.send().await.unwrap().json().await.unwrap();
    let labels = answer["data"].as_array().expect("a list of labels");
    let name = |label: &Value| label["page_label_name"].as_str().unwrap().to_owned();
    labels.iter().map(name).collect()
}

pub(crate) async fn played() -> String {
    let scenario = Scenario::builder()
        .platform(example::platform)
        .bot("standby_observer", example::bot())
        .start()
        .await;
    let ana = scenario.person("Ana");
    ana.says("Where is my refund?").await;
    assert_eq!(labels(&scenario, &ana).await, ["refund"]);
    scenario.inbox().replies(&ana, "Hi Ana, it is on its way.").await;
    ana.says("And I would like to book a table for ten.").await;
    assert_eq!(labels(&scenario, &ana).await, ["refund", "book"]);
    scenario.inbox().replies(&ana, "With pleasure!").await;
    scenario.settles().await;
    transcript::played(&["bot"], &[&ana])
}

#[tokio::test]
async fn a_label_is_made_once() {
    let scenario = Scenario::builder()
        .platform(example::platform)
        .bot("standby_observer", example::bot())
        .start()
        .await;
    for name in ["Ana", "Cleo"] {
        let person = scenario.person(name);
        person.says("A refund, please").await;
        assert_eq!(labels(&scenario, &person).await, ["refund"]);
    }
    let timeline = scenario.simulator().timeline();
    let made = timeline.iter().filter(|row| {
        let is_call = row.kind == TimelineKind::Call && row.method == "POST";
        is_call && row.title == "custom_labels"
    });
    assert_eq!(made.count(), 1);
}
