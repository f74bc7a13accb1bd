use handover::prelude::*;

#[derive(FromPayload)]
struct Line { id: u64 }

#[on_postback]
async fn order(line: Payload<Line>) {
//~                  ^^^^^^^^^^^^^
    drop(line.0.id);
}

fn main() { let _: handover::Routes = handover::routes![order]; }
