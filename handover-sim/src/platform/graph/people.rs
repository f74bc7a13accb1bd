//! User profiles.

use handover_protocol::PersonId;
use serde_json::{Value, json};

use super::super::{CallContext, GraphResult, Platform, Product, Refusal, Thread};
use super::fields::{FieldList, RequestedField};
use super::{Parameters, quiet};

impl Platform {
    /// `GET /{psid}?fields=…`, or `GET /{igsid}?fields=…`.
    pub fn person_profile(
        &self,
        call: &CallContext<'_>,
        person: &PersonId,
        parameters: &Parameters,
    ) -> GraphResult<Value> {
        let thread = self.thread_called(call, person)?;
        let id = person.as_str();
        match thread.product {
            Product::Messenger => FieldList::read(
                parameters,
                "first_name,last_name,profile_pic,id",
            )?
            .view("User", id, |field| on_messenger(thread, field)),
            Product::Instagram => FieldList::read(parameters, "name,username,id")?.view(
                "IGBusinessScopedID",
                id,
                |field| on_instagram(thread, field),
            ),
        }
        .map(quiet)
    }

    /// Returns the thread of a person with the account of the call or with the linked Instagram
    /// account.
    pub(super) fn thread_called(
        &self,
        call: &CallContext<'_>,
        person: &PersonId,
    ) -> Result<&Thread, Refusal> {
        let called = self.account_of_call(call)?;
        self.thread(person)
            .filter(|thread| {
                let account = self.account(&thread.account);
                thread.account == *call.account
                    || account.is_some_and(|account| account.graph_id() == call.account)
            })
            .ok_or_else(|| Refusal::no_matching_user(called.product))
    }
}

fn on_messenger(thread: &Thread, field: &RequestedField) -> Option<Result<Value, Refusal>> {
    let (first, last) = thread.name.split_once(' ').unwrap_or((&thread.name, ""));
    Some(Ok(match field.name() {
        "name" => json!(thread.name),
        "first_name" => json!(first),
        "last_name" => json!(last),
        "profile_pic" => picture(thread),
        "locale" => json!(thread.locale),
        // Whole hours have no fraction.
        "timezone" if thread.timezone.fract() == 0.0 => json!(thread.timezone as i64),
        "timezone" => json!(thread.timezone),
        "gender" => Value::Null,
        _ => return None,
    }))
}

fn on_instagram(thread: &Thread, field: &RequestedField) -> Option<Result<Value, Refusal>> {
    Some(Ok(match field.name() {
        "name" => json!(thread.name),
        "username" => json!(username(&thread.name)),
        "profile_pic" => picture(thread),
        "follower_count" => json!(0),
        "is_user_follow_business" | "is_business_follow_user" | "is_verified_user" => json!(false),
        _ => return None,
    }))
}

fn picture(thread: &Thread) -> Value {
    json!(format!("https://pictures.example/{}.jpg", thread.person))
}

/// `Ana Moreno` is `ana.moreno`.
pub(super) fn username(name: &str) -> String {
    name.to_lowercase()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(".")
}
