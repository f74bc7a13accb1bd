//! Conversations and their messages.

use handover_protocol::PersonId;
use serde_json::{Value, json};

use super::super::parameter::Parameter;
use super::super::thread::{ChatMessage, MessageAuthor};
use super::super::{CallContext, GraphResult, Platform, Product, Refusal, Thread};
use super::fields::FieldList;
use super::listing::PageRequest;
use super::people::username;
use super::time::graph_time;
use super::{Parameters, quiet};

/// Number of newest messages that can be read; older ones count as deleted, as unsent ones are
/// (conversations).
const NEWEST: usize = 20;

impl Platform {
    /// `GET /{page-id}/conversations` with `platform` and `user_id`, sorted by latest activity.
    pub fn conversations(
        &self,
        call: &CallContext<'_>,
        parameters: &Parameters,
    ) -> GraphResult<Value> {
        self.account_of_call(call)?;
        let parameter = |name| Parameter::new(name, parameters.get(name));
        let product = match parameter("platform").one_of(["instagram", "messenger"])? {
            Some("instagram") => Product::Instagram,
            _ => Product::Messenger,
        };
        let only = parameter("user_id").text()?;
        let mut threads: Vec<_> = self
            .threads()
            .iter()
            .filter(|thread| thread.product == product && self.is_called(call, thread))
            .filter(|thread| thread.messages().next().is_some())
            .filter(|thread| {
                only.as_ref()
                    .is_none_or(|only| thread.person == only.as_ref())
            })
            .map(|thread| (id_of(thread), thread))
            .collect();
        threads.sort_by_key(|(_, thread)| std::cmp::Reverse(moved(thread)));
        let fields = FieldList::read(parameters, "id,updated_time")?;
        let view = |(_, thread): &(String, &Thread)| self.conversation_view(call, thread, &fields);
        PageRequest::read(parameters)?
            .of(&threads, |(id, _)| id, view)
            .map(quiet)
    }

    /// `GET /{conversation-id}`, and its edge `messages`.
    pub fn conversation(
        &self,
        call: &CallContext<'_>,
        id: &str,
        parameters: &Parameters,
    ) -> GraphResult<Value> {
        let thread = self.conversation_called(call, id)?;
        let fields = FieldList::read(parameters, "id,updated_time")?;
        self.conversation_view(call, thread, &fields).map(quiet)
    }

    /// `GET /{conversation-id}/messages`, newest first.
    pub fn messages(
        &self,
        call: &CallContext<'_>,
        id: &str,
        parameters: &Parameters,
    ) -> GraphResult<Value> {
        let thread = self.conversation_called(call, id)?;
        let fields = FieldList::read(parameters, "id,created_time")?;
        let listing = PageRequest::read(parameters)?;
        self.messages_view(thread, &fields, &listing).map(quiet)
    }

    /// `GET /{message-id}`.
    pub fn message(
        &self,
        call: &CallContext<'_>,
        mid: &str,
        parameters: &Parameters,
    ) -> GraphResult<Value> {
        let fields = FieldList::read(parameters, "id,created_time")?;
        let mut threads = self.threads().iter();
        let thread = threads
            .find(|thread| {
                self.is_called(call, thread) && thread.messages().any(|one| one.mid == mid)
            })
            .ok_or_else(|| Refusal::path("get", mid))?;
        let mut newest = thread.visible_messages().rev().take(NEWEST);
        let message = newest.find(|message| message.mid == mid);
        let message = message.ok_or_else(Refusal::message_gone)?;
        self.message_view(thread, message, &fields).map(quiet)
    }

    fn is_called(&self, call: &CallContext<'_>, thread: &Thread) -> bool {
        self.thread_called(call, &thread.person).is_ok()
    }

    fn conversation_called(&self, call: &CallContext<'_>, id: &str) -> Result<&Thread, Refusal> {
        id.strip_prefix("t_")
            .and_then(|person| self.thread_called(call, &PersonId::from(person)).ok())
            .ok_or_else(|| Refusal::path("get", id))
    }

    fn conversation_view(
        &self,
        call: &CallContext<'_>,
        thread: &Thread,
        fields: &FieldList,
    ) -> Result<Value, Refusal> {
        fields.view("UnifiedThread", &id_of(thread), |field| {
            Some(Ok(match field.name() {
                "updated_time" => json!(graph_time(moved(thread))),
                "link" => json!(format!("/{}/inbox/{}", thread.account, thread.person)),
                "message_count" => json!(thread.visible_messages().count()),
                "can_reply" => json!(thread.window_until(call.now).is_some()),
                // `is_owner` only exists under conversation routing (conversations).
                "is_owner" => match self.account(&thread.account) {
                    Some(account) if account.routing.is_conversation() => {
                        json!(thread.owner(call.now) == Some(call.app))
                    }
                    _ => Value::Null,
                },
                "participants" | "senders" => {
                    json!({"data": [self.person_view(thread), self.account_view(thread)]})
                }
                "messages" => {
                    return Some(field.within().or("id,created_time").and_then(|fields| {
                        self.messages_view(thread, &fields, &PageRequest::first(field.limit()))
                    }));
                }
                _ => return None,
            }))
        })
    }

    fn messages_view(
        &self,
        thread: &Thread,
        fields: &FieldList,
        listing: &PageRequest,
    ) -> Result<Value, Refusal> {
        let newest: Vec<_> = thread.visible_messages().rev().take(NEWEST).collect();
        listing.of(
            &newest,
            |message| &message.mid,
            |message| self.message_view(thread, message, fields),
        )
    }

    fn message_view(
        &self,
        thread: &Thread,
        message: &ChatMessage,
        fields: &FieldList,
    ) -> Result<Value, Refusal> {
        let (person, account) = (self.person_view(thread), self.account_view(thread));
        let (from, to) = match message.author {
            MessageAuthor::Person => (person, account),
            MessageAuthor::App(_) => (account, person),
        };
        fields.view("Message", &message.mid, |field| {
            Some(Ok(match field.name() {
                "created_time" => json!(graph_time(message.at)),
                "from" => from.clone(),
                "to" => json!({"data": [to]}),
                "message" => json!(message.text.as_deref().unwrap_or_default()),
                "attachments" => match &message.attachment {
                    Some(attachment) => json!({"data": [attachment]}),
                    None => Value::Null,
                },
                "reply_to" => match &message.reply_to {
                    Some(mid) => json!({"mid": mid}),
                    None => Value::Null,
                },
                "is_unsupported" => json!(false),
                _ => return None,
            }))
        })
    }

    fn person_view(&self, thread: &Thread) -> Value {
        match thread.product {
            Product::Messenger => json!({
                "name": thread.name,
                "email": format!("{}@facebook.com", thread.person),
                "id": thread.person,
            }),
            Product::Instagram => {
                json!({"username": username(&thread.name), "id": thread.person})
            }
        }
    }

    fn account_view(&self, thread: &Thread) -> Value {
        let name = self.account(&thread.account).map(|account| &account.name);
        match thread.product {
            Product::Messenger => json!({
                "name": name,
                "email": format!("{}@facebook.com", thread.account),
                "id": thread.account,
            }),
            Product::Instagram => json!({
                "username": name.map(|name| username(name)),
                "id": thread.account,
            }),
        }
    }
}

fn id_of(thread: &Thread) -> String {
    format!("t_{}", thread.person)
}

/// Time of the newest message.
fn moved(thread: &Thread) -> handover_protocol::Timestamp {
    let last = thread.messages().next_back();
    last.map(|message| message.at).unwrap_or_default()
}
