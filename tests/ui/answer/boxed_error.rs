use handover::prelude::*;
use std::error::Error;

#[on_message]
async fn greet() -> Result<String, Box<dyn Error>> {
//~                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    Ok("Hello!".into())
}

fn main() { let _: handover::Routes = handover::routes![greet]; }
