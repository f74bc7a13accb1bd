use handover::prelude::*;

use handover::extract::Context;

async fn is_open(_: &Context) -> bool {
    true
}

#[on_message(when = is_open)]
//~                 ^^^^^^^
async fn greet() {}

fn main() { let _: handover::Routes = handover::routes![greet]; }
