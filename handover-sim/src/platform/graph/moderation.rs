//! Moderation: blocks and bans persons.

use handover_protocol::PersonId;
use serde_json::Value;

use super::super::parameter::Parameter;
use super::super::{CallContext, GraphResult, Platform};
use super::{Parameters, success};

/// Maximum number of persons in a call (moderate conversations).
const PERSONS: usize = 10;

/// Maximum number of actions in a call (moderate conversations).
const ACTIONS: usize = 2;

impl Platform {
    /// `POST /{page-id}/moderate_conversations` with `user_ids` and `actions`.
    ///
    /// Apps cannot write to a person who is blocked or banned.
    pub fn moderate(
        &mut self,
        call: &CallContext<'_>,
        parameters: &Parameters,
    ) -> GraphResult<Value> {
        self.account_of_call(call)?;
        let parameter = |name| Parameter::new(name, parameters.get(name));
        let mut persons = Vec::new();
        for user in parameter("user_ids").list(1..=PERSONS)? {
            let person = PersonId::new(user.at("id").needed_text()?);
            self.thread_called(call, &person)?;
            persons.push(person);
        }
        let mut actions = Vec::new();
        for action in parameter("actions").list(1..=ACTIONS)? {
            actions.push(action.needed_one_of([
                "ban_user",
                "block_user",
                "move_to_spam",
                "unban_user",
                "unblock_user",
            ])?);
        }
        for action in actions {
            for person in &persons {
                match action {
                    "ban_user" | "block_user" => {
                        self.records.blocked.insert(person.clone());
                    }
                    "unban_user" | "unblock_user" => {
                        self.records.blocked.remove(person);
                    }
                    _ => {}
                }
            }
        }
        Ok(success())
    }
}
