//! Opt-in templates.

use super::super::button::PAYLOAD;
use crate::platform::Refusal;
use crate::platform::parameter::Parameter;

/// Maximum length of the title (one-time notification).
const TITLE: usize = 65;

pub(super) fn one_time(payload: &Parameter<'_>) -> Result<(), Refusal> {
    payload.at("title").words(TITLE)?;
    payload.at("payload").words(PAYLOAD).map(drop)
}

pub(super) fn notification_messages(payload: &Parameter<'_>) -> Result<(), Refusal> {
    payload.at("title").text_within(TITLE)?;
    payload.at("image_url").url()?;
    payload.at("payload").words(PAYLOAD)?;
    payload
        .at("notification_messages_frequency")
        .one_of(["DAILY", "WEEKLY", "MONTHLY"])?;
    payload.at("notification_messages_timezone").text()?;
    payload
        .at("notification_messages_cta_text")
        .text()
        .map(drop)
}
