use handover::prelude::*;

#[on_take_thread_control]
async fn taken() -> Message {
//~                 ^^^^^^^
    Message::text("wait")
}

fn main() { let _: handover::Routes = handover::routes![taken]; }
