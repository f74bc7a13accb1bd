use handover::prelude::*;

#[on_message(text = "order")]
async fn order(captures: Captures) {
//~                      ^^^^^^^^
    drop(captures);
}

fn main() { let _: handover::Routes = handover::routes![order]; }
