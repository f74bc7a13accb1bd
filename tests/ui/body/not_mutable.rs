#[allow(unused_imports)]
use handover::prelude::*;

#[on_message]
async fn greet(text: Text) -> String {
    text.0.push('!');
//~ ^^^^^^
    text.0
}

fn main() { let _: handover::Routes = handover::routes![greet]; }
