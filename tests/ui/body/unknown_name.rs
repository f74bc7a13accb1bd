#[allow(unused_imports)]
use handover::prelude::*;

#[on_message]
async fn greet() -> String {
    tex.to_string()
//~ ^^^
}

fn main() { let _: handover::Routes = handover::routes![greet]; }
