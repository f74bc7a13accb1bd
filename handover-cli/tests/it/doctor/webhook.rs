//! What answers at the callback URL.

use axum::Router;
use axum::http::{StatusCode, Uri};
use axum::routing::{get, post};

use super::{SECRET, WORD, World, bind, doctor, is_fault, serve};
use crate::support::Folder;

#[tokio::test]
async fn what_answers_instead_of_the_bot_is_found() {
    let folder = Folder::new("doctor");
    let world = World::start(|platform| platform).await;
    let graph = world.simulator.graph_url();
    let examine = async |router: Router| {
        let (listener, address) = bind().await;
        serve(listener, router).await;
        let webhook = format!("{address}/webhook");
        doctor(&graph, &folder, &["--json", "--webhook", &webhook])
            .run()
            .await
    };
    let answer = examine(Router::new()).await;
    is_fault(
        &answer,
        "webhook",
        "does not repeat the challenge (HTTP 404)",
    );
    let echo = || {
        get(|uri: Uri| async move {
            let query = uri.query().unwrap_or_default().to_owned();
            let challenge = query
                .split('&')
                .find_map(|pair| pair.strip_prefix("hub.challenge="));
            let right = query.contains("a+word") || query.contains("a%20word");
            let status = if right {
                StatusCode::OK
            } else {
                StatusCode::FORBIDDEN
            };
            (status, challenge.unwrap_or_default().to_owned())
        })
    };
    let anybody = get(|| async { "1158201444" });
    let answer = examine(Router::new().route("/webhook", anybody)).await;
    is_fault(&answer, "webhook", "accepts any verify token");
    let trusting = echo().merge(post(|| async { "EVENT_RECEIVED" }));
    let answer = examine(Router::new().route("/webhook", trusting)).await;
    is_fault(&answer, "webhook", "accepts what is not signed");
    let unable = echo().merge(post(|| async { StatusCode::SERVICE_UNAVAILABLE }));
    let answer = examine(Router::new().route("/webhook", unable)).await;
    is_fault(&answer, "webhook", "cannot store events");

    let answer = doctor(
        &graph,
        &folder,
        &["--json", "--webhook", "http://127.0.0.1:9/webhook"],
    )
    .run()
    .await;
    is_fault(&answer, "webhook", "nobody answers there");
}

#[tokio::test]
async fn each_of_several_secrets_is_tried_at_the_webhook() {
    let folder = Folder::new("doctor");
    let world = World::start(|platform| platform).await;
    let asked = world.doctor(&folder);
    let list = format!("{SECRET}, a secret nobody may see either");
    let answer = asked.env("MESSENGER_APP_SECRET", list).run().await;
    is_fault(&answer, "webhook", "secret 2 of 2");
    // The bot takes a line each, too.
    let asked = world.doctor(&folder);
    let lines = format!("{SECRET}\na secret nobody may see either");
    let answer = asked.env("MESSENGER_APP_SECRET", lines).run().await;
    is_fault(&answer, "webhook", "secret 2 of 2");
}

#[tokio::test]
async fn each_of_several_verify_tokens_is_tried_at_the_webhook() {
    let folder = Folder::new("doctor");
    let world = World::start(|platform| platform).await;
    let examine = async |list: String| {
        let asked = world.doctor(&folder);
        asked.env("MESSENGER_VERIFY_TOKEN", list).run().await
    };
    examine(format!("{WORD},\n{WORD}")).await.good();
    let answer = examine(format!("{WORD}, {WORD} either")).await;
    is_fault(&answer, "webhook", "refuses verify token 2 of 2");
    let answer = examine(",".to_owned()).await;
    is_fault(&answer, "configuration", "MESSENGER_VERIFY_TOKEN");
}
