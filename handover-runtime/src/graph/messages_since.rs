//! Messages since a time, from the Conversations API, for a bot that was down for longer than webhooks are
//! repeated.

use std::collections::HashMap;
use std::time::Duration;

use handover_protocol::{
    AccountId, Attachment, AttachmentPayload, Channel, Conversation, ConversationMessage, Event,
    EventBody, Listing, Message, Object, Party, Received, Timestamp,
};
use serde_json::Value;

use super::advice::Advice;
use super::client::Graph;
use super::error::GraphError;
use super::listing::ListCall;
use super::routing::Endpoint;

/// Messages of a conversation that the platform shows (conversations).
const SHOWN: usize = 20;
/// Conversations in one answer. Even if each message has 2000 characters, written as `\uXXXX`, it is shorter than
/// 1 MiB, the longest that is read.
const AT_ONCE: u32 = 4;
/// The Conversations API allows 2 calls per second for each account (protocol: rate limits).
const BETWEEN_CALLS: Duration = Duration::from_millis(500);
/// Attempts for each call.
const ATTEMPTS: u32 = 5;
const LONGEST_PAUSE: Duration = Duration::from_secs(120);

const FIELDS: &str = "id,created_time,from,to,message,attachments,reply_to";

/// Result of [`Graph::messages_since`].
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct MessagesSince {
    /// Messages of persons, as the webhook would have delivered them, oldest first.
    pub messages: Vec<Received>,
    /// Number of conversations that were read.
    pub conversations: usize,
    /// Conversations that may have older messages in this time: the platform shows only the newest 20 of
    /// each.
    pub cut_off: usize,
}

/// Key in `extra` of a [`Received`] that was read from the Conversations API. An entry of a webhook may have
/// it too: then the bot handles its events as read later, not as sent now.
pub const CATCH_UP: &str = "handover_catch_up";

impl Graph {
    /// Returns what persons have written to the account since a time, from the Conversations API. With a
    /// client [for Instagram](Self::for_product), what they wrote there.
    ///
    /// Makes at most two calls per second and waits when the platform asks for it, so it may take long.
    /// Leaves out the account's own messages. Limit: the newest 20 messages of each conversation.
    ///
    /// ```no_run
    /// # async fn example(graph: handover_runtime::graph::Graph) -> Result<(), handover_runtime::graph::GraphError> {
    /// use handover_protocol::Timestamp;
    ///
    /// let missed = graph.messages_since(Timestamp::from_secs(1_790_000_000)).await?;
    /// println!("{} messages in {} conversations", missed.messages.len(), missed.conversations);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// See [`GraphError`]. Transient errors are retried a few times first.
    pub async fn messages_since(&self, since: Timestamp) -> Result<MessagesSince, GraphError> {
        self.messages_of(&[], since).await
    }

    /// The same for an account that may have these ids.
    pub(crate) async fn messages_of(
        &self,
        ids: &[AccountId],
        since: Timestamp,
    ) -> Result<MessagesSince, GraphError> {
        let conversations = self.conversations_since(since).await?;
        let account = self.account_of(&conversations, ids).await?;
        let mut found = MessagesSince {
            conversations: conversations.len(),
            ..MessagesSince::default()
        };
        for conversation in conversations {
            let (messages, is_cut_off) = self.newest_messages(conversation, since).await?;
            found.cut_off += usize::from(is_cut_off);
            let is_new = |message: &ConversationMessage| {
                created(message).is_none_or(|at| at >= since.as_millis())
            };
            // The platform gives whole seconds, so messages of one second keep their order.
            let messages = messages.into_iter().filter(is_new).rev();
            let of_persons = messages.filter_map(|message| self.received(message, &account));
            found.messages.extend(of_persons);
        }
        found
            .messages
            .sort_by_key(|message| message.event.timestamp);
        Ok(found)
    }

    /// Conversations with messages since then, with their newest messages.
    async fn conversations_since(&self, since: Timestamp) -> Result<Vec<Conversation>, GraphError> {
        let fields = format!("id,updated_time,participants,messages.limit({SHOWN}){{{FIELDS}}}");
        let mut conversations = Vec::new();
        let mut after = None;
        loop {
            let piece = patiently(|| {
                let call = self.conversations().limit(AT_ONCE);
                let call = call.query("fields", fields.clone());
                match &after {
                    Some(cursor) => call.after(cursor),
                    None => call,
                }
            })
            .await?;
            let next = piece.next().map(str::to_owned);
            let is_new = |conversation: &Conversation| {
                let updated = conversation.updated_time.as_deref().and_then(millis);
                updated.is_none_or(|at| at >= since.as_millis())
            };
            let reaches_back = piece.data.iter().any(|conversation| !is_new(conversation));
            conversations.extend(piece.data.into_iter().filter(is_new));
            if reaches_back || next.is_none() || next == after {
                return Ok(conversations);
            }
            after = next;
        }
    }

    /// Messages of a conversation, newest first, at least back to that time or as far as the platform shows them;
    /// and whether there may be older ones in that time.
    async fn newest_messages(
        &self,
        conversation: Conversation,
        since: Timestamp,
    ) -> Result<(Vec<ConversationMessage>, bool), GraphError> {
        let mut piece = conversation.messages.unwrap_or_default();
        let id = conversation.id.unwrap_or_default();
        let mut messages = Vec::<ConversationMessage>::new();
        let mut after = None;
        loop {
            let next = piece.next().map(str::to_owned);
            // Of messages that it does not show, the platform may list the ids.
            let is_shown = piece.data.last().is_none_or(|it| created(it).is_some());
            let goes_on = next.is_some() && next != after;
            messages.extend(piece.data);
            let oldest = messages.iter().rev().find_map(created);
            if oldest.is_some_and(|at| at < since.as_millis()) {
                return Ok((messages, false));
            }
            if !(goes_on && is_shown) {
                let is_cut_off = goes_on || messages.len() >= SHOWN;
                return Ok((messages, is_cut_off));
            }
            after = next;
            let older = patiently(|| {
                let call = ListCall::new(self, Endpoint::ConversationMessages).about(&id);
                call.query("fields", FIELDS)
                    .after(after.as_deref().unwrap_or_default())
            });
            piece = match older.await {
                Ok(older) => older,
                // Or it refuses to show them (protocol: error 9000001).
                Err(error) if error.advice() == Advice::GiveUp => {
                    tracing::info!(%error, conversation = id, "older messages cannot be read");
                    return Ok((messages, true));
                }
                Err(error) => return Err(error),
            };
        }
    }

    /// The account's id as a participant.
    async fn account_of(
        &self,
        conversations: &[Conversation],
        ids: &[AccountId],
    ) -> Result<AccountId, GraphError> {
        let page = self.page_id();
        if self.platform() != Some("instagram") {
            return Ok(page.clone());
        }
        let mut conversations_of = HashMap::<&str, usize>::new();
        for conversation in conversations {
            let mut parties: Vec<_> = parties(conversation).collect();
            parties.sort_unstable();
            parties.dedup();
            for party in parties {
                *conversations_of.entry(party).or_default() += 1;
            }
        }
        let known = ids.iter().chain([page]);
        let mut known = known.filter(|id| conversations_of.contains_key(id.as_str()));
        if let Some(known) = known.next() {
            return Ok(known.clone());
        }
        let linked = self.instagram_account().await.unwrap_or_else(|error| {
            tracing::debug!(%error, "the Page does not name its Instagram account");
            None
        });
        if let Some(linked) = linked {
            return Ok(linked);
        }
        // The participant of every conversation is the account.
        let all = conversations.len();
        let mut in_all = conversations_of.iter().filter(|(_, count)| **count == all);
        match (in_all.next(), in_all.next()) {
            (Some((id, _)), None) => Ok(AccountId::from(*id)),
            _ => Ok(page.clone()),
        }
    }

    /// The Instagram account that is linked to the Page.
    pub(crate) async fn instagram_account(&self) -> Result<Option<AccountId>, GraphError> {
        let request = self.request(Endpoint::InstagramAccount);
        let page: Value = request
            .about(self.page_id().as_str())
            .query("fields", "instagram_business_account")
            .answer()
            .await?;
        let id = page["instagram_business_account"]["id"].as_str();
        Ok(id.map(AccountId::from))
    }

    /// The message as the webhook would have brought it, if a person wrote it.
    fn received(&self, message: ConversationMessage, account: &AccountId) -> Option<Received> {
        let sender = message.from.as_ref()?.id.clone()?;
        if sender.as_str() == account.as_str() || sender.as_str() == self.page_id().as_str() {
            return None;
        }
        let timestamp = created(&message).map(Timestamp::from_millis);
        let attachments = attachments(&message);
        let text = message.message.filter(|text| !text.is_empty());
        let is_unsupported = text.is_none() && attachments.is_empty();
        let object = match self.platform() {
            Some("instagram") => Object::Instagram,
            _ => Object::Page,
        };
        Some(Received {
            object,
            account: account.clone(),
            channel: Channel::Messaging,
            time: None,
            extra: [(CATCH_UP.to_owned(), Value::from(true))]
                .into_iter()
                .collect(),
            event: Event {
                sender: Some(Party::id(sender)),
                recipient: Some(Party::id(account.as_str())),
                timestamp,
                body: EventBody::Message(Message {
                    mid: Some(message.id?),
                    text,
                    attachments,
                    reply_to: message.reply_to,
                    is_unsupported,
                    ..Message::default()
                }),
                ..Event::default()
            },
        })
    }
}

/// Requests a page of a list, with retries.
async fn patiently<'graph, T>(
    call: impl Fn() -> ListCall<'graph, T>,
) -> Result<Listing<T>, GraphError>
where
    T: serde::de::DeserializeOwned + Send + 'graph,
{
    let mut attempt = 0;
    loop {
        let answer = call().await;
        tokio::time::sleep(BETWEEN_CALLS).await;
        let error = match answer {
            Ok(piece) => return Ok(piece),
            Err(error) => error,
        };
        attempt += 1;
        let passes = matches!(error.advice(), Advice::Retry | Advice::RetryLater);
        if !passes || attempt == ATTEMPTS {
            return Err(error);
        }
        let pause = error.retry_after();
        let pause = pause.unwrap_or(Duration::from_secs(1) * 2_u32.pow(attempt));
        tracing::warn!(%error, seconds = pause.as_secs(), "conversations cannot be read; trying again");
        tokio::time::sleep(pause.min(LONGEST_PAUSE)).await;
    }
}

fn parties(conversation: &Conversation) -> impl Iterator<Item = &str> {
    let participants = conversation.participants.iter().flat_map(|all| &all.data);
    let messages = conversation.messages.iter().flat_map(|all| &all.data);
    let others = messages.flat_map(|message| {
        let to = message.to.iter().flat_map(|to| &to.data);
        message.from.iter().chain(to)
    });
    let ids = participants.chain(others);
    ids.filter_map(|party| party.id.as_ref().map(handover_protocol::PersonId::as_str))
}

/// Attachments in the form of webhooks.
fn attachments(message: &ConversationMessage) -> Vec<Attachment> {
    let listed = message.extra.get("attachments");
    let listed = listed.and_then(|attachments| attachments["data"].as_array());
    let by_url = |kind: &str, url: Option<&str>| Attachment {
        kind: kind.to_owned(),
        payload: Some(AttachmentPayload {
            url: url.map(str::to_owned),
            ..AttachmentPayload::default()
        }),
        ..Attachment::default()
    };
    let listed = listed.into_iter().flatten().map(|attachment| {
        if attachment["type"].is_string() {
            return serde_json::from_value(attachment.clone()).unwrap_or_default();
        }
        for (key, kind) in [("image_data", "image"), ("video_data", "video")] {
            if let Some(url) = attachment[key]["url"].as_str() {
                return by_url(kind, Some(url));
            }
        }
        let is_audio = attachment["mime_type"].as_str();
        let is_audio = is_audio.is_some_and(|mime| mime.starts_with("audio/"));
        let kind = if is_audio { "audio" } else { "file" };
        by_url(kind, attachment["file_url"].as_str())
    });
    listed.collect()
}

fn created(message: &ConversationMessage) -> Option<i64> {
    message.created_time.as_deref().and_then(millis)
}

/// Parses a time such as `2022-07-12T19:11:07+0000` into ms since 1970.
fn millis(text: &str) -> Option<i64> {
    let part = |range: std::ops::Range<usize>| text.get(range)?.parse::<i64>().ok();
    let (year, month, day) = (part(0..4)?, part(5..7)?, part(8..10)?);
    let (hour, minute, second) = (part(11..13)?, part(14..16)?, part(17..19)?);
    let zone = text
        .get(19..)?
        .trim_start_matches(|c: char| c == '.' || c.is_ascii_digit());
    let digits: String = zone.chars().filter(char::is_ascii_digit).collect();
    let (hours, minutes) = match digits.len() {
        4 => (
            digits[..2].parse::<i64>().ok()?,
            digits[2..].parse::<i64>().ok()?,
        ),
        _ => (0, 0),
    };
    let east = if zone.starts_with('-') { -1 } else { 1 };
    // Days since 1970 of the Gregorian calendar, counted in years that begin in March.
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let of_years = 365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    let days = of_years + (153 * month + 2) / 5 + day - 1 - 719_468;
    let seconds = ((days * 24 + hour) * 60 + minute) * 60 + second;
    Some((seconds - east * (hours * 60 + minutes) * 60) * 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_the_platform_are_read() {
        for (text, seconds) in [
            ("1970-01-01T00:00:00+0000", 0),
            ("2022-07-12T19:11:07+0000", 1_657_653_067),
            ("2024-02-29T12:00:00Z", 1_709_208_000),
            ("2024-02-29T14:00:00+02:00", 1_709_208_000),
            ("2024-02-29T04:00:00.250-0800", 1_709_208_000),
            ("2000-03-01T00:00:00+0000", 951_868_800),
        ] {
            assert_eq!(millis(text), Some(seconds * 1000), "{text}");
        }
        for odd in ["", "yesterday", "2022-07-12", "2022-07-12T19:1é:07+0000"] {
            assert_eq!(millis(odd), None, "{odd}");
        }
    }
}
