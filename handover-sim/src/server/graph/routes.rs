//! The one routing table: which call is carried out by which rule.

use handover_protocol::{
    ExtendThreadControlRequest, PassThreadControlRequest, PersonId, ReleaseThreadControlRequest,
    RequestThreadControlRequest, TakeThreadControlRequest,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::asked::Asked;
use super::{account, token};
use crate::platform::{Answer, Call, Platform, Refusal, Step};

/// What a path's first segment names.
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

type Act = fn(&mut Platform, &Asked<'_>) -> Answer<Value>;

const ROUTES: &[(Node, &str, &str, Act)] = &[
    (Node::Account, "POST", "messages", |platform, asked| {
        written(platform.send_with(&asked.call()?, asked.parameters, asked.upload))
    }),
    (
        Node::Account,
        "POST",
        "pass_thread_control",
        |platform, asked| {
            control::<PassThreadControlRequest>(platform, asked, Platform::pass_thread_control)
        },
    ),
    (
        Node::Account,
        "POST",
        "take_thread_control",
        |platform, asked| {
            control::<TakeThreadControlRequest>(platform, asked, Platform::take_thread_control)
        },
    ),
    (
        Node::Account,
        "POST",
        "request_thread_control",
        |platform, asked| {
            control::<RequestThreadControlRequest>(
                platform,
                asked,
                Platform::request_thread_control,
            )
        },
    ),
    (
        Node::Account,
        "POST",
        "release_thread_control",
        |platform, asked| {
            control::<ReleaseThreadControlRequest>(
                platform,
                asked,
                Platform::release_thread_control,
            )
        },
    ),
    (
        Node::Account,
        "POST",
        "extend_thread_control",
        |platform, asked| {
            control::<ExtendThreadControlRequest>(platform, asked, Platform::extend_thread_control)
        },
    ),
    (Node::Account, "GET", "thread_owner", |platform, asked| {
        let person = match asked.parameters.get("recipient") {
            Some(Value::String(id)) => PersonId::from(id.as_str()),
            Some(Value::Number(id)) => PersonId::new(id.to_string()),
            Some(_) => return Err(Refusal::parameter("Param recipient must be a string")),
            None => return Err(Refusal::parameter("The parameter recipient is required")),
        };
        written(platform.thread_owner(&asked.call()?, &person))
    }),
    (
        Node::Account,
        "GET",
        "secondary_receivers",
        |platform, asked| platform.secondary_receivers(&asked.call()?).map(quiet),
    ),
    (Node::Account, "GET", "", account::get),
    (
        Node::Account,
        "GET",
        "messenger_profile",
        |platform, asked| platform.profile(&asked.call()?, asked.parameters),
    ),
    (
        Node::Account,
        "POST",
        "messenger_profile",
        |platform, asked| platform.set_profile(&asked.call()?, asked.parameters),
    ),
    (
        Node::Account,
        "DELETE",
        "messenger_profile",
        |platform, asked| platform.delete_profile(&asked.call()?, asked.parameters),
    ),
    (
        Node::Account,
        "GET",
        "custom_user_settings",
        |platform, asked| platform.user_settings(&asked.call()?, asked.parameters),
    ),
    (
        Node::Account,
        "POST",
        "custom_user_settings",
        |platform, asked| platform.set_user_settings(&asked.call()?, asked.parameters),
    ),
    (
        Node::Account,
        "DELETE",
        "custom_user_settings",
        |platform, asked| platform.delete_user_settings(&asked.call()?, asked.parameters),
    ),
    (
        Node::Account,
        "GET",
        "subscribed_apps",
        |platform, asked| platform.subscribed_apps(&asked.call()?),
    ),
    (
        Node::Account,
        "POST",
        "subscribed_apps",
        |platform, asked| platform.set_subscribed_apps(&asked.call()?, asked.parameters),
    ),
    (
        Node::Account,
        "DELETE",
        "subscribed_apps",
        |platform, asked| platform.delete_subscribed_apps(&asked.call()?),
    ),
    (
        Node::Account,
        "POST",
        "message_attachments",
        |platform, asked| platform.save_attachment(&asked.call()?, asked.parameters, asked.upload),
    ),
    (Node::Account, "GET", "personas", |platform, asked| {
        platform.personas(&asked.call()?, asked.parameters)
    }),
    (Node::Account, "POST", "personas", |platform, asked| {
        platform.create_persona(&asked.call()?, asked.parameters)
    }),
    (Node::Persona, "GET", "", |platform, asked| {
        platform.persona(&asked.call()?, asked.object, asked.parameters)
    }),
    (Node::Persona, "DELETE", "", |platform, asked| {
        platform.delete_persona(&asked.call()?, asked.object)
    }),
    (Node::Account, "GET", "custom_labels", |platform, asked| {
        platform.labels(&asked.call()?, asked.parameters)
    }),
    (Node::Account, "POST", "custom_labels", |platform, asked| {
        platform.create_label(&asked.call()?, asked.parameters)
    }),
    (Node::Label, "GET", "", |platform, asked| {
        platform.label(&asked.call()?, asked.object, asked.parameters)
    }),
    (Node::Label, "DELETE", "", |platform, asked| {
        platform.delete_label(&asked.call()?, asked.object)
    }),
    (Node::Label, "POST", "label", |platform, asked| {
        platform.put_label(&asked.call()?, asked.object, asked.parameters, true)
    }),
    (Node::Label, "DELETE", "label", |platform, asked| {
        platform.put_label(&asked.call()?, asked.object, asked.parameters, false)
    }),
    (
        Node::Account,
        "GET",
        "message_templates",
        |platform, asked| platform.templates(&asked.call()?, asked.parameters),
    ),
    (
        Node::Account,
        "POST",
        "message_templates",
        |platform, asked| platform.create_template(&asked.call()?, asked.parameters),
    ),
    (
        Node::Account,
        "POST",
        "moderate_conversations",
        |platform, asked| platform.moderate(&asked.call()?, asked.parameters),
    ),
    (
        Node::Account,
        "POST",
        "unlink_accounts",
        |platform, asked| platform.unlink_account(&asked.call()?, asked.parameters),
    ),
    (Node::Account, "GET", "conversations", |platform, asked| {
        platform.conversations(&asked.call()?, asked.parameters)
    }),
    (Node::Conversation, "GET", "", |platform, asked| {
        platform.conversation(&asked.call()?, asked.object, asked.parameters)
    }),
    (Node::Conversation, "GET", "messages", |platform, asked| {
        platform.messages(&asked.call()?, asked.object, asked.parameters)
    }),
    (Node::Message, "GET", "", |platform, asked| {
        platform.message(&asked.call()?, asked.object, asked.parameters)
    }),
    (Node::Person, "GET", "", |platform, asked| {
        platform.person_profile(&asked.call()?, &asked.person(), asked.parameters)
    }),
    (Node::Person, "GET", "custom_labels", |platform, asked| {
        platform.labels_on(&asked.call()?, &asked.person(), asked.parameters)
    }),
    (Node::App, "GET", "", |platform, asked| {
        let token = asked.token()?;
        let name = platform.app(&token.app).map(|app| app.name.clone());
        Ok(quiet(json!({"name": name, "id": token.app})))
    }),
    (Node::App, "GET", "subscriptions", |platform, asked| {
        let app = token::of_app(asked)?;
        platform.app_subscriptions(app, asked.callback)
    }),
    // The webhook has been verified on the way here.
    (Node::App, "POST", "subscriptions", |platform, asked| {
        let app = token::of_app(asked)?;
        let wanted = platform.read_app_subscription(app, asked.parameters)?;
        platform.set_app_subscription(app, wanted.product, wanted.fields)
    }),
    (Node::App, "DELETE", "subscriptions", |platform, asked| {
        platform.delete_app_subscription(token::of_app(asked)?, asked.parameters)
    }),
    (Node::User, "GET", "", token::user),
    (Node::User, "GET", "accounts", token::accounts),
    (Node::Root, "GET", "debug_token", token::debug),
    (Node::Root, "GET", "oauth/access_token", token::exchange),
    (Node::Root, "POST", "oauth/access_token", token::exchange),
    (Node::Root, "GET", "sticker_packs", |platform, asked| {
        asked.token()?;
        platform.sticker_packs(asked.parameters)
    }),
    (Node::Root, "GET", "sticker_search", |platform, asked| {
        asked.token()?;
        platform.sticker_search(asked.parameters)
    }),
];

/// The rule for a call, if there is one.
pub(super) fn find(node: Node, method: &str, edge: &str) -> Option<Act> {
    ROUTES
        .iter()
        .find(|(n, m, e, _)| *n == node && *m == method && *e == edge)
        .map(|(.., act)| *act)
}

fn control<T: DeserializeOwned>(
    platform: &mut Platform,
    asked: &Asked<'_>,
    act: impl Fn(&mut Platform, &Call<'_>, &T) -> Answer<()>,
) -> Answer<Value> {
    let request = serde_json::from_value(Value::Object(asked.parameters.clone()))
        .map_err(|error| Refusal::parameter(format_args!("Invalid parameter: {error}")))?;
    let step = act(platform, &asked.call()?, &request)?;
    Ok(Step {
        value: json!({"success": true}),
        deliveries: step.deliveries,
    })
}

fn written<T: Serialize>(answer: Answer<T>) -> Answer<Value> {
    answer.map(|step| Step {
        // What the protocol's types are made of always has a JSON form.
        value: serde_json::to_value(&step.value).unwrap_or_default(),
        deliveries: step.deliveries,
    })
}

/// What only was looked at causes no webhooks.
pub(super) fn quiet<T: Serialize>(value: T) -> Step<Value> {
    Step {
        value: serde_json::to_value(&value).unwrap_or_default(),
        deliveries: Vec::new(),
    }
}
