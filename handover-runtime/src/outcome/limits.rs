//! Makes messages fit the platform's limits, and leaves out empty ones.

use std::fmt;

use handover_protocol::{Limit, LimitExceeded, Object, OutgoingMessage, Template, limits};
use serde_json::{Map, Value};

use super::split::{self, shortened};

/// What to do with a message, or with the metadata of a handoff, that exceeds a limit of the platform.
///
/// With both, a text that is too long for one message is sent as several.
///
/// ```
/// use handover_runtime::{Bot, Limits, Routes};
///
/// let bot = Bot::new(Routes::default()).limits(Limits::Refuse);
/// # let _ = bot;
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Limits {
    /// Makes it fit, and logs a warning with the handler and the change.
    ///
    /// Cuts titles, subtitles and metadata; leaves out quick replies and buttons beyond the limit; moves
    /// cards, products and pictures beyond it into another message, and the text of a button template
    /// beyond its 640 characters too. A card with a title only also gets the title as its subtitle.
    /// Metadata that is a JSON object or array stays one: its longest texts are cut; if that is not enough,
    /// it is left out.
    ///
    /// A value that has no shorter form with the same meaning, such as a payload, fails the handler.
    #[default]
    Fit,
    /// Fails the handler: nothing that it returned is sent. A handoff happens nevertheless, without what
    /// exceeds a limit.
    Refuse,
}

/// A message that is ready to be sent.
#[derive(Debug, Default)]
pub(crate) struct FittedMessage {
    /// The messages in order; empty if there is nothing to send.
    pub(crate) messages: Vec<OutgoingMessage>,
    /// The changes.
    pub(crate) warnings: Vec<String>,
}

/// Splits a message into as many as it needs, each within the limits as far as possible.
pub(crate) fn message(message: OutgoingMessage, product: &Object, limits: Limits) -> FittedMessage {
    let mut fitted = FittedMessage::default();
    if is_short_text(&message) {
        fitted.messages.push(message);
        return fitted;
    }
    let Some(whole) = fitted.without_blanks(message, limits) else {
        return fitted;
    };
    if limits == Limits::Refuse {
        fitted.messages = split::messages(whole, product);
        return fitted;
    }
    for part in parts(whole, product) {
        for part in split::messages(part, product) {
            let part = fitted.within_limits(part, product);
            fitted.messages.push(part);
        }
    }
    fitted
}

/// Whether it is only a text, within the limits of all products: most messages are.
fn is_short_text(message: &OutgoingMessage) -> bool {
    let text = message.text.as_deref().unwrap_or_default();
    text.len() <= limits::TEXT_BYTES_INSTAGRAM
        && !is_blank(text)
        && message.attachment.is_none()
        && message.attachments.is_empty()
        && message.quick_replies.is_empty()
        && message.metadata.is_none()
}

/// Shortens metadata to its limit. Returns `None` if nothing is left of it, and a description of the change.
pub(crate) fn note(note: &str, most: usize) -> (Option<String>, Option<String>) {
    let found = note.chars().count();
    if found <= most {
        return (Some(note.to_owned()), None);
    }
    let json = serde_json::from_str::<Value>(note).ok();
    let json = json.filter(|json| json.is_object() || json.is_array());
    match json {
        Some(json) => match shortened_json(json, most) {
            Some(json) => (
                Some(json),
                Some(format!(
                    "it is {found} characters of JSON, limited to {most}: its longest texts are cut"
                )),
            ),
            None => (
                None,
                Some(format!(
                    "it is {found} characters of JSON, limited to {most}, and is left out: a part of it would not be valid JSON. Store the data where both apps can read it, and pass a key to it"
                )),
            ),
        },
        None => (
            Some(shortened(note, most).to_owned()),
            Some(format!(
                "it is {found} characters, limited to {most}, and is cut"
            )),
        ),
    }
}

/// Whether the person would see nothing.
pub(crate) fn is_blank(text: &str) -> bool {
    text.chars().all(|c| {
        c.is_whitespace()
            || c.is_control()
            || matches!(
                c,
                '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}'
            )
    })
}

impl FittedMessage {
    fn warn(&mut self, warning: impl fmt::Display) {
        self.warnings.push(warning.to_string());
    }

    /// Removes empty parts. Returns `None` if nothing is left.
    fn without_blanks(
        &mut self,
        mut message: OutgoingMessage,
        limits: Limits,
    ) -> Option<OutgoingMessage> {
        if message.text.as_deref().is_some_and(is_blank) {
            self.warn("an empty text is left out");
            message.text = None;
        }
        let before = message.quick_replies.len();
        message.quick_replies.retain(|quick_reply| {
            let has_title = quick_reply.content_type == "text";
            !has_title || !is_blank(quick_reply.title.as_deref().unwrap_or_default())
        });
        if message.quick_replies.len() < before {
            self.warn("a quick reply without a title is left out");
        }
        if let Some(attachment) = &message.attachment
            && attachment.payload.url.as_deref().is_some_and(is_blank)
            && attachment.payload.attachment_id.is_none()
        {
            self.warn(format_args!(
                "an attachment ({}) without an address is left out",
                attachment.kind
            ));
            message.attachment = None;
        }
        let template = message.attachment.as_ref();
        if let Some(template) = template.and_then(|attachment| attachment.payload.template()) {
            let template = self.template_without_blanks(&template);
            match (template, limits) {
                (Template::Button(template), _) if is_blank(&template.text) => {
                    self.warn("buttons without a text above them are left out");
                    message.attachment = None;
                }
                (Template::Button(template), Limits::Fit) if template.buttons.is_empty() => {
                    self.warn("a button template without buttons is sent as a text");
                    message.attachment = None;
                    message.text = Some(template.text);
                }
                (Template::Generic(template), Limits::Fit) if template.elements.is_empty() => {
                    self.warn("a carousel without cards is left out");
                    message.attachment = None;
                }
                (Template::Product(template), Limits::Fit) if template.elements.is_empty() => {
                    self.warn("a product template without products is left out");
                    message.attachment = None;
                }
                (Template::Generic(mut template), Limits::Fit) => {
                    for element in &mut template.elements {
                        let only_title = element.subtitle.is_none()
                            && element.image_url.is_none()
                            && element.default_action.is_none()
                            && element.buttons.is_empty();
                        if only_title {
                            self.warn("a card that has only a title gets it as its subtitle, too");
                            element.subtitle = Some(element.title.clone());
                        }
                    }
                    set_template(&mut message, template);
                }
                (template, _) => set_template(&mut message, template),
            }
        }
        let is_something = message.text.is_some()
            || message.attachment.is_some()
            || !message.attachments.is_empty()
            || message.sticker_id.is_some();
        if !is_something && !message.quick_replies.is_empty() {
            self.warn("quick replies without a message are left out");
        }
        (is_something || !message.extra.is_empty()).then_some(message)
    }

    fn template_without_blanks(&mut self, template: &Template) -> Template {
        let Ok(Value::Object(mut json)) = serde_json::to_value(template) else {
            return template.clone();
        };
        let has_titles = template.kind() == "generic";
        self.clean(&mut json, has_titles);
        Template::from(json)
    }

    fn clean(&mut self, object: &mut Map<String, Value>, has_titles: bool) {
        const OPTIONAL: &[&str] = &[
            "coupon_code",
            "coupon_pre_message",
            "coupon_url",
            "coupon_url_button_title",
            "fallback_url",
            "image_aspect_ratio",
            "image_url",
            "merchant_name",
            "order_url",
            "placeholder",
            "score_label",
            "score_option",
            "subtitle",
            "webview_height_ratio",
            "webview_share_button",
        ];
        let blank = |value: Option<&Value>| value.and_then(Value::as_str).is_some_and(is_blank);
        object.retain(|key, value| {
            let is_left_out = OPTIONAL.contains(&key.as_str()) && blank(Some(value));
            if is_left_out {
                self.warn(format_args!("an empty `{key}` of a template is left out"));
            }
            !is_left_out
        });
        if let Some(Value::Object(action)) = object.get("default_action")
            && blank(action.get("url"))
        {
            self.warn("a `default_action` without an address is left out");
            object.remove("default_action");
        }
        for (list, what) in [("buttons", "button"), ("elements", "card")] {
            let Some(Value::Array(items)) = object.get_mut(list) else {
                continue;
            };
            items.retain(|item| {
                let is_left_out = match list {
                    "buttons" => blank(item.get("title")) || blank(item.get("url")),
                    _ => has_titles && item.get("title").is_none_or(|title| blank(Some(title))),
                };
                if is_left_out {
                    self.warn(format_args!(
                        "a {what} without a title or address is left out"
                    ));
                }
                !is_left_out
            });
        }
        for value in object.values_mut() {
            match value {
                Value::Object(inner) => self.clean(inner, false),
                Value::Array(items) => {
                    for item in items.iter_mut().filter_map(Value::as_object_mut) {
                        self.clean(item, false);
                    }
                }
                _ => {}
            }
        }
    }

    /// Cuts what exceeds a limit. The check of the call reports what cannot be cut.
    fn within_limits(&mut self, mut message: OutgoingMessage, product: &Object) -> OutgoingMessage {
        // Each round makes one value smaller.
        while let Err(exceeded) = message.check(product) {
            let Ok(mut json) = serde_json::to_value(&message) else {
                break;
            };
            let place = at_path(&mut json, &exceeded.field);
            let Some(warning) = place.and_then(|place| reduce(place, &exceeded)) else {
                break;
            };
            let Ok(smaller) = serde_json::from_value(json) else {
                break;
            };
            self.warn(warning);
            message = smaller;
        }
        message
    }
}

/// Splits a message with too many parts, or with a text beside an attachment. Quick replies and metadata go
/// with the last.
fn parts(mut message: OutgoingMessage, product: &Object) -> Vec<OutgoingMessage> {
    let mut before = Vec::new();
    let holds_more = message.attachment.is_some() || !message.attachments.is_empty();
    if let Some(text) = message.text.take_if(|_| holds_more) {
        before.push(OutgoingMessage::text(text));
    }
    if message.attachment.is_some() {
        let images = message.attachments.drain(..);
        before.extend(images.map(OutgoingMessage::attachment));
    }
    let images = match product {
        Object::Instagram => limits::IMAGES_INSTAGRAM,
        _ => limits::IMAGES_MESSENGER,
    };
    while message.attachments.len() > images {
        let rest = message.attachments.split_off(images);
        before.push(OutgoingMessage {
            attachments: std::mem::replace(&mut message.attachments, rest),
            ..OutgoingMessage::default()
        });
    }
    let attachment = message.attachment.as_ref();
    match attachment.and_then(|attachment| attachment.payload.template()) {
        Some(Template::Button(mut template)) => {
            let texts = split::into(&template.text, limits::BUTTON_TEMPLATE_TEXT, product);
            if let Some((last, first)) = texts.split_last().filter(|(_, first)| !first.is_empty()) {
                before.extend(first.iter().copied().map(OutgoingMessage::text));
                template.text = (*last).to_owned();
                set_template(&mut message, template);
            }
        }
        Some(Template::Generic(mut template)) => {
            while template.elements.len() > limits::ELEMENTS {
                let rest = template.elements.split_off(limits::ELEMENTS);
                before.push(OutgoingMessage::template(template.clone()));
                template.elements = rest;
            }
            set_template(&mut message, template);
        }
        Some(Template::Product(mut template)) => {
            while template.elements.len() > limits::PRODUCTS {
                let rest = template.elements.split_off(limits::PRODUCTS);
                before.push(OutgoingMessage::template(template.clone()));
                template.elements = rest;
            }
            set_template(&mut message, template);
        }
        _ => {}
    }
    before.push(message);
    before
}

fn set_template(message: &mut OutgoingMessage, template: impl Into<Template>) {
    message.attachment = OutgoingMessage::template(template).attachment;
}

/// The value at a path such as `attachment.payload.buttons[0].title`.
fn at_path<'v>(json: &'v mut Value, path: &str) -> Option<&'v mut Value> {
    let mut place = json;
    for part in path.split('.') {
        let (name, index) = match part.split_once('[') {
            Some((name, index)) => (name, index.strip_suffix(']')?.parse::<usize>().ok()),
            None => (part, None),
        };
        place = place.get_mut(name)?;
        if let Some(index) = index {
            place = place.get_mut(index)?;
        }
    }
    Some(place)
}

/// Shortens the value, if it has a shorter form, and records the change.
fn reduce(place: &mut Value, exceeded: &LimitExceeded) -> Option<String> {
    let most = usize::try_from(exceeded.limit.allowed()).ok()?;
    if exceeded.found <= exceeded.limit.allowed() {
        return None;
    }
    let LimitExceeded { field, found, .. } = exceeded;
    match place {
        Value::String(text) if is_cut(exceeded.limit) => {
            let warning = format!("`{field}` is {found} characters, limited to {most}, and is cut");
            *text = shortened(text.trim(), most).to_owned();
            Some(warning)
        }
        Value::String(text) if exceeded.limit == Limit::MessageMetadata => {
            let (kept, warning) = note(text, most);
            let warning = format!("`{field}`: {}", warning?);
            *place = kept.map_or(Value::Null, Value::String);
            Some(warning)
        }
        Value::Array(items) => {
            items.truncate(most);
            Some(format!(
                "`{field}` has {found} entries, limited to {most}; those after them are left out"
            ))
        }
        _ => None,
    }
}

/// Whether a shorter text has the same meaning for the person.
fn is_cut(limit: Limit) -> bool {
    matches!(
        limit,
        Limit::QuickReplyTitle
            | Limit::ButtonTitle
            | Limit::ElementTitle
            | Limit::ElementSubtitle
            | Limit::CouponTitle
            | Limit::CouponSubtitle
            | Limit::FeedbackTitle
            | Limit::FeedbackSubtitle
            | Limit::FeedbackButtonTitle
            | Limit::FeedbackQuestionTitle
            | Limit::GridTitle
            | Limit::GridSubtitle
            | Limit::OneTimeTitle
    )
}

/// Cuts the longest texts of the JSON until it is short enough; `None` if the rest is too long.
fn shortened_json(mut json: Value, most: usize) -> Option<String> {
    loop {
        let text = json.to_string();
        let excess = text.chars().count().saturating_sub(most);
        if excess == 0 {
            return Some(text);
        }
        let longest = longest_text(&mut json)?;
        let length = longest.chars().count();
        if length == 0 {
            return None;
        }
        // Escaped characters are longer in JSON, so this may take several rounds.
        let written = Value::from(longest.as_str()).to_string().chars().count();
        let cut = (excess * length).div_ceil(written).max(1);
        let kept = length.saturating_sub(cut);
        *longest = shortened(longest, kept).to_owned();
    }
}

fn longest_text(json: &mut Value) -> Option<&mut String> {
    match json {
        Value::String(text) => Some(text),
        Value::Array(items) => longest_of(items.iter_mut()),
        Value::Object(entries) => longest_of(entries.values_mut()),
        _ => None,
    }
}

fn longest_of<'v>(values: impl Iterator<Item = &'v mut Value>) -> Option<&'v mut String> {
    let texts = values.filter_map(longest_text);
    texts.max_by_key(|text| text.chars().count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_that_is_json_stays_json() {
        let long = serde_json::json!({ "about": "é\"".repeat(2000), "id": 7, "tags": ["a", "b"] });
        let (note, warning) = note(&long.to_string(), 2000);
        let note = note.unwrap();
        assert!(note.chars().count() <= 2000 && warning.is_some());
        let json: Value = serde_json::from_str(&note).unwrap();
        assert_eq!((&json["id"], &json["tags"][1]), (&7.into(), &"b".into()));
        assert!(json["about"].as_str().unwrap().starts_with("é\"é"));
    }

    #[test]
    fn a_note_whose_numbers_are_too_many_is_left_out() {
        let long = Value::from(vec![1_000_000; 400]).to_string();
        let (note, warning) = note(&long, 2000);
        assert_eq!(note, None);
        assert!(warning.unwrap().contains("left out"));
    }

    #[test]
    fn what_nobody_sees_is_blank() {
        for blank in ["", " ", "\n\t", "\u{a0}", "\u{200b}\u{feff}", "\u{3000}"] {
            assert!(is_blank(blank), "{blank:?}");
        }
        for text in [".", "\u{200b}a", "❤\u{fe0f}"] {
            assert!(!is_blank(text), "{text:?}");
        }
    }
}
