#![no_main]
#![allow(dead_code, missing_docs, reason = "the attributes use the rest")]

//! The crate of the attributes cannot be a dependency, as it is one of macros.

extern crate proc_macro;

#[path = "../../handover-macros/src/attribute.rs"]
mod attribute;
#[path = "../../handover-macros/src/check.rs"]
mod check;
#[path = "../../handover-macros/src/diag.rs"]
mod diag;
#[path = "../../handover-macros/src/expand/mod.rs"]
mod expand;
#[path = "../../handover-macros/src/fuzz/mod.rs"]
mod fuzz;
#[path = "../../handover-macros/src/ide.rs"]
mod ide;
#[path = "../../handover-macros/src/item.rs"]
mod item;
#[path = "../../handover-macros/src/keys.rs"]
mod keys;
#[path = "../../handover-macros/src/model.rs"]
mod model;
#[path = "../../handover-macros/src/parse/mod.rs"]
mod parse;
#[path = "../../handover-macros/src/paths.rs"]
mod paths;
#[path = "../../handover-macros/src/types.rs"]
mod types;
#[path = "../../handover-macros/src/unnamed.rs"]
mod unnamed;

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz::macros(input));
