//! People who must not write any more.

use serde::{Deserialize, Serialize};

use crate::PersonId;
use crate::lenient::{always, from_json_by_serde, wire_object};
use crate::limit::{Limit, checked};

wire_object! {
    /// The body of `POST /{page}/moderate_conversations`; the answer is a
    /// [`Success`](crate::Success).
    ///
    /// ```json
    /// {"user_ids":[{"id":"5794982867201265"}],"actions":["block_user"]}
    /// ```
    ///
    /// ```
    /// use handover_protocol::{ModerateConversations, ModerationAction};
    ///
    /// let block =
    ///     ModerateConversations::new(["5794982867201265"], [ModerationAction::BlockUser]);
    /// assert!(block.check().is_ok());
    /// ```
    ///
    /// Limits: [`MODERATED_PEOPLE`](crate::limits::MODERATED_PEOPLE),
    /// [`MODERATION_ACTIONS`](crate::limits::MODERATION_ACTIONS).
    pub struct ModerateConversations {
        /// One to ten people.
        pub user_ids: Vec<ModeratedPerson> => always,
        /// One or two actions.
        pub actions: Vec<ModerationAction> => always,
    }
}

wire_object! {
    /// A person in a [`ModerateConversations`].
    ///
    /// ```json
    /// {"id":"5794982867201265"}
    /// ```
    pub struct ModeratedPerson {
        /// The person.
        pub id: PersonId => always,
    }
}

/// Action of a moderation call.
///
/// ```
/// use handover_protocol::ModerationAction;
///
/// assert_eq!(serde_json::to_string(&ModerationAction::MoveToSpam)?, "\"move_to_spam\"");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ModerationAction {
    /// `ban_user`: neither write nor comment.
    BanUser,
    /// `block_user`: not write.
    BlockUser,
    /// `move_to_spam`: the conversation moves to the spam folder.
    MoveToSpam,
    /// `unban_user`: write and comment again.
    UnbanUser,
    /// `unblock_user`: write again.
    UnblockUser,
}

impl ModerateConversations {
    /// This happens to these people.
    pub fn new<I: Into<PersonId>>(
        people: impl IntoIterator<Item = I>,
        actions: impl IntoIterator<Item = ModerationAction>,
    ) -> Self {
        let person = |id: I| ModeratedPerson {
            id: id.into(),
            ..Default::default()
        };
        Self {
            user_ids: people.into_iter().map(person).collect(),
            actions: actions.into_iter().collect(),
            ..Self::default()
        }
    }
}

checked!(ModerateConversations: |request| {
    Limit::ModeratedPeople
        .count("user_ids", &request.user_ids)
        .and_then(|()| Limit::ModerationActions.count("actions", &request.actions))
        .map_err(|exceeded| exceeded.of_call("moderate_conversations"))
});

from_json_by_serde!(ModerationAction);
