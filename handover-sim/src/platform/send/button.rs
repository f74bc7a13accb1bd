//! The buttons of templates and menus.

use super::super::parameter::Parameter;
use super::super::{Product, Refusal};

/// Maximum length of the title of a button (button reference).
pub(super) const TITLE: usize = 20;
/// Maximum length of a payload (button reference).
pub(super) const PAYLOAD: usize = 1000;

/// Checks `least` to three buttons.
pub(super) fn check_buttons(
    of: &Parameter<'_>,
    least: usize,
    product: Product,
) -> Result<usize, Refusal> {
    let buttons = of.at("buttons").list(least..=3)?;
    for button in &buttons {
        check_button(button, product)?;
    }
    Ok(buttons.len())
}

fn check_button(button: &Parameter<'_>, product: Product) -> Result<(), Refusal> {
    let kind = match product {
        Product::Messenger => button.at("type").needed_one_of([
            "web_url",
            "postback",
            "phone_number",
            "account_link",
            "account_unlink",
            "game_play",
            "audio_call",
        ])?,
        Product::Instagram => button.at("type").needed_one_of(["web_url", "postback"])?,
    };
    match kind {
        "web_url" => {
            button.at("title").words(TITLE)?;
            check_link(button)
        }
        "postback" => {
            button.at("title").words(TITLE)?;
            button.at("payload").needed_text()?;
            button.at("payload").text_within(PAYLOAD).map(drop)
        }
        "phone_number" => {
            button.at("title").words(TITLE)?;
            let number = button.at("payload").words(PAYLOAD)?;
            match number.strip_prefix('+') {
                Some(digits) if is_number(digits) => Ok(()),
                _ => Err(button
                    .at("payload")
                    .wrong("be a phone number such as +16505551234")),
            }
        }
        "account_link" => button.at("url").needed_url().map(drop),
        "game_play" => {
            button.at("title").words(TITLE)?;
            button.at("payload").text_within(PAYLOAD).map(drop)
        }
        "audio_call" => button.at("title").text_within(TITLE).map(drop),
        _ => Ok(()),
    }
}

/// Checks the fields of a `web_url` button or a `default_action`.
pub(super) fn check_link(of: &Parameter<'_>) -> Result<(), Refusal> {
    let url = of.at("url").needed_url()?;
    of.at("webview_height_ratio")
        .one_of(["compact", "tall", "full"])?;
    of.at("fallback_url").url()?;
    of.at("webview_share_button").one_of(["hide"])?;
    if of.at("messenger_extensions").flag()? == Some(true) && url.scheme() != "https" {
        return Err(of.at("url").wrong("be https for messenger_extensions"));
    }
    Ok(())
}

/// Whether the text is a phone number, with the usual separators.
fn is_number(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let marks = |c: char| c.is_ascii_digit() || matches!(c, ' ' | '-' | '(' | ')');
    digits >= 5 && text.chars().all(marks)
}
