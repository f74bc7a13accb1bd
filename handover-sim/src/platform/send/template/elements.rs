//! Button, generic, media and image grid templates.

use super::super::button::{PAYLOAD, check_buttons, check_link};
use super::TITLE;
use crate::platform::parameter::Parameter;
use crate::platform::{Product, Refusal};

/// Maximum length of the text (button template).
const BUTTON_TEXT: usize = 640;

/// Maximum number of elements (generic template).
const ELEMENTS: usize = 10;

/// Maximum length of the title (image grid template).
const GRID_TITLE: usize = 45;

pub(super) fn button(payload: &Parameter<'_>, product: Product) -> Result<(), Refusal> {
    payload.at("text").words(BUTTON_TEXT)?;
    check_buttons(payload, 1, product).map(drop)
}

pub(super) fn generic(payload: &Parameter<'_>, product: Product) -> Result<(), Refusal> {
    payload.at("sharable").flag()?;
    payload
        .at("image_aspect_ratio")
        .one_of(["horizontal", "square"])?;
    payload
        .at("elements")
        .list(1..=ELEMENTS)?
        .iter()
        .try_for_each(|element| card(element, product))
}

fn card(element: &Parameter<'_>, product: Product) -> Result<(), Refusal> {
    element.at("title").words(TITLE)?;
    let subtitle = element.at("subtitle").text_within(TITLE)?;
    let image = element.at("image_url").url()?;
    let action = element.at("default_action").object()?;
    if let Some(action) = &action {
        action.at("type").needed_one_of(["web_url"])?;
        if !action.at("title").is_absent() {
            return Err(action.at("title").wrong("be absent"));
        }
        check_link(action)?;
    }
    let buttons = check_buttons(element, 0, product)?;
    let says_more = subtitle.is_some_and(|text| !text.trim().is_empty())
        || image.is_some()
        || action.is_some()
        || buttons > 0;
    if says_more {
        Ok(())
    } else {
        Err(Refusal::parameter(
            "Incomplete element data: title and at least one other field (image url, subtitle or \
             buttons) is required with non-empty value",
        ))
    }
}

pub(super) fn media(payload: &Parameter<'_>) -> Result<(), Refusal> {
    payload.at("sharable").flag()?;
    for element in payload.at("elements").list(1..=1)? {
        element.at("media_type").needed_one_of(["image", "video"])?;
        let (id, url) = (element.at("attachment_id"), element.at("url"));
        match (id.text()?, url.url()?) {
            (Some(_), None) => {}
            (None, Some(url)) if is_facebook(url.host_str()) => {}
            (None, Some(_)) => return Err(url.wrong("be an address on Facebook")),
            (None, None) => return Err(id.missing()),
            (Some(_), Some(_)) => return Err(url.wrong("not come with attachment_id")),
        }
        check_buttons(&element, 0, Product::Messenger)?;
    }
    Ok(())
}

fn is_facebook(host: Option<&str>) -> bool {
    host.is_some_and(|host| {
        ["facebook.com", "fb.com", "fb.watch"].iter().any(|known| {
            host.strip_suffix(known)
                .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        })
    })
}

pub(super) fn image_grid(payload: &Parameter<'_>) -> Result<(), Refusal> {
    for element in payload.at("elements").list(1..=1)? {
        element.at("title").words(GRID_TITLE)?;
        element.at("subtitle").text_within(TITLE)?;
        for image in element.at("images").list(2..=6)? {
            image.at("url").needed_url()?;
            image.at("is_hero_image").flag()?;
            let Some(action) = image.at("action").object()? else {
                continue;
            };
            match action.at("type").needed_one_of(["web_url", "postback"])? {
                "web_url" => check_link(&action)?,
                _ => {
                    action.at("payload").words(PAYLOAD)?;
                    action.at("text").words(PAYLOAD)?;
                }
            }
        }
        check_buttons(&element, 0, Product::Messenger)?;
    }
    Ok(())
}
