//! The answer to a client when all connections are busy.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const REFUSAL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\nconnection: close\r\ncontent-type: text/plain\r\ncontent-length: 11\r\n\r\noverloaded\n";
/// Time that the client has to read the answer.
const TIMEOUT: Duration = Duration::from_millis(500);
/// Bytes of the request that are read at most.
const READ_AT_MOST: usize = 1024 * 1024;

/// Answers 503 without reading the request.
pub(super) async fn refuse(mut stream: TcpStream) {
    let answered = async {
        stream.write_all(REFUSAL).await?;
        stream.shutdown().await?;
        // If bytes were left unread, closing would reset the connection, and with it the answer.
        let mut buffer = [0; 4096];
        let mut read = 0;
        while read < READ_AT_MOST {
            match stream.read(&mut buffer).await? {
                0 => break,
                bytes => read += bytes,
            }
        }
        std::io::Result::Ok(())
    };
    if !matches!(tokio::time::timeout(TIMEOUT, answered).await, Ok(Ok(()))) {
        tracing::debug!("a client that was refused for overload did not listen");
    }
}
