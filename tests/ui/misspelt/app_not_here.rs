use handover::prelude::*;

#[on_pass_thread_control(from = "requester")]
//~                             ^^^^^^^^^^^
async fn handler() {}

fn main() { let _: handover::Routes = handover::routes![handler]; }
