//! `GET /{page-id}?fields=…`.

use serde_json::{Value, json};

use super::request_context::RequestContext;
use super::reveal::place_of;
use super::routes::quiet;
use crate::platform::{FieldList, GraphResult, Platform, Product};

pub(super) fn get(platform: &mut Platform, request: &RequestContext<'_>) -> GraphResult<Value> {
    let call = request.call_on_account()?;
    let fields = FieldList::read(request.parameters, "id,name")?;
    let account = platform.account_of_call(&call)?;
    let instagram = platform.accounts().iter().find(|other| {
        other.product == Product::Instagram && other.page.as_ref() == Some(&account.id)
    });
    let view = fields.view("Page", account.id.as_str(), |field| {
        Some(Ok(match field.name() {
            "name" => json!(account.name),
            "username" => json!(account.name.to_lowercase().replace(' ', ".")),
            "category" => json!("Business"),
            "access_token" => json!(place_of(account.id.as_str())),
            "messaging_feature_status" => match platform.messaging_feature_status(&call) {
                Ok(status) => json!(status),
                Err(refusal) => return Some(Err(refusal)),
            },
            "instagram_business_account" => match instagram {
                Some(instagram) => json!({"id": instagram.id}),
                None => Value::Null,
            },
            "recipient" => match platform.linking(&call, request.parameters) {
                Ok(person) => json!(person),
                Err(refusal) => return Some(Err(refusal)),
            },
            _ => return None,
        }))
    })?;
    Ok(quiet(view))
}
