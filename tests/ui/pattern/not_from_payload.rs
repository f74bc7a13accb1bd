use handover::prelude::*;

struct Order;

#[on_postback(payload = "ORDER:{id}")]
async fn order(order: Payload<Order>) {
//~                   ^^^^^^^^^^^^^^
    drop(order);
}

fn main() { let _: handover::Routes = handover::routes![order]; }
