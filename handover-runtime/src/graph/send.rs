//! The Send API: messages and sender actions to a person.

use std::future::IntoFuture;

use handover_protocol::{
    MessagingType, OutgoingAttachment, OutgoingMessage, PersonId, QuickReply, Recipient,
    SendRequest, SendResponse, SendThreadControl, SenderAction,
};
use serde::Serialize;

use super::call::{Call, CallAnswer};
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
        let request = SendRequest {
            recipient: Recipient::id(person.clone()),
            messaging_type: Some(MessagingType::Response),
            ..Default::default()
        };
        SendCall {
            graph: self,
            request: Ok(request),
        }
    }

    /// Shows that the bot is typing, or has seen the thread.
    ///
    /// # Errors
    ///
    /// See [`GraphError`].
    pub async fn sender_action(
        &self,
        person: &PersonId,
        action: SenderAction,
    ) -> Result<(), GraphError> {
        let call = Call::Messages(SendRequest {
            recipient: Recipient::id(person.clone()),
            sender_action: Some(action),
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
    /// The text. Limits: 2000 characters on Messenger, 1000 bytes on Instagram. Not together with
    /// an attachment.
    pub fn text(self, text: impl Into<String>) -> Self {
        self.message(|message| message.text = Some(text.into()))
    }

    /// Answers to choose from. Limits: 13 of them, 20 characters in a title, 1000 in a payload.
    pub fn quick_replies(self, quick_replies: impl IntoIterator<Item = QuickReply>) -> Self {
        self.message(|message| message.quick_replies = quick_replies.into_iter().collect())
    }

    /// A picture, file or template. Limits: 8 MB for a picture, 25 MB for anything else, to be
    /// fetched within 10 seconds (video: 75). Not together with a text.
    pub fn attachment(self, attachment: OutgoingAttachment) -> Self {
        self.message(|message| message.attachment = Some(attachment))
    }

    /// Comes back with the echo: a string as it is, anything else as JSON text. Limit: 1000
    /// characters.
    pub fn metadata(mut self, metadata: &(impl Serialize + ?Sized)) -> Self {
        match metadata_text(Endpoint::Messages, metadata) {
            Ok(text) => self.message(|message| message.metadata = Some(text)),
            Err(error) => {
                self.request = self.request.and(Err(error));
                self
            }
        }
    }

    /// Why the message is sent; [`MessagingType::Response`] unless said otherwise.
    pub fn messaging_type(self, messaging_type: MessagingType) -> Self {
        self.with(|request| request.messaging_type = Some(messaging_type))
    }

    /// What happens to the thread once the message is sent: pass or release. On Instagram only
    /// with Conversation Routing.
    pub fn thread_control(self, thread_control: SendThreadControl) -> Self {
        self.with(|request| request.thread_control = Some(thread_control))
    }

    fn message(self, change: impl FnOnce(&mut OutgoingMessage)) -> Self {
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
                CallAnswer::Sent(response) => Ok(response),
                CallAnswer::Done => Ok(SendResponse::default()),
            }
        })
    }
}
