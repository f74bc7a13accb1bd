use handover_protocol::Timestamp;

/// Formats a time as in the Graph API: `2022-07-12T19:11:07+0000`.
pub(super) fn graph_time(at: Timestamp) -> String {
    let seconds = at.as_millis().div_euclid(1000);
    let (day, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = date(day);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}+0000")
}

/// Year, month and day of the Gregorian calendar, from the days since 1 January 1970. Counted from
/// 1 March of the year 0, so that leap days come last: 400 years have 146 097 days.
fn date(since_1970: i64) -> (i64, i64, i64) {
    let days = since_1970 + 719_468;
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::graph_time;
    use handover_protocol::Timestamp;

    #[test]
    fn times_are_in_utc() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00+0000"),
            (951_782_399, "2000-02-28T23:59:59+0000"),
            (951_782_400, "2000-02-29T00:00:00+0000"),
            (1_657_653_067, "2022-07-12T19:11:07+0000"),
            (1_798_761_599, "2026-12-31T23:59:59+0000"),
        ] {
            assert_eq!(graph_time(Timestamp::from_secs(seconds)), text);
        }
    }
}
