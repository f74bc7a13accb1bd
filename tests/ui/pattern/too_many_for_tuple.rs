use handover::prelude::*;

#[on_postback(payload = "ORDER:{a}:{b}:{c}")]
async fn order(order: Payload<(u64, u32)>) {
//~                   ^^^^^^^^^^^^^^^^^^^
    drop(order);
}

fn main() { let _: handover::Routes = handover::routes![order]; }
