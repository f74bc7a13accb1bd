use handover::prelude::*;

#[derive(FromPayload)]
struct Line {
    #[allow(dead_code)]
    id: u64,
    #[allow(dead_code)]
    count: u32,
}

#[on_postback(payload = "ORDER:{id}:{count}:{day}")]
async fn order(order: Payload<Line>) {
//~                   ^^^^^^^^^^^^^
    drop(order);
}

fn main() { let _: handover::Routes = handover::routes![order]; }
