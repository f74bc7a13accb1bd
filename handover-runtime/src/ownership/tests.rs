//! The rules, against the platform.
