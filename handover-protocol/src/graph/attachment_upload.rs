//! Attachments that the platform keeps.

use crate::OutgoingAttachment;
use crate::lenient::{always, wire_object};

wire_object! {
    /// The body of `POST /{account}/message_attachments`: the platform keeps an attachment for 90 days.
    ///
    /// ```json
    /// {"message":{"attachment":{"type":"image",
    ///  "payload":{"url":"https://example.com/hat.png","is_reusable":true}}}}
    /// ```
    ///
    /// ```
    /// use handover_protocol::{AttachmentUpload, OutgoingAttachment};
    ///
    /// let upload = AttachmentUpload::new(OutgoingAttachment::image("https://example.com/hat.png"));
    /// assert!(upload.message.attachment.payload.is_reusable);
    /// ```
    ///
    /// Limits: [`IMAGE_BYTES_BY_URL`](crate::limits::IMAGE_BYTES_BY_URL),
    /// [`ATTACHMENT_BYTES`](crate::limits::ATTACHMENT_BYTES); see [`check_upload`](crate::check_upload).
    pub struct AttachmentUpload {
        /// Message with the attachment.
        pub message: UploadMessage => always,
        /// `instagram` for an Instagram account.
        pub platform: Option<String>,
    }
}

wire_object! {
    /// Message with the attachment of an [`AttachmentUpload`].
    ///
    /// ```json
    /// {"attachment":{"type":"image","payload":{"is_reusable":true}}}
    /// ```
    pub struct UploadMessage {
        /// The attachment; without an address if it is in the call itself.
        pub attachment: OutgoingAttachment => always,
    }
}

impl AttachmentUpload {
    /// Keep this attachment, to be sent again.
    pub fn new(attachment: OutgoingAttachment) -> Self {
        Self {
            message: UploadMessage {
                attachment: attachment.reusable(),
                ..Default::default()
            },
            ..Self::default()
        }
    }
}

wire_object! {
    /// The answer to an [`AttachmentUpload`].
    ///
    /// ```json
    /// {"attachment_id":"1857777774821032"}
    /// ```
    pub struct UploadedAttachment {
        /// The id under which it can be sent.
        pub attachment_id: String => always,
    }
}
