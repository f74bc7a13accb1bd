use handover::prelude::*;

#[on_standby(kind = "mesage")]
//~                 ^^^^^^^^
async fn handler() {}

fn main() {}
