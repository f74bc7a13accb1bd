use serde_json::{Map, Value};

use super::Refusal;

/// Refuses parameters of the wrong type: the protocol's types keep them aside, under their name.
pub(super) fn check_types<const N: usize>(
    misfits: &Map<String, Value>,
    names: [&str; N],
) -> Result<(), Refusal> {
    match names.iter().find(|name| misfits.contains_key(**name)) {
        Some(name) => Err(Refusal::parameter(format_args!(
            "Param {name} is of the wrong type"
        ))),
        None => Ok(()),
    }
}
