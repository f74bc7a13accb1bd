//! Points in time are milliseconds, however the platform prints them.

use std::time::{Duration, UNIX_EPOCH};

use handover_protocol::Timestamp;
use serde_json::{Value, json};

fn millis(printed: Value) -> Option<i64> {
    serde_json::from_value(printed)
        .ok()
        .map(Timestamp::as_millis)
}

#[test]
fn milliseconds_and_seconds_are_distinguished_by_size() {
    for (printed, expected) in [
        (json!(1458692752478_i64), 1458692752478),
        (json!(1458692752), 1458692752000),
        (json!(0), 0),
        (json!(99_999_999_999_i64), 99_999_999_999_000),
        (json!(100_000_000_000_i64), 100_000_000_000),
        (json!(-99_999_999_999_i64), -99_999_999_999_000),
        (json!(-100_000_000_001_i64), -100_000_000_001),
        (json!(41412414141_i64), 41412414141000),
        (json!(2145916800000_i64), 2145916800000),
    ] {
        assert_eq!(millis(printed.clone()), Some(expected), "{printed}");
    }
}

#[test]
fn a_time_may_be_a_string_or_have_a_fraction() {
    for (printed, expected) in [
        (json!("1458668856463"), 1458668856463),
        (json!("1527459824"), 1527459824000),
        (json!(" 1527459824 "), 1527459824000),
        (json!("1527459824.25"), 1527459824250),
        (json!(1527459824.5), 1527459824500),
        (json!(1458668856463.0), 1458668856463),
    ] {
        assert_eq!(millis(printed.clone()), Some(expected), "{printed}");
    }
}

#[test]
fn what_is_no_time_is_refused() {
    for odd in [
        json!(null),
        json!(true),
        json!(""),
        json!("<TIMESTAMP>"),
        json!("NaN"),
        json!("inf"),
        json!(u64::MAX),
        json!(1e300),
        json!("1e300"),
        json!([1458692752478_i64]),
    ] {
        assert_eq!(millis(odd.clone()), None, "{odd}");
    }
}

#[test]
fn a_time_of_our_own_is_written_in_milliseconds() {
    let time = Timestamp::from_secs(1527459824);
    assert_eq!(
        serde_json::to_value(time).unwrap(),
        json!(1527459824000_i64)
    );
    assert_eq!(time.to_string(), "1527459824000");
    assert_eq!(time, Timestamp::from_millis(1527459824000));
    assert!(time < Timestamp::from_millis(1527459824001));
}

#[test]
fn a_time_that_was_read_is_written_in_the_same_unit() {
    for printed in [
        json!(1527459824),
        json!(1527459824.25),
        json!(1527459824000_i64),
    ] {
        let time: Timestamp = serde_json::from_value(printed.clone()).unwrap();
        assert_eq!(serde_json::to_value(time).unwrap(), printed);
    }
    let quoted: Timestamp = serde_json::from_value(json!("1527459824")).unwrap();
    assert_eq!(serde_json::to_value(quoted).unwrap(), json!(1527459824));
}

#[test]
fn every_time_survives_being_written_and_read() {
    for millis in [
        0,
        1,
        -1,
        999,
        1000,
        1458692752,
        99_999_999_999,
        100_000_000_000,
        -99_999_999_999,
        -100_000_000_000,
        i64::MAX,
        i64::MIN,
    ] {
        let written = serde_json::to_string(&Timestamp::from_millis(millis)).unwrap();
        assert_eq!(
            self::millis(serde_json::from_str(&written).unwrap()),
            Some(millis),
            "{written}"
        );
    }
}

#[test]
fn seconds_beyond_the_end_of_time_are_the_end_of_time() {
    assert_eq!(Timestamp::from_secs(i64::MAX).as_millis(), i64::MAX);
}

#[test]
fn spans_of_time_are_added_and_subtracted_up_to_the_end_of_time() {
    let time = Timestamp::from_millis(1527459824001);
    let day = Duration::from_secs(24 * 60 * 60);
    assert_eq!((time + day).as_millis(), 1527546224001);
    assert_eq!((time - day).as_millis(), 1527373424001);
    assert_eq!((time + day).duration_since(time), day);
    assert_eq!(time.duration_since(time + day), Duration::ZERO);
    assert_eq!(time + Duration::MAX, Timestamp::MAX);
    let earliest = Timestamp::from_millis(i64::MIN);
    assert_eq!(earliest - day, earliest);
    assert_eq!(
        Timestamp::MAX.duration_since(earliest),
        Duration::from_millis(i64::MAX.unsigned_abs()),
        "as long as can be said"
    );
}

#[test]
fn the_machines_time_is_read_to_the_millisecond_also_before_1970() {
    let after = UNIX_EPOCH + Duration::from_micros(1_527_459_824_001_700);
    assert_eq!(Timestamp::from(after).as_millis(), 1527459824001);
    let before = UNIX_EPOCH - Duration::from_millis(1500);
    assert_eq!(Timestamp::from(before).as_millis(), -1500);
}
