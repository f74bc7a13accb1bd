//! Timeline rows as curl commands.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::IntoResponse;

use super::super::shared_state::SharedState;
use super::super::timeline_item::{TimelineItem, TimelineKind};
use super::response::ApiResult;
use super::timeline::{no_row, row_id};

/// `GET /control/timeline/{id}/curl`. Tokens become `$ACCESS_TOKEN`, signatures stay.
pub(super) async fn curl(
    State(shared): State<Arc<SharedState>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> ApiResult<impl IntoResponse> {
    let id = row_id(&id)?;
    let row = shared.snapshot(|snapshot| snapshot.timeline.row(id).cloned());
    let row = row.ok_or_else(|| no_row(id))?;
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let kind = (header::CONTENT_TYPE, "text/plain; charset=utf-8");
    Ok(([kind], command(&row, host.unwrap_or_default())))
}

fn command(row: &TimelineItem, host: &str) -> String {
    let mut parts = Vec::new();
    let body = row.request.as_deref();
    let as_query = row.method == "GET";
    let method = if as_query { "-G" } else { "-X POST" };
    match row.kind {
        TimelineKind::Call => {
            let method = match row.method.as_str() {
                "GET" | "POST" => method.to_owned(),
                // A method may have characters that a shell reads, such as a backtick.
                other => format!("-X {}", quoted(other)),
            };
            parts.push(format!(
                "curl {method} {}",
                quoted(&format!("http://{host}{}", row.url))
            ));
            parts.push("-H \"Authorization: Bearer $ACCESS_TOKEN\"".to_owned());
        }
        TimelineKind::Webhook | TimelineKind::Verification | TimelineKind::DataDeletion => {
            parts.push(format!("curl {method} {}", quoted(&row.url)));
        }
    }
    if let Some(headers) = row
        .request_headers
        .as_ref()
        .filter(|_| row.kind == TimelineKind::Webhook)
    {
        let header = |(name, value)| format!("-H {}", quoted(&format!("{name}: {value}")));
        parts.extend(headers.pairs().map(header));
    }
    match body {
        Some(body) if as_query => parts.extend(query(body)),
        Some(body) => {
            if row.kind == TimelineKind::Call {
                parts.push("-H 'Content-Type: application/json'".to_owned());
            }
            parts.push(format!("--data-raw {}", quoted(body)));
        }
        None => {}
    }
    parts.join(" \\\n  ") + "\n"
}

/// Returns the fields of a request as query options.
fn query(body: &str) -> Vec<String> {
    let fields: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(body).unwrap_or_default();
    fields
        .into_iter()
        .map(|(name, value)| {
            let value = match value {
                serde_json::Value::String(text) => text,
                other => other.to_string(),
            };
            format!("--data-urlencode {}", quoted(&format!("{name}={value}")))
        })
        .collect()
}

/// Quotes a text for the shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
