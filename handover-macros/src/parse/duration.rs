//! Durations such as `"30m"`.

use syn::LitStr;

use crate::diag::error_at;

/// Control of a thread lasts seven days at most.
const LONGEST: u64 = 7 * 24 * 60 * 60;

/// A number and `s`, `m`, `h` or `d`.
pub(super) fn seconds(time: &LitStr) -> syn::Result<u64> {
    let text = time.value();
    let digits = text.trim_end_matches(|letter: char| !letter.is_ascii_digit());
    let unit = match &text[digits.len()..] {
        "s" => Some(1),
        "m" => Some(60),
        "h" => Some(60 * 60),
        "d" => Some(24 * 60 * 60),
        _ => None,
    };
    let seconds = unit.and_then(|unit| digits.parse::<u64>().ok()?.checked_mul(unit));
    match seconds {
        Some(seconds @ 1..=LONGEST) => Ok(seconds),
        Some(_) => Err(error_at!(
            time,
            "`{text}` is not between 1 second and 7 days"
        )),
        None => Err(error_at!(
            time,
            "`{text}` is not a duration: write a number and `s`, `m`, `h` or `d`, such as \"30m\""
        )),
    }
}
