//! Each call of the Graph client, as it arrives at the other end.
use std::future::Future;
use std::time::Duration;

use crate::client::{Client, PAGE, PERSON, TOKEN};
use handover_protocol::{
    AppId, ControlType, MessagingType, Object, OutgoingAttachment, PersonId, QuickReply,
    SendThreadControl, SenderAction, Timestamp,
};
use handover_runtime::graph::{Call, CallResponse, CurrentOwner, Graph, GraphError, GraphSettings};
use handover_testkit::graph::{GraphStub, Response};
use serde::Serialize;

const SUCCESS: &str = r#"{"success":true}"#;
const SENT: &str = r#"{"recipient_id":"1254477777772919","message_id":"m_1"}"#;

#[derive(Serialize)]
struct Ticket {
    reason: &'static str,
}

fn person() -> PersonId {
    PersonId::from(PERSON)
}

/// Makes the call and compares what arrived.
async fn arrives<T>(
    stub: &GraphStub,
    call: impl Future<Output = Result<T, GraphError>>,
    path: &str,
    body: &str,
) -> T {
    let answer = call.await.unwrap();
    let request = stub.only_request();
    assert_eq!(request.method, "POST");
    assert_eq!(request.uri.to_string(), format!("/v26.0/{PAGE}/{path}"));
    assert_eq!(request.headers["authorization"], format!("Bearer {TOKEN}"));
    assert_eq!(request.headers["content-type"], "application/json");
    assert_eq!(request.body, body);
    answer
}

#[tokio::test]
async fn pass_thread_control() {
    let stub = GraphStub::answering(SUCCESS).await;
    let graph = stub.graph();

    let to_people = graph
        .pass_thread_control(&person())
        .to(AppId::PAGE_INBOX)
        .metadata(&Ticket { reason: "agent" });
    arrives(
        &stub,
        to_people.into_future(),
        "pass_thread_control",
        r#"{"recipient":{"id":"1254477777772919"},"target_app_id":"263902037430900","metadata":"{\"reason\":\"agent\"}"}"#,
    )
    .await;

    let to_default_app = graph.pass_thread_control(&person());
    arrives(
        &stub,
        to_default_app.into_future(),
        "pass_thread_control",
        r#"{"recipient":{"id":"1254477777772919"}}"#,
    )
    .await;
}

#[tokio::test]
async fn take_request_and_release_thread_control() {
    let stub = GraphStub::answering(SUCCESS).await;
    let graph = stub.graph();
    let person = person();
    let bare = r#"{"recipient":{"id":"1254477777772919"}}"#;
    let noted = r#"{"recipient":{"id":"1254477777772919"},"metadata":"please"}"#;

    let take = || graph.take_thread_control(&person);
    arrives(&stub, take().into_future(), "take_thread_control", bare).await;
    let noted_take = take().metadata("please").into_future();
    arrives(&stub, noted_take, "take_thread_control", noted).await;

    let request = || graph.request_thread_control(&person);
    arrives(
        &stub,
        request().into_future(),
        "request_thread_control",
        bare,
    )
    .await;
    let noted_request = request().metadata("please").into_future();
    arrives(&stub, noted_request, "request_thread_control", noted).await;

    let release = || graph.release_thread_control(&person);
    arrives(
        &stub,
        release().into_future(),
        "release_thread_control",
        bare,
    )
    .await;
    let noted_release = release().metadata("please").into_future();
    arrives(&stub, noted_release, "release_thread_control", noted).await;
}

#[tokio::test]
async fn extend_thread_control() {
    let stub = GraphStub::answering(SUCCESS).await;
    let graph = stub.graph();

    arrives(
        &stub,
        graph.extend_thread_control(&person(), Duration::from_secs(86_400)),
        "extend_thread_control",
        r#"{"recipient":{"id":"1254477777772919"},"duration":86400}"#,
    )
    .await;
}

#[tokio::test]
async fn send_text_with_quick_replies() {
    let stub = GraphStub::answering(SENT).await;
    let graph = stub.graph();

    let question = graph
        .send(&person())
        .text("Pick")
        .quick_replies([
            QuickReply::text("Red", "PICK_RED"),
            QuickReply::user_email(),
        ])
        .metadata("call 7");
    let sent = arrives(
        &stub,
        question.into_future(),
        "messages",
        r#"{"recipient":{"id":"1254477777772919"},"messaging_type":"RESPONSE","message":{"text":"Pick","quick_replies":[{"content_type":"text","title":"Red","payload":"PICK_RED"},{"content_type":"user_email"}],"metadata":"call 7"}}"#,
    )
    .await;
    assert_eq!(sent.message_id.as_deref(), Some("m_1"));
    assert_eq!(sent.recipient_id, Some(person()));
}

#[tokio::test]
async fn send_attachment() {
    let stub = GraphStub::answering(SENT).await;
    let graph = stub.graph();

    let picture = graph
        .send(&person())
        .attachment(OutgoingAttachment::image("https://example.com/hat.png"))
        .messaging_type(MessagingType::Update);
    arrives(
        &stub,
        picture.into_future(),
        "messages",
        r#"{"recipient":{"id":"1254477777772919"},"messaging_type":"UPDATE","message":{"attachment":{"type":"image","payload":{"url":"https://example.com/hat.png"}}}}"#,
    )
    .await;
}

#[tokio::test]
async fn send_and_pass_in_one_call() {
    let stub = GraphStub::answering(SENT).await;
    let graph = stub.graph();

    let farewell = graph
        .send(&person())
        .text("One moment")
        .thread_control(SendThreadControl {
            control_type: Some(ControlType::Pass),
            app_id: Some(AppId::PAGE_INBOX),
            ..Default::default()
        });
    arrives(
        &stub,
        farewell.into_future(),
        "messages",
        r#"{"recipient":{"id":"1254477777772919"},"messaging_type":"RESPONSE","message":{"text":"One moment"},"thread_control":{"control_type":"pass","app_id":"263902037430900"}}"#,
    )
    .await;
}

#[tokio::test]
async fn sender_action() {
    let stub = GraphStub::answering(r#"{"recipient_id":"1254477777772919"}"#).await;
    let graph = stub.graph();

    arrives(
        &stub,
        graph.sender_action(&person(), SenderAction::TypingOn),
        "messages",
        r#"{"recipient":{"id":"1254477777772919"},"sender_action":"typing_on"}"#,
    )
    .await;
}

#[tokio::test]
async fn thread_owner() {
    let stub = GraphStub::answering("").await;
    let graph = stub.graph();
    let until = Some(Timestamp::from_secs(1_790_000_000));
    let inbox = |until| CurrentOwner::App {
        id: AppId::PAGE_INBOX,
        until,
    };

    for (answer, owner) in [
        (r#"{"data":[]}"#, CurrentOwner::Nobody),
        ("{}", CurrentOwner::Nobody),
        ("", CurrentOwner::Nobody),
        (
            r#"{"data":[{"thread_owner":{"app_id":"263902037430900","expiration":1790000000}}]}"#,
            inbox(until),
        ),
        (
            r#"{"data":[{"thread_owner":{"app_id":263902037430900}}]}"#,
            inbox(None),
        ),
        (
            r#"{"data":[{"thread_owner":{"expiration":1790000000}}]}"#,
            CurrentOwner::NotShown { until },
        ),
    ] {
        stub.always(200, answer);
        assert_eq!(
            graph.thread_owner(&person()).await.unwrap(),
            owner,
            "{answer}"
        );
        let request = stub.only_request();
        assert_eq!(request.method, "GET");
        assert_eq!(
            request.uri.to_string(),
            format!("/v26.0/{PAGE}/thread_owner?recipient={PERSON}")
        );
        assert_eq!(request.headers["authorization"], format!("Bearer {TOKEN}"));
        assert_eq!(request.body, "");
    }
}

#[tokio::test]
async fn ice_breakers_may_be_separate_rows() {
    let questions = r#"{"call_to_actions":[{"question":"Q","payload":"P"}],"locale":"default"}"#;
    let stub = GraphStub::answering(format!(r#"{{"data":[{questions}]}}"#)).await;
    let alone = stub.graph().profile().await.unwrap();
    assert_eq!(alone.ice_breakers.len(), 1);
    assert!(alone.extra.is_empty(), "{alone:?}");

    let started = r#"{"get_started":{"payload":"S"}}"#;
    stub.always(200, format!(r#"{{"data":[{questions},{started}]}}"#));
    let beside = stub.graph().profile().await.unwrap();
    assert_eq!(beside.ice_breakers, alone.ice_breakers);
    assert!(beside.get_started.is_some());

    stub.always(
        200,
        format!(r#"{{"data":[{{"ice_breakers":[{questions}]}}]}}"#),
    );
    let usual = stub.graph().profile().await.unwrap();
    assert_eq!(usual, alone);
}

#[tokio::test]
async fn secondary_receivers() {
    let stub = GraphStub::answering(r#"{"data":[{"id":"12345678910","name":"Live chat"}]}"#).await;

    let receivers = stub.graph().secondary_receivers().await.unwrap();

    assert_eq!(receivers.len(), 1);
    assert_eq!(receivers[0].id, "12345678910");
    assert_eq!(receivers[0].name.as_deref(), Some("Live chat"));
    assert_eq!(
        stub.only_request().uri.to_string(),
        format!("/v26.0/{PAGE}/secondary_receivers?fields=id%2Cname")
    );
}

#[tokio::test]
async fn messaging_feature_status() {
    let stub = GraphStub::answering(
        r#"{"messaging_feature_status":{"hop_v2":false,"msgr_multi_app":true,"ig_multi_app":false},"id":"1744550565845823"}"#,
    )
    .await;
    let graph = stub.graph();

    let status = graph.messaging_feature_status().await.unwrap();
    assert!(status.msgr_multi_app && !status.ig_multi_app && !status.hop_v2);
    assert_eq!(
        stub.only_request().uri.to_string(),
        "/v26.0/me?fields=messaging_feature_status"
    );

    stub.always(200, r#"{"id":"1744550565845823"}"#);
    let absent = graph.messaging_feature_status().await.unwrap();
    assert!(!absent.msgr_multi_app && !absent.ig_multi_app);
}

#[tokio::test]
async fn a_stored_call_is_made_later() {
    let stub = GraphStub::answering(SENT).await;
    let graph = stub.graph();
    let stored = r#"{"messages":{"recipient":{"id":"1254477777772919"},"messaging_type":"RESPONSE","message":{"text":"Hello"},"persona_id":"8"}}"#;

    let call: Call = serde_json::from_str(stored).unwrap();
    assert_eq!(serde_json::to_string(&call).unwrap(), stored);
    let answer = graph.execute(&call).await.unwrap();

    let CallResponse::Sent(sent) = answer else {
        panic!("{answer:?}")
    };
    assert_eq!(sent.message_id.as_deref(), Some("m_1"));
    assert!(stub.only_request().body.ends_with(br#""persona_id":"8"}"#));

    stub.always(200, SUCCESS);
    let release = r#"{"release_thread_control":{"recipient":{"id":"1254477777772919"}}}"#;
    let release: Call = serde_json::from_str(release).unwrap();
    assert_eq!(graph.execute(&release).await.unwrap(), CallResponse::Done);
    assert_eq!(
        stub.only_request().uri.path(),
        format!("/v26.0/{PAGE}/release_thread_control")
    );
}

#[test]
fn only_a_message_must_not_be_made_twice() {
    let idempotent = |json: &str| {
        let call: Call = serde_json::from_str(json).unwrap();
        call.is_idempotent()
    };
    assert!(!idempotent(
        r#"{"messages":{"recipient":{"id":"7"},"message":{"text":"Hi"}}}"#
    ));
    assert!(!idempotent(
        r#"{"messages":{"recipient":{"id":"7"},"template":{"name":"receipt"}}}"#
    ));
    assert!(idempotent(
        r#"{"messages":{"recipient":{"id":"7"},"sender_action":"typing_on"}}"#
    ));
    for name in ["pass", "take", "request", "release", "extend"] {
        assert!(idempotent(&format!(
            r#"{{"{name}_thread_control":{{"recipient":{{"id":"7"}}}}}}"#
        )));
    }
}

#[tokio::test]
async fn a_success_of_another_shape_is_one() {
    let stub = GraphStub::answering(r#"{"data":[{"thread_owner":{"app_id":"7"}}]}"#).await;
    let graph = stub.graph();
    graph.take_thread_control(&person()).await.unwrap();

    for refusal in [r#"{"success":false}"#, r#"{"success":"false"}"#] {
        stub.always(200, refusal);
        let refused = graph.take_thread_control(&person()).await;
        assert!(
            matches!(refused, Err(GraphError::Unreadable { .. })),
            "{refused:?}"
        );
    }
}

#[tokio::test]
async fn every_call_says_who_makes_it() {
    let stub = GraphStub::answering(SUCCESS).await;
    stub.graph().take_thread_control(&person()).await.unwrap();

    let request = stub.only_request();
    assert_eq!(
        request.headers["user-agent"],
        concat!("handover/", env!("CARGO_PKG_VERSION"))
    );
    assert!(!request.headers.contains_key("referer"));
}

#[tokio::test]
async fn the_appsecret_proof_is_added_to_every_query() {
    let stub = GraphStub::answering(r#"{"data":[]}"#).await;
    // Key and text of the example that is usually given for HMAC-SHA256.
    let graph = Graph::new(
        GraphSettings::new(PAGE, "The quick brown fox jumps over the lazy dog")
            .base_url(stub.address())
            .appsecret_proof_key("key"),
    )
    .unwrap();
    let proof = "appsecret_proof=f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8";

    graph.take_thread_control(&person()).await.unwrap();
    assert_eq!(stub.only_request().uri.query(), Some(proof));

    graph.thread_owner(&person()).await.unwrap();
    assert_eq!(
        stub.only_request().uri.query(),
        Some(&*format!("recipient={PERSON}&{proof}"))
    );
}

#[tokio::test]
async fn base_url_and_version_are_configurable() {
    let stub = GraphStub::answering(SUCCESS).await;
    for base in ["/stand-in", "/stand-in/"] {
        let graph = Graph::new(
            stub.settings()
                .base_url(stub.address().join(base).unwrap())
                .version("v25.0"),
        )
        .unwrap();
        graph.take_thread_control(&person()).await.unwrap();
        assert_eq!(
            stub.only_request().uri.to_string(),
            format!("/stand-in/v25.0/{PAGE}/take_thread_control")
        );
    }
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let stub = GraphStub::answering(Response {
        status: 307,
        headers: vec![("location", "/elsewhere".into())],
        body: String::new(),
    })
    .await;

    let answer = stub.graph().take_thread_control(&person()).await;

    assert!(
        matches!(answer, Err(GraphError::Unreadable { status: 307, .. })),
        "{answer:?}"
    );
    assert_eq!(
        stub.only_request().uri.path(),
        format!("/v26.0/{PAGE}/take_thread_control")
    );
}

#[test]
fn settings_that_cannot_work_are_named() {
    let usual = || GraphSettings::new(PAGE, TOKEN);
    let at = |url: &str| usual().base_url(url.parse().unwrap());
    let cases = [
        (at("http://graph.facebook.com"), "base_url"),
        (at("http://127.0.0.1.example.com"), "base_url"),
        (at("ftp://localhost"), "base_url"),
        (at("data:text/plain,graph"), "base_url"),
        (at("https://graph.facebook.com/v26.0"), "base_url"),
        (at("https://graph.facebook.com/v26.0/"), "base_url"),
        (at("https://user:password@graph.facebook.com"), "base_url"),
        (
            at("https://graph.facebook.com/?access_token=EAAB"),
            "base_url",
        ),
        (usual().version("26"), "version"),
        (usual().version("v26.0/.."), "version"),
        (GraphSettings::new("", TOKEN), "page_id"),
        (GraphSettings::new("../me", TOKEN), "page_id"),
        (GraphSettings::new(PAGE, ""), "access_token"),
        (GraphSettings::new(PAGE, "EAAB\n"), "access_token"),
    ];
    for (settings, named) in cases {
        let described = format!("{settings:?}");
        match Graph::new(settings) {
            Err(GraphError::Settings { setting, .. }) => assert_eq!(setting, named, "{described}"),
            other => panic!("{other:?} for {described}"),
        }
    }
}

#[test]
fn settings_that_work() {
    for url in [
        "https://graph.facebook.com",
        "https://proxy.example.com/graph/",
        "http://localhost:8090",
        "http://127.0.0.1:8090/",
        "http://[::1]:8090",
    ] {
        let settings = GraphSettings::new(PAGE, TOKEN).base_url(url.parse().unwrap());
        let graph = Graph::new(settings).unwrap();
        assert_eq!(*graph.page_id(), PAGE);
        assert_eq!(*graph.for_product(Object::Instagram).page_id(), PAGE);
    }
}

#[tokio::test]
async fn metadata_without_a_json_form_makes_no_call() {
    let stub = GraphStub::answering(SUCCESS).await;
    let graph = stub.graph();
    let unwritable = std::collections::HashMap::from([([1], 1)]);

    let pass = graph
        .pass_thread_control(&person())
        .metadata(&unwritable)
        .to("7")
        .await;
    assert!(
        matches!(pass, Err(GraphError::Unwritable { .. })),
        "{pass:?}"
    );
    let send = graph.send(&person()).metadata(&unwritable).text("Hi").await;
    assert!(
        matches!(send, Err(GraphError::Unwritable { .. })),
        "{send:?}"
    );
    assert!(stub.take_requests().is_empty());
}
