use std::borrow::Cow;

use handover_protocol::{Button, ButtonTemplate, MediaElement, MediaTemplate, OutgoingAttachment};

use super::{Image, Message, Video};

/// Messages that can have buttons: a text, a picture, a video.
///
/// ```
/// use handover_protocol::Button;
/// use handover_runtime::{Image, Message, WithButtons};
///
/// async fn next() -> Message {
///     "What next?".with_buttons([
///         Button::postback("Menu", "MENU"),
///         Button::url("Site", "https://example.com"),
///     ])
/// }
///
/// async fn hat() -> Message {
///     Image::by_id("1857777774821032").with_buttons([Button::postback("Buy", "BUY:hat")])
/// }
/// # let _ = (next(), hat());
/// ```
///
/// Limits (button and media template): 3 buttons of 20 characters, 640 characters of text. A picture or
/// video needs a reusable id or an address on Facebook, and is not possible on Instagram.
pub trait WithButtons {
    /// Adds buttons below the message. They stay visible.
    fn with_buttons(self, buttons: impl IntoIterator<Item = Button>) -> Message;
}

macro_rules! texts {
    ($($text:ty),*) => {$(
        impl WithButtons for $text {
            fn with_buttons(self, buttons: impl IntoIterator<Item = Button>) -> Message {
                Message::template(ButtonTemplate::new(self, buttons))
            }
        }
    )*};
}

texts!(&str, String, Cow<'_, str>);

macro_rules! media {
    ($($media:ty),*) => {$(
        impl WithButtons for $media {
            fn with_buttons(self, buttons: impl IntoIterator<Item = Button>) -> Message {
                media_template(self.into_attachment(), buttons)
            }
        }
    )*};
}

media!(Image, Video);

fn media_template(media: OutgoingAttachment, buttons: impl IntoIterator<Item = Button>) -> Message {
    Message::template(MediaTemplate::new(MediaElement {
        media_type: media.kind,
        attachment_id: media.payload.attachment_id,
        url: media.payload.url,
        buttons: buttons.into_iter().collect(),
        ..MediaElement::default()
    }))
}
