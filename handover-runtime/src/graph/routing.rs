//! Endpoints: methods and paths of all calls.

use std::fmt;

use hyper::{Method, Uri};
use url::Url;

use super::error::GraphError;

/// First segment of a path.
#[derive(Clone, Copy)]
enum PathRoot {
    /// The Page.
    Page,
    /// The owner of the token.
    Me,
    /// Another object, by id: a person, a conversation, a label …
    Object,
    /// A pack of stickers.
    StickerPack,
    /// A phone number on WhatsApp.
    PhoneNumber,
    /// Nothing.
    Root,
}

macro_rules! endpoints {
    ($($(#[$doc:meta])* $endpoint:ident = $method:ident $node:ident $path:literal $(as $name:literal)?;)*) => {
        /// Endpoint of the Graph API, as errors and logs name it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Endpoint {
            $($(#[$doc])* $endpoint,)*
        }

        impl Endpoint {
            /// The platform's name of the endpoint; if the path has none, the name of the object.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$endpoint => name!($path $($name)?),)*
                }
            }

            pub(super) const fn method(self) -> Method {
                match self {
                    $(Self::$endpoint => Method::$method,)*
                }
            }

            const fn path(self) -> (PathRoot, &'static str) {
                match self {
                    $(Self::$endpoint => (PathRoot::$node, $path),)*
                }
            }
        }
    };
}

macro_rules! name {
    ($path:literal) => {
        $path
    };
    ($path:literal $name:literal) => {
        $name
    };
}

endpoints! {
    /// `POST /{page-id}/messages`, the Send API.
    Messages = POST Page "messages";
    /// `POST /{page-id}/message_attachments`
    MessageAttachments = POST Page "message_attachments";
    /// `POST /{page-id}/message_templates`
    MessageTemplates = POST Page "message_templates";

    /// `POST /{page-id}/pass_thread_control`
    PassThreadControl = POST Page "pass_thread_control";
    /// `POST /{page-id}/take_thread_control`
    TakeThreadControl = POST Page "take_thread_control";
    /// `POST /{page-id}/request_thread_control`
    RequestThreadControl = POST Page "request_thread_control";
    /// `POST /{page-id}/release_thread_control`
    ReleaseThreadControl = POST Page "release_thread_control";
    /// `POST /{page-id}/extend_thread_control`
    ExtendThreadControl = POST Page "extend_thread_control";
    /// `GET /{page-id}/thread_owner`
    ThreadOwner = GET Page "thread_owner";
    /// `GET /{page-id}/secondary_receivers`
    SecondaryReceivers = GET Page "secondary_receivers";
    /// `GET /me?fields=messaging_feature_status`
    MessagingFeatureStatus = GET Me "" as "messaging_feature_status";

    /// `GET /me/messenger_profile`
    GetProfile = GET Me "messenger_profile";
    /// `POST /me/messenger_profile`
    SetProfile = POST Me "messenger_profile";
    /// `DELETE /me/messenger_profile`
    DeleteProfile = DELETE Me "messenger_profile";
    /// `GET /{page-id}/custom_user_settings`
    GetUserSettings = GET Page "custom_user_settings";
    /// `POST /{page-id}/custom_user_settings`
    SetUserSettings = POST Page "custom_user_settings";
    /// `DELETE /{page-id}/custom_user_settings`
    DeleteUserSettings = DELETE Page "custom_user_settings";

    /// `GET /{page-id}/subscribed_apps`
    SubscribedApps = GET Page "subscribed_apps";
    /// `POST /{page-id}/subscribed_apps`
    SubscribeApp = POST Page "subscribed_apps";
    /// `DELETE /{page-id}/subscribed_apps`
    UnsubscribeApp = DELETE Page "subscribed_apps";
    /// `GET /{app-id}/subscriptions`
    Subscriptions = GET Object "subscriptions";
    /// `POST /{app-id}/subscriptions`
    Subscribe = POST Object "subscriptions";
    /// `DELETE /{app-id}/subscriptions`
    Unsubscribe = DELETE Object "subscriptions";

    /// `GET /{psid}`
    UserProfile = GET Object "" as "user profile";
    /// `GET /{app-scoped user id}/ids_for_pages`
    IdsForPages = GET Object "ids_for_pages";
    /// `GET /me?fields=recipient&account_linking_token=…`
    LinkedAccount = GET Me "" as "account_linking_token";
    /// `POST /me/unlink_accounts`
    UnlinkAccounts = POST Me "unlink_accounts";
    /// `POST /{page-id}/moderate_conversations`
    ModerateConversations = POST Page "moderate_conversations";

    /// `GET /{page-id}/personas`
    Personas = GET Page "personas";
    /// `POST /{page-id}/personas`
    CreatePersona = POST Page "personas";
    /// `GET /{persona-id}`
    Persona = GET Object "" as "persona";
    /// `DELETE /{persona-id}`
    DeletePersona = DELETE Object "" as "persona";

    /// `GET /{page-id}/custom_labels`
    Labels = GET Page "custom_labels";
    /// `POST /{page-id}/custom_labels`
    CreateLabel = POST Page "custom_labels";
    /// `GET /{psid}/custom_labels`
    LabelsOfPerson = GET Object "custom_labels";
    /// `POST /{label-id}/label`
    AddLabel = POST Object "label";
    /// `DELETE /{label-id}/label`
    RemoveLabel = DELETE Object "label";
    /// `DELETE /{label-id}`
    DeleteLabel = DELETE Object "" as "label";

    /// `GET /{page-id}/conversations`
    Conversations = GET Page "conversations";
    /// `GET /{conversation-id}`
    Conversation = GET Object "" as "conversation";
    /// `GET /{conversation-id}/messages`
    ConversationMessages = GET Object "messages" as "conversation messages";
    /// `GET /{page-id}?fields=instagram_business_account`
    InstagramAccount = GET Object "" as "instagram_business_account";
    /// `GET /{message-id}`
    Message = GET Object "" as "message";

    /// `GET /sticker_packs`
    StickerPacks = GET Root "sticker_packs";
    /// `GET /sticker_packs/{sticker-pack-id}/stickers`
    Stickers = GET StickerPack "stickers";
    /// `GET /sticker_search`
    StickerSearch = GET Root "sticker_search";

    /// `GET /debug_token`
    DebugToken = GET Root "debug_token";
    /// `GET /oauth/access_token`
    AccessToken = GET Root "oauth/access_token";
    /// `GET /me/accounts`
    Accounts = GET Me "accounts";
    /// `GET /{page-id}?fields=access_token`
    PageToken = GET Object "" as "access_token";

    /// `POST /`: several calls in one request.
    Batch = POST Root "" as "batch";

    /// `POST /business/whatsapp/phone_numbers/{phone-number-id}/thread_control`, of another API.
    WhatsAppThreadControl = POST PhoneNumber "thread_control" as "WhatsApp thread_control";
}

impl Endpoint {
    /// Returns the address below `root`, which ends with the version.
    pub(super) fn url(self, root: &Url, page_id: &str, object: &str) -> Url {
        let (node, path) = self.path();
        let first = match node {
            PathRoot::Page => &[page_id][..],
            PathRoot::Me => &["me"],
            PathRoot::Object => &[object],
            PathRoot::StickerPack => &["sticker_packs", object],
            PathRoot::PhoneNumber => &["business", "whatsapp", "phone_numbers", object],
            PathRoot::Root => &[],
        };
        let segments = first.iter().copied().chain(path.split('/'));
        let segments: Vec<_> = segments.filter(|segment| !segment.is_empty()).collect();
        below(root, &segments)
    }

    /// What errors show instead of the response, if that contains access tokens, or who people are and what they
    /// said.
    pub(super) const fn withheld(self) -> Option<&'static str> {
        match self {
            // The answers of a batch may be any.
            Self::AccessToken | Self::Accounts | Self::PageToken | Self::Batch => Some("[secret]"),
            Self::Conversations
            | Self::Conversation
            | Self::ConversationMessages
            | Self::Message
            | Self::UserProfile => Some("[withheld]"),
            _ => None,
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Returns `url` with these segments appended to its path.
pub(super) fn below(url: &Url, segments: &[&str]) -> Url {
    let mut url = url.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(segments);
    }
    url
}

/// Returns `url` with a query.
pub(super) fn with_query<'a>(
    endpoint: Endpoint,
    mut url: Url,
    query: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Result<Uri, GraphError> {
    let mut query = query.into_iter().peekable();
    if query.peek().is_some() {
        url.query_pairs_mut().extend_pairs(query);
    }
    // Only a URL that is too long is no URI.
    Uri::try_from(url.as_str()).map_err(|error| GraphError::Unreachable {
        endpoint,
        source: Box::new(error),
    })
}
