//! Routing table of the Graph API.

use handover_protocol::{
    ExtendThreadControlRequest, PassThreadControlRequest, PersonId, ReleaseThreadControlRequest,
    RequestThreadControlRequest, TakeThreadControlRequest,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::request_context::RequestContext;
use super::{account, token};
use crate::platform::{CallContext, GraphResult, Platform, Refusal, Step};

/// Type of object in the first segment of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ObjectType {
    /// A Page or Instagram account, by its id or as `me`.
    Account,
    /// The calling app.
    App,
    /// `me` with the token of a person who manages the accounts.
    User,
    /// Somebody who writes to the account.
    Person,
    /// Somebody as apps know them.
    AppUser,
    Conversation,
    Message,
    Persona,
    Label,
    /// Nothing: the path is the name of the call.
    Root,
}

type RouteHandler = fn(&mut Platform, &RequestContext<'_>) -> GraphResult<Value>;

const ROUTES: &[(ObjectType, &str, &str, RouteHandler)] = &[
    (
        ObjectType::Account,
        "POST",
        "messages",
        |platform, request| {
            written(platform.send_with(&request.call()?, request.parameters, request.upload))
        },
    ),
    (
        ObjectType::Account,
        "POST",
        "pass_thread_control",
        |platform, request| {
            control::<PassThreadControlRequest>(platform, request, Platform::pass_thread_control)
        },
    ),
    (
        ObjectType::Account,
        "POST",
        "take_thread_control",
        |platform, request| {
            control::<TakeThreadControlRequest>(platform, request, Platform::take_thread_control)
        },
    ),
    (
        ObjectType::Account,
        "POST",
        "request_thread_control",
        |platform, request| {
            control::<RequestThreadControlRequest>(
                platform,
                request,
                Platform::request_thread_control,
            )
        },
    ),
    (
        ObjectType::Account,
        "POST",
        "release_thread_control",
        |platform, request| {
            control::<ReleaseThreadControlRequest>(
                platform,
                request,
                Platform::release_thread_control,
            )
        },
    ),
    (
        ObjectType::Account,
        "POST",
        "extend_thread_control",
        |platform, request| {
            control::<ExtendThreadControlRequest>(
                platform,
                request,
                Platform::extend_thread_control,
            )
        },
    ),
    (
        ObjectType::Account,
        "GET",
        "thread_owner",
        |platform, request| {
            let person = match request.parameters.get("recipient") {
                Some(Value::String(id)) => PersonId::from(id.as_str()),
                Some(Value::Number(id)) => PersonId::new(id.to_string()),
                Some(_) => return Err(Refusal::parameter("Param recipient must be a string")),
                None => return Err(Refusal::parameter("The parameter recipient is required")),
            };
            written(platform.thread_owner(&request.call()?, &person))
        },
    ),
    (
        ObjectType::Account,
        "GET",
        "secondary_receivers",
        |platform, request| platform.secondary_receivers(&request.call()?).map(quiet),
    ),
    (ObjectType::Account, "GET", "", account::get),
    (
        ObjectType::Account,
        "GET",
        "messenger_profile",
        |platform, request| platform.profile(&request.call()?, request.parameters),
    ),
    (
        ObjectType::Account,
        "POST",
        "messenger_profile",
        |platform, request| platform.set_profile(&request.call()?, request.parameters),
    ),
    (
        ObjectType::Account,
        "DELETE",
        "messenger_profile",
        |platform, request| platform.delete_profile(&request.call()?, request.parameters),
    ),
    (
        ObjectType::Account,
        "GET",
        "custom_user_settings",
        |platform, request| platform.user_settings(&request.call()?, request.parameters),
    ),
    (
        ObjectType::Account,
        "POST",
        "custom_user_settings",
        |platform, request| platform.set_user_settings(&request.call()?, request.parameters),
    ),
    (
        ObjectType::Account,
        "DELETE",
        "custom_user_settings",
        |platform, request| platform.delete_user_settings(&request.call()?, request.parameters),
    ),
    (
        ObjectType::Account,
        "GET",
        "subscribed_apps",
        |platform, request| platform.subscribed_apps(&request.call()?),
    ),
    (
        ObjectType::Account,
        "POST",
        "subscribed_apps",
        |platform, request| platform.set_subscribed_apps(&request.call()?, request.parameters),
    ),
    (
        ObjectType::Account,
        "DELETE",
        "subscribed_apps",
        |platform, request| platform.delete_subscribed_apps(&request.call()?),
    ),
    (
        ObjectType::Account,
        "POST",
        "message_attachments",
        |platform, request| {
            platform.save_attachment(&request.call()?, request.parameters, request.upload)
        },
    ),
    (
        ObjectType::Account,
        "GET",
        "personas",
        |platform, request| platform.personas(&request.call()?, request.parameters),
    ),
    (
        ObjectType::Account,
        "POST",
        "personas",
        |platform, request| platform.create_persona(&request.call()?, request.parameters),
    ),
    (ObjectType::Persona, "GET", "", |platform, request| {
        platform.persona(&request.call()?, request.object, request.parameters)
    }),
    (ObjectType::Persona, "DELETE", "", |platform, request| {
        platform.delete_persona(&request.call()?, request.object)
    }),
    (
        ObjectType::Account,
        "GET",
        "custom_labels",
        |platform, request| platform.labels(&request.call()?, request.parameters),
    ),
    (
        ObjectType::Account,
        "POST",
        "custom_labels",
        |platform, request| platform.create_label(&request.call()?, request.parameters),
    ),
    (ObjectType::Label, "GET", "", |platform, request| {
        platform.label(&request.call()?, request.object, request.parameters)
    }),
    (ObjectType::Label, "DELETE", "", |platform, request| {
        platform.delete_label(&request.call()?, request.object)
    }),
    (ObjectType::Label, "POST", "label", |platform, request| {
        platform.put_label(&request.call()?, request.object, request.parameters, true)
    }),
    (ObjectType::Label, "DELETE", "label", |platform, request| {
        platform.put_label(&request.call()?, request.object, request.parameters, false)
    }),
    (
        ObjectType::Account,
        "GET",
        "message_templates",
        |platform, request| platform.templates(&request.call()?, request.parameters),
    ),
    (
        ObjectType::Account,
        "POST",
        "message_templates",
        |platform, request| platform.create_template(&request.call()?, request.parameters),
    ),
    (
        ObjectType::Account,
        "POST",
        "moderate_conversations",
        |platform, request| platform.moderate(&request.call()?, request.parameters),
    ),
    (
        ObjectType::Account,
        "POST",
        "unlink_accounts",
        |platform, request| platform.unlink_account(&request.call()?, request.parameters),
    ),
    (
        ObjectType::Account,
        "GET",
        "conversations",
        |platform, request| platform.conversations(&request.call()?, request.parameters),
    ),
    (ObjectType::Conversation, "GET", "", |platform, request| {
        platform.conversation(&request.call()?, request.object, request.parameters)
    }),
    (
        ObjectType::Conversation,
        "GET",
        "messages",
        |platform, request| platform.messages(&request.call()?, request.object, request.parameters),
    ),
    (ObjectType::Message, "GET", "", |platform, request| {
        platform.message(&request.call()?, request.object, request.parameters)
    }),
    (ObjectType::Person, "GET", "", |platform, request| {
        platform.person_profile(&request.call()?, &request.person(), request.parameters)
    }),
    (
        ObjectType::Person,
        "GET",
        "custom_labels",
        |platform, request| {
            platform.labels_on(&request.call()?, &request.person(), request.parameters)
        },
    ),
    (
        ObjectType::AppUser,
        "GET",
        "ids_for_pages",
        |platform, request| {
            let app = token::of_app(request)?;
            platform.ids_for_pages(app, request.object, request.parameters)
        },
    ),
    (ObjectType::App, "GET", "", |platform, request| {
        let token = request.token()?;
        let name = platform.app(&token.app).map(|app| app.name.clone());
        Ok(quiet(json!({"name": name, "id": token.app})))
    }),
    (
        ObjectType::App,
        "GET",
        "subscriptions",
        |platform, request| {
            let app = token::of_app(request)?;
            platform.app_subscriptions(app, request.callback)
        },
    ),
    // The webhook has been verified on the way here.
    (
        ObjectType::App,
        "POST",
        "subscriptions",
        |platform, request| {
            let app = token::of_app(request)?;
            let wanted = platform.read_app_subscription(app, request.parameters)?;
            platform.set_app_subscription(app, wanted.product, wanted.fields)
        },
    ),
    (
        ObjectType::App,
        "DELETE",
        "subscriptions",
        |platform, request| {
            platform.delete_app_subscription(token::of_app(request)?, request.parameters)
        },
    ),
    (ObjectType::User, "GET", "", token::user),
    (ObjectType::User, "GET", "accounts", token::accounts),
    (ObjectType::Root, "GET", "debug_token", token::debug),
    (
        ObjectType::Root,
        "GET",
        "oauth/access_token",
        token::exchange,
    ),
    (
        ObjectType::Root,
        "POST",
        "oauth/access_token",
        token::exchange,
    ),
    (
        ObjectType::Root,
        "GET",
        "sticker_packs",
        |platform, request| {
            request.token()?;
            platform.sticker_packs(request.parameters)
        },
    ),
    (
        ObjectType::Root,
        "GET",
        "sticker_search",
        |platform, request| {
            request.token()?;
            platform.sticker_search(request.parameters)
        },
    ),
];

/// Returns the handler of a call.
pub(super) fn find(node: ObjectType, method: &str, edge: &str) -> Option<RouteHandler> {
    ROUTES
        .iter()
        .find(|(n, m, e, _)| *n == node && *m == method && *e == edge)
        .map(|(.., act)| *act)
}

fn control<T: DeserializeOwned>(
    platform: &mut Platform,
    request: &RequestContext<'_>,
    act: impl Fn(&mut Platform, &CallContext<'_>, &T) -> GraphResult<()>,
) -> GraphResult<Value> {
    let body = serde_json::from_value(Value::Object(request.parameters.clone()))
        .map_err(|error| Refusal::parameter(format_args!("Invalid parameter: {error}")))?;
    let step = act(platform, &request.call()?, &body)?;
    Ok(Step {
        value: json!({"success": true}),
        deliveries: step.deliveries,
    })
}

fn written<T: Serialize>(answer: GraphResult<T>) -> GraphResult<Value> {
    answer.map(|step| Step {
        // What the protocol's types are made of always has a JSON form.
        value: serde_json::to_value(&step.value).unwrap_or_default(),
        deliveries: step.deliveries,
    })
}

/// Creates a result without webhooks.
pub(super) fn quiet<T: Serialize>(value: T) -> Step<Value> {
    Step {
        value: serde_json::to_value(&value).unwrap_or_default(),
        deliveries: Vec::new(),
    }
}
