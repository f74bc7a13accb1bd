use handover_protocol::{ErrorBody, GraphErrorObject, code, subcode};

use super::Product;

/// Error of a Graph API call.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
#[non_exhaustive]
pub struct Refusal {
    /// `message` of the error object, which starts with the code as on the platform.
    pub message: String,
    /// `type` of the error object.
    pub kind: &'static str,
    /// `code` of the error object.
    pub code: i64,
    /// `error_subcode` of the error object.
    pub subcode: Option<i64>,
    /// `is_transient` of the error object: whether the same call may succeed later.
    pub is_transient: bool,
}

impl Refusal {
    /// Returns the body of the response.
    ///
    /// ```json
    /// {"error":{"message":"(#100) No matching user found","type":"OAuthException","code":100,
    ///  "error_subcode":2018001,"fbtrace_id":"AbCdEf"}}
    /// ```
    pub fn body(&self, fbtrace_id: &str) -> ErrorBody {
        ErrorBody {
            error: GraphErrorObject {
                message: self.message.clone(),
                kind: Some(self.kind.to_owned()),
                code: self.code,
                error_subcode: self.subcode,
                is_transient: self.is_transient.then_some(true),
                fbtrace_id: Some(fbtrace_id.to_owned()),
                ..GraphErrorObject::default()
            },
            ..ErrorBody::default()
        }
    }

    fn new(code: i64, subcode: Option<i64>, what: impl std::fmt::Display) -> Self {
        Self {
            message: format!("(#{code}) {what}"),
            kind: "OAuthException",
            code,
            subcode,
            is_transient: false,
        }
    }

    /// An error of a recording.
    pub(crate) fn recorded(code: i64, subcode: Option<i64>) -> Self {
        Self::new(code, subcode, "recorded")
    }

    /// A parameter is missing, of the wrong type, or out of range.
    pub(crate) fn parameter(what: impl std::fmt::Display) -> Self {
        Self::new(code::PARAMETER, None, what)
    }

    /// The token is missing or unknown. The message has no code, as on the platform.
    pub(crate) fn token(what: &str) -> Self {
        Self {
            message: what.to_owned(),
            ..Self::new(code::TOKEN, None, "")
        }
    }

    pub(crate) fn no_token() -> Self {
        Self::token("An access token is required to request this resource.")
    }

    pub(crate) fn unknown_token() -> Self {
        Self::token("Invalid OAuth access token - Cannot parse access token")
    }

    pub(crate) fn no_appsecret_proof() -> Self {
        Self {
            message: "API calls from the server require an appsecret_proof argument".to_owned(),
            kind: "GraphMethodException",
            ..Self::new(code::PARAMETER, None, "")
        }
    }

    pub(crate) fn not_a_page_token() -> Self {
        Self::new(
            210,
            None,
            "A page access token is required to request this resource.",
        )
    }

    pub(crate) fn not_an_app_token() -> Self {
        Self::new(
            15,
            None,
            "This method must be called with an app access_token.",
        )
    }

    pub(crate) fn client_secret() -> Self {
        Self {
            message: "Error validating client secret.".to_owned(),
            ..Self::new(code::UNKNOWN, None, "")
        }
    }

    /// A path with a version that does not exist.
    pub(crate) fn unknown_path(object: &str, edge: &str) -> Self {
        let path = format!("/{object}/{edge}");
        Self {
            message: format!("Unknown path components: {}", path.trim_end_matches('/')),
            ..Self::new(2500, None, "")
        }
    }

    /// The webhook failed verification.
    pub(crate) fn callback(why: &str) -> Self {
        Self::new(
            2200,
            None,
            format_args!("Callback verification failed with the following errors: {why}"),
        )
    }

    pub(crate) fn batch_too_long() -> Self {
        Self {
            message: "Too many requests in batch message. Maximum batch size is 50".to_owned(),
            kind: "GraphBatchException",
            ..Self::new(code::PARAMETER, None, "")
        }
    }

    pub(super) fn linking_token() -> Self {
        Self::new(10_303, None, "Invalid account_linking_token")
    }

    /// `appsecret_proof` does not belong to the token.
    pub(crate) fn appsecret_proof() -> Self {
        Self {
            message: "Invalid appsecret_proof provided in the API argument".to_owned(),
            kind: "GraphMethodException",
            ..Self::new(code::PARAMETER, None, "")
        }
    }

    /// The path does not exist, or not with this method.
    pub(crate) fn path(method: &str, object: &str) -> Self {
        Self {
            message: format!(
                "Unsupported {method} request. Object with ID '{object}' does not exist, cannot \
                 be loaded due to missing permissions, or does not support this operation. Please \
                 read the Graph API documentation at \
                 https://developers.facebook.com/docs/graph-api",
                method = method.to_lowercase(),
            ),
            kind: "GraphMethodException",
            ..Self::new(code::PARAMETER, Some(33), "")
        }
    }

    pub(super) fn not_connected() -> Self {
        Self::new(
            code::TOKEN_PERMISSION,
            None,
            "Permissions error: the app is not connected to this Page",
        )
    }

    /// A Lead Ad is asking its questions.
    pub(super) fn messenger_flow() -> Self {
        Self::new(
            code::PERMISSION,
            Some(subcode::MESSENGER_FLOW),
            "This chat is controlled by Messenger right now. Wait until the user has completed the \
             flow.",
        )
    }

    pub(super) fn no_matching_user(product: Product) -> Self {
        let subcode = match product {
            Product::Messenger => subcode::NO_SUCH_PERSON,
            Product::Instagram => subcode::NO_SUCH_PERSON_INSTAGRAM,
        };
        Self::new(code::PARAMETER, Some(subcode), "No matching user found")
    }

    pub(super) fn not_thread_owner(product: Product) -> Self {
        match product {
            Product::Messenger => Self::new(
                code::PERMISSION,
                Some(subcode::NOT_THREAD_OWNER),
                "Message failed to send because another app is controlling this thread now.",
            ),
            Product::Instagram => Self::new(
                code::PARAMETER,
                Some(subcode::NOT_THREAD_OWNER_INSTAGRAM),
                "The action is invalid since it's not the thread owner.",
            ),
        }
    }

    pub(super) fn outside_window(product: Product) -> Self {
        let subcode = match product {
            Product::Messenger => subcode::OUTSIDE_WINDOW,
            Product::Instagram => subcode::OUTSIDE_WINDOW_INSTAGRAM,
        };
        Self::new(
            code::PERMISSION,
            Some(subcode),
            "This message is sent outside of allowed window.",
        )
    }

    pub(super) fn no_conversation_routing() -> Self {
        Self::new(
            code::TAKE_NOT_SUPPORTED,
            None,
            "Take thread control is not supported when Conversation Routing is not enabled.",
        )
    }

    pub(super) fn incorrect_app_id() -> Self {
        Self::new(
            code::PARAMETER,
            Some(subcode::WRONG_APP_ID),
            "Incorrect App ID.",
        )
    }

    pub(super) fn message_and_action() -> Self {
        Self::new(
            code::PARAMETER,
            Some(subcode::MESSAGE_AND_ACTION),
            "Cannot send both a message and a sender action in one call",
        )
    }

    pub(super) fn media_not_yours() -> Self {
        Self::new(
            code::PARAMETER,
            Some(subcode::MEDIA_NOT_YOURS),
            "Upload attachment failure: the attachment does not belong to this Page",
        )
    }

    pub(super) fn secondaries_hidden() -> Self {
        Self::new(
            code::PARAMETER,
            Some(subcode::SECONDARIES_HIDDEN),
            "A secondary receiver may not see the other secondary receivers",
        )
    }

    pub(super) fn media_not_fetched() -> Self {
        Self::new(
            code::PARAMETER,
            Some(subcode::MEDIA_NOT_FETCHED),
            "Failed to fetch the file from the url",
        )
    }

    pub(super) fn media_wrong_kind() -> Self {
        Self::new(
            code::PARAMETER,
            Some(subcode::MEDIA_WRONG_KIND),
            "Upload attachment failure: the attachment is of another type",
        )
    }

    pub(crate) fn media_too_big() -> Self {
        Self::new(
            code::PARAMETER,
            Some(subcode::MEDIA_TOO_BIG),
            "Attachment size exceeds allowable limit",
        )
    }

    pub(super) fn product_unknown() -> Self {
        Self::new(
            code::PARAMETER,
            Some(2_018_320),
            "Invalid product id in the product template",
        )
    }

    pub(super) fn form_not_eligible() -> Self {
        Self::new(
            code::UNKNOWN,
            Some(2_018_382),
            "This form is not eligible for the instant form template",
        )
    }

    /// The app lacks the permission.
    pub(crate) fn permission(what: impl std::fmt::Display) -> Self {
        Self::new(code::PERMISSION, None, what)
    }

    pub(super) fn person_not_available() -> Self {
        Self::new(
            code::PERSON_NOT_AVAILABLE,
            Some(subcode::PERSON_NOT_AVAILABLE),
            "This person isn't available right now.",
        )
    }

    pub(super) fn comment_not_valid() -> Self {
        Self::new(
            code::PARAMETER,
            Some(2_534_025),
            "The comment is not valid for a private reply",
        )
    }

    pub(super) fn replied_already() -> Self {
        Self::new(10_900, None, "Activity already replied to")
    }

    pub(super) fn notification_token() -> Self {
        Self::new(
            code::PARAMETER,
            None,
            "The notification token is invalid, used up, or has expired",
        )
    }

    pub(super) fn marketing_too_soon() -> Self {
        Self::new(
            code::APP_RATE_LIMIT,
            Some(2_018_354),
            "The minimum delay between marketing messages to this person has not passed",
        )
    }

    pub(super) fn menu_without_get_started() -> Self {
        Self::parameter("You must set a Get Started button if you also wish to use persistent menu")
    }

    pub(super) fn not_linked() -> Self {
        Self::new(
            code::PARAMETER,
            Some(2_534_013),
            "The Page is not linked to an Instagram account",
        )
    }

    pub(super) fn message_gone() -> Self {
        Self::new(code::MESSAGE_GONE, None, "This message has been deleted")
    }

    pub(super) fn no_field(field: &str, node: &str) -> Self {
        Self::parameter(format_args!(
            "Tried accessing nonexisting field ({field}) on node type ({node})"
        ))
    }

    pub(super) fn fields(text: &str) -> Self {
        Self {
            message: format!("Syntax error in fields: {text}"),
            ..Self::new(2500, None, "")
        }
    }

    pub(super) fn cursor() -> Self {
        Self::parameter("Invalid cursors values")
    }

    pub(super) fn too_many_messages(product: Product) -> Self {
        let subcode = match product {
            Product::Messenger => None,
            Product::Instagram => Some(2_534_040),
        };
        Self::new(
            code::CUSTOM_RATE_LIMIT,
            subcode,
            "Calls to this api have exceeded the rate limit.",
        )
    }

    pub(super) fn too_many_calls(product: Product) -> Self {
        let (code, what) = match product {
            Product::Messenger => (code::PAGES_USE_CASE_LIMIT, "Page"),
            Product::Instagram => (code::INSTAGRAM_USE_CASE_LIMIT, "Instagram"),
        };
        Self::new(
            code,
            None,
            format_args!(
                "There have been too many calls to this {what} account. Wait a bit and try again. \
                 For more info, please refer to \
                 https://developers.facebook.com/docs/graph-api/overview/rate-limiting."
            ),
        )
    }
}
