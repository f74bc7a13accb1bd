//! Media: by address, by id, or along with the call.

use crate::graph_api::ask::{PARAMETER, Refused};
use crate::support::stage::{BOT, DAY, Stage};
use handover_protocol::AccountId;
use handover_sim::platform::{Account, Platform, Upload};
use serde_json::{Value, json};

const WRONG_KIND: Refused = (100, Some(2_018_047));
const NOT_YOURS: Refused = (100, Some(2_018_074));
const NOT_FETCHED: Refused = (100, Some(2_018_008));
const TOO_BIG: Refused = (100, Some(2_018_109));

const MEGABYTE: usize = 1024 * 1024;

fn save(
    stage: &mut Stage,
    kind: &str,
    payload: Value,
    upload: Option<&Upload>,
) -> Result<Value, Refused> {
    let body = json!({"message": {"attachment": {"type": kind, "payload": payload}}});
    let Value::Object(body) = body else { panic!() };
    stage.ask_of(|platform, call| platform.save_attachment(call, &body, upload))
}

fn upload(content_type: &str, size: usize) -> Upload {
    Upload {
        content_type: content_type.to_owned(),
        size,
        url: "http://127.0.0.1/desk/uploads/1".to_owned(),
    }
}

#[test]
fn addresses_are_taken_as_they_are_if_they_are_some() {
    let mut stage = Stage::with_bot_as_owner();
    for kind in ["image", "audio", "video", "file"] {
        assert!(
            stage
                .attach(kind, json!({"url": "http://cdn.example/1"}))
                .is_ok()
        );
        for bad in ["1.png", "ftp://cdn.example/1", "https://", ""] {
            let sent = stage.attach(kind, json!({"url": bad}));
            assert_eq!(sent, Err(NOT_FETCHED), "{bad}");
        }
        assert_eq!(stage.attach(kind, json!({})), Err(PARAMETER));
    }
    assert_eq!(
        stage.attach("hologram", json!({"url": "https://cdn.example/1"})),
        Err(PARAMETER)
    );
}

#[test]
fn reusable_attachments_are_sent_again_by_their_id() {
    let mut stage = Stage::with_bot_as_owner();
    let url = json!({"url": "https://cdn.example/1.png", "is_reusable": true});
    let sent = stage.attach("image", url).unwrap();
    let id = sent["attachment_id"].as_str().unwrap().to_owned();
    assert!(sent["message_id"].is_string());
    let once = stage
        .attach("image", json!({"url": "https://cdn.example/1.png"}))
        .unwrap();
    assert_eq!(once.get("attachment_id"), None);

    assert!(stage.attach("image", json!({"attachment_id": id})).is_ok());
    let newest = stage.thread().messages().next_back().unwrap();
    let shown = newest.attachment.as_ref().unwrap();
    assert_eq!(
        shown.payload.url.as_deref(),
        Some("https://cdn.example/1.png")
    );
    assert_eq!(
        stage.attach("video", json!({"attachment_id": id})),
        Err(WRONG_KIND)
    );
    assert_eq!(
        stage.attach("image", json!({"attachment_id": "5"})),
        Err(NOT_YOURS)
    );
}

#[test]
fn attachments_are_saved_without_being_sent() {
    let mut stage = Stage::with_bot_as_owner();
    let before = stage.thread().messages().count();
    let url = json!({"url": "https://cdn.example/1.mp4", "is_reusable": true});
    let id = save(&mut stage, "video", url, None).unwrap()["attachment_id"].clone();
    assert_eq!(stage.thread().messages().count(), before);
    assert!(stage.attach("video", json!({"attachment_id": id})).is_ok());
    assert_eq!(
        save(&mut stage, "video", json!({"url": "1.mp4"}), None),
        Err(NOT_FETCHED)
    );
    assert_eq!(save(&mut stage, "video", json!({}), None), Err(PARAMETER));
    assert_eq!(
        save(&mut stage, "template", json!({}), None),
        Err(PARAMETER)
    );
}

#[test]
fn attachment_ids_are_good_for_90_days() {
    let mut stage = Stage::with_bot_as_owner();
    let url = json!({"url": "https://cdn.example/1.png"});
    let id = save(&mut stage, "image", url, None).unwrap()["attachment_id"].clone();
    stage.later(90 * DAY - 1).ana_says("still there?");
    assert!(stage.attach("image", json!({"attachment_id": id})).is_ok());
    stage.later(1);
    assert_eq!(
        stage.attach("image", json!({"attachment_id": id})),
        Err(NOT_YOURS)
    );
}

#[test]
fn attachment_ids_are_private_to_the_account() {
    let mut stage = Stage::with_bot_as_owner();
    let url = json!({"url": "https://cdn.example/1.png"});
    let id = save(&mut stage, "image", url, None).unwrap()["attachment_id"].clone();
    let other: AccountId = "104508901353867".into();
    stage
        .platform
        .open(Account::page(other.clone(), "Teehaus").default_app(BOT));
    let ben = stage.platform.meet(&other, "Ben");
    stage.platform.say(&ben, "hello", stage.now).unwrap();
    let body = json!({"recipient": {"id": ben}, "message": {"attachment":
        {"type": "image", "payload": {"attachment_id": id}}}});
    let Value::Object(body) = body else { panic!() };
    let call = handover_sim::platform::Call {
        app: &BOT,
        account: &other,
        now: stage.now,
    };
    let refusal = Platform::send_with(&mut stage.platform, &call, &body, None).unwrap_err();
    assert_eq!((refusal.code, refusal.subcode), NOT_YOURS);
}

#[test]
fn uploads_are_of_the_kind_the_call_names_and_have_at_most_25_megabytes() {
    let mut stage = Stage::with_bot_as_owner();
    let mut send = |kind: &str, upload: &Upload| {
        let body = json!({"recipient": {"id": stage.ana}, "message": {"attachment":
            {"type": kind, "payload": {"is_reusable": true}}}});
        let sent = stage.post_as(&BOT, body, Some(upload));
        let saved = save(&mut stage, kind, json!({}), Some(upload));
        assert_eq!(
            sent.as_ref().err(),
            saved.as_ref().err(),
            "both are judged alike"
        );
        sent.map(|sent| assert!(sent["attachment_id"].is_string()))
    };
    assert_eq!(send("image", &upload("image/png", 25 * MEGABYTE)), Ok(()));
    assert_eq!(
        send("image", &upload("image/png", 25 * MEGABYTE + 1)),
        Err(TOO_BIG)
    );
    assert_eq!(send("image", &upload("video/mp4", 1)), Err(WRONG_KIND));
    assert_eq!(send("video", &upload("video/mp4", 1)), Ok(()));
    assert_eq!(send("file", &upload("application/pdf", 1)), Ok(()));
    assert_eq!(
        send("audio", &upload("application/pdf", 1)),
        Err(WRONG_KIND)
    );
}
