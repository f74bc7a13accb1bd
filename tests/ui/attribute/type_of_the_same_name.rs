#![allow(non_camel_case_types)]

use handover::prelude::*;

struct greet {}

#[on_message]
async fn greet() {}
//~      ^^^^^

fn main() {}
