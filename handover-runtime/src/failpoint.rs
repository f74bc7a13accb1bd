//! Failpoints: places at which a test can end the process, and the time that it lets the process see.

/// Ends the process, as a crash does, if `HANDOVER_FAILPOINT` is `NAME`, or at the fifth call if it is
/// `NAME:5`. Does nothing without the feature `failpoints`.
macro_rules! failpoint {
    ($name:literal) => {
        #[cfg(feature = "failpoints")]
        $crate::failpoint::pass($name);
    };
}
pub(crate) use failpoint;

#[cfg(feature = "failpoints")]
pub(crate) fn pass(name: &str) {
    use std::sync::LazyLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    static CHOSEN: LazyLock<Option<(String, u64)>> = LazyLock::new(|| {
        let chosen = std::env::var("HANDOVER_FAILPOINT").ok()?;
        let (name, count) = chosen.split_once(':').unwrap_or((&chosen, "1"));
        Some((name.to_owned(), count.parse().ok()?))
    });
    static PASSED: AtomicU64 = AtomicU64::new(0);

    if let Some((chosen, count)) = &*CHOSEN
        && chosen == name
        && PASSED.fetch_add(1, Ordering::Relaxed) + 1 == *count
    {
        std::process::abort();
    }
}

/// The system time. A test lets it be wrong by the milliseconds in `HANDOVER_CLOCK_OFFSET`.
#[cfg(feature = "failpoints")]
pub(crate) fn system_time() -> std::time::SystemTime {
    use std::sync::LazyLock;
    use std::time::{Duration, SystemTime};

    static OFFSET: LazyLock<i64> = LazyLock::new(|| {
        let offset = std::env::var("HANDOVER_CLOCK_OFFSET").ok();
        offset.and_then(|ms| ms.parse().ok()).unwrap_or(0)
    });
    let offset = Duration::from_millis(OFFSET.unsigned_abs());
    if *OFFSET < 0 {
        SystemTime::now() - offset
    } else {
        SystemTime::now() + offset
    }
}

#[cfg(not(feature = "failpoints"))]
pub(crate) fn system_time() -> std::time::SystemTime {
    std::time::SystemTime::now()
}
