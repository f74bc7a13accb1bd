//! Errors of the Graph API.

use crate::support::shape;
use handover_protocol::{ErrorBody, GraphErrorObject, code, subcode};
use serde_json::{Value, json};

fn error(object: Value) -> GraphErrorObject {
    serde_json::from_value::<ErrorBody>(json!({"error": object}))
        .unwrap()
        .error
}

#[test]
fn every_field_is_read_and_written() {
    let json = json!({"error": {"message": "(#100) No matching user found", "type": "OAuthException",
        "code": 100, "error_subcode": 2018001, "is_transient": false, "error_user_title": "T",
        "error_user_msg": "M", "error_data": {"blame": "x"}, "fbtrace_id": "AbCdEf", "new": 1}});
    let body: ErrorBody = serde_json::from_value(json.clone()).unwrap();
    let error = &body.error;
    assert_eq!(error.kind.as_deref(), Some("OAuthException"));
    assert_eq!(
        (error.code, error.error_subcode),
        (code::PARAMETER, Some(subcode::NO_SUCH_PERSON))
    );
    assert_eq!(error.is_transient, Some(false));
    assert_eq!(error.fbtrace_id.as_deref(), Some("AbCdEf"));
    assert_eq!(serde_json::to_value(&body).unwrap(), json);
    let mut known = json;
    known["error"].as_object_mut().unwrap().remove("new");
    shape::<ErrorBody>(known);
}

#[test]
fn only_the_message_and_the_code_are_always_there() {
    let error = error(json!({"message": "expired", "code": 190}));
    assert_eq!(
        (error.message.as_str(), error.code),
        ("expired", code::TOKEN)
    );
    let body = ErrorBody {
        error,
        ..Default::default()
    };
    assert_eq!(
        serde_json::to_value(body).unwrap(),
        json!({"error": {"message": "expired", "code": 190}}),
    );
}

#[test]
fn details_and_codes_may_be_strings() {
    let error = error(json!({"code": "10", "error_subcode": "2018300", "error_data": "details"}));
    assert_eq!(
        (error.code, error.error_subcode),
        (code::PERMISSION, Some(subcode::NOT_THREAD_OWNER))
    );
    assert_eq!(error.error_data, Some(json!("details")));
}
