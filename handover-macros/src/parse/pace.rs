//! Paces such as `"burst"` and `"debounce(2s)"`.

use syn::LitStr;

use crate::diag::error_at;
use crate::model::PaceValue;
use crate::parse::duration;

/// The name of a pace, and for one of them a time.
pub(super) fn parse(pace: &LitStr) -> syn::Result<PaceValue> {
    let text = pace.value();
    let time = text
        .strip_prefix("debounce(")
        .and_then(|rest| rest.strip_suffix(')'));
    if let Some(time) = time {
        let time = LitStr::new(time, pace.span());
        return duration::seconds(&time).map(PaceValue::Debounce);
    }
    match text.as_str() {
        "queue" => Ok(PaceValue::Plain("Queue")),
        "burst" => Ok(PaceValue::Plain("Burst")),
        "restart" => Ok(PaceValue::Plain("Restart")),
        "latest" => Ok(PaceValue::Plain("Latest")),
        _ => Err(error_at!(
            pace,
            "`pace` is \"queue\", \"burst\", \"restart\", \"latest\" or, with a time, \"debounce(2s)\", not {text:?}"
        )),
    }
}
