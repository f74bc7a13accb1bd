//! The Send API: messages and sender actions to a person.

use std::future::IntoFuture;

use handover_protocol::{
    MessageTag, MessagingType, NotificationType, OutgoingAttachment, OutgoingMessage, PersonId,
    QuickReply, ReactionTarget, Recipient, ReplyTarget, SendRequest, SendResponse,
    SendThreadControl, SenderAction, Template, UtilityTemplate,
};
use serde::Serialize;

use super::call::{Call, CallResponse};
use super::client::{CallFuture, Graph};
use super::error::GraphError;
use super::metadata_text;
use super::routing::Endpoint;

impl Graph {
    /// Sends a message: a text or an attachment, with or without quick replies.
    ///
    /// ```no_run
    /// # use handover_runtime::graph::{Graph, GraphError};
    /// # async fn example(graph: Graph) -> Result<(), GraphError> {
    /// # let person = "5794982867201265".into();
    /// use handover_protocol::QuickReply;
    ///
    /// let colours = [QuickReply::text("Red", "PICK_RED"), QuickReply::text("Blue", "PICK_BLUE")];
    /// let sent = graph.send(&person).text("Pick a colour").quick_replies(colours).await?;
    /// println!("{:?}", sent.message_id);
    /// # Ok(())
    /// # }
    /// ```
    pub fn send(&self, person: &PersonId) -> SendCall<'_> {
        self.send_to(Recipient::id(person.clone()))
    }

    /// Sends a message to a recipient without an id: a visitor behind a plugin, the owner of a phone
    /// number, or a person who gave a token for notifications.
    ///
    /// ```no_run
    /// # async fn example(graph: handover_runtime::graph::Graph) -> Result<(), handover_runtime::graph::GraphError> {
    /// use handover_protocol::Recipient;
    ///
    /// graph.send_to(Recipient::user_ref("a visitor")).text("Welcome!").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn send_to(&self, recipient: Recipient) -> SendCall<'_> {
        let request = SendRequest {
            recipient,
            messaging_type: Some(MessagingType::Response),
            ..Default::default()
        };
        SendCall {
            graph: self,
            request: Ok(request),
        }
    }

    /// Replies to a comment privately. Limits: one message for each comment, within 7 days (Instagram Live:
    /// during the broadcast); 750 per hour for each account. Once the person answers, the normal window is
    /// open.
    pub fn reply_to_comment(&self, comment_id: impl Into<String>) -> SendCall<'_> {
        self.send_to(Recipient::comment(comment_id))
    }

    /// Replies to a visitor's post privately. Limits: as for [comments](Self::reply_to_comment).
    pub fn reply_to_post(&self, post_id: impl Into<String>) -> SendCall<'_> {
        self.send_to(Recipient::post(post_id))
    }

    /// Reacts to a message of the person: with any emoji, on Instagram with `love`.
    ///
    /// # Errors
    ///
    /// See [`GraphError`].
    pub async fn react(
        &self,
        person: &PersonId,
        mid: &str,
        reaction: &str,
    ) -> Result<(), GraphError> {
        let target = ReactionTarget::new(mid, reaction);
        self.act(person, SenderAction::React, Some(target)).await
    }

    /// Removes the reaction to a message.
    ///
    /// # Errors
    ///
    /// See [`GraphError`].
    pub async fn unreact(&self, person: &PersonId, mid: &str) -> Result<(), GraphError> {
        let target = ReactionTarget {
            message_id: Some(mid.to_owned()),
            ..ReactionTarget::default()
        };
        self.act(person, SenderAction::Unreact, Some(target)).await
    }

    /// Sends a sender action: typing on or off, or mark seen.
    ///
    /// # Errors
    ///
    /// See [`GraphError`].
    pub async fn sender_action(
        &self,
        person: &PersonId,
        action: SenderAction,
    ) -> Result<(), GraphError> {
        self.act(person, action, None).await
    }

    async fn act(
        &self,
        person: &PersonId,
        action: SenderAction,
        payload: Option<ReactionTarget>,
    ) -> Result<(), GraphError> {
        let call = Call::Messages(SendRequest {
            recipient: Recipient::id(person.clone()),
            sender_action: Some(action),
            payload,
            ..Default::default()
        });
        self.execute(&call).await.map(drop)
    }
}

/// A [message](Graph::send), sent when awaited.
#[derive(Debug)]
#[must_use = "the message is sent when this is awaited"]
pub struct SendCall<'graph> {
    graph: &'graph Graph,
    request: Result<SendRequest, GraphError>,
}

impl SendCall<'_> {
    /// Sets the text. Limits: under 2000 characters on Messenger, 1000 bytes on Instagram. Excludes an
    /// attachment.
    pub fn text(self, text: impl Into<String>) -> Self {
        self.change(|message| message.text = Some(text.into()))
    }

    /// Adds quick replies. Limits: 13 of them, 20 characters in a title, 1000 in a payload.
    pub fn quick_replies(self, quick_replies: impl IntoIterator<Item = QuickReply>) -> Self {
        self.change(|message| message.quick_replies = quick_replies.into_iter().collect())
    }

    /// Sets a picture, file or template. Limits: 8 MB for a picture, 25 MB for anything else; the download
    /// may take 10 seconds (video: 75). Excludes a text.
    pub fn attachment(self, attachment: OutgoingAttachment) -> Self {
        self.change(|message| message.attachment = Some(attachment))
    }

    /// Sets a template, checked against its limits. Excludes a text.
    pub fn template(self, template: impl Into<Template>) -> Self {
        self.attachment(OutgoingAttachment::template(template))
    }

    /// Sets several pictures. Limits: 30 on Messenger, 10 on Instagram. Excludes a text.
    pub fn images(self, images: impl IntoIterator<Item = OutgoingAttachment>) -> Self {
        self.change(|message| message.attachments = images.into_iter().collect())
    }

    /// Sets the whole message, and replaces what was set before.
    pub fn message(self, message: OutgoingMessage) -> Self {
        self.with(|request| request.message = Some(message))
    }

    /// Replies to a message, by its `mid`.
    pub fn reply_to(self, mid: impl Into<String>) -> Self {
        self.with(|request| request.reply_to = Some(ReplyTarget::new(mid)))
    }

    /// Sends as a [persona](Graph::create_persona), by its id.
    pub fn persona(self, id: impl Into<String>) -> Self {
        self.with(|request| request.persona_id = Some(id.into()))
    }

    /// Sets the message tag, the reason for sending outside the 24-hour window. The type becomes
    /// [`MessagingType::MessageTag`].
    pub fn tag(self, tag: MessageTag) -> Self {
        self.with(|request| {
            request.messaging_type = Some(MessagingType::MessageTag);
            request.tag = Some(tag);
        })
    }

    /// Sets the kind of notification.
    pub fn notification_type(self, notification_type: NotificationType) -> Self {
        self.with(|request| request.notification_type = Some(notification_type))
    }

    /// Sets an approved template instead of a message. The type becomes [`MessagingType::Utility`].
    pub fn utility(self, template: UtilityTemplate) -> Self {
        self.with(|request| {
            request.messaging_type = Some(MessagingType::Utility);
            request.template = Some(template);
        })
    }

    /// Sets metadata, which the echo contains: a string as it is, anything else as JSON text. Limit: 1000
    /// characters.
    pub fn metadata(mut self, metadata: &(impl Serialize + ?Sized)) -> Self {
        match metadata_text(Endpoint::Messages, metadata) {
            Ok(text) => self.change(|message| message.metadata = Some(text)),
            Err(error) => {
                self.request = self.request.and(Err(error));
                self
            }
        }
    }

    /// Sets the type of the message. Default: [`MessagingType::Response`].
    pub fn messaging_type(self, messaging_type: MessagingType) -> Self {
        self.with(|request| request.messaging_type = Some(messaging_type))
    }

    /// Passes or releases the thread after the message. On Instagram only with Conversation Routing.
    pub fn thread_control(self, thread_control: SendThreadControl) -> Self {
        self.with(|request| request.thread_control = Some(thread_control))
    }

    fn change(self, change: impl FnOnce(&mut OutgoingMessage)) -> Self {
        self.with(|request| change(request.message.get_or_insert_default()))
    }

    fn with(mut self, change: impl FnOnce(&mut SendRequest)) -> Self {
        if let Ok(request) = &mut self.request {
            change(request);
        }
        self
    }
}

impl<'graph> IntoFuture for SendCall<'graph> {
    type Output = Result<SendResponse, GraphError>;
    type IntoFuture = CallFuture<'graph, SendResponse>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            match self.graph.execute(&Call::Messages(self.request?)).await? {
                CallResponse::Sent(response) => Ok(response),
                CallResponse::Done => Ok(SendResponse::default()),
            }
        })
    }
}
