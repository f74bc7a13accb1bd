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
use crate::platform::{Call, GraphResult, Platform, Refusal, Step};

/// Type of object in the first segment of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Node {
    /// A Page or Instagram account, by its id or as `me`.
    Account,
    /// The calling app.
    App,
    /// `me` with the token of a person who manages the accounts.
    User,
    /// Somebody who writes to the account.
    Person,
    Conversation,
    Message,
    Persona,
    Label,
    /// Nothing: the path is the name of the call.
    Root,
}

type Handler = fn(&mut Platform, &RequestContext<'_>) -> GraphResult<Value>;

const ROUTES: &[(Node, &str, &str, Handler)] = &[
    (Node::Account, "POST", "messages", |platform, request| {
        written(platform.send_with(&request.call()?, request.parameters, request.upload))
    }),
    (
        Node::Account,
        "POST",
        "pass_thread_control",
        |platform, request| {
            control::<PassThreadControlRequest>(platform, request, Platform::pass_thread_control)
        },
    ),
    (
        Node::Account,
        "POST",
        "take_thread_control",
        |platform, request| {
            control::<TakeThreadControlRequest>(platform, request, Platform::take_thread_control)
        },
    ),
    (
        Node::Account,
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
        Node::Account,
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
        Node::Account,
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
    (Node::Account, "GET", "thread_owner", |platform, request| {
        let person = match request.parameters.get("recipient") {
            Some(Value::String(id)) => PersonId::from(id.as_str()),
            Some(Value::Number(id)) => PersonId::new(id.to_string()),
            Some(_) => return Err(Refusal::parameter("Param recipient must be a string")),
            None => return Err(Refusal::parameter("The parameter recipient is required")),
        };
        written(platform.thread_owner(&request.call()?, &person))
    }),
    (
        Node::Account,
        "GET",
        "secondary_receivers",
        |platform, request| platform.secondary_receivers(&request.call()?).map(quiet),
    ),
    (Node::Account, "GET", "", account::get),
    (
        Node::Account,
        "GET",
        "messenger_profile",
        |platform, request| platform.profile(&request.call()?, request.parameters),
    ),
    (
        Node::Account,
        "POST",
        "messenger_profile",
        |platform, request| platform.set_profile(&request.call()?, request.parameters),
    ),
    (
        Node::Account,
        "DELETE",
        "messenger_profile",
        |platform, request| platform.delete_profile(&request.call()?, request.parameters),
    ),
    (
        Node::Account,
        "GET",
        "custom_user_settings",
        |platform, request| platform.user_settings(&request.call()?, request.parameters),
    ),
    (
        Node::Account,
        "POST",
        "custom_user_settings",
        |platform, request| platform.set_user_settings(&request.call()?, request.parameters),
    ),
    (
        Node::Account,
        "DELETE",
        "custom_user_settings",
        |platform, request| platform.delete_user_settings(&request.call()?, request.parameters),
    ),
    (
        Node::Account,
        "GET",
        "subscribed_apps",
        |platform, request| platform.subscribed_apps(&request.call()?),
    ),
    (
        Node::Account,
        "POST",
        "subscribed_apps",
        |platform, request| platform.set_subscribed_apps(&request.call()?, request.parameters),
    ),
    (
        Node::Account,
        "DELETE",
        "subscribed_apps",
        |platform, request| platform.delete_subscribed_apps(&request.call()?),
    ),
    (
        Node::Account,
        "POST",
        "message_attachments",
        |platform, request| {
            platform.save_attachment(&request.call()?, request.parameters, request.upload)
        },
    ),
    (Node::Account, "GET", "personas", |platform, request| {
        platform.personas(&request.call()?, request.parameters)
    }),
    (Node::Account, "POST", "personas", |platform, request| {
        platform.create_persona(&request.call()?, request.parameters)
    }),
    (Node::Persona, "GET", "", |platform, request| {
        platform.persona(&request.call()?, request.object, request.parameters)
    }),
    (Node::Persona, "DELETE", "", |platform, request| {
        platform.delete_persona(&request.call()?, request.object)
    }),
    (
        Node::Account,
        "GET",
        "custom_labels",
        |platform, request| platform.labels(&request.call()?, request.parameters),
    ),
    (
        Node::Account,
        "POST",
        "custom_labels",
        |platform, request| platform.create_label(&request.call()?, request.parameters),
    ),
    (Node::Label, "GET", "", |platform, request| {
        platform.label(&request.call()?, request.object, request.parameters)
    }),
    (Node::Label, "DELETE", "", |platform, request| {
        platform.delete_label(&request.call()?, request.object)
    }),
    (Node::Label, "POST", "label", |platform, request| {
        platform.put_label(&request.call()?, request.object, request.parameters, true)
    }),
    (Node::Label, "DELETE", "label", |platform, request| {
        platform.put_label(&request.call()?, request.object, request.parameters, false)
    }),
    (
        Node::Account,
        "GET",
        "message_templates",
        |platform, request| platform.templates(&request.call()?, request.parameters),
    ),
    (
        Node::Account,
        "POST",
        "message_templates",
        |platform, request| platform.create_template(&request.call()?, request.parameters),
    ),
    (
        Node::Account,
        "POST",
        "moderate_conversations",
        |platform, request| platform.moderate(&request.call()?, request.parameters),
    ),
    (
        Node::Account,
        "POST",
        "unlink_accounts",
        |platform, request| platform.unlink_account(&request.call()?, request.parameters),
    ),
    (
        Node::Account,
        "GET",
        "conversations",
        |platform, request| platform.conversations(&request.call()?, request.parameters),
    ),
    (Node::Conversation, "GET", "", |platform, request| {
        platform.conversation(&request.call()?, request.object, request.parameters)
    }),
    (
        Node::Conversation,
        "GET",
        "messages",
        |platform, request| platform.messages(&request.call()?, request.object, request.parameters),
    ),
    (Node::Message, "GET", "", |platform, request| {
        platform.message(&request.call()?, request.object, request.parameters)
    }),
    (Node::Person, "GET", "", |platform, request| {
        platform.person_profile(&request.call()?, &request.person(), request.parameters)
    }),
    (Node::Person, "GET", "custom_labels", |platform, request| {
        platform.labels_on(&request.call()?, &request.person(), request.parameters)
    }),
    (Node::App, "GET", "", |platform, request| {
        let token = request.token()?;
        let name = platform.app(&token.app).map(|app| app.name.clone());
        Ok(quiet(json!({"name": name, "id": token.app})))
    }),
    (Node::App, "GET", "subscriptions", |platform, request| {
        let app = token::of_app(request)?;
        platform.app_subscriptions(app, request.callback)
    }),
    // The webhook has been verified on the way here.
    (Node::App, "POST", "subscriptions", |platform, request| {
        let app = token::of_app(request)?;
        let wanted = platform.read_app_subscription(app, request.parameters)?;
        platform.set_app_subscription(app, wanted.product, wanted.fields)
    }),
    (Node::App, "DELETE", "subscriptions", |platform, request| {
        platform.delete_app_subscription(token::of_app(request)?, request.parameters)
    }),
    (Node::User, "GET", "", token::user),
    (Node::User, "GET", "accounts", token::accounts),
    (Node::Root, "GET", "debug_token", token::debug),
    (Node::Root, "GET", "oauth/access_token", token::exchange),
    (Node::Root, "POST", "oauth/access_token", token::exchange),
    (Node::Root, "GET", "sticker_packs", |platform, request| {
        request.token()?;
        platform.sticker_packs(request.parameters)
    }),
    (Node::Root, "GET", "sticker_search", |platform, request| {
        request.token()?;
        platform.sticker_search(request.parameters)
    }),
];

/// Returns the handler of a call.
pub(super) fn find(node: Node, method: &str, edge: &str) -> Option<Handler> {
    ROUTES
        .iter()
        .find(|(n, m, e, _)| *n == node && *m == method && *e == edge)
        .map(|(.., act)| *act)
}

fn control<T: DeserializeOwned>(
    platform: &mut Platform,
    request: &RequestContext<'_>,
    act: impl Fn(&mut Platform, &Call<'_>, &T) -> GraphResult<()>,
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
