//! Whatever comes over the network, the answer has the platform's shape.

use handover_testkit::http::Method;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::Value;

use crate::graph_api::http::{Graph, TOKEN};

const KINDS: [&str; 6] = [
    "application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "multipart/mixed; boundary=\"x",
    "text/plain",
    "",
];

const PATHS: [&str; 12] = [
    "/",
    "/me",
    "/v26.0/me/messages",
    "/me/message_attachments",
    "/me/messenger_profile",
    "/me/subscribed_apps",
    "/me/custom_labels",
    "/me/conversations",
    "/oauth/access_token",
    "/debug_token",
    "/t_1/messages",
    "/sticker_search",
];

/// Bytes that look a little like something.
fn bodies() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        "\"",
        ":",
        ",",
        "=",
        "&",
        "%7B",
        "%",
        "--x",
        "\r\n",
        "\r\n\r\n",
        "--",
        "Content-Disposition: form-data; name=\"message\"",
        "; filename=\"f\"",
        "batch",
        "message",
        "recipient",
        "id",
        "fields",
        "method",
        "relative_url",
        "POST",
        "me/messages",
        "1",
        "null",
        "{result=a:$.id}",
        "ä",
        "\\u00",
        "\0",
    ]);
    prop_oneof![
        prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat().into_bytes()),
        prop::collection::vec(any::<u8>(), 0..64),
        Just(
            br#"{"batch":[{"method":"POST","relative_url":"?batch=[]","body":"batch=[]"}]}"#
                .to_vec()
        ),
    ]
}

#[test]
fn no_body_gets_anything_but_an_answer_of_the_platform() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let graph = runtime.block_on(Graph::start());
    let cases = (
        prop::sample::select(KINDS.to_vec()),
        prop::sample::select(PATHS.to_vec()),
        prop::sample::select(vec!["GET", "POST", "DELETE", "PUT"]),
        bodies(),
    );
    let mut runner = TestRunner::new(Config {
        cases: 400,
        failure_persistence: None,
        ..Config::default()
    });
    let checked = runner.run(&cases, |(kind, path, method, body)| {
        let method: Method = method.parse().unwrap();
        let request = graph.request(method, path).bearer_auth(TOKEN);
        let request = request.header("content-type", kind).body(body);
        let (status, text) = runtime.block_on(async {
            let answer = request.send().await.unwrap();
            (answer.status().as_u16(), answer.text().await.unwrap())
        });
        let is_page = path == "/" && text.starts_with("<!");
        if is_page {
            return Ok(());
        }
        let answer: Value = serde_json::from_str(&text).unwrap();
        match status {
            200 => prop_assert!(answer.is_object() || answer.is_array(), "{}", text),
            400 => prop_assert!(answer["error"]["code"].is_i64(), "{}", text),
            other => prop_assert!(false, "{}: {}", other, text),
        }
        Ok(())
    });
    checked.unwrap();
}
