//! Reusable attachments.

use handover_protocol::{AccountId, Timestamp};
use serde_json::{Value, json};

use super::super::parameter::{Parameter, web_address};
use super::super::thread::DAY;
use super::super::{CallContext, GraphResult, Platform, Refusal};
use super::{Parameters, quiet};

/// Lifetime of attachment ids: 90 days (saving assets).
pub(super) const KEPT: i64 = 90 * DAY;

/// Maximum size of an upload: 25 MB (attachment upload).
const MAX_BYTES: usize = 25 * 1024 * 1024;

/// File of a call with a `multipart/form-data` body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadedFile {
    /// `Content-Type` of the part.
    pub content_type: String,
    /// Size in bytes.
    pub size: usize,
    /// URL from which the file can be downloaded.
    pub url: String,
}

/// Image, audio, video or file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Media {
    /// `image`, `audio`, `video` or `file`.
    pub(crate) kind: String,
    pub(crate) url: String,
}

/// [`Media`] that is saved for an account.
#[derive(Debug, Clone)]
pub(crate) struct SavedMedia {
    pub(super) media: Media,
    pub(super) account: AccountId,
    pub(super) since: Timestamp,
}

impl UploadedFile {
    /// Returns the upload as media of this kind. Fails if its content type or size does not fit.
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
    /// `POST /{page-id}/message_attachments`: saves an attachment, so that it can be sent by its
    /// id.
    ///
    /// ```json
    /// {"message":{"attachment":{"type":"image","payload":{"url":"https://…","is_reusable":true}}}}
    /// ```
    pub fn save_attachment(
        &mut self,
        call: &CallContext<'_>,
        parameters: &Parameters,
        upload: Option<&UploadedFile>,
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
