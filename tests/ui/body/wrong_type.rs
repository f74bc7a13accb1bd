#[allow(unused_imports)]
use handover::prelude::*;

#[on_message]
async fn greet() -> String {
    42
//~ ^^
}

fn main() { let _: handover::Routes = handover::routes![greet]; }
