use handover::prelude::*;

#[on_postback(payload = "ORDER:{id}:{count}")]
async fn order(order: Option<Payload<u64>>) {
//~                   ^^^^^^^^^^^^^^^^^^^^
    drop(order);
}

fn main() { let _: handover::Routes = handover::routes![order]; }
