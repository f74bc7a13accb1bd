use handover::prelude::*;

#[on_delivery]
async fn handler(argument: Attachments) {
//~                        ^^^^^^^^^^^
    drop(argument);
}

fn main() { let _: handover::Routes = handover::routes![handler]; }
