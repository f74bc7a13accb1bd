//! Tokens in answers: the caller gets them, the timeline shows where they were.

use axum::body::Body;
use axum::http::{HeaderMap, header};
use axum::response::Response;
use handover_protocol::AppId;
use serde_json::Value;
use url::form_urlencoded;

use super::super::encode::to_json;
use super::super::parameters::RequestParameters;
use super::super::shared_state::SharedState;
use super::call::base;

/// Placeholder of the token of the app for this account, of the app itself, or of its user.
pub(super) fn place_of(id: &str) -> String {
    format!("{PLACE}{id}}}")
}

const PLACE: &str = "$ACCESS_TOKEN{";

/// The name of the user's token.
pub(super) const USER: &str = "user";

/// Makes whole addresses of what leads to the other pages of a list.
pub(super) fn link(
    answer: &mut Value,
    headers: &HeaderMap,
    url: &str,
    parameters: &RequestParameters,
    token: Option<&str>,
) {
    for name in ["next", "previous"] {
        let Some(link) = answer
            .get_mut("paging")
            .and_then(|paging| paging.get_mut(name))
        else {
            continue;
        };
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in parameters.fields() {
            let text = match value {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            if !["limit", "after", "before"].contains(&name.as_str()) {
                query.append_pair(name, &text);
            }
        }
        if let Some(token) = token {
            query.append_pair("access_token", &place_of(token));
        }
        let rest = query.finish();
        let page = link.as_str().unwrap_or_default();
        *link = format!("{}{url}?{page}&{rest}", base(headers)).into();
    }
}

/// Whether an answer has places for tokens.
pub(super) fn has_places(body: &str) -> bool {
    body.contains(PLACE) || body.contains(&encoded(PLACE))
}

/// Puts the app's tokens into their places.
pub(super) async fn reveal(shared: &SharedState, app: &AppId, response: Response) -> Response {
    let (mut head, body) = response.into_parts();
    let (Ok(body), Some(credentials)) = (
        axum::body::to_bytes(body, usize::MAX).await,
        shared.credentials(app),
    ) else {
        return Response::from_parts(head, Body::empty());
    };
    let mut body = String::from_utf8_lossy(&body).into_owned();
    let accounts = credentials.tokens.iter();
    let accounts = accounts.map(|(account, token)| (account.as_str(), token));
    let own = [
        (app.as_str(), &credentials.app_token),
        (USER, &credentials.user_token),
    ];
    for (id, token) in accounts.chain(own) {
        let place = place_of(id);
        let json = to_json(token);
        body = body
            .replace(&place, json.trim_matches('"'))
            .replace(&encoded(&place), &encoded(token));
    }
    head.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(head, body.into())
}

fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
