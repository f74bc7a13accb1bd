use handover::prelude::*;

#[on_pass_thread_control(from = String)]
//~                             ^^^^^^
async fn back() {}

fn main() { let _: handover::Routes = handover::routes![back]; }
