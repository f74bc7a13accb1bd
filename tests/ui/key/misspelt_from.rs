use handover::prelude::*;

#[on_pass_thread_control(form = "page_inbox")]
//~                      ^^^^
async fn back() {}

fn main() { let _: handover::Routes = handover::routes![back]; }
