//! Media: by address, by id, or along with the call.

use crate::graph_api::ask::{PARAMETER, Refused};
use crate::support::rules::{BOT, DAY, Rules};
use handover_protocol::AccountId;
use handover_sim::platform::{Account, Platform, UploadedFile};
use serde_json::{Value, json};

const WRONG_KIND: Refused = (100, Some(2_018_047));
const NOT_YOURS: Refused = (100, Some(2_018_074));
const NOT_FETCHED: Refused = (100, Some(2_018_008));
const TOO_BIG: Refused = (100, Some(2_018_109));

const MEGABYTE: usize = 1024 * 1024;

fn save(
    rules: &mut Rules,
    kind: &str,
    payload: Value,
    upload: Option<&UploadedFile>,
) -> Result<Value, Refused> {
    let body = json!({"message": {"attachment": {"type": kind, "payload": payload}}});
    let Value::Object(body) = body else { panic!() };
    rules.ask_of(|platform, call| platform.save_attachment(call, &body, upload))
}

fn upload(content_type: &str, size: usize) -> UploadedFile {
    UploadedFile {
        content_type: content_type.to_owned(),
        size,
        url: "http://127.0.0.1/control/uploads/1".to_owned(),
    }
}

#[test]
fn addresses_are_taken_as_they_are_if_they_are_some() {
    let mut rules = Rules::with_bot_as_owner();
    for kind in ["image", "audio", "video", "file"] {
        assert!(
            rules
                .attach(kind, json!({"url": "http://cdn.example/1"}))
                .is_ok()
        );
        for bad in ["1.png", "ftp://cdn.example/1", "https://", ""] {
            let sent = rules.attach(kind, json!({"url": bad}));
            assert_eq!(sent, Err(NOT_FETCHED), "{bad}");
        }
        assert_eq!(rules.attach(kind, json!({})), Err(PARAMETER));
    }
    assert_eq!(
        rules.attach("hologram", json!({"url": "https://cdn.example/1"})),
        Err(PARAMETER)
    );
}

#[test]
fn reusable_attachments_are_sent_again_by_their_id() {
    let mut rules = Rules::with_bot_as_owner();
    let url = json!({"url": "https://cdn.example/1.png", "is_reusable": true});
    let sent = rules.attach("image", url).unwrap();
    let id = sent["attachment_id"].as_str().unwrap().to_owned();
    assert!(sent["message_id"].is_string());
    let once = rules
        .attach("image", json!({"url": "https://cdn.example/1.png"}))
        .unwrap();
    assert_eq!(once.get("attachment_id"), None);

    assert!(rules.attach("image", json!({"attachment_id": id})).is_ok());
    let newest = rules.thread().messages().next_back().unwrap();
    let shown = newest.attachment.as_ref().unwrap();
    assert_eq!(
        shown.payload.url.as_deref(),
        Some("https://cdn.example/1.png")
    );
    assert_eq!(
        rules.attach("video", json!({"attachment_id": id})),
        Err(WRONG_KIND)
    );
    assert_eq!(
        rules.attach("image", json!({"attachment_id": "5"})),
        Err(NOT_YOURS)
    );
}

#[test]
fn attachments_are_saved_without_being_sent() {
    let mut rules = Rules::with_bot_as_owner();
    let before = rules.thread().messages().count();
    let url = json!({"url": "https://cdn.example/1.mp4", "is_reusable": true});
    let id = save(&mut rules, "video", url, None).unwrap()["attachment_id"].clone();
    assert_eq!(rules.thread().messages().count(), before);
    assert!(rules.attach("video", json!({"attachment_id": id})).is_ok());
    assert_eq!(
        save(&mut rules, "video", json!({"url": "1.mp4"}), None),
        Err(NOT_FETCHED)
    );
    assert_eq!(save(&mut rules, "video", json!({}), None), Err(PARAMETER));
    assert_eq!(
        save(&mut rules, "template", json!({}), None),
        Err(PARAMETER)
    );
}

#[test]
fn attachment_ids_are_good_for_90_days() {
    let mut rules = Rules::with_bot_as_owner();
    let url = json!({"url": "https://cdn.example/1.png"});
    let id = save(&mut rules, "image", url, None).unwrap()["attachment_id"].clone();
    rules.later(90 * DAY - 1).ana_says("still there?");
    assert!(rules.attach("image", json!({"attachment_id": id})).is_ok());
    rules.later(1);
    assert_eq!(
        rules.attach("image", json!({"attachment_id": id})),
        Err(NOT_YOURS)
    );
}

#[test]
fn attachment_ids_are_private_to_the_account() {
    let mut rules = Rules::with_bot_as_owner();
    let url = json!({"url": "https://cdn.example/1.png"});
    let id = save(&mut rules, "image", url, None).unwrap()["attachment_id"].clone();
    let other: AccountId = "104508901353867".into();
    rules
        .platform
        .add_account(Account::page(other.clone(), "Teehaus").default_app(BOT));
    let ben = rules.platform.add_person(&other, "Ben");
    rules.platform.say(&ben, "hello", rules.now).unwrap();
    let body = json!({"recipient": {"id": ben}, "message": {"attachment":
        {"type": "image", "payload": {"attachment_id": id}}}});
    let Value::Object(body) = body else { panic!() };
    let call = handover_sim::platform::CallContext {
        app: &BOT,
        account: &other,
        now: rules.now,
    };
    let refusal = Platform::send_with(&mut rules.platform, &call, &body, None).unwrap_err();
    assert_eq!((refusal.code, refusal.subcode), NOT_YOURS);
}

#[test]
fn uploads_are_of_the_kind_the_call_names_and_have_at_most_25_megabytes() {
    let mut rules = Rules::with_bot_as_owner();
    let mut send = |kind: &str, upload: &UploadedFile| {
        let body = json!({"recipient": {"id": rules.ana}, "message": {"attachment":
            {"type": kind, "payload": {"is_reusable": true}}}});
        let sent = rules.post_as(&BOT, body, Some(upload));
        let saved = save(&mut rules, kind, json!({}), Some(upload));
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
