//! What the page's buttons do.

use std::sync::Arc;

use axum::extract::{Path, State};
use bytes::Bytes;
use handover_protocol::{AccountId, AppId, PersonId};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::super::desk::Desk;
use super::super::own_call::OwnCall;
use super::answer::{Answer, Declined, Json, body};
use super::threads::no_thread;
use crate::platform::{ActError, Origin, PersonChange};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Newcomer {
    name: String,
    account: Option<AccountId>,
    locale: Option<String>,
    timezone: Option<f64>,
}

/// `POST /desk/persons`: the person of this name, who comes by if nobody knows them yet.
pub(super) async fn meet(State(desk): State<Arc<Desk>>, bytes: Bytes) -> Answer {
    let Newcomer {
        name,
        account,
        locale,
        timezone,
    } = body(&bytes)?;
    let change = PersonChange {
        name: Some(name.clone()),
        locale,
        timezone,
    };
    change.check()?;
    let known = desk.look(|platform, _| {
        let accounts = platform.accounts();
        match &account {
            Some(id) => platform.account(id).map(|account| account.id.clone()),
            None => accounts.first().map(|account| account.id.clone()),
        }
    });
    let account = known.ok_or_else(|| {
        let which = account.map_or_else(String::new, |id| format!(" {id}"));
        Declined::Unknown(format!(
            "there is no account{which}: /desk/state lists what there is"
        ))
    })?;
    let person = desk.person(&account, name.trim());
    desk.act(&person, |platform, now| {
        platform.change_person(&person, &change, now)
    })?;
    Ok(Json::of(&json!({ "person": person })))
}

/// `PATCH /desk/persons/{person}`: name, locale and time zone of a person.
pub(super) async fn change(
    State(desk): State<Arc<Desk>>,
    Path(person): Path<PersonId>,
    bytes: Bytes,
) -> Answer {
    let change: PersonChange = body(&bytes)?;
    desk.act(&person, |platform, now| {
        platform.change_person(&person, &change, now)
    })?;
    Ok(Json::of(&json!({})))
}

/// `POST /desk/act/{act}` with the act's fields as a JSON object.
#[derive(Debug, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
enum Act {
    Say {
        text: String,
    },
    Reply {
        mid: String,
        text: String,
    },
    ReplyToStory {
        story: String,
        text: String,
    },
    Attach {
        #[serde(rename = "type")]
        kind: String,
        #[serde(default)]
        url: String,
    },
    GetStarted,
    QuickReply {
        title: String,
    },
    Button {
        mid: String,
        index: usize,
    },
    Read,
    React {
        mid: String,
        reaction: String,
        emoji: Option<String>,
    },
    Unreact {
        mid: String,
    },
    Edit {
        mid: String,
        text: String,
    },
    Unsend {
        mid: String,
    },
    OpenLink {
        #[serde(rename = "ref")]
        link: String,
    },
    ClickAd {
        ad: String,
    },
    LeadAd {
        ad: String,
    },
    LeadAdComplete {
        complete: bool,
    },
    Comment {
        text: String,
        #[serde(default)]
        on_ad: bool,
    },
    AccountComment {
        text: String,
        below: Option<String>,
    },
    Post {
        text: String,
    },
    TickBox {
        user_ref: String,
        #[serde(rename = "ref")]
        reference: Option<String>,
    },
    SharePhoneNumber {
        number: String,
    },
    AgreeToNotifications {
        mid: String,
    },
    FollowAccountLink,
    FinishAccountLink {
        authorization_code: String,
    },
    LogOut,
    InboxReply {
        text: String,
    },
    InboxSay {
        text: String,
        #[serde(default = "inbox")]
        from: Origin,
    },
    InboxDelete {
        mid: Option<String>,
    },
    InboxDone,
    InboxTake,
    InboxRequest,
    AppSend {
        app: AppId,
        text: String,
    },
    AppPass {
        app: AppId,
        to: Option<AppId>,
        metadata: Option<String>,
    },
    AppTake {
        app: AppId,
        metadata: Option<String>,
    },
    AppRequest {
        app: AppId,
        metadata: Option<String>,
    },
    AppRelease {
        app: AppId,
    },
}

pub(super) async fn act(
    State(desk): State<Arc<Desk>>,
    Path(name): Path<String>,
    bytes: Bytes,
) -> Answer {
    let mut fields: Map<String, Value> = body(&bytes)?;
    let person = fields.remove("person");
    let person = person.ok_or_else(|| Declined::Malformed("missing field `person`".to_owned()))?;
    let person: PersonId = read(person)?;
    fields.insert("act".to_owned(), name.into());
    let act: Act = read(fields.into())?;
    act.carry_out(&desk, &person)
        .await
        .map(|done| Json::of(&done))
}

fn inbox() -> Origin {
    Origin::Inbox
}

fn read<T: serde::de::DeserializeOwned>(value: Value) -> Answer<T> {
    serde_json::from_value(value).map_err(|error| Declined::Malformed(error.to_string()))
}

impl Act {
    async fn carry_out(self, desk: &Arc<Desk>, person: &PersonId) -> Answer<Value> {
        let mid = |mid: Result<String, ActError>| Ok(json!({ "mid": mid? }));
        let nothing = |done: Result<(), ActError>| done.map(|()| json!({})).map_err(Into::into);
        match self {
            Self::Say { text } => {
                mid(desk.act(person, |platform, now| platform.say(person, &text, now)))
            }
            Self::Reply { mid: to, text } => mid(desk.act(person, |platform, now| {
                platform.reply(person, &to, &text, now)
            })),
            Self::ReplyToStory { story, text } => mid(desk.act(person, |platform, now| {
                platform.reply_to_story(person, &story, &text, now)
            })),
            Self::Attach { kind, url } => mid(desk.act(person, |platform, now| {
                platform.attach(person, &kind, &url, now)
            })),
            Self::GetStarted => {
                mid(desk.act(person, |platform, now| platform.get_started(person, now)))
            }
            Self::QuickReply { title } => mid(desk.act(person, |platform, now| {
                platform.tap_quick_reply(person, &title, now)
            })),
            Self::Button {
                mid: message,
                index,
            } => mid(desk.act(person, |platform, now| {
                platform.tap_button(person, &message, index, now)
            })),
            Self::Read => {
                let unread = desk.act(person, |platform, now| platform.read(person, now))?;
                Ok(json!({ "unread": unread }))
            }
            Self::React {
                mid,
                reaction,
                emoji,
            } => nothing(desk.act(person, |platform, now| {
                platform.react(person, &mid, &reaction, emoji.as_deref(), now)
            })),
            Self::Unreact { mid } => {
                nothing(desk.act(person, |platform, now| platform.unreact(person, &mid, now)))
            }
            Self::Edit { mid, text } => nothing(desk.act(person, |platform, now| {
                platform.edit(person, &mid, &text, now)
            })),
            Self::Unsend { mid } => {
                nothing(desk.act(person, |platform, now| platform.unsend(person, &mid, now)))
            }
            Self::OpenLink { link } => nothing(desk.act(person, |platform, now| {
                platform.open_link(person, &link, now)
            })),
            Self::ClickAd { ad } => {
                nothing(desk.act(person, |platform, now| platform.click_ad(person, &ad, now)))
            }
            Self::LeadAd { ad } => {
                nothing(desk.act(person, |platform, now| platform.lead_ad(person, &ad, now)))
            }
            Self::LeadAdComplete { complete } => nothing(desk.act(person, |platform, now| {
                platform.lead_ad_complete(person, complete, now)
            })),
            Self::Comment { text, on_ad } => {
                let id = desk.act(person, |platform, now| match on_ad {
                    true => platform.comment_on_ad(person, &text, now),
                    false => platform.comment(person, &text, now),
                })?;
                Ok(json!({ "id": id }))
            }
            Self::AccountComment { text, below } => {
                let id = desk.act(person, |platform, now| {
                    platform.account_comments(person, &text, below.as_deref(), now)
                })?;
                Ok(json!({ "id": id }))
            }
            Self::Post { text } => {
                let id = desk.act(person, |platform, now| platform.post(person, &text, now))?;
                Ok(json!({ "id": id }))
            }
            Self::TickBox {
                user_ref,
                reference,
            } => nothing(desk.act(person, |platform, now| {
                platform.tick_box(person, &user_ref, reference.as_deref(), now)
            })),
            Self::SharePhoneNumber { number } => nothing(desk.act(person, |platform, now| {
                platform.share_phone_number(person, &number, now)
            })),
            Self::AgreeToNotifications { mid } => {
                let token = desk.act(person, |platform, now| {
                    platform.agree_to_notifications(person, &mid, now)
                })?;
                Ok(json!({ "token": token }))
            }
            Self::FollowAccountLink => {
                let token = desk.act(person, |platform, now| {
                    platform.follow_account_link(person, now)
                })?;
                Ok(json!({ "token": token }))
            }
            Self::FinishAccountLink { authorization_code } => {
                nothing(desk.act(person, |platform, now| {
                    platform.finish_account_link(person, &authorization_code, now)
                }))
            }
            Self::LogOut => {
                nothing(desk.act(person, |platform, now| platform.log_out(person, now)))
            }
            Self::InboxReply { text } => mid(desk.act(person, |platform, now| {
                platform.inbox_reply(person, &text, now)
            })),
            Self::InboxSay { text, from } => mid(desk.act(person, |platform, now| {
                platform.account_says(person, &text, from, now)
            })),
            Self::InboxDelete { mid: message } => mid(desk.act(person, |platform, now| {
                platform.account_deletes(person, message.as_deref(), now)
            })),
            Self::InboxDone => {
                nothing(desk.act(person, |platform, now| platform.inbox_done(person, now)))
            }
            Self::InboxTake => {
                nothing(desk.act(person, |platform, now| platform.inbox_take(person, now)))
            }
            Self::InboxRequest => {
                nothing(desk.act(person, |platform, now| platform.inbox_request(person, now)))
            }
            Self::AppSend { app, text } => {
                let message = json!({ "text": text });
                as_app(
                    desk,
                    person,
                    &app,
                    "messages",
                    json!({ "message": message }),
                )
                .await
            }
            Self::AppPass { app, to, metadata } => {
                let fields = json!({"target_app_id": to, "metadata": metadata});
                as_app(desk, person, &app, "pass_thread_control", fields).await
            }
            Self::AppTake { app, metadata } => {
                let fields = json!({ "metadata": metadata });
                as_app(desk, person, &app, "take_thread_control", fields).await
            }
            Self::AppRequest { app, metadata } => {
                let fields = json!({ "metadata": metadata });
                as_app(desk, person, &app, "request_thread_control", fields).await
            }
            Self::AppRelease { app } => {
                as_app(desk, person, &app, "release_thread_control", json!({})).await
            }
        }
    }
}

/// Another app does something, as if it had called the Graph API.
async fn as_app(
    desk: &Arc<Desk>,
    person: &PersonId,
    app: &AppId,
    edge: &str,
    fields: Value,
) -> Answer<Value> {
    let account = desk.look(|platform, _| Some(platform.thread(person)?.account.clone()));
    let account = account.ok_or_else(|| no_thread(person))?;
    let mut request = json!({"recipient": {"id": person}});
    if let (Some(request), Value::Object(fields)) = (request.as_object_mut(), fields) {
        request.extend(fields.into_iter().filter(|(_, value)| !value.is_null()));
    }
    let call = OwnCall::post(desk, app, &account, edge, &request).ok_or_else(|| {
        Declined::Unknown(format!(
            "no app {app} is connected to account {account}: /desk/state lists what there is"
        ))
    })?;
    let done = call.carry_out(desk).await;
    if done.status.is_success() {
        return Ok(done.body);
    }
    let why = done.body["error"]["message"].as_str();
    let why = why.map_or_else(|| format!("HTTP status {}", done.status), str::to_owned);
    Err(Declined::Forbidden(why))
}
