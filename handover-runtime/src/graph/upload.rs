//! Files to upload.

use std::io;
use std::path::PathBuf;

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use handover_protocol::limits::ATTACHMENT_BYTES;
use hyper::header::HeaderValue;

use super::request::RequestBody;

/// A file to [upload](super::Graph::upload): a name, a media type and the bytes. The media type decides the
/// kind of attachment: `image/…`, `audio/…` and `video/…`; anything else is a file.
///
/// ```
/// use handover_runtime::graph::Upload;
///
/// let upload = Upload::bytes("menu.txt", "text/plain", "Kaffee 3,20");
/// assert_eq!(upload.kind(), "file");
/// assert_eq!(Upload::bytes("hat.png", "image/png", vec![0x89]).kind(), "image");
/// ```
#[derive(Clone, Debug)]
pub struct Upload {
    name: String,
    media_type: String,
    pub(super) bytes: Bytes,
}

impl Upload {
    /// Creates an upload from bytes.
    pub fn bytes(
        name: impl Into<String>,
        media_type: impl Into<String>,
        bytes: impl Into<Bytes>,
    ) -> Self {
        Self {
            name: name.into(),
            media_type: media_type.into(),
            bytes: bytes.into(),
        }
    }

    /// Reads a file. Its extension determines the media type.
    ///
    /// # Errors
    ///
    /// If it cannot be read, or is over 25 MB.
    pub async fn file(path: impl Into<PathBuf>) -> io::Result<Self> {
        let path = path.into();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let (name, media_type) = (name.into_owned(), media_type_of(&path.to_string_lossy()));
        let read = move || {
            if std::fs::metadata(&path)?.len() > ATTACHMENT_BYTES {
                return Err(too_large());
            }
            std::fs::read(&path)
        };
        let bytes = tokio::task::spawn_blocking(read).await??;
        Ok(Self::bytes(name, media_type, bytes))
    }

    /// Reads a stream, such as the body of another request, to its end: the platform requires the length.
    ///
    /// # Errors
    ///
    /// If the stream fails, or has more than 25 MB.
    pub async fn stream<B: AsRef<[u8]>, E: Into<Box<dyn std::error::Error + Send + Sync>>>(
        name: impl Into<String>,
        media_type: impl Into<String>,
        stream: impl Stream<Item = Result<B, E>>,
    ) -> io::Result<Self> {
        let mut stream = std::pin::pin!(stream);
        let mut bytes = Vec::new();
        while let Some(chunk) = stream.next().await {
            bytes.extend_from_slice(chunk.map_err(io::Error::other)?.as_ref());
            if bytes.len() as u64 > ATTACHMENT_BYTES {
                return Err(too_large());
            }
        }
        Ok(Self::bytes(name, media_type, bytes))
    }

    /// Kind of attachment: `image`, `audio`, `video` or `file`.
    #[must_use]
    pub fn kind(&self) -> &str {
        match self.media_type.split_once('/') {
            Some((kind @ ("image" | "audio" | "video"), _)) => kind,
            _ => "file",
        }
    }

    /// Returns a form with the file, as `multipart/form-data`.
    pub(super) fn into_form(self, fields: &[(&str, String)]) -> RequestBody {
        let boundary = format!("handover-{:032x}", fastrand::u128(..));
        let mut bytes = Vec::with_capacity(self.bytes.len() + 1024);
        for (name, value) in fields {
            let part = format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            );
            bytes.extend_from_slice(part.as_bytes());
        }
        // A name must not end its line or its quotes.
        let plain = |text: &str| text.replace(['"', '\\', '\r', '\n'], "_");
        let (name, media_type) = (plain(&self.name), plain(&self.media_type));
        let part = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"filedata\"; filename=\"{name}\"\r\nContent-Type: {media_type}\r\n\r\n"
        );
        bytes.extend_from_slice(part.as_bytes());
        bytes.extend_from_slice(&self.bytes);
        bytes.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
        let kind = format!("multipart/form-data; boundary={boundary}");
        #[expect(clippy::expect_used, reason = "letters and digits of ours")]
        let kind = HeaderValue::try_from(kind).expect("it can be in a header");
        RequestBody {
            kind,
            bytes: bytes.into(),
        }
    }
}

fn too_large() -> io::Error {
    let problem = "it is over 25 MB, the most that the platform takes";
    io::Error::new(io::ErrorKind::FileTooLarge, problem)
}

fn media_type_of(path: &str) -> &'static str {
    let extension = path.rsplit('.').next().unwrap_or_default();
    match extension.to_ascii_lowercase().as_str() {
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "aac" => "audio/aac",
        "m4a" => "audio/mp4",
        "mp3" => "audio/mpeg",
        "wav" => "audio/wav",
        "mp4" => "video/mp4",
        "ogg" | "ogv" => "video/ogg",
        "avi" => "video/x-msvideo",
        "mov" => "video/quicktime",
        "webm" => "video/webm",
        "pdf" => "application/pdf",
        "txt" => "text/plain",
        _ => "application/octet-stream",
    }
}
