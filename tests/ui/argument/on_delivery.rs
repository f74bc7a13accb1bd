use handover::prelude::*;

#[on_delivery]
async fn handler(argument: Attachments) {
//~                        ^^^^^^^^^^^
    drop(argument);
}

fn main() {}
