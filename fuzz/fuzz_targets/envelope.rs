#![no_main]

use handover_protocol::fuzz;

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz::envelope(input));
