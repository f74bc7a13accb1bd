//! How long to wait for a response.

use std::time::Duration;

use handover_protocol::{OutgoingAttachment, SendRequest};

/// The platform may fetch a video for 75 s before it answers, and takes 25 MB (protocol: attachments).
pub(super) const UPLOAD_TIMEOUT: Duration = Duration::from_secs(90);

/// It may fetch any other attachment for 10 s (protocol: attachments).
const FETCH_TIMEOUT: Duration = Duration::from_secs(25);

/// Longer than any call of a bot takes. After that, its result is known.
pub(crate) const LONGEST_CALL: Duration = UPLOAD_TIMEOUT.saturating_add(Duration::from_secs(30));

/// How long at least to wait for the response to a message: as long as the platform may fetch what it names by URL.
pub(super) fn of_message(request: &SendRequest) -> Duration {
    let message = request.message.iter();
    let attachments = message.flat_map(|it| it.attachment.iter().chain(&it.attachments));
    attachments.map(of_attachment).max().unwrap_or_default()
}

fn of_attachment(attachment: &OutgoingAttachment) -> Duration {
    let OutgoingAttachment { kind, payload, .. } = attachment;
    let is_video_by_url = match kind.as_str() {
        "video" => payload.url.is_some(),
        // Of a media template.
        "template" => payload.extra.get("elements").is_some_and(|elements| {
            elements[0]["media_type"] == "video" && elements[0]["url"].is_string()
        }),
        _ => false,
    };
    if is_video_by_url {
        UPLOAD_TIMEOUT
    } else if payload.url.is_some() || kind == "template" {
        // Most templates name pictures by URL, which it may fetch, too.
        FETCH_TIMEOUT
    } else {
        Duration::ZERO
    }
}

#[cfg(test)]
mod tests {
    use handover_protocol::{
        Button, ButtonTemplate, MediaElement, MediaTemplate, OutgoingMessage, SenderAction,
    };

    use super::*;

    const URL: &str = "https://example.com/hat";

    fn seconds(message: OutgoingMessage) -> u64 {
        let request = SendRequest {
            message: Some(message),
            ..SendRequest::default()
        };
        of_message(&request).as_secs()
    }

    #[test]
    fn what_the_platform_fetches_first_is_waited_for() {
        let media = |element| OutgoingMessage::template(MediaTemplate::new(element));
        for video in [
            OutgoingMessage::attachment(OutgoingAttachment::video(URL)),
            media(MediaElement::by_url("video", URL)),
        ] {
            assert_eq!(seconds(video), 90);
        }
        let images = [
            OutgoingAttachment::by_id("image", "1857777774821032"),
            OutgoingAttachment::image(URL),
        ];
        let buttons = ButtonTemplate::new("Hi!", [Button::postback("Start", "START")]);
        for other in [
            OutgoingMessage::attachment(OutgoingAttachment::image(URL)),
            OutgoingMessage::attachment(OutgoingAttachment::audio(URL)),
            OutgoingMessage::attachment(OutgoingAttachment::file(URL).reusable()),
            OutgoingMessage {
                attachments: images.into(),
                ..OutgoingMessage::default()
            },
            media(MediaElement::by_url("image", URL)),
            OutgoingMessage::template(buttons),
        ] {
            assert_eq!(seconds(other), 25);
        }
    }

    #[test]
    fn what_it_has_already_is_answered_as_soon_as_a_text() {
        assert_eq!(seconds(OutgoingMessage::text("Hello")), 0);
        let kept = OutgoingAttachment::by_id("video", "1857777774821032");
        assert_eq!(seconds(OutgoingMessage::attachment(kept)), 0);
        let typing = SendRequest {
            sender_action: Some(SenderAction::TypingOn),
            ..SendRequest::default()
        };
        assert_eq!(of_message(&typing), Duration::ZERO);
    }
}
