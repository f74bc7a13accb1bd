//! How long to wait for a response, and for an echo in its place.

use std::time::Duration;

use handover_protocol::{OutgoingAttachment, SendRequest, Timestamp};

use super::call::Call;

/// The platform may fetch a video for 75 s before it answers, and takes 25 MB (protocol: attachments).
pub(super) const UPLOAD_TIMEOUT: Duration = Duration::from_secs(90);

/// It may fetch any other attachment for 10 s (protocol: attachments).
const FETCH_TIMEOUT: Duration = Duration::from_secs(25);

/// Longer than any call of a bot takes. After that, its result is known.
pub(crate) const LONGEST_CALL: Duration = UPLOAD_TIMEOUT.saturating_add(Duration::from_secs(30));

/// How long to wait for the echo of a message that the platform has sent, if it has.
pub(crate) const ECHO_PAUSE: Duration = Duration::from_secs(10);

/// Until when an uncertain call waits for its echo, given when it was begun and since when echoes are heard. The
/// platform goes on with it although nobody waits for the response: it may be fetching what a message names by URL,
/// and sends the message after that.
pub(crate) fn echo_due(call: &Call, begun: Timestamp, heard_since: Timestamp) -> Timestamp {
    let takes = match call {
        Call::Messages(request) => of_message(request),
        _ => Duration::ZERO,
    };
    // It was begun before, unless the clock was set back.
    let sent_by = begun.min(heard_since) + takes;
    sent_by.max(heard_since) + ECHO_PAUSE
}

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

    fn request(message: OutgoingMessage) -> SendRequest {
        SendRequest {
            message: Some(message),
            ..SendRequest::default()
        }
    }

    fn seconds(message: OutgoingMessage) -> u64 {
        of_message(&request(message)).as_secs()
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

    #[test]
    fn an_echo_is_waited_for_as_long_as_the_platform_may_take_to_send_the_message() {
        let begun = Timestamp::from_millis(1_700_000_000_000);
        let waits = |message: OutgoingMessage, lost_after: [u64; 3]| {
            let call = Call::Messages(request(message));
            lost_after.map(|seconds| {
                let lost = begun + Duration::from_secs(seconds);
                echo_due(&call, begun, lost).duration_since(begun).as_secs()
            })
        };
        let video = OutgoingMessage::attachment(OutgoingAttachment::video(URL));
        assert_eq!(waits(video.clone(), [1, 90, 300]), [100, 100, 310]);
        let image = OutgoingMessage::attachment(OutgoingAttachment::image(URL));
        assert_eq!(waits(image, [1, 25, 300]), [35, 35, 310]);
        assert_eq!(
            waits(OutgoingMessage::text("Hello"), [0, 10, 300]),
            [10, 20, 310]
        );
        let set_back = begun + Duration::from_secs(3600);
        let due = echo_due(&Call::Messages(request(video)), set_back, begun);
        assert_eq!(due.duration_since(begun).as_secs(), 100);
    }
}
