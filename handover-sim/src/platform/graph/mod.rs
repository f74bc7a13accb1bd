//! Graph API except for the Send API and thread control.

mod account_link;
mod app_user;
mod conversation;
mod fields;
mod label;
mod listing;
mod media;
mod moderation;
mod people;
mod persona;
mod profile;
mod records;
mod sticker;
mod subscription;
mod time;
mod user_menu;
mod utility_template;

pub use media::UploadedFile;

pub(crate) use fields::FieldList;
pub(crate) use listing::PageRequest;
pub(super) use media::Media;
pub(super) use persona::AccountPersona;
pub(super) use records::Records;
pub(super) use sticker::is_sticker;

use serde_json::{Map, Value, json};

use super::Step;

/// Parameters of a call by name. Objects that were sent as JSON text are parsed.
pub type Parameters = Map<String, Value>;

/// Creates a result without webhooks.
fn quiet(value: Value) -> Step<Value> {
    Step {
        value,
        deliveries: Vec::new(),
    }
}

fn success() -> Step<Value> {
    quiet(json!({"success": true}))
}
