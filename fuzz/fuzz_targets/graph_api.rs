#![no_main]

use handover_sim::fuzz;

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz::graph_api(input));
