//! Webhook subscriptions of an app, for itself and for each Page.

use std::borrow::Cow;
use std::collections::BTreeSet;

use handover_protocol::AppId;
use serde_json::{Value, json};

use super::super::parameter::Parameter;
use super::super::{CallContext, GraphResult, Platform, Product, Refusal, WebhookField};
use super::{Parameters, quiet, success};

impl Platform {
    /// `POST /{page-id}/subscribed_apps` with `subscribed_fields`, which replaces the previous
    /// fields.
    pub fn set_subscribed_apps(
        &mut self,
        call: &CallContext<'_>,
        parameters: &Parameters,
    ) -> GraphResult<Value> {
        let account = self.account_of_call(call)?.id.clone();
        let given = Parameter::new("subscribed_fields", parameters.get("subscribed_fields"));
        let fields = fields(&given, Product::Messenger)?;
        if fields.is_empty() {
            return Err(given.missing());
        }
        if !self.subscribe(&account, call.app, Some(fields)) {
            return Err(Refusal::path("post", account.as_str()));
        }
        Ok(success())
    }

    /// `GET /{page-id}/subscribed_apps`: returns the calling app, if it is subscribed.
    pub fn subscribed_apps(&self, call: &CallContext<'_>) -> GraphResult<Value> {
        let account = self.account_of_call(call)?;
        let connection = account.connection(call.app).filter(|one| one.subscribed);
        let (Some(connection), Some(app)) = (connection, self.app(call.app)) else {
            return Ok(quiet(json!({"data": []})));
        };
        let fields = match &connection.fields {
            Some(fields) => fields.clone(),
            None => WebhookField::all(Product::Messenger).collect(),
        };
        Ok(quiet(json!({"data": [{
            "category": "Business",
            "link": format!("https://apps.example/{}", app.id),
            "name": app.name,
            "id": app.id,
            "subscribed_fields": fields,
        }]})))
    }

    /// `DELETE /{page-id}/subscribed_apps`.
    pub fn delete_subscribed_apps(&mut self, call: &CallContext<'_>) -> GraphResult<Value> {
        let account = self.account_of_call(call)?.id.clone();
        self.unsubscribe(&account, call.app);
        Ok(success())
    }

    /// Reads the parameters of `POST /{app-id}/subscriptions`. The caller verifies the callback
    /// before [`set_app_subscription`](Self::set_app_subscription).
    pub(crate) fn read_app_subscription(
        &self,
        app: &AppId,
        parameters: &Parameters,
    ) -> Result<WebhookSubscription, Refusal> {
        self.app(app)
            .ok_or_else(|| Refusal::path("post", app.as_str()))?;
        let parameter = |name| Parameter::new(name, parameters.get(name));
        let product = product(&parameter("object"))?;
        let callback = parameter("callback_url").needed_url()?;
        let verify_token = parameter("verify_token").words(usize::MAX)?.into_owned();
        let given = parameter("fields");
        let fields = fields(&given, product)?;
        if fields.is_empty() {
            return Err(given.missing());
        }
        parameter("include_values").flag()?;
        Ok(WebhookSubscription {
            product,
            callback,
            verify_token,
            fields,
        })
    }

    /// Replaces the subscribed fields of an app for one object.
    pub fn set_app_subscription(
        &mut self,
        app: &AppId,
        product: Product,
        fields: BTreeSet<WebhookField>,
    ) -> GraphResult<Value> {
        let known = self.app_mut(app);
        let known = known.ok_or_else(|| Refusal::path("post", app.as_str()))?;
        known.webhook = true;
        *known.fields_mut(product) = Some(fields);
        Ok(success())
    }

    /// `GET /{app-id}/subscriptions`. `callback` is the URL of the webhook.
    pub(crate) fn app_subscriptions(
        &self,
        app: &AppId,
        callback: Option<&str>,
    ) -> GraphResult<Value> {
        let known = self.app(app);
        let known = known.ok_or_else(|| Refusal::path("get", app.as_str()))?;
        let mut data = Vec::new();
        for product in [Product::Messenger, Product::Instagram] {
            let fields: Vec<_> = match known.fields(product) {
                Some(fields) => fields.iter().copied().collect(),
                None => WebhookField::all(product).collect(),
            };
            if known.webhook && !fields.is_empty() {
                let fields = fields.iter();
                data.push(json!({
                    "object": product.object(),
                    "callback_url": callback,
                    "active": true,
                    "fields": fields
                        .map(|field| json!({"name": field, "version": "v26.0"}))
                        .collect::<Vec<_>>(),
                }));
            }
        }
        Ok(quiet(json!({ "data": data })))
    }

    /// `DELETE /{app-id}/subscriptions` with `object` and `fields`. Default: all fields.
    pub fn delete_app_subscription(
        &mut self,
        app: &AppId,
        parameters: &Parameters,
    ) -> GraphResult<Value> {
        let parameter = |name| Parameter::new(name, parameters.get(name));
        let product = product(&parameter("object"))?;
        let gone = fields(&parameter("fields"), product)?;
        let known = self.app_mut(app);
        let known = known.ok_or_else(|| Refusal::path("delete", app.as_str()))?;
        let fields = known.fields_mut(product);
        let had = fields
            .take()
            .unwrap_or_else(|| WebhookField::all(product).collect());
        *fields = Some(if gone.is_empty() {
            BTreeSet::new()
        } else {
            &had - &gone
        });
        Ok(success())
    }
}

/// Subscription of an app's webhook.
#[derive(Debug, Clone)]
pub(crate) struct WebhookSubscription {
    pub(crate) product: Product,
    pub(crate) callback: url::Url,
    pub(crate) verify_token: String,
    pub(crate) fields: BTreeSet<WebhookField>,
}

fn product(object: &Parameter<'_>) -> Result<Product, Refusal> {
    Ok(match object.needed_one_of(["instagram", "page"])? {
        "instagram" => Product::Instagram,
        _ => Product::Messenger,
    })
}

/// Fields as a list, or separated by commas.
fn fields(given: &Parameter<'_>, product: Product) -> Result<BTreeSet<WebhookField>, Refusal> {
    let names: Vec<String> = match given.value() {
        Value::Array(_) => given
            .list(0..=usize::MAX)?
            .iter()
            .map(|name| name.needed_text().map(Cow::into_owned))
            .collect::<Result<_, _>>()?,
        _ => {
            let text = given.text()?.unwrap_or_default();
            text.split(',').map(|name| name.trim().to_owned()).collect()
        }
    };
    let mut fields = BTreeSet::new();
    for name in names.iter().filter(|name| !name.is_empty()) {
        let field = WebhookField::named(product, name);
        fields.insert(field.ok_or_else(|| {
            given.wrong(format_args!("name webhook fields, which \"{name}\" is not"))
        })?);
    }
    Ok(fields)
}
