//! Attachments that the platform stores, to be sent by id.

use handover_protocol::{AttachmentUpload, OutgoingAttachment, UploadedAttachment, check_upload};

use super::client::Graph;
use super::error::GraphError;
use super::routing::Endpoint;
use super::upload::Upload;

impl Graph {
    /// Lets the platform fetch an attachment from a public address and store it for 90 days. Returns the id
    /// with which this Page can send it. Limits: 8 MB for a picture, 25 MB for anything else; the download
    /// may take 10 seconds (video: 75).
    ///
    /// ```no_run
    /// # async fn example(graph: handover_runtime::graph::Graph) -> Result<(), handover_runtime::graph::GraphError> {
    /// # let person = "5794982867201265".into();
    /// use handover_protocol::OutgoingAttachment;
    ///
    /// let hat = OutgoingAttachment::image("https://example.com/hat.png");
    /// let hat = graph.keep_attachment(hat).await?;
    /// graph.send(&person).attachment(OutgoingAttachment::by_id("image", hat)).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// See [`GraphError`].
    pub async fn keep_attachment(
        &self,
        attachment: OutgoingAttachment,
    ) -> Result<String, GraphError> {
        let body = AttachmentUpload {
            platform: self.platform().map(str::to_owned),
            ..AttachmentUpload::new(attachment)
        };
        let request = self.request(Endpoint::MessageAttachments);
        let kept: UploadedAttachment = request.json(&body).answer().await?;
        Ok(kept.attachment_id)
    }

    /// Uploads an attachment, which the platform stores for 90 days. Returns the id with which this Page can
    /// send it. Limit: 25 MB.
    ///
    /// ```no_run
    /// # async fn example(graph: handover_runtime::graph::Graph) -> Result<(), Box<dyn std::error::Error>> {
    /// # let person = "5794982867201265".into();
    /// use handover_protocol::OutgoingAttachment;
    /// use handover_runtime::graph::Upload;
    ///
    /// let menu = graph.upload(Upload::file("menu.pdf").await?).await?;
    /// graph.send(&person).attachment(OutgoingAttachment::by_id("file", menu)).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// See [`GraphError`].
    pub async fn upload(&self, upload: Upload) -> Result<String, GraphError> {
        check_upload(upload.bytes.len() as u64)?;
        let attachment = OutgoingAttachment {
            kind: upload.kind().to_owned(),
            ..OutgoingAttachment::default()
        };
        let AttachmentUpload { message, .. } = AttachmentUpload::new(attachment);
        let endpoint = Endpoint::MessageAttachments;
        let message = serde_json::to_string(&message)
            .map_err(|source| GraphError::Unwritable { endpoint, source })?;
        let mut fields = vec![("message", message)];
        fields.extend(
            self.platform()
                .map(|platform| ("platform", platform.to_owned())),
        );
        let request = self.request(endpoint).form(upload.into_form(&fields));
        let kept: UploadedAttachment = request.answer().await?;
        Ok(kept.attachment_id)
    }
}
