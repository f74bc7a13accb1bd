use handover::prelude::*;

#[on_message]
async fn greet(number: Option<u32>) {
//~                    ^^^^^^^^^^^
    drop(number);
}

fn main() { let _: handover::Routes = handover::routes![greet]; }
