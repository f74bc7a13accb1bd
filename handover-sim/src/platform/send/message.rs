//! Validation of `message`.

use std::borrow::Cow;

use handover_protocol::{QuickReply, limits};

use super::super::graph::Records;
use super::super::parameter::Parameter;
use super::super::{Product, Refusal};
use super::attachment;
use super::draft::AppMessage;
use super::sender::CallSender;

/// Maximum number of images in a message (Send API; Instagram messaging).
const PICTURES: usize = 30;
const PICTURES_INSTAGRAM: usize = 10;

/// Reads and validates `message`.
pub(super) fn read(
    message: &Parameter<'_>,
    sender: &CallSender<'_>,
    records: &Records,
) -> Result<AppMessage, Refusal> {
    let text = message.at("text");
    let said = text.text()?.is_some_and(|text| !text.trim().is_empty());
    let attachment = message.at("attachment").object()?;
    let pictures = match sender.product {
        Product::Messenger => message.at("attachments").list(0..=PICTURES)?,
        Product::Instagram => message.at("attachments").list(0..=PICTURES_INSTAGRAM)?,
    };
    let sticker = message.at("sticker_id");
    let parts = usize::from(!text.is_absent())
        + usize::from(attachment.is_some())
        + usize::from(!pictures.is_empty())
        + usize::from(!sticker.is_absent());
    if parts > 1 {
        return Err(Refusal::parameter(
            "Message cannot have both text and attachment",
        ));
    }
    if parts == 0 || (!text.is_absent() && !said) {
        return Err(Refusal::parameter(
            "Message cannot be empty, must provide valid attachment or text",
        ));
    }
    check_text(&text, sender.product)?;
    let mut words = AppMessage {
        text: text.text()?.map(Cow::into_owned),
        metadata: message
            .at("metadata")
            .text_within(limits::MESSAGE_METADATA)?
            .map(Cow::into_owned),
        quick_replies: quick_replies(message, sender.product)?,
        ..AppMessage::default()
    };
    if !sticker.is_absent() {
        words
            .attached
            .push(attachment::sticker(&sticker, sender.product)?);
    }
    for picture in &pictures {
        picture.at("type").needed_one_of(["image"])?;
        words
            .attached
            .push(attachment::read(picture, sender, records)?);
    }
    if let Some(attachment) = &attachment {
        words
            .attached
            .push(attachment::read(attachment, sender, records)?);
    }
    Ok(words)
}

fn check_text(text: &Parameter<'_>, product: Product) -> Result<(), Refusal> {
    match product {
        Product::Messenger => text.text_within(limits::TEXT_CHARS_MESSENGER).map(drop),
        Product::Instagram => match text.text()? {
            Some(said) if said.len() > limits::TEXT_BYTES_INSTAGRAM => {
                Err(text.too_long(limits::TEXT_BYTES_INSTAGRAM))
            }
            _ => Ok(()),
        },
    }
}

fn quick_replies(message: &Parameter<'_>, product: Product) -> Result<Vec<QuickReply>, Refusal> {
    let quick_replies = message.at("quick_replies");
    let replies = quick_replies.list(0..=limits::QUICK_REPLIES)?;
    if product == Product::Instagram && !replies.is_empty() && message.at("text").is_absent() {
        return Err(quick_replies.wrong("come with a text on Instagram"));
    }
    replies
        .iter()
        .map(|reply| quick_reply(reply, product))
        .collect()
}

fn quick_reply(reply: &Parameter<'_>, product: Product) -> Result<QuickReply, Refusal> {
    let kind = reply.at("content_type");
    let kind = match product {
        Product::Messenger => kind.needed_one_of(["text", "user_phone_number", "user_email"])?,
        Product::Instagram => kind.needed_one_of(["text"])?,
    };
    match kind {
        "user_phone_number" => return Ok(QuickReply::user_phone_number()),
        "user_email" => return Ok(QuickReply::user_email()),
        _ => {}
    }
    let title = match product {
        Product::Messenger => reply
            .at("title")
            .words(limits::QUICK_REPLY_TITLE)?
            .into_owned(),
        // Instagram truncates longer titles.
        Product::Instagram => {
            let title = reply.at("title").words(usize::MAX)?;
            title.chars().take(limits::QUICK_REPLY_TITLE).collect()
        }
    };
    let payload = reply.at("payload");
    let carried = payload
        .text_within(limits::QUICK_REPLY_PAYLOAD)?
        .ok_or_else(|| payload.missing())?;
    Ok(QuickReply {
        image_url: reply.at("image_url").url()?.map(String::from),
        ..QuickReply::text(title, carried)
    })
}
