use handover::prelude::*;

#[on_request_thread_control]
async fn handler(argument: NewOwner) {
//~                        ^^^^^^^^
    drop(argument);
}

fn main() { let _: handover::Routes = handover::routes![handler]; }
