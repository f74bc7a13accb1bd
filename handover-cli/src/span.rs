//! Durations on the command line: `90s`, `30m`, `36h`, `7d`.

use std::time::Duration;

pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    let parsed = || {
        let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
        let seconds = match unit {
            "s" => 1,
            "m" => 60,
            "h" => 60 * 60,
            "d" => 24 * 60 * 60,
            _ => return None,
        };
        number.parse::<u64>().ok()?.checked_mul(seconds)
    };
    let seconds = parsed().ok_or("write a number and a unit: 90s, 30m, 36h or 7d")?;
    Ok(Duration::from_secs(seconds))
}
