#![no_main]
#![allow(dead_code, missing_docs, reason = "the command uses the rest")]

#[path = "../../handover-sim/src/config.rs"]
mod config;

libfuzzer_sys::fuzz_target!(|input: &[u8]| config::simulator_config(input));
