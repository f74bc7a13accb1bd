//! Thread control, from both sides.

use std::fmt::Debug;

use crate::support::shape;
use handover_protocol::{
    AppId, ExtendThreadControlRequest, Limit, MessagingFeatureStatus, MessagingFeatures,
    PassThreadControlRequest, Recipient, ReleaseThreadControlRequest, RequestThreadControlRequest,
    SecondaryReceivers, Success, TakeThreadControlRequest, ThreadOwner, ThreadOwnerRow,
    ThreadOwners,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// Writes it, reads that back, and returns what was written.
fn written<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) -> Value {
    let json = serde_json::to_value(value).unwrap();
    assert_eq!(&serde_json::from_value::<T>(json.clone()).unwrap(), value);
    shape::<T>(json.clone());
    json
}

fn parsed<T: DeserializeOwned>(json: Value) -> T {
    serde_json::from_value(json).unwrap()
}

#[test]
fn a_pass_names_its_target_as_a_string() {
    let pass = PassThreadControlRequest {
        recipient: Recipient::id("9"),
        target_app_id: Some(AppId::PAGE_INBOX),
        metadata: Some(r#"{"reason":"agent"}"#.into()),
        ..Default::default()
    };
    let json = json!({"recipient": {"id": "9"}, "target_app_id": "263902037430900",
        "metadata": r#"{"reason":"agent"}"#});
    assert_eq!(written(&pass), json);
    let with_numbers = json!({"recipient": {"id": 9}, "target_app_id": 263902037430900_u64,
        "metadata": r#"{"reason":"agent"}"#});
    assert_eq!(parsed::<PassThreadControlRequest>(with_numbers), pass);
}

#[test]
fn the_other_requests() {
    let recipient = Recipient::id("9");
    let metadata = Some("please".to_owned());
    let json = json!({"recipient": {"id": "9"}, "metadata": "please"});
    let take = TakeThreadControlRequest {
        recipient: recipient.clone(),
        metadata: metadata.clone(),
        ..Default::default()
    };
    assert_eq!(written(&take), json);
    let request = RequestThreadControlRequest {
        recipient: recipient.clone(),
        metadata: metadata.clone(),
        ..Default::default()
    };
    assert_eq!(written(&request), json);
    let release = ReleaseThreadControlRequest {
        recipient: recipient.clone(),
        ..Default::default()
    };
    assert_eq!(written(&release), json!({"recipient": {"id": "9"}}));
    let extend = ExtendThreadControlRequest {
        recipient,
        duration: Some(86_400),
        ..Default::default()
    };
    assert_eq!(
        written(&extend),
        json!({"recipient": {"id": "9"}, "duration": 86_400})
    );
}

#[test]
fn a_duration_may_be_a_string_but_not_anything() {
    let extend =
        |duration: Value| parsed::<ExtendThreadControlRequest>(json!({"duration": duration}));
    assert_eq!(extend(json!("3600")).duration, Some(3600));
    for odd in [json!(-1), json!(1.5), json!("an hour"), json!({})] {
        assert_eq!(extend(odd.clone()).duration, None);
        assert_eq!(extend(odd.clone()).extra["duration"], odd);
    }
}

#[test]
fn success_may_be_a_string() {
    assert_eq!(
        written(&Success {
            success: true,
            ..Default::default()
        }),
        json!({"success": true})
    );
    assert_eq!(written(&Success::default()), json!({"success": false}));
    assert!(parsed::<Success>(json!({"success": "true"})).success);
    assert!(!parsed::<Success>(json!({})).success);
}

#[test]
fn owners_seen_by_themselves_by_others_and_of_old() {
    let owners = ThreadOwners {
        data: vec![ThreadOwnerRow {
            thread_owner: ThreadOwner {
                app_id: Some(AppId::PAGE_INBOX),
                expiration: Some(1_790_000_000),
                ..Default::default()
            },
            ..Default::default()
        }],
        ..Default::default()
    };
    let json = json!({"data": [{"thread_owner":
        {"app_id": "263902037430900", "expiration": 1790000000}}]});
    assert_eq!(written(&owners), json);

    let owner = |owner: Value| {
        parsed::<ThreadOwners>(json!({"data": [{"thread_owner": owner}]})).data[0]
            .thread_owner
            .clone()
    };
    assert_eq!(owner(json!({"app_id": 5})).app_id.unwrap(), "5");
    let somebody_else = owner(json!({"expiration": "1790000000"}));
    assert_eq!(
        (somebody_else.app_id, somebody_else.expiration),
        (None, Some(1_790_000_000))
    );
}

#[test]
fn an_idle_thread_has_no_rows() {
    assert_eq!(written(&ThreadOwners::default()), json!({"data": []}));
    for idle in [json!({"data": []}), json!({"data": null}), json!({})] {
        assert_eq!(parsed::<ThreadOwners>(idle), ThreadOwners::default());
    }
}

#[test]
fn receivers_of_old() {
    let json = json!({"data": [{"id": "123", "name": "A"}, {"id": "456", "name": "B"}]});
    let receivers: SecondaryReceivers = parsed(json.clone());
    assert_eq!(receivers.data[1].id, "456");
    assert_eq!(receivers.data[1].name.as_deref(), Some("B"));
    assert_eq!(written(&receivers), json);
}

#[test]
fn features_of_an_account() {
    let features = MessagingFeatures {
        messaging_feature_status: MessagingFeatureStatus {
            msgr_multi_app: true,
            ..Default::default()
        },
        id: Some("7".into()),
        ..Default::default()
    };
    assert_eq!(
        written(&features),
        json!({"id": "7", "messaging_feature_status":
        {"hop_v2": false, "msgr_multi_app": true, "ig_multi_app": false}})
    );
}

#[test]
fn limits_of_metadata() {
    macro_rules! with_metadata {
        ($request:ident, $call:literal) => {
            let check = |length| {
                let request = $request {
                    metadata: Some("ü".repeat(length)),
                    ..Default::default()
                };
                request.check()
            };
            assert_eq!(check(2000), Ok(()));
            let exceeded = check(2001).unwrap_err();
            assert_eq!((exceeded.call, &*exceeded.field), ($call, "metadata"));
            assert_eq!(
                (exceeded.limit, exceeded.found),
                (Limit::HandoverMetadata, 2001)
            );
        };
    }
    with_metadata!(PassThreadControlRequest, "pass_thread_control");
    with_metadata!(TakeThreadControlRequest, "take_thread_control");
    with_metadata!(RequestThreadControlRequest, "request_thread_control");
    with_metadata!(ReleaseThreadControlRequest, "release_thread_control");
}

#[test]
fn the_limit_of_extending() {
    let check = |seconds| {
        let request = ExtendThreadControlRequest {
            duration: Some(seconds),
            ..Default::default()
        };
        request.check()
    };
    assert_eq!(check(604_800), Ok(()));
    let exceeded = check(604_801).unwrap_err();
    assert_eq!(
        (exceeded.call, exceeded.limit),
        ("extend_thread_control", Limit::ExtendDuration)
    );
}
