//! Attachments of a call: by URL, by id, or uploaded with the call.

use handover_protocol::{OutgoingAttachment, OutgoingAttachmentPayload};
use serde_json::{Value, json};

use super::super::graph::{Media, Records, is_sticker};
use super::super::parameter::{Parameter, web_address};
use super::super::{Product, Refusal};
use super::sender::CallSender;
use super::template;

/// Attachment of a call, and whether the platform saves it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct AttachmentDraft {
    pub(super) shown: OutgoingAttachment,
    /// `is_reusable`: media to save, whose id the response contains.
    pub(super) keep: Option<Media>,
}

impl AttachmentDraft {
    fn only(shown: OutgoingAttachment) -> Self {
        Self { shown, keep: None }
    }

    /// Whether the limit for audio and video applies.
    pub(super) fn is_heavy(&self) -> bool {
        matches!(self.shown.kind.as_str(), "audio" | "video")
    }
}

pub(super) fn read(
    attachment: &Parameter<'_>,
    sender: &CallSender<'_>,
    records: &Records,
) -> Result<AttachmentDraft, Refusal> {
    let kind = attachment.at("type").needed_text()?;
    let payload = attachment.at("payload");
    match (kind.to_ascii_lowercase().as_str(), sender.product) {
        (media @ ("image" | "audio" | "video" | "file"), _) => {
            let payload = payload.object()?;
            let payload = payload.unwrap_or_else(|| attachment.at("payload"));
            self::media(media, &payload, sender, records)
        }
        ("template", product) => {
            let payload = payload.needed_object()?;
            let kind = template::check(&payload, product)?;
            if kind == "media" {
                check_shared_media(&payload, sender, records)?;
            }
            Ok(AttachmentDraft::only(shown("template", payload.value())))
        }
        ("like_heart", Product::Instagram) => {
            Ok(AttachmentDraft::only(shown("like_heart", &json!({}))))
        }
        ("media_share", Product::Instagram) => {
            payload.at("id").words(usize::MAX)?;
            Ok(AttachmentDraft::only(shown("MEDIA_SHARE", payload.value())))
        }
        (_, Product::Messenger) => Err(attachment
            .at("type")
            .wrong("be one of {AUDIO, FILE, IMAGE, TEMPLATE, VIDEO}")),
        (_, Product::Instagram) => Err(attachment
            .at("type")
            .wrong("be one of {AUDIO, FILE, IMAGE, LIKE_HEART, MEDIA_SHARE, TEMPLATE, VIDEO}")),
    }
}

fn media(
    kind: &str,
    payload: &Parameter<'_>,
    sender: &CallSender<'_>,
    records: &Records,
) -> Result<AttachmentDraft, Refusal> {
    let (url, id) = (payload.at("url"), payload.at("attachment_id"));
    let reusable = payload.at("is_reusable").flag()? == Some(true);
    let (media, reusable) = match (url.text()?, id.text()?, sender.upload) {
        (Some(_), Some(_), _) => return Err(id.wrong("not come with url")),
        (None, Some(id), _) => {
            let known = records.media(&id, sender.account, sender.now)?;
            if known.kind != kind {
                return Err(Refusal::media_wrong_kind());
            }
            let mut again = shown(kind, &json!({"url": known.url}));
            again.payload.attachment_id = Some(id.into_owned());
            return Ok(AttachmentDraft::only(again));
        }
        (Some(url), None, _) => (by_url(kind, &url)?, reusable),
        (None, None, Some(upload)) => (upload.media(kind)?, reusable),
        (None, None, None) => return Err(url.missing()),
    };
    Ok(AttachmentDraft {
        shown: shown(kind, &json!({"url": media.url})),
        keep: reusable.then_some(media),
    })
}

/// URLs are checked but not fetched.
fn by_url(kind: &str, url: &str) -> Result<Media, Refusal> {
    match web_address(url) {
        Some(_) => Ok(Media {
            kind: kind.to_owned(),
            url: url.to_owned(),
        }),
        None => Err(Refusal::media_not_fetched()),
    }
}

/// A media template requires media that was uploaded before.
fn check_shared_media(
    payload: &Parameter<'_>,
    sender: &CallSender<'_>,
    records: &Records,
) -> Result<(), Refusal> {
    for element in payload.at("elements").list(1..=1)? {
        let Some(id) = element.at("attachment_id").text()? else {
            continue;
        };
        let known = records.media(&id, sender.account, sender.now)?;
        if element.at("media_type").text()?.as_deref() != Some(known.kind.as_str()) {
            return Err(Refusal::media_wrong_kind());
        }
    }
    Ok(())
}

pub(super) fn sticker(id: &Parameter<'_>, product: Product) -> Result<AttachmentDraft, Refusal> {
    let number = id
        .whole(1..=i64::MAX)?
        .and_then(|id| u64::try_from(id).ok());
    match number {
        Some(number) if product == Product::Messenger && is_sticker(number) => {
            let url = format!("https://stickers.example/{number}.png");
            let payload = json!({"url": url, "sticker_id": number});
            Ok(AttachmentDraft::only(shown("sticker", &payload)))
        }
        _ => Err(id.wrong("be the id of a sticker")),
    }
}

fn shown(kind: &str, payload: &Value) -> OutgoingAttachment {
    OutgoingAttachment {
        kind: kind.to_owned(),
        payload: match payload {
            Value::Object(payload) => OutgoingAttachmentPayload::from(payload.clone()),
            _ => OutgoingAttachmentPayload::default(),
        },
        ..OutgoingAttachment::default()
    }
}
