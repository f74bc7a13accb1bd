use handover::prelude::*;

#[on_take_thread_control]
async fn handler(argument: RequestingApp) {
//~                        ^^^^^^^^^^^^^
    drop(argument);
}

fn main() { let _: handover::Routes = handover::routes![handler]; }
