//! Purpose of a message, which determines its messaging window.

use serde_json::{Map, Value};

use super::super::parameter::Parameter;
use super::super::{Product, Refusal};

/// Message tags that were retired on 27 April 2026.
const RETIRED_TAGS: [&str; 3] = [
    "CONFIRMED_EVENT_UPDATE",
    "POST_PURCHASE_UPDATE",
    "ACCOUNT_UPDATE",
];

/// Purpose from `messaging_type` and `tag`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Purpose {
    /// Response or update within the standard window.
    #[default]
    Standard,
    /// `HUMAN_AGENT`: seven days. Takes control.
    HumanAgent,
    /// `CUSTOMER_FEEDBACK`: seven days, with a feedback template.
    Feedback,
    /// `UTILITY`: at any time, with an approved template.
    Utility,
}

impl Purpose {
    pub(super) fn of(request: &Map<String, Value>, product: Product) -> Result<Self, Refusal> {
        let parameter = |name| Parameter::new(name, request.get(name));
        let messaging_type =
            parameter("messaging_type").one_of(["MESSAGE_TAG", "RESPONSE", "UPDATE", "UTILITY"])?;
        parameter("notification_type").one_of(["NO_PUSH", "REGULAR", "SILENT_PUSH"])?;
        let tag = parameter("tag");
        match (tag.text()?.as_deref(), messaging_type) {
            (Some(tag), _) if RETIRED_TAGS.contains(&tag) => Err(Refusal::parameter(format_args!(
                "The message tag {tag} is no longer supported"
            ))),
            (Some("HUMAN_AGENT"), _) => Ok(Self::HumanAgent),
            (Some("CUSTOMER_FEEDBACK"), _) => Ok(Self::Feedback),
            (Some("NON_PROMOTIONAL_SUBSCRIPTION"), _) if product == Product::Messenger => {
                Err(Refusal::permission(
                    "The message tag NON_PROMOTIONAL_SUBSCRIPTION is for registered news Pages",
                ))
            }
            (Some(_), _) => Err(tag.wrong("be one of {CUSTOMER_FEEDBACK, HUMAN_AGENT}")),
            (None, Some("MESSAGE_TAG")) => Err(tag.missing()),
            (None, Some("UTILITY")) => Ok(Self::Utility),
            (None, _) => Ok(Self::Standard),
        }
    }
}
