//! Kinds of events, in the order of the platform's documentation.

use std::time::Duration;

use serde_json::{Value, json};

use super::kind::Shape::{Call, Change, OfAccount, OfNobody, OfPerson, Standby};
use super::kind::{Details, Kind};

const fn kind(name: &'static str, about: &'static str, shape: super::kind::Shape) -> Kind {
    Kind { name, about, shape }
}

const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// A sample picture.
const PICTURE: &str = "https://example.com/picture.png";

pub(super) const ALL: &[Kind] = &[
    kind(
        "message",
        "the person writes (--text; --mid replies to a message)",
        OfPerson(message),
    ),
    kind(
        "quick_reply",
        "the person taps a quick reply (--text, --payload)",
        OfPerson(|it| {
            let payload = it.payload("YES");
            it.message(&json!({"text": it.text("Yes"), "quick_reply": {"payload": payload}}))
        }),
    ),
    kind(
        "attachment",
        "the person sends a picture (--text is its address)",
        OfPerson(|it| {
            let picture = json!({"type": "image", "payload": {"url": it.text(PICTURE)}});
            it.message(&json!({"attachments": [picture]}))
        }),
    ),
    kind(
        "location",
        "the person sends a location",
        OfPerson(|it| {
            let payload = json!({"coordinates": {"lat": 48.2082, "long": 16.3738}});
            let place = json!({"type": "location", "title": it.text("Pinned location"), "payload": payload});
            it.message(&json!({"attachments": [place]}))
        }),
    ),
    kind(
        "story_reply",
        "the person replies to a story (--text)",
        OfPerson(|it| {
            let story = json!({"story": {"url": PICTURE, "id": "17895"}});
            it.message(&json!({"text": it.text("Nice!"), "reply_to": story}))
        }),
    ),
    kind(
        "story_mention",
        "the person mentions the account in a story",
        OfPerson(|it| {
            let story = json!({"type": "story_mention", "payload": {"url": PICTURE}});
            it.message(&json!({"attachments": [story]}))
        }),
    ),
    kind(
        "message_deleted",
        "the person unsends a message (--mid)",
        OfPerson(|it| json!({"message": {"mid": it.earlier_mid(), "is_deleted": true}})),
    ),
    kind(
        "message_echo_deleted",
        "the account unsends one of its messages (--mid)",
        OfAccount(
            |it| json!({"message": {"mid": it.earlier_mid(), "is_echo": true, "is_deleted": true}}),
        ),
    ),
    kind(
        "message_unsupported",
        "the person sends a message that the API does not support",
        OfPerson(|it| it.message(&json!({"is_unsupported": true}))),
    ),
    kind(
        "message_from_ad",
        "the person's first message after an ad (--text, --ref)",
        OfPerson(|it| {
            let referral = json!({
                "ref": it.reference(), "ad_id": "6045246247433", "source": "ADS", "type": "OPEN_THREAD",
                "ads_context_data": {"ad_title": "Summer sale", "photo_url": PICTURE, "post_id": "1_2"},
            });
            it.message(&json!({"text": it.text("Is this in stock?"), "referral": referral}))
        }),
    ),
    kind(
        "message_echo",
        "the Page sends a message: the inbox, or --app (--text, --metadata)",
        OfAccount(|it| {
            let mut echo = json!({"is_echo": true, "text": it.text("Hello, this is Ben.")});
            // Echoes of Instagram name no app.
            if !it.instagram {
                echo["app_id"] = Details::number(&it.app);
            }
            if let Some(metadata) = &it.metadata {
                echo["metadata"] = json!(metadata);
            }
            it.message(&echo)
        }),
    ),
    kind(
        "message_edit",
        "the person edits a message (--mid, --text)",
        OfPerson(
            |it| json!({"message_edit": {"mid": it.earlier_mid(), "text": it.text("What I meant"), "num_edit": 1}}),
        ),
    ),
    kind(
        "reaction",
        "the person reacts to a message (--mid, --text love|like|…)",
        OfPerson(|it| {
            let emoji = if it.text("love") == "like" {
                "👍"
            } else {
                "❤️"
            };
            json!({"reaction": {
                "mid": it.earlier_mid(), "action": "react", "reaction": it.text("love"), "emoji": emoji,
            }})
        }),
    ),
    kind(
        "unreact",
        "the person removes a reaction (--mid)",
        OfPerson(|it| json!({"reaction": {"mid": it.earlier_mid(), "action": "unreact"}})),
    ),
    kind(
        "read",
        "the person has read messages",
        OfPerson(|it| match it.instagram {
            true => json!({"read": {"mid": it.earlier_mid()}}),
            false => json!({"read": {"watermark": it.now}}),
        }),
    ),
    kind(
        "delivery",
        "messages were delivered to the person (--mid)",
        OfPerson(|it| json!({"delivery": {"mids": [it.earlier_mid()], "watermark": it.now}})),
    ),
    kind(
        "postback",
        "the person taps a button (--text, --payload)",
        OfPerson(|it| {
            let payload = it.payload("MENU");
            json!({"postback": {"mid": it.fresh_mid(), "title": it.text("Menu"), "payload": payload}})
        }),
    ),
    kind(
        "get_started",
        "the person opens the conversation (--ref: through a link)",
        OfPerson(|it| {
            let mut postback = json!({
                "mid": it.fresh_mid(), "title": "Get Started", "payload": it.payload("GET_STARTED"),
            });
            if it.reference.is_some() {
                postback["referral"] = referral(it);
            }
            json!({"postback": postback})
        }),
    ),
    kind(
        "referral",
        "the person comes back through a link (--ref)",
        OfPerson(|it| json!({"referral": referral(it)})),
    ),
    kind(
        "optin",
        "the person opts in to messages (--ref)",
        OfPerson(|it| json!({"optin": {"ref": it.reference()}})),
    ),
    kind(
        "optin_notification_messages",
        "the person opts in to marketing messages (--payload)",
        OfPerson(|it| {
            json!({"optin": {
                "type": "notification_messages", "payload": it.payload("OFFERS"), "title": "Offers",
                "notification_messages_token": "1234567890", "notification_messages_timezone": "UTC",
                "token_expiry_timestamp": it.now + YEAR, "user_token_status": "NOT_REFRESHED",
            }})
        }),
    ),
    kind(
        "optin_checkbox",
        "a visitor ticks the checkbox plugin (--ref)",
        OfNobody(|it| json!({"optin": {"ref": it.reference(), "user_ref": "visitor-1"}})),
    ),
    kind(
        "account_linking",
        "the person links an account of the business",
        OfPerson(
            |_| json!({"account_linking": {"status": "linked", "authorization_code": "CODE"}}),
        ),
    ),
    kind(
        "account_unlinking",
        "the person unlinks the account",
        OfPerson(|_| json!({"account_linking": {"status": "unlinked"}})),
    ),
    kind(
        "pass_thread_control",
        "--app passes the thread to the bot (--metadata)",
        OfPerson(|it| {
            json!({"pass_thread_control": {
                "previous_owner_app_id": Details::number(&it.app),
                "new_owner_app_id": Details::number(&it.bot),
                "metadata": it.metadata,
            }})
        }),
    ),
    kind(
        "take_thread_control",
        "--app takes the thread from the bot (--metadata)",
        OfPerson(|it| {
            json!({"take_thread_control": {
                "previous_owner_app_id": Details::number(&it.bot),
                "new_owner_app_id": Details::number(&it.app),
                "metadata": it.metadata,
            }})
        }),
    ),
    kind(
        "request_thread_control",
        "--app asks the bot for the thread (--metadata)",
        OfPerson(|it| {
            json!({"request_thread_control": {
                "requested_owner_app_id": Details::number(&it.app),
                "metadata": it.metadata,
            }})
        }),
    ),
    kind(
        "app_roles",
        "the roles of the apps changed (legacy handover protocol)",
        OfNobody(|it| {
            let mut roles = json!({});
            roles[it.bot.as_str()] = json!(["primary_receiver"]);
            json!({"app_roles": roles})
        }),
    ),
    kind(
        "standby",
        "the person writes while another app owns the thread (--text)",
        Standby(message),
    ),
    kind(
        "policy_enforcement",
        "the platform warns the Page (--text is the reason)",
        OfNobody(|it| {
            let reason = it.text("The bot violated the platform's policy.");
            json!({"policy_enforcement": {"action": "warning", "reason": reason}})
        }),
    ),
    kind(
        "messaging_feedback",
        "the person rates the conversation (--text 1 to 5)",
        OfPerson(|it| {
            let question = json!({"type": "csat", "payload": it.text("4")});
            json!({"messaging_feedback": {"feedback_screens": [{"screen_id": 0, "questions": {"rating": question}}]}})
        }),
    ),
    kind(
        "messaging_customer_information",
        "the person fills in a form (--text)",
        OfPerson(|it| {
            let response = json!({"key": "street", "value": it.text("Main street 1")});
            json!({"messaging_customer_information": {"screens": [{"screen_id": "s1", "responses": [response]}]}})
        }),
    ),
    kind(
        "response_feedback",
        "thumbs up or down on a message (--mid)",
        OfPerson(
            |it| json!({"response_feedback": {"feedback": it.text("Good response"), "mid": it.earlier_mid()}}),
        ),
    ),
    kind(
        "order",
        "the person sends a cart (--text is the note)",
        OfPerson(|it| {
            let hat = json!({
                "id": 123, "retailer_id": "hat", "name": "Hat", "unit_price": 10.5, "currency": "EUR", "quantity": 2,
            });
            json!({"order": {"products": [hat], "note": it.text("A gift")}})
        }),
    ),
    kind(
        "template",
        "the person takes a coupon (--payload, --text is its code)",
        OfPerson(|it| {
            let payload = it.payload("COUPON");
            json!({"template": {"type": "coupon", "payload": payload, "coupon_code": it.text("10PERCENT")}})
        }),
    ),
    kind(
        "form",
        "the person submits an instant form",
        OfPerson(|it| json!({"form": {"id": it.payload("1234567890")}})),
    ),
    kind(
        "game_play",
        "the person ends a round of an instant game",
        OfPerson(|it| {
            json!({"game_play": {
                "game_id": "1", "player_id": "2", "locale": "en_US", "context_type": "SOLO", "score": 55,
                "payload": it.payload("{}"),
            }})
        }),
    ),
    kind(
        "payment",
        "the person has paid (retired)",
        OfPerson(|it| {
            json!({"payment": {
                "payload": it.payload("ORDER"), "requested_user_info": {"contact_name": "Ana Novak"},
                "payment_credential": {"provider_type": "stripe", "charge_id": "ch_1"},
                "amount": {"currency": "EUR", "amount": "29.62"},
            }})
        }),
    ),
    kind(
        "pre_checkout",
        "the person is about to pay (retired)",
        OfPerson(|it| {
            json!({"pre_checkout": {
                "payload": it.payload("ORDER"), "requested_user_info": {"contact_name": "Ana Novak"},
                "amount": {"currency": "EUR", "amount": "2.70"},
            }})
        }),
    ),
    kind(
        "checkout_update",
        "the person changes the address (retired)",
        OfPerson(|it| {
            let address = json!({"id": 1, "country": "AT", "city": "Wien", "street1": "Ring 1", "postal_code": "1010"});
            json!({"checkout_update": {"payload": it.payload("ORDER"), "shipping_address": address}})
        }),
    ),
    kind(
        "group_feed",
        "a person comments in a group (--text)",
        OfNobody(|it| {
            json!({
                "from": {"id": it.person, "name": "Ana"}, "group_id": "1", "post_id": "1_2", "comment_id": "3",
                "created_time": it.now.as_millis() / 1000, "item": "comment", "verb": "add",
                "message": it.text("Interesting"), "field": "group_feed",
            })
        }),
    ),
    kind(
        "feed",
        "a person comments on a post of the Page (--text)",
        Change("feed", |it| {
            json!({
                "item": "comment", "verb": "add", "comment_id": "1_2", "post_id": "1_1",
                "from": {"id": it.person, "name": "Ana"}, "message": it.text("Interesting"),
                "created_time": it.now.as_millis() / 1000,
            })
        }),
    ),
    kind(
        "leadgen",
        "a person submits a lead form",
        Change(
            "leadgen",
            |it| json!({"leadgen_id": 1, "page_id": it.account, "form_id": 3, "ad_id": 5, "created_time": it.now.as_millis() / 1000}),
        ),
    ),
    kind(
        "inbox_labels",
        "an agent labels the thread (--text)",
        Change(
            "inbox_labels",
            |it| json!({"user": {"id": it.person}, "action": "add", "label": {"id": "1", "page_label_name": it.text("vip")}}),
        ),
    ),
    kind(
        "comments",
        "a person comments on Instagram (--text)",
        Change("comments", |it| {
            json!({
                "id": "1", "text": it.text("Nice"), "from": {"id": it.person, "username": "ana"},
                "media": {"id": "2", "media_product_type": "FEED"},
            })
        }),
    ),
    kind(
        "mentions",
        "a person mentions the account on Instagram",
        Change("mentions", |_| json!({"media_id": "1", "comment_id": "2"})),
    ),
    kind(
        "call",
        "the person calls the Page by telephone",
        Call(|it| {
            json!({
                "id": "c_1", "to": it.account, "from": it.person, "event": "connect",
                "timestamp": it.now.as_millis() / 1000, "call_direction": "user_initiated",
            })
        }),
    ),
];

fn message(it: &Details) -> Value {
    let mut message = json!({"text": it.text("hello")});
    if let Some(mid) = &it.mid {
        message["reply_to"] = json!({"mid": mid});
    }
    it.message(&message)
}

fn referral(it: &Details) -> Value {
    json!({"ref": it.reference(), "source": "SHORTLINK", "type": "OPEN_THREAD"})
}
