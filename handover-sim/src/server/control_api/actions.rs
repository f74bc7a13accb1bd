//! Actions of persons, agents and apps.

use std::sync::Arc;

use axum::extract::{Path, State};
use bytes::Bytes;
use handover_protocol::{AccountId, AppId, PersonId};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::super::internal_call::InternalCall;
use super::super::shared_state::SharedState;
use super::response::{ApiResult, ControlApiError, JsonResponse, body};
use super::threads::no_thread;
use crate::platform::{ActionError, Origin, PersonChange};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewPerson {
    name: String,
    account: Option<AccountId>,
    locale: Option<String>,
    timezone: Option<f64>,
}

/// `POST /control/persons`: returns the person with this name, adding it if necessary.
pub(super) async fn add_person(State(shared): State<Arc<SharedState>>, bytes: Bytes) -> ApiResult {
    let NewPerson {
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
    let known = shared.read(|platform, _| {
        let accounts = platform.accounts();
        match &account {
            Some(id) => platform.account(id).map(|account| account.id.clone()),
            None => accounts.first().map(|account| account.id.clone()),
        }
    });
    let account = known.ok_or_else(|| {
        let which = account.map_or_else(String::new, |id| format!(" {id}"));
        ControlApiError::Unknown(format!(
            "there is no account{which}: /control/state lists all"
        ))
    })?;
    let person = shared.person(&account, name.trim());
    shared.act(&person, |platform, now| {
        platform.change_person(&person, &change, now)
    })?;
    Ok(JsonResponse::of(&json!({ "person": person })))
}

/// `PATCH /control/persons/{person}`: changes name, locale and time zone.
pub(super) async fn change_person(
    State(shared): State<Arc<SharedState>>,
    Path(person): Path<PersonId>,
    bytes: Bytes,
) -> ApiResult {
    let change: PersonChange = body(&bytes)?;
    shared.act(&person, |platform, now| {
        platform.change_person(&person, &change, now)
    })?;
    Ok(JsonResponse::of(&json!({})))
}

/// `POST /control/actions/{action}` with the fields of the action as a JSON object.
#[derive(Debug, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
enum Action {
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
    RequestDataDeletion {
        app: Option<AppId>,
    },
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

pub(super) async fn action(
    State(shared): State<Arc<SharedState>>,
    Path(name): Path<String>,
    bytes: Bytes,
) -> ApiResult {
    let mut fields: Map<String, Value> = body(&bytes)?;
    let person = fields.remove("person");
    let person =
        person.ok_or_else(|| ControlApiError::Malformed("missing field `person`".to_owned()))?;
    let person: PersonId = read(person)?;
    fields.insert("action".to_owned(), name.into());
    let action: Action = read(fields.into())?;
    action
        .execute(&shared, &person)
        .await
        .map(|done| JsonResponse::of(&done))
}

fn inbox() -> Origin {
    Origin::Inbox
}

fn read<T: serde::de::DeserializeOwned>(value: Value) -> ApiResult<T> {
    serde_json::from_value(value).map_err(|error| ControlApiError::Malformed(error.to_string()))
}

impl Action {
    async fn execute(self, shared: &Arc<SharedState>, person: &PersonId) -> ApiResult<Value> {
        let mid = |mid: Result<String, ActionError>| Ok(json!({ "mid": mid? }));
        let nothing = |done: Result<(), ActionError>| done.map(|()| json!({})).map_err(Into::into);
        match self {
            Self::Say { text } => {
                mid(shared.act(person, |platform, now| platform.say(person, &text, now)))
            }
            Self::Reply { mid: to, text } => mid(shared.act(person, |platform, now| {
                platform.reply(person, &to, &text, now)
            })),
            Self::ReplyToStory { story, text } => mid(shared.act(person, |platform, now| {
                platform.reply_to_story(person, &story, &text, now)
            })),
            Self::Attach { kind, url } => mid(shared.act(person, |platform, now| {
                platform.attach(person, &kind, &url, now)
            })),
            Self::GetStarted => {
                mid(shared.act(person, |platform, now| platform.get_started(person, now)))
            }
            Self::QuickReply { title } => mid(shared.act(person, |platform, now| {
                platform.tap_quick_reply(person, &title, now)
            })),
            Self::Button {
                mid: message,
                index,
            } => mid(shared.act(person, |platform, now| {
                platform.tap_button(person, &message, index, now)
            })),
            Self::Read => {
                let unread = shared.act(person, |platform, now| platform.read(person, now))?;
                Ok(json!({ "unread": unread }))
            }
            Self::React {
                mid,
                reaction,
                emoji,
            } => nothing(shared.act(person, |platform, now| {
                platform.react(person, &mid, &reaction, emoji.as_deref(), now)
            })),
            Self::Unreact { mid } => {
                nothing(shared.act(person, |platform, now| platform.unreact(person, &mid, now)))
            }
            Self::Edit { mid, text } => nothing(shared.act(person, |platform, now| {
                platform.edit(person, &mid, &text, now)
            })),
            Self::Unsend { mid } => {
                nothing(shared.act(person, |platform, now| platform.unsend(person, &mid, now)))
            }
            Self::OpenLink { link } => nothing(shared.act(person, |platform, now| {
                platform.open_link(person, &link, now)
            })),
            Self::ClickAd { ad } => {
                nothing(shared.act(person, |platform, now| platform.click_ad(person, &ad, now)))
            }
            Self::LeadAd { ad } => {
                nothing(shared.act(person, |platform, now| platform.lead_ad(person, &ad, now)))
            }
            Self::LeadAdComplete { complete } => nothing(shared.act(person, |platform, now| {
                platform.lead_ad_complete(person, complete, now)
            })),
            Self::Comment { text, on_ad } => {
                let id = shared.act(person, |platform, now| match on_ad {
                    true => platform.comment_on_ad(person, &text, now),
                    false => platform.comment(person, &text, now),
                })?;
                Ok(json!({ "id": id }))
            }
            Self::AccountComment { text, below } => {
                let id = shared.act(person, |platform, now| {
                    platform.account_comments(person, &text, below.as_deref(), now)
                })?;
                Ok(json!({ "id": id }))
            }
            Self::Post { text } => {
                let id = shared.act(person, |platform, now| platform.post(person, &text, now))?;
                Ok(json!({ "id": id }))
            }
            Self::TickBox {
                user_ref,
                reference,
            } => nothing(shared.act(person, |platform, now| {
                platform.tick_box(person, &user_ref, reference.as_deref(), now)
            })),
            Self::SharePhoneNumber { number } => nothing(shared.act(person, |platform, now| {
                platform.share_phone_number(person, &number, now)
            })),
            Self::AgreeToNotifications { mid } => {
                let token = shared.act(person, |platform, now| {
                    platform.agree_to_notifications(person, &mid, now)
                })?;
                Ok(json!({ "token": token }))
            }
            Self::FollowAccountLink => {
                let token = shared.act(person, |platform, now| {
                    platform.follow_account_link(person, now)
                })?;
                Ok(json!({ "token": token }))
            }
            Self::FinishAccountLink { authorization_code } => {
                nothing(shared.act(person, |platform, now| {
                    platform.finish_account_link(person, &authorization_code, now)
                }))
            }
            Self::LogOut => {
                nothing(shared.act(person, |platform, now| platform.log_out(person, now)))
            }
            Self::RequestDataDeletion { app } => {
                let receipt = shared.request_data_deletion(person, app.as_ref()).await?;
                Ok(json!({"url": receipt.url, "confirmation_code": receipt.confirmation_code}))
            }
            Self::InboxReply { text } => mid(shared.act(person, |platform, now| {
                platform.inbox_reply(person, &text, now)
            })),
            Self::InboxSay { text, from } => mid(shared.act(person, |platform, now| {
                platform.account_says(person, &text, from, now)
            })),
            Self::InboxDelete { mid: message } => mid(shared.act(person, |platform, now| {
                platform.account_deletes(person, message.as_deref(), now)
            })),
            Self::InboxDone => {
                nothing(shared.act(person, |platform, now| platform.inbox_done(person, now)))
            }
            Self::InboxTake => {
                nothing(shared.act(person, |platform, now| platform.inbox_take(person, now)))
            }
            Self::InboxRequest => {
                nothing(shared.act(person, |platform, now| platform.inbox_request(person, now)))
            }
            Self::AppSend { app, text } => {
                let message = json!({ "text": text });
                as_app(
                    shared,
                    person,
                    &app,
                    "messages",
                    json!({ "message": message }),
                )
                .await
            }
            Self::AppPass { app, to, metadata } => {
                let fields = json!({"target_app_id": to, "metadata": metadata});
                as_app(shared, person, &app, "pass_thread_control", fields).await
            }
            Self::AppTake { app, metadata } => {
                let fields = json!({ "metadata": metadata });
                as_app(shared, person, &app, "take_thread_control", fields).await
            }
            Self::AppRequest { app, metadata } => {
                let fields = json!({ "metadata": metadata });
                as_app(shared, person, &app, "request_thread_control", fields).await
            }
            Self::AppRelease { app } => {
                as_app(shared, person, &app, "release_thread_control", json!({})).await
            }
        }
    }
}

/// Calls the Graph API as another app.
async fn as_app(
    shared: &Arc<SharedState>,
    person: &PersonId,
    app: &AppId,
    edge: &str,
    fields: Value,
) -> ApiResult<Value> {
    let account = shared.read(|platform, _| Some(platform.thread(person)?.account.clone()));
    let account = account.ok_or_else(|| no_thread(person))?;
    let mut request = json!({"recipient": {"id": person}});
    if let (Some(request), Value::Object(fields)) = (request.as_object_mut(), fields) {
        request.extend(fields.into_iter().filter(|(_, value)| !value.is_null()));
    }
    let call = InternalCall::post(shared, app, &account, edge, &request).ok_or_else(|| {
        ControlApiError::Unknown(format!(
            "no app {app} is connected to account {account}: /control/state lists all"
        ))
    })?;
    let done = call.execute(shared).await;
    if done.status.is_success() {
        return Ok(done.body);
    }
    let why = done.body["error"]["message"].as_str();
    let why = why.map_or_else(|| format!("HTTP status {}", done.status), str::to_owned);
    Err(ControlApiError::Forbidden(why))
}
