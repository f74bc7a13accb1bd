use handover::on_message as second;
use handover::prelude::*;

#[on_postback(payload = "HI")]
    #[second(text = "hi")]
//~ ^^^^^^^^^^^^^^^^^^^^^^
async fn greet() {}

fn main() { let _: handover::Routes = handover::routes![greet]; }
