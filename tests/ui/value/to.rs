use handover::prelude::*;

#[on_pass_thread_control(to = ["page_inbox"])]
//~                           ^^^^^^^^^^^^^^
async fn handler() {}

fn main() { let _: handover::Routes = handover::routes![handler]; }
