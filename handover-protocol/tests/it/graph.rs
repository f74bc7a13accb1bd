//! What else can be asked of the Graph API, in the shapes of the documentation.

use crate::support::shape;
use handover_protocol::{
    AccessToken, AppSubscription, AppUsage, AttachmentUpload, BatchItem, BatchRequest,
    BatchResponse, BusinessUsage, Conversation, ConversationMessage, Created, DebugToken,
    IdForPage, LabelledPerson, Limit, LinkedAccount, Listing, MessageTemplate,
    ModerateConversations, ModerationAction, OutgoingAttachment, PageLabel, PageToken, Paging,
    Persona, ResultText, Sticker, StickerPack, SubscribedApp, Success, Timestamp, UnlinkAccount,
    UploadedAttachment, UserProfile, business_usage,
};
use serde_json::json;

#[test]
fn listings_and_their_pages() {
    let personas: Listing<Persona> = shape(json!({
        "data": [{"name": "Ana", "profile_picture_url": "https://p", "id": "1"}],
        "paging": {"cursors": {"before": "B", "after": "A"}, "next": "https://n", "previous": "https://p"}}));
    assert_eq!(personas.next(), Some("A"));
    let last: Listing<Persona> = shape(json!({"data": [], "paging":
        {"cursors": {"before": "B", "after": "A"}}}));
    assert_eq!(last.next(), None);
    shape::<Paging>(json!({"next": "https://n"}));
    let odd: Listing<Persona> = serde_json::from_value(json!({"data": "odd"})).unwrap();
    assert_eq!((odd.data.len(), &odd.extra["data"]), (0, &json!("odd")));
    assert_eq!(serde_json::to_value(odd).unwrap(), json!({"data": "odd"}));
}

#[test]
fn user_profiles_of_both_products() {
    let messenger: UserProfile =
        shape(json!({"id": "9", "first_name": "Ana", "last_name": "Lopez",
        "profile_pic": "https://p", "locale": "en_US", "timezone": 5.5, "gender": "female",
        "name": "Ana Lopez"}));
    assert_eq!(messenger.timezone, Some(5.5));
    shape::<UserProfile>(json!({"timezone": -7}));
    let instagram: UserProfile = shape(json!({"id": "9", "name": "Ana", "username": "ana",
        "profile_pic": "https://p", "follower_count": 5, "is_user_follow_business": true,
        "is_business_follow_user": false, "is_verified_user": false}));
    assert_eq!(instagram.is_business_follow_user, Some(false));
    assert_eq!(shape::<UserProfile>(json!({})).id, None);
    for (fields, profile) in [
        (UserProfile::MESSENGER_FIELDS, &messenger),
        (UserProfile::INSTAGRAM_FIELDS, &instagram),
    ] {
        let known = serde_json::to_value(profile).unwrap();
        assert!(
            fields.split(',').all(|field| known.get(field).is_some()),
            "{fields}"
        );
    }
}

#[test]
fn personas() {
    let made = serde_json::to_value(Persona::new("Ana", "https://p")).unwrap();
    assert_eq!(
        made,
        json!({"name": "Ana", "profile_picture_url": "https://p"})
    );
    shape::<Created>(json!({"id": "1"}));
    let named = |length| Persona::new("ü".repeat(length), "https://p").check();
    assert_eq!(named(50), Ok(()));
    let exceeded = named(51).unwrap_err();
    assert_eq!(
        (exceeded.call, exceeded.limit),
        ("personas", Limit::PersonaName)
    );
}

#[test]
fn labels() {
    shape::<PageLabel>(json!({"page_label_name": "vip"}));
    shape::<LabelledPerson>(json!({"user": "9"}));
    let labels: Listing<PageLabel> =
        shape(json!({"data": [{"id": "L", "page_label_name": "vip"}]}));
    assert_eq!(labels.data[0].id.as_deref(), Some("L"));
}

#[test]
fn conversations_and_messages() {
    let conversations: Listing<Conversation> = shape(json!({"data":
        [{"id": "t_1", "updated_time": "2022-07-12T19:11:07+0000"}]}));
    assert_eq!(conversations.data.len(), 1);
    let one: Conversation = shape(json!({"id": "t_1", "is_owner": true,
        "participants": {"data": [{"id": "9", "name": "Ana", "email": "9@facebook.com"}]},
        "messages": {"data": [{"id": "m_1", "created_time": "2022-07-12T19:11:07+0000"}],
            "paging": {"cursors": {"before": "B", "after": "A"}}}}));
    assert_eq!(one.is_owner, Some(true));
    let message: ConversationMessage = shape(json!({"id": "m_1",
        "created_time": "2022-07-12T19:11:07+0000", "from": {"id": "9", "username": "ana"},
        "to": {"data": [{"id": "7", "name": "Hats"}]}, "message": "hello",
        "reply_to": {"mid": "m_0"}}));
    assert_eq!(message.from.unwrap().id.unwrap(), "9");
}

#[test]
fn moderation() {
    shape::<ModerateConversations>(json!({"user_ids": [{"id": "9"}],
        "actions": ["ban_user", "block_user", "move_to_spam", "unban_user", "unblock_user"]}));
    let printed_as_text: Success = serde_json::from_value(json!({"success": "true"})).unwrap();
    assert!(printed_as_text.success);
    let people =
        |count| ModerateConversations::new(vec!["9"; count], [ModerationAction::BlockUser]).check();
    assert_eq!((people(1), people(10)), (Ok(()), Ok(())));
    assert_eq!(people(0).unwrap_err().limit, Limit::ModeratedPeople);
    assert_eq!(people(11).unwrap_err().limit, Limit::ModeratedPeople);
    let actions = |count| {
        ModerateConversations::new(["9"], vec![ModerationAction::MoveToSpam; count]).check()
    };
    assert_eq!((actions(1), actions(2)), (Ok(()), Ok(())));
    assert_eq!(actions(0).unwrap_err().limit, Limit::ModerationActions);
    let exceeded = actions(3).unwrap_err();
    assert_eq!(
        (exceeded.call, &*exceeded.field, exceeded.found),
        ("moderate_conversations", "actions", 3)
    );
}

#[test]
fn uploads() {
    let json = json!({"message": {"attachment": {"type": "image",
        "payload": {"url": "https://example.com/x", "is_reusable": true}}}});
    let upload = AttachmentUpload::new(OutgoingAttachment::image("https://example.com/x"));
    assert_eq!(serde_json::to_value(&upload).unwrap(), json);
    shape::<AttachmentUpload>(json);
    shape::<AttachmentUpload>(json!({"platform": "instagram", "message": {"attachment":
        {"type": "file", "payload": {"is_reusable": true}}}}));
    shape::<UploadedAttachment>(json!({"attachment_id": "1857777774821032"}));
}

#[test]
fn linking_accounts() {
    shape::<LinkedAccount>(json!({"id": "7", "recipient": "9"}));
    shape::<UnlinkAccount>(json!({"psid": "9"}));
    shape::<ResultText>(json!({"result": "unlink account success"}));
}

#[test]
fn subscriptions() {
    shape::<AppSubscription>(
        json!({"object": "page", "callback_url": "https://c", "active": true,
        "fields": [{"name": "messages", "version": "v26.0"}]}),
    );
    let apps: Listing<SubscribedApp> = shape(json!({"data": [{"category": "Business",
        "link": "https://l", "name": "App", "id": "5", "subscribed_fields": ["messages"]}]}));
    assert_eq!(apps.data[0].id.as_ref().unwrap(), &"5");
}

#[test]
fn tokens() {
    shape::<AccessToken>(
        json!({"access_token": "T", "token_type": "bearer", "expires_in": 5183944}),
    );
    shape::<AccessToken>(json!({"access_token": "T", "id": "7"}));
    let pages: Listing<PageToken> =
        shape(json!({"data": [{"access_token": "T", "category": "Shop",
        "category_list": [{"id": "1", "name": "Shop"}], "name": "Hats", "id": "7",
        "tasks": ["MESSAGING", "MANAGE"]}], "paging": {"cursors": {"before": "B", "after": "A"}}}));
    assert_eq!(pages.data[0].tasks, ["MESSAGING", "MANAGE"]);
}

#[test]
fn what_there_is_to_say_about_a_token() {
    let valid: DebugToken = shape(json!({"data": {"app_id": "5", "type": "PAGE",
        "application": "App", "data_access_expires_at": 0, "expires_at": 0, "is_valid": true,
        "issued_at": 1758692752, "profile_id": "7", "user_id": "U", "scopes": ["pages_messaging"],
        "granular_scopes": [{"scope": "pages_messaging", "target_ids": ["7"]}]}}));
    assert!(valid.data.is_valid && valid.data.never_expires());
    assert_eq!(valid.data.issued_at, Some(Timestamp::from_secs(1758692752)));
    let invalid = json!({"data": {"is_valid": false,
        "error": {"message": "expired", "code": 190, "subcode": 463}}});
    let read: DebugToken = serde_json::from_value(invalid.clone()).unwrap();
    assert!(!read.data.is_valid && !read.data.never_expires());
    let error = read.data.error.as_ref().unwrap();
    assert_eq!((error.code, &error.extra["subcode"]), (190, &json!(463)));
    assert_eq!(serde_json::to_value(read).unwrap(), invalid);
}

#[test]
fn batches() {
    let request: BatchRequest = shape(json!({"include_headers": false, "batch": [
        {"method": "POST", "relative_url": "v26.0/me/messages", "body": "recipient=%7B%7D",
         "name": "a", "omit_response_on_success": true, "attached_files": "f1"},
        {"method": "GET", "relative_url": "v26.0/me?id={result=a:$.id}", "depends_on": "a",
         "access_token": "T"}]}));
    assert_eq!(request.batch.len(), 2);
    let answers: Vec<Option<BatchResponse>> = shape(json!([
        {"code": 200, "headers": [{"name": "N", "value": "V"}], "body": "{\"id\":\"1\"}"},
        null]));
    assert_eq!(
        answers[0].as_ref().unwrap().json(),
        Some(json!({"id": "1"}))
    );
    assert_eq!(answers[1], None);
    let no_json: BatchResponse = shape(json!({"code": 502, "body": "<html>"}));
    assert_eq!(no_json.json(), None);
}

#[test]
fn the_limit_of_batches() {
    let with = |count| {
        let batch = BatchRequest {
            batch: vec![BatchItem::post("v26.0/me/messages", "recipient=%7B%7D"); count],
            ..Default::default()
        };
        batch.check()
    };
    assert_eq!(with(50), Ok(()));
    let exceeded = with(51).unwrap_err();
    assert_eq!((exceeded.limit, exceeded.found), (Limit::BatchItems, 51));
}

#[test]
fn usage_in_headers() {
    let usage: AppUsage =
        serde_json::from_str(r#"{"call_count":28,"total_time":25,"total_cputime":99}"#).unwrap();
    assert_eq!(usage.highest(), 99.0);
    shape::<AppUsage>(json!({"call_count": 28, "total_time": 25, "total_cputime": 25.5}));
    shape::<BusinessUsage>(
        json!({"type": "messenger", "call_count": 97, "total_cputime": 23.5,
        "total_time": 23, "estimated_time_to_regain_access": 0}),
    );
    let header = json!({"7": [{"type": "messenger", "call_count": 97, "total_time": 98}, "odd",
        {"type": "pages"}], "8": "odd"});
    let usage = business_usage(&header.to_string());
    let kinds: Vec<_> = usage
        .iter()
        .map(|(id, usage)| (&**id, &*usage.kind))
        .collect();
    assert_eq!(kinds, [("7", "messenger"), ("7", "pages")]);
    assert_eq!(usage[0].1.highest(), 98.0);
    assert_eq!(business_usage("no JSON"), []);
}

#[test]
fn stickers() {
    let packs: Listing<StickerPack> = shape(json!({"data": [{"id": "1"}]}));
    assert_eq!(packs.data.len(), 1);
    let stickers: Listing<Sticker> = shape(json!({"data": [{"id": "369239263222822"}]}));
    assert_eq!(stickers.data[0].number(), Some(369239263222822));
}

#[test]
fn templates_to_be_approved() {
    shape::<MessageTemplate>(json!({"id": "1", "status": "PENDING", "category": "UTILITY"}));
}

#[test]
fn ids_at_pages() {
    let ids: Listing<IdForPage> = shape(json!({
        "data": [{"id": "5794982867201265", "page": {"id": "1744550565845823", "name": "The shop"}}],
        "paging": {"cursors": {"before": "B", "after": "A"}},
    }));
    let row = &ids.data[0];
    assert_eq!(row.id.as_ref().unwrap(), "5794982867201265");
    assert_eq!(
        row.page.as_ref().unwrap().id.as_ref().unwrap(),
        "1744550565845823"
    );
    let odd: IdForPage = serde_json::from_value(json!({"id": 5, "page": "odd"})).unwrap();
    assert_eq!(odd.page, None);
}
