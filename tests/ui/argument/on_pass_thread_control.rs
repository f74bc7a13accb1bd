use handover::prelude::*;

#[on_pass_thread_control]
async fn handler(argument: Text) {
//~                        ^^^^
    drop(argument);
}

fn main() { let _: handover::Routes = handover::routes![handler]; }
