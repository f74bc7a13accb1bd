//! Commerce templates.

use super::super::button::{PAYLOAD, TITLE as BUTTON_TITLE};
use super::TITLE;
use crate::platform::Refusal;
use crate::platform::parameter::Parameter;

/// Maximum number of items of a receipt (receipt template).
const THINGS: usize = 100;

/// Maximum number of products (product template).
const PRODUCTS: usize = 10;

/// Limit of texts without a documented limit.
const ANY_LENGTH: usize = usize::MAX;

pub(super) fn receipt(payload: &Parameter<'_>) -> Result<(), Refusal> {
    for needed in [
        "recipient_name",
        "order_number",
        "currency",
        "payment_method",
    ] {
        payload.at(needed).words(ANY_LENGTH)?;
    }
    currency(&payload.at("currency"))?;
    let summary = payload.at("summary").needed_object()?;
    let total = summary.at("total_cost");
    total.amount()?.ok_or_else(|| total.missing())?;
    for part in ["subtotal", "shipping_cost", "total_tax"] {
        summary.at(part).amount()?;
    }
    payload.at("merchant_name").text()?;
    payload.at("timestamp").whole(0..=i64::MAX)?;
    payload.at("order_url").url()?;
    if let Some(address) = payload.at("address").object()? {
        for needed in ["street_1", "city", "postal_code", "state", "country"] {
            address.at(needed).words(ANY_LENGTH)?;
        }
    }
    for adjustment in payload.at("adjustments").list(0..=THINGS)? {
        adjustment.at("name").text()?;
        adjustment.at("amount").amount()?;
    }
    for element in payload.at("elements").list(0..=THINGS)? {
        element.at("title").words(ANY_LENGTH)?;
        element.at("subtitle").text()?;
        element.at("quantity").amount()?;
        let price = element.at("price");
        price.amount()?.ok_or_else(|| price.missing())?;
        currency(&element.at("currency"))?;
        element.at("image_url").url()?;
    }
    Ok(())
}

/// Three letters, such as `EUR`.
fn currency(field: &Parameter<'_>) -> Result<(), Refusal> {
    match field.text()? {
        Some(code) if code.len() != 3 || !code.bytes().all(|b| b.is_ascii_uppercase()) => {
            Err(field.wrong("be an ISO 4217 currency code"))
        }
        _ => Ok(()),
    }
}

/// The simulator has no product catalog and accepts any number as id.
pub(super) fn product(payload: &Parameter<'_>) -> Result<(), Refusal> {
    for element in payload.at("elements").list(1..=PRODUCTS)? {
        let id = element.at("id").needed_text()?;
        if id.is_empty() || !id.bytes().all(|b| b.is_ascii_digit()) {
            return Err(Refusal::product_unknown());
        }
    }
    Ok(())
}

pub(super) fn coupon(payload: &Parameter<'_>) -> Result<(), Refusal> {
    payload.at("title").words(TITLE)?;
    payload.at("subtitle").text_within(TITLE)?;
    let code = payload.at("coupon_code").text()?;
    let url = payload.at("coupon_url").url()?;
    if code.is_none() && url.is_none() {
        return Err(payload.at("coupon_code").missing());
    }
    payload
        .at("coupon_url_button_title")
        .text_within(BUTTON_TITLE)?;
    payload.at("coupon_pre_message").text()?;
    payload.at("image_url").url()?;
    payload.at("payload").text_within(PAYLOAD).map(drop)
}
