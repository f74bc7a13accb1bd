#![no_main]

use handover_runtime::fuzz;

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz::input_files(input));
