//! Templates: one file for each family, with the limits the platform documents.

mod commerce;
mod elements;
mod opt_in;
mod question;

use super::super::parameter::Parameter;
use super::super::{Product, Refusal};

/// Validates `message.attachment.payload` of a template. Returns the type of template.
pub(super) fn check(payload: &Parameter<'_>, product: Product) -> Result<&'static str, Refusal> {
    let kind = payload.at("template_type");
    let kind = match product {
        Product::Messenger => kind.needed_one_of([
            "button",
            "generic",
            "media",
            "image_grid",
            "receipt",
            "product",
            "coupon",
            "customer_feedback",
            "customer_information",
            "instant_form",
            "one_time_notif_req",
            "notification_messages",
        ])?,
        Product::Instagram => kind.needed_one_of(["button", "generic", "product"])?,
    };
    match kind {
        "button" => elements::button(payload, product),
        "generic" => elements::generic(payload, product),
        "media" => elements::media(payload),
        "image_grid" => elements::image_grid(payload),
        "receipt" => commerce::receipt(payload),
        "product" => commerce::product(payload),
        "coupon" => commerce::coupon(payload),
        "customer_feedback" => question::customer_feedback(payload),
        "customer_information" => question::customer_information(payload),
        "instant_form" => question::instant_form(payload),
        "one_time_notif_req" => opt_in::one_time(payload),
        _ => opt_in::notification_messages(payload),
    }?;
    Ok(kind)
}

/// Maximum length of the title and subtitle of an element (template reference).
const TITLE: usize = 80;
