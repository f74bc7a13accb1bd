//! Tokens: inspection and exchange.

use handover_protocol::AppId;
use serde_json::{Value, json};

use super::request_context::RequestContext;
use super::reveal::{USER, place_of};
use super::routes::quiet;
use crate::platform::{GraphResult, PageRequest, Parameter, Platform, Product, Refusal};

/// `expires_in` of a long-lived token: about 60 days.
const LONG_LIVED: u64 = 5_183_944;

const SCOPES: [&str; 5] = [
    "pages_show_list",
    "pages_messaging",
    "pages_manage_metadata",
    "instagram_basic",
    "instagram_manage_messages",
];

/// Returns the app of an app token.
pub(super) fn of_app<'a>(request: &RequestContext<'a>) -> Result<&'a AppId, Refusal> {
    let token = request.token()?;
    if token.account.is_some() || token.is_user {
        return Err(Refusal::not_an_app_token());
    }
    Ok(&token.app)
}

/// `GET /me` with a user token.
pub(super) fn user(_: &mut Platform, request: &RequestContext<'_>) -> GraphResult<Value> {
    request.token()?;
    Ok(quiet(json!({"name": "Page Admin", "id": USER_ID})))
}

/// Id of the user who manages the accounts.
const USER_ID: &str = "10000000000000001";

/// `GET /me/accounts`: returns the Pages with their tokens.
pub(super) fn accounts(
    platform: &mut Platform,
    request: &RequestContext<'_>,
) -> GraphResult<Value> {
    let token = request.token()?;
    let pages: Vec<_> = platform
        .accounts()
        .iter()
        .filter(|account| account.product == Product::Messenger)
        .filter(|account| account.connection(&token.app).is_some())
        .collect();
    let view = |account: &&crate::platform::Account| {
        Ok(json!({
            "access_token": place_of(account.id.as_str()),
            "category": "Business",
            "category_list": [{"id": "2201", "name": "Business"}],
            "name": account.name,
            "id": account.id,
            "tasks": ["ADVERTISE", "ANALYZE", "CREATE_CONTENT", "MESSAGING", "MODERATE", "MANAGE"],
        }))
    };
    PageRequest::read(request.parameters)?
        .of(&pages, |account| account.id.as_str(), view)
        .map(quiet)
}

/// `GET /debug_token?input_token=…`.
pub(super) fn debug(platform: &mut Platform, request: &RequestContext<'_>) -> GraphResult<Value> {
    let caller = request.token()?;
    let input = Parameter::new("input_token", request.parameters.get("input_token"));
    let known = request.shared.token(&input.needed_text()?);
    let Some(token) = known.filter(|token| token.app == caller.app) else {
        let error = json!({"code": 190, "message": "Invalid OAuth access token."});
        let data = json!({"error": error, "is_valid": false, "scopes": []});
        return Ok(quiet(json!({ "data": data })));
    };
    let name = platform.app(&token.app).map(|app| app.name.clone());
    let kind = match (&token.account, token.is_user) {
        (Some(_), _) => "PAGE",
        (None, true) => "USER",
        (None, false) => "APP",
    };
    let mut data = json!({
        "app_id": token.app,
        "type": kind,
        "application": name,
        "data_access_expires_at": 0,
        "expires_at": 0,
        "is_valid": true,
        "scopes": [],
    });
    if kind != "APP" {
        data["issued_at"] = json!(1);
        data["user_id"] = json!(USER_ID);
        data["scopes"] = json!(SCOPES);
    }
    if let Some(account) = &token.account {
        data["profile_id"] = json!(account);
        let granular = SCOPES.map(|scope| json!({"scope": scope, "target_ids": [account]}));
        data["granular_scopes"] = json!(granular);
    }
    Ok(quiet(json!({ "data": data })))
}

/// `GET /oauth/access_token`: returns an app token for a secret, or a long-lived token for a token.
pub(super) fn exchange(_: &mut Platform, request: &RequestContext<'_>) -> GraphResult<Value> {
    let parameter = |name| Parameter::new(name, request.parameters.get(name));
    let grant =
        parameter("grant_type").needed_one_of(["client_credentials", "fb_exchange_token"])?;
    let id = parameter("client_id").needed_text()?;
    let secret = parameter("client_secret").needed_text()?;
    let own = format!("{id}|{secret}");
    let app = request
        .shared
        .token(&own)
        .ok_or_else(Refusal::client_secret)?;
    if grant == "client_credentials" {
        let answer = json!({"access_token": place_of(app.app.as_str()), "token_type": "bearer"});
        return Ok(quiet(answer));
    }
    let old = parameter("fb_exchange_token").needed_text()?;
    let known = request
        .shared
        .token(&old)
        .filter(|known| known.app == app.app);
    let token = match known.ok_or_else(Refusal::unknown_token)?.account.as_ref() {
        Some(account) => place_of(account.as_str()),
        None => place_of(USER),
    };
    Ok(quiet(json!({
        "access_token": token,
        "token_type": "bearer",
        "expires_in": LONG_LIVED,
    })))
}
