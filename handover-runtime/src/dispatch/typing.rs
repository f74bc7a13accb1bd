//! Shows the person that their message was read and is being answered.

use std::time::Duration;

use handover_protocol::{Channel, EventBody, SenderAction};

use super::EventDispatcher;
use super::worker::ThreadContext;
use crate::extract::Context;
use crate::routing::Match;
use tokio_util::sync::CancellationToken;

/// How long to wait before it is shown again; the platform shows it for about 20 s.
const AGAIN: Duration = Duration::from_secs(15);

impl EventDispatcher {
    /// Waits for the answer, and for the sign that is under way then: none comes after the answer,
    /// or after a handoff. An answer that does not end the typing indicator by itself lets it end.
    pub(super) async fn typing_until<A>(
        &self,
        answer: impl Future<Output = A>,
        ends_typing: impl Fn(&A) -> bool,
        context: &Context,
        thread: &ThreadContext,
    ) -> A {
        let object = &context.received().object;
        let show = |action| self.outbox.show(action, &thread.key, &thread.state, object);
        let answered = CancellationToken::new();
        let signs = async {
            let mut typing = false;
            let mut shown = show(SenderAction::MarkSeen).await;
            while shown && !answered.is_cancelled() {
                shown = show(SenderAction::TypingOn).await;
                typing |= shown;
                tokio::select! {
                    () = answered.cancelled() => {}
                    () = tokio::time::sleep(AGAIN) => {}
                }
            }
            typing
        };
        let answer = async {
            let answer = answer.await;
            answered.cancel();
            answer
        };
        let (typing, answer) = tokio::join!(biased; signs, answer);
        if typing && !ends_typing(&answer) {
            show(SenderAction::TypingOff).await;
        }
        answer
    }

    /// Whether the event is a message to the bot and its handler shows the typing indicator. A handler that
    /// does not choose has the setting of the bot.
    pub(super) fn shows_typing(
        &self,
        context: &Context,
        found: Option<&Match>,
        usually: bool,
    ) -> bool {
        let received = context.received();
        (usually || self.table.names_typing())
            && received.channel == Channel::Messaging
            && matches!(
                received.event.body,
                EventBody::Message(_) | EventBody::Postback(_)
            )
            && found.is_some_and(|found| self.table.typing_of(found.route).unwrap_or(usually))
    }
}
