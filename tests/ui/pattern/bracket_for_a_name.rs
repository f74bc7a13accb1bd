use handover::prelude::*;

#[on_postback(payload = "ORDER:{id)}")]
//~                     ^^^^^^^^^^^^^
async fn order(order: Payload<u64>) {
    drop(order);
}

fn main() { let _: handover::Routes = handover::routes![order]; }
