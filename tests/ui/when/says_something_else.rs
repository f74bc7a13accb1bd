use handover::prelude::*;

use handover::extract::Context;

fn length(_: &Context) -> usize {
    0
}

#[on_message(when = length)]
//~                 ^^^^^^
async fn greet() {}

fn main() { let _: handover::Routes = handover::routes![greet]; }
