//! Thread control on WhatsApp, against a stub.
use crate::client::{Client, TOKEN};
use handover_protocol::WhatsAppThreadControl;
use handover_runtime::graph::{GraphError, WhatsApp};
use handover_testkit::graph::GraphStub;
use serde_json::{Value, json};

const PHONE_NUMBER: &str = "106540352242922";
const PERSON: &str = "15551234567";

fn client(stub: &GraphStub) -> WhatsApp {
    WhatsApp::at(stub.address(), PHONE_NUMBER, TOKEN).unwrap()
}

#[tokio::test]
async fn control_is_passed_taken_and_released() {
    let stub = GraphStub::answering(r#"{"messaging_product":"whatsapp"}"#).await;
    let whatsapp = client(&stub);
    let pass = WhatsAppThreadControl {
        metadata: Some("ticket 7".to_owned()),
        ..WhatsAppThreadControl::pass_to_agent(PERSON)
    };
    let agent = json!({"target_role": "ai_agent"});
    for (request, action, target) in [
        (pass, "pass", Some(agent)),
        (WhatsAppThreadControl::pass_to_partner(PERSON), "pass", None),
        (WhatsAppThreadControl::take(PERSON), "take", None),
        (WhatsAppThreadControl::release(PERSON), "release", None),
    ] {
        whatsapp.thread_control(&request).await.unwrap();
        let asked = stub.only_request();
        assert_eq!(asked.method, "POST");
        let path = format!("/business/whatsapp/phone_numbers/{PHONE_NUMBER}/thread_control");
        assert_eq!(asked.uri.path(), path);
        assert_eq!(asked.headers["x-api-version"], "1.0.0");
        assert_eq!(asked.headers["authorization"], format!("Bearer {TOKEN}"));
        let body: Value = asked.json();
        assert_eq!(body["messaging_product"], "whatsapp");
        assert_eq!(
            (&body["action"], &body["to"]),
            (&json!(action), &json!(PERSON))
        );
        assert_eq!(body.get("control_pass"), target.as_ref());
    }
}

#[tokio::test]
async fn a_refusal_says_why() {
    let stub = GraphStub::answering("").await;
    stub.always(
        400,
        r#"{"error":{"message":"not the escalation partner","code":2494191}}"#,
    );
    let taken = client(&stub)
        .thread_control(&WhatsAppThreadControl::take(PERSON))
        .await;
    match taken.unwrap_err() {
        GraphError::Refused { code, message, .. } => {
            assert_eq!((code, &*message), (2_494_191, "not the escalation partner"));
        }
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn metadata_that_is_too_long_is_not_sent() {
    let stub = GraphStub::answering(r#"{"messaging_product":"whatsapp"}"#).await;
    let whatsapp = client(&stub);
    let with = |length| WhatsAppThreadControl {
        metadata: Some("é".repeat(length)),
        ..WhatsAppThreadControl::release(PERSON)
    };
    whatsapp.thread_control(&with(2000)).await.unwrap();
    let _ = stub.only_request();
    let refused = whatsapp.thread_control(&with(2001)).await;
    assert!(matches!(refused, Err(GraphError::Limit(_))));
    assert!(stub.take_requests().is_empty());
}

#[test]
fn what_cannot_be_a_phone_number_or_a_token_is_named() {
    for (id, token, setting) in [
        ("+1 555 1234567", TOKEN, "phone_number_id"),
        ("", TOKEN, "phone_number_id"),
        (PHONE_NUMBER, "", "access_token"),
    ] {
        let error = WhatsApp::new(id, token).unwrap_err().to_string();
        assert!(error.contains(setting), "{error}");
    }
    let shown = format!("{:?}", WhatsApp::new(PHONE_NUMBER, TOKEN).unwrap());
    assert!(!shown.contains(TOKEN), "{shown}");
}
