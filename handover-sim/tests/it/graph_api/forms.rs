//! The ways in which parameters come.

use handover_testkit::http;
use handover_testkit::http::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::graph_api::http::{Graph, TOKEN, error, form, good};

const FORM: &str = "application/x-www-form-urlencoded";

/// A form with a file, as bytes.
fn multipart(
    request: RequestBuilder,
    fields: &[(&str, &str)],
    file: (&str, &[u8]),
) -> RequestBuilder {
    let mut body = Vec::new();
    for (name, value) in fields {
        let part =
            format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend(part.into_bytes());
    }
    let (kind, content) = file;
    let head = format!(
        "--x\r\nContent-Disposition: form-data; name=\"filedata\"; filename=\"a b.png\"\r\n\
         Content-Type: {kind}\r\n\r\n"
    );
    body.extend(head.into_bytes());
    body.extend(content);
    body.extend(b"\r\n--x--\r\n");
    request
        .header("content-type", "multipart/form-data; boundary=x")
        .body(body)
}

#[tokio::test]
async fn profiles_are_set_by_json_form_and_query_alike() {
    let graph = Graph::start().await;
    let greeting = |text: &str| json!([{"locale": "default", "text": text}]);
    let path = "/v26.0/me/messenger_profile";
    let shown = async || graph.get(&format!("{path}?fields=greeting")).await["data"].clone();

    graph
        .post(path, json!({"greeting": greeting("json")}))
        .await;
    assert_eq!(shown().await, json!([{"greeting": greeting("json")}]));

    let post = || graph.request(Method::POST, path).bearer_auth(TOKEN);
    let by_form = form([("greeting", &greeting("form").to_string())]);
    let request = post().header("content-type", FORM).body(by_form);
    good(request.send().await.unwrap()).await;
    assert_eq!(shown().await, json!([{"greeting": greeting("form")}]));

    let query = form([("greeting", &greeting("query").to_string())]);
    let request = graph
        .request(Method::POST, &format!("{path}?{query}"))
        .bearer_auth(TOKEN);
    good(request.send().await.unwrap()).await;
    assert_eq!(shown().await, json!([{"greeting": greeting("query")}]));

    let fields = json!({"fields": ["greeting"]});
    let request = graph
        .request(Method::DELETE, path)
        .bearer_auth(TOKEN)
        .json(&fields);
    good(request.send().await.unwrap()).await;
    assert_eq!(shown().await, json!([]));
}

#[tokio::test]
async fn names_of_form_fields_may_lead_into_objects_and_lists() {
    let graph = Graph::start().await;
    let sent = form([
        ("recipient[id]", graph.ana.id().as_str()),
        ("messaging_type", "RESPONSE"),
        ("message[attachment][type]", "template"),
        ("message[attachment][payload][template_type]", "button"),
        ("message[attachment][payload][text]", "Sure?"),
        ("message[attachment][payload][sharable]", "true"),
        ("message[attachment][payload][buttons][0][type]", "postback"),
        ("message[attachment][payload][buttons][0][title]", "Yes"),
        ("message[attachment][payload][buttons][0][payload]", "YES"),
        ("message[quick_replies][][content_type]", "user_email"),
    ]);
    let request = graph.request(Method::POST, "/me/messages");
    let request = request.bearer_auth(TOKEN).header("content-type", FORM);
    let answer = good(request.body(sent).send().await.unwrap()).await;
    assert_eq!(answer["recipient_id"], graph.ana.id().as_str());
    graph.ana.taps_button("Yes").await.unwrap();
    let fields = graph.get("/me/messenger_profile?fields[]=greeting").await;
    assert_eq!(fields, json!({"data": []}));
}

#[tokio::test]
async fn who_can_only_post_says_method_delete() {
    let graph = Graph::start().await;
    let body = json!({"method": "delete", "fields": ["get_started"]});
    graph.post("/me/messenger_profile", body).await;
    let shown = graph.get("/me/messenger_profile?fields=get_started").await;
    assert_eq!(shown, json!({"data": []}));
}

#[tokio::test]
async fn a_file_along_with_a_message_is_shown_and_can_be_fetched() {
    let graph = Graph::start().await;
    let recipient = json!({"id": graph.ana.id()}).to_string();
    let message = json!({"attachment": {"type": "image", "payload": {"is_reusable": true}}});
    let fields = [
        ("recipient", recipient.as_str()),
        ("message", &message.to_string()),
    ];
    let post = |path: &str| graph.request(Method::POST, path).bearer_auth(TOKEN);
    let picture = ("image/png", &b"\x89PNG\r\n--x is no boundary here"[..]);
    let request = multipart(post("/v26.0/me/messages"), &fields, picture);
    let sent = good(request.send().await.unwrap()).await;
    assert!(sent["message_id"].is_string() && sent["attachment_id"].is_string());

    let shown = graph.ana.messages().pop().unwrap().attachment.unwrap();
    let url = shown.payload.url.unwrap();
    let fetched = graph.client.get(&url).send().await.unwrap();
    assert_eq!(fetched.headers()["content-type"], "image/png");
    assert_eq!(fetched.bytes().await.unwrap(), picture.1);

    let request = multipart(post("/me/message_attachments"), &fields[1..], picture);
    let saved = good(request.send().await.unwrap()).await;
    let again = json!({"recipient": {"id": graph.ana.id()}, "message": {"attachment":
        {"type": "image", "payload": {"attachment_id": saved["attachment_id"]}}}});
    assert!(graph.post("/me/messages", again).await["message_id"].is_string());

    let request = multipart(post("/me/messages"), &fields, ("video/mp4", b"film"));
    assert_eq!(graph.refused(request).await, (100, Some(2_018_047)));
}

#[tokio::test]
async fn what_is_uploaded_does_not_act_as_a_page() {
    let graph = Graph::start().await;
    let message = json!({"attachment": {"type": "file", "payload": {}}}).to_string();
    let recipient = json!({"id": graph.ana.id()}).to_string();
    let fields = [("recipient", recipient.as_str()), ("message", &message)];
    let request = graph
        .request(Method::POST, "/me/messages")
        .bearer_auth(TOKEN);
    let request = multipart(request, &fields, ("text/html", b"<script>"));
    good(request.send().await.unwrap()).await;
    let shown = graph.ana.messages().pop().unwrap().attachment.unwrap();
    let fetched = graph
        .client
        .get(shown.payload.url.unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!(
        fetched.headers()["content-type"],
        "application/octet-stream"
    );
    assert_eq!(fetched.headers()["x-content-type-options"], "nosniff");
}

#[tokio::test]
async fn bodies_of_any_shape_are_answered_with_the_platforms_error() {
    let graph = Graph::start().await;
    let long = "x".repeat(33 * 1024 * 1024);
    for (kind, body) in [
        ("application/json", "{"),
        ("application/json", "[]"),
        ("application/json", "\"text\""),
        ("application/json", "{\"recipient\":5}"),
        ("application/json", "{\"message\":[]}"),
        (FORM, "recipient=%7B&message=%5B"),
        (FORM, "%ff%fe=%00"),
        ("multipart/form-data", "--x"),
        ("multipart/form-data; boundary=x", "--x"),
        ("multipart/form-data; boundary=x", "--x\r\n\r\n\r\n--x--"),
        ("multipart/form-data; boundary=\"", "--"),
        ("multipart/form-data; boundary=x", long.as_str()),
        ("text/plain", "hello"),
        ("\u{1}", ""),
    ] {
        for path in [
            "/me/messages",
            "/me/messenger_profile",
            "/me/message_attachments",
            "/",
        ] {
            let mut request = graph.request(Method::POST, path).bearer_auth(TOKEN);
            if let Ok(kind) = http::header::HeaderValue::from_str(kind) {
                request = request.header("content-type", kind);
            }
            let answer = request.body(body.to_owned()).send().await.unwrap();
            let (code, _) = error(answer).await;
            assert!(code > 0);
        }
    }
    assert_eq!(graph.texts(), Vec::<String>::new());
}

#[tokio::test]
async fn paths_and_methods_that_are_not_there_are_answered_with_the_platforms_error() {
    let graph = Graph::start().await;
    for (method, path) in [
        (Method::GET, "/me/messages"),
        (Method::PUT, "/me/messages"),
        (Method::PATCH, "/me"),
        (Method::POST, "/me/shoe_size"),
        (Method::GET, "/1234567"),
        (Method::GET, "/t_42"),
        (Method::GET, "/m_42"),
        (Method::DELETE, "/me"),
        (Method::GET, "/me/messages/extra/deep"),
        (Method::GET, "/v26.0"),
        (Method::GET, "/%ff"),
    ] {
        let request = graph.request(method.clone(), path).bearer_auth(TOKEN);
        assert_eq!(graph.refused(request).await.0, 100, "{method} {path}");
    }
}

#[tokio::test]
async fn a_refused_call_is_in_the_timeline_too() {
    let graph = Graph::start().await;
    let request = graph
        .request(Method::POST, "/me/messages")
        .bearer_auth(TOKEN)
        .body("{");
    graph.refused(request).await;
    let timeline = graph.sim.timeline();
    let row = timeline
        .iter()
        .rfind(|row| row.title == "messages")
        .unwrap();
    assert_eq!(row.status, Some(400));
    let body: Value = serde_json::from_str(row.response.as_deref().unwrap()).unwrap();
    assert_eq!(body["error"]["code"], 100);
}
