use handover::prelude::*;

#[on_message]
async fn order(captures: Option<Captures>) {
//~                      ^^^^^^^^^^^^^^^^
    drop(captures);
}

fn main() { let _: handover::Routes = handover::routes![order]; }
