//! Conversations with the bot, against the simulator of the platform and a stand-in for the model.

#[allow(dead_code)]
mod support;

use std::time::Duration;

use handover::testing::Scenario;
use {{crate_name}}::{Model, bot};
use support::{ModelServer, Reply};

async fn start() -> (Scenario, ModelServer) {
    let server = ModelServer::start().await;
    let mut model = Model::from_env().expect("TLS can be used");
    model.base_url = server.base_url.clone();
    model.pauses = vec![Duration::ZERO];
    (Scenario::with(bot(model)).await, server)
}

#[tokio::test]
async fn the_model_uses_a_tool() {
    let (scenario, server) = start().await;
    let ana = scenario.person("Ana");
    server.calls("opening_hours", r#"{"day":"sunday"}"#);
    server.says("Yes, from 10 to 14.");
    ana.says("Are you open on Sunday?").await;
    ana.sees("Yes, from 10 to 14.").await;
    let request = server.request(2).await;
    let messages = request["messages"].as_array().expect("there are some");
    assert_eq!(
        messages.last().expect("the result")["content"],
        "open on sunday from 10 to 14"
    );
}

#[tokio::test]
async fn a_colleague_takes_over_and_gives_back() {
    let (scenario, server) = start().await;
    let ana = scenario.person("Ana");
    server.calls("hand_to_human", r#"{"reason":"wants her money back"}"#);
    ana.says("I want my money back").await;
    ana.sees("I am fetching a colleague.").await;
    scenario.inbox().sees(&ana).await;
    scenario
        .inbox()
        .replies(&ana, "You have it by Friday.")
        .await;
    scenario.inbox().done(&ana).await;
    ana.sees("I am back.").await;

    server.says("By Friday.");
    ana.says("When do I get it?").await;
    ana.sees("By Friday.").await;
    let request = server.request(2).await;
    assert!(
        request.to_string().contains("You have it by Friday."),
        "{request}"
    );
}

#[tokio::test]
async fn without_a_model_there_is_a_colleague() {
    let (scenario, server) = start().await;
    let ana = scenario.person("Ana");
    server.replies(Reply::Status(500));
    server.replies(Reply::Status(500));
    ana.says("hello").await;
    ana.sees("I am fetching a colleague.").await;
    scenario.inbox().sees(&ana).await;
    assert_eq!(scenario.dead_letters().await.len(), 1);
}
