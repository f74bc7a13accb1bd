//! Attachments that are kept to be sent again.

use handover_protocol::{AccountId, Timestamp};
use serde_json::{Value, json};

use super::super::parameter::{Parameter, web_address};
use super::super::thread::DAY;
use super::super::{Call, GraphResult, Platform, Refusal};
use super::{Parameters, quiet};

/// Attachment ids are good for 90 days (saving assets).
pub(super) const KEPT: i64 = 90 * DAY;

/// An upload has at most 25 MB (attachment upload).
const MAX_BYTES: usize = 25 * 1024 * 1024;

/// A file that came along with a call, in a `multipart/form-data` body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// `Content-Type` of the part.
    pub content_type: String,
    /// Its size in bytes.
    pub size: usize,
    /// Where it can be fetched from now on.
    pub url: String,
}

/// A picture, recording, film or file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Media {
    /// `image`, `audio`, `video` or `file`.
    pub(crate) kind: String,
    pub(crate) url: String,
}

/// A [`Media`] that is kept for an account.
#[derive(Debug, Clone)]
pub(crate) struct SavedMedia {
    pub(super) media: Media,
    pub(super) account: AccountId,
    pub(super) since: Timestamp,
}

impl Upload {
    /// The upload as what the call says it is, if that is what it is.
    pub(crate) fn media(&self, kind: &str) -> Result<Media, Refusal> {
        let (family, _) = self.content_type.split_once('/').unwrap_or_default();
        if kind != "file" && !family.trim().eq_ignore_ascii_case(kind) {
            return Err(Refusal::media_wrong_kind());
        }
        if self.size > MAX_BYTES {
            return Err(Refusal::media_too_big());
        }
        Ok(Media {
            kind: kind.to_owned(),
            url: self.url.clone(),
        })
    }
}

impl Platform {
    /// `POST /{page-id}/message_attachments`: keeps an attachment to be sent by its id.
    ///
    /// ```json
    /// {"message":{"attachment":{"type":"image","payload":{"url":"https://…","is_reusable":true}}}}
    /// ```
    pub fn save_attachment(
        &mut self,
        call: &Call<'_>,
        parameters: &Parameters,
        upload: Option<&Upload>,
    ) -> GraphResult<Value> {
        self.account_of_call(call)?;
        Parameter::new("platform", parameters.get("platform"))
            .one_of(["instagram", "messenger"])?;
        let message = Parameter::new("message", parameters.get("message")).needed_object()?;
        let attachment = message.at("attachment").needed_object()?;
        let kind = attachment
            .at("type")
            .needed_one_of(["audio", "file", "image", "video"])?;
        let payload = attachment.at("payload");
        payload.at("is_reusable").flag()?;
        let url = payload.at("url");
        let media = match (url.text()?, upload) {
            (Some(url), _) if web_address(&url).is_none() => {
                return Err(Refusal::media_not_fetched());
            }
            (Some(url), _) => Media {
                kind: kind.to_owned(),
                url: url.into_owned(),
            },
            (None, Some(upload)) => upload.media(kind)?,
            (None, None) => return Err(url.missing()),
        };
        let id = self.ids.number();
        self.records.keep(id.clone(), media, call.account, call.now);
        Ok(quiet(json!({"attachment_id": id})))
    }
}
