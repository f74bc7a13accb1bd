//! Usage of rate limits.

use serde_json::{Map, Value};

use crate::lenient::{always, always_as_decimal, wire_object};

wire_object! {
    /// The headers `x-app-usage` and `x-page-usage`: how much of a limit is used up, in percent.
    ///
    /// ```json
    /// {"call_count":28,"total_time":25,"total_cputime":25}
    /// ```
    ///
    /// ```
    /// use handover_protocol::AppUsage;
    ///
    /// let usage: AppUsage = serde_json::from_str(r#"{"call_count":28,"total_cputime":97}"#)?;
    /// assert_eq!(usage.highest(), 97.0);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct AppUsage {
        /// Calls, in percent.
        pub call_count: f64 => always_as_decimal,
        /// Time, in percent.
        pub total_time: f64 => always_as_decimal,
        /// Processor time, in percent.
        pub total_cputime: f64 => always_as_decimal,
    }
}

impl AppUsage {
    /// The percentage that counts.
    pub fn highest(&self) -> f64 {
        self.call_count.max(self.total_time).max(self.total_cputime)
    }
}

wire_object! {
    /// One object of the header `x-business-use-case-usage`, in percent.
    ///
    /// ```json
    /// {"type":"messenger","call_count":97,"total_cputime":23,"total_time":23,
    ///  "estimated_time_to_regain_access":0}
    /// ```
    pub struct BusinessUsage {
        /// `type`: `messenger`, `instagram`, `pages`, …
        pub kind: String as "type" => always,
        /// Calls, in percent.
        pub call_count: f64 => always_as_decimal,
        /// Processor time, in percent.
        pub total_cputime: f64 => always_as_decimal,
        /// Time, in percent.
        pub total_time: f64 => always_as_decimal,
        /// In how many minutes calls are answered again; 0 if they are now.
        pub estimated_time_to_regain_access: f64 => always_as_decimal,
    }
}

impl BusinessUsage {
    /// The percentage that counts.
    pub fn highest(&self) -> f64 {
        self.call_count.max(self.total_time).max(self.total_cputime)
    }
}

/// Reads the header `x-business-use-case-usage`: a business or account, and its usage. A header that
/// is none gives nothing.
///
/// ```
/// use handover_protocol::business_usage;
///
/// let header = r#"{"104508901353867":[{"type":"messenger","call_count":97,
///     "estimated_time_to_regain_access":19}]}"#;
/// let usage = business_usage(header);
/// assert_eq!(usage[0].0, "104508901353867");
/// assert_eq!(usage[0].1.estimated_time_to_regain_access, 19.0);
/// assert!(business_usage("busy").is_empty());
/// ```
pub fn business_usage(header: &str) -> Vec<(String, BusinessUsage)> {
    let businesses: Map<String, Value> = serde_json::from_str(header).unwrap_or_default();
    let mut usage = Vec::new();
    for (business, uses) in businesses {
        if let Value::Array(uses) = uses {
            let uses = uses.into_iter().filter_map(|one| match one {
                Value::Object(one) => Some((business.clone(), BusinessUsage::from(one))),
                _ => None,
            });
            usage.extend(uses);
        }
    }
    usage
}
